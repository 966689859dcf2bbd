"""A version is used at a site once two people have released it, and an amendment moves what it says it moves."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from office.amendments import MoveKind
from office.named import site_named, study_named
from office.releases import Wanted, release, version_named
from records import releases, schema
from scheduler.amending import amend_due
from tests.office.amending import (
    APPROVED,
    FOUR_MONTHLY,
    GIVEN_UP,
    SIX_MONTHLY,
    Office,
    consents,
    followed,
    version,
    waiting,
)
from tests.office.test_two_at_once import at_once
from tests.office.vocabulary import DREAM, Trial
from tests.released import TABLE, amendment, sourced
from trial.answers import AnswerKind
from trial.people import Role
from trial.problems import ProblemError
from trial.tasks import TaskState

# --- releasing --------------------------------------------------------------------------------------------------------


def test_a_version_that_is_only_taken_in_plans_nobody(trial: Trial, office: Office):
    office.adds(amendment())
    patient = followed(trial)

    assert office.due(patient) == SIX_MONTHLY
    assert {visit.study_version for visit in trial.visits(patient).values()} == {"1.1"}


def test_a_second_person_releases_it_with_its_dates(trial: Trial, office: Office):
    office.adds(amendment())
    (released,) = office.releases()

    assert re.fullmatch(r"[0-9a-f]{64}", released.dates_sha256)
    with trial.records.read() as tx:
        site = site_named(tx, study_named(tx, "DREAM"), "417")
        last = releases.of_site(tx, site.id)[-1]
    assert (last.prepared_by, last.released_by, last.approved_on) == (office.first, office.second, APPROVED)
    assert last.dates_sha256 == released.dates_sha256
    assert last.applied_at is None


def test_whoever_stands_for_the_file_does_not_release_it(office: Office):
    office.adds(amendment())

    assert "the same person stands for the file" in office.refused(by=office.first)
    assert "the same person stands for the file" in office.refused(prepared_by=office.second)


def test_naming_somebody_else_does_not_let_whoever_took_the_file_in_release_it(trial: Trial, office: Office):
    office.adds(amendment())

    assert "the same person stands for the file" in office.refused(by=office.first, prepared_by=office.second)
    assert "the same person stands for the file" in office.refused(by=office.first, prepared_by=trial.manager("M C"))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.MONITOR])
def test_only_who_may_release_releases(trial: Trial, office: Office, role):
    office.adds(amendment())
    somebody = trial.enrolled("Somebody", site=None, role=role)

    assert "this person may not release a version" in office.refused(by=somebody)


def test_nobody_releases_after_their_access_ended(trial: Trial, office: Office):
    office.adds(amendment())
    trial.revoked("Manager B", site=None)

    assert "this person may not release a version" in office.refused()


def test_whoever_is_named_for_the_file_belongs_to_the_trial_office(trial: Trial, office: Office):
    office.adds(amendment())
    amina, gone = trial.enrolled("Amina"), trial.manager("Manager C")
    trial.revoked("Manager C", site=None)

    for somebody in (amina, gone, UUID(int=1)):
        assert "this person has no access to the trial office" in office.refused(prepared_by=somebody)


def test_what_somebody_took_in_who_has_left_since_is_released_by_a_colleague(trial: Trial, office: Office):
    office.adds(amendment())
    trial.revoked("Manager A", site=None)

    assert office.releases()


def test_two_who_release_at_once_release_one(trial: Trial, office: Office):
    office.adds(amendment())
    office.adds(amendment(version="3.0", table=TABLE.replace('version: "2.0"', 'version: "3.0"')))
    third = trial.manager("Manager C")

    def tries(version: str, by: UUID) -> Callable[[], bool]:
        def act() -> bool:
            try:
                office.releases(version=version, by=by)
            except ProblemError:
                return False
            return True

        return act

    assert sorted(at_once(tries("2.0", office.second), tries("2.0", third))) == [False, True]
    office.withdraws()
    # On the same day: whichever comes second follows no earlier version.
    assert sorted(at_once(tries("2.0", office.second), tries("3.0", third))) == [False, True]


# --- taking a release back --------------------------------------------------------------------------------------------


def test_a_release_is_taken_back_before_its_day_and_may_be_made_again(trial: Trial, office: Office):
    patient = followed(trial)
    office.adds(amendment())
    office.releases(active_from="2026-06-01")

    assert office.withdraws() == date(2026, 6, 1)
    trial.forward_to("2026-06-01 00:30")
    assert office.amends() == 0
    assert office.due(patient) == SIX_MONTHLY
    assert len(trial.audited("study.release_withdrawn")) == 1
    assert trial.audit_holds()
    assert office.releases(active_from="2026-06-02")


def test_a_first_release_is_taken_back_as_long_as_nobody_is_planned_by_it(trial: Trial, office: Office):
    assert office.withdraws("501", version="1.1")
    followed(trial)
    with pytest.raises(ProblemError, match="patients are planned by this version already"):
        office.withdraws("417", version="1.1")


def test_what_has_begun_or_is_followed_by_another_version_is_not_taken_back(trial: Trial, office: Office):
    followed(trial)
    office.adds(amendment())
    office.adds(version("3.0", FOUR_MONTHLY, v2=GIVEN_UP))
    with pytest.raises(ProblemError, match=r"version 2\.0 is not released for it"):
        office.withdraws()
    office.releases(active_from="2026-06-01")
    office.releases(version="3.0", active_from="2026-06-02")
    with pytest.raises(ProblemError, match="a version that follows it is released there, too"):
        office.withdraws()
    assert office.withdraws(version="3.0")
    with pytest.raises(ProblemError, match="this person may not take a release back"):
        office.withdraws(by=trial.enrolled("Amina"))
    trial.forward_to("2026-06-01 00:30")
    office.amends()
    with pytest.raises(ProblemError, match="patients are planned by this version already"):
        office.withdraws()


def test_what_no_source_backs_is_released_in_a_demo_only(office: Office):
    document = DREAM.read_text(encoding="utf-8").replace('version: "1.1"', 'version: "2.0"')
    office.adds(document)

    assert "backed by no source" in office.refused()
    assert office.releases(demo=True)


def test_a_question_without_an_answer_holds_a_release_up_even_in_a_demo(office: Office):
    asked = "questions:\n  - {id: week_4, ask: Day 22 or day 29}\n"
    office.adds(amendment() + asked)

    assert "the question week_4 has no answer" in office.refused(demo=True)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"active_from": "2026-03-01"}, "an amendment cannot begin in the past"),
        ({"active_from": "2027-06-01"}, "more than a year ahead"),
        ({"active_from": None}, "it is not said from which day on"),
        ({"approved_on": date(2026, 3, 20)}, "it was not approved before it is used"),
    ],
)
def test_a_day_that_cannot_be_is_refused(office: Office, wanted, says):
    office.adds(amendment())

    assert says in office.refused(**wanted)


def test_the_day_is_the_study_files_where_nobody_says_another(trial: Trial, office: Office):
    office.adds(amendment())
    with trial.records.begin() as tx:
        study = study_named(tx, "DREAM")
        tokyo = Wanted(
            version_named(tx, study, "2.0"), site_named(tx, study, "501"), None, APPROVED, None, office.second
        )
        (released,) = release(tx, trial.studies, [tokyo], demo=False, **trial.times)

    assert released.active_from == date(2026, 5, 4)


def test_what_disappears_without_a_word_holds_a_release_up(office: Office):
    office.adds(amendment(table=TABLE.replace("fu_6mo: drop, ", "fu_7mo: drop, ")))
    said = office.refused()

    assert "fu_6mo of version 1.1 is not there any more; write fu_6mo: drop, or the id that it has now." in said
    assert "'fu_7mo' stands for no visit" in said


def test_a_release_for_several_sites_is_for_all_of_them_or_none(trial: Trial, office: Office):
    office.adds(amendment())
    office.releases("501")
    with pytest.raises(ProblemError, match="was released for it already"):
        office.releases("417", "501")

    with trial.records.read() as tx:
        site = site_named(tx, study_named(tx, "DREAM"), "417")
        assert len(releases.of_site(tx, site.id)) == 1


def test_without_a_release_there_is_no_patient(trial: Trial, office: Office):
    with trial.records.begin() as tx:
        tx.connection.execute(sa.delete(schema.release))

    with pytest.raises(ProblemError, match="no version of DREAM was released for it by today"):
        followed(trial)


# --- amending ---------------------------------------------------------------------------------------------------------


def test_from_its_day_on_an_amendment_plans_what_is_due_after_it(trial: Trial, office: Office):
    patient = followed(trial)
    office.adds(amendment())
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-05-31 23:30")
    assert office.amends() == 0

    trial.forward_to("2026-06-01 00:30")
    assert office.amends() == 1

    assert office.due(patient) == {
        "fu_6mo/hold": "2026-04-20",
        "fu_8mo/hold": "2026-06-20",
        "fu_12mo/hold": "2026-10-20",
        "fu_16mo/hold": "2027-02-20",
        "fu_20mo/hold": "2027-06-20",
        "fu_24mo/hold": "2027-10-20",
    }
    versions = {name: visit.study_version for name, visit in trial.visits(patient).items()}
    assert (versions["fu_6mo"], versions["fu_8mo"], versions["fu_12mo"]) == ("1.1", "2.0", "2.0")
    assert trial.tasks(patient)["fu_18mo/hold"].state is TaskState.CANCELLED
    assert office.amends() == 1


def test_what_was_told_is_not_told_again(trial: Trial, office: Office):
    amina = trial.enrolled("Amina")
    patient = followed(trial)
    trial.live_until("2026-09-25 18:00")
    before = trial.tasks(patient)["fu_12mo/hold"]
    told = len(trial.reminders(task_id=before.id))
    office.adds(amendment())
    office.releases(active_from="2026-09-26")
    trial.forward_to("2026-09-26 00:30")
    office.amends()
    trial.forward_to("2026-09-28 18:00")
    trial.tick()

    after = trial.tasks(patient)["fu_12mo/hold"]
    assert told > 0
    assert (after.id, after.due, after.state) == (before.id, before.due, TaskState.OPEN)
    assert len(trial.reminders(task_id=after.id)) == told
    assert trial.person(amina).enrolled_at is not None


def test_it_moves_exactly_what_was_shown_before(trial: Trial, office: Office):
    patient = followed(trial)
    document = amendment()
    shown = office.moves(document, active_from="2026-06-01")
    untouched = office.due(patient)
    office.adds(document)
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert untouched == SIX_MONTHLY
    assert (shown.patients, shown.moved) == (1, 1)
    new = {f"{line.after.occurrence}/{line.task}" for line in shown.lines if line.kind is MoveKind.NEW and line.after}
    gone = {f"{line.before.occurrence}/{line.task}" for line in shown.lines if line.before and line.after is None}
    now = {key for key, task in trial.tasks(patient).items() if task.state is TaskState.OPEN}
    assert new == {f"fu_{number}mo/{task}" for number in (8, 16, 20) for task in ("hold", "upload_images")}
    assert gone == {"fu_18mo/hold", "fu_18mo/upload_images"}
    assert now >= new
    assert not now & gone


def test_new_patients_alone(trial: Trial, office: Office):
    before = followed(trial)
    office.adds(amendment(table=TABLE.replace("visits_due_after_activation", "new_patients")))
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-06-02 09:00")
    office.amends()
    after = trial.patient("417-002", first_registration="2026-06-01")
    late = trial.patient("417-003", first_registration="2026-05-31")

    versions = {one: {visit.study_version for visit in trial.visits(one).values()} for one in (before, after, late)}
    assert versions == {before: {"1.1"}, after: {"2.0"}, late: {"1.1"}}


def test_after_reconsent(trial: Trial, office: Office):
    patient, other = followed(trial), followed(trial, "417-002")
    office.adds(amendment(table=TABLE.replace("visits_due_after_activation", "after_reconsent")))
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-06-10 09:00")
    office.amends()
    assert office.due(patient) == SIX_MONTHLY

    assert consents(trial, "417-001", "2026-06-09")

    assert "fu_8mo/hold" in office.due(patient)
    assert office.due(other) == SIX_MONTHLY


def test_whoever_consented_before_the_day_is_moved_on_it(trial: Trial, office: Office):
    patient = followed(trial)
    office.adds(amendment(table=TABLE.replace("visits_due_after_activation", "after_reconsent")))
    office.releases(active_from="2026-06-01")
    assert not consents(trial, "417-001", "2026-03-02")
    trial.forward_to("2026-06-01 00:30")

    assert office.amends() == 1
    assert "fu_8mo/hold" in office.due(patient)
    with pytest.raises(ProblemError, match="is on record"):
        consents(trial, "417-001", "2026-03-02")


def test_a_visit_under_another_name_keeps_its_answers(trial: Trial, office: Office):
    amina = trial.enrolled("Amina")
    patient = followed(trial)
    trial.says(amina, trial.task(patient, "fu_12mo"), AnswerKind.BOOKED, day="2026-10-19")
    before = trial.task(patient, "fu_12mo")
    renamed = sourced(DREAM.read_text(encoding="utf-8")).replace('version: "1.1"', 'version: "2.0"')
    renamed = renamed.replace("  - id: fu\n", "  - id: imaging\n") + TABLE.replace(
        "{fu_6mo: drop, fu_18mo: drop}", "{fu: imaging}"
    )
    office.adds(renamed)
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert trial.task(patient, "imaging_12mo").id == before.id
    assert "fu_6mo" in trial.visits(patient)
    assert [key for key in trial.tasks(patient) if key.startswith("imaging_6mo")] == []


def test_a_process_that_ends_in_the_middle_leaves_the_rest_to_the_next(trial: Trial, office: Office):
    for number in range(1, 4):
        followed(trial, f"417-00{number}")
    office.adds(amendment())
    office.releases(active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    first = amend_due(trial.records, trial.studies, **trial.times, limit=2)

    assert first == 2
    assert waiting(trial.records) == 1
    assert office.amends() == 3
    assert waiting(trial.records) == 0
