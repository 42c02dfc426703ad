"""What a workspace has decided about who sees what, in DynamoDB."""

from collections.abc import Sequence

from stageline.adapters.dynamodb.account_items import stamp_from, stamped
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    PROFILE_PREFIX,
    configuration_partition,
    profile_key,
    settings_key,
)
from stageline.adapters.dynamodb.table import Table, Write, over, update_of
from stageline.domain.access import AccessProfile
from stageline.domain.settings import Settings
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace

_YES = {":yes": True}


class DynamoDbRights:
    """The port `Rights`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def settings(self) -> Settings:
        item = self._table.get(settings_key(self._workspace))
        if item is None or "rev" not in item:
            return Settings()
        return Settings(
            ownership=item["ownership"],
            managers_see_subordinates=item["managers_see_subordinates"],
            changed=stamp_from(item),
            rev=item["rev"],
        )

    def save_settings(self, settings: Settings) -> None:
        if settings.changed is None:
            raise ValueError("settings are stored with who changed them")
        values = {
            "ownership": settings.ownership,
            "managers_see_subordinates": settings.managers_see_subordinates,
            "rev": settings.rev,
            **stamped(settings.changed),
        }
        # The item also holds the zone.
        key = settings_key(self._workspace)
        if settings.rev == 1:
            write = update_of(key, values, "attribute_not_exists(#rev)")
        else:
            write = update_of(key, values, "#rev = :read", {":read": settings.rev - 1})
        self._table.save([write], "settings")

    def profiles(self) -> Sequence[AccessProfile]:
        items = self._table.query(
            configuration_partition(self._workspace), prefix=PROFILE_PREFIX, consistent=True
        )
        return [_profile_from(item) for item in items if "deleted" not in item]

    def profile(self, key: str) -> AccessProfile | None:
        item = self._table.get(profile_key(self._workspace, key))
        return _profile_from(item) if item and "deleted" not in item else None

    def save_profile(self, profile: AccessProfile) -> None:
        item: Item = profile_key(self._workspace, profile.key) | {
            "key": profile.key,
            "name": profile.name,
            "modules": dict(profile.modules),
            "fields": dict(profile.fields),
            "rev": profile.rev,
            **stamped(profile.changed),
        }
        write = over(item)
        if profile.rev == 1:
            write = Write("Put", item, "attribute_not_exists(PK) OR deleted = :yes", None, _YES)
        self._table.save([write], "profile")

    def delete_profile(self, profile: AccessProfile, stamp: Stamp) -> None:
        # What is left says who removed it: a deletion could not.
        left = {"deleted": True, "rev": profile.rev + 1, **stamped(stamp)}
        self._table.save([over(profile_key(self._workspace, profile.key) | left)], "profile")


def _profile_from(item: Item) -> AccessProfile:
    return AccessProfile(
        key=item["key"],
        name=item["name"],
        modules=item["modules"],
        fields=item["fields"],
        changed=stamp_from(item),
        rev=item["rev"],
    )
