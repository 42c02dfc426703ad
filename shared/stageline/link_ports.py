"""What links of accounts need from the outside world, besides what `ports` has."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from stageline.domain.link_proposal import LinkProposal


class LinkProposals(Protocol):
    """Pairs that nobody has decided about, and those that are never to be proposed again."""

    def add(self, proposals: Iterable[LinkProposal]) -> None:
        """Propose these, but for pairs that were turned down. Again does nothing."""
        ...

    def find(self, proposal_id: str) -> LinkProposal | None: ...

    def listed(self, after: str | None, page: int) -> Iterator[LinkProposal]:
        """Yield proposals by id, after that one."""
        ...

    def remove(self, proposal_id: str) -> None:
        """Forget a proposal; again does nothing."""
        ...

    def turn_down(self, proposal: LinkProposal) -> None:
        """Never propose this pair again."""
        ...
