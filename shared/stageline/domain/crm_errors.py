"""What can go wrong with a CRM, and what a bad answer means.

CrmError
├── CrmUnavailable     it may be tried again
│   └── CrmThrottled   not before `retry_after`, if the CRM said so
├── CrmQuotaSpent      the day's requests are used up
├── CrmRefused         it would be refused again
│   └── SignInRefused  the credentials are wrong, or not enough
└── TokenExpired       a new token is needed
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from stageline.domain.crm_messages import Dialect

_CODE = re.compile(r"[A-Z][A-Z_]{0,63}")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_TRY_AGAIN = frozenset({408, 425})
_LONGEST_WAIT = timedelta(days=1)


class CrmError(Exception):
    """Base of all. The text quotes nothing of the CRM but its status and a code."""

    def __init__(self, detail: str, status: int | None = None, code: str | None = None) -> None:
        super().__init__(" ".join(filter(None, (detail, f"({status})" if status else "", code))))
        self.detail = detail
        self.status = status
        self.code = code


class CrmUnavailable(CrmError):
    """`may_be_done`: what was asked for may have been done all the same."""

    def __init__(
        self,
        detail: str,
        status: int | None = None,
        code: str | None = None,
        *,
        retry_after: timedelta | None = None,
        may_be_done: bool = True,
    ) -> None:
        super().__init__(detail, status, code)
        self.retry_after = retry_after
        self.may_be_done = may_be_done


class CrmThrottled(CrmUnavailable):
    def __init__(
        self,
        detail: str,
        status: int | None = None,
        code: str | None = None,
        *,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(detail, status, code, retry_after=retry_after, may_be_done=False)


class CrmQuotaSpent(CrmError):
    pass


class CrmRefused(CrmError):
    pass


class SignInRefused(CrmRefused):
    pass


class TokenExpired(CrmError):
    pass


def meaning(
    status: int,
    code: str | None,
    wait: timedelta | None,
    dialect: Dialect,
    *,
    is_sign_in: bool,
    quota_left: int | None = None,
) -> CrmError:
    """Return what an answer means that is neither good nor a redirect."""
    if code in dialect.quota_spent or (status == 429 and quota_left == 0):
        return CrmQuotaSpent("the CRM's quota is spent", status, code)
    if status == 429 or code in dialect.throttled:
        return CrmThrottled("the CRM asks to wait", status, code, retry_after=wait)
    if status >= 500 or status in _TRY_AGAIN:
        return CrmUnavailable("the CRM has a failure", status, code, retry_after=wait)
    if is_sign_in:
        return SignInRefused("the CRM refuses the credentials", status, code)
    if status == 401 or code in dialect.token_expired:
        return TokenExpired("the CRM wants a new token", status, code)
    return CrmRefused("the CRM refuses the request", status, code)


def plain_code(found: object) -> str | None:
    """Return a vendor's code in capitals, or None for what may be anything else."""
    if not isinstance(found, str):
        return None
    code = found.upper()
    return code if _CODE.fullmatch(code) else None


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or a date, as a day at most; None when it says neither."""
    if text is None:
        return None
    if _SECONDS.fullmatch(text.strip()):
        wait = timedelta(seconds=float(text))
    else:
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    return min(max(wait, timedelta()), _LONGEST_WAIT)
