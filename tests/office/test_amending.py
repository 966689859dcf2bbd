"""Where an amendment could go wrong: names, several versions, consents, and what is under way on its day."""

import re
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from office.amendments import MoveKind
from office.answers import Recorded
from office.guarding import check_words, guard_context
from office.named import site_named, study_named
from office.releases import version_named
from records import releases, schema
from scheduler.auditing import missing_lately
from tests.office.amending import (
    FOUR_MONTHLY,
    GIVEN_UP,
    IMAGING,
    SCAN,
    SIX_MONTHLY,
    Office,
    consents,
    followed,
    version,
    waiting,
)
from tests.office.vocabulary import DREAM, Trial
from tests.released import sourced
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.tasks import SiteFunction, TaskState


def without_fact() -> str:
    text = sourced(DREAM.read_text(encoding="utf-8"))
    return text[text.index("\nfacts:\n") : text.index("\ntask_sets:\n")]


def chain(trial: Trial, patient: UUID) -> list[str]:
    """The versions that a patient is planned by, the first one first."""
    with trial.records.read() as tx:
        names = dict(tx.connection.execute(sa.select(schema.study_version.c.id, schema.study_version.c.version)).all())
        return [names[link.study_version_id] for link in releases.chain_of(tx, patient)]


def newest(trial: Trial, patient: UUID) -> str:
    with trial.records.read() as tx:
        return str(
            tx.connection.scalar(
                sa.select(schema.study_version.c.version)
                .join(schema.patient, schema.patient.c.study_version_id == schema.study_version.c.id)
                .where(schema.patient.c.id == patient)
            )
        )


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


# --- several versions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [("2026-05-01 00:30", "2026-06-01 00:30"), ("2026-06-01 00:30",)])
def test_two_versions_that_wait_for_their_days_come_one_after_the_other(trial: Trial, office: Office, days):
    patient = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.adds(
        version(
            "3.0",
            {**FOUR_MONTHLY, **IMAGING},
            v2=GIVEN_UP,
            v3="{fu: imaging}",
        )
    )
    office.releases(version="2.0", active_from="2026-05-01")
    office.releases(version="3.0", active_from="2026-06-01")
    for day in days:
        trial.forward_to(day)
        office.amends()

    assert chain(trial, patient) == ["1.1", "2.0", "3.0"]
    open_holds = {
        key for key, task in trial.tasks(patient).items() if task.state is TaskState.OPEN and key.endswith("mo/hold")
    }
    assert open_holds == {"fu_6mo/hold", *(f"imaging_{number}mo/hold" for number in (8, 12, 16, 20, 24))}
    assert waiting(trial.records) == 0


def test_what_a_version_moves_is_not_what_the_one_before_it_will_have_moved(trial: Trial, office: Office):
    followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(version="2.0", active_from="2026-05-01")
    shown = office.moves(
        version("3.0", {**FOUR_MONTHLY, **IMAGING}, v2=GIVEN_UP, v3="{fu: imaging}"), active_from="2026-06-01"
    )

    assert {line.kind for line in shown.lines} == {MoveKind.RENAMED}


