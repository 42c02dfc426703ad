"""Tags of a record (S3.4): short texts, equal whatever their case. A tag may name a person."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from stageline.domain.errors import Invalid

# A record is written with those that come and those that leave in one transaction.
MOST_TAGS: Final = 40
LONGEST_TAG: Final = 50

# A tag stands in an address, which gateways may have decoded: these would mean something there.
_REFUSED = re.compile(r"[\x00-\x1f\x7f/?#%\\]")


def read_tag(sent: str, where: str) -> str:
    """Return a tag as it is stored. Raises Invalid at `where`."""
    tag = " ".join(unicodedata.normalize("NFC", sent).split())
    if not 1 <= len(tag) <= LONGEST_TAG:
        raise Invalid(where, "length", f"has 1 to {LONGEST_TAG} characters")
    try:
        tag.encode()
    except UnicodeEncodeError as error:
        raise Invalid(where, "malformed", "is a text in Unicode") from error
    if _REFUSED.search(tag) or tag in (".", ".."):
        raise Invalid(where, "malformed", "has no control characters, and none of / ? # % \\")
    return tag


def read_tags(sent: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of a record, sorted, each once as it was first written. Raises Invalid."""
    return _sorted(read_tag(tag, f"tags.{number}") for number, tag in enumerate(sent))


def with_tag(tags: tuple[str, ...], tag: str) -> tuple[str, ...]:
    """Return the tags with one more; as they are when it is among them. Raises Invalid."""
    return _sorted((*tags, tag))


def without_tag(tags: tuple[str, ...], tag: str) -> tuple[str, ...]:
    return tuple(one for one in tags if folded(one) != folded(tag))


def folded(tag: str) -> str:
    """Return what equal tags have in common."""
    return unicodedata.normalize("NFKC", tag).casefold()


def _sorted(tags: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(folded(tag), tag)
    if len(kept) > MOST_TAGS:
        raise Invalid("tags", "too_many", f"are at most {MOST_TAGS}")
    return tuple(kept[key] for key in sorted(kept))
