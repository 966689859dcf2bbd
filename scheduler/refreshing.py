"""Cards follow their visits: whoever changes a visit asks for its cards to be brought up to date."""

from collections.abc import Collection
from uuid import UUID

from records import cards, outbox
from records.transaction import Tx
from trial.moments import Instant


def refresh_cards(tx: Tx, visit_ids: Collection[UUID], *, now: Instant, elapsed: Instant) -> None:
    """One open edit for each card of these visits; a visit that was never shown to anybody costs nothing."""
    shown = dict.fromkeys(card.visit_id for card in cards.cards_of_visits(tx, visit_ids))
    for visit_id in shown:
        outbox.put_edits(tx, visit_id, now=now, elapsed=elapsed)
