"""One person first, then colleagues, the site's investigator, the trial office: each step with somebody who is there."""

from datetime import date

import pytest

from records import assignments, office_items, plans, schema
from records.plans import TaskRow
from records.transaction import entry_row
from scheduler.auditing import missing_lately
from scheduler.handing_over import not_reached
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind, LeavingKind
from trial.messages import ItemKind
from trial.people import Role
from trial.responsibility import WhyTold
from trial.tasks import SiteFunction

IMAGING = frozenset({SiteFunction.IMAGING})
COORDINATION = frozenset({SiteFunction.COORDINATION})
UPLOADS = ("upload_ct", "upload_mri")


@pytest.fixture
def team(trial: RingingTrial):
    """Berta does the imaging, Dora coordinates, Ines is the investigator."""
    return {
        "Berta": trial.enrolled("Berta", functions=IMAGING),
        "Dora": trial.enrolled("Dora", functions=COORDINATION),
        "Ines": trial.enrolled("Ines", role=Role.INVESTIGATOR),
    }


def skipped(trial: RingingTrial, task: TaskRow) -> list[str]:
    """The steps of which the log says that there was nobody to tell, in order."""
    with trial.records.read() as tx:
        of_task = [row for row in trial.audited("task.step_skipped") if row.object_id == str(task.id)]
        rows = sorted(of_task, key=lambda row: row.sequence)
        return [tx.unseal(schema.audit, entry_row(row.sequence), row.sealed)["after"]["step"] for row in rows]


