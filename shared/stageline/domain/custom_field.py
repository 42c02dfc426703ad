"""Custom fields: what an admin adds to the records of a module (S3.30), beside the standard ones.

A field is never removed: archived, it is shown nowhere and keeps its values. Its type, and whether
its values are unique, stay as they were when it was made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, Self, get_args

from stageline.domain.custom_value import (
    FieldType,
    Value,
    Values,
    options_of,
    read_value,
    size_of,
)
from stageline.domain.errors import FieldFixed, Invalid
from stageline.domain.personal import Plain
from stageline.domain.stamp import Stamp

type Module = Literal["account", "deal", "contact", "activity", "task"]

MODULES: tuple[Module, ...] = get_args(Module.__value__)

# A record is written with its unique values in one transaction, which takes 100 items.
MOST_UNIQUE: Final = 9
MOST_FIELDS: Final = 100
MOST_OPTIONS: Final = 100
# An answer has at most 6 MB, and a page up to 200 records.
MOST_BYTES: Final = 16_000

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UNIQUE_TYPES: tuple[FieldType, ...] = ("text", "number", "date")
_CHOICES: tuple[FieldType, ...] = ("picklist", "multi_select")

_OF_ALL = "id created_at updated_at rev custom tags owner owner_email unreadable"
_STANDARD: Mapping[Module, str] = {
    "account": """external_id name domain industry country owner_email created_on in_crm parent_id
        awaited_parent_id root_id first_seen_on source pinned""",
    "deal": """external_id account_id name status opened_on closed_on expected_close_on amount
        probability owner_email linked_members waiting first_seen_on source pinned""",
    "contact": """external_id first_name last_name email phone job_title company_name owner_email
        lead accounts deals gdpr_date touch pinned anonymous source""",
    "activity": """external_id kind occurred_at two_way subject text owner_email account_id deal_id
        contact_ids source pinned""",
    "task": "title due_on done done_at owner_email account_id deal_id contact_id pinned",
}
STANDARD_FIELDS: Mapping[Module, frozenset[str]] = {
    module: frozenset([*_OF_ALL.split(), *names.split()]) for module, names in _STANDARD.items()
}
"""Names that a custom field cannot have (S3.31)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """The definition of a field. `rev` counts its writes; it is the ETag and the fence.

    `name` is what people read. `options` are those of a picklist or multi-select. `personal`: its
    values may name somebody.
    """

    module: Module
    key: Plain
    name: Plain
    type: FieldType
    required: bool = False
    unique: bool = False
    default: Value | None = None
    options: tuple[Plain, ...] = ()
    personal: bool = False
    archived: bool = False
    created_at: datetime
    changed: Stamp
    rev: int = 1

    def says_the_same(self, other: Self) -> bool:
        """Tell whether both were made by the same words, whoever said them and when."""
        return replace(self, created_at=other.created_at, changed=other.changed) == other

    def changed_to(self, changes: Mapping[str, Any], stamp: Stamp) -> Self:
        """Return the field with these of its attributes changed; itself when nothing differs.

        `default` as it was sent. Raises Invalid, and FieldFixed for what stays as it was made.
        """
        for name in ("type", "unique"):
            if changes.get(name, getattr(self, name)) != getattr(self, name):
                raise FieldFixed(name)
        told = {name: value for name, value in changes.items() if value is not None}
        sent = told.pop("default", None)
        if "options" in told:
            told["options"] = options_of(told["options"])
        after = replace(self, **told)
        if "default" in changes:
            after = replace(after, default=_default(after, sent))
        elif after.default is not None and "options" in told:
            # An option that is taken away is nobody's default any more.
            _check_default(after, after.default)
        _check(after)
        if after == self:
            return self
        return replace(after, changed=stamp, rev=self.rev + 1)


def is_key(text: str) -> bool:
    """Tell whether a field may have this key."""
    return _KEY.fullmatch(text) is not None


