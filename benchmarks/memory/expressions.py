"""The part of DynamoDB's expressions that the adapters use, compiled once for each text.

Conditions: comparisons, BETWEEN, attribute_exists, attribute_not_exists, begins_with, AND, OR, NOT,
parentheses. Updates: SET (with if_not_exists), ADD and REMOVE of top-level attributes.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

type Item = Mapping[str, Any]
type Values = Mapping[str, Any]
type Names = Mapping[str, str]
type Condition = Callable[[Item, Values, Names], bool]
type Operand = Callable[[Item, Values, Names], Any]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+-]|[#:]?\w+)")
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": eq,
    "<>": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_CLAUSE = re.compile(r"\b(SET|ADD|REMOVE|DELETE)\b")


class NotUnderstood(ValueError):
    """An expression of a kind that no adapter used when this was written."""


@cache
def condition(text: str) -> Condition:
    """Return the condition as a function. Raises NotUnderstood."""
    parser = _Parser(_tokens(text))
    parsed = parser.either()
    if parser.tokens:
        raise NotUnderstood(text)
    return parsed


def updated(item: Item, text: str, values: Values, names: Names) -> dict[str, Any]:
    """Return the item as it is after an update. Raises NotUnderstood."""
    after = dict(item)
    for clause, *body in _clauses(text):
        for action in body:
            match clause:
                case "SET":
                    target, _, source = action.partition("=")
                    after[_name(target, names)] = _source(source)(item, values, names)
                case "ADD":
                    target, value = action.split()
                    name = _name(target, names)
                    sum_ = Decimal(values[value]["N"]) + Decimal(item.get(name, {"N": "0"})["N"])
                    after[name] = {"N": str(sum_)}
                case "REMOVE":
                    after.pop(_name(action, names), None)
                case _:
                    raise NotUnderstood(text)
    return after


@cache
def _clauses(text: str) -> tuple[tuple[str, ...], ...]:
    parts = _CLAUSE.split(text)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple((clause, *_split(body)) for clause, body in pairs)


def _split(body: str) -> list[str]:
    """Split at the commas that stand in no parentheses."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", body)]


@cache
def _source(text: str) -> Operand:
    parser = _Parser(_tokens(text))
    if parser.tokens[:2] == ["if_not_exists", "("]:
        name, otherwise = parser.tokens[2], parser.tokens[4]
        if len(parser.tokens) != 6:
            raise NotUnderstood(text)
        return lambda item, values, names: item.get(_name(name, names), values[otherwise])
    found = parser.tokens
    if len(found) != 1:
        raise NotUnderstood(text)
    return _stored(found[0])


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def either(self) -> Condition:
        left = self.both()
        while self._took("OR"):
            left = _or(left, self.both())
        return left

    def both(self) -> Condition:
        left = self.one()
        while self._took("AND"):
            left = _and(left, self.one())
        return left

    def one(self) -> Condition:
        if self._took("NOT"):
            inner = self.one()
            return lambda item, values, names: not inner(item, values, names)
        if self._took("("):
            inner = self.either()
            self._take(")")
            return inner
        first = self.tokens.pop(0)
        match first:
            case "attribute_exists" | "attribute_not_exists":
                (name,) = self._arguments()
                exists = first == "attribute_exists"
                return lambda item, values, names: (_name(name, names) in item) is exists
            case "begins_with":
                name, prefix = self._arguments()
                return lambda item, values, names: (
                    item.get(_name(name, names), {}).get("S", "").startswith(values[prefix]["S"])
                )
        left = _comparable(first)
        if self._took("BETWEEN"):
            low = _comparable(self.tokens.pop(0))
            self._take("AND")
            high = _comparable(self.tokens.pop(0))
            return _and(_compared(ge, left, low), _compared(le, left, high))
        sign = self.tokens.pop(0)
        if sign not in _COMPARISONS:
            raise NotUnderstood(sign)
        return _compared(_COMPARISONS[sign], left, _comparable(self.tokens.pop(0)))

    def _arguments(self) -> list[str]:
        self._take("(")
        found = []
        while not self._took(")"):
            if (token := self.tokens.pop(0)) != ",":
                found.append(token)
        return found

    def _took(self, token: str) -> bool:
        if self.tokens[:1] != [token]:
            return False
        del self.tokens[0]
        return True

    def _take(self, token: str) -> None:
        if not self._took(token):
            raise NotUnderstood(f"no {token}")


def _tokens(text: str) -> list[str]:
    found = _TOKEN.findall(text)
    if "".join(found) != re.sub(r"\s", "", text):
        raise NotUnderstood(text)
    return found


def _or(left: Condition, right: Condition) -> Condition:
    return lambda item, values, names: left(item, values, names) or right(item, values, names)


def _and(left: Condition, right: Condition) -> Condition:
    return lambda item, values, names: left(item, values, names) and right(item, values, names)


def _compared(how: Callable[[Any, Any], bool], left: Operand, right: Operand) -> Condition:
    def compared(item: Item, values: Values, names: Names) -> bool:
        one, other = left(item, values, names), right(item, values, names)
        # Nothing compares with an attribute that is not there, or with one of another kind.
        return one is not None and other is not None and one[0] == other[0] and how(one, other)

    return compared


def _comparable(token: str) -> Operand:
    stored = _stored(token)

    def comparable(item: Item, values: Values, names: Names) -> Any:
        value = stored(item, values, names)
        if value is None:
            return None
        ((kind, inner),) = value.items()
        return kind, Decimal(inner) if kind == "N" else inner

    return comparable


def _stored(token: str) -> Operand:
    if token.startswith(":"):
        return lambda item, values, names: values[token]
    return lambda item, values, names: item.get(_name(token, names))


def _name(token: str, names: Names) -> str:
    token = token.strip()
    return names[token] if token.startswith("#") else token
