"""How this HubSpot account is set up, and what its documents leave open."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are the documented limits; where nothing is documented, the stricter reading."""

    # The clock stands, and every request takes `request_time`; or it is the machine's own.
    start: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)
    request_time: timedelta = timedelta(milliseconds=250)
    real_time: bool = False

    # Documented limits.
    list_page: int = 100
    search_page: int = 200
    search_window: int = 10_000
    search_body: int = 3_000
    search_groups: int = 5
    search_filters_in_group: int = 6
    search_filters: int = 18
    search_per_second: int = 5
    batch: int = 100
    association_reads: int = 1_000
    association_writes: int = 2_000
    requests_per_ten_seconds: int = 190
    oauth_requests_per_ten_seconds: int = 110
    daily_requests: int = 650_000
    token_life: timedelta = timedelta(minutes=30)
    archived_kept: timedelta = timedelta(days=90)
    search_lag: timedelta = timedelta(0)
    merge_creates_record: bool = True

    # The account.
    portal_id: int = 891936587
    time_zone: str = "Europe/London"
    currency: str = "EUR"
    other_currencies: tuple[str, ...] = ("GBP", "USD")

    # Not confirmed.
    owners_page: int = 500
    association_page: int = 500
    longest_uri: int = 8_000
    retry_after_seconds: int | None = None
    ties_by_id: bool = False
    total_capped: bool = False
    iso_dates_in_filters: bool = False
    spec_members_required: bool = False
    numeric_association_ids: bool = False
    associations_move_modified: bool = False
    same_value_moves_modified: bool = True
    merged_in_archived: bool = False
    unknown_gdpr_status: int = 404
    gdpr_blocks_email: bool = False
    refresh_rotates: bool = False
    client_credentials_reach_crm: bool = False
