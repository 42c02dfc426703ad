"""Keys of contacts, activities and tasks; the design is in the docstring of `keys`."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from stageline.adapters.dynamodb.keys import Key, shard_of
from stageline.domain.search import sort_name
from stageline.domain.workspace import Workspace

CONTACT_SORT = "CONTACT"
LINK_PREFIX = "CON#"
ACTIVITY_PREFIX = "ACT#"
TASK_PREFIX = "TASK#"
GONE_PREFIX = "GONE#"
OPEN_TASK_PREFIX = f"{TASK_PREFIX}0#"

LEAD, WITH_ACCOUNT = "0", "1"


def contact_partition(workspace: Workspace, contact_id: str) -> str:
    return f"{workspace.id}#K#{contact_id}"


def deal_partition(workspace: Workspace, deal_id: str) -> str:
    """Where lies what belongs to a deal and stays there when the deal gets another account."""
    return f"{workspace.id}#D#{deal_id}"


def contact_key(workspace: Workspace, contact_id: str) -> Key:
    return {"PK": contact_partition(workspace, contact_id), "SK": CONTACT_SORT}


def open_erasure_key(workspace: Workspace, contact_id: str) -> Key:
    """Is there from the request to erase a contact until that is decided and done.

    It has the contact as `id` and the request as `request`.
    """
    return {"PK": contact_partition(workspace, contact_id), "SK": "ERASURE"}


def contacts_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#CN#{shard}"


def deleted_contacts_index(workspace: Workspace, contact_id: str) -> Key:
    """What was done with a deleted contact stays with it: by this it is found."""
    partition = deleted_contacts_partition(workspace, shard_of(contact_id))
    return {"GSI1PK": partition, "GSI1SK": contact_id}


def deleted_contacts_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#CX#{shard}"


def contacts_of_owner_partition(workspace: Workspace, owner: str) -> str:
    """`owner` is the keyed hash of the owner's address, or "-" for contacts without an owner."""
    return f"{workspace.id}#CO#{owner}"


def contacts_by_age_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#CG#{shard}"


def age_place(gdpr_date: datetime, contact_id: str) -> str:
    return f"{time_text(gdpr_date)}#{contact_id}"


HOLDER_PREFIX = "C#"


def identifier_partition(workspace: Workspace, hash_: str) -> str:
    """`hash_` is the keyed hash of an identifier (`domain.identifiers`)."""
    return f"{workspace.id}#I#{hash_}"


def holder_key(workspace: Workspace, hash_: str, contact_id: str) -> Key:
    return {"PK": identifier_partition(workspace, hash_), "SK": f"{HOLDER_PREFIX}{contact_id}"}


def suppressed_key(workspace: Workspace, hash_: str) -> Key:
    return {"PK": identifier_partition(workspace, hash_), "SK": "SUPPRESSED"}


def contact_indexes(
    workspace: Workspace,
    contact_id: str,
    *,
    is_lead: bool,
    name: str,
    owner: str,
    gdpr_date: datetime | None,
) -> Key:
    """`gdpr_date` is None of an anonymous contact: nobody's data grows old there."""
    sort = f"{LEAD if is_lead else WITH_ACCOUNT}#{sort_name(name)}#{contact_id}"
    by_name = {
        "GSI1PK": contacts_partition(workspace, shard_of(contact_id)),
        "GSI1SK": sort,
        "GSI3PK": contacts_of_owner_partition(workspace, owner),
        "GSI3SK": sort,
    }
    if gdpr_date is None:
        return by_name
    return by_name | {
        "GSI2PK": contacts_by_age_partition(workspace, shard_of(contact_id)),
        "GSI2SK": age_place(gdpr_date, contact_id),
    }


def link_key(partition: str, contact_id: str) -> Key:
    return {"PK": partition, "SK": f"{LINK_PREFIX}{contact_id}"}


def record_partition(workspace: Workspace, record_id: str) -> str:
    return f"{workspace.id}#R#{record_id}"


def place_key(workspace: Workspace, record_id: str) -> Key:
    return {"PK": record_partition(workspace, record_id), "SK": "AT"}


def gone_key(partition: str, prefix: str, record_id: str) -> Key:
    """`prefix`: that of the keys of such records."""
    return {"PK": partition, "SK": f"{GONE_PREFIX}{prefix}{record_id}"}


def time_text(instant: datetime) -> str:
    """Return an instant as text that sorts as instants do."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_from(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def activity_key(partition: str, occurred_at: datetime, activity_id: str) -> Key:
    return {"PK": partition, "SK": f"{ACTIVITY_PREFIX}{time_text(occurred_at)}#{activity_id}"}


def touch_prefix(*, two_way: bool) -> str:
    return f"TOUCH#{2 if two_way else 1}#"


def touch_key(partition: str, two_way: bool, occurred_at: datetime, activity_id: str) -> Key:
    sort = f"{touch_prefix(two_way=two_way)}{time_text(occurred_at)}#{activity_id}"
    return {"PK": partition, "SK": sort}


def last_touch_key(partition: str) -> Key:
    # Between HOME and META: who reads an account with its home gets it with them.
    return {"PK": partition, "SK": "LAST"}


def task_key(partition: str, is_open: bool, day: date, task_id: str) -> Key:
    """`day`: when it is due, or was done."""
    state = OPEN_TASK_PREFIX if is_open else f"{TASK_PREFIX}1#"
    return {"PK": partition, "SK": f"{state}{day.isoformat()}#{task_id}"}


def open_tasks_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#TN#{shard}"


def open_tasks_of_owner_partition(workspace: Workspace, owner: str) -> str:
    return f"{workspace.id}#TO#{owner}"


def open_task_indexes(workspace: Workspace, task_id: str, due_on: date, owner: str) -> Key:
    sort = f"{due_on.isoformat()}#{task_id}"
    return {
        "GSI1PK": open_tasks_partition(workspace, shard_of(task_id)),
        "GSI1SK": sort,
        "GSI3PK": open_tasks_of_owner_partition(workspace, owner),
        "GSI3SK": sort,
    }


def pointing_to(home: Key) -> dict[str, Any]:
    """Return what an item holds that points to the record there."""
    return {"home": [home["PK"], home["SK"]]}


def home_of(pointer: Mapping[str, Any]) -> Key | None:
    """Return the key of what an item points to; None for one that is the record itself."""
    if "home" not in pointer:
        return None
    partition, sort = pointer["home"]
    return {"PK": partition, "SK": sort}
