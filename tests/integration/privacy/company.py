"""A company over the real adapters, on a table in memory, with a member who owns something of
everything, and a queue of erasures that is worked off on demand.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from stageline.adapters.dynamodb.directory import DynamoDbDirectory
from stageline.adapters.dynamodb.erasures import DynamoDbErasures
from stageline.adapters.dynamodb.groups import DynamoDbGroups
from stageline.adapters.dynamodb.owned import DynamoDbOwned
from stageline.adapters.dynamodb.rows import DynamoDbRows
from stageline.domain.account import Profile, new_account
from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.contact import Person, links_of, new_contact
from stageline.domain.deal import Terms, new_deal
from stageline.domain.erasure import ErasureRequest
from stageline.domain.erasure_errors import StoreUnreachable
from stageline.domain.identifiers import Hashing
from stageline.domain.task import ToDo, new_task
from stageline.domain.workspace import Workspace
from stageline.use_cases import erasure_steps
from stageline.use_cases.erasing import Erasing
from stageline.use_cases.erasing_members import Members
from stageline.use_cases.erasure_look import PeoplesRecords
from stageline.use_cases.erasure_mentions import Around
from stageline.use_cases.erasure_requests import Asked, Privacy, approve, execute, request_erasure
from stageline.use_cases.loading import settle
from stageline.use_cases.members import add_member, remove_member
from stageline.use_cases.owners import Owners
from stageline.use_cases.pipeline import Stores as Pipeline
from tests.fakes.privacy import KeptCertificates, KeptJournal, KeySigner
from tests.fakes.world import EVALUATOR, owner_of
from tests.integration.records.stores import NOW, SOURCE, STAMP, TODAY, WORKSPACE, Stores

JANE, BEN = "Jane.Doe@Example.com", "ben@example.com"
OTHER = Workspace("globex")


class Pool:
    """The port `SignIn`."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        self.is_down = False

    def invite(self, email: str) -> str:
        raise NotImplementedError

    def add_client(self, user_name: str) -> tuple[str, str | None]:
        raise NotImplementedError

    def delete(self, subject: str, email: str | None) -> None:
        if self.is_down:
            raise StoreUnreachable
        self.users.pop(subject, None)


class NoFiles:
    def held(self) -> Sequence[tuple[str, str | None]]:
        return []

    def remove(self, keys: Any) -> int:
        return 0


