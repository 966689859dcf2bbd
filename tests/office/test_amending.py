"""Where an amendment could go wrong: names that change, what patients have, and what is under way on its day."""

import re
from datetime import date

import pytest

from office.answers import Recorded
from office.guarding import check_words, guard_context
from office.named import site_named, study_named
from office.releases import version_named
from scheduler.auditing import missing_lately
from tests.office.amending import (
    FOUR_MONTHLY,
    GIVEN_UP,
    IMAGING,
    SCAN,
    Office,
    chain,
    followed,
    newest,
    version,
)
from tests.office.vocabulary import DREAM, Trial
from tests.released import sourced
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.tasks import SiteFunction, TaskState


def without_fact() -> str:
    text = sourced(DREAM.read_text(encoding="utf-8"))
    return text[text.index("\nfacts:\n") : text.index("\ntask_sets:\n")]


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_site_that_left_a_version_out_goes_by_its_renames_too(trial: Trial, office: Office):
    patient = followed(trial)
    before = trial.task(patient, "fu_12mo")
    office.adds(version("2.0", IMAGING, v2="{fu: imaging}"))
    office.adds(version("3.0", SCAN, v2="{fu: imaging}", v3="{imaging: scan}"))
    office.releases(version="3.0", active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert trial.task(patient, "scan_12mo").id == before.id
    assert "imaging_12mo/hold" not in trial.tasks(patient)


@pytest.mark.parametrize(
    ("renames", "changes", "says"),
    [
        ("{fu: drop}", {}, "'fu' is given up or renamed, and is still there"),
        ("{fu_6mo: fu_12mo}", {}, "'fu_6mo' is given up or renamed, and is still there"),
        ("{fu_6mo: fu_8mo, fu_18mo: fu_8mo}", FOUR_MONTHLY, "two visits would be called 'fu_8mo'"),
    ],
)
def test_a_name_that_could_mean_two_visits_holds_a_release_up(office: Office, renames, changes, says):
    office.adds(version("2.0", changes, v2=renames))

    assert says in office.refused()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"\n  death:\n": "\n  deceased:\n"}, "the event death of version 1.1 is not there any more"),
        (
            {'"yes": {en: "Yes"': '"ja": {en: "Yes"', "place == yes": "place == ja"},
            "the fact lesion_left_in_place yes of version 1.1 is not there",
        ),
    ],
)
def test_what_patients_have_is_not_taken_out_of_a_study(office: Office, changes, says):
    office.adds(version("2.0", changes))

    assert says in office.refused()


def test_a_question_that_is_given_up_is_no_longer_asked_and_stands_in_nobodys_way(trial: Trial, office: Office):
    patient = trial.patient("417-001", first_registration="2025-10-01", second_registration="2025-10-01")
    known = followed(trial, "417-002")
    trial.event("417-001", "surgery", "2026-02-10")
    assert trial.tasks(patient)["fact:lesion_left_in_place/fact"].state is TaskState.OPEN
    changes = {without_fact(): "\n", "    only_if: lesion_left_in_place == yes\n": ""}
    office.adds(version("2.0", changes))
    office.releases()
    trial.forward_to("2026-04-01 00:30")
    office.amends()

    assert trial.tasks(patient)["fact:lesion_left_in_place/fact"].state is TaskState.CANCELLED
    trial.event("417-002", "recurrence", "2026-03-30")
    assert trial.tasks(known)["fu_12mo/hold"].state is TaskState.CANCELLED


def test_a_renamed_visit_keeps_its_row_when_a_corrected_date_moves_it_over_the_day(trial: Trial, office: Office):
    amina = trial.enrolled("Amina")
    patient = followed(trial)
    trial.says(amina, trial.task(patient, "fu_6mo"), AnswerKind.BOOKED, day="2026-04-17")
    early, late = trial.task(patient, "fu_6mo"), trial.task(patient, "fu_12mo")
    office.adds(version("2.0", IMAGING, v2="{fu: imaging}"))
    office.releases(active_from="2026-04-15")
    trial.forward_to("2026-04-15 00:30")
    office.amends()
    assert trial.task(patient, "imaging_6mo").id == early.id

    trial.event("417-001", "surgery", "2025-10-10")
    assert trial.task(patient, "fu_6mo").id == early.id
    assert trial.task(patient, "imaging_12mo").id == late.id

    trial.event("417-001", "surgery", "2025-10-20")
    assert trial.task(patient, "imaging_6mo").id == early.id
    assert [key for key, task in trial.tasks(patient).items() if task.state is TaskState.CANCELLED] == []


