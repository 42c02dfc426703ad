"""Proposals to link accounts, in DynamoDB."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    link_proposal_key,
    link_proposals_partition,
    no_link_key,
)
from stageline.adapters.dynamodb.table import Table, Write
from stageline.domain.link_proposal import LinkProposal
from stageline.domain.workspace import Workspace


class DynamoDbLinkProposals:
    """The port `LinkProposals`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def add(self, proposals: Iterable[LinkProposal]) -> None:
        found = {one.proposal_id: one for one in proposals}
        keys = [
            key
            for proposal_id in found
            for key in (
                no_link_key(self._workspace, proposal_id),
                link_proposal_key(self._workspace, proposal_id),
            )
        ]
        known = {item["id"] for item in self._table.batch_get(keys)}
        for proposal_id, one in found.items():
            if proposal_id not in known:
                self._table.put(self._item(one))

    def find(self, proposal_id: str) -> LinkProposal | None:
        item = self._table.get(link_proposal_key(self._workspace, proposal_id))
        return _proposal_from(item) if item else None

    def listed(self, after: str | None, page: int) -> Iterator[LinkProposal]:
        items = self._table.query(
            link_proposals_partition(self._workspace),
            after=None if after is None else link_proposal_key(self._workspace, after),
            page_size=page,
            consistent=True,
        )
        return map(_proposal_from, items)

    def remove(self, proposal_id: str) -> None:
        self._table.write(Write("Delete", link_proposal_key(self._workspace, proposal_id)))

    def turn_down(self, proposal: LinkProposal) -> None:
        never = self._item(proposal) | no_link_key(self._workspace, proposal.proposal_id)
        proposed = link_proposal_key(self._workspace, proposal.proposal_id)
        self._table.transact([Write("Put", never), Write("Delete", proposed)])

    def _item(self, proposal: LinkProposal) -> Item:
        return link_proposal_key(self._workspace, proposal.proposal_id) | {
            "id": proposal.proposal_id,
            "account": proposal.account_id,
            "linked": proposal.linked_id,
            "found_at": proposal.found_at.isoformat(),
        }


def _proposal_from(item: Item) -> LinkProposal:
    found_at = datetime.fromisoformat(item["found_at"])
    return LinkProposal(item["account"], item["linked"], found_at)
