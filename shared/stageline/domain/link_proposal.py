"""Two accounts of different sources that seem to be one company: somebody says whether they are."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from stageline.domain.personal import Plain


@dataclass(frozen=True, slots=True)
class LinkProposal:
    """`linked_id` is to count for `account_id`."""

    account_id: Plain
    linked_id: Plain
    found_at: datetime

    @property
    def proposal_id(self) -> str:
        return pair_id(self.account_id, self.linked_id)


def pair_id(one_id: str, other_id: str) -> str:
    """Return the id of two accounts, whichever of them is named first."""
    return blake2b("#".join(sorted((one_id, other_id))).encode(), digest_size=16).hexdigest()
