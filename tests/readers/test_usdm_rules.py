"""How a USDM file is read where the standard leaves room: each of our rules, on a small file of its own."""

from datetime import date

import pytest

from tests.readers.usdm_files import (
    after,
    before,
    code,
    dates,
    decision,
    draft_of,
    fixed,
    found,
    kept,
    main,
    questions,
    targets,
    timeline,
    usdm,
    usual,
    visit,
    windows,
)
from trial.readers.draft import Weight


def test_a_draft_is_a_study_file_with_the_study_of_the_protocol():
    study = kept(draft_of(usdm(usual()))).study

    assert (study.id, study.title["en"], study.version) == ("ABC-1", "A small study", "3")
    assert study.languages == ("en",)
    assert (study.registration, list(study.visits)) == ("dose", ["screen", "dose", "wk2"])


def test_a_study_without_its_wrapping_and_in_the_shape_of_3_0_is_read_the_same():
    wrapped, bare = (draft_of(usdm(usual(), wrapped=wrapped)) for wrapped in (True, False))

    assert wrapped == bare


@pytest.mark.parametrize("value", ["P1D", "PT0M", "P0D", "P3W", ""])
def test_the_value_of_the_anchor_is_a_label(value):
    file = usdm(main(visit("DOSE", then="WK2"), visit("WK2"), fixed(value=value), after("WK2", "P2W")))

    assert targets(draft_of(file)) == {"dose": "2026-01-31", "wk2": "2026-02-14"}


def test_a_window_before_the_anchor_runs_from_first_to_last_day_and_is_shown():
    file = usdm(
        main(visit("SCREEN", then="DOSE"), visit("DOSE"), before("SCREEN", "P42D", lower="P0D", upper="P33D"), fixed())
    )
    draft = draft_of(file)

    assert windows(draft)["screen"] == ("2025-12-20", "2026-01-22")
    assert "SCREEN (0d .. +33d; some tools mean -33d .. 0d)" in questions(draft)["window_side_screen"]


def test_a_window_that_its_label_confirms_is_only_noted():
    screen = before("SCREEN", "P28D", lower="P0D", upper="P26D", window="0..26 days")
    draft = draft_of(usdm(main(visit("SCREEN", then="DOSE"), visit("DOSE"), screen, fixed())))

    assert windows(draft)["screen"] == ("2026-01-03", "2026-01-29")
    assert ("window_side" in found(draft, Weight.NOTED), "window_side" in found(draft, Weight.ASKED)) == (True, False)


def test_a_label_with_both_numbers_on_one_side_is_asked_about():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", lower="P2D", upper="P5D", window="+2..+5 days"))))

    assert windows(draft)["wk2"] == ("2026-02-12", "2026-02-19")
    assert "+2d to +5d from the target" in questions(draft)["window_one_sided_wk2"]


def test_a_window_that_stands_in_a_label_alone_is_read_and_marked():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", window="-3..+1 days"))))
    study = kept(draft).study

    assert windows(draft)["wk2"] == ("2026-02-11", "2026-02-15")
    assert [entry.text for entry in study.unverified] == ["-3d .. +1d"]
    assert "window_from_label_wk2" in questions(draft)


@pytest.mark.parametrize("label", ["-15..15 minutes", "± 2 hours", "", "-"])
def test_a_window_within_a_day_is_that_day(label):
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", window=label))))

    assert windows(draft)["wk2"] == ("2026-02-14", "2026-02-14")
    assert [code for code in found(draft, Weight.ASKED) if code.startswith("window")] == []


@pytest.mark.parametrize("label", ["about a week", "3 days", "-2 to 2", "2..5 days", "-5..-2 days"])
def test_a_label_that_gives_no_window_is_asked_about_unless_it_has_no_number(label):
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", window=label))))
    asked = [code for code in found(draft, Weight.ASKED) if code.startswith("window")]

    assert windows(draft)["wk2"] == ("2026-02-14", "2026-02-14")
    assert bool(asked) == any(sign.isdigit() for sign in label)


def test_a_label_that_says_another_window_than_the_bounds_is_asked_about():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", lower="P3D", upper="P3D", window="-1..1 days"))))

    assert windows(draft)["wk2"] == ("2026-02-11", "2026-02-17")
    assert "WK2 (-3d .. +3d; label -1..1 days)" in questions(draft)["window_label_wk2"]


