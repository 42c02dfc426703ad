"""One request, read and checked as far as its route says, and the answer to it."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from api.cursors import Place, make_cursor, read_cursor
from api.refusals import (
    BodyTooLarge,
    IfMatchNeeded,
    InvalidFields,
    Unreadable,
    WrongContentType,
)
from api.rights import Rights
from stageline import bootstrap
from stageline.domain.access import Module
from stageline.domain.errors import NotFound, Stale
from stageline.domain.ids import random_id
from stageline.domain.principal import Principal
from stageline.domain.stamp import Source, Stamp
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from pydantic import BaseModel

    from stageline.domain.keyed_call import KeyedCall

MOST_BODY_BYTES = 1024 * 1024
# A body can have more faults than fit into an answer.
MOST_FAULTS = 100
KEY_HEADER = "Idempotency-Key"
JSON_TYPES = ("application/json", "application/merge-patch+json")
_ID_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON-ready, None for none. `text` is JSON that is sent as it is instead."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class Call:
    """A request of somebody who may make it. `query` holds the route's parameters, parsed.

    `keyed`: the request carries an Idempotency-Key, and this is how it stands.
    """

    event: Mapping[str, Any]
    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    request_id: str
    module: Module | None = None
    keyed: "KeyedCall | None" = None

    @cached_property
    def rights(self) -> Rights:
        return Rights(self.principal)

    @property
    def workspace(self) -> Workspace:
        return self.principal.workspace

    @cached_property
    def now(self) -> datetime:
        return bootstrap.clock().now()

    @cached_property
    def today(self) -> date:
        """The day in the workspace's zone."""
        return self.today_in(bootstrap.configuration(self.workspace).zone())

    def today_in(self, zone: str) -> date:
        return bootstrap.clock().today(zone)

    @cached_property
    def stamp(self) -> Stamp:
        return Stamp(by=self.principal.subject, request=self.request_id, at=self.now)

    def id_of(self, what: str, name: str = "id") -> str:
        """Return the id in the path. Raises NotFound for a text that is no id."""
        found = self.path[name]
        if len(found) != 32 or not _ID_DIGITS.issuperset(found):
            raise NotFound(what)
        return found

    def body[Model: "BaseModel"](self, model: type[Model]) -> Model:
        """Return the body.

        Raises WrongContentType, BodyTooLarge, Unreadable, InvalidFields, FieldNotReadable,
        FieldNotWritable; Suppressed for an owner who was erased.
        """
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in JSON_TYPES:
            raise WrongContentType(f"a body is {JSON_TYPES[0]}")
        body = validated(model, self.raw_body())
        if self.module is not None:
            sent = {name: getattr(body, name) for name in body.model_fields_set}
            self.rights.refuse_unwritable(self.module, sent)
        # Whatever record it is of: no body names an owner by another name.
        if owner_email := getattr(body, "owner_email", None):
            bootstrap.owners(self.workspace).refuse(owner_email)
        return body

    def expected_revision(self, what: str, *, needed: bool = False) -> int | None:
        """Return the revision named in If-Match, None for any.

        Raises IfMatchNeeded when it is needed and missing, Stale for a tag that was never ours.
        """
        tag = self.headers.get("if-match")
        if tag is None and needed:
            raise IfMatchNeeded
        if tag is None or tag == "*":
            return None
        digits = tag.removeprefix("W/").strip('"')
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            raise Stale(what)
        return int(digits)

    def new_id(self, kind: Any) -> str:
        """Return the id of what this call creates: for an Idempotency-Key always the same.

        What is created is what the call answers with.
        """
        if self.keyed is None:
            return random_id()
        if self.keyed.made is not None:
            return self.keyed.made
        return bootstrap.identities(self.workspace).of_request(kind, self.keyed.call_id)

    def own_id(self) -> str:
        """Return an id of this call: for an Idempotency-Key always the same."""
        return random_id() if self.keyed is None else self.keyed.call_id

    def source(self, body: "BaseModel") -> Source:
        """Return where a record made by this call comes from; equal bodies have equal hashes."""
        digest = bootstrap.identities(self.workspace).sign(body.model_dump_json())
        return Source("api", digest, self.now.isoformat())

    def cursor(self, place: Place, listed: str | None = None, state: str = "") -> str:
        """Return a cursor of this list, or of the list at another address."""
        return make_cursor(
            bootstrap.identities(self.workspace),
            self.principal.subject,
            json.dumps([listed or self._listed, state]),
            place,
        )

    def place(self, state: str = "") -> Place | None:
        """Return where the cursor points, None without one. Raises CursorInvalid.

        `state`: what else the order depends on; a cursor made in another state is not valid.
        """
        if self.query["cursor"] is None:
            return None
        return read_cursor(
            bootstrap.identities(self.workspace),
            self.principal.subject,
            json.dumps([self._listed, state]),
            self.query["cursor"],
        )

    @cached_property
    def _listed(self) -> str:
        """What is listed: the address and its filters, in one spelling."""
        sent = parse_qsl(self.event.get("rawQueryString", ""), keep_blank_values=True)
        filters = sorted(pair for pair in sent if pair[0] not in ("cursor", "limit"))
        return listed_at(str(self.event.get("rawPath", "")), filters)

    def raw_body(self) -> bytes:
        """Return the body as it was sent. Raises BodyTooLarge, Unreadable."""
        body: str = self.event.get("body") or ""
        try:
            raw = b64decode(body) if self.event.get("isBase64Encoded") else body.encode()
        except ValueError as error:
            raise Unreadable("the body is not UTF-8") from error
        if len(raw) > MOST_BODY_BYTES:
            raise BodyTooLarge(f"a body has at most {MOST_BODY_BYTES // 1024**2} MiB")
        return raw


def validated[Model: "BaseModel"](model: type[Model], raw: bytes) -> Model:
    """Return what JSON says. Raises Unreadable, InvalidFields."""
    from pydantic import ValidationError

    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if faults[0]["type"] == "json_invalid":
            raise Unreadable("the body is not JSON") from error
        raise InvalidFields([_fault(fault) for fault in faults[:MOST_FAULTS]]) from error


def listed_at(path: str, filters: list[tuple[str, str]]) -> str:
    """Return the text that a cursor of the list at this address is bound to."""
    return json.dumps([path, filters])


def etag(rev: int) -> dict[str, str]:
    return {"ETag": f'"{rev}"'}


def _fault(fault: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return (field, code, message) of a pydantic error; messages quote no input here."""
    field = ".".join(str(part) for part in fault["loc"])[:200] or "body"
    if fault["type"] == "extra_forbidden":
        return field, "unknown_field", "is no field here"
    return field, fault["type"], fault["msg"]
