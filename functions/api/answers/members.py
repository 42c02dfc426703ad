"""Members, profiles and settings."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.answers.base import Shown
from api.bodies import Levels, RoleName, TeamName


class Preferences(Shown):
    zone: str | None
    locale: str | None
    date_format: str | None


class Member(Shown):
    id: str
    kind: Literal["person", "client"]
    name: str
    email: str | None
    role: RoleName
    team: TeamName | None
    manager_id: str | None
    profile: str | None
    scopes: list[str]
    expires_at: datetime | None
    suspended: bool
    preferences: Preferences
    created_at: datetime | None
    rev: int


class Members(Shown):
    items: list[Member]


class NewClientAnswer(Member):
    user_name: str
    secret: str | None = Field(
        description="Nobody keeps it: null when the same Idempotency-Key comes again."
    )


class MyAccess(Shown):
    modules: Levels
    fields: Levels


class Me(Member):
    workspace: str
    access: MyAccess


class AccessProfile(Shown):
    key: str
    name: str
    modules: Levels
    fields: Levels
    rev: int


class AccessProfiles(Shown):
    items: list[AccessProfile]


class Settings(Shown):
    zone: str
    ownership: Literal["exclusive", "shared"]
    managers_see_subordinates: bool
    rev: int
