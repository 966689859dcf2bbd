"""What is wrong or unclear in a USDM file is told, each thing by its own word, and never turned into a date in silence."""

import json

import pytest

from tests.readers.usdm_files import (
    after,
    before,
    code,
    decision,
    draft_of,
    fixed,
    found,
    kept,
    main,
    questions,
    refusal,
    targets,
    timeline,
    timing,
    usdm,
    usual,
    visit,
)
from trial.problems import ProblemError
from trial.readers.draft import Weight
from trial.readers.usdm.read import read_usdm


def without_wk2(draft) -> bool:
    """WK2 was left out, with a question; the others stand."""
    return list(targets(draft)) == ["screen", "dose"] and "WK2" in questions(draft)["left_out"]


@pytest.mark.parametrize(
    ("wk2", "word"),
    [
        (timing("WK2", "Sometime", "P2W", "DOSE"), "type"),
        (timing("WK2", "", "P2W", "DOSE"), "type"),
        (after("WK2", "-P2W"), "negative"),
        (after("WK2", "P-2W"), "negative"),
        (after("WK2", "two weeks"), "duration"),
        (after("WK2", ""), "duration"),
        (after("WK2", "P"), "duration"),
        (after("WK2", "P1DT"), "duration"),
        (after("WK2", "P1W2D"), "duration"),
        (after("WK2", "P1.5D"), "duration"),
        (after("WK2", "P2W", lower="-P3D"), "negative"),
        (after("WK2", "P2W", upper="soon"), "duration"),
        (after("WK2", "P1M3D"), "mixed_units"),
        (after("WK2", "P99999D"), "too_far"),
        (after("WK2", "P999999999999D"), "duration"),
        (after("WK2", "P2W", to=""), "reference"),
        (after("WK2", "P2W", to="NOWHERE"), "reference"),
        (after("WK2", "P2W", to="WK2"), "timing_loop"),
        (after("ANOTHER", "P2W"), "reference"),
    ],
)
def test_a_visit_whose_timing_cannot_be_followed_is_left_out_and_asked_about(wk2, word):
    draft = draft_of(usdm(usual(wk2=wk2)))

    assert word in found(draft, Weight.REFUSED)
    assert without_wk2(draft)


def test_a_visit_without_a_timing_is_left_out():
    draft = draft_of(
        usdm(
            main(
                visit("SCREEN", then="DOSE"), visit("DOSE", then="WK2"), visit("WK2"), before("SCREEN", "P2W"), fixed()
            )
        )
    )

    assert "no_timing" in found(draft, Weight.REFUSED)
    assert without_wk2(draft)


@pytest.mark.parametrize("end", [{"timelineExitId": None}, {"timelineExitId": "", "defaultConditionId": "N_NOWHERE"}])
def test_a_visit_that_neither_goes_on_nor_ends_is_left_out(end):
    parts = (visit("SCREEN", then="DOSE"), visit("DOSE", then="WK2"), visit("WK2", **end))
    draft = draft_of(usdm(main(*parts, before("SCREEN", "P2W"), fixed(), after("WK2", "P2W"))))

    assert "dead_end" in found(draft, Weight.REFUSED)
    assert without_wk2(draft)


def test_what_counts_from_a_visit_that_was_left_out_is_left_out_too():
    parts = (visit("DOSE", then="A"), visit("A", then="B"), visit("B"))
    draft = draft_of(usdm(main(*parts, fixed(), after("A", "soon"), after("B", "P1W", "A"))))

    assert list(targets(draft)) == ["dose"]
    assert {"duration", "hangs_on"} <= set(found(draft, Weight.REFUSED))
    assert all(name in questions(draft)["left_out"] for name in ("A (", "B ("))


def test_timings_in_a_circle_are_told_with_the_way_they_run():
    parts = (visit("DOSE", then="A"), visit("A", then="B"), visit("B"))
    draft = draft_of(usdm(main(*parts, fixed(), after("A", "P1D", "B"), after("B", "P1D", "A"))))
    told = [finding.what for finding in draft.findings if finding.code == "timing_loop"]

    assert len(told) == 2
    assert "A -> B -> A" in told[0]


