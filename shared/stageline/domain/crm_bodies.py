"""What the body of a CRM's answer holds, or that it cannot be read."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_messages import Media

# What reading JSON raises: Decimal and deep nesting have errors of their own.
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)
# And what looking for something in it does.
OF_ANOTHER_FORM = (*_UNREADABLE, LookupError, TypeError, AttributeError)


def parsed(body: bytes) -> Any:
    """Return JSON with numbers as int and Decimal. Raises one of OF_ANOTHER_FORM."""
    return json.loads(body, parse_float=Decimal, parse_constant=_no_number)


@contextmanager
def as_documented() -> Iterator[None]:
    """Look into an answer: what is not there as documented raises CrmUnavailable."""
    try:
        yield
    except OF_ANOTHER_FORM:
        raise CrmUnavailable("the CRM gave an answer of another form") from None


def decoded(media: Media, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return what a good answer holds. Raises CrmUnavailable."""
    if media is None or status == 204:
        return None
    try:
        if media == "json":
            return parsed(body)
        if not {"content-length", "transfer-encoding"} & headers.keys():
            # Only its length tells a text from one that was cut off.
            raise CrmUnavailable("the CRM's answer has no length")
        if "html" in headers.get("content-type", ""):
            raise CrmUnavailable("the CRM answers with a page for people")
        return body.decode()
    except _UNREADABLE:
        raise CrmUnavailable("the CRM's answer is cut off or not what it should be") from None


def _no_number(_text: str) -> None:
    raise ValueError("no JSON")
