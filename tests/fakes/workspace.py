"""Configuration, directory and views in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from stageline.domain.access import AccessProfile
from stageline.domain.errors import Stale
from stageline.domain.integration import Configured, Integration, LastImport, OverlayLog
from stageline.domain.principal import Member, Removed
from stageline.domain.roster import Roster
from stageline.domain.settings import Settings
from stageline.domain.stamp import Stamp
from stageline.domain.sync import SyncState
from stageline.domain.view import AccountView, GroupView
from stageline.domain.workspace import Workspace
from tests.fakes.groups import InMemoryGroups
from tests.fakes.records import InMemoryAccounts
from tests.fakes.syncs import InMemorySyncs


class InMemoryConfiguration:
    def __init__(self, zone: str = "UTC", syncs: InMemorySyncs | None = None) -> None:
        self._configured = Configured(zone=zone)
        self._syncs = syncs
        self.ticked_through: date | None = None

    def read(self) -> Configured:
        states = tuple(self._syncs.states()) if self._syncs else ()
        return replace(self._configured, syncs=states)

    def zone(self) -> str:
        return self._configured.zone

    def integrations(self) -> Sequence[Integration]:
        return self._configured.integrations

    def last_tick(self) -> datetime | None:
        return self._configured.last_tick

    def save_zone(self, zone: str, stamp: Stamp) -> None:
        self._configured = replace(self._configured, zone=zone)

    def save_integration(
        self, integration: Integration, overlay: OverlayLog, before: OverlayLog
    ) -> None:
        stored = self._configured.integration(integration.key)
        if (stored.rev if stored else 0) != integration.rev - 1:
            raise Stale("integration")
        self._save((integration,), integration.key, overlay, before)

    def delete_integration(
        self,
        integration: Integration,
        overlay: OverlayLog,
        before: OverlayLog,
        state: SyncState,
        stamp: Stamp,
    ) -> None:
        if self._configured.integration(integration.key) != integration:
            raise Stale("integration")
        if self._syncs is not None and self._syncs.state(integration.key) != state:
            raise Stale("integration")
        self._save((), integration.key, overlay, before)
        if self._syncs is not None:
            self._syncs.forget(integration.key)

    def _save(
        self,
        integrations: Sequence[Integration],
        key: str,
        overlay: OverlayLog,
        before: OverlayLog,
    ) -> None:
        if self._configured.overlay != before:
            raise Stale("integration")
        others = [one for one in self._configured.integrations if one.key != key]
        self._configured = replace(
            self._configured, integrations=(*others, *integrations), overlay=overlay
        )

    def save_tick(self, completed_at: datetime, through: date) -> None:
        self._configured = replace(self._configured, last_tick=completed_at, ticked_through=through)
        self.ticked_through = through

    def save_last_import(self, last: LastImport) -> None:
        kind = (last.integration, last.records)
        before = self._configured.last_import(*kind)
        if before is None or before.completed_at < last.completed_at:
            others = (
                one
                for one in self._configured.last_imports
                if (one.integration, one.records) != kind
            )
            self._configured = replace(self._configured, last_imports=(*others, last))


class InMemoryDirectory:
    def __init__(self, *workspaces: Workspace) -> None:
        self._workspaces = dict.fromkeys(workspaces)
        self._members: dict[tuple[str, Workspace], Member] = {}
        self._removed: dict[tuple[str, Workspace], Removed] = {}
        self._revs: dict[Workspace, int] = {}

    def workspaces(self) -> Iterator[Workspace]:
        return iter(self._workspaces)

    def memberships(self, subject: str) -> Sequence[Member]:
        return [member for (who, _), member in self._members.items() if who == subject]

    def add_workspace(self, workspace: Workspace) -> None:
        self._workspaces[workspace] = None

    def addresses(self, workspace: Workspace) -> Mapping[str, str]:
        members = self.roster(workspace).members
        return {one.email: one.subject for one in members if one.email}

    def roster(self, workspace: Workspace) -> Roster:
        found = (one for (_, where), one in self._members.items() if where == workspace)
        return Roster(tuple(found), self._revs.get(workspace, 0))

    def save_member(self, member: Member, roster: Roster) -> None:
        self._follow(member, roster)
        self._members[member.subject, member.workspace] = member
        self._removed.pop((member.subject, member.workspace), None)

    def remove_member(self, member: Member, roster: Roster, stamp: Stamp) -> None:
        self._follow(member, roster)
        place = member.subject, member.workspace
        del self._members[place]
        self._removed[place] = Removed(member.subject, member.email, member.rev + 1)

    def removed(self, workspace: Workspace, subject: str) -> Removed | None:
        return self._removed.get((subject, workspace))

    def forget(self, workspace: Workspace, removed: Removed, stamp: Stamp) -> None:
        if removed.email is not None:
            after = Removed(removed.subject, None, removed.rev + 1)
            self._removed[removed.subject, workspace] = after

    def _follow(self, member: Member, roster: Roster) -> None:
        if self._revs.get(member.workspace, 0) != roster.rev - 1:
            raise Stale("member")
        self._revs[member.workspace] = roster.rev


class InMemoryRights:
    def __init__(self) -> None:
        self._settings = Settings()
        self._profiles: dict[str, AccessProfile] = {}

    def settings(self) -> Settings:
        return self._settings

    def save_settings(self, settings: Settings) -> None:
        if settings.rev != self._settings.rev + 1:
            raise Stale("settings")
        self._settings = settings

    def profiles(self) -> Sequence[AccessProfile]:
        return [self._profiles[key] for key in sorted(self._profiles)]

    def profile(self, key: str) -> AccessProfile | None:
        return self._profiles.get(key)

    def save_profile(self, profile: AccessProfile) -> None:
        before = self._profiles.get(profile.key)
        if profile.rev != (before.rev if before else 0) + 1:
            raise Stale("profile")
        self._profiles[profile.key] = profile

    def delete_profile(self, profile: AccessProfile, stamp: Stamp) -> None:
        if self._profiles.pop(profile.key, None) != profile:
            raise Stale("profile")


class InMemoryViews:
    def __init__(self, accounts: InMemoryAccounts, groups: InMemoryGroups) -> None:
        self._accounts = accounts
        self._groups = groups

    def account(self, account_id: str, *, with_beside: bool = False) -> AccountView | None:
        account = self._accounts.find(account_id)
        return None if account is None else AccountView(account, self._groups.home(account_id))

    def group(self, root_id: str, scheme: str) -> GroupView:
        value = self._groups.value(root_id, scheme)
        return GroupView(value, tuple(self._groups.ledgers(root_id)))
