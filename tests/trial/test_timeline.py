from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial.vocabulary import PLAIN_WEEK, course, courses, day, dream, happened, planned, small, study_with
from trial.moments import DateOutOfRange
from trial.occurrences import definition_of, label_of, label_of_all, number_of, task_label_of
from trial.study import HOLD
from trial.tasks import VisitStatus
from trial.timeline import timeline

FIRM, PROVISIONAL, ASK_FIRST = VisitStatus.FIRM, VisitStatus.PROVISIONAL, VisitStatus.ASK_FIRST


def rows(study, course):
    return {visit.id: visit for visit in timeline(study, course, PLAIN_WEEK)}


def seen(study, course):
    return [(visit.id, visit.status, visit.target.isoformat()) for visit in timeline(study, course, PLAIN_WEEK)]


def test_an_estimate_makes_a_visit_provisional():
    visits = rows(dream(), course(happened(first_registration="2026-02-02")))

    assert (PROVISIONAL, day("2026-06-08")) == (visits["surgery"].status, visits["surgery"].target)


def test_a_planned_date_replaces_the_estimate_and_stays_provisional():
    visits = rows(dream(), course(happened(first_registration="2026-02-02"), planned(second_registration="2026-05-04")))

    assert (PROVISIONAL, day("2026-06-01")) == (visits["surgery"].status, visits["surgery"].target)


def test_only_what_happened_makes_a_visit_firm():
    visits = rows(dream(), course(happened(first_registration="2026-02-02", second_registration="2026-05-04")))

    assert (FIRM, day("2026-06-01")) == (visits["surgery"].status, visits["surgery"].target)


def test_an_event_without_a_date_yields_no_visit():
    study = study_with("  - {id: call, label: Call, when: relapse + 6w}", events="  relapse: {label: Relapse}")

    assert seen(study, course(happened(registration="2026-02-02"))) == []


def test_no_event_at_all_yields_no_visit():
    assert seen(dream(), course()) == []


def test_follow_up_is_counted_from_surgery_and_never_from_visit_to_visit():
    visits = rows(
        dream(),
        course(
            happened(first_registration="2026-02-02", second_registration="2026-02-02", surgery="2026-08-31"),
            facts={"lesion_left_in_place": "yes"},
            held={"fu_6mo": "2027-03-20"},
        ),
    )

    assert [day("2027-02-28"), day("2027-08-31"), day("2028-02-29"), day("2028-08-31")] == [
        visits[f"fu_{months}mo"].target for months in (6, 12, 18, 24)
    ]


@pytest.mark.parametrize(
    ("facts", "statuses"),
    [({}, {ASK_FIRST}), ({"lesion_left_in_place": "yes"}, {FIRM}), ({"lesion_left_in_place": "no"}, set())],
)
def test_an_unknown_fact_is_asked_and_never_assumed(facts, statuses):
    visits = rows(
        dream(),
        course(
            happened(first_registration="2026-02-02", second_registration="2026-02-02", surgery="2026-03-02"),
            facts=facts,
        ),
    )

    found = [visit for name, visit in visits.items() if name.startswith("fu_")]
    assert statuses == {visit.status for visit in found}
    assert all(visit.asks == (("lesion_left_in_place",) if not facts else ()) for visit in found)


def test_both_registrations_on_one_day_leave_out_the_re_evaluation():
    visits = rows(dream(), course(happened(first_registration="2026-02-02", second_registration="2026-02-02")))

    assert {"reevaluation_imaging", "decision"}.isdisjoint(visits)
    assert {"baseline_imaging", "preoperative_imaging", "surgery"} <= set(visits)


def test_a_limit_is_ignored_until_its_date_is_known():
    estimated = rows(small(), course(happened(entry="2026-02-02", last_dose="2026-06-08")))
    booked = rows(
        small(), course(happened(entry="2026-02-02", last_dose="2026-06-08"), planned(operation="2026-06-30"))
    )

    assert day("2026-07-06") == estimated["before"].latest
    assert day("2026-06-29") == booked["before"].latest


def test_limits_that_leave_no_day_are_a_question():
    visits = rows(small(), course(happened(entry="2026-02-02", last_dose="2026-06-08", operation="2026-06-15")))
    visit = visits["before"]

    assert (visit.status, visit.asks, visit.earliest, visit.latest) == (ASK_FIRST, (), None, None)


def test_what_all_rhythms_share_is_certain_while_the_arm_is_unknown():
    visits = rows(small(), course(happened(entry="2026-02-02", operation="2026-08-31")))

    assert {name: visit.status for name, visit in visits.items() if name.startswith("fu_")} == {
        "fu_3mo": ASK_FIRST,  # only the usual rhythm has it
        "fu_6mo": FIRM,
        "fu_9mo": ASK_FIRST,
        "fu_12mo": FIRM,
        "fu_18mo": ASK_FIRST,  # only arm b has it
        "fu_24mo": FIRM,
        "fu_36mo": ASK_FIRST,
    }
    assert visits["fu_18mo"].asks == ("arm",)


