"""How often a client may ask: in ten seconds, in a second of search, in a day."""

from collections import deque
from zoneinfo import ZoneInfo

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import Refused

BURST, SEARCH, DAILY = "TEN_SECONDLY_ROLLING", "SECONDLY", "DAILY"


def too_many(policy: str, retry_after: int | None) -> Refused:
    """As documented for these answers: an `errorType`, and no `category`."""
    body = {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "policyName": policy,
    }
    return Refused(429, body, {} if retry_after is None else {"Retry-After": str(retry_after)})


class Limits:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._asked: dict[str, deque[int]] = {}
        self._searched: deque[int] = deque()
        self._day = ""

    def admit(self, app: str, oauth: bool, search: bool) -> None:
        """Count a request. Raises Refused if it is one too many; that one is not counted.

        Searches have a limit of their own, for the whole account. OAuth apps have no daily one.
        """
        account, options, now = self._account, self._account.options, self._account.clock.now()
        self._begin_day()
        if not oauth and account.used_today >= options.daily_requests:
            raise too_many(DAILY, options.retry_after_seconds)
        asked = self._searched if search else self._asked.setdefault(app, deque())
        window, most = (1_000, options.search_per_second) if search else (10_000, self._most(oauth))
        while asked and asked[0] <= now - window:
            asked.popleft()
        if len(asked) >= most:
            raise too_many(SEARCH if search else BURST, options.retry_after_seconds)
        asked.append(now)
        if not oauth:
            account.used_today += 1

    def spend_day(self) -> None:
        self._begin_day()
        self._account.used_today = self._account.options.daily_requests

    def headers(self, app: str, oauth: bool, search: bool) -> dict[str, str]:
        """Not sent with searches; those of the day not with OAuth."""
        if search:
            return {}
        most, used = self._most(oauth), len(self._asked.get(app, ()))
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - used)),
            "X-HubSpot-RateLimit-Secondly": str(most // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(most // 10),
        }
        if not oauth:
            daily = self._account.options.daily_requests
            left = max(0, daily - self._account.used_today)
            headers["X-HubSpot-RateLimit-Daily"] = str(daily)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(left)
        return headers

    def _most(self, oauth: bool) -> int:
        options = self._account.options
        return options.oauth_requests_per_ten_seconds if oauth else options.requests_per_ten_seconds

    def _begin_day(self) -> None:
        """The count of the day begins again at midnight in the account's time zone."""
        zone = ZoneInfo(self._account.options.time_zone)
        day = self._account.clock.instant().astimezone(zone).date().isoformat()
        if day != self._day:
            self._day = day
            self._account.used_today = 0
