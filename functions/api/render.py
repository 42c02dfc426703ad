"""Records as the API shows them: JSON-ready, days and instants as ISO 8601 (DESIGN §5)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from stageline.domain.account import Account
from stageline.domain.calendar import to_date
from stageline.domain.deal import Deal
from stageline.domain.explanation import explain_no_stage
from stageline.domain.freshness import Freshness
from stageline.domain.group import Row, Version
from stageline.domain.integration import Integration, LastImport
from stageline.domain.scheme import DASH, DASH_RANK, Scheme
from stageline.domain.stamp import Source
from stageline.domain.stay import Shown
from stageline.use_cases.stages import StageAnswer

if TYPE_CHECKING:
    from stageline.domain.access import AccessProfile
    from stageline.domain.audit import AuditEntry
    from stageline.domain.principal import Member
    from stageline.domain.settings import Settings
    from stageline.domain.work import Work
    from stageline.use_cases.counts_read import CountsOfDay


def account(one: Account, custom: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account; `custom` are its custom values as they are shown."""
    profile = one.profile
    return {
        "id": one.account_id,
        "external_id": one.external_id,
        "name": profile.name or None,
        "domain": profile.domain,
        "industry": profile.industry,
        "country": profile.country,
        "owner_email": profile.owner_email,
        "created_on": day(profile.created_on),
        "in_crm": one.in_crm,
        "parent_id": one.parent_id,
        "awaited_parent_id": one.awaited_parent_id,
        "root_id": one.root_id,
        "first_seen_on": day(one.first_seen_on),
        "created_at": instant(one.created_at),
        "updated_at": instant(one.changed.at),
        "source": source(one.source),
        "rev": one.rev,
        "custom": custom,
        "tags": list(profile.tags),
        "pinned": list(one.pinned),
    }


def linked(one: Account) -> dict[str, Any]:
    """Return an account as one that is linked with another, or could be."""
    profile = one.profile
    return {
        "id": one.account_id,
        "integration": one.source and one.source.integration,
        "external_id": one.external_id,
        "name": profile.name or None,
        "domain": profile.domain,
        "owner_email": profile.owner_email,
        "in_crm": one.said_in_crm,
    }


def work(one: "Work") -> dict[str, Any]:
    return {
        "id": one.job_id,
        "kind": one.kind,
        "status": one.status,
        "asked": dict(one.asked),
        "progress": dict(one.progress),
        "result": dict(one.result),
        "requested_by": one.requested_by,
        "requested_at": instant(one.requested_at),
        "finished_at": one.finished_at and instant(one.finished_at),
    }


def counts_of_day(one: "CountsOfDay", today: date) -> dict[str, Any]:
    return {
        "as_of": day(one.day),
        "predicted": one.day > today,
        "reason": one.reason,
        "accounts": dict(one.accounts),
        "groups": dict(one.groups),
    }


def deal(one: Deal, custom: Mapping[str, Any]) -> dict[str, Any]:
    """Return the deal; `custom` are its custom values as they are shown."""
    terms = one.terms
    money = None
    if terms.amount is not None:
        money = {"amount": format(terms.amount, "f"), "currency": terms.currency}
    return {
        "id": one.deal_id,
        "external_id": one.external_id,
        "account_id": one.account_id,
        "name": terms.name or None,
        "status": one.status,
        "opened_on": day(terms.opened_on),
        "closed_on": day(one.closed_on),
        "expected_close_on": day(terms.expected_close_on),
        "amount": money,
        "probability": None if terms.probability is None else float(terms.probability),
        "owner_email": terms.owner_email,
        "waiting": one.waiting,
        "linked_members": list(one.linked),
        "first_seen_on": day(one.first_seen_on),
        "created_at": instant(one.created_at),
        "updated_at": instant(one.changed.at),
        "source": source(one.source),
        "rev": one.rev,
        "custom": custom,
        "tags": list(terms.tags),
        "pinned": list(one.pinned),
    }


def row(one: Row, scheme: Scheme, dash: str | None) -> dict[str, Any]:
    """Return a row of a list; `dash` is the reason why the whole workspace shows "-"."""
    shows = dash is None
    return {
        "id": one.account_id,
        "name": one.name or None,
        "domain": one.domain,
        "owner_email": one.owner_email,
        "in_crm": one.in_crm,
        "parent_id": one.parent_id,
        "root_id": one.root_id,
        "tags": list(one.tags),
        "stage": one.stage if shows else None,
        "display": scheme.display(one.stage) if shows else DASH,
        "rank": one.rank if shows else DASH_RANK,
        "since": day(one.since) if shows else None,
        "next_change_on": day(one.next_on) if shows else None,
        "holds": list(one.holds) if shows else [],
        "reason": dash,
        "hint": explain_no_stage(dash).hint if dash else None,
    }


