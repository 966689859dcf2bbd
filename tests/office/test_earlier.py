"""What fell due before a site began to ring: shown and counted, and asked about when the trial office says so."""

from datetime import date
from uuid import uuid4

import pytest

from office import closings, lists
from office.earlier import ask_about_earlier, earlier_tasks
from office.named import site_named, study_named
from tests.office.vocabulary import Trial
from trial.problems import ProblemError


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def patient(trial: Trial, amina):
    """Registered half a year before her site begins on 1 February 2026; nothing was entered of her visits."""
    return trial.patient("417-001", first_registration="2025-08-01")


def listed(trial: Trial):
    return earlier_tasks(trial.records, trial.studies, study_code="DREAM", site_number="417", now=trial.clock.now())


def test_it_is_listed_and_rings_nobody(trial: Trial, patient):
    found = listed(trial)
    trial.live_until("2026-03-20 12:00")

    assert {one.code for one in found} == {"417-001"}
    assert [one.due for one in found] == sorted(one.due for one in found)
    assert all(one.due < date(2026, 2, 1) for one in found)
    rung = {row.task_id for row in trial.reminders()}
    assert rung.isdisjoint(
        {task.id for task in trial.tasks(patient).values() if task.due and task.due < date(2026, 2, 1)}
    )


def test_in_a_list_it_comes_last(trial: Trial, amina, patient):
    trial.patient("417-002", first_registration="2026-02-27")

    found = trial.asks(lists.today, trial.studies, amina)

    assert found is not None
    codes = [line.code for line in found.lines]
    assert codes == sorted(codes, reverse=True)
    assert set(codes) == {"417-001", "417-002"}


def test_asked_about_it_rings_from_the_next_working_morning(trial: Trial, amina, patient):
    before = listed(trial)
    count = trial.does(ask_about_earlier, trial.studies, patient, by=None)
    trial.live_until("2026-03-02 23:00")
    that_day = trial.reminders()
    trial.live_until("2026-03-03 12:00")

    assert count == len(before) > 0
    assert listed(trial) == ()
    assert that_day == []
    assert {row.person_id for row in trial.reminders()} == {amina}
    assert len(trial.audited("patient.asked_about_earlier")) == 1
    assert trial.audit_holds()


def test_a_closing_in_between_moves_it_and_does_not_forget_it(trial: Trial, patient):
    trial.does(ask_about_earlier, trial.studies, patient, by=None)
    with trial.records.begin() as tx:
        site = site_named(tx, study_named(tx, "DREAM"), "417")
        closings.close_site(tx, trial.studies, site, date(2026, 3, 3), date(2026, 3, 4), by=None, **trial.times)
    trial.live_until("2026-03-04 23:00")
    closed = trial.reminders()
    trial.live_until("2026-03-05 12:00")

    assert closed == []
    assert trial.reminders()


def test_nobody_asks_twice_or_without_the_right(trial: Trial, amina, patient):
    with pytest.raises(ProblemError, match="only the trial office"):
        trial.does(ask_about_earlier, trial.studies, patient, by=amina)
    with pytest.raises(ProblemError, match="there is none"):
        trial.does(ask_about_earlier, trial.studies, uuid4(), by=None)
    assert trial.does(ask_about_earlier, trial.studies, patient, by=None) > 0
    assert trial.does(ask_about_earlier, trial.studies, patient, by=None) == 0
