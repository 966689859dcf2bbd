"""Campaigns on fixed dates, and visits that count from another visit: what the format says, and which dates follow."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.study_files import study_from_text
from tests.trial.vocabulary import DAYS, PLAIN_WEEK, course, day, happened, planned, study_with
from trial.course_checks import course_problems
from trial.occurrences import definition_of, label_of
from trial.plan import planned_tasks
from trial.preview import preview
from trial.problems import ProblemError
from trial.tasks import VisitStatus
from trial.timeline import Certainty, Course, EventDate, timeline

FIRM, PROVISIONAL, ASK_FIRST = VisitStatus.FIRM, VisitStatus.PROVISIONAL, VisitStatus.ASK_FIRST

PLAN = """\
format: visitplan/1
study: {id: TEST, title: Test, version: "1"}
events:
  registration: {label: Registration, required: true}
  moved: {label: Moved away, ends: visits}
facts:
  arm: {values: [a, b], ask_at: registration}
visits:
  - {id: scan, label: Scan, when: registration}
campaigns:
  - id: survey
    label: "Survey {round}"
    rounds: [2027-06-01 .. 2027-06-30, {opens: 2027-12-01, due: 2027-12-10, closes: 2027-12-20}]
    tasks: [{id: form, label: Send the form}]
"""


def surveys(text: str, known: Course) -> list[tuple[str, str, str, str, str]]:
    study = study_from_text(text, "x.yaml")
    return [
        (one.id, one.status.value, str(one.earliest), str(one.target), str(one.latest))
        for one in timeline(study, known, PLAIN_WEEK)
        if one.definition_id == "survey"
    ]


def test_a_campaign_has_its_own_dates_whatever_the_patient_s():
    assert surveys(PLAN, course(happened(registration="2026-01-05"))) == [
        ("survey_2027_06", "firm", "2027-06-01", "2027-06-30", "2027-06-30"),
        ("survey_2027_12", "firm", "2027-12-01", "2027-12-10", "2027-12-20"),
    ]


def test_its_tasks_have_the_dates_of_the_round_and_nobody_holds_it():
    study = study_from_text(PLAN, "x.yaml")
    planned = planned_tasks(study, course(happened(registration="2026-01-05")), PLAIN_WEEK)

    assert [(task.occurrence, task.name, task.opens, task.due, task.closes) for one in planned for task in one.tasks][
        -1
    ] == ("survey_2027_12", "form", date(2027, 12, 1), date(2027, 12, 10), date(2027, 12, 20))
    rows = preview(study, course(happened(registration="2026-01-05")), PLAIN_WEEK)
    assert rows[-1].tasks == (("form", date(2027, 12, 10)),)


@given(registered=DAYS, left=st.none() | DAYS)
def test_a_patient_is_in_a_round_who_is_registered_by_its_last_day_and_not_gone_by_its_first(registered, left):
    events = {"registration": EventDate(registered, Certainty.HAPPENED)}
    if left is not None:
        events["moved"] = EventDate(left, Certainty.HAPPENED)
    found = {row[0] for row in surveys(PLAN, Course(events))}

    rounds = {"survey_2027_06": ("2027-06-01", "2027-06-30"), "survey_2027_12": ("2027-12-01", "2027-12-20")}
    assert found == {
        name
        for name, (opens, closes) in rounds.items()
        if registered <= day(closes) and (left is None or left > day(opens))
    }


@pytest.mark.parametrize(
    ("registered", "due"),
    [("2027-12-01", "2027-12-10"), ("2027-12-10", "2027-12-10"), ("2027-12-11", "2027-12-20")],
)
def test_nobody_s_round_is_due_before_they_were_registered(registered, due):
    study = study_from_text(PLAN, "x.yaml")
    (task,) = [
        task
        for one in planned_tasks(study, course(happened(registration=registered)), PLAIN_WEEK)
        for task in one.tasks
        if one.occurrence.id == "survey_2027_12"
    ]

    assert (task.opens, task.due, task.closes) == (day("2027-12-01"), day(due), day("2027-12-20"))


def test_a_campaign_that_hangs_on_an_unknown_fact_is_asked_first_and_has_no_dates():
    text = PLAN.replace("    rounds:", "    only_if: arm == a\n    rounds:")
    study = study_from_text(text, "x.yaml")
    known = course(happened(registration="2026-01-05"))
    tasks = [task for one in planned_tasks(study, known, PLAIN_WEEK) for task in one.tasks if task.name == "form"]

    assert [row[1] for row in surveys(text, known)] == ["ask first"] * 2
    assert {task.due for task in tasks} == {None}
    assert surveys(text, course(happened(registration="2026-01-05"), facts={"arm": "b"})) == []


def test_a_round_is_known_by_its_month():
    study = study_from_text(PLAN, "x.yaml")

    assert definition_of(study, "survey_2027_06") is study.visits["survey"]
    assert definition_of(study, "survey") is None
    assert (label_of(study, "survey_2027_06") or {})["en"] == "Survey 2027-06"


def test_nobody_can_have_held_a_campaign():
    study = study_from_text(PLAN, "x.yaml")
    known = course(happened(registration="2026-01-05"), held={"survey_2027_06": "2027-06-03"})

    assert [problem.where for problem in course_problems(study, known, date(2028, 1, 1))] == ["visit survey_2027_06"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("2027-06-01 .. 2027-06-30", "2027-06-30 .. 2027-06-01", "a round opens, is due and closes in this order"),
        ("2027-06-01 .. 2027-06-30", "2027-06-01", "'2027-06-01' is no round"),
        ("2027-06-01 .. 2027-06-30", "2027-06-01 .. 2027-06-31", "'2027-06-31' is no date"),
        ("2027-06-01 .. 2027-06-30", "2027-12-22 .. 2027-12-24", "two rounds open in the month 2027-12"),
        ("2027-06-01 .. 2027-06-30", "2027-06-01 .. 2027-12-01", "opens before the one before has closed"),
        ("due: 2027-12-10", "due: 2028-12-10", "a round opens, is due and closes in this order"),
        ("due: 2027-12-10", "deu: 2027-12-10", "did you mean due"),
        ("opens: 2027-12-01, ", "", "opens is missing"),
        ('"Survey {round}"', "Survey", "every round would have the same name"),
        ('"Survey {round}"', '"Survey {round} {number}"', "{number} stands for nothing"),
        ("{id: form, label: Send the form}", "{id: form, label: F, due: visit + 5wd}", "the rounds of a campaign give"),
        ("    tasks: [{id: form, label: Send the form}]\n", "", "the campaign asks for nothing"),
        ("id: survey", "id: scan", "the id scan is there twice"),
        ("id: scan", "id: survey_2027_06", "the id survey_2027_06 is also that of an occurrence"),
        ("    rounds:", "    when: registration\n    rounds:", "the key 'when' is not known here"),
    ],
)
def test_a_mistake_in_a_campaign_is_told(old, new, what):
    assert old in PLAN
    with pytest.raises(ProblemError) as raised:
        study_from_text(PLAN.replace(old, new, 1), "x.yaml")

    assert what in str(raised.value)


# --- visits that count from a visit -----------------------------------------------------------------------------------

CHAIN = """\
  - {id: dose, label: Dose, when: registration + 2w}
  - {id: check, label: Check, when: visit(dose) + 7d}
  - {id: last, label: Last, when: visit(check) + 7d}
  - {id: extra, label: Extra, when: on_request}
  - {id: after_extra, label: After it, when: visit(extra) + 3d}
