from datetime import UTC, date, datetime

import pytest

from records import office_items, people
from scheduler.handing_over import not_reached
from scheduler.ringing import Rung, ring_due
from tests.office.vocabulary import Trial
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind
from trial.messages import ItemKind
from trial.tasks import SiteFunction


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


def test_a_task_rings_at_half_past_eight_at_its_site(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")

    trial.live_until("2026-05-05 12:00")

    hold = trial.task(patient, "reevaluation_imaging")
    (reminder,) = trial.reminders(task_id=hold.id)
    assert (reminder.step, reminder.person_id) == ("heads_up", amina)
    assert f"{reminder.created_at:%Y-%m-%d %H:%M}" == "2026-05-04 06:30"  # a week before its window opens


def test_a_late_reminder_is_still_sent_but_never_as_a_flood(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-06-03 11:00")  # nothing ticked for three months

    trial.tick()

    hold = trial.task(patient, "reevaluation_imaging")
    assert [row.step for row in trial.reminders(task_id=hold.id)] == ["due"]


def test_the_same_step_never_rings_twice_for_one_due_date(trial: Trial, amina):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-09-01 12:00")

    told = [(row.task_id, row.step, row.announced_due, row.person_id) for row in trial.reminders()]
    assert len(told) == len(set(told))
    assert trial.tick() == Rung(0, 0)


def test_an_event_that_moves_rings_again_and_one_that_does_not_stays_quiet(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02", second_registration="2026-03-02")
    trial.live_until("2026-03-20 12:00")
    surgery = trial.task(patient, "surgery")
    rung = [(row.step, row.announced_due) for row in trial.reminders(task_id=surgery.id)]
    assert rung == [("heads_up", date(2026, 3, 30)), ("window_open", date(2026, 3, 30))]

    trial.event("417-001", "second_registration", "2026-03-02")
    trial.tick()
    assert len(trial.reminders(task_id=surgery.id)) == len(rung)
    trial.event("417-001", "second_registration", "2026-03-09")
    trial.tick()

    again = [(row.step, row.announced_due) for row in trial.reminders(task_id=surgery.id)]
    assert again[len(rung) :] == [("window_open", date(2026, 4, 6))]


def test_what_fell_due_before_the_site_rings_is_shown_and_rings_nobody(trial: Trial):
    trial.site("777", "Lyon", "FR", "Europe/Paris", rings_from="2026-03-15")
    trial.enrolled("Claire", site="777")
    patient = trial.patient("777-001", site="777", first_registration="2026-03-02")

    trial.live_until("2026-04-20 12:00")

    baseline = trial.task(patient, "baseline_imaging")
    assert (baseline.state, baseline.next_attention_at) == ("open", None)
    assert trial.reminders(task_id=baseline.id) == []


def test_nobody_rings_before_the_site_does(trial: Trial):
    trial.site("777", "Lyon", "FR", "Europe/Paris", rings_from="2026-05-20")
    trial.enrolled("Claire", site="777")
    patient = trial.patient("777-001", site="777", first_registration="2026-03-02")

    trial.live_until("2026-05-19 23:00")
    hold = trial.task(patient, "reevaluation_imaging")
    assert trial.reminders(task_id=hold.id) == []
    trial.live_until("2026-05-20 09:00")

    assert [row.step for row in trial.reminders(task_id=hold.id)] == ["window_open"]


def test_a_task_with_nobody_to_tell_is_recorded_once_and_rings_as_soon_as_somebody_joins(trial: Trial):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-03-05 12:00")
    hold = trial.task(patient, "baseline_imaging")
    assert hold.next_step == "nobody"
    assert len([row for row in trial.audited("task.nobody_reachable") if row.object_id == str(hold.id)]) == 1
    assert trial.reminders() == []

    amina = trial.enrolled("Amina")
    trial.tick()

    assert [row.person_id for row in trial.reminders(task_id=hold.id)] == [amina]
    assert trial.task(patient, "baseline_imaging").next_step != "nobody"


def test_who_cannot_be_reached_gets_nothing_and_a_colleague_does(trial: Trial, amina):
    berta = trial.enrolled("Berta")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.out_of_reach(amina)

    trial.tick()

    hold = trial.task(patient, "baseline_imaging")
    assert [row.person_id for row in trial.reminders(task_id=hold.id)] == [berta]


def test_what_somebody_was_still_to_be_told_goes_to_a_colleague(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-05-04 19:00")  # after hours, on the day of the heads-up
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    berta = trial.enrolled("Berta")

    trial.revoked("Amina")
    trial.forward_to("2026-05-05 09:00")
    trial.tick()

    told = {row.person_id: (row.step, row.state) for row in trial.reminders(task_id=hold.id)}
    assert told == {amina: ("heads_up", "void"), berta: ("heads_up", "grouped")}


def test_a_card_that_reached_nobody_goes_to_a_colleague(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-05-04 09:00")
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    berta = trial.enrolled("Berta")
    (reminder,) = trial.reminders(task_id=hold.id)

    with trial.records.begin() as tx:
        people.set_reachable(tx, amina, reachable=False)
        assert not_reached(tx, reminder.notice_id, now=trial.clock.now()) == 1
    trial.tick()

    told = {row.person_id: (row.step, row.state) for row in trial.reminders(task_id=hold.id)}
    assert told == {amina: ("heads_up", "void"), berta: ("heads_up", "grouped")}


def test_what_a_colleague_was_told_is_not_told_again_for_somebody_out_of_reach(trial: Trial, amina):
    imaging, coordination = frozenset({SiteFunction.IMAGING}), frozenset({SiteFunction.COORDINATION})
    for name in ("Berta", "Carla"):
        trial.enrolled(name, functions=imaging)
    dora, emma = (trial.enrolled(name, functions=coordination) for name in ("Dora", "Emma"))
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-06-15 09:00")
    hold = trial.task(patient, "reevaluation_imaging")
    backup = {row.person_id: row for row in trial.reminders(task_id=hold.id, step="backup")}
    assert set(backup) == {amina, dora, emma}

    with trial.records.begin() as tx:
        assert not_reached(tx, backup[dora].notice_id, now=trial.clock.now()) == 0
    trial.tick()

    assert [row.step for row in trial.reminders(task_id=hold.id, person_id=emma)] == ["backup"]


def test_a_promise_to_ring_later_survives_that_nobody_is_there(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-26 10:00")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.says(amina, hold, AnswerKind.LATER, until="2026-05-29")
    trial.revoked("Amina")
    trial.live_until("2026-06-02 12:00")
    assert trial.task(patient, "reevaluation_imaging").next_step == "nobody"

    berta = trial.enrolled("Berta")
    trial.tick()

    assert [row.step for row in trial.reminders(task_id=hold.id, person_id=berta)] == ["later"]


def test_whoever_promised_hears_first_when_the_day_has_come_and_then_the_office_again(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-06-22 10:00")  # the ladder has ended
    hold = trial.task(patient, "reevaluation_imaging")
    (ended,) = trial.items(ItemKind.LADDER_ENDED, hold)
    with trial.records.begin() as tx:
        office_items.close_item(tx, ended.id, by=None, at=trial.clock.now(), outcome="looked_at")
    trial.says(amina, hold, AnswerKind.LATER, until="2026-06-26")

    trial.live_until("2026-06-26 12:00")
    told, office = trial.steps(hold), trial.items(ItemKind.LADDER_ENDED, hold)
    trial.live_until("2026-07-17 12:00")

    assert (told[-1], office) == (("later", "Amina"), [])
    assert len(trial.items(ItemKind.LADDER_ENDED, hold)) == 1
    assert trial.steps(hold) == told


def test_a_step_that_was_void_before_it_was_told_is_told_after_all(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-05-04 19:00")
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    said = trial.says(amina, hold, AnswerKind.NOT_APPLICABLE, reason="chemotherapy_continues")
    assert [row.state for row in trial.reminders(task_id=hold.id)] == ["void"]

    trial.undoes(amina, said.answer_id)
    trial.forward_to("2026-05-05 09:00")
    trial.tick()

    assert [(row.step, row.state) for row in trial.reminders(task_id=hold.id)] == [("heads_up", "grouped")]


def test_after_hours_a_reminder_waits_for_the_morning_of_a_working_day(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-06 17:30")  # a Friday

    trial.tick()

    (reminder,) = trial.reminders(task_id=trial.task(patient, "baseline_imaging").id)
    assert reminder.state == "waiting"
    assert reminder.not_before == datetime(2026, 3, 9, 7, 30, tzinfo=UTC)


def test_a_tick_takes_no_more_than_it_may(trial: Trial, amina):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-06-03 11:00")

    first = ring_due(trial.records, trial.studies, **trial.times, limit=1)

    assert first.tasks == 1
    assert trial.tick().tasks > 0


def test_each_step_that_ran_leaves_one_audit_event(trial: Trial, amina):
    trial.enrolled("Berta")
    trial.patient("417-001", first_registration="2026-03-02")

    trial.live_until("2026-06-20 12:00")

    steps = {(row.task_id, row.step, row.announced_due) for row in trial.reminders()}
    assert len(trial.audited("task.rung")) == len(steps)
    assert trial.audit_holds()


def test_a_closed_task_has_no_alarm(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")

    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")

    closed = trial.task(patient, "baseline_imaging")
    assert (closed.next_step, closed.next_attention_at) == (None, None)
