"""An erasure asks the CRM that somebody came from to erase them, too, and says what it answered."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stageline.adapters.dynamodb.aliases import DynamoDbAliases
from stageline.adapters.dynamodb.writes import DynamoDbWrites
from stageline.domain.contact import new_contact
from stageline.domain.crm_errors import CrmRefused, CrmUnavailable
from stageline.domain.ids import Identities
from stageline.domain.integration import Connection, Integration
from stageline.domain.stamp import Source
from stageline.schemes import shipped
from stageline.use_cases.contacts import store_contacts
from stageline.use_cases.crm_erasures import CrmCommands
from stageline.use_cases.crm_writes import work_write
from stageline.use_cases.crm_writing import Writing
from stageline.use_cases.erasure_steps import tick
from tests.fakes.connector import MemoryConnector
from tests.fakes.unused import UNUSED
from tests.fakes.workspace import InMemoryConfiguration
from tests.fakes.writes import WritableCrm
from tests.integration.erasure.people import JANE, NAMESAKE, World
from tests.integration.records.stores import NOW, STAMP, TODAY, WORKSPACE

ANSWER = {"asked": 1, "done": 0, "refused": 0, "pending": 0, "not_asked": 0, "codes": []}


class Company(World):
    """Jane came from a CRM."""

    def __init__(self) -> None:
        super().__init__()
        self.crm: Any = WritableCrm(now=lambda: self.now)
        self.messages: list[str] = []
        self.writes = DynamoDbWrites(self.stores.table, WORKSPACE)
        self.configuration = InMemoryConfiguration()
        self.hub = Integration(
            key="hub",
            active=True,
            opportunity_pull=True,
            connection=Connection(vendor="hubspot", base_url="https://api.hubapi.com"),
            created_at=NOW,
            changed=STAMP,
        )
        overlay = self.configuration.read().overlay
        self.configuration.save_integration(self.hub, overlay, overlay)
        commands = CrmCommands(
            self.writes,
            lambda: self,
            lambda: Identities(WORKSPACE, b"key"),
            lambda: self.configuration.read(),
            lambda: self.now,
        )
        erasing = replace(self.privacy.erasing, crms=commands)
        self.privacy = replace(self.privacy, erasing=erasing)
        self.writing = Writing(
            writes=self.writes,
            queue=self,
            accounts=self.stores.accounts,
            rows=self.pipeline.rows,
            aliases=DynamoDbAliases(self.stores.table, WORKSPACE),
            identities=Identities(WORKSPACE, b"key"),
            configuration=self.configuration,
            scheme=shipped(),
            connector=lambda _: self.crm,
            stage_field=UNUSED,
            described=UNUSED,
            today=lambda: TODAY,
            now=lambda: self.now,
        )
        self.comes("jane", JANE)

    def comes(self, id_: str, person: Any, integration: str = "hub") -> None:
        contact = new_contact(
            id_,
            person,
            accounts=(),
            deals=(),
            external_id=f"their-{id_}",
            source=Source(integration, "hash", "1"),
            stamp=STAMP,
        )
        beside = self.stores.customs.beside("contact", id_, None, person)
        store_contacts(self.stores.contacts, [(None, contact)], beside)

    def send_write(self, write_id: str, *, delay: timedelta = timedelta()) -> None:
        self.messages.append(write_id)

    def erase(self, way: Any = "erase", *ids: str, **more: Any) -> Any:
        self.ask(way, ids or ("jane",), **more)
        self.approve(())
        self.execute()
        return self.crms()

    def answer(self, times: int = 1) -> None:
        """Let the CRM work off the messages of now."""
        for _ in range(times):
            messages, self.messages = self.messages, []
            for one in dict.fromkeys(messages):
                work_write(self.writing, one)

    def look_again(self) -> Any:
        self.now += timedelta(hours=1)
        for _ in tick(self.privacy):
            pass
        self.work_off()
        return self.crms()

    def crms(self) -> Any:
        number = self.certificates.latest(WORKSPACE, "r1")
        said = json.loads(self.certificates.read(WORKSPACE, "r1", number) or "")["certificate"]
        return said["state"], said.get("crms")


@pytest.fixture
def company():
    return Company()


@pytest.mark.parametrize("way", ["erase", "anonymize"])
def test_the_crm_is_asked_and_its_answer_is_certified(company, way):
    assert company.erase(way) == ("partial", [ANSWER | {"integration": "hub", "pending": 1}])

    company.answer()

    assert company.crm.erased == ["their-jane"]
    assert "their-jane" not in company.left(), "nor what they call her"
    assert company.look_again() == ("live_erased", [ANSWER | {"integration": "hub", "done": 1}])
    assert company.messages == []


def test_every_record_of_the_person_in_the_crm_is_erased(company):
    company.comes("janes-other", replace(JANE, phone=None))

    company.erase()
    company.answer()

    assert sorted(company.crm.erased) == ["their-jane", "their-janes-other"]


@pytest.mark.parametrize("source", ["file", "api"])
def test_who_came_from_no_crm_is_nobody_elses_business(company, source):
    company.comes("ned", NAMESAKE, source)

    state, crms = company.erase("erase", "ned")

    assert (state, crms) == ("live_erased", None)


def test_who_is_only_masked_stays_in_the_crm(company):
    state, crms = company.erase("mask_selected", fields=("phone",))

    assert (state, crms, company.messages) == ("live_erased", None, [])


def test_a_refusal_is_certified_with_the_crms_code(company):
    company.crm.errors.append(CrmRefused("no", 400, "CANNOT_DELETE"))
    company.erase()
    company.answer()

    refused = ANSWER | {"integration": "hub", "refused": 1, "codes": ["CANNOT_DELETE"]}
    assert company.look_again() == ("live_erased", [refused])
    assert "their-jane" not in company.left()


@pytest.mark.parametrize("answer", ["cannot", "gone"])
def test_a_crm_that_cannot_be_asked_is_told(company, answer):
    if answer == "cannot":
        company.crm, code = MemoryConnector(), "not_supported"
    else:
        company.configuration = InMemoryConfiguration()
        code = "no_such_integration"
    company.erase()
    company.answer()

    state, crms = company.look_again()

    told = {"integration": "hub", "asked": 0, "not_asked": 1, "codes": [code]}
    assert (state, crms) == ("live_erased", [ANSWER | told])
    assert "their-jane" not in company.left()


def test_a_crm_that_does_not_let_us_in_is_asked_again_until_it_does(company):
    company.crm.errors.append(CrmRefused("no", 403, "MISSING_SCOPES"))
    company.erase()
    company.answer()
    assert company.look_again()[0] == "partial"

    company.answer()

    assert company.look_again()[0] == "live_erased"
    assert company.crm.erased == ["their-jane"]


def test_a_crm_that_does_not_answer_is_asked_again_every_hour(company):
    company.crm.errors += [CrmUnavailable("down", 503)] * 15
    company.erase()
    company.answer(times=12)
    assert company.look_again()[0] == "partial"

    company.answer(times=12)

    assert company.look_again()[0] == "live_erased"


def test_nobody_is_asked_for_twice_by_a_step_that_is_done_again(company):
    company.erase()
    company.answer()
    company.crm.erased.clear()

    company.look_again()
    company.look_again()
    company.answer()

    assert company.crm.erased == []
