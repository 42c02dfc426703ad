"""Keys of erasure requests; the design is in the docstring of `keys`."""

from stageline.adapters.dynamodb.keys import Key
from stageline.domain.workspace import Workspace

PART_PREFIX = "PART#"
READ_PREFIX = "READ#"
COMMAND_PREFIX = "CRM#"


def request_partition(workspace: Workspace, request_id: str) -> str:
    return f"{workspace.id}#PR#{request_id}"


def request_key(workspace: Workspace, request_id: str) -> Key:
    return {"PK": request_partition(workspace, request_id), "SK": "REQUEST"}


def requests_partition(workspace: Workspace) -> str:
    return f"{workspace.id}#PR"


def due_requests_partition(workspace: Workspace) -> str:
    return f"{workspace.id}#PD"


def request_indexes(
    workspace: Workspace, request_id: str, requested_at: str, next_at: str | None
) -> Key:
    """`next_at` None: the tick has nothing to do about it."""
    keys = {
        "GSI1PK": requests_partition(workspace),
        "GSI1SK": f"{requested_at}#{request_id}",
    }
    if next_at is not None:
        keys["GSI2PK"] = due_requests_partition(workspace)
        keys["GSI2SK"] = f"{next_at}#{request_id}"
    return keys


def part_key(workspace: Workspace, request_id: str, number: int) -> Key:
    return {
        "PK": request_partition(workspace, request_id),
        "SK": f"{PART_PREFIX}{number:06d}",
    }


def more_key(workspace: Workspace, request_id: str, number: int, more: int) -> Key:
    return {
        "PK": request_partition(workspace, request_id),
        "SK": f"MORE#{number:06d}#{more:04d}",
    }


def done_prefix(step: str, round_: int) -> str:
    return f"DONE#{step}#{round_:06d}#"


def done_key(workspace: Workspace, request_id: str, step: str, round_: int, number: int) -> Key:
    return {
        "PK": request_partition(workspace, request_id),
        "SK": f"{done_prefix(step, round_)}{number:06d}",
    }


def read_key(workspace: Workspace, request_id: str, number: int) -> Key:
    return {
        "PK": request_partition(workspace, request_id),
        "SK": f"{READ_PREFIX}{number:06d}",
    }


def command_key(workspace: Workspace, request_id: str, write_id: str) -> Key:
    return {
        "PK": request_partition(workspace, request_id),
        "SK": f"{COMMAND_PREFIX}{write_id}",
    }