def test_a_label_that_names_another_day_than_the_timing_is_told_with_both_dates():
    file = usdm(main(visit("DOSE", then="D14"), visit("D14", label="Day 14"), fixed(), after("D14", "P14D")))
    draft = draft_of(file)

    assert targets(draft)["d14"] == "2026-02-14"
    assert "2026-02-14 by the timing (14d) and 2026-02-13 by the label (13d)" in questions(draft)["day_label_d14"]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Day 15", "P14D"),
        ("Day 1", "P0D"),
        ("Week 2", "P2W"),
        ("Week 2", "P1W"),
        ("Cycle 2 Day 1", "P28D"),
        ("Month 6", "P6M"),
        ("12 months", "P52W"),
        ("Month 1", "P0D"),
    ],
)
def test_a_label_that_agrees_with_the_timing_or_counts_within_a_cycle_is_no_clash(label, value):
    file = usdm(main(visit("DOSE", then="V"), visit("V", label=label), fixed(), after("V", value)))

    assert "day_label" not in found(draft_of(file))


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Follow-up: 12 months", "P1W", "2026-02-07 by the timing (1w) and 2027-01-31 by the label (1y)"),
        ("Month 3", "P1Y", "2027-01-31 by the timing (1y) and 2026-04-30 by the label (3mo)"),
        ("Week 8", "P10W", "2026-04-11 by the timing (10w) and 2026-03-28 by the label (56d)"),
    ],
)
def test_a_label_that_names_another_week_or_month_is_told_with_both_dates(label, value, told):
    visits = (visit("DOSE", then="V"), visit("V"))
    draft = draft_of(usdm(main(*visits, fixed(), after("V", value, label=label))))

    assert told in questions(draft)["day_label_v"]


def test_what_an_encounter_says_of_its_beginning_stands_in_the_note():
    encounters = [{"id": "E", "name": "E", "label": "First", "transitionStartRule": {"text": "Consent was signed"}}]
    draft = draft_of(usdm(main(visit("DOSE", encounterId="E"), fixed()), encounters=encounters))

    assert "Begins: Consent was signed." in kept(draft).text


def test_weeks_are_counted_as_the_timing_says():
    one, two = (targets(draft_of(usdm(usual(wk2=after("WK2", value)))))["wk2"] for value in ("P1W", "P2W"))

    assert (one, two) == ("2026-02-07", "2026-02-14")


def test_months_and_years_are_those_of_the_calendar():
    file = usdm(
        main(
            visit("DOSE", then="M1"),
            visit("M1", then="Y1"),
            visit("Y1"),
            fixed(),
            after("M1", "P1M"),
            after("Y1", "P1Y1M"),
        )
    )

    assert targets(draft_of(file)) == {"dose": "2026-01-31", "m1": "2026-02-28", "y1": "2027-02-28"}


def test_a_visit_that_counts_from_the_anchor_by_fixed_steps_stays_where_it_is():
    file = usdm(
        main(
            visit("A", then="B"),
            visit("B", then="DOSE"),
            visit("DOSE"),
            before("A", "P28D", "B"),
            before("B", "P1D"),
            fixed(),
        )
    )
    study = kept(draft_of(file)).study

    assert str(study.visits["a"].when.offset) == "-29d"
    assert dates(study)["a"][0] == "2026-01-02"


def test_a_visit_that_counts_from_one_with_a_window_moves_with_it_and_is_asked_about():
    file = usdm(
        main(
            visit("DOSE", then="WASH"),
            visit("WASH", then="P2"),
            visit("P2", then="FU"),
            visit("FU"),
            fixed(),
            after("WASH", "P3D", lower="P0D", upper="P11D"),
            after("P2", "P1D", "WASH"),
            after("FU", "P4W", "P2"),
        )
    )
    draft = draft_of(file)
    study = kept(draft).study

    assert targets(draft) == {"dose": "2026-01-31", "wash": "2026-02-03", "p2": "2026-02-04", "fu": "2026-03-04"}
    assert list(study.events) == ["dose"]
    assert dates(study, held={"wash": date(2026, 2, 10)})["fu"][0] == "2026-03-11"
    asked = questions(draft)["moves_p2"]
    assert "P2 is on 2026-02-15 or on 2026-02-04" in asked
    assert "write `when: dose + 4d` at p2, `when: dose + 32d` at fu." in asked


def test_a_visit_before_one_with_a_window_keeps_its_day_and_is_asked_about():
    file = usdm(
        main(
            visit("DOSE", then="CALL"),
            visit("CALL", then="WK8"),
            visit("WK8"),
            fixed(),
            before("CALL", "P1W", "WK8"),
            after("WK8", "P8W", lower="P3D", upper="P3D"),
        )
    )
    draft = draft_of(file)
    study = kept(draft).study

    assert targets(draft)["call"] == "2026-03-21"
    assert study.visits["call"].when.events == ("dose",)
    assert "CALL lies before WK8" in questions(draft)["moves_call"]


