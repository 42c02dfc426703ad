"""What a row of a contact or an activity means for what is stored. Pure, as `import_decisions`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stageline.domain import activity as activities
from stageline.domain import contact as contacts
from stageline.domain.activity import MOST_CONTACTS, About, Activity, Happening, new_activity
from stageline.domain.contact import MOST_LINKS, Contact, Links, Person, links_of, new_contact
from stageline.domain.errors import Invalid
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.use_cases.import_decisions import SUPPRESSED, Decision, Import

_PERSON = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "company_name",
    "owner_email",
)
_HAPPENING = ("kind", "occurred_at", "two_way", "subject", "text", "owner_email")


@dataclass(frozen=True, slots=True)
class Named:
    """The ids that a row names, and those of before that are not so any more.

    Files add what they name. A CRM names all: of its own, what it does not name is `dropped`.
    `instead`: who stands for those of before now; their roles go over.
    """

    ids: tuple[str, ...] = ()
    dropped: Collection[str] = ()
    instead: Mapping[str, str] = field(default_factory=dict)


def decide_contact(
    deciding: Import,
    row: ContactRecord,
    contact_id: str,
    accounts: Named,
    before: Contact | None,
    hash_: str,
) -> Decision[Contact]:
    """`accounts` are those that the row names, first that on which its roles are."""
    source = deciding.source(hash_, None if before is None else before.source)
    person = Person()
    links: Links = ()
    deals: Links = ()
    pinned: tuple[str, ...] = ()
    if before is not None:
        if before.erased_by is not None:
            return Decision("refused", before, faults=(suppressed("external_id"),))
        person, links, deals = before.person, before.accounts, before.deals
        pinned = before.pinned
    links, notes = _links(row, accounts, links, MOST_LINKS - len(deals))
    if before is not None:
        # Another record of the CRM goes on as this one: it has never been stored.
        is_other = before.external_id not in (None, row.external_id)
        outcome = None if is_other else deciding.settled(before, hash_, before.deleted)
        if outcome is not None:
            return Decision(outcome, before, deciding.renewed(before, outcome), notes=notes)
    person = replace(person, **row.said(*_PERSON))
    found = tuple(contacts.faults(person, links, deals, pinned))
    if found:
        return Decision("refused", before, faults=found)
    if before is None:
        new = new_contact(
            contact_id,
            person,
            accounts=links,
            external_id=row.external_id,
            source=source,
            stamp=deciding.stamp,
        )
        return Decision("created", None, new, notes=notes)
    after = before.changed_to(
        person, accounts=links, deals=before.deals, source=source, stamp=deciding.stamp
    )
    after = replace(after, external_id=row.external_id, deleted=False, merged_into=None)
    return Decision("changed", before, after, notes=notes)


def _links(
    row: ContactRecord, accounts: Named, before: Links, most: int
) -> tuple[Links, tuple[Invalid, ...]]:
    """Return the links to accounts as the row has them; of all that a CRM names `most` at most."""
    held = {accounts.instead.get(link.record_id, link.record_id): link.roles for link in before}
    others = held.keys() - {*accounts.dropped, *accounts.ids}
    named = accounts.ids
    notes: tuple[Invalid, ...] = ()
    if row.account_external_ids is not None and len(others) + len(named) > most:
        named = named[: max(0, most - len(others))]
        notes = (_too_many("accounts", len(named)),)
    roles = {id_: held.get(id_, ()) for id_ in (*others, *named)}
    if row.roles is not None and row.account_external_id is not None and named:
        roles[named[0]] = row.roles
    return links_of(roles), notes


def decide_activity(
    deciding: Import,
    row: ActivityRecord,
    activity_id: str,
    named: About,
    before: Activity | None,
    hash_: str,
    dropped: Collection[str] = (),
) -> Decision[Activity]:
    """`named` is what the row names; what it does not name stays as it was, but for `dropped`."""
    source = deciding.source(hash_, None if before is None else before.source)
    said = row.said(*_HAPPENING)
    if said.get("two_way", False) is None:
        said["two_way"] = row.kind == "meeting"
    about, notes = _about(row, named, dropped, About() if before is None else before.about)
    if before is None:
        happening = Happening(**{"two_way": row.kind == "meeting"} | said)
    else:
        if before.erased:
            return Decision("refused", before, faults=(suppressed("external_id"),))
        if (outcome := deciding.settled(before, hash_, before.deleted)) is not None:
            return Decision(outcome, before, deciding.renewed(before, outcome), notes=notes)
        happening = replace(before.happening, **said)
    found = tuple(activities.faults(happening, about, deciding.today))
    if found:
        return Decision("refused", before, faults=found)
    if before is None:
        new = new_activity(
            activity_id,
            happening,
            about,
            external_id=row.external_id,
            source=source,
            stamp=deciding.stamp,
        )
        return Decision("created", None, new, notes=notes)
    after = before.changed_to(happening, about, source=source, stamp=deciding.stamp)
    external_id = None if "external_id" in before.pinned else row.external_id
    after = replace(after, external_id=external_id, deleted=False)
    return Decision("changed", before, after, notes=notes)


def _about(
    row: ActivityRecord, named: About, dropped: Collection[str], before: About
) -> tuple[About, tuple[Invalid, ...]]:
    contact_ids: Sequence[str] = named.contact_ids or before.contact_ids
    notes: tuple[Invalid, ...] = ()
    if names_all(row):
        others = [one for one in before.contact_ids if one not in {*dropped, *named.contact_ids}]
        kept = named.contact_ids[: MOST_CONTACTS - len(others)]
        if len(kept) < len(named.contact_ids):
            notes = (_too_many("contact_ids", len(kept)),)
        contact_ids = (*kept, *others)
    is_cleared = row.cleared.__contains__
    about = About(
        named.account_id or (None if is_cleared("account_external_id") else before.account_id),
        named.deal_id or (None if is_cleared("deal_external_id") else before.deal_id),
        tuple(contact_ids),
    )
    return about, notes


def names_all(row: ContactRecord | ActivityRecord) -> bool:
    """Tell whether a row of a CRM names all of a contact's accounts, or an activity's contacts."""
    one, all_ = (
        ("account_external_id", "account_external_ids")
        if isinstance(row, ContactRecord)
        else ("contact_external_id", "contact_external_ids")
    )
    return getattr(row, all_) is not None or all_ in row.cleared or one in row.cleared


def named_ids(row: ContactRecord | ActivityRecord) -> Iterable[str]:
    """Return the external ids of the accounts or contacts that a row names, the main one first."""
    if isinstance(row, ContactRecord):
        one, all_ = row.account_external_id, row.account_external_ids
        # In an order of their own: which are too many is the same every time.
        all_ = tuple(sorted(all_ or ()))
    else:
        one, all_ = row.contact_external_id, row.contact_external_ids
    return dict.fromkeys((*(() if one is None else (one,)), *(all_ or ())))


def suppressed(field: str) -> Invalid:
    return Invalid(field, SUPPRESSED, "this person was erased and is not stored again")


def _too_many(field: str, kept: int) -> Invalid:
    return Invalid(field, "too_many", f"stored with the first {kept} of them")
