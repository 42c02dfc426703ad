"""What is done about each store of stores.yaml that holds people, and how long copies of it live.

A test holds this against stores.yaml.
"""

from collections.abc import Mapping
from typing import Final

FILES: Final = "Bucket"

METHODS: Final[Mapping[str, str]] = {
    "account": "text_removed",
    "activity": "texts_removed_or_erased",
    "activity of a contact that lies elsewhere": "removed",
    "contact": "replaced_by_tombstone",
    "deal": "text_removed",
    "identifier of a contact": "removed",
    "link of a contact to an account or a deal": "removed",
    "list row": "rewritten_with_search_words",
    "refused record of a CRM": "removed",
    "suppressed identifier": "added",
    "task": "texts_removed_or_erased",
    "task of a contact that lies elsewhere": "removed",
    "value of a unique field": "removed",
    FILES: "all_versions_deleted",
}

USERS: Final = "UserPool"

METHODS_OF_MEMBERS: Final[Mapping[str, str]] = {
    "account": "owner_removed",
    "activity": "owner_removed",
    "contact": "owner_removed",
    "deal": "owner_removed",
    "list row": "owner_removed",
    "member, among all of a workspace": "removed",
    "membership": "address_removed",
    "suppressed identifier": "added",
    "task": "owner_removed",
    FILES: "all_versions_deleted",
    USERS: "user_deleted",
}

# What cannot be rewritten: the store, for how many days, and what it is.
HORIZONS: Final[tuple[tuple[str, int, str], ...]] = (
    ("Table", 35, "point_in_time_recovery"),
    ("Table stream", 1, "images_of_changes"),
)
