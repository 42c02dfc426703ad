"""How many accounts and groups are in each stage, on a day or on each day of a range."""

from datetime import date

from api import render
from api.call import Answer, Call
from stageline import bootstrap
from stageline.domain.errors import Invalid
from stageline.use_cases.counts_of_owners import count_of_owners
from stageline.use_cases.counts_read import read_counts

MOST_DAYS = 3_660


def get_counts(call: Call) -> Answer:
    asked, known_at = _range(call), call.query["known_at"]
    today = call.today
    first, last = asked or (call.query["as_of"] or today,) * 2
    counting = bootstrap.counting(call.workspace)
    owners = call.rights.owners
    if owners is None:
        answer = read_counts(
            counting, first, last, known_at=known_at, requested_by=call.principal.subject
        )
    else:
        answer = count_of_owners(
            counting,
            bootstrap.lists(call.workspace),
            sorted(owners),
            first,
            last,
            known_at=known_at,
        )
    shown = {
        "scheme": {"key": counting.scheme.key, "version": answer.scheme_version},
        "known_at": render.instant(known_at),
        "counted_at": render.instant(answer.counted_at),
    }
    days = [render.counts_of_day(day, today) for day in answer.days]
    if asked is None:
        return Answer(shown | days[0])
    return Answer(shown | {"from": first.isoformat(), "to": last.isoformat(), "items": days})


def _range(call: Call) -> tuple[date, date] | None:
    """Return the range that is asked for, None for a single day. Raises Invalid."""
    first, last = call.query["from"], call.query["to"]
    if first is None and last is None:
        return None
    if call.query["as_of"] is not None:
        raise Invalid("as_of", "not_with_range", "is one day; leave it out with from and to")
    if first is None or last is None:
        missing = "from" if first is None else "to"
        raise Invalid(missing, "missing", "is needed: a range has a first and a last day")
    if last < first:
        raise Invalid("to", "before_from", "is the day of from or a later one")
    if (last - first).days >= MOST_DAYS:
        raise Invalid("to", "range_too_long", f"is at most {MOST_DAYS} days from the first on")
    return first, last
