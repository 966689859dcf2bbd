"""Judges what is recorded: whether every step that was due left something, whether anything is stuck, answers and the log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records import audit as log
from records import schema
from records.transaction import Tx
from scheduler.auditing import MissingStep, missing_steps
from scheduler.definitions import Definitions
from tests.simulation.deciding import Deciding
from tests.simulation.ladders import ESCALATIONS, FIRST_STEPS, DueStep, steps_of
from tests.simulation.places import DAY, Place
from tests.simulation.readers import anybody_here
from tests.simulation.rules import Known, Row, Rule
from trial.moments import Instant, instant

GRACE_WD: Final = 2
"""Working days within which what is due must have come: answers leave a site in peace until its next one."""

ENDS_WITHIN_WD: Final = 15  # longer than any two steps lie apart


@dataclass(frozen=True, slots=True)
class Missing:
    """A step of which nothing is recorded although it should be."""

    place: Place
    task_id: UUID
    step: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that is recorded of what several tasks have told."""

    told: Mapping[UUID, list[Row]]
    ended: frozenset[str]  # keys of the office's items
    helped: frozenset[UUID]  # visits with which somebody waits for the office
    nobody: frozenset[UUID]  # sites of which the office knows that nobody is there
    changed: Mapping[UUID, datetime]  # when something last happened to each patient
    answered: Mapping[UUID, datetime]


