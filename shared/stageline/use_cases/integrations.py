"""The sources of a workspace: what they are switched to decides whether stages are shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from stageline.domain.errors import NotFound
from stageline.domain.integration import Configured, Integration
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.stamp import Stamp
from stageline.ports import Configuration
from stageline.use_cases.again import again, expect_revision


def get_integration(configuration: Configuration, key: str) -> Integration:
    """Return one integration. Raises NotFound."""
    return existing(configuration.read(), key)


def put_integration(
    configuration: Configuration,
    key: str,
    *,
    active: bool,
    opportunity_pull: bool,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Integration:
    """Create the integration or set its switches; what does not differ is not written.

    Raises NotFound for a kind that cannot be created here, Stale.
    """
    if key != FILE_INTEGRATION:
        raise NotFound("integration")

    def switched(configured: Configured) -> Integration:
        before = configured.integration(key)
        if before is None:
            # An expected revision of what does not exist never matches.
            expect_revision("integration", 0, expected)
            return _new(key, active, opportunity_pull, stamp)
        expect_revision("integration", before.rev, expected)
        return before.switched(active=active, opportunity_pull=opportunity_pull, stamp=stamp)

    return save(configuration, switched, today, stamp)


def change_integration(
    configuration: Configuration,
    key: str,
    *,
    active: bool | None,
    opportunity_pull: bool | None,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Integration:
    """Set some switches of an integration (None: as it was). Raises NotFound, Stale."""

    def switched(configured: Configured) -> Integration:
        before = existing(configured, key)
        expect_revision("integration", before.rev, expected)
        return before.switched(active=active, opportunity_pull=opportunity_pull, stamp=stamp)

    return save(configuration, switched, today, stamp)


def ensure_file_integration(
    configuration: Configuration, *, stamp: Stamp, today: date
) -> Integration:
    """Return the file integration; the first import makes it, active and pulling opportunities.

    One that was switched off stays so.
    """

    def found_or_new(configured: Configured) -> Integration:
        found = configured.integration(FILE_INTEGRATION)
        return found or _new(FILE_INTEGRATION, True, True, stamp)

    return save(configuration, found_or_new, today, stamp)


def note_attention(
    configuration: Configuration, key: str, code: str | None, *, today: date, stamp: Stamp
) -> None:
    """Note what keeps an integration from bringing deals, None: nothing. Again does nothing.

    Raises NotFound.
    """

    def noted(configured: Configured) -> Integration:
        before = existing(configured, key)
        if before.attention == code:
            return before
        return replace(before, attention=code, changed=stamp, rev=before.rev + 1)

    save(configuration, noted, today, stamp)


def save(
    configuration: Configuration,
    decide: Callable[[Configured], Integration],
    today: date,
    stamp: Stamp,
) -> Integration:
    """Store what was decided together with the "-" that follows from all integrations."""

    def attempt() -> Integration:
        configured = configuration.read()
        after = decide(configured)
        if after in configured.integrations:
            return after
        others = tuple(one for one in configured.integrations if one.key != after.key)
        overlay = configured.overlay.following((*others, after), today=today, now=stamp.at)
        configuration.save_integration(after, overlay, configured.overlay)
        return after

    return again(attempt)


def existing(configured: Configured, key: str) -> Integration:
    found = configured.integration(key)
    if found is None:
        raise NotFound("integration")
    return found


def _new(key: str, active: bool, opportunity_pull: bool, stamp: Stamp) -> Integration:
    return Integration(
        key=key,
        active=active,
        opportunity_pull=opportunity_pull,
        created_at=stamp.at,
        changed=stamp,
    )
