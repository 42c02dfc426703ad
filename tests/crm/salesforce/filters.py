"""WHERE as a function of a row, with the checks of types that a query has to pass."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.crm.salesforce import ids, soql
from tests.crm.salesforce.errors import Refusal, invalid_field
from tests.crm.salesforce.fields import NUMBERS, Field, ObjectType, Row
from tests.crm.salesforce.soql import Compare, Condition, Literal
from tests.crm.salesforce.store import Store, stamp

type Test = Callable[[Row], bool]
type Value = Callable[[Row], Any]

# Levels of parents that a path may climb.
CLIMB = 5
IDS = ("id", "reference")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one is not None and one < other,
    "<=": lambda one, other: one is not None and one <= other,
    ">": lambda one, other: one is not None and one > other,
    ">=": lambda one, other: one is not None and one >= other,
}
# What a path reaches behind a reference to several objects.
NAME = ObjectType(
    "Name",
    "",
    {
        "Id": Field("Id", "id"),
        "Name": Field("Name"),
        "Type": Field("Type", "picklist"),
        "Email": Field("Email", "email"),
    },
)
KINDS = {"001": "Account", "003": "Contact", "005": "User", "006": "Opportunity"}


class Paths:
    """Finds what a dotted path means, as far as the caller may see it."""

    def __init__(self, store: Store, kind: ObjectType) -> None:
        self._store = store
        self._kind = kind

    def steps(self, path: str) -> tuple[list[Field], Field, list[ObjectType]]:
        """The references that are climbed, the field at the end, and the objects passed."""
        *parents, last = path.split(".")
        kind, climbed, kinds = self._kind, [], [self._kind]
        if parents and parents[0].lower() == kind.name.lower():
            parents = parents[1:]
        if len(parents) > CLIMB:
            raise invalid_field(f"only {CLIMB} levels of relationships are allowed: {path}")
        for name in parents:
            field = kind.related(name)
            if field is None:
                raise invalid_field(
                    f"Didn't understand relationship '{name}' in field path. If you are attempting "
                    "to use a custom relationship, be sure to append the '__r' after the custom "
                    "relationship name. Please reference your WSDL or the describe call for the "
                    "appropriate names."
                )
            target = NAME if len(field.refers) > 1 else self._store.types[field.refers[0]]
            if not target.readable:
                raise invalid_field(f"Didn't understand relationship '{name}' in field path.")
            climbed.append(field)
            kind = target
            kinds.append(kind)
        found = kind.find(last)
        if found is None:
            raise no_such_column(last, kind.name)
        return climbed, found, kinds

    def value(self, path: str) -> tuple[Field, Value]:
        climbed, field, _ = self.steps(path)
        if not climbed:
            # Most paths are short, and most fields are stored.
            name = field.name
            return field, field.read if field.derived else lambda row: row.get(name)

        def read(row: Row) -> Any:
            parent = self.parent(row, climbed)
            return None if parent is None else field_of(field, parent)

        return field, read

    def parent(self, row: Row, climbed: list[Field]) -> Row | None:
        at: Row | None = row
        for step in climbed:
            target = at.get(step.name) if at else None
            at = self._store.find(target) if target else None
        return at


def field_of(field: Field, row: Row) -> Any:
    """Behind a reference to several objects, name and type depend on what is there."""
    if field is NAME.fields["Type"]:
        return KINDS.get(row["Id"][:3])
    if field is NAME.fields["Name"] and row.get("LastName"):
        return " ".join(part for part in (row.get("FirstName"), row["LastName"]) if part)
    return field.read(row)


def no_such_column(name: str, entity: str) -> Refusal:
    return invalid_field(
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom "
        "field, be sure to append the '__c' after the custom field name. Please reference your "
        "WSDL or the describe call for the appropriate names."
    )


def compiled(condition: Condition, paths: Paths) -> Test:
    match condition:
        case soql.Both(parts):
            every = [compiled(part, paths) for part in parts]
            return lambda row: all(test(row) for test in every)
        case soql.Either(parts):
            some = [compiled(part, paths) for part in parts]
            return lambda row: any(test(row) for test in some)
        case soql.Not(part):
            inside = compiled(part, paths)
            return lambda row: not inside(row)
        case Compare():
            return _comparison(condition, paths)


def _comparison(compare: Compare, paths: Paths) -> Test:
    field, value = paths.value(compare.field)
    if not field.filterable:
        raise invalid_field(f"field '{field.name}' can not be filtered in a query call")
    wanted = [literal_value(field, literal) for literal in compare.values]
    read: Value = value
    if field.type not in (*IDS, *NUMBERS, "boolean", "date", "datetime"):
        read = lambda row: _folded(value(row))  # noqa: E731
        wanted = [_folded(one) for one in wanted]
    if compare.operator in ("in", "not in"):
        members = set(wanted)
        inside = compare.operator == "in"
        return lambda row: (read(row) in members) is inside
    if compare.operator == "like":
        return _like(field, compare.values[0], value)
    one = wanted[0]
    if one is None and compare.operator not in ("=", "!="):
        raise _filter_operator(f"null cannot be compared with {compare.operator}")
    if field.type == "boolean" and compare.operator not in ("=", "!="):
        raise _filter_operator(f"boolean fields know no {compare.operator}")
    test = COMPARE[compare.operator]
    return lambda row: test(read(row), one)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _like(field: Field, literal: Literal, value: Value) -> Test:
    if field.type in (*IDS, *NUMBERS, "boolean", "date", "datetime"):
        raise _filter_operator(f"invalid operator on {field.type} field")
    signs = {"%": ".*", "_": "."}
    pieces = re.findall(r"\\[%_]|.", literal.text, re.S)
    form = "".join(signs.get(piece, re.escape(piece[-1])) for piece in pieces)
    pattern = re.compile(form, re.I | re.S)
    return lambda row: bool(pattern.fullmatch(value(row) or ""))


def _filter_operator(message: str) -> Refusal:
    return Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", message)


def literal_value(field: Field, literal: Literal) -> Any:
    """The value to compare with. Its kind has to fit the field's type."""
    if literal.kind == "null":
        return None
    expected = (
        field.type
        if field.type in ("boolean", "date", "datetime")
        else "number"
        if field.type in NUMBERS
        else "string"
    )
    if literal.kind != expected:
        quotes = "" if expected == "string" else "not "
        raise invalid_field(
            f"value of filter criterion for field '{field.name}' must be of type {field.type} "
            f"and should {quotes}be enclosed in quotes"
        )
    try:
        return _converted(field, literal)
    except ValueError as error:
        raise Refusal(400, "MALFORMED_QUERY", f"line 1:1 {error}") from error


