"""From a request to its handler: version, session, quota, path and method."""

from collections.abc import Callable
from email.utils import format_datetime

from tests.crm.salesforce.bulk import Bulk
from tests.crm.salesforce.call import Call, reply
from tests.crm.salesforce.collections import Collections
from tests.crm.salesforce.errors import Refusal, not_found
from tests.crm.salesforce.login import Sessions
from tests.crm.salesforce.options import Options
from tests.crm.salesforce.org import Org
from tests.crm.salesforce.quota import Quota
from tests.crm.salesforce.reading import Reading
from tests.crm.salesforce.writing import Writing
from tests.crm.server import Reply, Request

type Handler = Callable[[Call], Reply]

OLDEST_VERSION = 31
LONGEST = 16_384
SEASONS = ("Spring", "Summer", "Winter")
BULK_JOBS = 10_000


class Api:
    def __init__(self, org: Org, sessions: Sessions, quota: Quota, options: Options) -> None:
        self._org = org
        self._sessions = sessions
        self._quota = quota
        self._options = options
        self.bulk = Bulk(org, options)
        reading, writing, bulk = Reading(org, options), Writing(org), self.bulk
        many = Collections(org, writing)
        # The first pattern that fits; * is left open.
        self._routes: list[tuple[str, dict[str, Handler]]] = [
            ("limits", {"GET": self._limits}),
            ("connect/organization", {"GET": self._organization}),
            ("query", {"GET": reading.query}),
            ("queryAll", {"GET": reading.query_all}),
            ("query/*", {"GET": reading.more}),
            ("queryAll/*", {"GET": reading.more}),
            ("sobjects", {"GET": writing.describe_all}),
            ("sobjects/*", {"GET": writing.info, "POST": writing.create}),
            ("sobjects/*/describe", {"GET": writing.describe}),
            ("sobjects/*/deleted", {"GET": reading.deleted}),
            ("sobjects/*/updated", {"GET": reading.updated}),
            (
                "sobjects/*/*",
                {"GET": writing.read, "PATCH": writing.change, "DELETE": writing.delete},
            ),
            (
                "sobjects/*/*/*",
                {"GET": writing.read_by, "PATCH": writing.upsert, "DELETE": writing.delete_by},
            ),
            (
                "composite/sobjects",
                {"POST": many.create, "PATCH": many.update, "DELETE": many.delete},
            ),
            ("composite/sobjects/*", {"GET": many.read, "POST": many.read}),
            ("composite/sobjects/*/*", {"PATCH": many.upsert}),
            ("jobs/query", {"GET": bulk.every, "POST": bulk.create}),
            ("jobs/query/*", {"GET": bulk.info, "PATCH": bulk.abort, "DELETE": bulk.delete}),
            ("jobs/query/*/results", {"GET": bulk.results}),
        ]

    def answer(self, request: Request) -> Reply:
        if len(request.target) > LONGEST:
            return Reply(
                414, b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", dict(HTML)
            )
        headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
        if len(request.target) + headers > LONGEST:
            return Reply(431, b"<h1>Bad Message 431</h1>", dict(HTML))
        self._org.empty_bin()
        parts = request.parts
        if parts == ["services", "oauth2", "token"]:
            return self._sessions.token(request)
        if parts == ["services", "data"]:
            return reply(self._versions())
        try:
            answer = self._called(request, parts)
        except Refusal as error:
            answer = reply(error.body(), error.status)
        answer.headers["Date"] = format_datetime(self._org.clock.now(), usegmt=True)
        answer.headers["Sforce-Limit-Info"] = f"api-usage={self._quota.used}/{self._quota.most}"
        return answer

    def _called(self, request: Request, parts: list[str]) -> Reply:
        if parts[:2] != ["services", "data"]:
            raise not_found()
        self._sessions.check(request)
        self._quota.take()
        version = parts[2].removeprefix("v")
        if parts[2] not in {f"v{known['version']}" for known in self._versions()}:
            raise not_found()
        asked = parts[3:]
        for pattern, handlers in self._routes:
            args = _fits(pattern, asked)
            if args is None:
                continue
            handler = handlers.get(request.method)
            if handler is None:
                allowed = ",".join(handlers)
                message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
                raise Refusal(405, "METHOD_NOT_ALLOWED", message)
            return handler(Call(request, version, args))
        raise not_found()

    def _versions(self) -> list[dict[str, str]]:
        return [
            {
                "label": f"{SEASONS[number % 3]} '{(number + 12) // 3 + (number % 3 == 2)}",
                "url": f"/services/data/v{number}.0",
                "version": f"{number}.0",
            }
            for number in range(OLDEST_VERSION, self._options.newest_version + 1)
        ]

    def _limits(self, call: Call) -> Reply:
        left = {"Max": self._quota.most, "Remaining": max(0, self._quota.most - self._quota.used)}
        jobs = {"Max": BULK_JOBS, "Remaining": BULK_JOBS - self.bulk.today}
        return reply({"DailyApiRequests": left, "DailyBulkV2QueryJobs": jobs})

    def _organization(self, call: Call) -> Reply:
        has_many = self._options.multi_currency
        features: dict[str, object] = {"multiCurrency": has_many}
        if not has_many:
            features["defaultCurrencyIsoCode"] = self._options.currency
        return reply({"name": "Acme", "features": features})


HTML = {"Content-Type": "text/html;charset=UTF-8"}


def _fits(pattern: str, parts: list[str]) -> tuple[str, ...] | None:
    names = pattern.split("/")
    if len(names) != len(parts):
        return None
    pairs = list(zip(names, parts, strict=True))
    if any(name not in ("*", part) for name, part in pairs):
        return None
    return tuple(part for name, part in pairs if name == "*")