"""


def targets(known: Course, visits: str = CHAIN, events: str = "") -> dict[str, tuple[VisitStatus, str]]:
    study = study_with(visits, events=events)
    return {one.id: (one.status, one.target.isoformat()) for one in timeline(study, known, PLAIN_WEEK)}


def test_a_visit_counts_from_the_target_of_another_until_that_is_held():
    assert targets(course(happened(registration="2026-03-02"))) == {
        "dose": (FIRM, "2026-03-16"),
        "check": (FIRM, "2026-03-23"),
        "last": (FIRM, "2026-03-30"),
    }


def test_a_visit_counts_from_the_day_on_which_another_was_held():
    found = targets(course(happened(registration="2026-03-02"), held={"dose": "2026-03-18", "extra": "2026-04-01"}))

    assert found["check"] == (FIRM, "2026-03-25")
    assert found["last"] == (FIRM, "2026-04-01")
    assert found["after_extra"] == (FIRM, "2026-04-04")


def test_a_visit_is_as_certain_as_the_one_that_it_counts_from():
    visits = """\
  - {id: operation, label: Operation, when: surgery, records: surgery}
  - {id: check, label: Check, when: visit(operation) + 7d}
"""
    events = "  surgery: {label: Surgery, estimate: registration + 4w}"
    registered = happened(registration="2026-03-02")

    assert targets(course(registered), visits, events)["check"] == (PROVISIONAL, "2026-04-06")
    assert targets(course(registered, planned(surgery="2026-04-01")), visits, events)["check"] == (
        PROVISIONAL,
        "2026-04-08",
    )
    assert targets(course(registered, happened(surgery="2026-04-03")), visits, events)["check"] == (FIRM, "2026-04-10")


@given(registered=DAYS, later=st.integers(-10, 30))
def test_what_counts_from_a_visit_moves_with_it_day_by_day(registered, later):
    known = Course({"registration": EventDate(registered, Certainty.HAPPENED)})
    held = Course(known.events, {}, {"dose": registered + timedelta(days=14 + later)})
    study = study_with(CHAIN)
    before, after = ({one.id: one.target for one in timeline(study, one_of, PLAIN_WEEK)} for one_of in (known, held))

    assert after["last"] - before["last"] == timedelta(days=later)


COUNTED_BACK = """\
  - {id: operation, label: Operation, when: surgery + 6w}
  - {id: before, label: Before it, when: visit(operation) - 6w}
