"""The API's own document, as `make openapi` wrote it: for programs, and as a page for people."""

from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

_FOLDER = Path(__file__).parents[1]
_NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def openapi() -> Response[str]:
    return _file("openapi.json", "application/json", {"Access-Control-Allow-Origin": "*"})


def docs() -> Response[str]:
    headers = {"Content-Security-Policy": _NO_SCRIPTS}
    return _file("docs.html", "text/html; charset=utf-8", headers)


def _file(name: str, content_type: str, headers: dict[str, str]) -> Response[str]:
    headers = {
        "Cache-Control": "public, max-age=300",
        "X-Content-Type-Options": "nosniff",
    } | headers
    return Response(
        status_code=200, content_type=content_type, body=_text(name), headers=dict(headers)
    )


@cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")