def test_a_part_of_a_day_is_dropped_and_never_takes_a_day_away():
    file = usdm(
        main(
            visit("SCREEN", then="PRE"),
            visit("PRE", then="DOSE"),
            visit("DOSE"),
            before("SCREEN", "P2D", "PRE"),
            before("PRE", "PT15M", lower="PT4H", upper="PT0H"),
            fixed(),
        )
    )
    draft = draft_of(file)

    assert windows(draft) == {
        "screen": ("2026-01-29", "2026-01-29"),
        "pre": ("2026-01-31", "2026-01-31"),
        "dose": ("2026-01-31", "2026-01-31"),
    }
    assert "part_of_day" in found(draft, Weight.NOTED)


def test_one_encounter_on_several_nodes_is_a_visit_for_each():
    file = usdm(
        main(
            visit("DOSE", then="WK8"),
            visit("WK8", then="WK8N", encounterId="E8"),
            visit("WK8N", encounterId="E8"),
            fixed(),
            after("WK8", "P8W"),
            after("WK8N", "P2W", "WK8"),
        ),
        encounters=[{"id": "E8", "name": "E8", "label": "Week 8"}],
    )
    draft = draft_of(file)
    study = kept(draft).study

    assert [targets(draft)[name] for name in ("wk8", "wk8n")] == ["2026-03-28", "2026-04-11"]
    assert [study.visits[name].label["en"] for name in ("wk8", "wk8n")] == ["Week 8 (WK8)", "Week 8 (WK8N)"]
    assert "Week 8 stands at WK8, WK8N (on different days)" in questions(draft)["same_encounter_wk8"]


def test_the_timing_that_an_encounter_names_does_not_count_against_its_node():
    file = usdm(
        main(
            visit("DOSE", then="A"),
            visit("A", then="B", encounterId="E"),
            visit("B"),
            fixed(),
            after("A", "P1W"),
            after("B", "P2W"),
        ),
        encounters=[{"id": "E", "name": "E", "label": "The first", "scheduledAtId": "T_B"}],
    )
    draft = draft_of(file)

    assert targets(draft)["a"] == "2026-02-07"
    assert "scheduled_at" in found(draft, Weight.NOTED)


def test_of_several_timings_of_a_node_the_first_counts():
    draft = draft_of(usdm(usual(after("WK2", "P9W", id="T2"))))

    assert targets(draft)["wk2"] == "2026-02-14"
    assert "“After P2W of DOSE”, “After P9W of DOSE”" in questions(draft)["several_timings_wk2"]


def test_two_timings_that_differ_in_their_windows_do_not_say_the_same():
    draft = draft_of(usdm(usual(after("WK2", "P2W", id="T2", lower="P1D", upper="P2D"))))

    assert windows(draft)["wk2"] == ("2026-02-14", "2026-02-14")
    assert "“After P2W of DOSE, window P1D .. P2D”" in questions(draft)["several_timings_wk2"]


def test_a_node_of_the_same_name_in_the_own_timeline_is_offered_as_repair():
    other = timeline(
        "Other", [visit("END", id="N_OTHER_END")], [fixed("END", relativeFromScheduledInstanceId="N_OTHER_END")]
    )
    file = usdm(
        main(
            visit("DOSE", then="END"),
            visit("END", then="FU"),
            visit("FU"),
            fixed(),
            after("END", "P4W"),
            after("FU", "P1W", relativeToScheduledInstanceId="N_OTHER_END"),
        ),
        other,
    )
    draft = draft_of(file)
    [finding] = [finding for finding in draft.findings if finding.code == "other_timeline"]

    assert (finding.weight, "fu" in targets(draft)) == (Weight.REFUSED, False)
    assert "this timeline has a END of its own (N_END)" in finding.instead
    assert "FU (its timing counts from END of Other)" in questions(draft)["left_out"]


def test_a_branch_that_names_an_arm_is_a_question_that_says_so():
    file = usdm(
        main(
            visit("DOSE", then="FORK"),
            decision("FORK", then="WK2", WK4="Patient is in Active Arm"),
            visit("WK2", then="WK4"),
            visit("WK4"),
            fixed(),
            after("WK2", "P2W"),
            after("WK4", "P4W"),
        ),
        arms=[{"id": "A1", "name": "Active Arm"}, {"id": "A2", "name": "Placebo"}],
    )
    draft = draft_of(file)
    asked = questions(draft)["branch_wk4"]

    assert list(targets(draft)) == ["dose", "wk2", "wk4"]
    assert "WK2 stays planned for everybody" in asked
    assert "the condition names the arm Active Arm" in asked


