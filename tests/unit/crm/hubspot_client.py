"""The least HTTP client that can talk to the fake."""

import json
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.crm.hubspot import HubSpot


class Reply(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


class Client:
    def __init__(self, crm: HubSpot) -> None:
        self._connection = HTTPConnection(urlsplit(crm.url).netloc, timeout=5)
        self.token = crm.token

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, **query: object) -> Reply:
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: object) -> Reply:
        return self._send("POST", path, json.dumps(body))

    def patch(self, path: str, body: object) -> Reply:
        return self._send("PATCH", path, json.dumps(body))

    def put(self, path: str) -> Reply:
        return self._send("PUT", path, None)

    def delete(self, path: str) -> Reply:
        return self._send("DELETE", path, None)

    def search(self, kind: str, *filters: tuple[str, str, object], **more: object) -> Reply:
        """One group of filters: name, operator, value."""
        group = [
            {"propertyName": name, "operator": operator, "value": value}
            for name, operator, value in filters
        ]
        body = {"filterGroups": [{"filters": group}] if group else [], **more}
        return self.post(f"/crm/v3/objects/{kind}/search", body)

    def sign_in(self, **form: str) -> Reply:
        content_type = "application/x-www-form-urlencoded"
        return self._send("POST", "/oauth/v1/token", urlencode(form), content_type)

    def _send(
        self, method: str, path: str, content: str | None, content_type: str = "application/json"
    ) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        self._connection.request(method, path, content, headers)
        with self._connection.getresponse() as answer:
            payload = answer.read()
        is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
        body = json.loads(payload) if payload and is_json else payload.decode()
        return Reply(answer.status, body, dict(answer.headers))


def ids(reply: Reply) -> list[str]:
    return [each["id"] for each in reply.body["results"]]
