"""The trial office at its desk: it looks at uploads, works its list, phones sites, nudges, and corrects what was wrong.

It does so through the use cases of the board. What it does about an item, and when, is drawn from the item's own key.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from office import claims, helping, notices, nudging
from office.answers import Recorded
from office.cards import CardTaskView, CardView, card_view
from office.entering import record_event_by
from office.taking_down import take_down
from records import agenda, answers, office_items, patients, sites, studies
from records.office_items import ItemRow
from records.transaction import Tx
from rehearsal.cast import Cast, is_here
from rehearsal.hands import Hands
from rehearsal.script import Correction, Happening, Script
from rehearsal.stage import Stage
from rehearsal.truths import Truths
from scheduler.planning import FOLLOWED, read_chart
from trial.answers import AnswerKind, Said, TakenDown, Via
from trial.calendars import DAY
from trial.messages import ItemKind
from trial.tasks import TaskKind
from trial.timeline import Certainty, EventDate

EVERY: Final = timedelta(days=2)
"""The list is worked so often, on working days."""
LEFT_FOR: Final[Mapping[ItemKind, tuple[int, int]]] = {
    ItemKind.LADDER_ENDED: (3, 24),
    ItemKind.OUTSIDE_WINDOW: (20, 90),
    ItemKind.CLAIM_UNSEEN: (2, 10),
    ItemKind.CONTESTED: (14, 40),
    ItemKind.NOTICE_UNKNOWN: (40, 60),
    ItemKind.TICK_MISSING: (1, 3),
    ItemKind.OUTAGE: (1, 3),
}
"""Days for which an item of this kind stands before it is looked at; the others end by themselves, or in the chat."""
NUDGES_AFTER: Final = timedelta(days=3)
"""So long a site is silent before it is nudged; and so long until it is nudged again."""
CHECKS_WITHIN: Final = (timedelta(hours=20), timedelta(days=8))
VERIFIED: Final = 0.86
QUERIED: Final = 0.93  # of a claim's draw: between the two the archive is asked about, beyond it nobody looks
DONE: Final = 0.25
NEVER: Final = 0.35  # of a call's draw: up to the first it is done, up to this it will never come,
LATER: Final = 0.55  # and up to this it comes later; beyond it nobody at the site knows
CONTESTED: Final = 0.3
"""The share of what is taken down as done of which the site says afterwards that it is not so."""
CONTESTS_WITHIN: Final = (timedelta(hours=20), timedelta(days=4))
NUDGED: Final = 0.3
"""The share of calls that end with a nudge, where the site did not know."""


@dataclass(frozen=True, slots=True)
class _Call:
    """Somebody of the site is on the phone about one task."""

    view: CardView
    task: CardTaskView
    draw: random.Random


class Desk:
    """The desk of the first of the trial office who is there. `cast` by chat."""

    def __init__(self, stage: Stage, script: Script, cast: Mapping[int, Cast], truths: Truths) -> None:
        self._stage = stage
        self._script = script
        self._cast = cast
        self._truths = truths
        self._engine = stage.engine
        self.hands: Hands | None = None
        self._nudged: dict[UUID, timedelta] = {}  # of each item, how old it is when its site is nudged again
        self._phoned: set[UUID] = set()  # tasks: nobody is called twice about one

    @property
    def _office(self) -> Cast | None:
        return next((one for one in self._cast.values() if one.place is None and one.person_id is not None), None)

    # --- uploads ------------------------------------------------------------------------------------------------------

    def claimed(self, task: CardTaskView) -> None:
        """An upload may have been claimed: the office looks at it, asks about it, or does not come to it."""
        office = self._office
        if task.kind is not TaskKind.UPLOAD or office is None:
            return
        moment = self._stage.now + self._stage.some(*CHECKS_WITHIN)
        drawn = self._stage.chance.random()
        when = self._stage.at_work(moment, office.calendar, office.zone)
        if drawn < QUERIED:
            self._stage.at(when, partial(self._check, office, task.task_id, found=drawn < VERIFIED))

    def _check(self, office: Cast, task_id: UUID, *, found: bool) -> None:
        definitions, times = self._engine.studies, self._engine.times
        with self._engine.records.begin() as tx:
            said = [one for one in answers.standing_of_task(tx, task_id) if one.kind is AnswerKind.UPLOADED]
            if not said:
                return
            if found:
                claims.verify(tx, definitions, said[-1].id, office.person_id, **times)
            else:
                claims.query(tx, definitions, said[-1].id, office.person_id, self._script.query, **times)

    def ask_again(self, place: str) -> None:
        """The central reader asks about the newest upload of a site."""
        office, wanted = self._office, self._script.query
        with self._engine.records.begin() as tx:
            answer_id = self._newest_upload(tx, place)
            if answer_id is not None and office is not None:
                claims.query(tx, self._engine.studies, answer_id, office.person_id, wanted, **self._engine.times)

    def _newest_upload(self, tx: Tx, place: str) -> UUID | None:
        found = [sites.site_by_number(tx, study.id, place) for study in studies.studies(tx)]
        latest = [one for site in found if site is not None for one in answers.latest_at_site(tx, site.id, limit=50)]
        uploads = [one for one in latest if one.kind is AnswerKind.UPLOADED and one.undone_at is None]
        return max(uploads, key=lambda one: one.answered_at).id if uploads else None

    # --- the list -----------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Works the list, and comes back to it."""
        office = self._office
        if office is None or office.person_id is None:
            raise RuntimeError("nobody is at the desk")
        with self._engine.records.read() as tx:
            items = [one for study in studies.studies(tx) for one in office_items.open_items(tx, study.id)]
        for item in items:
            self._look_at(office.person_id, item)
        following = self._stage.at_work(self._stage.now + EVERY, office.calendar, office.zone)
        self._stage.at(following, self.work)

    def _look_at(self, by: UUID, item: ItemRow) -> None:
        draw = random.Random(repr((self._truths.seed, item.key)))  # noqa: S311 - what an invented office does of it
        stands = self._stage.now - item.opened_at
        if item.kind is ItemKind.SITE_SILENT:
            self._nudge_site(by, item, stands)
            return
        left_for = LEFT_FOR.get(item.kind)
        if left_for is None or stands < timedelta(days=draw.randint(*left_for)):
            return
        if item.kind is ItemKind.LADDER_ENDED and self._script.telephone is not None:
            self._phone(by, item, draw)
        with self._engine.records.begin() as tx:
            notice_id = item.key.removeprefix("notice_unknown:")
            if notice_id != item.key:
                notices.look_at(tx, UUID(notice_id), by=by, **self._engine.times)
            else:
                # One that was closed by what was said on the phone is left as it is.
                helping.close_item(tx, self._engine.studies, item.id, by, **self._engine.times)

    def _nudge_site(self, by: UUID, item: ItemRow, stands: timedelta) -> None:
        """A site that does not answer is asked once more about what is late there longest."""
        if stands < self._nudged.get(item.id, NUDGES_AFTER) or item.site_id is None:
            return
        self._nudged[item.id] = stands + NUDGES_AFTER * 2
        today = self._stage.now.date()
        with self._engine.records.begin() as tx:
            late = [
                task
                for task in agenda.firm_at(tx, (item.site_id,), begun_by=today)
                if task.rung and task.closes is not None and task.closes < today
            ]
            if late:
                first = min(late, key=lambda task: (task.closes or today, task.id))
                nudging.nudge(tx, self._engine.studies, first.id, by, **self._engine.times)

    # --- the telephone ------------------------------------------------------------------------------------------------

    def _phone(self, by: UUID, item: ItemRow, draw: random.Random) -> None:
        """Calls the site of a late task; takes down what somebody there knows."""
        if item.visit_id is None or item.task_id is None or item.task_id in self._phoned:
            return
        with self._engine.records.read() as tx:
            view = card_view(tx, self._engine.studies, item.visit_id, by, **self._engine.times)
        task = None if view is None else view.task(item.task_id)
        if view is None or task is None or not task.answers or not task.firm or view.paused:
            return
        here = [
            who
            for who in self._cast.values()
            if who.player.place == view.site_number and who.person_id is not None and is_here(who, self._stage)
        ]
        if not here:
            return  # nobody picks up
        self._phoned.add(item.task_id)
        taken = self._take_down(by, _Call(view, task, draw))
        if taken is not None:
            self.claimed(task)
            if self.hands is not None and draw.random() < CONTESTED:
                who = here[0]
                moment = self._stage.now + self._stage.some(*CONTESTS_WITHIN)
                when = self._stage.at_work(moment, who.calendar, who.zone)
                self._stage.at(when, partial(self.hands.contest, who, view.visit_id, taken))

    def _take_down(self, by: UUID, call: _Call) -> UUID | None:
        """Records what was said on the phone; the answer's id, where it was that the task is done."""
        drawn, task, telephone = call.draw.random(), call.task, self._script.telephone
        kind = AnswerKind.UPLOADED if task.kind is TaskKind.UPLOAD else AnswerKind.DONE
        if telephone is None or task.kind not in {TaskKind.UPLOAD, TaskKind.SEND}:
            return None
        today = call.view.today
        if drawn < DONE:
            said = Said(day=today - DAY * call.draw.randint(0, 3))
        elif drawn < NEVER:
            kind, said = AnswerKind.NOT_DONE, Said(text=telephone.never)
        elif drawn < LATER:
            kind, said = AnswerKind.LATER, Said(until=today + DAY * call.draw.randint(7, 28))
        else:
            if call.draw.random() < NUDGED:
                with self._engine.records.begin() as tx:
                    nudging.nudge(tx, self._engine.studies, task.task_id, by, **self._engine.times)
            return None
        with self._engine.records.begin() as tx:
            outcome = take_down(
                tx,
                self._engine.studies,
                task_id=task.task_id,
                kind=kind,
                said=said,
                told=TakenDown(telephone.told_by, today),
                via=Via.PHONE,
                by=by,
                **self._engine.times,
            )
        return outcome.answer_id if isinstance(outcome, Recorded) and drawn < DONE else None

    # --- corrections --------------------------------------------------------------------------------------------------

    def correct(self, patient_id: UUID, correction: Correction) -> None:
        """An event was some days sooner than the office has it, and now it says so."""
        office = self._office
        with self._engine.records.begin() as tx:
            known = patients.known_of(tx, patient_id).events
            stands = next((row for row in known if row.event == correction.event), None)
            if office is None or office.person_id is None or stands is None:
                return
            record_event_by(
                tx,
                self._engine.studies,
                patient_id,
                correction.event,
                EventDate(stands.day - timedelta(days=correction.sooner), Certainty.HAPPENED),
                reason=correction.reason,
                by=office.person_id,
                **self._engine.times,
            )

    def happens(self, patient_id: UUID, happening: Happening) -> None:
        """Something happened to a patient. What cannot be so, because the course has ended or is not that far, does not."""
        office = self._office
        with self._engine.records.begin() as tx:
            chart = read_chart(tx, self._engine.studies, patient_id)
            course = chart.course
            before = chart.study.events[happening.event].not_before
            if (
                office is None
                or office.person_id is None
                or chart.patient.state != FOLLOWED
                or course.happened(happening.event) is not None
                or (before is not None and course.happened(before) is None)
            ):
                return
            record_event_by(
                tx,
                self._engine.studies,
                patient_id,
                happening.event,
                EventDate(chart.time.today(self._stage.now), Certainty.HAPPENED),
                reason="",
                by=office.person_id,
                **self._engine.times,
            )
