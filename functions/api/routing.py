"""Every address of the API, as plain data: the router, and the API's document, are made from it.

A route names its handler; the module is imported when it is first called.
"""

from dataclasses import dataclass
from typing import Literal

from api.parameters import Choice, Day, Flag, Instant, Number, Parameter, Several
from stageline.domain.permissions import Action

CURSOR = Parameter("cursor", "Where the page before ended: its `next_cursor`.", longest=4_000)
LIMIT = Number("limit", "How many at most.", least=1, most=200, otherwise=50)
AS_OF = Day("as_of", "The day asked about; today if left out. A later day is predicted.")
KNOWN_AT = Instant("known_at", "As it was believed at this instant; now if left out.")
KNOWN_AT_DAY = Instant("known_at", "As it was believed at the end of this instant's day.")
FROM = Day("from", "The first day of a range of at most 3,660; needs `to`.")
TO = Day("to", "The last day of a range; needs `from`.")

LIST_FILTERS = (
    Several("stage", "Stages to list, by key; `-` for accounts that show none."),
    Several("holds", "Conditions (stage keys) of which at least one holds."),
    Choice(
        "sort",
        "The order; a hyphen reverses it. Accounts of one stage stand by name, `-` stands last.",
        choices=("stage", "-stage", "name", "-name", "since", "-since"),
        otherwise="stage",
    ),
    Parameter("external_id", "Only the account that files call so.", longest=1_000),
    Parameter("q", "The beginning, 3 letters or more, of words of the name or of the domain."),
    Parameter("owner", "The owner's address; `-` for accounts without owner.", longest=254),
    Flag("in_crm", "Only accounts that are, or are not, in the CRM."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`handler` is `module:function` in `api.routes`, `body` and `answer` models of `api.bodies`
    and `api.answers`. `action` None: public, without token. `by_job`: what takes longer is answered
    with 202 and a job.
    """

    method: str
    path: str
    handler: str
    summary: str
    tag: str
    action: Action | None = "read"
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    answer: str | None = None
    status: int = 200
    if_match: Literal["needed", "possible"] | None = None
    idempotent: bool = False
    conflicts: bool = False
    by_job: bool = False


ROUTES = (
    Route(
        method="GET",
        path="/v1/accounts",
        handler="accounts:list_accounts",
        summary="List accounts with their stages",
        tag="Accounts",
        parameters=(*LIST_FILTERS, LIMIT, CURSOR),
        answer="AccountRows",
    ),
    Route(
        method="POST",
        path="/v1/accounts",
        handler="accounts:create_account",
        summary="Create an account",
        tag="Accounts",
        action="write",
        body="NewAccount",
        answer="Account",
        status=201,
        idempotent=True,
        conflicts=True,
    ),
    Route(
        method="GET",
        path="/v1/accounts/{id}",
        handler="accounts:get_account",
        summary="Everything about one account",
        tag="Accounts",
        answer="AccountView",
    ),
    Route(
        method="PATCH",
        path="/v1/accounts/{id}",
        handler="accounts:change_account",
        summary="Change fields of an account (RFC 7396)",
        tag="Accounts",
        action="write",
        body="AccountChanges",
        answer="Account",
        if_match="needed",
    ),
    Route(
        method="DELETE",
        path="/v1/accounts/{id}",
        handler="accounts:delete_account",
        summary="Delete an account without children and deals",
        tag="Accounts",
        action="write",
        status=204,
        if_match="possible",
        conflicts=True,
    ),
    Route(
        method="PUT",
        path="/v1/accounts/{id}/parent",
        handler="accounts:set_parent",
        summary="Put an account under another parent, or under none, with all below it",
        tag="Accounts",
        action="write",
        body="NewParent",
        answer="Account",
        if_match="possible",
        conflicts=True,
        by_job=True,
    ),
    Route(
        method="GET",
        path="/v1/accounts/{id}/deals",
        handler="accounts:list_deals",
        summary="List the deals of an account",
        tag="Deals",
        parameters=(LIMIT, CURSOR),
        answer="Deals",
    ),
    Route(
        method="GET",
        path="/v1/accounts/{id}/stages/crm_stage",
        handler="stages:get_stage",
        summary="Which stage an account is in, since when, why, and what changes it next",
        tag="Stages",
        parameters=(AS_OF, KNOWN_AT),
        answer="StageAnswer",
    ),
    Route(
        method="GET",
        path="/v1/accounts/{id}/stages/crm_stage/history",
        handler="stages:get_history",
        summary="All stages of an account, and when they became known",
        tag="Stages",
        parameters=(KNOWN_AT, LIMIT, CURSOR),
        answer="History",
    ),
    Route(
        method="POST",
        path="/v1/deals",
        handler="deals:create_deal",
        summary="Create a deal",
        tag="Deals",
        action="write",
        body="NewDeal",
        answer="Deal",
        status=201,
        idempotent=True,
        conflicts=True,
    ),
    Route(
        method="GET",
        path="/v1/deals/unassigned",
        handler="deals:list_unassigned",
        summary="List the deals that count for no account",
        tag="Deals",
        parameters=(LIMIT, CURSOR),
        answer="Deals",
    ),
    Route(
        method="GET",
        path="/v1/deals/{id}",
        handler="deals:get_deal",
        summary="One deal",
        tag="Deals",
        answer="Deal",
    ),
    Route(
        method="PATCH",
        path="/v1/deals/{id}",
        handler="deals:change_deal",
        summary="Change fields of a deal (RFC 7396)",
        tag="Deals",
        action="write",
        body="DealChanges",
        answer="Deal",
        if_match="needed",
    ),
    Route(
        method="DELETE",
        path="/v1/deals/{id}",
        handler="deals:delete_deal",
        summary="Delete a deal; the days before keep what they were",
        tag="Deals",
        action="write",
        status=204,
        if_match="possible",
    ),
    Route(
        method="POST",
        path="/v1/deals/{id}/close",
        handler="deals:close_deal",
        summary="Close a deal as won or lost",
        tag="Deals",
        action="write",
        body="Closing",
        answer="Deal",
        if_match="possible",
    ),
    Route(
        method="POST",
        path="/v1/deals/{id}/reopen",
        handler="deals:reopen_deal",
        summary="Open a closed deal again, from today on",
        tag="Deals",
        action="write",
        answer="Deal",
        if_match="possible",
        conflicts=True,
    ),
    Route(
        method="GET",
        path="/v1/schemes/crm_stage",
        handler="schemes:get_scheme",
        summary="The stages of the scheme, their conditions and their order",
        tag="Stages",
        answer="Scheme",
    ),
    Route(
        method="GET",
        path="/v1/schemes/crm_stage/counts",
        handler="counts:get_counts",
        summary="How many accounts and groups are in each stage, on a day or every day of a range",
        tag="Stages",
        parameters=(AS_OF, FROM, TO, KNOWN_AT_DAY),
        answer="CountsAnswer",
        conflicts=True,
    ),
    Route(
        method="POST",
        path="/v1/imports",
        handler="imports:request_import",
        summary="Begin the import of a CSV export: a job, and the form to upload the file with",
        tag="Imports",
        action="write",
        body="NewImport",
        answer="ImportWithUpload",
        status=201,
        idempotent=True,
        conflicts=True,
    ),
    Route(
        method="GET",
        path="/v1/imports",
        handler="imports:list_imports",
        summary="List imports, the latest first",
        tag="Imports",
        parameters=(LIMIT, CURSOR),
        answer="Imports",
    ),
    Route(
        method="GET",
        path="/v1/imports/{id}",
        handler="imports:get_import",
        summary="One import: its progress and counts",
        tag="Imports",
        answer="Import",
    ),
    Route(
        method="GET",
        path="/v1/imports/{id}/problems",
        handler="imports:list_problems",
        summary="List the refused rows of an import, with line, column and reason",
        tag="Imports",
        parameters=(LIMIT, CURSOR),
        answer="Problems",
    ),
    Route(
        method="GET",
        path="/v1/jobs/{id}",
        handler="jobs:get_job",
        summary="One job, of whatever kind",
        tag="Jobs",
        answer="Job",
    ),
    Route(
        method="POST",
        path="/v1/verifications",
        handler="verifications:request_verification",
        summary="Verify all that is stored against its records, and repair it if asked to",
        tag="Verifications",
        action="administer",
        body="NewVerification",
        answer="Verification",
        status=202,
        idempotent=True,
        conflicts=True,
    ),
    Route(
        method="GET",
        path="/v1/verifications/{id}",
        handler="verifications:get_verification",
        summary="One verification: its progress, and what differed",
        tag="Verifications",
        answer="Verification",
    ),
    Route(
        method="GET",
        path="/v1/integrations",
        handler="integrations:list_integrations",
        summary="List integrations, and whether stages are shown",
        tag="Integrations",
        answer="Integrations",
    ),
    Route(
        method="GET",
        path="/v1/integrations/file",
        handler="integrations:get_integration",
        summary="The file integration",
        tag="Integrations",
        answer="Integration",
    ),
    Route(
        method="PUT",
        path="/v1/integrations/file",
        handler="integrations:put_integration",
        summary="Create the file integration, or set its switches",
        tag="Integrations",
        action="write",
        body="IntegrationSwitches",
        answer="Integration",
        if_match="possible",
    ),
    Route(
        method="PATCH",
        path="/v1/integrations/file",
        handler="integrations:change_integration",
        summary="Set some switches of the file integration (RFC 7396)",
        tag="Integrations",
        action="write",
        body="IntegrationChanges",
        answer="Integration",
        if_match="needed",
    ),
    Route(
        method="GET",
        path="/v1/freshness",
        handler="freshness:get_freshness",
        summary="As of when stages are known to be right, and what that rests on",
        tag="Freshness",
        answer="Freshness",
    ),
    Route(
        method="GET",
        path="/openapi.json",
        handler="documents:openapi",
        summary="This document",
        tag="Documents",
        action=None,
    ),
    Route(
        method="GET",
        path="/docs",
        handler="documents:docs",
        summary="This document, for people",
        tag="Documents",
        action=None,
    ),
)
