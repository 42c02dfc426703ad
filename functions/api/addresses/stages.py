"""The scheme of stages, and how many accounts are in each."""

from api.parameters import Day, Instant
from api.route import AS_OF, Route

FROM = Day("from", "The first day of a range of at most 3,660; needs `to`.")
TO = Day("to", "The last day of a range; needs `from`.")
KNOWN_AT_DAY = Instant("known_at", "As it was believed at the end of this instant's day.")

ROUTES = (
    Route(
        method="GET",
        path="/v1/schemes/crm_stage",
        handler="schemes:get_scheme",
        summary="The stages of the scheme, their conditions and their order",
        tag="Stages",
        answer="Scheme",
    ),
    Route(
        method="GET",
        path="/v1/schemes/crm_stage/counts",
        handler="counts:get_counts",
        summary="How many accounts and groups are in each stage, on a day or every day of a range",
        tag="Stages",
        parameters=(AS_OF, FROM, TO, KNOWN_AT_DAY),
        answer="CountsAnswer",
        conflicts=True,
    ),
)
