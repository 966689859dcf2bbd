"""Answers by phone or e-mail: recorded under the manager's name, shown on the site's card, and open to be contested there."""

import csv
import io
from datetime import date, timedelta

import pytest

from office.answers import AlreadyAnswered, Recorded, Undone
from office.cards import CONTEST_WITHIN, CardView
from office.exports import write_answers
from office.judging import Refusal
from office.taking_down import take_down
from records import answers
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, Said, TakenDown, Via
from trial.people import Role
from trial.problems import ProblemError, Wrong
from trial.tasks import TaskState

NURSE = TakenDown("Study nurse", date(2026, 3, 2))
HELD = Said(day=date(2026, 2, 20))


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def patient(trial: Trial):
    return trial.patient("417-001", first_registration="2026-03-02")


@pytest.fixture
def task(trial: Trial, patient):
    return trial.task(patient, "baseline_imaging")


def taken_down(trial: Trial, task, by, *, kind=AnswerKind.DONE, said=HELD, told=NURSE, via=Via.PHONE):
    return trial.does(take_down, trial.studies, task_id=task.id, kind=kind, said=said, told=told, via=via, by=by)


def test_it_counts_as_if_the_site_had_pressed(trial: Trial, manager, patient, task):
    assert isinstance(taken_down(trial, task, manager), Recorded)
    assert trial.task(patient, "baseline_imaging").state is TaskState.DONE
    assert trial.task(patient, "baseline_imaging", "upload_ct").due == date(2026, 2, 27)
    assert trial.audit_holds()


def test_the_record_keeps_who_told_it_when_and_how_beside_who_took_it_down(trial: Trial, manager, task):
    outcome = taken_down(trial, task, manager, via=Via.EMAIL)
    with trial.records.read() as tx:
        kept = answers.answer_by_id(tx, outcome.answer_id)

    assert (kept.person_id, kept.via, kept.told, kept.said) == (manager, Via.EMAIL, NURSE, HELD)


def test_the_site_sees_on_its_card_who_is_said_to_have_told_it(trial: Trial, amina, manager, task):
    taken_down(trial, task, manager)
    card: CardView = trial.card(amina, task.visit_id)

    assert (card.last.told, card.last.via) == (NURSE, Via.PHONE)
    assert card.receipt.taken_down


def test_who_answered_on_their_own_card_is_told_by_nobody(trial: Trial, amina, task):
    trial.says(amina, task, AnswerKind.DONE, day="2026-02-20")
    card = trial.card(amina, task.visit_id)

    assert (card.last.told, card.last.via, card.receipt.taken_down) == (None, None, False)


def test_anybody_of_the_site_may_say_days_later_that_it_is_not_so_and_the_office_looks_at_it(
    trial: Trial, amina, manager, patient, task
):
    outcome = taken_down(trial, task, manager)
    trial.clock.wait(CONTEST_WITHIN - timedelta(minutes=1))

    assert isinstance(trial.undoes(amina, outcome.answer_id), Undone)
    assert trial.task(patient, "baseline_imaging").state is TaskState.OPEN
    item = trial.items()["contested"]
    assert (item.task_id, item.patient_id, item.person_id) == (task.id, patient, amina)
    assert trial.audit_holds()


def test_after_a_week_it_stands(trial: Trial, amina, manager, task):
    outcome = taken_down(trial, task, manager)
    trial.clock.wait(CONTEST_WITHIN + timedelta(seconds=1))

    assert trial.undoes(amina, outcome.answer_id) is Refusal.TOO_LATE_TO_UNDO
    assert not trial.card(amina, task.visit_id).receipt.undo_possible


def test_a_manager_who_takes_the_own_note_back_contests_nothing(trial: Trial, manager, task):
    outcome = taken_down(trial, task, manager)

    assert isinstance(trial.undoes(manager, outcome.answer_id), Undone)
    assert "contested" not in trial.items()


def test_the_same_told_by_somebody_else_is_no_second_answer(trial: Trial, manager, task):
    taken_down(trial, task, manager)

    again = taken_down(trial, task, manager, told=TakenDown("Coordinator B", date(2026, 3, 2)))

    assert isinstance(again, AlreadyAnswered)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR])
def test_nobody_at_the_site_takes_down_what_a_colleague_said(trial: Trial, task, role):
    somebody = trial.enrolled("Somebody", role=role)

    assert taken_down(trial, task, somebody) is Refusal.NOT_ALLOWED


@pytest.mark.parametrize(("role", "site"), [(Role.COORDINATOR, "501"), (Role.ADMINISTRATOR, None)])
def test_for_whom_may_not_see_the_patient_there_is_none(trial: Trial, task, role, site):
    assert taken_down(trial, task, trial.enrolled("Somebody", role=role, site=site)) is Refusal.UNKNOWN


@pytest.mark.parametrize(
    ("told", "said", "where", "wrong"),
    [
        (TakenDown("Study nurse", date(2026, 3, 3)), HELD, "told on", Wrong.FUTURE),
        (TakenDown("Study nurse", date(1000, 3, 3)), HELD, "told on", Wrong.YEAR),
        (TakenDown("  ", date(2026, 3, 2)), HELD, "told by", Wrong.MISSING),
        (TakenDown("n" * 81, date(2026, 3, 2)), HELD, "told by", Wrong.TOO_LONG),
        (TakenDown("Nurse +49 30 1234567", date(2026, 3, 2)), HELD, "told by", Wrong.GUARDED),
        (NURSE, Said(text="born 12 March 1950"), "words", Wrong.GUARDED),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field_and_writes_nothing(
    trial: Trial, manager, task, told, said, where, wrong
):
    kind = AnswerKind.DONE if said.text is None else AnswerKind.NOT_DONE
    with pytest.raises(ProblemError) as refused:
        taken_down(trial, task, manager, kind=kind, said=said, told=told)

    assert [(problem.where, problem.wrong) for problem in refused.value.problems] == [(where, wrong)]
    assert not trial.audited("answer.recorded")


def test_only_phone_and_e_mail_are_taken_down(trial: Trial, manager, task):
    with pytest.raises(ValueError, match="phone or e-mail"):
        taken_down(trial, task, manager, via=Via.BUTTON)


def test_an_export_says_who_told_it_and_who_took_it_down(trial: Trial, manager, task):
    taken_down(trial, task, manager)
    out = io.StringIO()
    write_answers(trial.records, out, **trial.stamp)
    [row] = csv.DictReader(io.StringIO(out.getvalue()))

    assert (row["via"], row["told_by"], row["told_on"]) == ("phone", "Study nurse", "2026-03-02")
    assert (row["said_by"], row["role"]) == ("Manager A", "manager")
