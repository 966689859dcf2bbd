"""What must hold whatever happens, judged from the records, the phones, and what people said: never by asking the code.

Each rule has a name. What breaks one is raised as `Broken` with seed, day and site, and how to run it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from bot.composing import Send
from records import audit as log
from records import schema
from records.database import Records
from records.outbox import Claim, NoticeKind
from scheduler.auditing import MissingStep, missing_steps
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from tests.simulation.ladders import FIRST_STEPS, DueStep, steps_of
from tests.simulation.places import DAY, Place, Somebody, responsible
from trial.moments import Instant, instant
from trial.people import Role
from trial.tasks import SiteFunction

RINGS: Final = 3
GRACE_WD: Final = (
    2  # working days within which what is due must have come: answers leave a site in peace until its next one
)
ENDS_WITHIN_WD: Final = 15  # longer than any two steps lie apart


class Rule(StrEnum):
    """What must hold."""

    IN_HOURS = "nobody is written to at night, on days off or while away"
    UNDER_CAP = "nobody gets more single notices in a day than their cap"
    THREE_RINGS = "nobody is rung singly more than three times without something new"
    RIGHT_PERSON = "the one responsible person is told first, or who stands in"
    IN_ORDER = "investigator and manager hear only after the earlier steps"
    LEFT_SILENT = "about a patient who left nothing is told"
    NOT_BEFORE = "a site is silent before its date"
    STEPS_ACCOUNTED = "every step whose moment has come left something"
    LADDERS_END = "every ladder ends"
    AUDITOR_AGREES = "the auditor finds what is missing, and nothing else"
    ANSWERS_KEPT = "every answer that was given is recorded"
    NOTHING_STUCK = "every reminder and notice ends somewhere"
    LOG_HOLDS = "the log is whole"
    MOVES_ON = "time does not stand still"


class Broken(AssertionError):
    """A rule does not hold."""

    def __init__(self, rule: Rule, what: str, *, again: str, at: datetime, site: str) -> None:
        self.rule = rule
        super().__init__(f"{rule.value}: {what}; site {site}, {at:%Y-%m-%d %H:%M} UTC. Again: {again}")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as somebody gave it."""

    answer_id: UUID
    task_id: UUID
    person_id: UUID | None
    kind: str
    day: str | None


@dataclass
class PatientKnown:
    """A patient as the simulation knows them. `silent`: nothing may be told; `visits_over`: after this
    day there are no visits any more; what was due until then may still be asked for."""

    code: str
    patient_id: UUID
    place: Place
    silent: bool = False
    visits_over: date | None = None
    assigned: dict[SiteFunction, UUID] = field(default_factory=dict)


