"""What people say about tasks, and what the trial office does with it: drawn from the seed, said through the office."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import sqlalchemy as sa

from office import assigning, claims, helping, leaving, patients
from office.answers import AlreadyAnswered, Outcome, Recorded, record_answer, undo_answer
from office.judging import Refusal
from office.taking_back import Undone
from records import answers as answer_rows
from records import people as people_rows
from records import plans, schema
from records.transaction import Tx
from tests.simulation.places import DAY, Place, Somebody
from tests.simulation.rules import Given, PatientKnown, Row
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said, Via
from trial.messages import LeavingConfirmed, LeavingTakenBack
from trial.tasks import SiteFunction, TaskKind

if TYPE_CHECKING:
    from tests.simulation.world import World

TOLD: Final = (LeavingKind.DEATH, LeavingKind.WITHDRAWN, LeavingKind.LOST, LeavingKind.TRANSFERRED, LeavingKind.OTHER)
CONFIRMED: Final = {
    LeavingKind.DEATH: (LeavingKind.DEATH,),
    LeavingKind.WITHDRAWN: (LeavingKind.WITHDRAWN_FROM_VISITS, LeavingKind.WITHDRAWN_FROM_EVERYTHING),
    LeavingKind.LOST: (LeavingKind.LOST,),
    LeavingKind.TRANSFERRED: (LeavingKind.TRANSFERRED,),
    LeavingKind.OTHER: (LeavingKind.WITHDRAWN_FROM_EVERYTHING,),
}
ENDS_VISITS: Final = frozenset({LeavingKind.WITHDRAWN_FROM_VISITS, LeavingKind.LOST})


@dataclass(frozen=True, slots=True)
class _Task:
    """A task as its reader sees it."""

    id: UUID
    visit_id: UUID
    patient_id: UUID
    kind: TaskKind
    state: str
    opens: date | None
    closes: date | None


class Acting:
    """The hands of everybody in one world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance = world.chance

    # --- patients -----------------------------------------------------------------------------------------------------

    def patient(self, place: Place) -> None:
        """A patient enters; at a site that has just opened one may be under way for a while."""
        world = self._world
        world.opens(place)
        today = place.today(world.now)
        ago = self._chance.choice((0, 0, 3, 10, 60, 200))
        registered = today - DAY * ago
        code = f"{place.number}-{len(place.codes) + 1:03}"
        place.codes.append(code)
        events = {"first_registration": registered}
        if ago >= 200:
            events |= {"second_registration": registered + DAY * 100}
        held = {"baseline_imaging": registered} if self._chance.random() < 0.6 else {}
        patient_id = world.running.sure(
            lambda: patients.add_patient(
                world.records,
                world.running.studies,
                study_code=None,
                site_number=place.number,
                code=code,
                events=events,
                held=held,
                by=None,
                **world.running.times,
            )
        )
        known = PatientKnown(code, patient_id, place)
        world.judge.patients[patient_id] = known
        if self._chance.random() < 0.2:
            world.later(world.some(timedelta(days=200)), lambda: self._assign(known))

    def _assign(self, known: PatientKnown) -> None:
        world = self._world
        there = [one for one in known.place.people if not one.left]
        if not there:
            return
        person = self._chance.choice(there)
        function = self._chance.choice((SiteFunction.COORDINATION, SiteFunction.IMAGING))
        world.running.within(
            lambda tx: assigning.assign(
                tx, known.patient_id, function, person.person_id, by=None, **world.running.times
            )
        )
        known.assigned[function] = person.person_id

    # --- answers ------------------------------------------------------------------------------------------------------

    def react(self, somebody: Somebody, visit_id: UUID) -> None:
        """Somebody looks at the card of a visit and says what they can."""
        world = self._world
        if somebody.left or somebody.blocked or somebody.place is None:
            return
        today = somebody.place.today(world.now)
        if somebody.away_on(today) is not None:
            return
        with world.records.read() as tx:
            tasks = [_task(row) for row in tx.connection.execute(_TASKS, {"visit": visit_id})]
        for task in tasks:
            chosen = self._choose(task, today)
            if chosen is None:
                continue
            outcome = self._say(somebody, task, *chosen)
            if isinstance(outcome, Recorded):
                self._then(somebody, task, outcome)
                if self._chance.random() < somebody.habit.twice:
                    self._say(somebody, task, *chosen)
            if not isinstance(outcome, Recorded) or outcome.kind is AnswerKind.NO_LONGER_FOLLOWED:
                return

    def _choose(self, task: _Task, today: date) -> tuple[AnswerKind, Said] | None:
        drawn = self._chance.random()
        if task.state == "done":
            again = task.kind is TaskKind.UPLOAD and drawn < 0.7
            return (AnswerKind.UPLOADED, Said(day=today)) if again else None
        if drawn < 0.03:
            return AnswerKind.NEED_HELP, Said(help=self._chance.choice(tuple(HelpKind)))
        if drawn < 0.05:
            return AnswerKind.NO_LONGER_FOLLOWED, Said(leaving=self._chance.choice(TOLD))
        if drawn < 0.12:
            return AnswerKind.LATER, Said(until=today + DAY * self._chance.randint(1, 25))
        if task.kind is TaskKind.FACT:
            return AnswerKind.STATED, Said(value=self._chance.choice(("yes", "yes", "no")))
        if drawn < 0.15:
            return AnswerKind.NOT_APPLICABLE, Said(text="as the team said")
        has_opened = task.opens is None or task.opens <= today
        if task.kind in {TaskKind.HOLD, TaskKind.EVENT} and (drawn < 0.3 or not has_opened):
            first = max(today, task.opens or today)
            return AnswerKind.BOOKED, Said(day=first + DAY * self._chance.randint(0, 12))
        day = today - DAY * self._chance.choice((0, 0, 0, 1, 4))
        if task.opens is not None and task.opens <= today:
            day = max(day, task.opens)
        kind = AnswerKind.UPLOADED if task.kind is TaskKind.UPLOAD else AnswerKind.DONE
        return kind, Said(day=day)

    def _say(self, somebody: Somebody, task: _Task, kind: AnswerKind, said: Said) -> Outcome:
        world = self._world

        def record(tx: Tx) -> Outcome:
            place, actor = plans.visit_place(tx, task.visit_id), people_rows.actor(tx, somebody.person_id)
            assert place is not None
            assert actor is not None
            return record_answer(
                tx,
                world.running.studies,
                place,
                actor,
                task_id=task.id,
                kind=kind,
                said=said,
                via=Via.BUTTON,
                **world.running.times,
            )

        outcome = world.running.within(record)
        match outcome:
            case Recorded():
                world.phones.said(somebody, f"{kind} ({task.kind}) {_shown(said)}".rstrip(), world.now)
                day = None if outcome.said.day is None else outcome.said.day.isoformat()
                world.judge.heard(task.visit_id, Given(outcome.answer_id, task.id, somebody.person_id, kind.value, day))
                if kind is AnswerKind.LATER and outcome.said.until is not None:
                    world.judge.promise(task.id, outcome.said.until)
                if kind is AnswerKind.BOOKED and outcome.said.day is not None:
                    world.judge.promise(task.id, outcome.said.day)
            case AlreadyAnswered():
                world.judge.counted["already answered"] += 1
            case _:
                world.judge.counted[f"refused {outcome.value}"] += 1
        return outcome

    def _then(self, somebody: Somebody, task: _Task, outcome: Recorded) -> None:
        """What follows from an answer: it is taken back, or the office looks at it."""
        world = self._world
        known = world.judge.patients[task.patient_id]
        world.judge.counted[f"said {outcome.kind.value}"] += 1
        if outcome.kind is AnswerKind.NO_LONGER_FOLLOWED:
            known.silent = True
            told = outcome.said.leaving or LeavingKind.OTHER
            world.later(world.some(timedelta(days=20)), lambda: self._settle_leaving(known, told))
        if self._chance.random() < somebody.habit.takes_back:
            world.later(timedelta(minutes=self._chance.randint(1, 9)), lambda: self._undo(somebody, known, outcome))
            return
        if outcome.kind is AnswerKind.NEED_HELP:
            world.later(world.some(timedelta(days=12)), lambda: self._help(task))
        if outcome.kind is AnswerKind.UPLOADED:
            world.later(world.some(timedelta(days=30)), lambda: self._check(outcome))

    def _undo(self, somebody: Somebody, known: PatientKnown, outcome: Recorded) -> None:
        world = self._world
        if somebody.left:
            return

        def undo(tx: Tx) -> Undone | Refusal:
            place, actor = plans.visit_place(tx, outcome.visit_id), people_rows.actor(tx, somebody.person_id)
            assert place is not None
            assert actor is not None
            return undo_answer(
                tx,
                world.running.studies,
                place,
                actor,
                answer_id=outcome.answer_id,
                via=Via.BUTTON,
                **world.running.times,
            )

        undone = world.running.within(undo)
        if isinstance(undone, Undone):
            world.judge.heard(
                outcome.visit_id, Given(undone.answer_id, outcome.task_id, somebody.person_id, "undo", None)
            )
            world.judge.counted["taken back"] += 1
            self._look_at(known)

    # --- the office ---------------------------------------------------------------------------------------------------

    def _help(self, task: _Task) -> None:
        world = self._world
        with world.records.read() as tx:
            item = tx.connection.scalar(_HELP, {"task": task.id})
        if item is not None:
            by = world.managers[0].person_id
            world.running.within(
                lambda tx: helping.close_item(tx, world.running.studies, item, by, **world.running.times)
            )
            with world.records.read() as tx:
                waited = list(tx.connection.scalars(_OF_VISIT, {"visit": task.visit_id}))
            today = world.judge.patients[task.patient_id].place.today(world.now)
            for task_id in waited:
                world.judge.promise_kept(task_id, today)

    def _check(self, outcome: Recorded) -> None:
        """The archive is looked at, or nobody looks."""
        world = self._world
        drawn, by = self._chance.random(), self._world.managers[1].person_id
        if drawn < 0.4:
            world.running.within(
                lambda tx: claims.verify(tx, world.running.studies, outcome.answer_id, by, **world.running.times)
            )
        elif drawn < 0.55:
            world.running.within(
                lambda tx: claims.query(tx, world.running.studies, outcome.answer_id, by, **world.running.times)
            )

    def _settle_leaving(self, known: PatientKnown, told: LeavingKind) -> None:
        world = self._world
        place = known.place
        investigators = [one for one in place.people if one.role.value == "investigator" and not one.left]
        by = self._chance.choice([*investigators, *world.managers]).person_id
        kind = self._chance.choice(CONFIRMED[told])
        today = place.today(world.now)

        def settle(tx: Tx) -> LeavingConfirmed | LeavingTakenBack | Refusal:
            studies, times = world.running.studies, world.running.times
            if takes_back:
                return leaving.take_back(tx, studies, known.patient_id, by, **times)
            if kind is LeavingKind.LOST:
                leaving.log_attempt(tx, studies, known.patient_id, today, by, **times)
            return leaving.confirm(tx, studies, known.patient_id, kind, today, by, **times)

        takes_back = self._chance.random() < 0.2
        if not known.silent:
            return  # the site has taken it back itself
        with world.records.read() as tx:
            due = frozenset(tx.connection.scalars(_DUE, {"patient": known.patient_id, "today": today}))
        outcome = world.running.within(settle)
        if isinstance(outcome, Refusal):
            world.judge.counted[f"leaving refused {outcome.value}"] += 1
            return
        world.judge.counted[f"leaving {outcome.kind}"] += 1
        with world.records.read() as tx:
            visits = list(tx.connection.scalars(_VISITS, {"patient": known.patient_id}))
        for visit_id in visits:
            world.judge.heard(visit_id, None)
        if isinstance(outcome, LeavingConfirmed) and kind in ENDS_VISITS:
            known.confirmed |= {self._left(known)[-1]}
            known.visits_over, known.still_asked = today, due
        self._look_at(known)

    def _look_at(self, known: PatientKnown) -> None:
        """Whether somebody still says that this patient has left, and it was not only the visits that have ended."""
        said = frozenset(self._left(known))
        known.silent = bool(said - known.confirmed)
        if not said & known.confirmed:
            known.visits_over = None

    def _left(self, known: PatientKnown) -> list[UUID]:
        with self._world.records.read() as tx:
            said = answer_rows.standing_of_patient(tx, known.patient_id, kinds=(AnswerKind.NO_LONGER_FOLLOWED,))
        return [answer.id for answer in said]


