"""A workspace in memory that writes to a CRM in memory."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from stageline.domain.account import Profile, new_account
from stageline.domain.integration import Connection
from stageline.domain.stamp import Source, Stamp
from stageline.use_cases.crm_creation import request_creation
from stageline.use_cases.crm_writes import work_write
from stageline.use_cases.crm_writing import Writing
from tests.fakes.syncing import Synced
from tests.fakes.world import DAY, SCHEME, WORKSPACE
from tests.fakes.writes import InMemoryWrites, KeptWrites, WritableCrm
from tests.unit.sync_crm.test_runs import PlainSource

ACME = Profile(name="Acme", domain="acme.example")
MINUTE = timedelta(minutes=1)


class Crash(BaseException):
    """The worker dies."""


class Company:
    """A workspace whose accounts may be created in its CRM, and what a worker does about it."""

    def __init__(self):
        self.crm = WritableCrm(now=lambda: self.synced.now, page_size=3)
        self.synced = Synced(PlainSource(self.crm))
        memory = self.synced.world.memory
        memory.pause = lambda: None
        self.memory = memory
        connection = Connection(
            vendor="hubspot", base_url="https://api.hubapi.com", sign_in="private_app"
        )
        self.integration = replace(self.synced.integration, connection=connection)
        self.queue = KeptWrites(memory)
        self.accounts = self.synced.world.stores.accounts
        self.writing = Writing(
            writes=InMemoryWrites(memory, WORKSPACE),
            queue=self.queue,
            accounts=self.accounts,
            rows=self.synced.world.stores.rows,
            aliases=self.synced.store.aliases,
            identities=self.synced.store.identities,
            configuration=self.synced.world.configuration,
            scheme=SCHEME,
            connector=lambda _: self.crm,
            stage_field=lambda _: self.stage_field,
            described=lambda _, name: {one.name: one for one in self.described}.get(name),
            today=lambda: DAY,
            now=lambda: self.synced.now,
        )
        self.stage_field = None
        self.described = []
        self._numbers = count(1)

    def account(self, source="api", *, in_crm=False, external_id=None, id_="1" * 32):
        made = new_account(
            id_,
            ACME,
            in_crm=in_crm,
            external_id=external_id,
            source=Source(source, "hash", "2026-01-01"),
            today=DAY,
            stamp=Stamp("somebody", "request", self.synced.now),
        )
        self.accounts.add([made])
        return made

    def ask(self, account, write_id=None):
        account = self.accounts.get(account.account_id)
        write = request_creation(
            self.writing.writes,
            self.integration,
            account,
            write_id or f"{next(self._numbers):032x}",
            "somebody",
            self.synced.now,
        )
        self.queue.send_write(write.write_id)
        return write

    def work(self):
        """Take the messages, those of later ones too, as time passes."""
        write = None
        while self.queue.messages:
            write_id, delay = self.queue.messages.pop(0)
            self.synced.now += delay
            write = work_write(self.writing, write_id)
        return write

    def made(self):
        return list(self.crm.made())