def stage(answer: StageAnswer) -> dict[str, Any]:
    scheme, change, explanation = answer.scheme, answer.next_change, answer.explanation
    return {
        "account_id": answer.account_id,
        "stage": answer.stage,
        "display": scheme.display(answer.stage),
        "rank": scheme.rank(answer.stage),
        "since": day(answer.since),
        "next_change": change
        and {
            "on": day(change.on),
            "to": change.to,
            "display": scheme.display(change.to),
            "reason": change.reason,
            "text": change.text,
            "ids": list(change.ids),
        },
        "as_of": day(answer.as_of),
        "predicted": answer.predicted,
        "reason": answer.reason,
        "hint": explanation.hint,
        "evaluated_at": instant(answer.evaluated_at),
        **freshness(answer.freshness),
        "scheme": {"key": scheme.key, "version": scheme.version},
        "holds": list(answer.holds),
        "explanation": {
            "text": explanation.text,
            "definition": explanation.definition,
            "evidence": answer.evidence,
        },
    }


def segment(one: Shown, scheme: Scheme, today: date) -> dict[str, Any]:
    """Return a segment of a history; `to` is its last day, inclusive."""
    starts = to_date(one.first)
    return {
        "stage": one.stage,
        "display": scheme.display(one.stage),
        "rank": scheme.rank(one.stage),
        "reason": one.reason,
        "root_id": one.root_id,
        "from": day(starts),
        "to": None if one.end is None else day(to_date(one.end - 1)),
        "predicted": starts is not None and starts > today,
    }


def version(one: Version) -> dict[str, Any]:
    return {"recorded_at": instant(one.recorded_at), "changed_from": day(one.changed_from)}


def integration(one: Integration) -> dict[str, Any]:
    return {
        "key": one.key,
        "active": one.active,
        "opportunity_pull": one.opportunity_pull,
        "sync": one.sync,
        "created_at": instant(one.created_at),
        "updated_at": instant(one.changed.at),
        "rev": one.rev,
    }


def audit_entry(one: "AuditEntry") -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.record_id,
        "happened": one.happened,
        "fields": list(one.fields),
        "by": one.by,
        "request": one.request,
        "at": instant(one.at),
        "rev": one.rev,
    }


def freshness(one: Freshness) -> dict[str, Any]:
    return {"current_as_of": instant(one.current_as_of), "stale": one.stale}


def last_import(one: LastImport | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "job_id": one.job_id,
        "status": one.status,
        "completed_at": instant(one.completed_at),
    }


def no_stage(reason: str | None) -> dict[str, Any] | None:
    """Return why the workspace shows "-", and what to do about it; None when it shows stages."""
    if reason is None:
        return None
    explanation = explain_no_stage(reason)
    return {"reason": reason, "text": explanation.text, "hint": explanation.hint}


def scheme(one: Scheme) -> dict[str, Any]:
    stages = sorted(one.stages.values(), key=lambda stage: stage.rank)
    return {
        "key": one.key,
        "version": one.version,
        "name": one.name,
        "subject": one.subject,
        "stages": [
            {
                "key": stage.key,
                "name": stage.name,
                "category": stage.category,
                "rank": stage.rank,
                "colour": stage.colour,
                "definition": stage.definition,
                "when": stage.when,
            }
            for stage in stages
        ],
        "precedence": list(one.precedence),
        "no_stage": {"display": DASH, "rank": DASH_RANK},
    }


def member(one: "Member") -> dict[str, Any]:
    wishes = one.preferences
    return {
        "id": one.subject,
        "kind": one.kind,
        "name": one.name,
        "email": one.email,
        "role": one.role,
        "team": one.team,
        "manager_id": one.manager_id,
        "profile": one.profile,
        "scopes": list(one.scopes),
        "expires_at": instant(one.expires_at),
        "suspended": one.suspended,
        "preferences": {
            "zone": wishes.zone,
            "locale": wishes.locale,
            "date_format": wishes.date_format,
        },
        "created_at": instant(one.created_at),
        "rev": one.rev,
    }


def access_profile(one: "AccessProfile") -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "modules": dict(one.modules),
        "fields": dict(one.fields),
        "rev": one.rev,
    }


def settings(one: "Settings", zone: str) -> dict[str, Any]:
    return {
        "zone": zone,
        "ownership": one.ownership,
        "managers_see_subordinates": one.managers_see_subordinates,
        "rev": one.rev,
    }


def source(one: Source | None) -> Mapping[str, str] | None:
    return None if one is None else {"integration": one.integration, "version": one.version}


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")