def test_a_reference_into_another_timeline_is_refused():
    other = timeline("Other", [visit("OTHER")], [fixed("OTHER")])
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", "OTHER")), other))

    assert "other_timeline" in found(draft, Weight.REFUSED)
    assert without_wk2(draft)


def test_a_timing_of_a_node_of_another_timeline_is_refused():
    other = timeline("Other", [visit("OTHER")], [fixed("OTHER")])
    draft = draft_of(usdm(usual(after("OTHER", "P2W")), other))

    assert "other_timeline" in found(draft, Weight.REFUSED)


@pytest.mark.parametrize("entry", [None, "", "N_NOWHERE"])
def test_a_main_timeline_without_an_entry_is_refused_with_all_that_is_wrong(entry):
    told = refusal(usdm(usual(after("WK2", "P9W", id="T2")) | {"entryId": entry}))

    assert "entry" in told
    assert "it has 2 timings" in told


def test_a_main_timeline_without_an_anchor_is_refused():
    told = refusal(usdm(main(visit("A", then="B"), visit("B"), after("A", "P1D", "B"), before("B", "P1D", "A"))))

    assert "no node of it is a fixed reference" in told
    assert "run in a circle" in told


def test_another_timeline_without_an_entry_or_an_anchor_is_left_out_and_asked_about():
    lost = timeline("Relapse", [visit("R")], [fixed("R")], entryId=None)
    loose = timeline("Rescue", [visit("S", id="N_S")], [])
    draft = draft_of(usdm(usual(), lost, loose))

    assert {"no_entry", "no_anchor"} <= set(found(draft, Weight.REFUSED))
    assert [name for name in questions(draft) if name.startswith("left_out")] == ["left_out", "left_out_2"]


def test_a_node_that_no_way_leads_to_rings_nobody():
    parts = (visit("DOSE"), visit("LOST"))
    draft = draft_of(usdm(main(*parts, fixed(), after("LOST", "P1W"))))

    assert list(targets(draft)) == ["dose"]
    assert kept(draft).study.visits["lost"].when is None
    assert "LOST (when: dose + 1w)" in questions(draft)["unreachable_lost"]


def test_a_node_that_only_a_condition_leads_to_rings_nobody():
    parts = (
        visit("DOSE", then="FORK"),
        decision("FORK", then="END", RESCUE="if it fails"),
        visit("RESCUE", then="END"),
        visit("END"),
    )
    draft = draft_of(usdm(main(*parts, fixed(), after("RESCUE", "P1W"), after("END", "P4W"))))

    assert list(targets(draft)) == ["dose", "end"]
    assert kept(draft).study.visits["rescue"].when is None
    assert "RESCUE (`when: dose + 1w`) is on request and rings nobody" in questions(draft)["branch_rescue"]


def test_without_a_default_the_first_way_is_planned_and_asked_about():
    fork = decision("FORK", then="", A="arm one", B="arm two") | {"defaultConditionId": None}
    parts = (visit("DOSE", then="FORK"), fork, visit("A", then="END"), visit("B", then="END"), visit("END"))
    draft = draft_of(usdm(main(*parts, fixed(), after("A", "P1W"), after("B", "P2W"), after("END", "P4W"))))
    asked = questions(draft)

    assert list(targets(draft)) == ["dose", "a", "end"]
    assert (
        "“arm one”, and has no way on otherwise. The draft keeps to one way: A is planned for every"
        in asked["branch_a"]
    )
    assert "B (`when: dose + 2w`) is on request" in asked["branch_b"]


@pytest.mark.parametrize(
    "fork",
    [
        decision("FORK", then="END", C1="another cycle"),
        decision("FORK", then="C1", END="the cycles are over"),
    ],
)
def test_a_way_back_is_asked_about_and_planned_once(fork):
    parts = (visit("DOSE", then="C1"), visit("C1", then="FORK"), fork, visit("END"))
    draft = draft_of(usdm(main(*parts, fixed(), after("C1", "P3W"), after("END", "P9W"))))
    asked = questions(draft)["loop_c1"]

    assert list(targets(draft)) == ["dose", "c1", "end"]
    assert all(words in asked for words in ("come again", "how many times", "what ends it"))
    assert not [name for name in questions(draft) if name.startswith("branch")]


