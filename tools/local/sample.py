"""Load the sample company's CRM export into the main workspace, by the API like anyone's."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import sample_data
from tools.client import Client, import_file


def load(client: Client, directory: Path) -> list[dict[str, Any]]:
    """Return the finished import jobs. Raises tools.errors.StagelineError."""
    paths = sample_data.write(directory, datetime.now(UTC).date())
    return [import_file(client, records, path) for records, path in paths._asdict().items()]


def count_by_stage(client: Client) -> dict[str, int]:
    """Return how many accounts show which stage, in the order of stages."""
    counts: dict[str, int] = {}
    cursor: str | None = None
    while True:
        query = {"limit": 100, "sort": "stage"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/accounts", **query)
        for account in page["items"]:
            shown = account["display"]
            counts[shown] = counts.get(shown, 0) + 1
        cursor = page.get("next_cursor")
        if not cursor:
            return counts
