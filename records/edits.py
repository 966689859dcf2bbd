"""Edits of cards in the outbox: each brings one card up to date when it is sent.

Composed only then, so nothing that happens in between is missed, and one that waits stands for all that is asked for
meanwhile.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.outbox import NewNotice, NoticeKind, put
from records.schema import OPEN_NOTICE, card, notice, word
from records.transaction import Tx


@dataclass(frozen=True, slots=True)
class Again:
    """Somebody's card shows itself once more, from this moment (elapsed) on."""

    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class _OpenEdit:
    id: UUID
    at: datetime  # elapsed
    goes_now: bool


_CARDS_AND_EDITS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(card.c.visit_id, card.c.person_id, notice.c.id, notice.c.hold_until, notice.c.attempt)
    .outerjoin_from(
        card,
        notice,
        sa.and_(
            OPEN_NOTICE,
            notice.c.state == word("waiting"),
            notice.c.kind == word("edit"),
            notice.c.visit_id == card.c.visit_id,
            notice.c.person_id == card.c.person_id,
        ),
    )
    .where(card.c.visit_id.in_(sa.bindparam("visits", expanding=True, type_=sa.Uuid)))
    .order_by(card.c.id)
)
_THEIR_CARDS_AND_EDITS: Final = _CARDS_AND_EDITS.where(
    card.c.person_id.in_(sa.bindparam("people", expanding=True, type_=sa.Uuid))
)
_HOLD: Final = (
    sa.update(notice)
    .where(notice.c.id == sa.bindparam("of"), notice.c.state == word("waiting"))
    .values(hold_until=sa.bindparam("until"))
)


def put_edits(
    tx: Tx,
    visits: Collection[UUID],
    *,
    now: datetime,
    elapsed: datetime,
    hold_until: datetime | None = None,
    people: Collection[UUID] | None = None,
    again: Again | None = None,
) -> int:
    """Bring every card of these visits up to date (or those of `people`); says how many edits were put.

    A card has at most one edit that may go now and one that is held for later; the later one moves to the later of two
    wishes. Each is composed when it is sent, so nothing that happens in between is missed.
    """
    if not visits:
        return 0
    wanted = hold_until or elapsed
    edits: list[NewNotice] = []
    moved: list[dict[str, object]] = []
    for (visit_id, person_id), there in _open_edits(tx, visits, people, elapsed=elapsed).items():
        moments = (wanted, again.at) if again is not None and again.person_id == person_id else (wanted,)
        for moment in moments:
            alike = [edit for edit in there if edit.goes_now == (moment <= elapsed)]
            if not alike:
                edit = NewNotice(NoticeKind.EDIT, person_id=person_id, visit_id=visit_id, hold_until=moment)
                edits.append(edit)
            moved += [{"of": edit.id, "until": moment} for edit in alike if not edit.goes_now and edit.at < moment]
    if moved:
        tx.connection.execute(_HOLD, moved)
    return len(put(tx, edits, now=now, elapsed=elapsed))


def _open_edits(
    tx: Tx, visits: Collection[UUID], people: Collection[UUID] | None, *, elapsed: datetime
) -> Mapping[tuple[UUID, UUID], Sequence[_OpenEdit]]:
    """The cards of these visits by visit and person, each with its edits that wait."""
    if people is None:
        rows = tx.connection.execute(_CARDS_AND_EDITS, {"visits": sorted(visits)})
    else:
        rows = tx.connection.execute(_THEIR_CARDS_AND_EDITS, {"visits": sorted(visits), "people": sorted(people)})
    found: dict[tuple[UUID, UUID], list[_OpenEdit]] = {}
    for row in rows:
        edits = found.setdefault((row.visit_id, row.person_id), [])
        if row.id is not None:
            # One that was tried is in back-off, not kept for later.
            goes_now = row.hold_until <= elapsed or row.attempt > 0
            edits.append(_OpenEdit(row.id, row.hold_until, goes_now=goes_now))
    return found
