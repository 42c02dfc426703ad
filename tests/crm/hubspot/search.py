"""`POST /crm/v3/objects/{object}/search`: what it takes, and how it is run."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import Answer, Json, Refused, invalid, next_page
from tests.crm.hubspot.clock import milliseconds
from tests.crm.hubspot.index import Version
from tests.crm.hubspot.schema import OBJECTS, SEARCHED, plural

type Comparable = str | int | Decimal
type Test = Callable[[Version], bool]

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "LT": lambda value, bound: value < bound,
    "LTE": lambda value, bound: value <= bound,
    "GT": lambda value, bound: value > bound,
    "GTE": lambda value, bound: value >= bound,
    "EQ": lambda value, bound: value == bound,
}
_PRESENCE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_TOKENS = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
_OTHER_OPERATORS = ("NEQ", "BETWEEN", "IN", "NOT_IN", *_PRESENCE, *_TOKENS)
_LEAST, _MOST = -(10**15), 10**18


def problem(detail: str) -> Refused:
    return invalid("There was a problem with the request.", errors=[{"message": detail}])


class Search:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._last: tuple[object, Sequence[int]] | None = None

    def run(self, kind: str, body: Json, size: int) -> Answer:
        options = self._account.options
        if size > options.search_body:
            raise problem(f"The query is longer than {options.search_body} characters")
        limit = body.get("limit", 10)
        if not isinstance(limit, int) or not 1 <= limit <= options.search_page:
            raise problem(f"limit must be between 1 and {options.search_page}")
        after = _offset(body.get("after"))
        if after + limit > options.search_window:
            raise problem(f"Paging beyond {options.search_window} results is not possible")
        matches = self._matches(kind, body)
        page = matches[after : after + limit]
        seen = self._account.records[kind].index.seen
        asked = [str(each) for each in body.get("properties") or []]
        total = min(len(matches), options.search_window) if options.total_capped else len(matches)
        answer: Json = {
            "total": total,
            "results": [self._account.shown(kind, seen[each], asked) for each in page],
        }
        if after + len(page) < len(matches):
            answer["paging"] = next_page(str(after + len(page)))
        return Answer(200, answer)

    def _matches(self, kind: str, body: Json) -> Sequence[int]:
        index = self._account.records[kind].index
        index.catch_up(self._account.clock.now())
        words = (body.get("filterGroups"), body.get("filters"), body.get("sorts"))
        query = (kind, index.generation, repr(words), str(body.get("query") or ""))
        if self._last is None or self._last[0] != query:
            self._last = query, self._find(kind, body)
        return self._last[1]

    def _find(self, kind: str, body: Json) -> Sequence[int]:
        seen = self._account.records[kind].index.seen
        groups = self._groups(body)
        name, descending = self._sort(kind, body.get("sorts") or [])
        found: dict[int, None] = {}
        for filters in groups or [[]]:
            candidates, bounded = self._candidates(kind, filters)
            made = [(each, self._test(kind, each)) for each in filters]
            tests = [test for each, test in made if each.get("propertyName") != bounded]
            if body.get("query"):
                tests.append(_mentions(kind, str(body["query"])))
            if not tests and len(groups) < 2 and (name, descending) == (bounded, False):
                return candidates
            found |= {each: None for each in candidates if all(test(seen[each]) for test in tests)}
        return sorted(found, key=self._order(kind, name), reverse=descending)

    def _groups(self, body: Json) -> list[list[Json]]:
        options = self._account.options
        groups = [group.get("filters") or [] for group in body.get("filterGroups") or []]
        if body.get("filters"):
            groups.append(body["filters"])
        if len(groups) > options.search_groups:
            raise problem(f"More than {options.search_groups} filterGroups")
        if any(len(group) > options.search_filters_in_group for group in groups):
            raise problem(f"More than {options.search_filters_in_group} filters in a group")
        if sum(map(len, groups)) > options.search_filters:
            raise problem(f"More than {options.search_filters} filters")
        return groups

    def _sort(self, kind: str, sorts: list[Any]) -> tuple[str, bool]:
        if not sorts:
            return OBJECTS[kind][3], False
        if len(sorts) > 1:
            raise problem("Only one sort is allowed")
        if isinstance(sorts[0], str):
            name, descending = sorts[0].removeprefix("-"), sorts[0].startswith("-")
        else:
            name = str(sorts[0].get("propertyName"))
            descending = sorts[0].get("direction") == "DESCENDING"
        self._defined(kind, name)
        return name, descending

    def _order(self, kind: str, name: str) -> Callable[[int], Any]:
        index = self._account.records[kind].index
        seen, created, modified = index.seen, OBJECTS[kind][3], OBJECTS[kind][4]
        if name == modified:
            return lambda each: index.key(seen[each])
        if name == created:
            return lambda each: (seen[each].created, index.tie(each))
        if name == "hs_object_id":
            return lambda each: each
        value = self._comparable(kind, name)

        def place(each: int) -> tuple[bool, Any, int]:
            found = value(seen[each])
            return found is None, 0 if found is None else found, index.tie(each)

        return place

    def _candidates(self, kind: str, filters: list[Json]) -> tuple[Sequence[int], str | None]:
        """The records within the bounds on the last change or the id, and which of the two."""
        index, modified = self._account.records[kind].index, OBJECTS[kind][4]
        if bounds := self._bounds(kind, filters, modified):
            return index.by_modified(*bounds), modified
        if bounds := self._bounds(kind, filters, "hs_object_id"):
            return index.by_id(*bounds), "hs_object_id"
        return index.by_id(_LEAST, _MOST), None

    def _bounds(self, kind: str, filters: list[Json], name: str) -> tuple[int, int] | None:
        """What the filters on this property leave, or None if they are more than bounds."""
        lowest, highest = _LEAST, _MOST
        named = [each for each in filters if each.get("propertyName") == name]
        for each in named:
            operator = each.get("operator")
            if operator not in (*_ORDERED, "BETWEEN"):
                return None
            value = int(self._parsed(kind, name, each.get("value")))
            high = int(self._parsed(kind, name, each.get("highValue", each.get("value"))))
            if operator in ("GT", "GTE", "EQ", "BETWEEN"):
                lowest = max(lowest, value + (operator == "GT"))
            if operator in ("LT", "LTE", "EQ", "BETWEEN"):
                highest = min(highest, high - (operator == "LT"))
        return (lowest, highest) if named else None

    def _test(self, kind: str, filtered: Json) -> Test:
        name, operator = str(filtered.get("propertyName")), str(filtered.get("operator"))
        if operator not in (*_ORDERED, *_OTHER_OPERATORS):
            raise problem(f"Unknown operator {operator}")
        if name.startswith("associations."):
            return self._associated(kind, plural(name.split(".")[1]), filtered)
        self._defined(kind, name)
        value = self._comparable(kind, name)
        if operator in _PRESENCE:
            wanted = operator == "HAS_PROPERTY"
            return lambda version: (value(version) is not None) == wanted
        if operator in ("IN", "NOT_IN"):
            values = filtered.get("values")
            if not isinstance(values, list) or not values:
                raise problem(f"{operator} needs values")
            among = {self._parsed(kind, name, each, exact=True) for each in values}
            return lambda version: (value(version) in among) == (operator == "IN")
        bound = self._parsed(kind, name, filtered.get("value"))
        if operator == "BETWEEN":
            high: Any = self._parsed(kind, name, filtered.get("highValue"))
            low: Any = bound
            return lambda version: (found := value(version)) is not None and low <= found <= high
        if operator == "NEQ":
            return lambda version: (found := value(version)) is not None and found != bound
        if operator in _TOKENS:
            holds = re.compile(re.escape(str(bound)).replace(r"\*", ".*"))
            wanted = operator == "CONTAINS_TOKEN"
            return lambda version: bool(holds.search(str(value(version) or ""))) == wanted
        compare = _ORDERED[operator]
        return lambda version: (found := value(version)) is not None and compare(found, bound)

    def _associated(self, kind: str, end: str, filtered: Json) -> Test:
        links, end_id = self._account.links, _whole(filtered.get("value"))
        if filtered.get("operator") != "EQ" or end_id is None:
            raise problem("associations are searched with EQ and an id")
        return lambda version: end_id in links.of(kind, version.id, end)

    def _defined(self, kind: str, name: str) -> None:
        if name not in self._account.schema.of(kind):
            raise problem(f"Property {name} does not exist")

    def _comparable(self, kind: str, name: str) -> Callable[[Version], Comparable | None]:
        """How a property's value is read for comparison; what can't be read matches nothing."""
        created, modified = OBJECTS[kind][3:]
        if name == "hs_object_id":
            return lambda version: version.id
        if name == created:
            return lambda version: version.created
        if name == modified:
            return lambda version: version.modified
        of_type = self._account.schema.of(kind)[name].type

        def value(version: Version) -> Comparable | None:
            text = self._account.value(kind, version, name)
            return None if text is None else stored(of_type, text)

        return value

    def _parsed(self, kind: str, name: str, value: Any, exact: bool = False) -> Comparable:
        of_type = self._account.schema.of(kind)[name].type
        if value is None or isinstance(value, dict | list | bool):
            raise problem(f"{name} needs a value")
        text = str(value)
        if of_type in ("datetime", "date"):
            whole = _whole(text)
            if whole is None and self._account.options.iso_dates_in_filters:
                whole = _instant(text)
            if whole is None:
                raise problem(f"{name} is compared with milliseconds since 1970, not {text}")
            return whole
        found = stored(of_type, text)
        if found is None:
            raise problem(f"{text} is no value for {name}")
        # Lists of texts are not folded: they have to be in lower case.
        return text if exact and of_type == "string" else found


def stored(of_type: str, text: str) -> Comparable | None:
    if of_type == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            return None
    if of_type in ("datetime", "date"):
        whole = _whole(text)
        return whole if whole is not None else _instant(text)
    return text if of_type in ("enumeration", "bool") else text.lower()


def _mentions(kind: str, words: str) -> Test:
    def test(version: Version) -> bool:
        texts = (version.properties.get(name, "") for name in SEARCHED[kind])
        return any(words.lower() in text.lower() for text in texts)

    return test


def _offset(after: Any) -> int:
    if after in (None, ""):
        return 0
    whole = _whole(after)
    if whole is None or whole < 0:
        raise problem("after must be an integer")
    return whole


def _whole(value: Any) -> int | None:
    return int(str(value)) if re.fullmatch(r"-?\d{1,19}", str(value)) else None


def _instant(text: str) -> int | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return milliseconds(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