def test_what_counts_from_a_visit_counts_from_the_day_it_was_held_under_its_old_name(trial: Trial, office: Office):
    amina = trial.enrolled("Amina")
    patient = followed(trial)
    trial.says(amina, trial.task(patient, "preoperative_imaging"), AnswerKind.DONE, day="2025-10-18")
    call = "\n  - {id: call, label: {en: Call, de: Anruf, fr: Appel, ja: 電話}, when: visit(before_op) + 8mo}\nladders:"
    changes = {"- id: preoperative_imaging": "- id: before_op", "\nladders:": call}
    office.adds(version("2.0", changes, v2="{preoperative_imaging: before_op}"))
    office.releases(active_from="2026-04-01")
    trial.forward_to("2026-04-01 00:30")
    office.amends()

    assert trial.task(patient, "call").due == date(2026, 6, 18)


# --- what is under way ------------------------------------------------------------------------------------------------


def test_what_is_due_on_the_day_itself_is_the_new_versions_and_what_was_late_goes_on(trial: Trial, office: Office):
    trial.enrolled("Amina")
    on_the_day = followed(trial)
    late = trial.patient(
        "417-002",
        facts={"lesion_left_in_place": "yes"},
        first_registration="2025-09-01",
        second_registration="2025-09-01",
        surgery="2025-09-10",
    )
    trial.live_until("2026-04-19 18:00")
    before = trial.task(late, "fu_6mo")
    assert before.next_step is not None
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(active_from="2026-04-20")
    trial.forward_to("2026-04-20 00:30")
    office.amends()

    assert trial.task(on_the_day, "fu_6mo").state is TaskState.CANCELLED
    assert (trial.task(late, "fu_6mo").state, trial.task(late, "fu_6mo").next_step) == (
        TaskState.OPEN,
        before.next_step,
    )
    trial.live_until("2026-04-30 18:00")
    assert f"ladder_ended:{before.id}:2026-03-10" in {item.key for item in trial.items().values()}
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


def test_another_function_and_another_ladder_are_followed_and_ring_nothing_twice(trial: Trial, office: Office):
    trial.enrolled("Amina", functions=frozenset({SiteFunction.IMAGING}))
    doctor = trial.enrolled("Chris", functions=frozenset({SiteFunction.SURGERY}))
    patient = followed(trial)
    trial.live_until("2026-09-25 18:00")
    before = trial.task(patient, "fu_12mo")
    told = {(one.step, one.announced_due) for one in trial.reminders(task_id=before.id)}
    changes = {
        "    stop: [recurrence]\n    function: imaging": "    stop: [recurrence]\n    function: surgery\n    ladder: calm",
        "\nladders:": "\nladders:\n  calm: {heads_up: opens - 7d, due: due + 2d, late: closes + 5d}\n#",
    }
    text = version("2.0", changes).replace("\n# # warnings", "\n  # warnings")
    office.adds(text)
    office.releases(active_from="2026-09-26")
    trial.forward_to("2026-09-26 00:30")
    office.amends()
    after = trial.task(patient, "fu_12mo")

    assert (after.function, after.ladder, after.next_step) == (SiteFunction.SURGERY, "calm", "due")
    trial.live_until("2026-10-23 18:00")
    rung = trial.reminders(task_id=before.id)
    assert {(one.step, one.announced_due) for one in rung} - told == {("due", before.due)}
    assert [one.person_id for one in rung if one.step == "due"] == [doctor]


def test_a_ladder_that_was_changed_rings_at_its_new_days(trial: Trial, office: Office):
    trial.enrolled("Amina")
    patient = followed(trial)
    trial.live_until("2026-09-25 18:00")
    before = trial.task(patient, "fu_12mo")
    changes = {
        "visit: {heads_up: opens - 7d, window_open: opens, due: due,": "visit: {heads_up: opens - 7d, due: due - 10d,"
    }
    office.adds(version("2.0", changes))
    office.releases(active_from="2026-09-26")
    trial.forward_to("2026-09-26 00:30")
    office.amends()

    assert trial.task(patient, "fu_12mo").next_step == "due"
    at = trial.task(patient, "fu_12mo").next_attention_at
    assert at is not None
    assert (at.date(), before.due) == (date(2026, 10, 9), date(2026, 10, 20))
    trial.live_until("2026-10-14 18:00")
    rung = trial.reminders(task_id=before.id)
    assert len({(one.step, one.announced_due) for one in rung}) == len(rung)
    assert "due" in {one.step for one in rung}
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


def test_a_step_that_a_new_ladder_has_before_the_day_is_told_late_and_is_not_missing(trial: Trial, office: Office):
    trial.enrolled("Amina")
    patient = followed(trial)
    trial.live_until("2026-09-25 18:00")
    task = trial.task(patient, "fu_12mo")
    told = {one.step for one in trial.reminders(task_id=task.id)}
    other = {"window_open: opens, due: due,": "window_open: opens, due: opens + 2d,"}
    office.adds(version("2.0", other))
    office.releases(active_from="2026-09-26")
    trial.live_until("2026-09-28 18:00")

    assert "due" not in told
    assert [one.step for one in trial.reminders(task_id=task.id) if one.step not in told] == ["due"]
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


