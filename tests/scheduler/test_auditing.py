"""Every step that was due has left something, and one that did not is found."""

import pytest
import sqlalchemy as sa

from records import schema
from scheduler.auditing import missing_lately, report
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind
from trial.messages import ItemKind
from trial.people import Role
from trial.study import Step
from trial.tasks import SiteFunction


@pytest.fixture
def berta(trial: RingingTrial):
    trial.sends = True
    return trial.enrolled("Berta", functions=frozenset({SiteFunction.IMAGING}))


def missing(trial: RingingTrial):
    return missing_lately(trial.records, trial.studies, now=trial.clock.now())


def loses_its_alarm(trial: RingingTrial, task_id, *, step: str | None = None) -> None:
    """What a broken tick, a broken plan or a hand in the database would leave."""
    change = sa.update(schema.task).where(schema.task.c.id == task_id)
    with trial.records.begin() as tx:
        if step is None:
            tx.connection.execute(change.values(next_step=None, next_attention_at=None))
        else:
            tx.connection.execute(change.values(next_step=step))


def test_whatever_happened_on_the_way_nothing_is_missing(trial: RingingTrial, berta):
    trial.enrolled("Dora", digest_on=0)
    trial.enrolled("Ines", role=Role.INVESTIGATOR)
    for number in (1, 2, 3):
        trial.patient(f"417-00{number}", first_registration="2026-03-02")
    trial.away(berta, "2026-05-18", "2026-05-22")
    trial.closed("417", "2026-06-15", "2026-06-16")
    found = []

    for day in ("03-10", "04-07", "05-05", "05-12", "05-25", "06-10", "06-18", "06-30"):
        trial.live_until(f"2026-{day} 12:00")
        found += missing(trial)

    assert found == []


def test_a_step_that_was_lost_is_found_and_told_to_the_office(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-20 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    loses_its_alarm(trial, hold.id)

    trial.live_until("2026-05-26 12:00")
    found = missing(trial)
    report(trial.records, found, **trial.times)
    report(trial.records, found, **trial.times)

    assert [(one.task_id, one.step) for one in found] == [(hold.id, Step.DUE)]
    assert len(trial.items(ItemKind.TICK_MISSING)) == 1


def test_a_step_that_was_passed_over_without_a_word_is_found(trial: RingingTrial, berta):
    """A tick that would set the alarm to the next step and tell nobody."""
    trial.enrolled("Dora")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-06-10 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    assert hold.next_step == "cover"

    loses_its_alarm(trial, hold.id, step="investigator")
    trial.live_until("2026-06-12 12:00")

    assert Step.COVER in {one.step for one in missing(trial) if one.task_id == hold.id}


def test_an_alarm_that_no_tick_came_for_is_found(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-20 12:00")

    trial.forward_to("2026-05-22 12:00")

    hold = trial.task(patient, "reevaluation_imaging").id
    assert (hold, Step.DUE) in {(one.task_id, one.step) for one in missing(trial)}


def test_what_waits_for_a_good_reason_is_not_missing(trial: RingingTrial, berta):
    first = trial.patient("417-001", first_registration="2026-03-02")
    second = trial.patient("417-002", first_registration="2026-03-02")
    trial.live_until("2026-05-20 12:00")
    trial.says(berta, trial.task(first, "reevaluation_imaging"), AnswerKind.LATER, until="2026-06-01")
    trial.asks_for_help(trial.task(second, "reevaluation_imaging"))

    trial.live_until("2026-05-29 12:00")

    assert missing(trial) == ()


def test_what_an_answer_keeps_quiet_until_the_morning_is_not_missing(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-22 12:00")
    # Held three weeks ago: its uploads are late already, and ring tomorrow.
    trial.says(berta, trial.task(patient, "reevaluation_imaging"), AnswerKind.DONE, day="2026-05-01")

    assert trial.alarm(trial.task(patient, "reevaluation_imaging", "upload_ct"))[0] == "late"
    assert missing(trial) == ()


def test_what_was_due_before_a_day_was_booked_is_not_missing(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-20 12:00")
    trial.says(berta, trial.task(patient, "decision"), AnswerKind.BOOKED, day="2026-05-29")

    trial.live_until("2026-05-28 12:00")

    assert trial.alarm(trial.task(patient, "decision"))[0] == "due"
    assert missing(trial) == ()


def test_a_window_that_had_opened_before_the_visit_was_told_is_not_missing(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-21 12:00")

    # Held six days ago: the upload's window has opened since, and what it rings with tomorrow is that it is due.
    trial.says(berta, trial.task(patient, "reevaluation_imaging"), AnswerKind.DONE, day="2026-05-15")

    assert trial.alarm(trial.task(patient, "reevaluation_imaging", "upload_ct")) == ("due", "2026-05-22 08:30")
    assert missing(trial) == ()


def test_what_help_kept_quiet_until_the_morning_is_not_missing(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-15 12:00")
    trial.says(berta, trial.task(patient, "reevaluation_imaging"), AnswerKind.DONE, day="2026-05-15")
    upload = trial.task(patient, "reevaluation_imaging", "upload_ct")
    item = trial.asks_for_help(upload)
    trial.live_until("2026-05-21 12:00")

    trial.gets_help(item, upload)

    assert trial.alarm(upload) == ("due", "2026-05-22 08:30")
    assert missing(trial) == ()


def test_what_fell_due_before_the_site_began_is_not_missing(trial: RingingTrial):
    trial.site("777", "Lyon", "FR", "Europe/Paris", rings_from="2026-03-15")
    trial.enrolled("Claire", site="777")
    trial.patient("777-001", site="777", first_registration="2026-03-02")

    trial.live_until("2026-03-20 12:00")

    assert missing(trial) == ()


def test_a_step_from_before_the_site_began_is_not_missing(trial: RingingTrial):
    trial.site("777", "Lyon", "FR", "Europe/Paris", rings_from="2026-05-12")
    trial.enrolled("Claire", site="777")
    trial.forward_to("2026-05-11 18:00")
    # The heads-up was a week ago, and the window opened today: it is told tomorrow, on the site's first day.
    patient = trial.patient("777-001", site="777", first_registration="2026-03-02")

    assert trial.alarm(trial.task(patient, "reevaluation_imaging")) == ("window_open", "2026-05-12 08:30")
    assert missing(trial) == ()


def test_where_nobody_is_there_nothing_is_missing(trial: RingingTrial):
    trial.patient("417-001", first_registration="2026-03-02")

    for _ in range(8):
        trial.wait(days=1)
        trial.tick()

    assert missing(trial) == ()
