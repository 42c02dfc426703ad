"""An integration's CRM as runs see it: the connector's records, translated."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from stageline.crm_ports import Connector, SourcePage
from stageline.domain.crm_bodies import as_documented
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_mapping import CrmMapping, asked_fields
from stageline.domain.crm_records import Ask, CrmRecord, Place
from stageline.domain.job_states import Records
from stageline.domain.records import GoneRecord, SyncedRecord
from stageline.domain.sync import Window
from sync_crm.custom_values import CustomFields
from sync_crm.noticed import Noticed
from sync_crm.translation import Translator


class TranslatedSource:
    """The port `CrmSource`. `noticed` is what was noticed of the last page or fetch.

    `quota_left` returns what the CRM's last answer left for the day. `custom`: `Translator`.
    """

    def __init__(
        self,
        connector: Connector,
        mapping: CrmMapping,
        zone: str,
        *,
        quota_left: Callable[[], int | None] = lambda: None,
        custom: CustomFields | None = None,
    ) -> None:
        self._connector = connector
        self._mapping = mapping
        self._zone = zone
        self._quota_left = quota_left
        self._custom = custom
        self.noticed: Noticed = Counter()

    def page(self, records: Records, window: Window, place: Place, line: int) -> SourcePage:
        ask = Ask(
            records=records,
            fields=self._asked(records),
            since=window.since,
            until=window.until,
            place=place,
        )
        with as_documented():
            page = self._connector.page(ask)
        return SourcePage(self._rows(records, page.records, line), page.place, page.wait)

    def fetch(self, records: Records, ids: Sequence[str], line: int) -> Sequence[SyncedRecord]:
        with as_documented():
            found = self._connector.fetch(records, ids, self._asked(records))
        rows = self._rows(records, found, line)
        line = max((row.line for row in rows), default=line - 1) + 1
        answered = {row.external_id for row in rows}
        if None in answered:
            # It may be any of those that would be taken for gone.
            raise CrmUnavailable("the CRM gave a record without its id")
        missing = (one for one in dict.fromkeys(ids) if one not in answered)
        return rows + [
            GoneRecord(line=number, external_id=one) for number, one in enumerate(missing, line)
        ]

    def count(self, records: Records) -> int | None:
        with as_documented():
            return self._connector.count(records)

    def quota_left(self) -> int | None:
        return self._quota_left()

    def _asked(self, records: Records) -> tuple[str, ...]:
        fields: Mapping[str, str] = self._connector.fields.get(records, {})
        return asked_fields(records, self._mapping, fields)

    def _rows(self, records: Records, found: Iterable[CrmRecord], line: int) -> list[SyncedRecord]:
        translator = Translator(self._mapping, self._connector.fields, self._zone, self._custom)
        rows: list[SyncedRecord] = []
        told: set[tuple[str, str | None]] = set()
        for record in found:
            made = translator.rows(records, record, line)
            line += len(made)
            for row in made:
                if isinstance(row, GoneRecord):
                    # The winner of a merge names it, and so it may do itself.
                    one = (row.external_id, row.merged_into)
                    if one in told:
                        continue
                    told.add(one)
                rows.append(row)
        self.noticed = translator.noticed
        return rows
