"""Judges what reaches a phone, at the moment at which it does."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from bot.composing import Send
from records import schema
from records.outbox import Claim, NoticeKind
from tests.simulation.ladders import ESCALATIONS, FIRST_STEPS
from tests.simulation.places import DAY, Place, Somebody
from tests.simulation.rules import Known, Row, Rule
from trial.moments import Instant

RINGS: Final = 3
_VISITING: Final = frozenset({"hold", "event", "fact"})


@dataclass
class Reaching:
    """Remembers what each person was told singly."""

    known: Known
    _cards: dict[tuple[UUID, date], set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _rings: dict[tuple[UUID, UUID], dict[UUID, tuple[datetime, date]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def reached(self, claim: Claim, said: Send) -> None:
        """A new message has reached somebody's phone, or may have."""
        known = self.known
        somebody = None if claim.person_id is None else known.people.get(claim.person_id)
        if somebody is None or somebody.place is None:
            return
        now, place = known.clock.now(), somebody.place
        what = f"{claim.kind.value} ({said.text.text[:60]!r}) to {somebody.name}"
        why_not = somebody.why_not_now(now)
        # Whoever has just joined is answered at once.
        if why_not is not None and now > somebody.joined_at + DAY:
            at = f"{now.astimezone(place.zone):%a %H:%M}"
            known.breaks(Rule.IN_HOURS, f"a {what} {why_not} ({at})", site=place.number)
        if claim.kind is NoticeKind.MESSAGE:
            return
        if place.today(now) < place.rings_from:
            known.breaks(Rule.NOT_BEFORE, f"a {what}, it rings from {place.rings_from}", site=place.number)
        for patient in known.patients.values():
            if patient.silent and patient.place is place and patient.code in said.text.text:
                known.breaks(Rule.LEFT_SILENT, f"a {what} about {patient.code}", site=place.number)
        for row in self._on_the_way(claim):
            if known.on_hold(place, row.patient_id, row.kind):
                what = f"a {what} about task {row.task_id}"
                known.breaks(Rule.ON_HOLD, what, site=place.number)
        if claim.kind is NoticeKind.CARD:
            self._single(claim, somebody, place, now)

    def _single(self, claim: Claim, somebody: Somebody, place: Place, now: Instant) -> None:
        known = self.known
        today = self._cards[somebody.person_id, place.today(now)]
        today.add(claim.notice_id)
        if len(today) > somebody.cap:
            what = f"{len(today)} single notices to {somebody.name}, whose cap is {somebody.cap}"
            known.breaks(Rule.UNDER_CAP, what, site=place.number)
        for row in self._told_in(claim.notice_id):
            patient = known.patients[row.patient_id]
            over = patient.visits_over is not None and row.due > patient.visits_over and row.kind in _VISITING
            if patient.silent or (over and row.task_id not in patient.still_asked):
                what = f"a card to {somebody.name} about {patient.code}, task {row.task_id}"
                known.breaks(Rule.LEFT_SILENT, what, site=place.number)
            rings = self._rings[row.task_id, somebody.person_id]
            rings[claim.notice_id] = (claim.created_at, row.due)
            news = known.news.get(row.visit_id)
            unheard = [at for at, due in rings.values() if due == row.due and (news is None or at > news)]
            if len(unheard) > RINGS:
                what = f"{len(unheard)} single rings to {somebody.name} about {row.task_id} without news"
                known.breaks(Rule.THREE_RINGS, what, site=place.number)

    def _on_the_way(self, claim: Claim) -> list[Row]:
        """The tasks that a message brings: those that a card rings for, and all of a digest."""
        if not self.known.holds:
            return []
        with self.known.records.read() as tx:
            if claim.digest_id is None:
                return list(tx.connection.execute(_RUNG_IN, {"notice": claim.notice_id}))
            return list(tx.connection.execute(_LISTED_IN, {"digest": claim.digest_id}))

    def _told_in(self, notice_id: UUID) -> list[Row]:
        with self.known.records.read() as tx:
            return list(tx.connection.execute(_TOLD_IN, {"notice": notice_id}))


_RUNG_IN: Final = (
    sa.select(schema.reminder.c.task_id, schema.task.c.patient_id, schema.task.c.kind)
    .join(schema.task, schema.task.c.id == schema.reminder.c.task_id)
    .where(schema.reminder.c.notice_id == sa.bindparam("notice"), schema.reminder.c.state != "void")
)
_LISTED_IN: Final = (
    sa.select(schema.digest_item.c.task_id, schema.task.c.patient_id, schema.task.c.kind)
    .join(schema.task, schema.task.c.id == schema.digest_item.c.task_id)
    .where(schema.digest_item.c.digest_id == sa.bindparam("digest"))
)
_TOLD_IN: Final = (
    sa.select(
        schema.reminder.c.task_id,
        schema.task.c.visit_id,
        schema.task.c.patient_id,
        schema.task.c.due,
        schema.task.c.kind,
    )
    .join(schema.task, schema.task.c.id == schema.reminder.c.task_id)
    .where(
        schema.reminder.c.notice_id == sa.bindparam("notice"),
        schema.reminder.c.step.in_((*FIRST_STEPS, *ESCALATIONS, "later")),
    )
)