def new_field(
    module: Module,
    key: str,
    name: str,
    type_: FieldType,
    *,
    required: bool = False,
    unique: bool = False,
    default: Any = None,
    options: Sequence[str] = (),
    personal: bool | None = None,
    stamp: Stamp,
) -> CustomField:
    """Return a new field; `default` as it was sent. Raises Invalid.

    Text is personal unless somebody says otherwise, everything else is not.
    """
    if not is_key(key):
        detail = "is a small letter, then up to 39 small letters, digits and underscores"
        raise Invalid("key", "malformed", detail)
    if key in STANDARD_FIELDS[module]:
        raise Invalid("key", "standard_field", f"is a standard field of every {module}")
    field = CustomField(
        module=module,
        key=key,
        name=name,
        type=type_,
        required=required,
        unique=unique,
        options=options_of(options),
        personal=type_ == "text" if personal is None else personal,
        created_at=stamp.at,
        changed=stamp,
    )
    _check(field)
    return replace(field, default=_default(field, default))


def _check(field: CustomField) -> None:
    if (field.type in _CHOICES) != bool(field.options):
        detail = "a picklist or multi-select needs options, no other field has them"
        raise Invalid("options", "missing" if field.type in _CHOICES else "not_here", detail)
    if len(field.options) > MOST_OPTIONS:
        raise Invalid("options", "too_many", f"are at most {MOST_OPTIONS}")
    if field.unique and field.type not in _UNIQUE_TYPES:
        raise Invalid("unique", "not_here", f"is for {', '.join(_UNIQUE_TYPES)}")
    if field.unique and field.default is not None:
        raise Invalid("default", "not_here", "a unique field has none: two records would share it")


def _default(field: CustomField, sent: Any) -> Value | None:
    default = None if sent is None else read_value(field.type, field.options, sent, "default")
    if default is not None:
        _check(replace(field, default=default))
    return default


def _check_default(field: CustomField, default: Value) -> None:
    chosen = default if isinstance(default, tuple) else (default,)
    if not set(chosen) <= set(field.options):
        raise Invalid("default", "unknown", "is one of the options")


def checked(
    fields: Mapping[str, CustomField], sent: Mapping[str, Any], before: Values | None = None
) -> Values:
    """Return the values of a record's custom fields after somebody has sent some of them.

    `fields` are those of the module by key, archived ones too. `before` are the values so far,
    None for a new record: it gets the defaults. Null removes a value; one that is sent as it is
    stored is none to check, so that it may be an option that was taken away since. What is required
    is demanded of whoever changes any value. Raises Invalid, naming `custom.<key>`.
    """
    values = dict(before or {})
    if before is None:
        values |= _defaults(fields)
    for key, value in sent.items():
        found = _read(fields, key, value, values)
        if found is None:
            values.pop(key, None)
        else:
            values[key] = found
    for field in fields.values():
        if field.required and not field.archived and field.key not in values:
            raise Invalid(f"custom.{field.key}", "missing", "is required")
    if size_of(values) > MOST_BYTES:
        raise Invalid("custom", "too_large", f"take at most {MOST_BYTES:,} bytes in all")
    return values


def taken(
    fields: Mapping[str, CustomField], sent: Mapping[str, Any], before: Values | None
) -> tuple[Values, list[Invalid]]:
    """Return what `checked` returns, but for what is no good, and what that is.

    For who cannot be asked to send it again. What is required is not demanded.
    """
    values = {} if before is None else dict(before)
    if before is None:
        values |= _defaults(fields)
    found: list[Invalid] = []
    for key, value in sent.items():
        try:
            after = _read(fields, key, value, values)
        except Invalid as fault:
            found.append(fault)
            continue
        with_it = {one: kept for one, kept in values.items() if one != key}
        if after is not None:
            with_it[key] = after
            if size_of(with_it) > MOST_BYTES:
                found.append(Invalid(_where(key), "too_large", f"{MOST_BYTES:,} bytes in all"))
                continue
        values = with_it
    return values, found


def _defaults(fields: Mapping[str, CustomField]) -> Values:
    return {
        field.key: field.default
        for field in fields.values()
        if field.default is not None and not field.archived
    }


def _read(fields: Mapping[str, CustomField], key: str, value: Any, values: Values) -> Value | None:
    """Return the value that was sent of one field, None for none. Raises Invalid."""
    field = fields.get(key)
    if field is None or field.archived:
        raise Invalid(_where(key), "unknown_field", "is no field here")
    if value is None:
        return None
    return read_value(field.type, field.options, value, _where(key), values.get(key))


def _where(key: str) -> str:
    return f"custom.{key}"[:200]
