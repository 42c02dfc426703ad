"""A ledger in parts, for an account that has more deals than fit into one item."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stageline.domain.ledger import Ledger, losses_of


def in_chunks(ledger: Ledger, most_deals: int) -> Iterator[Ledger]:
    """Yield the ledger in parts of at most so many deals, in the order of their ids.

    Each part is a ledger of its own; together they say what the whole one says.
    """
    if len(ledger.deal_ids) <= most_deals:
        yield ledger
        return
    for first in range(0, len(ledger.deal_ids), most_deals):
        events = [
            (packed, owner - first)
            for packed, owner in zip(ledger.spells, ledger.owners, strict=True)
            if first <= owner < first + most_deals
        ]
        chunk = replace(
            ledger,
            deal_ids=ledger.deal_ids[first : first + most_deals],
            spells=tuple(packed for packed, _ in events),
            owners=tuple(owner for _, owner in events),
        )
        losses = sorted(loss for _, spells in chunk.deals() for loss in losses_of(spells))
        yield replace(chunk, losses=tuple(losses))


def from_chunks(chunks: Sequence[Ledger]) -> Ledger:
    """Put together what `in_chunks` took apart, given in the same order."""
    if len(chunks) == 1:
        return chunks[0]
    events: list[tuple[int, int]] = []
    deal_ids: tuple[str, ...] = ()
    for chunk in chunks:
        events += (
            (packed, owner + len(deal_ids))
            for packed, owner in zip(chunk.spells, chunk.owners, strict=True)
        )
        deal_ids += chunk.deal_ids
    events.sort()
    return replace(
        chunks[0],
        deal_ids=deal_ids,
        spells=tuple(packed for packed, _ in events),
        owners=tuple(owner for _, owner in events),
        losses=tuple(sorted(loss for chunk in chunks for loss in chunk.losses)),
    )
