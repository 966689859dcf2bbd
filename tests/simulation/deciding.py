"""Judges what each tick has decided: which step of its ladder a task took, when, and who is told.

A step is taken when somebody has a reminder of it, when the office has an item, or when the log says that there was nobody
to tell. All three are judged alike: a step that was passed over needs its day as much as one that rang.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records import schema
from records.transaction import Tx, entry_row
from tests.simulation.ladders import ESCALATIONS, FIRST_STEPS, steps_of
from tests.simulation.places import Place
from tests.simulation.readers import anybody_here, told_at
from tests.simulation.rules import Known, Row, Rule
from trial.moments import Instant
from trial.tasks import SiteFunction

_LADDER: Final = (*FIRST_STEPS, *ESCALATIONS)
_CLAIM_STEPS: Final = frozenset({"unseen", "queried"})


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that a task took. `announced`: the due date that it told of; `told` is empty where nobody of the site was."""

    task_id: UUID
    step: str
    announced: date
    at: Instant
    told: frozenset[UUID] = frozenset()

    @property
    def passed_over(self) -> bool:
        return not self.told and self.step != "manager"


@dataclass
class Deciding:
    """Reads on where it stopped. `passed`: the steps of each task of which the log says that there was nobody to tell."""

    known: Known
    passed: dict[UUID, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    _last_reminder: int = 0
    _last_item: int = 0
    _last_entry: int = 0

    def ticked(self) -> None:
        """Looks at what is new."""
        with self.known.records.read() as tx:
            taken = [*self._rung(tx), *self._skipped(tx), *self._ended(tx)]
            if not taken:
                return
            asked = {"tasks": sorted({one.task_id for one in taken})}
            tasks = {row.id: row for row in tx.connection.execute(_TASKS, asked)}
            for one in sorted(taken, key=lambda one: _LADDER.index(one.step) if one.step in _LADDER else -1):
                self.known.counted[f"{'passed over' if one.passed_over else 'step'} {one.step}"] += 1
                self._judge(tx, one, tasks[one.task_id])
                if one.passed_over:
                    self.passed[one.task_id].append(one)

    # --- what is new --------------------------------------------------------------------------------------------------

    def _rung(self, tx: Tx) -> Iterable[Taken]:
        told: dict[tuple[UUID, str, date, Instant], set[UUID]] = defaultdict(set)
        for row in tx.connection.execute(_NEW_REMINDERS, {"after": self._last_reminder}):
            self._last_reminder = row.rowid
            if row.step not in _CLAIM_STEPS:
                told[row.task_id, row.step, row.announced_due, row.created_at].add(row.person_id)
        return [Taken(*which, frozenset(people)) for which, people in told.items()]

    def _skipped(self, tx: Tx) -> Iterable[Taken]:
        rows = tx.connection.execute(_NEW_SKIPPED, {"after": self._last_entry}).all()
        self._last_entry = tx.connection.scalar(_LAST_ENTRY) or 0  # most entries are about something else
        for row in rows:
            after = tx.unseal(schema.audit, entry_row(row.sequence), row.sealed)["after"]
            assert isinstance(after, Mapping)
            assert after["because"] == "nobody_to_tell"
            yield Taken(
                UUID(row.object_id), str(after["step"]), date.fromisoformat(str(after["announced_due"])), row.at
            )

    def _ended(self, tx: Tx) -> Iterable[Taken]:
        for row in tx.connection.execute(_NEW_ENDED, {"after": self._last_item}):
            self._last_item = row.rowid
            yield Taken(row.task_id, "manager", date.fromisoformat(row.key.rsplit(":", 1)[-1]), row.opened_at)

    # --- whether it is right ------------------------------------------------------------------------------------------

    def _judge(self, tx: Tx, taken: Taken, task: Row) -> None:
        place = self.known.places[task.site_id]
        today = place.today(taken.at)
        before = [row for row in tx.connection.execute(_TOLD, {"task": taken.task_id}) if row.created_at < taken.at]
        if taken.step in ESCALATIONS or taken.passed_over:
            self._judge_order(taken, task, place, today, before)
        if taken.step != "manager":
            self._judge_people(taken, task, place, today, before)

    def _judge_people(self, taken: Taken, task: Row, place: Place, today: date, before: list[Row]) -> None:
        people = self.known.people
        function = SiteFunction(task.function)
        heard = [row for row in before if row.state != "void"]
        wanted = told_at(
            taken.step,
            function,
            place,
            assigned=self.known.patients[task.patient_id].assigned.get(function),
            today=today,
            told_before=frozenset(
                row.person_id for row in heard if row.announced_due == task.due or row.step == "later"
            ),
        )
        told = taken.told | {
            row.person_id for row in heard if (row.step, row.announced_due) == (taken.step, taken.announced)
        }
        if taken.passed_over and wanted:
            who = " and ".join(sorted(people[one].name for one in wanted))
            self.known.breaks(
                Rule.RIGHT_PERSON, f"{taken.step} of task {task.id} left out, not told to {who}", site=place.number
            )
        elif not taken.told <= wanted <= told:
            who = " and ".join(sorted(people[one].name for one in taken.told))
            right = " and ".join(sorted(people[one].name for one in wanted)) or "nobody"
            self.known.breaks(
                Rule.RIGHT_PERSON, f"{taken.step} to {who} for {function}, not to {right}", site=place.number
            )

    def _judge_order(self, taken: Taken, task: Row, place: Place, today: date, before: list[Row]) -> None:
        """On its own day of the study file at the earliest, and not before the one before it had its time."""
        marks = {"opens": task.opens, "due": task.due, "closes": task.closes}
        ladder = steps_of(task.ladder, marks, place)
        number = next(number for number, one in enumerate(ladder) if one.name == taken.step)
        own = ladder[number]
        what = f"{taken.step} of task {task.id}"
        if taken.announced != task.due or today < own.day:
            self.known.breaks(Rule.IN_ORDER, f"{what} before its day, {own.day}", site=place.number)
        nobody = not anybody_here(place, today)
        for earlier in ladder[:number]:
            if not (earlier.escalates or earlier.name == "late"):
                continue
            which = (earlier.name, taken.announced)
            days = [place.today(row.created_at) for row in before if (row.step, row.announced_due) == which]
            days += [place.today(one.at) for one in self.passed[task.id] if (one.step, one.announced) == which]
            if not days:
                self.known.breaks(Rule.IN_ORDER, f"{what} without {earlier.name}", site=place.number)
            elif not nobody and own.escalates:
                # Where nobody is there, the office hears on the manager's day, and nothing has to keep its distance.
                distance, last = place.working_days(earlier.day, own.day), place.working_day(max(days))
                if place.working_days(last, today) < distance:
                    self.known.breaks(Rule.IN_ORDER, f"{what} too soon after {earlier.name}", site=place.number)


_rowid: Final[sa.ColumnElement[int]] = sa.literal_column("reminder.rowid")
_NEW_REMINDERS: Final = (
    sa.select(
        _rowid.label("rowid"),
        schema.reminder.c.task_id,
        schema.reminder.c.person_id,
        schema.reminder.c.step,
        schema.reminder.c.announced_due,
        schema.reminder.c.created_at,
    )
    .where(_rowid > sa.bindparam("after"))
    .order_by(_rowid)
)
_NEW_ENDED: Final = (
    sa.select(
        sa.literal_column("office_item.rowid").label("rowid"),
        schema.office_item.c.key,
        schema.office_item.c.task_id,
        schema.office_item.c.opened_at,
    )
    .where(
        sa.literal_column("office_item.rowid") > sa.bindparam("after"),
        schema.office_item.c.kind == "ladder_ended",
    )
    .order_by(sa.literal_column("office_item.rowid"))
)
_NEW_SKIPPED: Final = (
    sa.select(schema.audit.c.sequence, schema.audit.c.object_id, schema.audit.c.at, schema.audit.c.sealed)
    .where(
        schema.audit.c.sequence > sa.bindparam("after"),
        schema.audit.c.object_type == "task",
        schema.audit.c.action == "task.step_skipped",
    )
    .order_by(schema.audit.c.sequence)
)
_LAST_ENTRY: Final = sa.select(sa.func.max(schema.audit.c.sequence))
_TASKS: Final = sa.select(schema.task).where(schema.task.c.id.in_(sa.bindparam("tasks", expanding=True)))
_TOLD: Final = sa.select(
    schema.reminder.c.step,
    schema.reminder.c.announced_due,
    schema.reminder.c.person_id,
    schema.reminder.c.created_at,
    schema.reminder.c.state,
).where(schema.reminder.c.task_id == sa.bindparam("task"))
