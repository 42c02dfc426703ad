"""The audit: who changed what, of one record or of the whole workspace."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from api import render
from api.call import Answer, Call
from api.refusals import ModuleClosed
from stageline import bootstrap
from stageline.domain.access import Module
from stageline.domain.audit import KINDS, AuditEntry, Kind, Span
from stageline.domain.calendar import start_of_day
from stageline.domain.errors import Invalid
from stageline.use_cases.audit import Criteria, list_entries

_MODULES: Mapping[Kind, Module] = {
    "account": "accounts",
    "activity": "activities",
    "contact": "contacts",
    "deal": "deals",
    "task": "tasks",
}


def list_audit(call: Call) -> Answer:
    kind, record_id = _kind(call), call.query["id"]
    span = _span(call)
    if record_id is not None:
        if kind is None:
            raise Invalid("id", "kind_missing", "an id goes with the kind of what it names")
        span = replace(span, record=(kind, record_id))
    return _listed(call, Criteria(span, by=call.query["by"], kind=kind))


def list_of_account(call: Call) -> Answer:
    _refuse_closed(call, "accounts")
    account = call.rights.account(call.id_of("account"))
    return _listed(call, Criteria(replace(_span(call), record=("account", account.account_id))))


def list_of_deal(call: Call) -> Answer:
    _refuse_closed(call, "deals")
    deal = call.rights.deal(call.id_of("deal"))
    return _listed(call, Criteria(replace(_span(call), record=("deal", deal.deal_id))))


def _refuse_closed(call: Call, module: Module) -> None:
    if not call.rights.opens(module):
        raise ModuleClosed(f"you may not read {module}")


def _listed(call: Call, criteria: Criteria) -> Answer:
    place = call.place()
    page = list_entries(
        bootstrap.audit_log(call.workspace),
        criteria,
        str(place[0]) if place else None,
        call.query["limit"],
    )
    return Answer(
        {
            "items": [_shown(call, entry) for entry in page.entries],
            "next_cursor": page.following and call.cursor([page.following]),
        }
    )


def _shown(call: Call, entry: AuditEntry) -> dict[str, Any]:
    """Return an entry without the names of fields that the caller may not read."""
    shown = render.audit_entry(entry)
    module = _MODULES.get(entry.kind)
    if module is None:
        return shown
    access = call.rights.access
    return shown | {"fields": [one for one in entry.fields if access.reads(module, _field(one))]}


def _field(name: str) -> str:
    """Return the field of a record that a name of the audit stands for, like amount.currency."""
    return name if name.startswith("custom.") else name.partition(".")[0]


def _span(call: Call) -> Span:
    first, last = call.query["from"], call.query["to"]
    if first is None and last is None:
        return Span()
    if first is not None and last is not None and last < first:
        raise Invalid("to", "before_from", "the last day is the first one or later")
    zone = bootstrap.configuration(call.workspace).zone()
    since = before = None
    # The calendar's ends are as good as none.
    with suppress(OverflowError):
        since = first and start_of_day(first, zone)
    with suppress(OverflowError):
        before = last and start_of_day(last + timedelta(days=1), zone)
    return Span(since=since, before=before)


def _kind(call: Call) -> Kind | None:
    sent = call.query["kind"]
    kind = next((kind for kind in KINDS if kind == sent), None)
    if sent is not None and kind is None:
        raise Invalid("kind", "unknown", f"is one of {', '.join(KINDS)}")
    return kind
