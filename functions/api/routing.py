"""Every address of the API, as plain data: the router, and the API's document, are made from it."""

from api.addresses import (
    accounts,
    activities,
    audit,
    contacts,
    deals,
    documents,
    erasures,
    fields,
    integrations,
    jobs,
    links,
    members,
    privacy_contacts,
    privacy_restore,
    stages,
)
from api.route import Route

# The document has the same order.
ROUTES: tuple[Route, ...] = (
    *accounts.ROUTES,
    *links.ROUTES,
    *deals.ROUTES,
    *contacts.ROUTES,
    *activities.ROUTES,
    *stages.ROUTES,
    *jobs.ROUTES,
    *fields.ROUTES,
    *integrations.ROUTES,
    *deals.READERS,
    *members.ROUTES,
    *privacy_contacts.ROUTES,
    *erasures.ROUTES,
    *audit.ROUTES,
    *privacy_restore.ROUTES,
    *documents.ROUTES,
)