def test_the_window_widens_from_an_occurrence_on():
    visits = rows(small(), course(happened(entry="2026-02-02", operation="2026-08-31"), facts={"arm": "a"}))

    assert (day("2027-02-14"), day("2027-03-14")) == (visits["fu_6mo"].earliest, visits["fu_6mo"].latest)
    assert (day("2028-08-01"), day("2028-09-30")) == (visits["fu_24mo"].earliest, visits["fu_24mo"].latest)


WIDENING = """\
  - id: fu
    label: "Follow-up {number}"
    when: registration
    repeat: every 20d until 40d
    window_from: {30d: -1d .. 0d, 1mo: -2d .. 0d}
"""


@pytest.mark.parametrize(
    ("registered", "earliest"),
    [
        ("2026-03-01", "2026-04-08"),  # a month has 31 days here: it begins last
        ("2026-02-01", "2026-03-12"),  # and 28 here
        ("2026-04-01", "2026-05-09"),  # both begin on one day: what stands further below holds
    ],
)
def test_of_two_windows_the_one_that_began_last_on_this_patients_calendar_holds(registered, earliest):
    visits = rows(study_with(WIDENING), course(happened(registration=registered)))

    assert visits["fu_20d"].earliest == visits["fu_20d"].target
    assert visits["fu_40d"].earliest == day(earliest)


def test_first_of_looks_at_what_happened_alone():
    dates = course(
        happened(entry="2026-02-02", declined="2026-06-01"), planned(operation="2026-05-01"), facts={"arm": "b"}
    )

    assert day("2026-12-01") == rows(small(), dates)["fu_6mo"].target


def test_last_of_waits_for_all():
    study = study_with(
        "  - {id: call, label: Call, when: 'last_of(a, b) + 1w'}", events="  a: {label: A}\n  b: {label: B}"
    )

    assert seen(study, course(happened(registration="2026-02-02", a="2026-03-02"))) == []
    assert seen(study, course(happened(registration="2026-02-02", a="2026-03-02", b="2026-03-09"))) == [
        ("call", FIRM, "2026-03-16")
    ]


def test_calls_count_from_the_one_before_where_the_study_says_so():
    dates = course(happened(entry="2026-02-02", relapse="2027-10-05"), held={"call_1": "2028-01-10"})

    assert [target for name, _, target in seen(small(), dates) if name.startswith("call_")] == [
        "2028-01-03",
        "2028-04-09",
        "2028-07-08",
    ]


def test_a_stop_event_ends_what_would_come_after_it():
    dates = course(
        happened(entry="2026-02-02", operation="2026-08-31", relapse="2027-03-01"), facts={"arm": "a", "scanner": "no"}
    )

    assert [name for name, _, _ in seen(small(), dates) if name.startswith("fu_")] == ["fu_3mo", "fu_6mo"]


def test_a_visit_that_took_place_stays_whatever_comes():
    events = happened(entry="2026-02-02", operation="2026-08-31", relapse="2027-02-20")
    early = course(events, facts={"arm": "a"}, held={"fu_6mo": "2027-02-18"})

    assert "fu_6mo" in rows(small(), early)
    assert "fu_6mo" not in rows(small(), course(events, facts={"arm": "a"}))


def test_a_visit_that_took_place_stays_when_another_answer_takes_its_rhythm_away():
    events = happened(entry="2026-02-02", operation="2026-08-31")
    corrected = rows(small(), course(events, facts={"arm": "b"}, held={"fu_9mo": "2027-06-02"}))["fu_9mo"]

    assert (FIRM, day("2027-05-31"), day("2027-06-14")) == (corrected.status, corrected.target, corrected.latest)


def test_a_visit_that_took_place_stays_when_its_event_loses_its_date():
    mistaken = course(happened(entry="2026-02-02"), held={"call_2": "2028-04-10"})

    assert ("call_2", FIRM, "2028-04-10") in seen(small(), mistaken)


def test_a_year_and_twelve_months_are_one_visit():
    study = study_with(
        """\
  - id: fu
    label: "Visit {offset}"
    when: registration
    repeat: every 6mo until 1y
    repeat_if: {"arm == b": every 1y until 2y}
""",
        facts="arm: {values: [a, b], ask_at: registration}",
    )

    assert seen(study, course(happened(registration="2026-02-02"))) == [
        ("fu_6mo", ASK_FIRST, "2026-08-02"),
        ("fu_12mo", FIRM, "2027-02-02"),
        ("fu_24mo", ASK_FIRST, "2028-02-02"),
    ]


