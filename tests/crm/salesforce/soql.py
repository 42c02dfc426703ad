"""SOQL as text: the clauses of a SELECT, and what is malformed."""

import re
from dataclasses import dataclass
from typing import NoReturn

from tests.crm.salesforce.errors import beyond_this_fake, malformed_query

_TOKEN = re.compile(
    r"""(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)(?![\dT])
    | (?P<number>[+-]?\d+(?:\.\d+)?)(?![\w-])
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    | (?P<mark><=|>=|!=|<>|[=<>(),])""",
    re.X,
)
_SPACE = re.compile(r"\s*")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.S)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_UNKNOWN = {"group", "having", "offset", "with", "for", "using", "typeof", "update"}
OPERATORS = {"=", "!=", "<>", "<", "<=", ">", ">="}


@dataclass(frozen=True, slots=True)
class Literal:
    # string, number, date, datetime, boolean or null
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Compare:
    field: str
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


type Condition = Compare | Both | Either | Not


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Select:
    # Empty for COUNT(), which answers with the size alone.
    fields: tuple[str, ...]
    table: str
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    counted: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def parse(text: str) -> Select:
    return _Parser(_tokens(text)).select()


def _tokens(text: str) -> list[_Token]:
    found = []
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise malformed_query(f"unexpected token: '{text[at : at + 20].split()[0]}'")
        found.append(_Token(match.lastgroup or "", match.group()))
        at = _SPACE.match(text, match.end()).end()  # type: ignore[union-attr]
    return found


def _unquoted(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        sign = match.group(1)
        if sign in _ESCAPES:
            return _ESCAPES[sign]
        if len(sign) == 5:
            return chr(int(sign[1:], 16))
        if sign in "'\"\\":
            return sign
        if sign in "%_":
            # Only LIKE minds these.
            return "\\" + sign
        raise malformed_query(f"Invalid string literal {text}. Illegal character sequence")

    return _ESCAPE.sub(plain, text[1:-1])


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def select(self) -> Select:
        self._word("select")
        fields, counted = self._fields()
        self._word("from")
        table = self._take("name")
        if self._is("mark", ","):
            raise beyond_this_fake("several objects in FROM")
        where = self._condition() if self._skip("where") else None
        order: list[Order] = []
        if self._skip("order"):
            self._word("by")
            order.append(self._order())
            while self._mark(","):
                order.append(self._order())
        limit = int(self._take("number")) if self._skip("limit") else None
        if self._at < len(self._tokens):
            self._unexpected()
        return Select(fields, table, where, tuple(order), limit, counted)

    def _fields(self) -> tuple[tuple[str, ...], str | None]:
        name = self._item()
        if self._mark("("):
            if name.lower() != "count":
                raise beyond_this_fake(f"{name}() in SELECT")
            counted = "" if self._is("mark", ")") else self._item()
            self._close()
            if self._is("mark", ","):
                raise beyond_this_fake("COUNT beside other fields")
            return (), counted
        fields = [name]
        while self._mark(","):
            fields.append(self._item())
            if self._is("mark", "("):
                raise beyond_this_fake(f"{fields[-1]}() in SELECT")
        return tuple(fields), None

    def _item(self) -> str:
        if self._is("mark", "("):
            raise beyond_this_fake("subqueries in SELECT")
        return self._take("name")

    def _condition(self) -> Condition:
        """AND and OR are mixed in parentheses only."""
        parts = [self._term()]
        word = next((word for word in ("and", "or") if self._is("name", word)), None)
        while word and self._skip(word):
            parts.append(self._term())
        if word and (self._is("name", "and") or self._is("name", "or")):
            self._unexpected()
        if word is None:
            return parts[0]
        return Both(tuple(parts)) if word == "and" else Either(tuple(parts))

    def _term(self) -> Condition:
        if self._skip("not"):
            return Not(self._term())
        if self._mark("("):
            inside = self._condition()
            self._close()
            return inside
        field = self._take("name")
        if self._is("mark", "("):
            raise beyond_this_fake(f"{field}() in WHERE")
        if self._skip("not"):
            self._word("in")
            return Compare(field, "not in", self._list())
        if self._skip("in"):
            return Compare(field, "in", self._list())
        if self._skip("like"):
            return Compare(field, "like", (self._literal(),))
        if self._is("name", "includes") or self._is("name", "excludes"):
            raise beyond_this_fake("multi-select picklists")
        operator = self._take("mark")
        if operator not in OPERATORS:
            self._at -= 1
            self._unexpected()
        return Compare(field, "!=" if operator == "<>" else operator, (self._literal(),))

    def _list(self) -> tuple[Literal, ...]:
        if not self._mark("("):
            self._unexpected()
        if self._is("name", "select"):
            raise beyond_this_fake("semi-joins")
        found = [self._literal()]
        while self._mark(","):
            found.append(self._literal())
        self._close()
        return tuple(found)

    def _literal(self) -> Literal:
        if self._at == len(self._tokens):
            self._unexpected()
        token = self._tokens[self._at]
        if token.kind == "mark":
            self._unexpected()
        self._at += 1
        if token.kind == "string":
            return Literal("string", _unquoted(token.text))
        if token.kind != "name":
            return Literal(token.kind, token.text)
        word = token.text.lower()
        if word in ("true", "false"):
            return Literal("boolean", word)
        if word == "null":
            return Literal("null", word)
        if re.fullmatch(r"[A-Z]+(_[A-Z]+)+|TODAY|YESTERDAY|TOMORROW", token.text):
            raise beyond_this_fake(f"the date literal {token.text}")
        self._at -= 1
        self._unexpected()

    def _order(self) -> Order:
        field = self._take("name")
        descending = self._skip("desc") or (self._skip("asc") and False)
        nulls_last = False
        if self._skip("nulls"):
            nulls_last = self._skip("last")
            if not nulls_last:
                self._word("first")
        return Order(field, descending, nulls_last)

    def _is(self, kind: str, text: str) -> bool:
        if self._at == len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.kind == kind and token.text.lower() == text

    def _skip(self, word: str) -> bool:
        found = self._is("name", word)
        self._at += found
        return found

    def _mark(self, mark: str) -> bool:
        found = self._is("mark", mark)
        self._at += found
        return found

    def _word(self, word: str) -> None:
        if not self._skip(word):
            self._unexpected()

    def _close(self) -> None:
        if not self._mark(")"):
            self._unexpected()

    def _take(self, kind: str) -> str:
        if self._at == len(self._tokens) or self._tokens[self._at].kind != kind:
            self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1].text

    def _unexpected(self) -> NoReturn:
        if self._at == len(self._tokens):
            raise malformed_query("unexpected token: '<EOF>'")
        text = self._tokens[self._at].text
        if text.lower() in _UNKNOWN:
            raise beyond_this_fake(text)
        raise malformed_query(f"unexpected token: '{text}'")