def test_a_version_from_before_the_one_in_use_cannot_follow_it(office: Office):
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.adds(version("3.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(version="3.0", active_from="2026-05-01")

    assert "it was taken in before version 3.0" in office.refused(version="2.0", active_from="2026-06-01")


def test_whoever_came_in_by_a_later_version_does_not_hold_up_an_earlier_one(trial: Trial, office: Office):
    before = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.adds(version("3.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(version="2.0", active_from="2026-05-01")
    office.releases(version="3.0", active_from="2026-06-01")
    trial.forward_to("2026-06-02 09:00")
    new = trial.patient("417-002", first_registration="2026-06-01")
    office.amends()

    assert (newest(trial, before), newest(trial, new), chain(trial, new)) == ("3.0", "3.0", [])
    assert waiting(trial.records) == 0


def test_a_protocol_goes_back_to_what_it_was_by_another_version_and_tells_nothing_twice(trial: Trial, office: Office):
    trial.enrolled("Amina")
    patient = followed(trial)
    trial.live_until("2026-09-25 18:00")
    before = trial.task(patient, "fu_12mo")
    told = {(one.step, one.announced_due) for one in trial.reminders(task_id=before.id)}
    given_up = "{fu_6mo: drop, fu_12mo: drop, fu_24mo: drop}"
    office.adds(version("2.0", {"every 6mo until 24mo": "every 9mo until 24mo"}, v2=given_up))
    office.adds(version("3.0", {}, v2=given_up, v3="{fu_9mo: drop}"))
    office.releases(version="2.0", active_from="2026-09-26")
    office.releases(version="3.0", active_from="2026-09-27")
    trial.forward_to("2026-09-26 00:30")
    office.amends()
    assert trial.task(patient, "fu_12mo").state is TaskState.CANCELLED
    trial.live_until("2026-10-19 18:00")

    after = trial.task(patient, "fu_12mo")
    assert told
    assert (after.id, after.state, after.due) == (before.id, TaskState.OPEN, before.due)
    assert {(one.step, one.announced_due) for one in trial.reminders(task_id=before.id)} == told


# --- consents ---------------------------------------------------------------------------------------------------------


def consented(trial: Trial, office: Office) -> UUID:
    """2.0 applies after re-consent from May on, 3.0 to everybody from June on; a patient who has not consented to 2.0."""
    patient = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP, applies_to="after_reconsent"))
    back = "{fu_4mo: drop, fu_8mo: drop, fu_16mo: drop, fu_20mo: drop}"
    office.adds(version("3.0", {}, v2=GIVEN_UP, v3=back))
    office.releases(version="2.0", active_from="2026-05-01")
    office.releases(version="3.0", active_from="2026-06-01")
    return patient


def test_a_consent_to_a_version_that_was_taken_over_meanwhile_changes_nothing(trial: Trial, office: Office):
    patient = consented(trial, office)
    trial.forward_to("2026-06-01 00:30")
    office.amends()
    trial.forward_to("2026-06-10 09:00")

    assert not consents(trial, "417-001", "2026-06-09")
    assert (newest(trial, patient), chain(trial, patient)) == ("3.0", ["1.1", "3.0"])
    assert office.due(patient) == SIX_MONTHLY


def test_a_consent_to_an_older_version_that_is_recorded_late_is_put_where_it_belongs(trial: Trial, office: Office):
    patient = consented(trial, office)
    trial.forward_to("2026-06-10 09:00")
    office.amends()

    assert consents(trial, "417-001", "2026-05-10")
    assert (newest(trial, patient), chain(trial, patient)) == ("3.0", ["1.1", "2.0", "3.0"])
    assert not consents(trial, "417-001", "2026-05-10", version="3.0")


def test_consents_in_another_order_than_the_versions_leave_the_later_version_in_force(trial: Trial, office: Office):
    patient = followed(trial)
    renames = {"v2": GIVEN_UP, "v3": "{fu_4mo: drop, fu_8mo: drop, fu_16mo: drop, fu_20mo: drop}"}
    for number, changes in (("2.0", FOUR_MONTHLY), ("3.0", {})):
        office.adds(version(number, changes, applies_to="after_reconsent", **renames))
    office.releases(version="2.0", active_from="2026-04-01")
    office.releases(version="3.0", active_from="2026-05-01")
    trial.forward_to("2026-06-12 09:00")
    office.amends()
    assert consents(trial, "417-001", "2026-06-10", version="2.0")

    assert consents(trial, "417-001", "2026-06-05", version="3.0")
    assert (newest(trial, patient), chain(trial, patient)) == ("3.0", ["1.1", "3.0"])
    assert office.due(patient) == SIX_MONTHLY


def test_an_amendment_for_everybody_follows_one_that_a_patient_had_consented_to(trial: Trial, office: Office):
    patient = consented(trial, office)
    trial.forward_to("2026-05-05 09:00")
    office.amends()
    assert consents(trial, "417-001", "2026-05-05")
    assert "fu_8mo/hold" in office.due(patient)
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert chain(trial, patient) == ["1.1", "2.0", "3.0"]
    assert office.due(patient) == SIX_MONTHLY


def test_whom_the_last_version_left_where_they_were_has_a_say_in_what_the_next_one_forgets(
    trial: Trial, office: Office
):
    patient = followed(trial)
    before = trial.task(patient, "fu_12mo")
    office.adds(version("2.0", IMAGING, v2="{fu: imaging}", applies_to="new_patients"))
    office.releases(version="2.0", active_from="2026-05-01")
    office.adds(version("3.0", SCAN, v3="{imaging: scan}"))
    office.adds(version("4.0", SCAN, v2="{fu: imaging}", v3="{imaging: scan}"))
    trial.forward_to("2026-05-20 09:00")
    office.amends()

    assert "fu of version 1.1 is not there any more" in office.refused(version="3.0", active_from="2026-06-01")
    office.releases(version="4.0", active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()
    assert chain(trial, patient) == ["1.1", "4.0"]
    assert trial.task(patient, "scan_12mo").id == before.id


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


def test_whoever_was_left_where_they_were_stays_there_until_their_own_version_changes(trial: Trial, office: Office):
    """A database from before there were releases: two versions at a site, each patient planned by their own."""
    patient = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    with trial.records.begin() as tx:
        rows = tx.connection.execute(sa.select(schema.release).order_by(schema.release.c.id)).mappings().all()
        second = tx.connection.scalar(
            sa.select(schema.study_version.c.id).where(schema.study_version.c.version == "2.0")
        )
        for row in rows:
            values = {**row, "id": tx.new_id(), "study_version_id": second}
            tx.connection.execute(sa.insert(schema.release), values)
    office.adds(version("3.0", {**FOUR_MONTHLY, **IMAGING}, v2=GIVEN_UP, v3="{fu: imaging}"))
    office.releases(version="3.0", active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert chain(trial, patient) == ["1.1", "3.0"]
    assert trial.task(patient, "fu_6mo").state is TaskState.OPEN


def test_the_day_begins_at_each_site_by_its_own_clock_also_where_it_has_no_midnight(trial: Trial, office: Office):
    trial.site("777", "Santiago", "CL", "America/Santiago", rings_from="2026-01-01")
    places = {"417": followed(trial), "501": followed(trial, "501-001", site="501")}
    places["777"] = followed(trial, "777-001", site="777")
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    # On 6 September 2026 clocks in Chile go from 24:00 to 01:00.
    office.releases("417", "501", "777", active_from="2026-09-06")
    begun = {}
    for wall in ("2026-09-05 16:59", "2026-09-05 17:01", "2026-09-06 00:01", "2026-09-06 05:59", "2026-09-06 06:01"):
        trial.forward_to(wall)
        office.amends()
        begun[wall] = {site for site, patient in places.items() if newest(trial, patient) == "2.0"}

    assert list(begun.values()) == [set(), {"501"}, {"417", "501"}, {"417", "501"}, {"417", "501", "777"}]


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
