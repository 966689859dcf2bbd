"""Cards follow their visits: whoever changes a visit asks for its cards to be brought up to date."""

from collections.abc import Collection
from uuid import UUID

from records import cards, outbox
from records.transaction import Tx
from trial.moments import Instant


def refresh_cards(tx: Tx, visit_ids: Collection[UUID], *, now: Instant, elapsed: Instant) -> None:
    """One open edit for each card of these visits; a visit that was never shown to anybody costs nothing."""
    readers: dict[UUID, list[UUID]] = {}
    for card in cards.cards_of_visits(tx, visit_ids):
        readers.setdefault(card.visit_id, []).append(card.person_id)
    for visit_id, people in readers.items():
        outbox.put_edits(tx, visit_id, now=now, elapsed=elapsed, people=people)
