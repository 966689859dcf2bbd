import csv
import io

import pytest

from office.exports import COLUMNS, write_answers
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.problems import ProblemError
from trial.spreadsheets import safe


def exported(trial: Trial) -> list[dict[str, str]]:
    out = io.StringIO()
    write_answers(trial.records, out, **trial.stamp)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_every_answer_is_a_row_that_a_spreadsheet_takes_as_text(trial: Trial):
    tomoko = trial.enrolled("Tomoko", site="501", language="ja")
    patient = trial.patient("501-001", site="501", first_registration="2026-03-02")
    baseline = trial.task(patient, "baseline_imaging")
    trial.forward_to("2026-03-02 23:30")
    trial.says(tomoko, baseline, AnswerKind.DONE, day="2026-02-20")

    (row,) = exported(trial)

    assert tuple(row) == COLUMNS
    assert row == {
        "study": "DREAM",
        "site": "501",
        "patient": "501-001",
        "occurrence": "baseline_imaging",
        "task": "hold",
        "kind": "done",
        "date": "2026-02-20",
        "reason": "",
        "text": "",
        "until": "",
        "said_by": "Tomoko",
        "role": "coordinator",
        "answered_at": "2026-03-02T22:30:00+00:00",
        "site_local_time": "2026-03-03T07:30:00+09:00",
        "via": "button",
        "undone_at": "",
        "told_by": "",
        "told_on": "",
    }
    assert trial.audit_holds()


def test_what_was_taken_back_says_when(trial: Trial):
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    said = trial.says(
        amina, trial.task(patient, "baseline_imaging"), AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST
    )
    trial.wait(minutes=1)
    trial.undoes(amina, said.answer_id)

    first, second = exported(trial)

    assert (first["kind"], first["reason"]) == ("no_longer_followed", "lost")
    assert first["undone_at"] == second["answered_at"]
    assert second["kind"] == "undo"


def test_words_that_look_like_a_formula_are_quoted(trial: Trial):
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.NOT_DONE, text="=HYPERLINK(1)")

    assert exported(trial)[0]["text"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_every_sign_that_begins_a_formula_is_known(sign):
    assert safe(f"{sign}1") == f"'{sign}1"
    assert safe(f"1{sign}") == f"1{sign}"


def test_an_unknown_study_is_refused(trial: Trial):
    with pytest.raises(ProblemError, match="did you mean DREAM"):
        write_answers(trial.records, io.StringIO(), study_code="DREEM", **trial.stamp)