def _shown(said: Said) -> str:
    words = (said.day, said.until, said.value, said.help, said.leaving)
    return " ".join(str(one) for one in words if one is not None)


def _task(row: Row) -> _Task:
    return _Task(row.id, row.visit_id, row.patient_id, TaskKind(row.kind), row.state, row.opens, row.closes)


_TASKS: Final = (
    sa.select(schema.task)
    .where(
        schema.task.c.visit_id == sa.bindparam("visit"),
        schema.task.c.state.in_(("open", "done")),
        schema.task.c.due.is_not(None),
    )
    .order_by(schema.task.c.name)
)
_VISITS: Final = sa.select(schema.visit.c.id).where(schema.visit.c.patient_id == sa.bindparam("patient"))
_OF_VISIT: Final = sa.select(schema.task.c.id).where(schema.task.c.visit_id == sa.bindparam("visit"))
_DUE: Final = sa.select(schema.task.c.id).where(
    schema.task.c.patient_id == sa.bindparam("patient"), schema.task.c.due <= sa.bindparam("today")
)
_HELP: Final = sa.select(schema.office_item.c.id).where(
    schema.office_item.c.task_id == sa.bindparam("task"),
    schema.office_item.c.kind == "help",
    schema.office_item.c.closed_at.is_(None),
)