def test_names_that_come_twice_are_kept_apart_and_asked_about():
    parts = (visit("DOSE", then="DAY", id="N_DOSE"), visit("DAY", then="DAY2"), visit("DAY", id="N_DAY2"))
    draft = draft_of(usdm(main(*parts, fixed(), after("DAY", "P1W"), after("DAY2", "P2W"))))

    assert list(targets(draft)) == ["dose", "day", "day_2"]
    assert "same_name_day" in questions(draft)


def test_an_encounter_that_names_another_day_than_its_node_is_asked_about():
    parts = (visit("DOSE", then="P2_DAY_8"), visit("P2_DAY_8", encounterId="E"))
    file = usdm(
        main(*parts, fixed(), after("P2_DAY_8", "P7D")),
        encounters=[{"id": "E", "name": "P1 DAY 8", "label": "Period 1, Day 8"}],
    )

    assert "P2_DAY_8 (Period 1, Day 8: another period)" in questions(draft_of(file))["encounter_label_p2_day_8"]


def test_timings_that_are_all_the_same_whatever_their_visits_are_called_look_like_a_placeholder():
    names = ("DAY_8", "DAY_15", "DAY_29")
    parts = [visit(name, then=then) for name, then in zip(("DOSE", *names), (*names, ""), strict=True)]
    chain = [after(name, "P1D", to) for name, to in zip(names, ("DOSE", *names), strict=False)]
    draft = draft_of(usdm(main(*parts, fixed(), *chain)))

    assert "the value P1D" in questions(draft)["placeholder"]


def test_weekly_visits_that_are_named_after_their_weeks_are_no_placeholder():
    names = ("WEEK_1", "WEEK_2", "WEEK_3")
    parts = [visit(name, then=then) for name, then in zip(("DOSE", *names), (*names, ""), strict=True)]
    chain = [after(name, "P7D", to) for name, to in zip(names, ("DOSE", *names), strict=False)]

    assert "placeholder" not in found(draft_of(usdm(main(*parts, fixed(), *chain))))


def test_a_window_that_reaches_past_what_it_counts_from_is_asked_about():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2D", lower="P5D", upper="P5D"))))

    assert "WK2 (After P2D of DOSE, -5d .. +5d)" in questions(draft)["window_crosses_wk2"]


def test_a_window_in_keys_that_usdm_does_not_have_is_asked_about():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", windowLowerBound="-P1D"))))

    assert "window_unread_wk2" in questions(draft)


@pytest.mark.parametrize("bound", ["", None])
def test_an_empty_bound_is_none(bound):
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", lower=bound, upper=bound))))

    assert [one for one in found(draft) if one.startswith("window")] == []


def test_what_a_node_names_and_the_file_does_not_have_is_told():
    parts = (
        visit("DOSE", then="FORK", encounterId="E9", activityIds=["A9"]),
        decision("FORK", then="END", GONE="if ill"),
        visit("END"),
    )
    draft = draft_of(usdm(main(*parts, fixed(), after("END", "P1W"))))
    told = [finding.what for finding in draft.findings]

    assert "under the condition “if ill” it goes to N_GONE, which there is not" in told
    assert "its encounter E9 is not in the file" in told
    assert "its activities A9 are not in the file" in told
    assert list(targets(draft)) == ["dose", "end"]


@pytest.mark.parametrize(
    "kind",
    [
        "After",
        "after",
        "After Timing Type",
        "C201356",
        {"code": "C201356"},
        {"decode": "After"},
        {"decode": "Some time after", "code": "C201356"},
        {"standardCode": code("C201356", "")},
    ],
)
def test_a_type_may_be_a_code_or_a_word(kind):
    assert targets(draft_of(usdm(usual(wk2=after("WK2", "P2W", type=kind)))))["wk2"] == "2026-02-14"


def test_a_timeline_that_its_own_nodes_start_is_not_followed():
    file = usdm(
        main(
            visit("DOSE", then="WK2", timelineId="L_Main"),
            visit("WK2", timelineId="L_Main"),
            fixed(),
            after("WK2", "P2W"),
        )
    )
    draft = draft_of(file)

    assert list(targets(draft)) == ["dose", "wk2"]
    assert "own_timeline" in found(draft, Weight.NOTED)


