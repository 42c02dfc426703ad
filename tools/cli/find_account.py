"""Find the account that somebody means: by id, by external id, or by its exact name."""

import re
from typing import TYPE_CHECKING, Any

from tools.errors import CommandFailed

if TYPE_CHECKING:
    from tools.client import Client

_ID = re.compile(r"[0-9a-f]{32}")
SHORTEST_SEARCH = 3
MOST_NAMED = 5


def find_account(client: "Client", meant: str) -> tuple[str, str | None]:
    """Return the id, and the name when it is known. Raises CommandFailed, ApiError."""
    if _ID.fullmatch(meant):
        return meant, None
    found = _with_external_id(client, meant) or _with_name(client, meant)
    if not found:
        raise CommandFailed(
            f"no account has the id, external id or name {meant!r}: `stageline accounts --q …` "
            f"searches by the beginning of a word"
        )
    if len(found) > 1:
        ids = ", ".join(item["id"] for item in found[:MOST_NAMED])
        raise CommandFailed(f"{len(found)} accounts are called {meant!r}; give one's id: {ids}")
    return found[0]["id"], found[0]["name"]


def _with_external_id(client: "Client", meant: str) -> list[dict[str, Any]]:
    return _all(client, external_id=meant)


def _with_name(client: "Client", meant: str) -> list[dict[str, Any]]:
    words = re.findall(r"\w+", meant)
    longest = max(words, key=len, default="")
    if len(longest) < SHORTEST_SEARCH:
        raise CommandFailed(f"{meant!r} is no id, and too short to search for: give the id")
    return [item for item in _all(client, q=longest) if _same(item["name"], meant)]


def _all(client: "Client", **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = client.get("/v1/accounts", limit=200, cursor=cursor, **query)
        items += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return items


def _same(name: str, meant: str) -> bool:
    return " ".join(name.split()).casefold() == " ".join(meant.split()).casefold()
