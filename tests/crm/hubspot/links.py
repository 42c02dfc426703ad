"""Associations between records: in both directions, each with its type ids."""

from collections.abc import Iterable

from tests.crm.hubspot.answers import invalid
from tests.crm.hubspot.schema import singular

_LABELS = {
    1: "Primary",
    2: "Contact with Primary Company",
    5: "Primary",
    6: "Deal with Primary Company",
    13: "Child Company",
    14: "Parent Company",
}
# from, to, the types of the first direction and, in the same order, those of the second
_PAIRS = (
    ("contacts", "companies", (279, 1), (280, 2)),
    ("deals", "companies", (341, 5), (342, 6)),
    ("deals", "contacts", (3,), (4,)),
    ("companies", "companies", (450, 13, 14), (450, 14, 13)),
    ("calls", "contacts", (194,), (193,)),
    ("calls", "companies", (182,), (181,)),
    ("calls", "deals", (206,), (205,)),
    ("emails", "contacts", (198,), (197,)),
    ("emails", "companies", (186,), (185,)),
    ("emails", "deals", (210,), (209,)),
    ("meetings", "contacts", (200,), (199,)),
    ("meetings", "companies", (188,), (187,)),
    ("meetings", "deals", (212,), (211,)),
    ("notes", "contacts", (202,), (201,)),
    ("notes", "companies", (190,), (189,)),
    ("notes", "deals", (214,), (213,)),
    ("tasks", "contacts", (204,), (203,)),
    ("tasks", "companies", (192,), (191,)),
    ("tasks", "deals", (216,), (215,)),
)
_NAMES = {13: "parent_to_child_company", 14: "child_to_parent_company"}
_UNLABELED = {279, 280, 341, 342}
PRIMARY_COMPANY, PARENT_COMPANY = 1, 14

type Pair = tuple[str, str]


def _reverses() -> dict[Pair, dict[int, int]]:
    found: dict[Pair, dict[int, int]] = {}
    for start, end, there, back in _PAIRS:
        found[start, end] = dict(zip(there, back, strict=True))
        found[end, start] = dict(zip(back, there, strict=True))
    return found


REVERSES = _reverses()


def default_type(start: str, end: str) -> int:
    """The most generic type of the pair."""
    return next(iter(_types(start, end)))


def label(type_id: int) -> str | None:
    return _LABELS.get(type_id)


def type_name(start: str, end: str, type_id: int) -> str:
    name = f"{singular(start)}_to_{singular(end)}"
    return _NAMES.get(type_id, f"{name}_unlabeled" if type_id in _UNLABELED else name)


def _types(start: str, end: str) -> dict[int, int]:
    if (start, end) not in REVERSES:
        raise invalid(f"{singular(start)} and {singular(end)} can't be associated")
    return REVERSES[start, end]


class Links:
    def __init__(self) -> None:
        self._of: dict[Pair, dict[int, dict[int, list[int]]]] = {pair: {} for pair in REVERSES}

    def add(self, start: str, start_id: int, end: str, end_id: int, type_id: int) -> None:
        types = _types(start, end)
        if type_id not in types:
            raise invalid(f"association type id {type_id} doesn't exist between {start} and {end}")
        wanted = [type_id]
        if label(type_id) and default_type(start, end) in _UNLABELED:
            wanted.append(default_type(start, end))
        for each in wanted:
            self._put((start, end), start_id, end_id, each)
            self._put((end, start), end_id, start_id, types[each])

    def _put(self, pair: Pair, start_id: int, end_id: int, type_id: int) -> None:
        held = self._of[pair].setdefault(start_id, {}).setdefault(end_id, [])
        if type_id not in held:
            held.append(type_id)

    def remove(self, start: str, start_id: int, end: str, end_id: int) -> None:
        self._of[start, end].get(start_id, {}).pop(end_id, None)
        self._of[end, start].get(end_id, {}).pop(start_id, None)

    def of(self, start: str, start_id: int, end: str) -> dict[int, list[int]]:
        """Type ids by the id at the other end, in the order of the ids."""
        return dict(sorted(self._of.get((start, end), {}).get(start_id, {}).items()))

    def typed(self, start: str, start_id: int, end: str, type_id: int) -> Iterable[int]:
        held = self._of[start, end].get(start_id)
        return [end_id for end_id, types in held.items() if type_id in types] if held else ()

    def move(self, kind: str, from_id: int, to_id: int) -> None:
        for start, end in list(REVERSES):
            if start == kind:
                for end_id, types in self._of[start, end].pop(from_id, {}).items():
                    self._of[end, start].get(end_id, {}).pop(from_id, None)
                    if end_id != to_id or start != end:
                        for type_id in types:
                            self._put((start, end), to_id, end_id, type_id)
                            self._put((end, start), end_id, to_id, REVERSES[start, end][type_id])

    def drop(self, kind: str, record_id: int) -> None:
        for start, end in REVERSES:
            if start == kind:
                for end_id in self._of[start, end].pop(record_id, {}):
                    self._of[end, start].get(end_id, {}).pop(record_id, None)
