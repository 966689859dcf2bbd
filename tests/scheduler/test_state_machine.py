"""Whatever people say and however time passes: what must hold of every plan, straight on the records."""

import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from office.answers import Recorded
from records import office_items, sites, told
from records.claims import CLAIM_STEPS
from records.keys import file_key_path
from records.plans import TaskRow
from records.transaction import Tx
from scheduler.auditing import missing_lately
from scheduler.digesting import choose_digest
from scheduler.planning import go_on_after_help, plan_patient, read_chart
from scheduler.there import Reader, there
from tests.databases import Place
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind, LeavingKind
from trial.hours import next_permitted
from trial.moments import zone
from trial.people import Role
from trial.plan import PlanChanges
from trial.problems import ProblemError
from trial.study import RINGS_WITHOUT_NEWS, Step
from trial.tasks import SiteFunction, TaskState

IMAGING = frozenset({SiteFunction.IMAGING})
FIRST = {step.value for step in Step if not step.escalates}
ANSWERS = sorted(set(AnswerKind) - {AnswerKind.NEED_HELP})
SITES = {"417": ("DE", "Europe/Berlin"), "501": ("JP", "Asia/Tokyo")}
EVENTS = ("second_registration", "surgery", "not_operated", "recurrence")


class Course(RuleBasedStateMachine):
    """Two patients at two sites, teams that come and go, and a trial office that corrects itself."""

    migrated: Place

    @initialize()
    def begins(self) -> None:
        self.folder = Path(mkdtemp())
        path = self.folder / "sitebell.db"
        shutil.copy(self.migrated.path, path)
        shutil.copy(file_key_path(self.migrated.path), file_key_path(path))
        self.records = Place(f"sqlite:///{path}", self.migrated.keys, self.folder).open()
        self.trial = RingingTrial(self.records)
        self.people = {
            "417": self.trial.enrolled("Amina", functions=IMAGING, digest_on=0),
            "501": self.trial.enrolled("Tomoko", site="501"),
        }
        self.teams = {
            "417": [self.people["417"], self.trial.enrolled("Berta", digest_on=0)],
            "501": [self.people["501"], self.trial.enrolled("Kenji", site="501", role=Role.INVESTIGATOR)],
        }
        self.trial.capped(self.people["417"], 2)
        self.trial.manager()
        self.helped: dict[UUID, TaskRow] = {}
        self.seen: set[UUID] = set()
        self.patients = {
            site: self.trial.patient(f"{site}-001", site=site, first_registration="2026-03-02") for site in SITES
        }
        self.answers: list[tuple[str, UUID]] = []

    def teardown(self) -> None:
        if hasattr(self, "records"):
            self.records.close()
            shutil.rmtree(self.folder)

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.trial.wait(hours=hours)

    @rule()
    def a_tick(self) -> None:
        self.trial.tick()

    @rule()
    def telegram_takes_what_there_is(self) -> None:
        self.trial.sent()

    @rule()
    def an_hour_has_passed_for_the_watch(self) -> None:
        self.trial.watched()

    @rule(site=st.sampled_from(sorted(SITES)), covered=st.booleans(), coming=st.integers(0, 9), days=st.integers(0, 20))
    def somebody_is_away(self, site: str, covered: bool, coming: int, days: int) -> None:  # noqa: FBT001 - drawn
        person, other = self.teams[site]
        first = self.today(site) + timedelta(days=coming)
        last = first + timedelta(days=days)
        self.trial.away(person, first.isoformat(), last.isoformat(), other if covered else None)

    @rule(site=st.sampled_from(sorted(SITES)), coming=st.integers(0, 9), days=st.integers(0, 3))
    def a_site_closes(self, site: str, coming: int, days: int) -> None:
        first = self.today(site) + timedelta(days=coming)
        self.trial.closed(site, first.isoformat(), (first + timedelta(days=days)).isoformat())

    @rule(site=st.sampled_from(sorted(SITES)), first=st.integers(6, 11), length=st.integers(1, 8))
    def somebody_has_other_hours(self, site: str, first: int, length: int) -> None:
        self.trial.hours(self.people[site], f"{first:02}:15", f"{first + length:02}:15")

    @rule(site=st.sampled_from(sorted(SITES)), mondays=st.booleans())
    def somebody_chooses_how_to_be_told(self, site: str, mondays: bool) -> None:  # noqa: FBT001 - drawn
        with self.records.begin() as tx:
            choose_digest(tx, self.people[site], 0 if mondays else None, now=self.trial.clock.now())

    @rule(site=st.sampled_from(sorted(SITES)), data=st.data())
    def somebody_needs_help(self, site: str, data: st.DataObject) -> None:
        tasks = [task for _, task in sorted(self.trial.tasks(self.patients[site]).items())]
        task = data.draw(st.sampled_from(tasks))
        if task.state is TaskState.OPEN and task.id not in {one.id for one in self.helped.values()}:
            self.helped[self.trial.asks_for_help(task)] = task

    @precondition(lambda self: getattr(self, "helped", {}))
    @rule()
    def the_office_has_looked(self) -> None:
        item, task = self.helped.popitem()
        with self.records.begin() as tx:
            office_items.close_item(tx, item, by=None, at=self.trial.clock.now(), outcome="looked_at")
            chart = read_chart(tx, self.trial.studies, task.patient_id)
            go_on_after_help(tx, chart, task.visit_id, asked=task.id, now=self.trial.clock.now())

    @rule(site=st.sampled_from(sorted(SITES)), kind=st.sampled_from(ANSWERS), data=st.data())
    def somebody_answers(self, site: str, kind: AnswerKind, data: st.DataObject) -> None:
        tasks = sorted(self.trial.tasks(self.patients[site]).items())
        _, task = data.draw(st.sampled_from(tasks))
        today = self.today(site)
        said = self.trial.says(
            self.people[site],
            task,
            kind,
            day=(today + timedelta(days=data.draw(st.integers(-40, 30)))).isoformat(),
            until=(today + timedelta(days=data.draw(st.integers(0, 60)))).isoformat(),
            reason=data.draw(st.sampled_from([None, "progression", "declined", "mri_not_possible"])),
            text="as the team said",
            value=data.draw(st.sampled_from(["yes", "no"])),
            leaving=data.draw(st.sampled_from(LeavingKind)),
        )
        if isinstance(said, Recorded):
            self.answers.append((site, said.answer_id))

    @precondition(lambda self: getattr(self, "answers", []))
    @rule(data=st.data())
    def somebody_takes_an_answer_back(self, data: st.DataObject) -> None:
        site, answer = data.draw(st.sampled_from(self.answers))
        self.trial.undoes(self.people[site], answer)

    @rule(
        site=st.sampled_from(sorted(SITES)),
        event=st.sampled_from(EVENTS),
        days=st.integers(-60, 60),
        planned=st.booleans(),
    )
    def the_office_dates_an_event(self, site: str, event: str, days: int, planned: bool) -> None:  # noqa: FBT001 - drawn
        day = self.today(site) + timedelta(days=days)
        try:
            self.trial.event(f"{site}-001", event, day.isoformat(), planned=planned)
        except ProblemError:
            return  # it cannot be so; nothing was written

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def no_task_is_both_closed_and_ringing(self) -> None:
        """Only a claim is asked about although its task is done."""
        for patient in self.everybody():
            for task in self.trial.tasks(patient).values():
                if task.state is TaskState.DONE and task.next_step in CLAIM_STEPS:
                    continue
                if task.state is not TaskState.OPEN or self.trial.state(patient) != "followed":
                    assert task.next_attention_at is None, task

    @invariant()
    def planning_again_changes_nothing(self) -> None:
        for patient in self.everybody():
            with self.records.begin() as tx:
                assert self.plan(tx, patient) == PlanChanges()

    @invariant()
    def nobody_is_written_to_outside_their_hours_nor_more_than_their_day_holds(self) -> None:
        """Judged when it is put, by what is known then: hours, holidays, closed days, absences, and the day's share."""
        if not hasattr(self, "trial"):
            return
        self.trial.tick()
        readers = self.readers()
        rung = [row for row in self.trial.notices() if row.kind in {"card", "digest"} and row.state != "void"]
        for row in rung:
            if row.id not in self.seen:
                assert next_permitted(row.created_at, readers[row.person_id].hours) == row.created_at, row
        self.seen |= {row.id for row in rung}
        for person_id, reader in readers.items():
            cards = [row.created_at for row in rung if row.kind == "card" and row.person_id == person_id]
            days = Counter(at.astimezone(reader.hours.zone).date() for at in cards)
            assert all(number <= reader.cap for number in days.values()), days

    @invariant()
    def one_person_is_told_first(self) -> None:
        if not hasattr(self, "trial"):
            return
        first = [row for row in self.trial.reminders() if row.step in FIRST and row.state != "void"]
        assert all(
            number == 1 for number in Counter((row.task_id, row.step, row.announced_due) for row in first).values()
        )

    @invariant()
    def nobody_is_rung_singly_more_than_three_times_without_news(self) -> None:
        if not hasattr(self, "trial"):
            return
        with self.records.read() as tx:
            for patient in self.everybody():
                tasks = [task.id for task in self.trial.tasks(patient).values()]
                assert max(told.rings_without_news(tx, tasks).values(), default=0) <= RINGS_WITHOUT_NEWS

    @invariant()
    def every_step_is_accounted_for(self) -> None:
        """So every ladder ends: a step that was due has left something, or an alarm stands before it."""
        if not hasattr(self, "trial"):
            return
        self.trial.tick()
        assert missing_lately(self.records, self.trial.studies, now=self.trial.clock.now()) == ()

    @invariant()
    def nobody_is_told_the_same_twice(self) -> None:
        if not hasattr(self, "trial"):
            return
        known = [(row.task_id, row.step, row.announced_due, row.person_id) for row in self.trial.reminders()]
        assert len(known) == len(set(known))

    @invariant()
    def nothing_about_a_paused_patient_is_on_its_way(self) -> None:
        for patient in self.everybody():
            if self.trial.state(patient) == "followed":
                continue
            visits = {visit.id for visit in self.trial.visits(patient).values()}
            waiting = [row for row in self.trial.reminders(state="waiting") if row.visit_id in visits]
            assert waiting == []

    @invariant()
    def somebody_who_can_be_told_is_told_what_has_come(self) -> None:
        """No open task with an alarm in the past survives a tick."""
        if not hasattr(self, "trial"):
            return
        self.trial.tick()
        for patient in self.everybody():
            for task in self.trial.tasks(patient).values():
                assert task.next_attention_at is None or task.next_attention_at > self.trial.clock.now()

    # --- small words --------------------------------------------------------------------------------------------------

    def everybody(self) -> list[UUID]:
        return list(getattr(self, "patients", {}).values())

    def readers(self) -> dict[UUID, Reader]:
        with self.records.read() as tx:
            places = there(tx, [site.id for site in sites.sites(tx)], now=self.trial.clock.now())
        return {person_id: reader for place in places.values() for person_id, reader in place.readers.items()}

    def today(self, site: str) -> date:
        return self.trial.clock.now().astimezone(zone(SITES[site][1])).date()

    def plan(self, tx: Tx, patient: UUID) -> PlanChanges:
        return plan_patient(tx, self.trial.studies, patient, **self.trial.times, because="test")


@pytest.mark.timeout(120)
def test_whatever_people_say_and_however_time_passes(migrated_sqlcipher: Place) -> None:
    Course.migrated = migrated_sqlcipher

    run_state_machine_as_test(
        Course,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