def rung(trial: RingingTrial, until: str):
    """The re-evaluation imaging of a patient, of which nobody says anything until then."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until(until)
    return trial.task(patient, "reevaluation_imaging")


def test_a_silent_task_climbs_from_the_one_responsible_to_the_office(trial: RingingTrial, team):
    hold = rung(trial, "2026-07-01 12:00")

    assert trial.steps(hold) == [
        ("heads_up", "Berta"),
        ("window_open", "Berta"),
        ("due", "Berta"),
        ("late", "Berta"),
        ("cover", "Dora"),
        ("investigator", "Ines"),
    ]
    assert len(trial.items(ItemKind.LADDER_ENDED, hold)) == 1
    assert trial.alarm(hold) == (None, None)
    assert trial.audit_holds()


def test_each_step_comes_on_its_working_day(trial: RingingTrial, team):
    hold = rung(trial, "2026-07-01 12:00")

    days = {row.step: f"{row.created_at:%m-%d}" for row in trial.reminders(task_id=hold.id)}
    (ended,) = trial.items(ItemKind.LADDER_ENDED, hold)
    # The window closes on Monday 8 June. Dora, who coordinates, was told at the step before, and nobody is left as backup:
    # the investigator hears on the eighth working day all the same, and the office on the tenth.
    assert (days["late"], days["cover"], days["investigator"]) == ("06-09", "06-11", "06-18")
    assert f"{ended.opened_at:%m-%d}" == "06-22"


def test_a_step_with_nobody_to_tell_is_passed_over_and_the_log_says_so(trial: RingingTrial, team):
    hold = rung(trial, "2026-06-18 12:00")

    assert skipped(trial, hold) == ["backup"]
    assert trial.steps(hold)[-1] == ("investigator", "Ines")


def test_a_site_of_one_is_told_to_the_office_on_the_manager_s_day_and_no_sooner(trial: RingingTrial):
    trial.enrolled("Berta", functions=IMAGING)

    hold = rung(trial, "2026-06-19 12:00")
    before = trial.items(ItemKind.LADDER_ENDED, hold)
    trial.live_until("2026-06-22 12:00")

    assert {name for _, name in trial.steps(hold)} == {"Berta"}
    assert before == []
    assert len(trial.items(ItemKind.LADDER_ENDED, hold)) == 1
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


def test_a_step_is_passed_over_once_also_when_the_next_one_reached_nobody(trial: RingingTrial):
    """Ines is rung, her phone does not take it: the ladder goes on from there, and begins no second time."""
    trial.enrolled("Berta", functions=IMAGING)
    ines = trial.enrolled("Ines", role=Role.INVESTIGATOR)
    hold = rung(trial, "2026-06-18 12:00")
    (told,) = trial.reminders(task_id=hold.id, step="investigator")

    trial.out_of_reach(ines)
    with trial.records.begin() as tx:
        assert not_reached(tx, told.notice_id, now=trial.clock.now()) == 1
    trial.live_until("2026-06-22 12:00")

    assert skipped(trial, hold) == ["cover", "backup", "investigator"]
    assert [f"{item.opened_at:%m-%d}" for item in trial.items(ItemKind.LADDER_ENDED, hold)] == ["06-22"]


def test_what_was_passed_over_counts_when_somebody_promised_to_answer_later(trial: RingingTrial):
    berta = trial.enrolled("Berta", functions=IMAGING)
    trial.enrolled("Ines", role=Role.INVESTIGATOR)
    hold = rung(trial, "2026-06-15 12:00")  # cover and backup found nobody
    trial.says(berta, hold, AnswerKind.LATER, until="2026-06-19")

    trial.live_until("2026-06-24 12:00")

    assert skipped(trial, hold) == ["cover", "backup"]
    days = {row.step: f"{row.created_at:%m-%d}" for row in trial.reminders(task_id=hold.id)}
    # Three working days, as the study file has between backup and investigator.
    assert (days["later"], days["investigator"]) == ("06-19", "06-24")


def test_whoever_is_assigned_to_the_patient_goes_before_the_function(trial: RingingTrial, team):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    with trial.records.begin() as tx:
        assignments.assign(
            tx, patient_id=patient, function=SiteFunction.IMAGING, person_id=team["Dora"], since=date(2026, 3, 1)
        )

    trial.live_until("2026-05-04 12:00")

    assert trial.steps(trial.task(patient, "reevaluation_imaging")) == [("heads_up", "Dora")]


def test_a_reminder_says_why_it_came_to_this_person(trial: RingingTrial, team):
    trial.out_of_reach(team["Berta"])

    hold = rung(trial, "2026-05-04 12:00")

    (reminder,) = trial.reminders(task_id=hold.id)
    assert (reminder.person_id, reminder.why) == (team["Dora"], WhyTold.TAKES_OVER)
    assert reminder.instead_of == team["Berta"]


def test_before_it_is_late_nobody_hears_of_it_in_a_hurry(trial: RingingTrial):
    """An investigator alone at a site is not written to before the eighth working day after the window."""
    trial.enrolled("Ines", role=Role.INVESTIGATOR)

    hold = rung(trial, "2026-06-09 07:00")
    trial.forward_to("2026-06-09 08:30")
    trial.tick()
    trial.live_until("2026-06-17 12:00")
    early = trial.steps(hold)
    trial.live_until("2026-06-18 12:00")

    assert early == []
    assert trial.steps(hold) == [("investigator", "Ines")]


def test_a_site_with_nobody_is_one_item_however_many_tasks_and_mornings(trial: RingingTrial):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.patient("417-002", first_registration="2026-03-02")

    trial.live_until("2026-03-12 12:00")

    assert len(trial.items(ItemKind.NOBODY_REACHABLE)) == 1


def test_a_ladder_ends_also_where_nobody_is_there(trial: RingingTrial):
    hold = rung(trial, "2026-06-19 12:00")
    trial.tick()
    waits = trial.alarm(hold)[0]

    trial.forward_to("2026-06-22 12:00")
    trial.tick()

    assert waits == "nobody"
    assert trial.alarm(hold) == (None, None)
    assert len(trial.items(ItemKind.LADDER_ENDED, hold)) == 1


# --- three rings ------------------------------------------------------------------------------------------------------


def test_the_fourth_ring_without_news_waits_for_the_digest(trial: RingingTrial, team):
    trial.sends = True

    hold = rung(trial, "2026-06-10 12:00")

    single = {row.step: row.single for row in trial.reminders(task_id=hold.id)}
    assert single == {"heads_up": True, "window_open": True, "due": True, "late": False}


def test_an_answer_is_news(trial: RingingTrial, team):
    trial.sends = True
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-26 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.says(team["Berta"], hold, AnswerKind.LATER, until="2026-05-29")

    trial.live_until("2026-06-10 12:00")

    assert all(row.single for row in trial.reminders(task_id=hold.id))


# --- help -------------------------------------------------------------------------------------------------------------


def test_whoever_asked_for_help_is_left_alone_until_the_office_has_looked(trial: RingingTrial, team):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-12 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    before = trial.steps(hold)

    item = trial.asks_for_help(hold)
    trial.live_until("2026-06-12 15:00")  # a Friday; it is late by now
    silent = trial.steps(hold)
    trial.gets_help(item, hold)

    assert silent == before
    assert trial.alarm(hold)[1] == "2026-06-15 08:30"
    trial.live_until("2026-06-15 12:00")
    assert trial.steps(hold)[len(before) :] == [("late", "Berta")]


def test_everything_that_rings_for_the_visit_waits_with_what_help_was_asked_for(trial: RingingTrial, team):
    patient = trial.patient("417-001", first_registration="2026-03-02", held={"baseline_imaging": "2026-02-26"})
    trial.live_until("2026-03-05 12:00")
    asked, other = (trial.task(patient, "baseline_imaging", name) for name in UPLOADS)
    before = [trial.steps(one) for one in (asked, other)]

    item = trial.asks_for_help(asked)
    waiting = [trial.alarm(one) for one in (asked, other)]
    trial.event("417-001", "first_registration", "2026-03-03")
    planned_again = [trial.alarm(one) for one in (asked, other)]
    trial.live_until("2026-03-20 15:00")  # a Friday; all of them are late by now
    silent = [trial.steps(one) for one in (asked, other)]
    missing = missing_lately(trial.records, trial.studies, now=trial.clock.now())
    trial.gets_help(item, asked)
    goes_on = [trial.alarm(one) for one in (asked, other)]
    trial.live_until("2026-03-23 12:00")

    assert waiting == planned_again == [("help", None)] * 2
    assert silent == before
    assert missing == ()
    assert {at for _, at in goes_on} == {"2026-03-23 08:30"}
    for one, was in zip((asked, other), before, strict=True):
        assert len(trial.steps(one)) == len(was) + 1
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


def test_help_that_is_open_for_one_more_task_of_the_visit_keeps_all_of_it_silent(trial: RingingTrial, team):
    patient = trial.patient("417-001", first_registration="2026-03-02", held={"baseline_imaging": "2026-02-26"})
    trial.live_until("2026-03-05 12:00")
    first, second = (trial.task(patient, "baseline_imaging", name) for name in UPLOADS)
    item, other = trial.asks_for_help(first), trial.asks_for_help(second)

    trial.gets_help(item, first, goes_on=False)
    between = trial.alarm(first), trial.alarm(second)
    trial.gets_help(other, second)

    assert between == (("help", None), ("help", None))
    assert trial.alarm(first) == trial.alarm(second) == ("late", "2026-03-06 08:30")


def test_planning_again_does_not_wake_what_waits_for_help(trial: RingingTrial, team):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-12 12:00")
    trial.asks_for_help(trial.task(patient, "reevaluation_imaging"))

    trial.event("417-001", "first_registration", "2026-03-09")

    assert trial.alarm(trial.task(patient, "reevaluation_imaging")) == ("help", None)


def test_help_that_is_still_open_keeps_a_task_silent_whatever_woke_it(trial: RingingTrial, team):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-05-04 19:00")
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    trial.asks_for_help(hold)
    with trial.records.begin() as tx:
        plans.ring_again(tx, [hold.id], step="again", at=trial.clock.now())

    trial.tick()

    assert trial.steps(hold) == []
    assert trial.alarm(hold) == ("help", None)
    with trial.records.read() as tx:
        assert office_items.asking_for_help(tx, [hold.visit_id]) == {hold.visit_id: {hold.id}}


def test_a_colleague_keeps_the_distance_when_a_patient_is_followed_again(trial: RingingTrial):
    trial.sends = True
    berta = trial.enrolled("Berta", functions=IMAGING)
    trial.enrolled("Dora")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-06-23 10:00")  # a Tuesday, long after the window has closed
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    said = trial.says(berta, hold, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)

    trial.undoes(berta, said.answer_id)

    assert trial.steps(hold) == [("late", "Berta")]
    assert trial.alarm(hold) == ("cover", "2026-06-25 08:30")
