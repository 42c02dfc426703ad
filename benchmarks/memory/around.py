"""What botocore puts around its clients, as far as it is used: paginators, and listeners."""

from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any


class Paginator:
    def __init__(self, operation: Callable[..., dict[str, Any]]) -> None:
        self._operation = operation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        while True:
            answer = self._operation(**request)
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


class Listeners:
    """Botocore's events, as far as tests listen to them: told of each request before it is made."""

    def __init__(self) -> None:
        self._told: dict[str, Callable[..., None]] = {}

    def register(self, name: str, listener: Callable[..., None], unique_id: str) -> None:
        assert name == "before-parameter-build.dynamodb", name
        self._told[unique_id] = listener

    def unregister(self, name: str, unique_id: str) -> None:
        self._told.pop(unique_id, None)

    def tell(self, name: str, request: Mapping[str, Any]) -> None:
        for listener in list(self._told.values()):
            listener(params=request, model=SimpleNamespace(name=name))
