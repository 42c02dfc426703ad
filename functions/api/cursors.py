"""Cursors: where a page ended, signed for one caller, workspace and query."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from api.refusals import CursorInvalid
from stageline.domain.ids import Identities

type Place = Sequence[str | int]


def make_cursor(identities: Identities, subject: str, query: str, place: Place) -> str:
    """Return an opaque cursor. `query` says what is listed: the address and its parameters."""
    text = json.dumps(list(place), ensure_ascii=False, separators=(",", ":"))
    return _cursor(identities, subject, query, text)


def read_cursor(identities: Identities, subject: str, query: str, cursor: str) -> Place:
    """Return the place of a cursor. Raises CursorInvalid unless all of it is as it was made."""
    encoded = cursor.partition(".")[0]
    try:
        text = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError as error:
        raise CursorInvalid from error
    # Made anew, because decoding overlooks some changes.
    expected = _cursor(identities, subject, query, text)
    if not hmac.compare_digest(expected.encode(), cursor.encode()):
        raise CursorInvalid
    place: Place = json.loads(text)
    return place


def _cursor(identities: Identities, subject: str, query: str, text: str) -> str:
    signature = identities.sign(json.dumps(["cursor", subject, query, text]))
    return f"{urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{signature}"
