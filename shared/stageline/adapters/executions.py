"""Verifications in Step Functions. Inputs carry ids and numbers only."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from stageline.domain.work import Work
from stageline.domain.workspace import Workspace


class StepFunctionsExecutions:
    """The port `Executions` of one workspace. Each try of a job is an execution named after it."""

    def __init__(self, client: Any, machine_arn: str, workspace: Workspace) -> None:
        self._client = client
        self._machine_arn = machine_arn
        self._workspace = workspace

    def start(self, work: Work, parts: Sequence[int]) -> None:
        asked = {"workspace": self._workspace.id, "job": work.job_id, "parts": list(parts)}
        try:
            self._client.start_execution(
                stateMachineArn=self._machine_arn, name=_name(work), input=json.dumps(asked)
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

    def state(self, work: Work) -> Literal["running", "ended", "not started"]:
        machine = self._machine_arn.replace(":stateMachine:", ":execution:")
        try:
            found = self._client.describe_execution(executionArn=f"{machine}:{_name(work)}")
        except self._client.exceptions.ExecutionDoesNotExist:
            return "not started"
        return "running" if found["status"] == "RUNNING" else "ended"


def _name(work: Work) -> str:
    return f"{work.job_id}-{work.progress['attempt']}"
