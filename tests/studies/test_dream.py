"""The reference study is one YAML file; nothing in the code knows about it."""

import re
from datetime import date
from pathlib import Path

import pytest

from office.study_files import read_study
from trial.answers import LeavingKind
from trial.leaving import event_for, kinds_to_confirm
from trial.moments import CalendarOffset
from trial.study import EndsKind, Step
from trial.tasks import TaskKind
from trial.visitplan.ladders import USUAL_LADDERS

CHECKOUT = Path(__file__).resolve().parents[2]
FILE = CHECKOUT / "studies" / "dream.yaml"


@pytest.fixture(scope="module")
def dream():
    return read_study(FILE)


def test_it_is_the_published_version(dream):
    assert (dream.id, dream.version) == ("DREAM", "1.1")
    assert dream.title["en"].startswith("Diffusion-Weighted")
    assert "DW-MRI" in dream.title["ja"]


def test_it_is_approved_in_four_languages(dream):
    assert dream.languages == ("en", "de", "fr", "ja")


@pytest.mark.parametrize(
    ("visit", "words"),
    [
        ("baseline_imaging", "ベースライン"),
        ("reevaluation_imaging", "化学療法後"),
        ("decision", "二次登録"),
        ("preoperative_imaging", "術前"),
        ("surgery", "肝臓手術"),
        ("fu", "追跡画像検査"),
    ],
)
def test_its_japanese_uses_the_words_of_the_field(dream, visit, words):
    assert words in dream.visits[visit].label["ja"]


def test_every_paired_examination_has_an_upload_of_its_own(dream):
    for visit in ("baseline_imaging", "reevaluation_imaging", "preoperative_imaging"):
        assert [task.name for task in dream.visits[visit].tasks] == ["upload_ct", "upload_mri"]
        assert {TaskKind.UPLOAD} == {task.kind for task in dream.visits[visit].tasks}


def test_the_visits_that_date_events_are_the_decision_and_the_surgery(dream):
    assert {visit.id: visit.records for visit in dream.visits.values() if visit.records} == {
        "decision": "second_registration",
        "surgery": "surgery",
    }


def test_a_reason_can_take_a_patient_out_of_the_schedule(dream):
    recorded = {reason.records for visit in dream.visits.values() for reason in visit.reasons if reason.records}

    assert {"no_second_registration", "not_operated", "recurrence"} == recorded
    assert EndsKind.VISITS is dream.events["not_operated"].ends


def test_death_withdrawal_and_transfer_end_everything(dream):
    ending = {event.name for event in dream.events.values() if event.ends is EndsKind.ALL}

    assert {"death", "withdrawn", "transferred"} == ending


def test_there_is_an_event_for_every_precise_way_of_leaving(dream):
    assert {kind: event_for(dream, kind) for kind in kinds_to_confirm(dream)} == {
        LeavingKind.DEATH: "death",
        LeavingKind.WITHDRAWN_FROM_VISITS: "withdrawn_from_visits",
        LeavingKind.WITHDRAWN_FROM_EVERYTHING: "withdrawn",
        LeavingKind.LOST: "lost",
        LeavingKind.TRANSFERRED: "transferred",
        LeavingKind.NOT_OPERATED: "not_operated",
    }


def test_whoever_withdraws_from_visits_alone_still_has_what_was_held(dream):
    assert EndsKind.VISITS is dream.events["withdrawn_from_visits"].ends


def test_the_two_years_of_follow_up_are_sourced_and_its_rhythm_is_not(dream):
    (segment,) = dream.visits["fu"].repeat

    assert CalendarOffset.parse("24mo") == segment.until
    assert "visits[fu].repeat" in {entry.path for entry in dream.unverified}


def test_every_number_is_sourced_or_marked_unverified(dream):
    """Offsets are what a source could back: a line that holds one is marked, or is one of those that need none."""
    marked = {entry.line for entry in dream.unverified}
    inside = {number + offset for number in marked for offset in (0, 1)}  # `value:` stands on the line after `repeat:`
    needs_none = re.compile(r"source:|note:|#|label:|ja:|en:|version:|format:|title:")
    lines = enumerate(FILE.read_text(encoding="utf-8").splitlines(), start=1)

    assert [
        (number, line)
        for number, line in lines
        if re.search(r"\d+(d|w|mo|y|wd)\b", line) and number not in inside and not needs_none.search(line)
    ] == []


@pytest.mark.parametrize(
    ("ladder", "left_out"),
    [("visit", set()), ("task", {Step.HEADS_UP}), ("question", {Step.HEADS_UP, Step.WINDOW_OPEN})],
)
def test_every_ladder_is_climbed_to_the_trial_office(dream, ladder, left_out):
    assert [step for step in Step if step not in left_out] == [step.step for step in dream.ladders[ladder].steps]


def test_what_it_says_of_ladders_is_what_a_file_without_them_gets(dream):
    assert dict(USUAL_LADDERS) == {name: dream.ladders[name] for name in USUAL_LADDERS}


def test_a_claim_that_nobody_sees_comes_back_after_a_working_week(dream):
    assert CalendarOffset.parse("5wd") == dream.claims_unseen_after
    assert "claims.unseen_after" in {entry.path for entry in dream.unverified}


def test_codes_have_the_form_of_the_demonstration(dream):
    assert [dream.subject_id.fits(code) for code in ("417-002", "417002", "A. Patient")] == [True, False, False]


def test_nothing_in_the_code_knows_about_it():
    rooms = ("trial", "records", "scheduler", "office", "locales", "bot", "web")
    lesion = re.compile(r"lesion|second_registration|\bDREAM\b")

    assert [
        str(path.relative_to(CHECKOUT))
        for room in rooms
        for path in (CHECKOUT / room).rglob("*.py")
        if lesion.search(path.read_text(encoding="utf-8"))
    ] == []


def test_it_is_dated():
    assert date(2016, 8, 22).strftime("%-d %B %Y") in FILE.read_text(encoding="utf-8")