def test_amendments_of_the_file_are_told_and_not_taken_in():
    draft = draft_of(usdm(usual(), version={"amendments": [{"id": "A", "number": "1"}]}))

    assert "amendments" in found(draft, Weight.NOTED)
    assert "amendments" not in draft.document


def test_a_timeline_of_its_own_is_an_event_that_plans_nothing_by_itself():
    stop = timeline(
        "Early termination",
        [visit("ET", then="ET_FU"), visit("ET_FU")],
        [fixed("ET"), after("ET_FU", "P30D", "ET")],
        entryCondition="Patient stops early",
    )
    draft = draft_of(usdm(usual(), stop))

    assert set(targets(draft)) == {"screen", "dose", "wk2"}
    assert targets(draft, et=date(2026, 3, 1)) == {
        "screen": "2026-01-17",
        "dose": "2026-01-31",
        "wk2": "2026-02-14",
        "et": "2026-03-01",
        "et_fu": "2026-03-31",
    }
    assert "Patient stops early" in questions(draft)["event_timeline_et"]


def test_timelines_whose_nodes_have_the_same_ids_are_kept_apart():
    stop = timeline(
        "Stopping timeline", [visit("DOSE", then="WK2"), visit("WK2")], [fixed(), after("WK2", "P30D")], id=""
    )
    draft = draft_of(usdm(usual() | {"id": ""}, stop))
    study = kept(draft).study

    assert targets(draft, dose_2=date(2026, 3, 1))["wk2_2"] == "2026-03-31"
    assert study.events["dose_2"].label["en"] == "Stopping"


def test_what_is_done_within_a_visit_is_a_note_of_the_visit():
    profile = timeline(
        "Blood pressure", [visit("LIE", then="STAND"), visit("STAND")], [fixed("LIE"), after("STAND", "PT5M", "LIE")]
    )
    file = usdm(
        main(visit("DOSE", timelineId="L_Blood pressure"), fixed()),
        profile,
    )
    draft = draft_of(file)

    assert "Within the visit: Blood pressure." in kept(draft).text
    assert (list(targets(draft)), "profile" in found(draft, Weight.NOTED)) == (["dose"], True)


def test_what_a_visit_starts_and_goes_on_for_days_is_asked_about():
    profile = timeline("Cycle", [visit("C1", then="C8"), visit("C8")], [fixed("C1"), after("C8", "P7D", "C1")])
    draft = draft_of(usdm(main(visit("DOSE", timelineId="L_Cycle"), fixed()), profile))

    assert "goes on for days: C8 (7d after C1)" in questions(draft)["long_profile"]


def test_what_only_another_timeline_starts_is_an_event_that_is_asked_about():
    stop = timeline("Stopping", [visit("ET", timelineId="L_Harm")], [fixed("ET")])
    harm = timeline("Harm", [visit("AE")], [fixed("AE")], entryCondition="Something happened")
    draft = draft_of(usdm(usual(), stop, harm))

    assert list(kept(draft).study.events) == ["dose", "et", "ae"]
    assert "entered when “Something happened”" in questions(draft)["event_timeline_ae"]


def test_an_activity_that_makes_images_is_asked_about_and_no_upload_is_guessed():
    draft = draft_of(usdm(usual(), activities=[{"id": "ACT", "name": "A1", "label": "CT scan of the chest"}]))

    assert "CT scan of the chest at screen, dose, wk2" in questions(draft)["imaging"]
    assert all(not visit.tasks for visit in kept(draft).study.visits.values())


def test_a_visit_by_telephone_is_one():
    draft = draft_of(
        usdm(
            main(visit("DOSE", then="CALL"), visit("CALL", encounterId="E"), fixed(), after("CALL", "P1W")),
            encounters=[{"id": "E", "name": "Call", "contactModes": [code("C171537", "Telephone Call")]}],
        )
    )

    assert kept(draft).study.visits["call"].contact == "phone"


def test_the_draft_says_where_each_visit_came_from():
    draft = draft_of(usdm(usual()))

    assert draft.document["source"] == {
        "from": "usdm",
        "file": "protocol.json",
        "map": {"screen": "N_SCREEN", "dose": "N_DOSE", "wk2": "N_WK2"},
    }


def test_visits_before_the_anchor_and_ways_of_leaving_are_asked_about():
    asked = questions(draft_of(usdm(usual())))

    assert "SCREEN" in asked["before_anchor"]
    assert "leaving" in asked
