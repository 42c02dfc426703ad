"""What a workspace decides about who sees what: settings and access profiles."""

from api import render
from api.call import Answer, Call, etag
from stageline import bootstrap
from stageline.domain.access import AccessProfile
from stageline.domain.settings import Settings
from stageline.use_cases import rights


def get_settings(call: Call) -> Answer:
    return _settings(call, bootstrap.rights(call.workspace).settings())


def change_settings(call: Call) -> Answer:
    from api.bodies import SettingsChanges

    expected = call.expected_revision("settings", needed=True)
    changes = call.body(SettingsChanges).sent()
    changed = rights.change_settings(
        bootstrap.rights(call.workspace), changes, expected=expected, stamp=call.stamp
    )
    return _settings(call, changed)


def list_profiles(call: Call) -> Answer:
    found = bootstrap.rights(call.workspace).profiles()
    return Answer({"items": [render.access_profile(one) for one in found]})


def get_profile(call: Call) -> Answer:
    return _profile(rights.get_profile(bootstrap.rights(call.workspace), call.path["key"]))


def put_profile(call: Call) -> Answer:
    from api.bodies import ProfileBody

    body = call.body(ProfileBody)
    return _profile(
        rights.put_profile(
            bootstrap.rights(call.workspace),
            _key(call),
            body.name,
            body.modules,
            body.fields,
            expected=call.expected_revision("profile"),
            stamp=call.stamp,
        )
    )


def delete_profile(call: Call) -> Answer:
    rights.delete_profile(
        bootstrap.rights(call.workspace),
        bootstrap.directory(),
        call.workspace,
        call.path["key"],
        expected=call.expected_revision("profile"),
        stamp=call.stamp,
    )
    return Answer(None, 204)


def _key(call: Call) -> str:
    """Return the key in the path. Raises Invalid for what cannot be one."""
    import re

    from stageline.domain.errors import Invalid

    key = call.path["key"]
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key):
        message = "a key has up to 40 lower-case letters, digits or _, and begins with a letter"
        raise Invalid("key", "form", message)
    return key


def _settings(call: Call, settings: Settings) -> Answer:
    zone = bootstrap.configuration(call.workspace).zone()
    return Answer(render.settings(settings, zone), headers=etag(settings.rev))


def _profile(profile: AccessProfile) -> Answer:
    return Answer(render.access_profile(profile), headers=etag(profile.rev))