def test_the_order_in_the_file_says_nothing():
    straight = usual()
    mixed = usual() | {"instances": straight["instances"][::-1], "timings": straight["timings"][::-1]}

    assert list(targets(draft_of(usdm(mixed | {"entryId": "N_SCREEN"})))) == ["screen", "dose", "wk2"]


def test_a_condition_on_an_activity_moves_no_day_and_is_asked_about():
    draft = draft_of(usdm(usual(), version={"conditions": [{"text": "If pregnant", "appliesToIds": ["ACT"]}]}))

    assert targets(draft) == targets(draft_of(usdm(usual())))
    assert "“If pregnant”" in questions(draft)["condition"]


def test_a_second_anchor_is_an_event_without_an_estimate():
    parts = (visit("DOSE", then="OP"), visit("OP", then="FU"), visit("FU"))
    draft = draft_of(usdm(main(*parts, fixed(), fixed("OP"), after("FU", "P30D", "OP"))))
    study = kept(draft).study

    assert list(targets(draft)) == ["dose"]
    assert study.events["op"].estimate is None
    assert "give the event op an estimate" in questions(draft)["second_anchor_op"]


def test_a_fixed_reference_with_a_window_or_another_reference_stays_the_anchor():
    anchor = fixed(lower="P1D", upper="P1D", relativeToScheduledInstanceId="N_WK2")
    parts = (visit("DOSE", then="WK2"), visit("WK2"))
    draft = draft_of(usdm(main(*parts, anchor, after("WK2", "P2W"))))

    assert targets(draft)["wk2"] == "2026-02-14"
    assert {"window_on_anchor", "reference"} <= set(found(draft, Weight.NOTED))


def test_a_timing_that_counts_from_an_end_is_noted():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", relativeToFrom=code("C201353", "End to Start")))))

    assert "ends" in found(draft, Weight.NOTED)


def test_a_node_where_nothing_is_done_is_asked_about():
    parts = (visit("DOSE", then="WAIT"), visit("WAIT", activityIds=[]))
    draft = draft_of(usdm(main(*parts, fixed(), after("WAIT", "P1W"))))

    assert "WAIT" in questions(draft)["empty_node_wait"]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("anchor_value", {}),
        ("exit", {}),
        ("arms", {"arms": [{"name": "A"}, {"name": "B"}]}),
        ("named", {"version": {"versionIdentifier": ""}}),
    ],
)
def test_what_is_read_so_is_noted(code, more):
    assert code in found(draft_of(usdm(usual(), **more)), Weight.NOTED)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ([], "there is no study in it"),
        ({"study": None}, "there is no study in it"),
        ({}, "there is no study in it"),
        ({"study": {"versions": []}}, "the study has no version"),
        ({"study": {"versions": [{"id": "V"}]}}, "the study has no design"),
        ({"study": {"studyTitle": "T", "studyDesigns": []}}, "the shape of a USDM before 3.0"),
        (usdm(usual()) | {"usdmVersion": "2.0.0"}, "it is written for USDM 2.0.0; USDM 3.0 and 4.0 are read"),
        (usdm(usual()) | {"usdmVersion": 1.9}, "it is written for USDM 1.9; USDM 3.0 and 4.0 are read"),
        (usdm(usual()) | {"usdmVersion": "5.0"}, "it is written for USDM 5.0; USDM 3.0 and 4.0 are read"),
        (usdm(usual() | {"timings": []}), "its schedule Main has 3 visits and no timings: it says what follows what"),
        (usdm(), "the design has no schedule"),
        (usdm(usual() | {"mainTimeline": False}, timeline("B", [visit("B")], [fixed("B")])), "no timeline is marked"),
        (usdm(usual(), usual()), "2 timelines are marked as the main one: Main, Main"),
    ],
)
def test_a_file_that_is_no_study_of_these_versions_is_refused(file, told):
    assert told in refusal(file)


def test_an_only_timeline_need_not_be_marked_as_the_main_one():
    assert "wk2" in targets(draft_of(usdm(usual() | {"mainTimeline": False})))


