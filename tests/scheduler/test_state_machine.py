"""Whatever people say and however time passes: what must hold of every plan, straight on the records."""

import shutil
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
from records.keys import file_key_path
from records.transaction import Tx
from scheduler.planning import plan_patient
from tests.databases import Place
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.calendars import WorkingCalendar
from trial.hours import FIRST_RING, LAST_RING
from trial.moments import zone
from trial.plan import PlanChanges
from trial.problems import ProblemError
from trial.tasks import TaskState

SITES = {"417": ("DE", "Europe/Berlin"), "501": ("JP", "Asia/Tokyo")}
EVENTS = ("second_registration", "surgery", "not_operated", "recurrence")


class Course(RuleBasedStateMachine):
    """Two patients at two sites, their coordinators, and a trial office that corrects itself."""

    migrated: Place

    @initialize()
    def begins(self) -> None:
        self.folder = Path(mkdtemp())
        path = self.folder / "sitebell.db"
        shutil.copy(self.migrated.path, path)
        shutil.copy(file_key_path(self.migrated.path), file_key_path(path))
        self.records = Place(f"sqlite:///{path}", self.migrated.keys, self.folder).open()
        self.trial = Trial(self.records)
        self.people = {"417": self.trial.enrolled("Amina"), "501": self.trial.enrolled("Tomoko", site="501")}
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

    @rule(site=st.sampled_from(sorted(SITES)), kind=st.sampled_from(AnswerKind), data=st.data())
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
        for patient in self.everybody():
            for task in self.trial.tasks(patient).values():
                if task.state is not TaskState.OPEN or self.trial.state(patient) != "followed":
                    assert task.next_attention_at is None, task

    @invariant()
    def planning_again_changes_nothing(self) -> None:
        for patient in self.everybody():
            with self.records.begin() as tx:
                assert self.plan(tx, patient) == PlanChanges()

    @invariant()
    def every_reminder_may_go_out_in_working_hours_of_a_working_day(self) -> None:
        if not hasattr(self, "trial"):
            return
        sites = {self.people[site]: place for site, place in SITES.items()}
        for row in self.trial.reminders():
            country, zone_name = sites[row.person_id]
            there = row.not_before.astimezone(zone(zone_name))
            assert WorkingCalendar(country).is_working(there.date())
            assert FIRST_RING <= there.time() <= LAST_RING

    @invariant()
    def nobody_is_told_the_same_twice(self) -> None:
        if not hasattr(self, "trial"):
            return
        told = [(row.task_id, row.step, row.announced_due, row.person_id) for row in self.trial.reminders()]
        assert len(told) == len(set(told))

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
