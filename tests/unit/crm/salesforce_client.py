"""The smallest client: it asks and shows what comes back."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.crm.salesforce import Salesforce

DATA = "/services/data/v62.0"


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> tuple[int, str]:
        [first] = self.json
        return self.status, first["errorCode"]


@dataclass(slots=True)
class Client:
    crm: Salesforce
    headers: dict[str, str] = field(default_factory=dict)

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {**self.headers, **(headers or {})}
        data = body if isinstance(body, bytes) else None
        if body is not None and data is None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = HTTPConnection(urlsplit(self.crm.url).netloc, timeout=5)
        try:
            connection.request(method, path, body=data, headers=sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def get(self, path: str, headers: dict[str, str] | None = None, **params: str) -> Answer:
        query = "?" + urlencode(params, quote_via=quote) if params else ""
        return self.send("GET", f"{DATA}/{path}{query}", headers=headers)

    def post(self, path: str, body: object) -> Answer:
        return self.send("POST", f"{DATA}/{path}", body)

    def patch(self, path: str, body: object) -> Answer:
        return self.send("PATCH", f"{DATA}/{path}", body)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", f"{DATA}/{path}")

    def query(self, text: str, *, path: str = "query", batch: int | None = None) -> Answer:
        headers = {"Sforce-Query-Options": f"batchSize={batch}"} if batch else None
        return self.get(path, headers, q=text)

    def rows(self, text: str, path: str = "query") -> list[dict[str, Any]]:
        answer = self.query(text, path=path)
        assert answer.status == 200, answer.json
        return [_bare(record) for record in answer.json["records"]]

    def names(self, text: str, path: str = "query") -> list[str]:
        return [row["Name"] for row in self.rows(text, path)]

    def grant(self, **form: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", "/services/oauth2/token", urlencode(form).encode(), kind)

    def sign_in(self) -> "Client":
        app = self.crm.app
        answer = self.grant(
            grant_type="client_credentials",
            client_id=app.consumer_key,
            client_secret=app.consumer_secret,
        )
        self.headers["Authorization"] = f"Bearer {answer.json['access_token']}"
        return self


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _bare(value) if isinstance(value, dict) else value
        for name, value in record.items()
        if name != "attributes"
    }