@dataclass
class Judge:
    """Looks at what left and what was recorded."""

    records: Records
    clock: FixedClock
    again: str  # how to run this once more
    people: dict[UUID, Somebody] = field(default_factory=dict)
    places: dict[UUID, Place] = field(default_factory=dict)
    patients: dict[UUID, PatientKnown] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    released_at: datetime | None = None
    keeps_going: bool = False
    broken: list[Broken] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _cards: dict[tuple[UUID, date], set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _rings: dict[tuple[UUID, UUID], dict[UUID, tuple[datetime, date]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _news: dict[UUID, datetime] = field(default_factory=dict)
    _promises: dict[UUID, date] = field(default_factory=dict)
    _last_reminder: int = 0
    _last_item: int = 0

    def breaks(self, rule: Rule, what: str, *, site: str) -> None:
        """A rule does not hold: raised at once, or kept where all of them are wanted (`keeps_going`)."""
        broken = Broken(rule, what, again=self.again, at=self.clock.now(), site=site)
        if not self.keeps_going:
            raise broken
        self.broken.append(broken)

    # --- what reaches a phone -----------------------------------------------------------------------------------------

    def reached(self, claim: Claim, said: Send) -> None:
        """A new message has reached somebody's phone, or may have."""
        somebody = None if claim.person_id is None else self.people.get(claim.person_id)
        if somebody is None or somebody.place is None:
            return
        now, place = self.clock.now(), somebody.place
        what = f"{claim.kind.value} ({said.text.text[:60]!r}) to {somebody.name}"
        why_not = somebody.why_not_now(now)
        # Whoever has just joined is answered at once.
        if why_not is not None and now > somebody.joined_at + DAY:
            self.breaks(Rule.IN_HOURS, f"a {what} {why_not} ({now.astimezone(place.zone):%a %H:%M})", site=place.number)
        if claim.kind is NoticeKind.MESSAGE:
            return
        if place.today(now) < place.rings_from:
            self.breaks(Rule.NOT_BEFORE, f"a {what}, it rings from {place.rings_from}", site=place.number)
        for known in self.patients.values():
            if known.silent and known.place is place and known.code in said.text.text:
                self.breaks(Rule.LEFT_SILENT, f"a {what} about {known.code}", site=place.number)
        if claim.kind is NoticeKind.CARD:
            self._single(claim, somebody, place, now)

    def _single(self, claim: Claim, somebody: Somebody, place: Place, now: Instant) -> None:
        today = self._cards[somebody.person_id, place.today(now)]
        today.add(claim.notice_id)
        if len(today) > somebody.cap:
            what = f"{len(today)} single notices to {somebody.name}, whose cap is {somebody.cap}"
            self.breaks(Rule.UNDER_CAP, what, site=place.number)
        for row in self._told_in(claim.notice_id):
            known = self.patients[row.patient_id]
            if known.silent or (known.visits_over and row.due > known.visits_over and row.kind in _VISITING):
                what = f"a card to {somebody.name} about {known.code}, task {row.task_id}"
                self.breaks(Rule.LEFT_SILENT, what, site=place.number)
            rings = self._rings[row.task_id, somebody.person_id]
            rings[claim.notice_id] = (claim.created_at, row.due)
            news = self._news.get(row.visit_id)
            unheard = [at for at, due in rings.values() if due == row.due and (news is None or at > news)]
            if len(unheard) > RINGS:
                what = f"{len(unheard)} single rings to {somebody.name} about {row.task_id} without news"
                self.breaks(Rule.THREE_RINGS, what, site=place.number)

    def _told_in(self, notice_id: UUID) -> list[sa.Row[Any]]:
        reminder, task = schema.reminder, schema.task
        with self.records.read() as tx:
            return list(
                tx.connection.execute(
                    sa.select(reminder.c.task_id, task.c.visit_id, task.c.patient_id, task.c.due, task.c.kind)
                    .join(task, task.c.id == reminder.c.task_id)
                    .where(reminder.c.notice_id == notice_id, reminder.c.step.in_((*map(str, _STEPS),)))
                )
            )

    def heard(self, visit_id: UUID, given: Given | None) -> None:
        """Somebody said something about this visit."""
        self._news[visit_id] = self.clock.now()
        if given is not None:
            self.given.append(given)

    # --- what a tick has decided --------------------------------------------------------------------------------------

    def ticked(self) -> None:
        """Looks at the reminders and items that are new."""
        with self.records.read() as tx:
            new = tx.connection.execute(_NEW_REMINDERS, {"after": self._last_reminder}).all()
            items = tx.connection.execute(_NEW_ITEMS, {"after": self._last_item}).all()
        for row in new:
            self._last_reminder = max(self._last_reminder, row.rowid)
            self._judge_person(row)
        for row in items:
            self._last_item = max(self._last_item, row.rowid)
            if row.kind == "ladder_ended" and row.task_id is not None:
                place = self.places[row.site_id]
                self._judge_order(row.task_id, "manager", place, row.opened_at)

    def _judge_person(self, row: sa.Row[Any]) -> None:
        place, told = self.places[row.site_id], self.people[row.person_id]
        today = place.today(row.created_at)
        self.counted[f"step {row.step}"] += 1
        if row.step in _CLAIM_STEPS:
            return
        if not told.is_here(today):
            self.breaks(Rule.RIGHT_PERSON, f"{row.step} to {told.name}, who cannot be told", site=place.number)
        if row.step in {*FIRST_STEPS, "later"}:
            function = SiteFunction(row.function)
            order = responsible(place, function, self.patients[row.patient_id].assigned.get(function), today)
            wanted = _first_told(order, {one.person_id: one for one in place.people}, today)
            if wanted is not told:
                what = f"{row.step} to {told.name} for {function}, not to {'nobody' if wanted is None else wanted.name}"
                self.breaks(Rule.RIGHT_PERSON, what, site=place.number)
            return
        if row.step == "investigator" and told.role is not Role.INVESTIGATOR and row.why != "covers":
            self.breaks(Rule.RIGHT_PERSON, f"{row.step} to {told.name}", site=place.number)
        self._judge_order(row.task_id, row.step, place, row.created_at)

    def _judge_order(self, task_id: UUID, step: str, place: Place, at: datetime) -> None:
        """Somebody was told before at an earlier step, on an earlier day; or there was nobody to tell."""
        earlier = ("late", *_ESCALATING[: _ESCALATING.index(step)]) if step in _ESCALATING else ()
        with self.records.read() as tx:
            before = tx.connection.execute(
                sa.select(schema.reminder.c.created_at).where(
                    schema.reminder.c.task_id == task_id, schema.reminder.c.step.in_(earlier)
                )
            ).all()
            skipped = tx.connection.execute(_AUDITED, {"object": str(task_id), "action": "task.step_skipped"}).first()
        if skipped is not None:
            return
        today = place.today(at)
        if not any(place.today(row.created_at) < today for row in before):
            self.breaks(Rule.IN_ORDER, f"{step} of task {task_id} before anybody else was told", site=place.number)

    # --- what is recorded ---------------------------------------------------------------------------------------------

    def accounts(self, studies: Definitions) -> None:
        """Every step whose moment has come is accounted for, here and by Sitebell's own auditor; and nothing is stuck."""
        now = self.clock.now()
        with self.records.read() as tx:
            held = tx.connection.execute(_HELD).first() is not None
            tasks = tx.connection.execute(_OPEN_TASKS).all()
            missing = [] if held else [gone for row in tasks for gone in self._unaccounted(tx.connection, row, now)]
            found = missing_steps(tx, studies, since=instant(datetime(2000, 1, 1, tzinfo=now.tzinfo)), now=now)
            stuck = [] if held else list(self._stuck(tx.connection, now))
            for row in tasks if not held else ():
                self._judge_end(tx.connection, row, now)
        # The auditor is stricter about the day itself; what it finds must be found here once the grace is over.
        self._agree(missing, found, now, held=held)
        for site_id, task_id, step in missing:
            self.breaks(Rule.STEPS_ACCOUNTED, f"{step} of task {task_id}", site=self.places[site_id].number)
        for what in stuck:
            self.breaks(Rule.NOTHING_STUCK, what, site="-")

    def _agree(
        self, missing: list[tuple[UUID, UUID, str]], found: Iterable[MissingStep], now: Instant, *, held: bool
    ) -> None:
        theirs = {(one.task_id, one.step.value): one for one in found}
        ours = {task_id for _, task_id, _ in missing}  # the first step that is missing stands for those after it
        for (task_id, step), one in theirs.items():
            place = self.places[one.site_id]
            young = place.working_days(place.today(one.at), place.today(now)) <= GRACE_WD
            if task_id not in ours and not held and not young:
                self.breaks(Rule.AUDITOR_AGREES, f"it reports {step} of task {task_id}", site=place.number)
        for site_id, task_id, step in missing:
            if not any(of == task_id for of, _ in theirs):
                where = self.places[site_id].number
                self.breaks(Rule.AUDITOR_AGREES, f"it does not report {step} of task {task_id}", site=where)

    def _unaccounted(self, connection: sa.Connection, row: sa.Row[Any], now: Instant) -> list[tuple[UUID, UUID, str]]:
        place = self.places[row.site_id]
        today = place.today(now)
        marks = {"opens": row.opens, "due": row.due, "closes": row.closes}
        ladder = steps_of(row.ladder, marks, place)
        # Steps never come out of order, so those that are past are the first ones.
        steps = [one for one in ladder if self._is_past(one, place, today)]
        if not steps:
            return []
        told = connection.execute(_TOLD_OF, {"task": row.id}).all()
        if row.due < place.rings_from and not told and row.next_attention_at is None:
            return []  # from before Sitebell
        if self._is_quiet(connection, row, place, today):
            return []
        recorded = {one.step for one in told if one.announced_due == row.due}
        last_told = max((place.today(one.created_at) for one in told), default=None)
        skipped = connection.execute(_AUDITED, {"object": str(row.id), "action": "task.step_skipped"}).first()
        ended = connection.execute(_ENDED, {"key": f"ladder_ended:{row.id}:{row.due.isoformat()}"}).first()
        if ended is not None:
            recorded.add("manager")
        for number, step in enumerate(steps):
            if step.name in recorded or self._stood_for(ladder[number + 1 :], step, recorded, skipped=bool(skipped)):
                continue
            if step.escalates and last_told is not None and number > 0:
                # It keeps its distance from whatever was told last.
                distance = place.working_days(steps[number - 1].day, step.day)
                if place.working_days(last_told, today) <= distance + GRACE_WD:
                    return []
            return [(row.site_id, row.id, step.name)]
        return []

    def _judge_end(self, connection: sa.Connection, row: sa.Row[Any], now: Instant) -> None:
        """Long after the last that was told of a task nothing of its ladder is to come."""
        place = self.places[row.site_id]
        today = place.today(now)
        if row.next_step not in {*FIRST_STEPS, *_ESCALATING} or row.closes is None or row.closes >= today:
            return
        told = connection.execute(_TOLD_OF, {"task": row.id}).all()
        last = max([row.closes, *(place.today(one.created_at) for one in told)])
        if place.working_days(last, today) > ENDS_WITHIN_WD and not self._is_quiet(connection, row, place, today):
            self.breaks(Rule.LADDERS_END, f"task {row.id} still stands at {row.next_step}", site=place.number)

    @staticmethod
    def _stood_for(later: list[DueStep], step: DueStep, recorded: set[str], *, skipped: bool) -> bool:
        return any(one.name in recorded for one in later) and (skipped or not step.escalates)

    def _is_past(self, step: DueStep, place: Place, today: date) -> bool:
        since = max(step.day, place.rings_from)
        return since < today and place.working_days(since, today) > GRACE_WD

    def _is_quiet(self, connection: sa.Connection, row: sa.Row[Any], place: Place, today: date) -> bool:
        """Whether something else keeps the task quiet, or did until just now."""
        changed = connection.scalar(_CHANGED, {"object": str(row.patient_id)})
        answered = connection.scalar(_ANSWERED, {"patient": row.patient_id})
        fresh = [at for at in (self.released_at, changed, answered) if at is not None]
        if any(place.working_days(place.today(at), today) <= GRACE_WD for at in fresh):
            return True
        if connection.execute(_HELPED, {"task": row.id}).first() is not None:
            return True
        if connection.execute(_NOBODY, {"key": f"nobody_reachable:{row.site_id}"}).first() is not None:
            return True  # the office knows, and the task rings whoever comes
        if not any(one.is_here(today) for one in place.people):
            return True
        if any(one.first <= today <= place.working_day(one.last, GRACE_WD) for man in place.people for one in man.away):
            return True
        if any(first <= today <= place.working_day(last + DAY, GRACE_WD) for first, last in place.closed):
            return True
        return self._promised(row.id, place, today)

    def promise(self, task_id: UUID, until: date) -> None:
        """Somebody has said: later, or booked a day. It rings on the working day after at the latest."""
        self._promises[task_id] = until

    def promise_kept(self, task_id: UUID, until: date) -> None:
        """It rings after this day, or after the later one that was promised before."""
        self._promises[task_id] = max(until, self._promises.get(task_id, until))

    def _promised(self, task_id: UUID, place: Place, today: date) -> bool:
        until = self._promises.get(task_id)
        return until is not None and today <= place.working_day(until + DAY, GRACE_WD + 1)

    def _stuck(self, connection: sa.Connection, now: Instant) -> Iterable[str]:
        behind = instant(now - timedelta(days=1))
        for row in connection.execute(_WAITING, {"before": behind}):
            yield f"reminder {row.id} waits since {row.not_before:%Y-%m-%d}"
        for row in connection.execute(_NOTICES, {"before": self.clock.elapsed() - timedelta(days=1)}):
            yield f"notice {row.id} is {row.state}"
        for row in connection.execute(_GROUPED_NOWHERE):
            yield f"reminder {row.id} was told in a notice that became void without a reason"

    def ends(self) -> None:
        """The whole record, once: answers and the log."""
        with self.records.read() as tx:
            rows = {row.id: row for row in tx.connection.execute(sa.select(schema.answer))}
            for one in self.given:
                row = rows.get(one.answer_id)
                if row is None or (row.task_id, row.person_id, row.kind) != (one.task_id, one.person_id, one.kind):
                    self.breaks(Rule.ANSWERS_KEPT, f"{one.kind} about task {one.task_id}", site="-")
                if tx.unseal(schema.answer, row.id, row.sealed)["day"] != one.day:
                    self.breaks(Rule.ANSWERS_KEPT, f"the day of {one.kind} about {one.task_id}", site="-")
            faults = [str(fault) for fault in log.verify(tx).faults]
        if faults:
            self.breaks(Rule.LOG_HOLDS, faults[0], site="-")
        self.counted["answers"] = len(self.given)


def _first_told(order: list[Somebody], everybody: Mapping[UUID, Somebody], today: date) -> Somebody | None:
    """The responsible person, else who stands in for them, else the next one who is there."""
    if not order:
        return None
    first = order[0]
    if first.is_here(today):
        return first
    away = first.away_on(today)
    cover = None if away is None or away.cover is None else everybody.get(away.cover)
    if cover is not None and cover.is_here(today):
        return cover
    return next((one for one in order[1:] if one.is_here(today)), None)


_ESCALATING: Final = ("cover", "backup", "investigator", "manager")
_STEPS: Final = (*FIRST_STEPS, *_ESCALATING, "later")
_VISITING: Final = frozenset({"hold", "event", "fact"})
_CLAIM_STEPS: Final = frozenset({"unseen", "queried"})
_rowid: Final = sa.literal_column("reminder.rowid").label("rowid")
_NEW_REMINDERS: Final = (
    sa.select(
        _rowid,
        schema.reminder.c.task_id,
        schema.reminder.c.person_id,
        schema.reminder.c.step,
        schema.reminder.c.why,
        schema.reminder.c.created_at,
        schema.task.c.function,
        schema.task.c.patient_id,
        schema.task.c.site_id,
    )
    .join(schema.task, schema.task.c.id == schema.reminder.c.task_id)
    .where(sa.literal_column("reminder.rowid") > sa.bindparam("after"))
    .order_by(sa.literal_column("reminder.rowid"))
)
_NEW_ITEMS: Final = (
    sa.select(
        sa.literal_column("office_item.rowid").label("rowid"),
        schema.office_item.c.kind,
        schema.office_item.c.task_id,
        schema.office_item.c.site_id,
        schema.office_item.c.opened_at,
    )
    .where(sa.literal_column("office_item.rowid") > sa.bindparam("after"))
    .order_by(sa.literal_column("office_item.rowid"))
)
_AUDITED: Final = sa.select(schema.audit.c.sequence).where(
    schema.audit.c.object_type == "task",
    schema.audit.c.object_id == sa.bindparam("object"),
    schema.audit.c.action == sa.bindparam("action"),
)
_HELD: Final = sa.select(schema.outage.c.id).where(
    schema.outage.c.held == sa.true(), schema.outage.c.released_at.is_(None)
)
_CHANGED: Final = sa.select(sa.func.max(schema.audit.c.at)).where(
    schema.audit.c.object_type == "patient", schema.audit.c.object_id == sa.bindparam("object")
)
_ANSWERED: Final = sa.select(sa.func.max(schema.answer.c.answered_at)).where(
    schema.answer.c.patient_id == sa.bindparam("patient")
)
_OPEN_TASKS: Final = (
    sa.select(
        schema.task.c.id,
        schema.task.c.patient_id,
        schema.task.c.site_id,
        schema.task.c.ladder,
        schema.task.c.opens,
        schema.task.c.due,
        schema.task.c.closes,
        schema.task.c.next_step,
        schema.task.c.next_attention_at,
    )
    .join(schema.patient, schema.patient.c.id == schema.task.c.patient_id)
    .where(
        schema.task.c.state == "open",
        schema.task.c.firm == sa.true(),
        schema.task.c.due.is_not(None),
        schema.patient.c.state == "followed",
    )
)
_TOLD_OF: Final = sa.select(
    schema.reminder.c.step, schema.reminder.c.announced_due, schema.reminder.c.created_at
).where(schema.reminder.c.task_id == sa.bindparam("task"))
_ENDED: Final = sa.select(schema.office_item.c.id).where(schema.office_item.c.key == sa.bindparam("key"))
_HELPED: Final = sa.select(schema.office_item.c.id).where(
    schema.office_item.c.task_id == sa.bindparam("task"),
    schema.office_item.c.kind == "help",
    schema.office_item.c.closed_at.is_(None),
)
_NOBODY: Final = sa.select(schema.office_item.c.id).where(
    schema.office_item.c.key == sa.bindparam("key"), schema.office_item.c.closed_at.is_(None)
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
