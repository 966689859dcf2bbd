"""Absences: "I am away from a day to a day, and a colleague covers". Local dates at the person's site, inclusive."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import TO_HAND_OVER, absence
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """`last` is what was said; `ended_on` the first day on which they were there again, where they came back earlier."""

    id: UUID
    person_id: UUID
    first: date
    last: date
    cover_id: UUID | None
    recorded_at: Instant
    ended_on: date | None
    handed_over_at: Instant | None

    @property
    def last_away(self) -> date:
        """The last day away. Before `first`: they were never away."""
        return self.last if self.ended_on is None else min(self.last, self.ended_on - timedelta(days=1))

    def covers(self, day: date) -> bool:
        """Whether they are away on this day."""
        return self.first <= day <= self.last_away


_ABSENCES: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    absence.c.id,
    absence.c.person_id,
    absence.c.first,
    absence.c.last,
    absence.c.cover_id,
    absence.c.recorded_at,
    absence.c.ended_on,
    absence.c.handed_over_at,
)
_NOT_OVER: Final = sa.and_(
    absence.c.last >= sa.bindparam("day"),
    sa.or_(
        absence.c.ended_on.is_(None),
        sa.and_(absence.c.ended_on > sa.bindparam("day"), absence.c.ended_on > absence.c.first),
    ),
)
_OF_PEOPLE: Final = _ABSENCES.where(
    absence.c.person_id.in_(sa.bindparam("people", expanding=True)), _NOT_OVER
).order_by(absence.c.first, absence.c.recorded_at, absence.c.id)
_TO_COVER: Final = _ABSENCES.where(
    TO_HAND_OVER,
    absence.c.cover_id == sa.bindparam("cover"),
    sa.or_(absence.c.ended_on.is_(None), absence.c.ended_on > absence.c.first),
).order_by(absence.c.first, absence.c.id)
_ADD: Final = sa.insert(absence)
_END: Final = (
    sa.update(absence)
    .where(absence.c.id == sa.bindparam("absence"), absence.c.ended_on.is_(None))
    .values(ended_on=sa.bindparam("back_on"))
)
_HANDED_OVER: Final = (
    sa.update(absence)
    .where(absence.c.id == sa.bindparam("absence"), absence.c.handed_over_at.is_(None))
    .values(handed_over_at=sa.bindparam("at"))
)


def add_absence(
    tx: Tx, person_id: UUID, *, first: date, last: date, cover_id: UUID | None, recorded_at: Instant
) -> UUID:
    """One more absence; whether it overlaps another one is for the use case to judge.

    Raises:
        ValueError: it ends before it begins.
    """
    if last < first:
        raise ValueError("an absence ends before it begins")
    absence_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": absence_id,
            "person_id": person_id,
            "first": first,
            "last": last,
            "cover_id": cover_id,
            "recorded_at": recorded_at,
        },
    )
    return absence_id


def absences_of(tx: Tx, person_ids: Collection[UUID], *, today: date) -> Mapping[UUID, tuple[AbsenceRow, ...]]:
    """The absences of these people that are not over today, the next first; nothing for people who have none."""
    if not person_ids:
        return {}
    found: dict[UUID, list[AbsenceRow]] = defaultdict(list)
    for row in tx.connection.execute(_OF_PEOPLE, {"people": sorted(person_ids), "day": today}):
        found[row.person_id].append(AbsenceRow(*row))
    return {person_id: tuple(rows) for person_id, rows in found.items()}


def hand_overs_to(tx: Tx, cover_id: UUID) -> tuple[AbsenceRow, ...]:
    """Absences for which this person stands in and was not yet given what is open; coming ones too, the earliest first."""
    return tuple(AbsenceRow(*row) for row in tx.connection.execute(_TO_COVER, {"cover": cover_id}))


def mark_handed_over(tx: Tx, absence_id: UUID, *, at: Instant) -> bool:
    """The cover was given what is open, or there was nothing to give; False when that was done before."""
    return tx.connection.execute(_HANDED_OVER, {"absence": absence_id, "at": at}).rowcount == 1


def end_absence(tx: Tx, absence_id: UUID, *, back_on: date) -> bool:
    """They are there from this day on. Before the first day: they were never away. False when it was ended before."""
    return tx.connection.execute(_END, {"absence": absence_id, "back_on": back_on}).rowcount == 1