@pytest.mark.parametrize("said", ["booked", "later", "help", "on hold"])
def test_a_visit_under_another_name_goes_on_as_it_stood(trial: Trial, office: Office, said):
    amina = trial.enrolled("Amina")
    patient = followed(trial)
    trial.live_until("2026-09-24 18:00")
    hold = trial.task(patient, "fu_12mo")
    match said:
        case "booked":
            trial.says(amina, hold, AnswerKind.BOOKED, day="2026-10-19")
        case "later":
            trial.says(amina, hold, AnswerKind.LATER, until="2026-10-02")
        case "help":
            trial.says(amina, hold, AnswerKind.NEED_HELP, needs=HelpKind.QUERY)
        case _:
            pass
    before = trial.task(patient, "fu_12mo")
    told = len(trial.reminders(task_id=hold.id))
    office.adds(version("2.0", IMAGING, v2="{fu: imaging}"))
    office.releases(active_from="2026-09-26")
    trial.forward_to("2026-09-26 00:30")
    office.amends()
    after = trial.task(patient, "imaging_12mo")

    assert (after.id, after.state, after.next_step, after.next_attention_at) == (
        before.id,
        before.state,
        before.next_step,
        before.next_attention_at,
    )
    trial.live_until("2026-09-27 18:00")
    assert len(trial.reminders(task_id=hold.id)) == told
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


def test_a_patient_who_is_paused_on_the_day_goes_on_under_the_new_names(trial: Trial, office: Office):
    amina = trial.enrolled("Amina")
    patient = followed(trial)
    before = trial.task(patient, "fu_12mo")
    office.adds(version("2.0", IMAGING, v2="{fu: imaging}"))
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-05-31 23:57")
    said = trial.says(amina, before, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    assert isinstance(said, Recorded)
    trial.forward_to("2026-06-01 00:01")
    office.amends()
    assert trial.state(patient) == "paused"

    trial.undoes(amina, said.answer_id)
    assert (trial.state(patient), chain(trial, patient)) == ("followed", ["1.1", "2.0"])
    after = trial.task(patient, "imaging_12mo")
    assert (after.id, after.state, after.due) == (before.id, TaskState.OPEN, before.due)
    assert [key for key in trial.tasks(patient) if key.startswith("fu_")] == ["fu_6mo/hold", "fu_6mo/upload_images"]


def test_codes_of_the_form_that_they_had_are_no_numbers_of_a_person_after_another_form_came(
    trial: Trial, office: Office
):
    followed(trial)
    amina = trial.enrolled("Amina")
    office.adds(version("2.0", {r"subject_id: {value: '\d{3}-\d{3}'": r"subject_id: {value: 'D-\d{5}'"}))
    office.releases()

    def codes() -> tuple[bool, bool]:
        """Whether each form may stand in what somebody of the site writes."""
        pattern = trial.asks(guard_context, trial.studies, amina).subject_id
        return re.fullmatch(pattern, "417-001") is not None, re.fullmatch(pattern, "D-00001") is not None

    assert codes() == (True, False)
    trial.forward_to("2026-04-01 09:00")
    office.amends()
    new = trial.patient("D-00001", first_registration="2026-04-01")
    trial.event("417-001", "recurrence", "2026-03-30")

    assert (newest(trial, new), codes()) == ("2.0", (True, True))
    with trial.records.read() as tx:
        study = trial.studies.of_version(tx, version_named(tx, study_named(tx, "DREAM"), "2.0").id)
        site = site_named(tx, study_named(tx, "DREAM"), "417")
    assert check_words("Like D-00001, as with 417-001.", study, site, today=date(2026, 4, 1)).endswith("417-001.")


def test_what_an_amendment_makes_late_at_once_is_told_in_one_message(trial: Trial, office: Office):
    trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-01-20", held={"baseline_imaging": "2026-01-19"})
    trial.live_until("2026-03-31 18:00")
    task = trial.task(patient, "reevaluation_imaging")
    told = {one.id for one in trial.reminders(task_id=task.id)}
    eight_weeks = {"when: {value: first_registration + 12w}": "when: {value: first_registration + 8w}"}
    office.adds(version("2.0", eight_weeks))
    office.releases()
    trial.live_until("2026-04-02 12:00")

    after = trial.task(patient, "reevaluation_imaging")
    assert (task.due, after.due, after.closes) == (date(2026, 4, 14), date(2026, 3, 17), date(2026, 3, 31))
    rung = [one for one in trial.reminders(task_id=task.id) if one.id not in told]
    assert {one.announced_due for one in rung} == {date(2026, 3, 17)}
    assert len({one.notice_id for one in rung}) == 1
    assert missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()
