"""How fresh the stages of a workspace are, and what that rests on (S0.18)."""

from api import render
from api.call import Answer, Call
from stageline import bootstrap
from stageline.domain.freshness import STALE_AFTER, freshness, freshness_of
from stageline.domain.job_states import RECORDS


def get_freshness(call: Call) -> Answer:
    configured = bootstrap.configuration(call.workspace).read()
    hours = int(STALE_AFTER.total_seconds()) // 3600
    return Answer(
        {
            **render.freshness(freshness(configured, call.now)),
            "stale_after": f"PT{hours}H",
            "tick": {
                "completed_at": render.instant(configured.last_tick),
                "through": render.day(configured.ticked_through),
            },
            "integrations": [
                {
                    "key": one.key,
                    "active": one.active,
                    **render.freshness(freshness_of(one, configured, call.now)),
                    "last_import": {
                        records: render.last_import(configured.last_import(one.key, records))
                        for records in RECORDS
                    },
                }
                for one in configured.integrations
            ],
        }
    )
