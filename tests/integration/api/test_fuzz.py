"""Every route of the API's document, as every role, with whatever the document lets one send.

Answers fit the document, none says that something broke, what the document forbids is refused, and
a creating call that comes again with its key gets its answer again. FUZZ_ROUNDS says how long to
search; each round has a table of its own, since moto copies all of it in each transaction.
"""

import os
from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

from api.routing import ROUTES
from stageline.domain.principal import ROLES
from tests.api_gateway import Gateway
from tools.openapi import document

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "1"))
SEARCHED = settings(
    # So many requests of the allowed kind for a route, and of the forbidden kind, by each role.
    max_examples=4 if ROUNDS == 1 else 15,
    deadline=None,
    database=None,
    derandomize=ROUNDS == 1,
    # What is stored differs from one time to the next, so a smaller example would say nothing.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = {
    "negative_data_rejection": {"expected-statuses": ["4xx"]},
    # There are rules that no schema says: a deal that is won has a day.
    "positive_data_acceptance": {"enabled": False},
}
# The gateway looks at tokens, not the function.
DOCUMENT = {name: part for name, part in document().items() if name != "security"}
# Those that create come first, those that remove last.
ORDER = ("POST", "PUT", "PATCH", "GET", "DELETE")


class Fuzzer:
    """Sends what is made up, mostly about records that are there."""

    def __init__(self, deployed: Any) -> None:
        self._callers = {str(role): deployed.caller(role) for role in ROLES}
        self._workspace = deployed.workspace.id
        self._gateway = Gateway(self._callers["admin"])
        self.made: dict[str, list[str]] = defaultdict(list)
        config = SchemathesisConfig.from_dict({"checks": CHECKS})
        schema: Any = schemathesis.openapi.from_dict(DOCUMENT, config=config)
        schema.app = self._gateway
        self.operations = [found.ok() for found in schema.get_all_operations()]

    def search(self, operation: Any, mode: GenerationMode, *roles: str) -> None:
        @SEARCHED
        @given(operation.as_strategy(mode), st.integers(0, 2**16))
        def send(case: Case[Any], number: int) -> None:
            if number % 8:
                self._name_what_is_there(case, number)
            for role in roles:
                self._gateway.caller = self._callers[role]
                try:
                    self._check(case, mode)
                except BaseException as error:
                    error.add_note(f"as {role}")
                    raise

        with suppress(Unsatisfiable):
            # There may be nothing to forbid.
            send()

    def _check(self, case: Case[Any], mode: GenerationMode) -> None:
        reply = case.call()
        # It takes what a path says as it is sent: escaped.
        passed_over: list[Any] = (
            [negative_data_rejection] if mode == GenerationMode.POSITIVE else []
        )
        case.validate_response(reply, excluded_checks=passed_over)
        if reply.status_code >= 300 or case.method == "GET":
            return
        for location in reply.headers.get("location", ()):
            *_, kind, made = location.split("/")
            self.made[kind].append(made)
        if "Idempotency-Key" in case.headers:
            again = case.call()
            assert again.status_code == reply.status_code
            assert again.json().get("id") == reply.json().get("id")

    def _name_what_is_there(self, case: Case[Any], number: int) -> None:
        """Name ids, tags and the workspace as they are, except in what is to be refused."""

        def is_fine(location: ParameterLocation) -> bool:
            part = case.meta.components.get(location) if case.meta else None
            return part is not None and part.mode == GenerationMode.POSITIVE

        if is_fine(ParameterLocation.PATH) and "id" in case.path_parameters:
            steps = case.path.split("/")
            kind = steps[steps.index("{id}") - 1]
            case.path_parameters["id"] = self._one(kind, number) or case.path_parameters["id"]
        if is_fine(ParameterLocation.HEADER):
            if "Stageline-Workspace" in case.headers:
                case.headers["Stageline-Workspace"] = self._workspace
            if "If-Match" in case.headers:
                case.headers["If-Match"] = "*" if number % 3 else '"1"'
        if is_fine(ParameterLocation.QUERY):
            case.query.pop("cursor", None)
        if is_fine(ParameterLocation.BODY) and isinstance(case.body, dict):
            for name, value in case.body.items():
                if name.endswith("_id") and value is not None:
                    case.body[name] = self._one(f"{name.removesuffix('_id')}s", number) or value
                elif name.endswith("_ids") and isinstance(value, list):
                    one = self._one(f"{name.removesuffix('_ids')}s", number)
                    case.body[name] = [one] if one else value

    def _one(self, kind: str, number: int) -> str | None:
        """Return the id of a record, of this kind if there are any."""
        ids = self.made.get(kind) or [one for ids in self.made.values() for one in ids]
        return ids[number % len(ids)] if ids else None


@pytest.mark.parametrize("round", range(ROUNDS))
def test_no_request_breaks_the_api(deployed, subtests, round):
    fuzzer = Fuzzer(deployed)
    operations = sorted(fuzzer.operations, key=lambda one: ORDER.index(one.method.upper()))
    assert len(operations) == len(ROUTES)
    for operation in operations:
        if operation.method == "get" and "{" not in operation.path:
            deployed.settle(*fuzzer.made["accounts"])
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with subtests.test(operation.label, mode=mode.value):
                fuzzer.search(operation, mode, *ROLES)
