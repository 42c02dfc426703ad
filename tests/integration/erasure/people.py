"""A workspace with people in every place that can hold them, over the real adapters in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from stageline.adapters.dynamodb.erasures import DynamoDbErasures
from stageline.adapters.dynamodb.groups import DynamoDbGroups
from stageline.adapters.dynamodb.refused_records import DynamoDbRefusedRecords
from stageline.adapters.dynamodb.rows import DynamoDbRows
from stageline.domain.account import Profile, new_account
from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.contact import Person, links_of, new_contact
from stageline.domain.custom_field import new_field
from stageline.domain.deal import Terms, new_deal
from stageline.domain.erasure import ErasureRequest
from stageline.domain.erasure_errors import StoreUnreachable
from stageline.domain.evaluation import Evaluator
from stageline.domain.identifiers import Hashing
from stageline.domain.task import ToDo, new_task
from stageline.erasure_ports import Step
from stageline.schemes import shipped
from stageline.use_cases.contacts import store_contacts
from stageline.use_cases.erasing import Erasing
from stageline.use_cases.erasure_look import PeoplesRecords
from stageline.use_cases.erasure_mentions import Around
from stageline.use_cases.erasure_requests import Asked, Privacy, approve, execute, request_erasure
from stageline.use_cases.erasure_steps import work
from stageline.use_cases.fields import add_field
from stageline.use_cases.pipeline import Stores as Pipeline
from tests.fakes.privacy import KeptCertificates, KeptJournal, KeySigner
from tests.fakes.stepping import pause
from tests.fakes.world import owner_of
from tests.integration.records.stores import NOW, SOURCE, STAMP, TODAY, WORKSPACE, Stores

JANE = Person(
    first_name="Jane",
    last_name="Doequist",
    email="jane.doequist@example.com",
    phone="+12025550143",
    job_title="Head of Jam",
    company_name="Jam & Sons",
    custom={"nickname": "Janie"},
    tags=("jams",),
)
# What no store may hold afterwards.
TRACES = ("jane", "doequist", "2025550143", "555-0143", "head of jam", "janie")
NAMESAKE = Person(first_name="Jane", last_name="Doequist", email="jane@other.example")
COLLEAGUE = Person(first_name="Bob", last_name="Smith", email="info@example.com")


@dataclass
class KeptFiles:
    """Files in memory, by key, with the import that each belongs to."""

    files: dict[str, str | None] = field(default_factory=dict)
    answers: bool = True

    def held(self) -> Sequence[tuple[str, str | None]]:
        self._answer()
        return list(self.files.items())

    def remove(self, keys: Any) -> int:
        self._answer()
        return sum(self.files.pop(key, "none") != "none" for key in list(keys))

    def _answer(self) -> None:
        pause()
        if not self.answers:
            raise StoreUnreachable


class KeptMessages:
    """The queue of steps in memory."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Step, int]] = []

    def send(self, request_id: str, step: Step, parts: Sequence[int]) -> None:
        pause()
        self.waiting += [(request_id, step, part) for part in parts]