def test_of_several_versions_and_designs_one_has_to_be_chosen():
    one, two = usdm(usual(), name="First"), usdm(main(visit("DOSE"), fixed()), name="Second")
    designs = [file["study"]["versions"][0]["studyDesigns"][0] for file in (one, two)]
    one["study"]["versions"][0]["studyDesigns"] = designs
    versions = {"study": one["study"] | {"versions": [one["study"]["versions"][0], {"versionIdentifier": "4"}]}}

    assert "the file holds 2 designs: First, Second; choose one with --design NAME." in refusal(one)
    assert "--design: there is no design 'Third'; choose one of First, Second." in refusal(one, design="Third")
    assert list(targets(draft_of(one, design="Second"))) == ["dose"]
    assert "the file holds 2 versions: 3, 4; choose one with --version NAME." in refusal(versions)
    assert "wk2" in targets(draft_of(versions, version="3", design="First"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "this is not JSON"),
        (b'{"study": ', "protocol.json line 1: this is not JSON"),
        (b"\xff\xfe\x00", "no JSON that can be read"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "no JSON that can be read"),
        (b" " * 12_000_001, "larger than 12 MB"),
    ],
)
def test_what_is_no_json_of_a_bearable_size_is_refused(content, told):
    with pytest.raises(ProblemError) as raised:
        read_usdm(content, "protocol.json")

    assert told in str(raised.value)


def test_tags_are_left_away_and_what_only_looks_like_one_is_kept():
    words = 'if a <b and c> d, <p class="x">see</p> <usdm:ref klass="Range" id="R_1"></usdm:ref><br/> PG <60'
    draft = draft_of(usdm(usual(), version={"conditions": [{"text": words}]}))

    assert "“if a <b and c> d, see PG <60”" in questions(draft)["condition"]


def test_texts_that_do_not_fit_a_study_file_are_made_fit():
    name = "Visit {x}\n\u2028<b>bold</b> \ud83d \u0000 null"
    file = usdm(main(visit("DOSE", then="V", label=name), visit("V", label="null"), fixed(), after("V", "P1W")))
    file["study"]["name"] = "Étude"
    study = kept(read_usdm(json.dumps(file).encode(), "a\nb.json")).study

    assert study.visits["dose"].label["en"] == "Visit (x) bold null"
    assert study.visits["v"].label["en"] == "V"


@pytest.mark.parametrize(
    ("parts", "identity", "title"),
    [
        ({"studyIdentifiers": [], "titles": []}, "TRIAL-7", "TRIAL 7"),
        ({"studyIdentifiers": [{"text": "A very long identifier of a study"}]}, "TRIAL-7", "A small study"),
        ({"studyIdentifiers": [{"text": "NCT1"}, {"text": "own/7", "scopeId": "O"}]}, "OWN-7", "A small study"),
        ({"titles": [{"text": "x" * 300, "type": "Official Study Title"}]}, "ABC-1", "TRIAL 7"),
    ],
)
def test_the_study_is_called_by_its_sponsors_number_and_a_title_that_fits(parts, identity, title):
    study = kept(draft_of(usdm(usual(), version=parts))).study

    assert (study.id, study.title["en"]) == (identity, title)


@pytest.mark.parametrize(
    "more",
    [
        {"encounters": [{"id": "E"}] * 50_001},
        {"activities": [{"id": "A", "definedProcedures": [{}] * 25_000}, {"definedProcedures": [{}] * 25_000}]},
    ],
)
def test_more_parts_than_a_study_has_are_refused(more):
    assert "it has more than 50,000 parts" in refusal(usdm(usual(), **more))


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (300, "a draft of it has 301 visits, and a study file holds 300"),
        (1_000, "it has more than 1,000 nodes"),
    ],
)
def test_more_visits_than_a_study_has_are_refused(count, told):
    names = [f"V{number}" for number in range(count)]
    nodes = [visit(name, then=then) for name, then in zip(["DOSE", *names], [*names, ""], strict=True)]

    assert told in refusal(usdm(timeline("Main", nodes, [fixed(), *(after(name, "P1D") for name in names)])))