def test_rhythms_that_have_a_call_on_different_days_do_not_share_it():
    study = study_with(
        """\
  - id: call
    label: "Call {number}"
    when: registration
    repeat: every 30d until 60d
    repeat_if: {"arm == b": every 45d until 45d}
    basis: previous
""",
        facts="arm: {values: [a, b], ask_at: registration}",
    )

    assert {ASK_FIRST} == {status for _, status, _ in seen(study, course(happened(registration="2026-02-02")))}


def test_what_became_certain_after_the_end_is_not_wanted():
    study = study_with(
        "  - {id: scan, label: Scan, when: surgery - 2w}",
        events="  surgery: {label: Surgery}\n  left: {label: Left, ends: visits}",
    )
    before = course(happened(registration="2026-02-02", left="2026-03-02", surgery="2026-03-02"))
    after = course(happened(registration="2026-02-02", left="2026-03-02", surgery="2026-03-10"))

    assert seen(study, before) == [("scan", FIRM, "2026-02-16")]
    assert seen(study, after) == []


@pytest.mark.parametrize("end", ["not_operated", "lost", "death", "withdrawn"])
def test_an_end_leaves_no_later_and_no_uncertain_visit(end):
    ended = course(happened(first_registration="2026-02-02", second_registration="2026-05-04", **{end: "2026-05-20"}))

    assert all(visit.target <= day("2026-05-20") and visit.status is FIRM for visit in rows(dream(), ended).values())
    assert "surgery" not in rows(dream(), ended)


def test_a_visit_on_request_is_there_once_it_was_held():
    dates = course(happened(entry="2026-02-02"), held={"extra": "2026-04-01"})

    assert ("extra", FIRM, "2026-04-01") in seen(small(), dates)


def test_a_date_beyond_all_plans_is_refused():
    with pytest.raises(DateOutOfRange):
        timeline(dream(), course(happened(first_registration="2199-12-31")), PLAIN_WEEK)


def test_occurrences_carry_their_words():
    visits = rows(small(), course(happened(entry="2026-02-02", operation="2026-08-31"), facts={"arm": "a"}))

    assert "Follow-up 6 (6mo)" == visits["fu_6mo"].label["en"] == label_of(small(), "fu_6mo")["en"]
    assert label_of(dream(), "fu_12mo")["ja"] == "追跡画像検査(術後12か月)"
    assert "手術" in label_of(dream(), "event:surgery")["ja"]
    assert task_label_of(dream(), "fu_12mo", "upload_images")["en"] == "Upload the images"
    assert task_label_of(dream(), "surgery", HOLD)["en"] == "Liver resection performed"
    assert label_of(dream(), "fu") is None
    assert label_of(dream(), "event:wedding") is None


def test_what_comes_again_and_again_has_one_label_from_first_to_last():
    again = ("fu_6mo", "fu_12mo", "fu_24mo")

    assert label_of_all(small(), again) == {"en": "Follow-up 6–24 (6mo–24mo)"}
    assert label_of_all(small(), again[:1]) == label_of(small(), "fu_6mo")
    assert label_of_all(small(), ["base"]) == label_of(small(), "base")
    assert [number_of(small(), one) for one in (*again, "base", "nothing")] == ["6", "12", "24", "", ""]


@given(courses(dream()) | courses(small()))
def test_windows_hold_their_target_unless_limits_say_so(patient):
    study = dream() if dream().registration in patient.events else small()
    for visit in timeline(study, patient, PLAIN_WEEK):
        definition = study.visits[visit.definition_id]
        if visit.earliest is None or visit.latest is None:
            assert visit.status is ASK_FIRST
            continue
        assert visit.earliest <= visit.latest
        if definition.not_before is None and definition.not_after is None:
            assert visit.earliest <= visit.target <= visit.latest


@given(courses(dream()) | courses(small()))
def test_occurrences_are_in_order_unique_and_know_their_definition(patient):
    study = dream() if dream().registration in patient.events else small()
    visits = timeline(study, patient, PLAIN_WEEK)

    assert sorted(visit.target for visit in visits) == [visit.target for visit in visits]
    assert len({visit.id for visit in visits}) == len(visits)
    assert all(definition_of(study, visit.id) is study.visits[visit.definition_id] for visit in visits)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_an_occurrence_keeps_its_id_wherever_the_event_falls(surgery):
    dates = course(
        {"first_registration": dates_of(surgery), "surgery": dates_of(surgery)}, facts={"lesion_left_in_place": "yes"}
    )

    assert [name for name in rows(dream(), dates) if name.startswith("fu_")] == [
        "fu_6mo",
        "fu_12mo",
        "fu_18mo",
        "fu_24mo",
    ]


def dates_of(when):
    return happened(x=when.isoformat())["x"]
