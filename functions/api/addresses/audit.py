"""The audit of the workspace; those of an account and a deal stand with them."""

from api.parameters import Parameter
from api.route import AUDIT_SPAN, CURSOR, LIMIT, Route

ROUTES = (
    Route(
        method="GET",
        path="/v1/audit",
        handler="audit:list_audit",
        summary="Who changed which records, rights and settings, the newest first",
        tag="Audit",
        action="administer",
        parameters=(
            *AUDIT_SPAN,
            Parameter("by", "Only what this subject did."),
            Parameter("kind", "Only what was done to this kind: account, deal, integration, …"),
            Parameter("id", "Only what was done to one record, a deleted one too; needs `kind`."),
            LIMIT,
            CURSOR,
        ),
        answer="AuditEntries",
    ),
)
