"""The gateway in front of the API's handler, as a WSGI application: for tools that speak HTTP."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from api import app
from tests.api_client import ApiClient

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Gateway:
    """Passes on what `caller` sends, with their token."""

    def __init__(self, caller: ApiClient) -> None:
        self.caller = caller

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        reply = app.handler(self._event(environ), LambdaContext())
        status = HTTPStatus(reply["statusCode"])
        start(f"{status.value} {status.phrase}", list(reply.get("headers", {}).items()))
        return [(reply.get("body") or "").encode()]

    def _event(self, environ: "WSGIEnvironment") -> dict[str, Any]:
        # WSGI passes bytes as latin-1.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        raw = sent or None
        event = self.caller.event(environ["REQUEST_METHOD"], path, raw=raw, headers=headers)
        return event | {"rawQueryString": environ.get("QUERY_STRING", "")}
