"""The command of an erasure to the CRM that a person came from, and what the CRM has answered."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from stageline.domain.certificate import CrmAnswer
from stageline.domain.contact import Contact
from stageline.domain.errors import Stale
from stageline.domain.ids import Identities
from stageline.domain.integration import Configured
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.stamp import Stamp
from stageline.domain.write_back import BY_HAND, WriteBack
from stageline.use_cases.crm_writing import NotWritten, Writing, integration_of, save
from stageline.write_ports import ErasesContacts, WriteQueue, Writes

NOT_SUPPORTED = "not_supported"
NO_SUCH_INTEGRATION = "no_such_integration"
# Nobody has asked the CRM.
_NOT_ASKED = frozenset({NOT_SUPPORTED, NO_SUCH_INTEGRATION})


@dataclass(frozen=True, slots=True)
class CrmCommands:
    """Asks CRMs to erase people, and tells what they have answered."""

    writes: Writes
    queue: Callable[[], WriteQueue]
    identities: Callable[[], Identities]
    configured: Callable[[], Configured]
    now: Callable[[], datetime]

    def command(self, contact: Contact, stamp: Stamp) -> None:
        """Ask the CRM that the contact came from, before its id there is forgotten here.

        Safe to repeat. `stamp`: of the erasure.
        """
        source = contact.source
        if contact.external_id is None or source is None:
            return
        if source.integration in (FILE_INTEGRATION, BY_HAND):
            return
        known = self.configured().integration(source.integration)
        write = WriteBack(
            write_id=self.identities().sign(f"erase {stamp.request} {contact.contact_id}"),
            integration=source.integration,
            what="erase_contact",
            record_id=contact.contact_id,
            status="refused" if known is None else "queued",
            code=NO_SUCH_INTEGRATION if known is None else None,
            external_id=None if known is None else contact.external_id,
            request_id=stamp.request,
            requested_by=stamp.by,
            requested_at=stamp.at,
            moved_at=stamp.at,
        )
        with suppress(Stale):
            # Unless an earlier try has.
            self.writes.save(write)
        if not write.is_finished:
            self.queue().send_write(write.write_id)

    def answers(self, request_id: str) -> tuple[CrmAnswer, ...]:
        """Return what CRMs have answered so far; whoever has not is asked again."""
        return tuple(_counted(self._asked(request_id)))

    def _asked(self, request_id: str) -> Mapping[str, list[WriteBack]]:
        found: dict[str, list[WriteBack]] = {}
        for write in self.writes.of_request(request_id):
            found.setdefault(write.integration, []).append(write)
            if write.status == "failed":
                with suppress(Stale):
                    self.writes.save(write.again(self.now()))
            if write.status in ("failed", "queued", "sending"):
                # The message before may have been lost; one too many does no harm.
                self.queue().send_write(write.write_id)
        return found


def erase_contact(writing: Writing, write: WriteBack) -> WriteBack:
    """Have the CRM erase a contact; what it is called there is forgotten with the answer.

    Raises NotWritten, CrmError, Stale.
    """
    integration = integration_of(writing, write)
    connector = writing.connector(integration)
    if not isinstance(connector, ErasesContacts):
        raise NotWritten(NOT_SUPPORTED)
    assert write.external_id is not None
    write = save(writing, write, status="sending", attempts=write.attempts + 1)
    assert write.external_id is not None
    connector.erase_contact(write.external_id)
    answer = {"vendor_status": None, "code": None}
    return save(writing, write, status="done", external_id=None, **answer)


def _counted(asked: Mapping[str, list[WriteBack]]) -> Iterator[CrmAnswer]:
    for integration, writes in sorted(asked.items()):
        counts: Counter[str] = Counter()
        codes: set[str] = set()
        for write in writes:
            if write.status == "refused" and write.code in _NOT_ASKED:
                counts["not_asked"] += 1
            elif write.status in ("done", "refused"):
                counts[write.status] += 1
            else:
                counts["pending"] += 1
            if write.status == "refused":
                codes.add(write.code or str(write.vendor_status))
        yield CrmAnswer(
            integration=integration,
            asked=len(writes) - counts["not_asked"],
            done=counts["done"],
            refused=counts["refused"],
            pending=counts["pending"],
            not_asked=counts["not_asked"],
            codes=tuple(sorted(codes)),
        )
