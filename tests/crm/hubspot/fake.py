"""A HubSpot account on a port of loopback, with the handles a test needs."""

import json
import ssl
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from tests.crm.hubspot.account import Account, as_text
from tests.crm.hubspot.answers import Answer, Json, Refused
from tests.crm.hubspot.calls import Call
from tests.crm.hubspot.clock import milliseconds
from tests.crm.hubspot.directory import Pipeline, Stage
from tests.crm.hubspot.faults import Fault, Faults
from tests.crm.hubspot.limits import Limits
from tests.crm.hubspot.links import default_type
from tests.crm.hubspot.options import Options
from tests.crm.hubspot.routes import Routes
from tests.crm.hubspot.schema import Property, plural
from tests.crm.hubspot.search import Search
from tests.crm.hubspot.server import Headers, Server
from tests.crm.hubspot.signin import (
    ALL_SCOPES,
    CLIENT_ID,
    CLIENT_SECRET,
    PRIVATE_TOKEN,
    Grant,
    SignIn,
    require,
)

_TOKEN_PATHS = ("/oauth/v1/token", "/oauth/v3/token")
_TOO_LONG = (
    b"<html> <head><title>414 Request-URI Too Large</title></head> "
    b"<body> <center><h1>414 Request-URI Too Large</h1></center> </body> </html>"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A line of the log. `status` is 0 where the connection was reset."""

    method: str
    path: str
    status: int
    query: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class HubSpot:
    """`with HubSpot(search_per_second=2) as crm:`; the keywords are those of `Options`."""

    token = PRIVATE_TOKEN
    client_id, client_secret = CLIENT_ID, CLIENT_SECRET

    def __init__(
        self,
        scopes: Collection[str] = ALL_SCOPES,
        tls: ssl.SSLContext | None = None,
        **options: Any,
    ) -> None:
        self.options = Options(**options)
        self.account = Account(self.options)
        self.clock = self.account.clock
        self.faults = Faults()
        self.sign_in = SignIn(self.account, scopes)
        self.requests: list[Request] = []
        self._limits = Limits(self.account)
        self._search = Search(self.account)
        self._routes = Routes(self._run_search)
        self._lock = RLock()
        self._answered = 0
        self._server = Server(self._serve, tls)
        self.url = self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.stop()

    # The account's own users at work: nothing they enter is refused.

    def add(
        self,
        kind: str,
        properties: Mapping[str, Any],
        at: datetime | None = None,
        id: int | None = None,
    ) -> str:
        """A new record, created and last changed `at` that instant; its id is returned."""
        with self._lock:
            instant = None if at is None else milliseconds(at)
            return str(self.account.create(plural(kind), as_text(properties), instant, id).id)

    def update(
        self, kind: str, id: str, properties: Mapping[str, Any], at: datetime | None = None
    ) -> None:
        with self._lock:
            instant = None if at is None else milliseconds(at)
            self.account.change(plural(kind), int(id), as_text(properties), instant)

    def archive(self, kind: str, id: str) -> None:
        with self._lock:
            self.account.records[plural(kind)].archive(int(id), self.clock.now())

    def restore(self, kind: str, id: str) -> None:
        with self._lock:
            self.account.records[plural(kind)].restore(int(id), self.clock.now())

    def purge(self, kind: str, id: str) -> None:
        """Gone without a trace, in the recycling bin neither."""
        with self._lock:
            self.account.purge(plural(kind), int(id))

    def merge(self, kind: str, primary: str, other: str) -> str:
        """The id of the surviving record, which is a new one unless the account is old."""
        with self._lock:
            return str(self.account.merge(plural(kind), int(primary), int(other)).id)

    def associate(
        self, start: str, id: str, end: str, to_id: str, type_id: int | None = None
    ) -> None:
        with self._lock:
            start, end = plural(start), plural(end)
            wanted = type_id or default_type(start, end)
            self.account.associate(start, int(id), end, int(to_id), wanted)

    def dissociate(self, start: str, id: str, end: str, to_id: str) -> None:
        with self._lock:
            self.account.links.remove(plural(start), int(id), plural(end), int(to_id))

    def add_owner(self, email: str, first: str = "", last: str = "") -> str:
        with self._lock:
            return str(self.account.owners.add(email, first, last, self.clock.now()).id)

    def archive_owner(self, id: str) -> None:
        self.account.owners.by_id[int(id)].archived = True

    def add_property(self, kind: str, name: str, type: str = "string", **more: Any) -> None:
        """`more` are the fields of `Property`: options, unique, calculated, read_only."""
        self.account.schema.add(plural(kind), Property(name, type, custom=True, **more))

    def add_pipeline(self, id: str, label: str, stages: Sequence[Stage]) -> None:
        self.account.pipelines.deals[id] = Pipeline(id, label, stages)

    def spend_daily_quota(self) -> None:
        with self._lock:
            self._limits.spend_day()

    def record(self, kind: str, id: str) -> Json:
        """A live or archived record as the API would show it, with all its properties."""
        with self._lock:
            kind = plural(kind)
            version = self.account.records[kind].versions[int(id)]
            return self.account.shown(kind, version, list(self.account.schema.of(kind)))

    def records(self, kind: str) -> dict[str, Json]:
        """Every live record by its id."""
        with self._lock:
            kind, names = plural(kind), list(self.account.schema.of(plural(kind)))
            live = self.account.records[kind].live()
            return {str(each.id): self.account.shown(kind, each, names) for each in live}

    # The API.

    def _run_search(self, account: Account, call: Call) -> Answer:
        kind = plural(call.words["object"])
        return self._search.run(kind, call.body, len(call.content.decode("utf-8", "replace")))

    def _serve(self, method: str, target: str, headers: Headers, content: bytes) -> Answer | None:
        """The answer, or None to reset the connection."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        call = Call(method, unquote(parts.path), query, content)
        with self._lock:
            self.clock.tick(self.options.request_time)
            fault = self.faults.next(f"{method} {target}")
        if fault is not None and fault.kind == "delay":
            time.sleep(fault.seconds)
        with self._lock:
            answer = self._with_fault(call, target, headers, fault)
            status = 0 if answer is None else answer.status
            self.requests.append(Request(method, call.path, status, query, content))
            return answer

    def _with_fault(
        self, call: Call, target: str, headers: Headers, fault: Fault | None
    ) -> Answer | None:
        kind = None if fault is None else fault.kind
        if fault is not None and kind == "answer":
            return self._signed(fault.answer or Answer(500))
        if kind == "expire":
            self.sign_in.expire_all()
        if fault is not None and kind == "reset" and not fault.done:
            return None
        answer = self._answer(call, target, headers)
        if kind == "reset":
            return None
        if fault is not None and kind == "truncate":
            payload = answer.payload()
            whole = len(payload) if fault.declared_whole else None
            return Answer(answer.status, payload[: len(payload) // 2], answer.headers, length=whole)
        return answer

    def _answer(self, call: Call, target: str, headers: Headers) -> Answer:
        if len(target) > self.options.longest_uri:
            return Answer(414, _TOO_LONG, content_type="text/html")
        extra: dict[str, str] = {}
        try:
            if call.path in _TOKEN_PATHS and call.method == "POST":
                kind = headers.get("Content-Type") or ""
                return self.sign_in.token(kind, call.content)
            grant = self.sign_in.grant_of(headers.get("Authorization") or "")
            search = call.path.endswith("/search")
            try:
                self._limits.admit(grant.app, grant.oauth, search)
            finally:
                extra = self._limits.headers(grant.app, grant.oauth, search)
            answer = self._routed(call, headers, grant)
        except Refused as refused:
            answer = Answer(refused.status, refused.body, refused.headers)
        return self._signed(Answer(answer.status, answer.body, {**extra, **answer.headers}))

    def _routed(self, call: Call, headers: Headers, grant: Grant) -> Answer:
        handler, scope, words = self._routes.find(call.method, call.path)
        require(grant, *([scope] if scope else []))
        if call.content and not (headers.get("Content-Type") or "").startswith("application/json"):
            raise Refused(415, {"status": "error", "message": "Unsupported Media Type"})
        return handler(self.account, Call(call.method, call.path, call.query, call.content, words))

    def _signed(self, answer: Answer) -> Answer:
        """Every error carries a correlation id; here they count."""
        if answer.status < 400 or not isinstance(answer.body, dict):
            return answer
        self._answered += 1
        correlation_id = str(UUID(int=self._answered, version=4))
        body = {**answer.body, "correlationId": correlation_id}
        headers = {**answer.headers, "X-HubSpot-Correlation-Id": correlation_id}
        return Answer(answer.status, body, headers, answer.content_type)