@dataclass
class Accounting:
    """Looks at the whole record."""

    known: Known
    decided: Deciding

    def accounts(self, studies: Definitions) -> None:
        """Every step whose moment has come is accounted for, here and by Sitebell's own auditor; and nothing is stuck."""
        now = self.known.clock.now()
        with self.known.records.read() as tx:
            held = tx.connection.execute(_HELD).first() is not None
            tasks = tx.connection.execute(_OPEN_TASKS).all() if not held else []
            recorded = _recorded(tx)
            missing = [gone for row in tasks for gone in self._unaccounted(row, recorded, now)]
            found = missing_steps(tx, studies, since=instant(datetime(2000, 1, 1, tzinfo=now.tzinfo)), now=now)
            stuck = [] if held else list(self._stuck(tx.connection, now))
            for row in tasks:
                self._judge_end(row, recorded, now)
        self._agree(missing, found, now, held=held)
        for gone in missing:
            self.known.breaks(Rule.STEPS_ACCOUNTED, f"{gone.step} of task {gone.task_id}", site=gone.place.number)
        for what in stuck:
            self.known.breaks(Rule.NOTHING_STUCK, what, site="-")

    def _agree(self, missing: list[Missing], found: Iterable[MissingStep], now: Instant, *, held: bool) -> None:
        """The auditor is stricter about the day itself; what it finds must be found here once the grace is over."""
        theirs = {(one.task_id, one.step.value): one for one in found}
        ours = {gone.task_id for gone in missing}  # the first step that is missing stands for those after it
        for (task_id, step), one in theirs.items():
            place = self.known.places[one.site_id]
            young = not place.more_working_days(GRACE_WD, place.today(one.at), place.today(now))
            if task_id not in ours and not held and not young:
                self.known.breaks(Rule.AUDITOR_AGREES, f"it reports {step} of task {task_id}", site=place.number)
        for gone in missing:
            if not any(of == gone.task_id for of, _ in theirs):
                what = f"it does not report {gone.step} of task {gone.task_id}"
                self.known.breaks(Rule.AUDITOR_AGREES, what, site=gone.place.number)

    # --- steps --------------------------------------------------------------------------------------------------------

    def _unaccounted(self, row: Row, recorded: Recorded, now: Instant) -> list[Missing]:
        place = self.known.places[row.site_id]
        today = place.today(now)
        if min(one for one in (row.opens, row.due) if one is not None) > today + 10 * DAY:
            return []  # no ladder begins sooner
        ladder = steps_of(row.ladder, {"opens": row.opens, "due": row.due, "closes": row.closes}, place)
        # Steps never come out of order, so those that are past are the first ones.
        steps = [one for one in ladder if _is_past(one, place, today)]
        told, passed = recorded.told.get(row.id, []), self.decided.passed.get(row.id, [])
        if not steps or (row.due < place.rings_from and not told and row.next_attention_at is None):
            return []  # nothing is due, or it is from before Sitebell
        there = {one.step for one in told if one.announced_due == row.due}
        there |= {one.step for one in passed if one.announced == row.due}
        if f"ladder_ended:{row.id}:{row.due.isoformat()}" in recorded.ended:
            there.add("manager")
        last = max(
            [place.today(one.created_at) for one in told] + [place.today(one.at) for one in passed], default=None
        )
        for number, step in enumerate(steps):
            later = any(one.name in there for one in ladder[number + 1 :])
            if step.name in there or (later and not step.escalates):
                continue
            if self._is_quiet(row, recorded, place, today):
                return []
            if step.escalates and last is not None and number > 0 and not later:
                # It keeps its distance from whatever came last.
                distance = place.working_days(steps[number - 1].day, step.day)
                if not place.more_working_days(distance + GRACE_WD, last, today):
                    return []
            return [Missing(place, row.id, step.name)]
        return []

    def _judge_end(self, row: Row, recorded: Recorded, now: Instant) -> None:
        """Long after the last that was told of a task nothing of its ladder is to come."""
        place = self.known.places[row.site_id]
        today = place.today(now)
        if row.next_step not in {*FIRST_STEPS, *ESCALATIONS} or row.closes is None or row.closes >= today:
            return
        days = [place.today(one.created_at) for one in recorded.told.get(row.id, [])]
        days += [place.today(one.at) for one in self.decided.passed.get(row.id, [])]
        last = max([row.closes, *days])
        if place.more_working_days(ENDS_WITHIN_WD, last, today) and not self._is_quiet(row, recorded, place, today):
            self.known.breaks(Rule.LADDERS_END, f"task {row.id} still stands at {row.next_step}", site=place.number)

    def _is_quiet(self, row: Row, recorded: Recorded, place: Place, today: date) -> bool:
        """Whether something else keeps the task quiet, or did until just now."""
        fresh = [self.known.released_at, recorded.changed.get(row.patient_id), recorded.answered.get(row.patient_id)]
        if any(at is not None and not place.more_working_days(GRACE_WD, place.today(at), today) for at in fresh):
            return True
        if row.visit_id in recorded.helped:
            return True
        if any(
            hold.ended_within(place, row.patient_id, row.kind, today, working_days=GRACE_WD)
            for hold in self.known.holds
        ):
            return True
        if row.site_id in recorded.nobody or not anybody_here(place, today):
            return True  # the office knows, and the task rings whoever comes
        if any(one.first <= today <= place.working_day(one.last, GRACE_WD) for man in place.people for one in man.away):
            return True
        if any(first <= today <= place.working_day(last + DAY, GRACE_WD) for first, last in place.closed):
            return True
        until = self.known.promised(row.id)
        return until is not None and today <= place.working_day(until + DAY, GRACE_WD + 1)

    # --- what is stuck ------------------------------------------------------------------------------------------------

    def _stuck(self, connection: sa.Connection, now: Instant) -> Iterable[str]:
        behind = instant(now - DAY)
        for row in connection.execute(_WAITING, {"before": behind}):
            yield f"reminder {row.id} waits since {row.not_before:%Y-%m-%d}"
        for row in connection.execute(_NOTICES, {"before": self.known.clock.elapsed() - DAY}):
            yield f"notice {row.id} is {row.state}"
        for row in connection.execute(_GROUPED_NOWHERE):
            yield f"reminder {row.id} was told in a notice that became void without a reason"

    # --- at the end ---------------------------------------------------------------------------------------------------

    def ends(self) -> None:
        """The whole record, once: answers and the log."""
        with self.known.records.read() as tx:
            rows = {row.id: row for row in tx.connection.execute(sa.select(schema.answer))}
            for one in self.known.given:
                row = rows.get(one.answer_id)
                if row is None or (row.task_id, row.person_id, row.kind) != (one.task_id, one.person_id, one.kind):
                    self.known.breaks(Rule.ANSWERS_KEPT, f"{one.kind} about task {one.task_id}", site="-")
                elif tx.unseal(schema.answer, row.id, row.sealed)["day"] != one.day:
                    self.known.breaks(Rule.ANSWERS_KEPT, f"the day of {one.kind} about {one.task_id}", site="-")
            faults = [str(fault) for fault in log.verify(tx).faults]
        if faults:
            self.known.breaks(Rule.LOG_HOLDS, faults[0], site="-")
        self.known.counted["answers"] = len(self.known.given)


