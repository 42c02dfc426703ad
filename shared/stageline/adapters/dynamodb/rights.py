"""What a workspace has decided about who sees what, in DynamoDB."""

from collections.abc import Sequence

from stageline.adapters.dynamodb.account_items import stamp_from, stamp_values
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    PROFILE_PREFIX,
    configuration_partition,
    profile_key,
    settings_key,
)
from stageline.adapters.dynamodb.table import Table, Write, over
from stageline.domain.access import AccessProfile
from stageline.domain.settings import Settings
from stageline.domain.workspace import Workspace


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
            **{name: v for name, v in stamp_values(settings.changed).items() if v is not None},
        }
        # The item also holds the zone, and names may be reserved words.
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        is_first = settings.rev == 1
        self._table.save(
            [
                Write(
                    "Update",
                    settings_key(self._workspace),
                    "attribute_not_exists(#rev)" if is_first else "#rev = :read",
                    update,
                    {f":{name}": value for name, value in values.items()}
                    | ({} if is_first else {":read": settings.rev - 1}),
                    {f"#{name}": name for name in values},
                )
            ],
            "settings",
        )

    def profiles(self) -> Sequence[AccessProfile]:
        items = self._table.query(
            configuration_partition(self._workspace), prefix=PROFILE_PREFIX, consistent=True
        )
        return [_profile_from(item) for item in items]

    def profile(self, key: str) -> AccessProfile | None:
        item = self._table.get(profile_key(self._workspace, key))
        return _profile_from(item) if item else None

    def save_profile(self, profile: AccessProfile) -> None:
        item: Item = profile_key(self._workspace, profile.key) | {
            "key": profile.key,
            "name": profile.name,
            "modules": dict(profile.modules),
            "fields": dict(profile.fields),
            "rev": profile.rev,
            **{name: v for name, v in stamp_values(profile.changed).items() if v is not None},
        }
        self._table.save([over(item)], "profile")

    def delete_profile(self, profile: AccessProfile) -> None:
        key = profile_key(self._workspace, profile.key)
        self._table.save(
            [Write("Delete", key, "rev = :read", values={":read": profile.rev})], "profile"
        )


def _profile_from(item: Item) -> AccessProfile:
    return AccessProfile(
        key=item["key"],
        name=item["name"],
        modules=item["modules"],
        fields=item["fields"],
        changed=stamp_from(item),
        rev=item["rev"],
    )