"""
OPERATED_AND_GONE = happened(registration="2026-03-02", surgery="2026-04-01", moved="2026-04-20")


def test_what_was_certain_by_the_end_stays_although_the_visit_that_it_counts_from_was_to_come():
    events = "  surgery: {label: Surgery}\n  moved: {label: Moved away, ends: visits}"

    assert targets(course(OPERATED_AND_GONE), COUNTED_BACK, events) == {"before": (FIRM, "2026-04-01")}


def test_what_counts_from_an_event_after_the_end_is_not_wanted_through_another_visit_either():
    events = "  surgery: {label: Surgery}\n  moved: {label: Moved away, ends: visits}"
    known = course(happened(registration="2026-03-02", surgery="2026-04-21", moved="2026-04-20"))
    visits = COUNTED_BACK.replace("- 6w", "- 7w")

    assert targets(known, visits, events) == {}


def test_a_visit_on_request_that_was_held_after_the_end_leads_to_none_before_it():
    events = "  moved: {label: Moved away, ends: visits}"
    visits = """\
  - {id: extra, label: Extra, when: on_request}
  - {id: before, label: Before it, when: visit(extra) - 6w}
"""
    registered = happened(registration="2026-03-02", moved="2026-04-20")

    assert "before" not in targets(course(registered, held={"extra": "2026-04-21"}), visits, events)
    assert "before" in targets(course(registered, held={"extra": "2026-04-20"}), visits, events)


@pytest.mark.parametrize(
    ("visits", "what"),
    [
        ("  - {id: a, label: A, when: visit(a) + 1d}", "the visits run in a circle: a -> a"),
        (
            "  - {id: a, label: A, when: visit(b) + 1d}\n  - {id: b, label: B, when: visit(a) + 1d}",
            "the visits run in a circle: a -> b -> a",
        ),
        ("  - {id: a, label: A, when: visit(c) + 1d}", "the visit 'c' is not known"),
        (
            (
                '  - {id: a, label: "A {offset}", when: registration, repeat: every 1mo until 6mo}\n'
                "  - {id: b, label: B, when: visit(a) + 1d}"
            ),
            "a visit that repeats cannot be counted from",
        ),
        (
            "  - {id: a, label: A, when: visit(b) + 1wd}\n  - {id: b, label: B, when: registration}",
            "holidays never move",
        ),
        ("  - {id: a, label: A, when: registration, not_after: visit(a)}", "'visit' is not known"),
        (
            "\n".join(
                f"  - {{id: v{place}, label: V, when: {f'visit(v{place - 1})' if place else 'registration'} + 1d}}"
                for place in range(60)
            ),
            "one after the other",
        ),
    ],
)
def test_what_cannot_be_counted_from_is_told(visits, what):
    with pytest.raises(ProblemError) as raised:
        study_with(visits)

    assert what in str(raised.value)
