"""What the caller of a request may see and change of records: owners, fields, modules.

What the caller may not see is as if it were not there: NotFound, after the same reads.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from api.owners import owner_shown
from api.refusals import RecordNotYours
from stageline import bootstrap
from stageline.domain.access import CUSTOM, Access, Module
from stageline.domain.account import Account
from stageline.domain.errors import FieldNotReadable, FieldNotWritable, NotFound
from stageline.domain.permissions import Action, Owned, has_level, has_scope, may, visibility
from stageline.domain.principal import Principal

if TYPE_CHECKING:
    from stageline.domain.deal import Deal


class Rights:
    """Those of one principal. Owners are hashed only for somebody who does not see everybody's."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    @property
    def access(self) -> Access:
        return self.principal.access

    def opens(self, module: Module) -> bool:
        """Tell whether profile and scopes let the caller read anything of a module."""
        principal = self.principal
        return has_level(principal, module, "read") and has_scope(principal, module, "read")

    @cached_property
    def owners(self) -> frozenset[str] | None:
        """Whose records are seen, by keyed hash; None: everybody's."""
        return visibility(self.principal)

    def owner(self, address: str | None) -> str:
        return bootstrap.identities(self.principal.workspace).owner(address)

    def account(self, account_id: str, action: Action = "read") -> Account:
        """Return an account. Raises NotFound, RecordNotYours."""
        account = bootstrap.accounts(self.principal.workspace).get(account_id)
        self.check("account", account.profile.owner_email, action)
        return account

    def sees(self, account: Account) -> bool:
        return self.owners is None or self.owner(account.profile.owner_email) in self.owners

    def deal(self, deal_id: str, action: Action = "read") -> "Deal":
        """Return a deal: one's own, one of an account that one sees, one that one is linked to.

        Raises NotFound, RecordNotYours.
        """
        deal = bootstrap.deals(self.principal.workspace).get(deal_id)
        self.check("deal", deal.terms.owner_email, action, deal.account_id, deal.linked)
        return deal

    def check(
        self,
        what: str,
        owner_email: str | None,
        action: Action = "read",
        account_id: str | None = None,
        linked: Collection[str] = (),
    ) -> None:
        """Raise NotFound unless the caller sees a record, RecordNotYours unless they may do this.

        `account_id`: of the account that it belongs to, whose owner sees it, too.
        """
        if self.owners is None:
            return
        owned = Owned(self.owner(owner_email), None, frozenset(linked))
        if owned.owner not in self.owners and account_id is not None:
            above = bootstrap.accounts(self.principal.workspace).find(account_id)
            if above is not None:
                owned = Owned(owned.owner, self.owner(above.profile.owner_email), owned.linked)
        if not may(self.principal, "read", owned):
            raise NotFound(what)
        if not may(self.principal, action, owned):
            raise RecordNotYours(f"the {what} is not yours to change")

    def hidden_accounts(self, account_ids: Iterable[str]) -> frozenset[str]:
        """Return those of the accounts that the caller does not see."""
        if self.owners is None:
            return frozenset()
        found = bootstrap.accounts(self.principal.workspace).find_many(account_ids)
        return frozenset(id_ for id_, account in found.items() if not self.sees(account))

    def hidden_deals(self, deal_ids: Iterable[str]) -> frozenset[str]:
        """Return those of the deals that the caller does not see."""
        is_closed = not self.opens("deals")
        if self.owners is None and not is_closed:
            return frozenset()
        found = bootstrap.deals(self.principal.workspace).find_many(deal_ids)
        if is_closed:
            return frozenset(found)
        others = [one for one in found.values() if not self._owns(one)]
        hidden = self.hidden_accounts({one.account_id for one in others if one.account_id})
        return frozenset(
            one.deal_id for one in others if one.account_id is None or one.account_id in hidden
        )

    def default_owner(self, owner_email: str | None) -> str | None:
        """Return who owns what the caller creates: themselves, if they would not see it otherwise.

        Raises RecordNotYours for an owner whose records the caller does not see.
        """
        if self.owners is None:
            return owner_email
        if owner_email is None:
            return self.principal.email
        if self.owner(owner_email) not in self.owners:
            raise RecordNotYours("you can create records of your own, or of those below you")
        return owner_email

    def refuse_unreadable(self, module: Module, names: Iterable[str]) -> None:
        """Raise FieldNotReadable when somebody sorts or filters by what they may not read."""
        for name in names:
            if not self.access.reads(module, name):
                raise FieldNotReadable(name)

    def refuse_unwritable(self, module: Module, sent: Mapping[str, Any]) -> None:
        """Raise FieldNotReadable, FieldNotWritable for what a body may not say."""
        if not self.access.fields:
            return
        names = list(sent)
        custom = sent.get(CUSTOM)
        if isinstance(custom, Mapping):
            names += [f"{CUSTOM}.{key}" for key in custom]
        for name in names:
            level = self.access.to_field(module, name)
            if level == "none":
                raise FieldNotReadable(name)
            if level == "read":
                raise FieldNotWritable(name)

    def shown(self, module: Module, document: dict[str, Any]) -> dict[str, Any]:
        """Return a record as the caller may see it: what is hidden is null, and named.

        Also which member its owner is: a record says only the address.
        """
        if "owner_email" in document:
            owner = owner_shown(self.principal.workspace, document["owner_email"])
            document = document | {"owner": owner}
        hidden = self.access.hidden(module)
        if not hidden:
            return document
        known = document.keys()
        if "owner_email" in hidden:
            document = document | {"owner": None}
        after = {name: None if name in hidden else value for name, value in document.items()}
        custom = after.get(CUSTOM)
        if isinstance(custom, Mapping):
            after[CUSTOM] = {k: v for k, v in custom.items() if f"{CUSTOM}.{k}" not in hidden}
        names = [name for name in hidden if name.partition(".")[0] in known]
        return after | {"unreadable": sorted(names)}

    def _owns(self, deal: "Deal") -> bool:
        owners = self.owners or frozenset()
        return self.owner(deal.terms.owner_email) in owners or self.principal.subject in deal.linked