def _converted(field: Field, literal: Literal) -> Any:
    if literal.kind == "boolean":
        return literal.text == "true"
    if literal.kind == "number":
        return float(literal.text)
    if literal.kind == "date":
        datetime.strptime(literal.text, "%Y-%m-%d")
        return literal.text
    if literal.kind == "datetime":
        # Milliseconds are not compared.
        return stamp(datetime.fromisoformat(literal.text).astimezone(UTC))
    if field.type in IDS and literal.text:
        record_id = ids.normal(literal.text)
        if record_id is None:
            raise _filter_operator(f"invalid ID field: {literal.text}")
        return record_id
    return literal.text.replace("\\%", "%").replace("\\_", "_") or None


def window(condition: Condition | None) -> tuple[str | None, str | None]:
    """The span of SystemModstamp outside which no row can pass."""
    match condition:
        case soql.Both(parts):
            spans = [window(part) for part in parts]
            lows = [low for low, _ in spans if low]
            highs = [high for _, high in spans if high]
            return max(lows, default=None), min(highs, default=None)
        case soql.Either(parts):
            spans = [window(part) for part in parts]
            lows = [low for low, _ in spans if low]
            highs = [high for _, high in spans if high]
            whole = len(spans)
            return (
                min(lows) if len(lows) == whole else None,
                max(highs) if len(highs) == whole else None,
            )
        case Compare(name, operator, (Literal("datetime", text),)):
            if name.lower().split(".")[-1] != "systemmodstamp" or name.count("."):
                return None, None
            edge = stamp(datetime.fromisoformat(text))
            low = edge if operator in ("=", ">", ">=") else None
            return low, edge if operator in ("=", "<", "<=") else None
    return None, None
