import pytest

from tests.trial.vocabulary import course, day, dream, happened, planned
from trial.course_checks import course_problems
from trial.timeline import Certainty, EventDate

TODAY = day("2026-06-01")
REGISTERED = happened(first_registration="2026-02-02")


def told(first=None, second=None, *, facts=None, held=None):
    known = course(first or {}, second or {}, facts=facts, held=held)
    return [str(problem) for problem in course_problems(dream(), known, TODAY)]


def test_a_possible_course_has_no_problem():
    assert (
        told(
            happened(first_registration="2026-02-02", second_registration="2026-02-02", surgery="2026-03-02"),
            facts={"lesion_left_in_place": "yes"},
            held={"baseline_imaging": "2026-01-20"},
        )
        == []
    )


def test_today_is_not_the_future():
    assert told(REGISTERED, happened(second_registration="2026-06-01")) == []


def test_a_planned_date_may_lie_in_the_future():
    assert told(REGISTERED, planned(second_registration="2026-09-01")) == []


@pytest.mark.parametrize(
    ("events", "known", "sentence"),
    [
        (
            happened(second_registration="2026-06-02"),
            {},
            "event second_registration: it is said to have happened, but its date lies in the future; give the day, or say it is planned.",
        ),
        (
            happened(surgery="2026-02-01"),
            {},
            "event surgery: its date lies before first_registration; give a day on or after first_registration.",
        ),
        (
            happened(second_registration="2026-04-01", surgery="2026-03-01"),
            {},
            "event surgery: its date lies before second_registration; give a day on or after second_registration.",
        ),
        (
            planned(second_registration="2026-01-01"),
            {},
            "event second_registration: its date lies before first_registration; give a day on or after first_registration.",
        ),
        (happened(second_registration="1026-03-01"), {}, "between 1900 and 2200; check the year."),
        ({"sugery": EventDate(TODAY, Certainty.HAPPENED)}, {}, "did you mean surgery"),
        ({}, {"facts": {"lesion_left_in_place": "maybe"}}, "this is none of its values; valid: no, yes."),
        ({}, {"facts": {"lesion": "yes"}}, "fact lesion: the study has no such fact"),
        ({}, {"held": {"baseline_imaging": "2026-06-02"}}, "its date lies in the future; give the day it was held."),
        ({}, {"held": {"baseline": "2026-05-02"}}, "did you mean baseline_imaging"),
        ({}, {"held": {"fu": "2026-05-02"}}, "a visit that repeats carries its offset, such as fu_6mo."),
    ],
)
def test_what_cannot_be_true_is_told_by_its_field(events, known, sentence):
    (problem,) = told(REGISTERED, events, **known)

    assert sentence in problem


def test_a_patient_without_a_registration_is_refused():
    assert told() == ["event first_registration: its date is missing; every patient of this study has one."]


def test_problems_never_quote_a_patients_dates():
    sentences = told(REGISTERED, happened(second_registration="2026-07-13", surgery="2025-12-24"))

    assert len(sentences) == 2
    assert not any("2026-07-13" in sentence or "2025-12-24" in sentence for sentence in sentences)
