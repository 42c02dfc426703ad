"""Texts of records that live on and seem to name somebody who is to be erased: for people to tick.

Looked for where the person has to do with: their accounts and deals, what was done and is to be
done there, and what they share with others. There is no index of texts, and no scan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact, Person
from stageline.domain.deal import Deal
from stageline.domain.erasure import Candidate
from stageline.domain.mentions import Mentions, Traits, mentioning, mentions_of
from stageline.domain.pins import PinnedKind
from stageline.domain.task import Task
from stageline.ports import Accounts, Deals
from stageline.record_ports import Activities, Tasks

type Lasting = Account | Deal | Activity | Task

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Around:
    """What people have to do with, in one workspace."""

    accounts: Accounts
    deals: Deals
    activities: Activities
    tasks: Tasks

    def account(self, account_id: str) -> Iterator[Lasting]:
        """Yield an account and all that lies with it."""
        account = self.accounts.find(account_id)
        if account is not None:
            yield account
            linked = (one.account_id for one in account.linked)
            yield from self.accounts.find_many(linked).values()
        yield from self.deals.of_account(account_id)
        yield from (one for _, one in self.activities.of_account(account_id, None, _PAGE))
        yield from (one for _, one in self.tasks.of_account(account_id, None, _PAGE))

    def contact(self, contact_id: str) -> Iterator[Activity | Task]:
        """Yield the activities and tasks with a contact."""
        yield from (one for _, one in self.activities.of_contact(contact_id, None, _PAGE))
        yield from (one for _, one in self.tasks.of_contact(contact_id, None, _PAGE))


def candidates_of(around: Around, people: Iterable[Contact]) -> Iterator[Candidate]:
    """Yield the texts that seem to name one of these people.

    What is about nobody else is none of these: it goes anyway.
    """

    people = list(people)
    ids = frozenset(one.contact_id for one in people)
    around_account: dict[str, list[Mentions]] = {}
    for contact in people:
        mentions = mentions_of(_traits(contact.person))
        deals = around.deals.find_many(link.record_id for link in contact.deals)
        accounts = {link.record_id for link in contact.accounts}
        accounts |= {deal.account_id for deal in deals.values() if deal.account_id}
        for account_id in accounts:
            around_account.setdefault(account_id, []).append(mentions)
        yield from _found(deals.values(), ids, [mentions])
        yield from _found(around.contact(contact.contact_id), ids, [mentions])
    for account_id, some in around_account.items():
        # An account may have any number of records: none is kept.
        yield from _found(around.account(account_id), ids, some)


def _found(
    records: Iterable[Lasting], people: frozenset[str], mentions: Iterable[Mentions]
) -> Iterator[Candidate]:
    for record in records:
        if not is_theirs_alone(record, people):
            kind, record_id = named(record)
            for one in mentions:
                for field in mentioning(record, one):
                    yield Candidate(kind, record_id, field)


def is_theirs_alone(record: Lasting, people: frozenset[str]) -> bool:
    """Tell whether an activity or a task is about these people and nobody else."""
    match record:
        case Activity() | Task():
            with_whom = record.about.contact_ids
            return bool(with_whom) and people.issuperset(with_whom)
        case _:
            return False


def named(record: Lasting) -> tuple[PinnedKind, str]:
    """Return kind and id of a record."""
    match record:
        case Account():
            return "account", record.account_id
        case Deal():
            return "deal", record.deal_id
        case Activity():
            return "activity", record.activity_id
        case Task():
            return "task", record.task_id


def _traits(person: Person) -> Traits:
    return Traits(
        first_names=tuple(filter(None, [person.first_name])),
        last_names=tuple(filter(None, [person.last_name])),
        emails=tuple(filter(None, [person.email])),
        phones=tuple(filter(None, [person.phone])),
    )
