"""What an admin has to do when a CRM refuses what a run asks for."""

from datetime import datetime

from stageline.domain.crm_errors import CrmError, SignInRefused, TokenExpired
from stageline.domain.errors import NotFound, UrlNotAllowed
from stageline.domain.job_states import Records
from stageline.domain.sync import Attention
from stageline.use_cases.sync_missing import NothingListed

CREDENTIALS = frozenset({"credentials_missing", "credentials_refused", "url_not_allowed"})
"""With these nothing can be read; the others are about one kind of records."""


def attention_of(error: Exception, records: Records, now: datetime) -> Attention:
    """Return what is to be done about an error; it quotes the vendor's status and code only."""
    match error:
        case SignInRefused() | TokenExpired():
            code = "credentials_refused"
            message = (
                "the CRM refuses the credentials: give new ones"
                " (PUT /v1/integrations/{key}/credentials), or see there what the app may do"
            )
        case UrlNotAllowed():
            code, message = "url_not_allowed", f"{error.field} {error.detail}"
        case NotFound():
            code = "credentials_missing"
            message = "give the credentials: PUT /v1/integrations/{key}/credentials"
        case NothingListed():
            code = "nothing_listed"
            message = (
                f"the CRM lists no {records} any more, and there were some. Nothing was deleted."
                " See that the app may read all of them"
            )
        case _:
            code = f"{records}_not_readable"
            message = f"the CRM does not let the app read {records}: allow it there, and run again"
    status, vendor_code = (
        (error.status, error.code) if isinstance(error, CrmError) else (None, None)
    )
    return Attention(code, message, status, vendor_code, records, now)
