"""How old people's data is, and what has its age begin anew."""

from api.parameters import Choice, Period
from api.route import CURSOR, LIMIT, Route

ROUTES = (
    Route(
        method="GET",
        path="/v1/privacy/contacts",
        handler="privacy_contacts:list_contacts_by_age",
        summary="List contacts by the age of their data, with the stages of their accounts",
        tag="Privacy",
        action="protect",
        parameters=(
            Choice(
                "sort",
                "The oldest first, or the youngest.",
                choices=("gdpr_date", "-gdpr_date"),
                otherwise="gdpr_date",
            ),
            Period("older_than", "Only those of a greater age, like P2Y, P18M or P90D."),
            Period("younger_than", "Only those of a smaller age."),
            LIMIT,
            CURSOR,
        ),
        answer="ContactsByAge",
    ),
    Route(
        method="POST",
        path="/v1/privacy/touches",
        handler="privacy_contacts:touch_contacts",
        summary="Have the age of several contacts begin now",
        tag="Privacy",
        action="protect",
        body="NewTouches",
        answer="Touches",
    ),
    Route(
        method="POST",
        path="/v1/contacts/{id}/touch",
        handler="privacy_contacts:touch_contact",
        summary="Have the age of a contact begin now",
        tag="Privacy",
        action="protect",
        body="NewTouch",
        answer="Contact",
        if_match="possible",
        conflicts=True,
        erasable=True,
    ),
)