def _is_past(step: DueStep, place: Place, today: date) -> bool:
    return place.more_working_days(GRACE_WD, max(step.day, place.rings_from), today)


def _recorded(tx: Tx) -> Recorded:
    told: dict[UUID, list[Row]] = defaultdict(list)
    for row in tx.connection.execute(_TOLD):
        told[row.task_id].append(row)
    items = tx.connection.execute(_ITEMS).all()
    return Recorded(
        told,
        ended=frozenset(row.key for row in items if row.kind == "ladder_ended"),
        helped=frozenset(row.visit_id for row in items if row.kind == "help" and row.closed_at is None),
        nobody=frozenset(row.site_id for row in items if row.kind == "nobody_reachable" and row.closed_at is None),
        changed={UUID(row.object_id): row.at for row in tx.connection.execute(_CHANGED)},
        answered={row.patient_id: row.at for row in tx.connection.execute(_ANSWERED)},
    )


_HELD: Final = sa.select(schema.outage.c.id).where(
    schema.outage.c.held == sa.true(), schema.outage.c.released_at.is_(None)
)
_CHANGED: Final = (
    sa.select(schema.audit.c.object_id, sa.func.max(schema.audit.c.at).label("at"))
    .where(schema.audit.c.object_type == "patient")
    .group_by(schema.audit.c.object_id)
)
_ANSWERED: Final = sa.select(schema.answer.c.patient_id, sa.func.max(schema.answer.c.answered_at).label("at")).group_by(
    schema.answer.c.patient_id
)
_OPEN: Final = (schema.task.c.state == "open", schema.patient.c.state == "followed")
_OPEN_TASKS: Final = (
    sa.select(
        schema.task.c.id,
        schema.task.c.visit_id,
        schema.task.c.patient_id,
        schema.task.c.site_id,
        schema.task.c.kind,
        schema.task.c.ladder,
        schema.task.c.opens,
        schema.task.c.due,
        schema.task.c.closes,
        schema.task.c.next_step,
        schema.task.c.next_attention_at,
    )
    .join(schema.patient, schema.patient.c.id == schema.task.c.patient_id)
    .where(*_OPEN, schema.task.c.firm == sa.true(), schema.task.c.due.is_not(None))
)
_TOLD: Final = (
    sa.select(
        schema.reminder.c.task_id,
        schema.reminder.c.step,
        schema.reminder.c.announced_due,
        schema.reminder.c.created_at,
    )
    .join(schema.task, schema.task.c.id == schema.reminder.c.task_id)
    .where(schema.task.c.state == "open")
)
_ITEMS: Final = sa.select(
    schema.office_item.c.kind,
    schema.office_item.c.key,
    schema.office_item.c.visit_id,
    schema.office_item.c.site_id,
    schema.office_item.c.closed_at,
)
_WAITING: Final = sa.select(schema.reminder.c.id, schema.reminder.c.not_before).where(
    schema.reminder.c.state == "waiting", schema.reminder.c.not_before < sa.bindparam("before")
)
_NOTICES: Final = sa.select(schema.notice.c.id, schema.notice.c.state).where(
    schema.notice.c.state.in_(("waiting", "claimed", "sending")),
    schema.notice.c.hold_until < sa.bindparam("before"),
)
_GROUPED_NOWHERE: Final = (
    sa.select(schema.reminder.c.id)
    .join(schema.notice, schema.notice.c.id == schema.reminder.c.notice_id)
    .where(
        schema.reminder.c.state == "grouped",
        schema.notice.c.state == "void",
        schema.notice.c.void_because.is_(None),
    )
)