class World:
    """Jane, a namesake elsewhere, and a colleague with whom she shares the company's mailbox."""

    def __init__(self) -> None:
        self.stores = Stores()
        self.now = NOW
        self.queue = KeptMessages()
        self.journal, self.certificates = KeptJournal(), KeptCertificates()
        self.signer = KeySigner()
        self.files = KeptFiles()
        self.open_imports: set[str] = set()
        stores = self.stores
        self.erasures = DynamoDbErasures(stores.table, WORKSPACE)
        around = Around(stores.accounts, stores.deals, stores.activities, stores.tasks)
        self.records = PeoplesRecords(
            self.erasures,
            stores.contacts,
            around,
            stores.customs,
            lambda: Hashing(WORKSPACE, stores.keys),
        )
        self.refused = DynamoDbRefusedRecords(stores.table, WORKSPACE, "crm")
        self.pipeline = Pipeline(
            accounts=stores.accounts,
            deals=stores.deals,
            groups=DynamoDbGroups(stores.table, WORKSPACE),
            rows=DynamoDbRows(stores.table, WORKSPACE),
            owner_of=owner_of,
            evaluators=(Evaluator.of(shipped()),),
        )
        self.privacy = Privacy(
            workspace=WORKSPACE,
            erasing=Erasing(
                self.records,
                lambda: self.pipeline,
                lambda: self.now,
                lambda seconds: None,
                refused=lambda: [self.refused],
            ),
            queue=lambda: self.queue,
            journal=lambda: self.journal,
            certificates=lambda: self.certificates,
            signer=lambda: self.signer,
            files=lambda: self.files,
            is_import_open=lambda job_id: job_id in self.open_imports,
            today=lambda: self.now.date(),
        )

    def populate(self) -> None:
        stores = self.stores
        for key, unique in (("nickname", True), ("note", False)):
            for module in ("contact", "account"):
                made: Any = new_field(module, key, key, "text", unique=unique, stamp=STAMP)
                add_field(stores.customs.fields, made)
        for number in (1, 2):
            profile = Profile(name=f"Company {number}")
            stores.accounts.add(
                [new_account(f"a{number}", profile, in_crm=True, today=TODAY, stamp=STAMP)]
            )
        deal = new_deal(
            "d1",
            Terms(name="Jane Doequist renewal"),
            "open",
            None,
            account_id="a1",
            today=TODAY,
            stamp=STAMP,
        )
        stores.deals.add([deal])
        people: dict[str, Any] = {
            "k1": (JANE, {"a1": ["champion"]}, {"d1": []}),
            "k2": (Person(last_name="DOEQUIST, Jane", email=JANE.email), {"a2": []}, {}),
            "namesake": (NAMESAKE, {"a2": []}, {}),
            "bob": (COLLEAGUE, {"a1": []}, {}),
        }
        for id_, (person, accounts, deals) in people.items():
            self.add(id_, person, accounts, deals)
        lone = {
            "call": About("a1", None, ("k1",)),
            "with-bob": About("a1", None, ("bob", "k1")),
            "of-lead": About(None, None, ("k1",)),
            "of-bob": About("a1", None, ("bob",)),
        }
        for hour, (id_, about) in enumerate(lone.items(), start=1):
            happening = Happening(
                kind="call",
                occurred_at=NOW - timedelta(hours=hour),
                subject="Talked to Jane Doequist",
                text="Nothing in particular",
            )
            stores.activities.add(
                [new_activity(id_, happening, about, external_id=id_, source=SOURCE, stamp=STAMP)]
            )
        for id_, about in {
            "task-at-account": About("a1", None, ("k1",)),
            "task-of-lead": About(None, None, ("k1",)),
            "task-of-bob": About("a1", None, ("bob",)),
        }.items():
            to_do = ToDo(title=f"Ring Janie Doequist ({id_})", due_on=TODAY)
            stores.tasks.add(new_task(id_, to_do, about, source=SOURCE, stamp=STAMP))
        self.files.files = {"uploads/acme/1/contacts.csv": "1", "pages/acme/1/1": "1"}

    def add(self, id_: str, person: Person, accounts: Any = None, deals: Any = None) -> None:
        contact = new_contact(
            id_,
            person,
            accounts=links_of(accounts or {}),
            deals=links_of(deals or {}),
            external_id=f"crm-{id_}",
            source=SOURCE,
            stamp=STAMP,
        )
        beside = self.stores.customs.beside("contact", id_, None, person)
        store_contacts(self.stores.contacts, [(None, contact)], beside)

    def ask(self, way: Any = "erase", ids: Sequence[str] = ("k1",), **more: Any) -> ErasureRequest:
        asked = Asked(
            way=way, ground="consent_withdrawn", reason="Jane wrote to us", contact_ids=ids, **more
        )
        request = request_erasure(self.privacy, "r1", asked, by="an-admin")
        self.work_off()
        return self.erasures.get(request.request_id)

    def approve(self, ticked: Any = None) -> ErasureRequest:
        preview = self.erasures.get("r1").preview
        assert preview is not None
        return approve(self.privacy, "r1", preview.hash, ticked, by="the-officer")

    def execute(self) -> ErasureRequest:
        execute(self.privacy, "r1")
        self.work_off()
        return self.erasures.get("r1")

    def work_off(self) -> None:
        while self.queue.waiting:
            work(self.privacy, *self.queue.waiting.pop(0))

    def later(self, by: timedelta) -> None:
        self.now += by

    def today(self) -> date:
        return self.now.date()

    def at(self, moment: datetime) -> None:
        self.now = moment

    def left(self) -> str:
        """Return all that is stored, as one text in lower case."""
        return repr(self.stores.items()).casefold()

    def traces(self, *kept: str) -> set[str]:
        """Return the traces of Jane that are left, those of the records `kept` not counted."""
        others = [
            item
            for (_, _), item in self.stores.items().items()
            if not any(one in repr(sorted(item.items(), key=str)) for one in kept)
        ]
        text = repr(others).casefold()
        return {trace for trace in TRACES if trace in text}
