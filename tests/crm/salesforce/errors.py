"""Errors as the API words them: a JSON array of objects with errorCode and message."""

from typing import Any


class Refusal(Exception):
    def __init__(
        self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def body(self) -> list[dict[str, Any]]:
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]

    def in_collection(self) -> dict[str, Any]:
        """The same in an answer of sObject collections."""
        return {
            "statusCode": self.code,
            "message": self.message,
            "fields": list(self.fields or ()),
        }


def malformed_query(message: str) -> Refusal:
    return Refusal(400, "MALFORMED_QUERY", message)


def invalid_field(message: str) -> Refusal:
    return Refusal(400, "INVALID_FIELD", message)


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    return Refusal(404, "NOT_FOUND", message)


def entity_is_deleted() -> Refusal:
    return Refusal(404, "ENTITY_IS_DELETED", "entity is deleted")


def beyond_this_fake(what: str) -> Refusal:
    """Salesforce may well know it; the fake does not, and a test must not take that for a no."""
    return Refusal(501, "BEYOND_THIS_FAKE", what)