class Company:
    """`jane` is a member and owns things, and so does her colleague `ben`."""

    def __init__(self) -> None:
        self.now = NOW
        self._accounts = ["ja", "ba", "jgone"]
        self.messages: list[tuple[str, Any, int]] = []
        self.pool = Pool()
        self.journal, self.certificates = KeptJournal(), KeptCertificates()
        self.stores = stores = Stores()
        self.directory = DynamoDbDirectory(stores.table)
        self.owned = DynamoDbOwned(stores.table, WORKSPACE, ("crm_stage",))
        self.pipeline = Pipeline(
            accounts=stores.accounts,
            deals=stores.deals,
            groups=DynamoDbGroups(stores.table, WORKSPACE),
            rows=DynamoDbRows(stores.table, WORKSPACE),
            owner_of=owner_of,
            evaluators=(EVALUATOR,),
        )
        members = Members(WORKSPACE, self.directory, self.owned, lambda: self.pool, owner_of)
        around = Around(stores.accounts, stores.deals, stores.activities, stores.tasks)
        records = PeoplesRecords(
            DynamoDbErasures(stores.table, WORKSPACE),
            stores.contacts,
            around,
            stores.customs,
            lambda: Hashing(WORKSPACE, stores.keys),
        )
        self.owners = Owners(stores.contacts.suppressed, records.hashing)
        self.erasing = Erasing(
            records,
            lambda: self.pipeline,
            lambda: self.now,
            lambda seconds: self.settle(),
            members,
        )
        signer = KeySigner()
        self.privacy = Privacy(
            workspace=WORKSPACE,
            erasing=self.erasing,
            queue=lambda: self,
            journal=lambda: self.journal,
            certificates=lambda: self.certificates,
            signer=lambda: signer,
            files=NoFiles,
            is_import_open=lambda job_id: False,
            today=lambda: self.now.date(),
        )
        add_member(self.directory, WORKSPACE, "admin", "admin")
        add_member(self.directory, WORKSPACE, "jane", "manager", email=JANE)
        add_member(self.directory, WORKSPACE, "ben", "seller", email=BEN)
        self.pool.users |= {"admin": "admin@example.com", "jane": JANE, "ben": BEN}
        for who, owner in (("j", JANE), ("b", BEN)):
            self._fill(who, owner)
        self.settle()

    def send(self, request_id: str, step: Any, parts: Sequence[int]) -> None:
        self.messages += [(request_id, step, part) for part in parts]

    def settle(self) -> None:
        """Do what the stream would."""
        settle(self.pipeline, self._accounts, today=TODAY, now=NOW)

    def settle_also(self, account_id: str) -> None:
        self._accounts.append(account_id)
        self.settle()

    def remove(self, subject: str = "jane") -> None:
        remove_member(self.directory, WORKSPACE, subject, expected=None, stamp=STAMP)

    def ask(self, request_id: str = "r", member_id: str = "jane") -> ErasureRequest:
        asked = Asked(way="erase", ground="objection", reason="by mail", member_id=member_id)
        request_erasure(self.privacy, request_id, asked, by="admin")
        self.work_off()
        return self.request(request_id)

    def approve(self, request_id: str = "r") -> None:
        preview = self.request(request_id).preview
        assert preview is not None
        approve(self.privacy, request_id, preview.hash, None, by="officer")

    def execute(self, request_id: str = "r") -> ErasureRequest:
        execute(self.privacy, request_id)
        self.work_off()
        return self.request(request_id)

    def erase(self) -> ErasureRequest:
        """Remove the member and erase them."""
        self.remove()
        self.ask()
        self.approve()
        return self.execute()

    def tick(self, later: timedelta) -> None:
        self.now += later
        list(erasure_steps.tick(self.privacy))
        self.work_off()

    def work_off(self) -> None:
        while self.messages:
            # Taken off the queue only when it is done.
            erasure_steps.work(self.privacy, *self.messages[0])
            del self.messages[0]

    def request(self, request_id: str = "r") -> ErasureRequest:
        return self.privacy.erasing.records.erasures.get(request_id)

    def owned_by(self, address: str) -> dict[tuple[str, str], Any]:
        """Return all items that name somebody, in whatever way the address is written."""
        found = self.stores.items().items()
        return {key: item for key, item in found if address.casefold() in repr(item).casefold()}

    def items(self, is_kept: Callable[[str], bool]) -> dict[tuple[str, str], Any]:
        return {key: one for key, one in self.stores.items().items() if is_kept(key[1])}

    def _fill(self, who: str, owner: str) -> None:
        """Store records of every kind, in every place where one may lie."""
        stores = self.stores
        for id_ in ("a", "gone"):
            profile = Profile(name=f"Account {id_}", owner_email=owner)
            one = new_account(who + id_, profile, in_crm=True, today=TODAY, stamp=STAMP)
            stores.accounts.add([one])
        self._delete_account(f"{who}gone")
        for id_, account_id, waiting in (
            ("d", f"{who}a", False),
            ("free", None, False),
            ("early", f"{who}later", True),
        ):
            deal = new_deal(
                who + id_,
                # Another spelling of the same address.
                Terms(name="Renewal", owner_email=owner.upper()),
                "open",
                None,
                account_id=account_id,
                waiting=waiting,
                today=TODAY,
                stamp=STAMP,
            )
            stores.deals.add([deal])
        for id_, accounts in (("k", {f"{who}a": ()}), ("lead", {}), ("left", {})):
            person = Person(last_name="Smith", owner_email=owner)
            links = links_of(accounts)
            stores.contacts.add([new_contact(who + id_, person, accounts=links, stamp=STAMP)])
        happening = Happening(kind="call", occurred_at=NOW, owner_email=owner)
        for id_, about in (
            ("call", About(f"{who}a", None, (f"{who}k",))),
            ("hello", About(None, None, (f"{who}lead",))),
            ("bye", About(None, None, (f"{who}left",))),
            ("soon", About(f"{who}later")),
        ):
            stores.activities.add([new_activity(who + id_, happening, about, stamp=STAMP)])
        left = stores.contacts.get(f"{who}left")
        stores.contacts.save(left, left.gone(STAMP))
        for id_, about in (
            ("open", About(f"{who}a")),
            ("lead-task", About(None, None, (f"{who}lead",))),
            ("deal-task", About(None, f"{who}free")),
            ("done", About(f"{who}a")),
        ):
            to_do = ToDo(title="Call", due_on=TODAY, owner_email=owner)
            task = new_task(who + id_, to_do, about, source=SOURCE, stamp=STAMP)
            stores.tasks.add(task)
            if id_ == "done":
                done = task.changed_to(task.to_do, task.about, is_done=True, stamp=STAMP)
                stores.tasks.save(task, done)

    def _delete_account(self, account_id: str) -> None:
        before = self.stores.accounts.get(account_id)
        gone = replace(before.moved_to(None, None, today=TODAY, stamp=STAMP), deleted=True)
        self.stores.accounts.delete(gone, None)
