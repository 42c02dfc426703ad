"""Proposals to link accounts, and the links of a world, in memory."""

from collections.abc import Iterable, Iterator

from stageline.adapters.dynamodb.keys import (
    link_proposal_key,
    link_proposals_partition,
    no_link_key,
)
from stageline.domain.link_proposal import LinkProposal
from stageline.domain.workspace import Workspace
from stageline.use_cases.links import Linking
from tests.fakes.memory import Memory, Put
from tests.fakes.unused import UNUSED
from tests.fakes.world import WORKSPACE, World


class InMemoryLinkProposals:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def add(self, proposals: Iterable[LinkProposal]) -> None:
        for one in proposals:
            key = link_proposal_key(self._workspace, one.proposal_id)
            never = no_link_key(self._workspace, one.proposal_id)
            if self._memory.get(key) is None and self._memory.get(never) is None:
                self._memory.write("proposal", Put(key, one))

    def find(self, proposal_id: str) -> LinkProposal | None:
        found: LinkProposal | None = self._memory.get(
            link_proposal_key(self._workspace, proposal_id)
        )
        return found

    def listed(self, after: str | None, page: int) -> Iterator[LinkProposal]:
        found: Iterator[LinkProposal] = self._memory.query(
            link_proposals_partition(self._workspace)
        )
        return (one for one in found if after is None or one.proposal_id > after)

    def remove(self, proposal_id: str) -> None:
        key = link_proposal_key(self._workspace, proposal_id)
        self._memory.write("proposal", Put(key, None))

    def turn_down(self, proposal: LinkProposal) -> None:
        never = no_link_key(self._workspace, proposal.proposal_id)
        key = link_proposal_key(self._workspace, proposal.proposal_id)
        self._memory.write("proposal", Put(never, proposal), Put(key, None))


def linking_of(world: World) -> Linking:
    return Linking(
        moving=world.moving,
        deals=world.stores.deals,
        contacts=UNUSED,
        activities=UNUSED,
        tasks=UNUSED,
        proposals=InMemoryLinkProposals(world.memory, WORKSPACE),
        today=lambda: world.today,
    )
