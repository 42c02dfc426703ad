"""Custom fields."""

from api.parameters import Choice
from api.route import Route

MODULES = ("account", "deal", "contact", "activity", "task")

ROUTES = (
    Route(
        method="GET",
        path="/v1/fields",
        handler="fields:list_fields",
        summary="List custom fields, archived ones too",
        tag="Custom fields",
        parameters=(Choice("module", "Only those of one module.", choices=MODULES),),
        answer="CustomFields",
    ),
    Route(
        method="POST",
        path="/v1/fields",
        handler="fields:create_field",
        summary="Create a custom field",
        tag="Custom fields",
        action="administer",
        body="NewField",
        answer="CustomField",
        status=201,
        idempotent=True,
        conflicts=True,
    ),
    Route(
        method="GET",
        path="/v1/fields/{module}/{key}",
        handler="fields:get_field",
        summary="One custom field",
        tag="Custom fields",
        answer="CustomField",
    ),
    Route(
        method="PATCH",
        path="/v1/fields/{module}/{key}",
        handler="fields:change_field",
        summary="Change a custom field (RFC 7396); its type and uniqueness stay",
        tag="Custom fields",
        action="administer",
        body="FieldChanges",
        answer="CustomField",
        if_match="needed",
        conflicts=True,
    ),
    Route(
        method="DELETE",
        path="/v1/fields/{module}/{key}",
        handler="fields:archive_field",
        summary="Archive a custom field: hide it, and keep its values",
        tag="Custom fields",
        action="administer",
        status=204,
        if_match="possible",
    ),
)
