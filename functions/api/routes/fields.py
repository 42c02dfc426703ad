"""Custom fields: what admins add to the records of a module."""

from typing import Any

from api import render
from api.call import Answer, Call, etag
from stageline import bootstrap
from stageline.domain.custom_field import MODULES, CustomField, Module, is_key, new_field
from stageline.domain.custom_value import shown
from stageline.domain.errors import NotFound
from stageline.use_cases import fields


def list_fields(call: Call) -> Answer:
    wanted = call.query["module"]
    found = bootstrap.fields(call.workspace).read()
    return Answer({"items": [_body(one) for one in found if wanted in (None, one.module)]})


def create_field(call: Call) -> Answer:
    from api.bodies import NewField

    body = call.body(NewField)
    field = new_field(
        body.module,
        body.key,
        body.name,
        body.type,
        required=body.required,
        unique=body.unique,
        default=body.default,
        options=body.options,
        personal=body.personal,
        stamp=call.stamp,
    )
    stored = fields.add_field(bootstrap.fields(call.workspace), field)
    headers = etag(stored.rev) | {"Location": f"/v1/fields/{stored.module}/{stored.key}"}
    is_new = stored.changed.request == call.request_id
    return Answer(_body(stored), 201 if is_new else 200, headers)


def get_field(call: Call) -> Answer:
    return _answer(fields.get_field(bootstrap.fields(call.workspace), *_named(call)))


def change_field(call: Call) -> Answer:
    from api.bodies import FieldChanges

    expected = call.expected_revision("field", needed=True)
    return _change(call, call.body(FieldChanges).sent(), expected)


def archive_field(call: Call) -> Answer:
    _change(call, {"archived": True}, call.expected_revision("field"))
    return Answer(None, 204)


def _change(call: Call, changes: dict[str, Any], expected: int | None) -> Answer:
    changed = fields.change_field(
        bootstrap.fields(call.workspace),
        *_named(call),
        changes,
        expected=expected,
        stamp=call.stamp,
    )
    return _answer(changed)


def _named(call: Call) -> tuple[Module, str]:
    """Return module and key in the path. Raises NotFound for what cannot be one."""
    module, key = call.path["module"], call.path["key"]
    if module not in MODULES or not is_key(key):
        raise NotFound("field")
    return module, key


def _answer(field: CustomField) -> Answer:
    return Answer(_body(field), headers=etag(field.rev))


def _body(field: CustomField) -> dict[str, Any]:
    return {
        "module": field.module,
        "key": field.key,
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "unique": field.unique,
        "default": None if field.default is None else shown(field.default),
        "options": list(field.options),
        "personal": field.personal,
        "archived": field.archived,
        "created_at": render.instant(field.created_at),
        "updated_at": render.instant(field.changed.at),
        "rev": field.rev,
    }
