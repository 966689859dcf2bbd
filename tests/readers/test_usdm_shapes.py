"""Shapes in which USDM files are handed around, and traits of schedules that tools export: read, asked about or refused."""

import json
import time
import uuid

import pytest

from tests.readers.usdm_files import (
    after,
    before,
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
    usdm,
    usual,
    visit,
    windows,
)
from trial.problems import ProblemError
from trial.readers.draft import Draft, Weight
from trial.readers.usdm.read import read_usdm

USUAL = {"screen": "2026-01-17", "dose": "2026-01-31", "wk2": "2026-02-14"}


def read(text: str) -> Draft:
    return read_usdm(text.encode(), "protocol.json")


def refused(content: bytes) -> str:
    with pytest.raises(ProblemError) as raised:
        read_usdm(content, "protocol.json")
    return str(raised.value)


def version_of(file: dict[str, object]) -> dict[str, object]:
    study = file["study"]
    assert isinstance(study, dict)
    return study["versions"][0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_is_read_in_whichever_utf_it_is_written(encoding):
    text = json.dumps(usdm(usual(wk2=after("WK2", "P2W", window="\u22123..3 days"))), ensure_ascii=False)

    assert targets(read_usdm(text.encode(encoding), "protocol.json")) == USUAL


def test_a_file_in_another_encoding_is_refused():
    assert "no JSON that can be read; save it as UTF-8" in refused('{"study": "±"}'.encode("cp1252"))


def test_a_key_that_is_there_twice_with_two_values_is_refused():
    whole = json.dumps(usdm(usual())).replace('"value": "P2W"', '"value": "P2W", "value": "P9W"')
    told = refused(whole.encode())

    assert "the key 'value' of T_SCREEN is there twice, with two values; keep the one that is right." in told
    assert "of T_WK2" in told


def test_a_key_that_is_there_twice_with_one_value_does_no_harm():
    whole = json.dumps(usdm(usual())).replace('"value": "P2W"', '"value": "P2W", "value": "P2W"')

    assert targets(read(whole)) == USUAL


def test_what_is_no_number_is_read_as_nothing_and_told():
    file = usdm(usual(wk2=after("WK2", "P2W", lower=float("nan"), upper=float("inf"))))
    draft = read(json.dumps(file))

    assert windows(draft)["wk2"] == ("2026-02-14", "2026-02-14")
    told = [finding.what for finding in draft.findings if finding.code == "unreadable"]
    assert told == ["Infinity, NaN stand in it, which are no numbers in JSON"]


@pytest.mark.parametrize(
    "wrapping",
    [
        lambda file: [file],
        lambda file: {"data": file},
        lambda file: {"status": 200, "items": [{"study": file["study"], "links": {"self": "x"}}]},
        lambda file: file | {"auditTrail": {"version": 1}, "links": []},
        lambda file: {"study": file["study"], "usdmVersion": 4},
        lambda file: {"study": file["study"], "usdmVersion": "v3.0"},
    ],
)
def test_a_study_in_the_answer_of_a_server_is_found(wrapping):
    assert targets(draft_of(wrapping(usdm(usual())))) == USUAL


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (version_of, "study version"),
        (lambda file: {"studyDesigns": version_of(file)["studyDesigns"]}, "study version"),
        (lambda file: version_of(file)["studyDesigns"][0], "study design"),
    ],
)
def test_a_part_of_a_study_by_itself_is_read_and_said_to_be_one(part, what):
    draft = draft_of(part(usdm(usual())))

    assert targets(draft) == USUAL
    assert f"it holds a {what} alone, without its study" in [finding.what for finding in draft.findings]


def test_of_several_studies_none_is_chosen():
    first, second = usdm(usual()), usdm(usual())
    second["study"] |= {"name": "TRIAL 8"}

    assert "it holds 2 studies: TRIAL 7, TRIAL 8; give one of them by itself" in refusal([first, second])


@pytest.mark.parametrize(
    "older",
    [
        {"clinicalStudy": {"studyTitle": "T"}},
        {"study": {"studyTitle": "T", "studyVersion": "1", "studyDesigns": [{"studyScheduleTimelines": []}]}},
        {"studyId": "x", "studyDesigns": [{"studyDesignId": "D", "studyScheduleTimelines": [{}]}]},
    ],
)
def test_an_older_usdm_is_refused_with_what_would_be_right(older):
    told = refusal(older)

    assert "it has the shape of a USDM before 3.0; USDM 3.0 and 4.0 are read: ask whoever made the file" in told
    assert "sitebell study template" in told


def test_designs_of_the_same_name_are_chosen_by_their_ids():
    file = usdm(usual())
    design = version_of(file)["studyDesigns"][0]
    version_of(file)["studyDesigns"] = [
        design,
        design | {"id": "D2", "scheduleTimelines": [main(visit("DOSE"), fixed())]},
    ]

    assert "the file holds 2 designs: D, D2; choose one with --design NAME." in refusal(file)
    assert list(targets(draft_of(file, design="D2"))) == ["dose"]


def test_ids_may_be_uuids_or_numbers():
    text = json.dumps(usdm(usual()))
    for number, name in enumerate(("SCREEN", "DOSE", "WK2")):
        text = text.replace(f'"N_{name}"', f'"{uuid.UUID(int=number)}"' if number else "17")
    text = text.replace('"ACT"', "5")

    assert targets(read(text)) == USUAL


def test_ids_that_are_there_twice_are_told():
    draft = draft_of(usdm(usual(), activities=[{"id": "ACT", "name": "Blood"}, {"id": "ACT", "name": "MRI"}]))

    assert "the id ACT is there twice" in [finding.what for finding in draft.findings]
    assert "Activities: Blood." in kept(draft).text


def test_visits_in_a_row_without_any_distance_are_asked_about():
    names = ("VISIT_A", "VISIT_B", "VISIT_C")
    nodes = [visit(name, then=then) for name, then in zip(("DOSE", *names), (*names, ""), strict=True)]
    chain = [after(name, "PT0M", to) for name, to in zip(names, ("DOSE", *names), strict=False)]
    draft = draft_of(usdm(main(*nodes, fixed(), *chain)))

    assert "(DOSE, VISIT_A, VISIT_B, VISIT_C)" in questions(draft)["same_day_dose"]
    assert "the value PT0M" in questions(draft)["placeholder"]


def test_a_second_course_that_is_laid_over_the_first_is_asked_about():
    names = ("DOSE", "C1_W2", "C1_W3", "C2_W1", "C2_W2")
    nodes = [visit(name, then=then) for name, then in zip(names, (*names[1:], ""), strict=True)]
    timings = [after("C1_W2", "P1W"), after("C1_W3", "P2W"), after("C2_W1", "PT0M"), after("C2_W2", "P1W")]
    asked = questions(draft_of(usdm(main(*nodes, fixed(), *timings))))

    assert "(DOSE, C2_W1), (C1_W2, C2_W2)" in asked["same_day_dose"].replace(";", ",")
    assert "C2_W1 follows on C1_W3, and by its timings lies before it" in asked["backward_c2_w1"]


def test_visits_a_part_of_a_day_apart_or_of_one_encounter_are_meant_to_be_on_one_day():
    nodes = [
        visit("PRE", then="DOSE"),
        visit("DOSE", then="POST", encounterId="E"),
        visit("POST", encounterId="E"),
    ]
    file = usdm(
        main(*nodes, before("PRE", "PT15M"), fixed(), after("POST", "PT0M")), encounters=[{"id": "E", "name": "Dosing"}]
    )

    assert "same_day" not in found(draft_of(file))


def test_a_month_and_thirty_days_are_not_called_out_of_order():
    nodes = [visit("DOSE", then="A"), visit("A", then="B"), visit("B")]
    file = usdm(main(*nodes, fixed(), after("A", "P1M"), after("B", "P30D")))

    assert "backward" not in found(draft_of(file))


def test_a_day_that_stands_in_the_label_of_a_window_is_held_against_the_timing():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", label="w3", window="d18; +/-3d (2,4)*"))))
    asked = questions(draft)

    assert "Day 18: with DOSE on 2026-01-31, 2026-02-14 by the timing (2w) and 2026-02-17" in asked["day_label_wk2"]
    assert "WK2 ('d18; +/-3d (2,4)*')" in asked["window_unread_wk2"]


def test_a_day_within_a_cycle_that_a_timing_names_is_no_clash():
    assert "day_label" not in found(draft_of(usdm(usual(wk2=after("WK2", "P28D", label="Cycle 2 Day 1")))))


def test_a_pause_that_ends_by_a_condition_is_planned_once_and_asked_about():
    nodes = [
        visit("DOSE", then="PAUSE"),
        visit("PAUSE", then="GATE"),
        decision("GATE", then="PAUSE", SCAN="7 days and washed out, or 28 days"),
        visit("SCAN", then="DOSE_2"),
        visit("DOSE_2", then="FU"),
        visit("FU"),
    ]
    timings = [
        fixed(),
        after("PAUSE", "PT0M"),
        after("GATE", "P1D", "PAUSE"),
        before("SCAN", "P1D", "DOSE_2"),
        fixed("DOSE_2"),
        after("FU", "P7D", "DOSE_2", upper="P7D", window="-0..+7 days"),
    ]
    draft = draft_of(usdm(main(*nodes, *timings)))
    asked = questions(draft)

    assert list(targets(draft)) == ["dose", "pause"]
    assert "goes on under the condition “7 days and washed out, or 28 days”" in asked["loop_pause"]
    assert "`estimate: dose + 4w`" in asked["second_anchor_dose_2"]
    assert "(DOSE, PAUSE)" in asked["same_day_dose"]


def unlinked(name: str, **more: object) -> dict[str, object]:
    """A node as a study builder exports it: one name for all, nothing that follows, its own timeline as the one it starts."""
    return visit(
        "Activity Instance", id=f"N_{name}", timelineExitId=None, encounterId=f"E_{name}", timelineId="L_Main", **more
    )


def exported(**main_line: object) -> dict[str, object]:
    void = {"code": "", "decode": "", "codeSystem": "", "instanceType": "Code"}
    names = {"V1": "Screening", "V3": "Week 4", "V2": "Randomisation", "V4": "Unplanned"}
    return usdm(
        main(
            *(unlinked(name) for name in names),
            before("V1", "P2W", "V2", lower="P3D", upper="P0D", window="-3..0 days"),
            after("V3", "P28D", "V2", lower="P2D", upper="P2D", window="-2..2 days"),
            fixed("V2", "P0D", type=void),
            after("V4", "", "V2", type=void),
            **main_line,
        ),
        encounters=[{"id": f"E_{name}", "name": name, "label": label} for name, label in names.items()],
    )


@pytest.mark.parametrize("entry", [{}, {"entryId": ""}])
def test_visits_that_are_not_linked_are_planned_by_their_timings_and_asked_about(entry):
    draft = draft_of(exported(**entry))
    asked = questions(draft)

    assert windows(draft) == {
        "v1": ("2026-01-14", "2026-01-17"),
        "v2": ("2026-01-31", "2026-01-31"),
        "v3": ("2026-02-26", "2026-03-02"),
    }
    assert kept(draft).study.visits["v3"].label["en"] == "Week 4"
    assert "Randomisation (V2) (value P0D)" in asked["unmarked_anchor_v2"]
    assert "not which follows on which" in asked["unlinked_v1"]
    assert "V4 (its timing has no type)" in asked["left_out"]
    assert '`- {id: v4, label: "Unplanned", when: v2 + 6w}`' in asked["left_out"]
    assert {"same_name", "own_timeline"} <= set(found(draft, Weight.NOTED))


@pytest.mark.parametrize("kind", [{}, {"type": {"code": "", "decode": ""}}])
def test_a_visit_no_distance_from_the_anchor_is_on_its_day_and_asked_about(kind):
    nodes = [visit("CALL", then="DOSE"), visit("DOSE", then="WK2"), visit("WK2")]
    call = fixed("CALL", "P0D", relativeToScheduledInstanceId="N_DOSE", **kind)
    draft = draft_of(usdm(main(*nodes, call, fixed(), after("WK2", "P2W"))))

    assert targets(draft) == {"call": "2026-01-31", "dose": "2026-01-31", "wk2": "2026-02-14"}
    assert list(kept(draft).study.events) == ["dose"]
    assert "CALL (DOSE)" in questions(draft)["anchors_day_call"]


@pytest.mark.parametrize("ends", ["Start to Start", "START_TO_START", "Start-to-Start", None])
def test_from_start_to_start_needs_no_word(ends):
    assert "ends" not in found(draft_of(usdm(usual(wk2=after("WK2", "P2W", relativeToFrom=ends)))))


@pytest.mark.parametrize("ends", ["End to Start", "END_TO_START", {"code": "C201353", "decode": "End to Start"}])
def test_from_an_end_is_noted(ends):
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", relativeToFrom=ends))))

    assert (targets(draft), "ends" in found(draft, Weight.NOTED)) == (USUAL, True)


def test_words_that_usdm_does_not_have_for_what_is_counted_from_are_asked_about():
    draft = draft_of(
        usdm(usual(wk2=after("WK2", "P2W", relativeToFrom={"code": "C71157", "decode": "Previous Visit"})))
    )

    assert targets(draft) == USUAL
    assert "WK2 (Previous Visit)" in questions(draft)["ends_wk2"]


def test_a_second_anchor_that_names_a_day_is_asked_about_with_that_day():
    nodes = [visit("DOSE", then="ADMIT"), visit("ADMIT", then="NEXT"), visit("NEXT")]
    again = fixed("ADMIT", "P22D", valueLabel="Day 22")
    asked = questions(draft_of(usdm(main(*nodes, fixed(), again, after("NEXT", "P1D", "ADMIT")))))

    assert "lie apart (its own timing has 'P22D', 'Day 22')" in asked["second_anchor_admit"]


@pytest.mark.parametrize("bound", ["P1M3D", "-P2D", "P2", "2 days"])
def test_a_visit_whose_window_cannot_be_followed_is_left_out(bound):
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", lower=bound, upper="P2D"))))

    assert list(targets(draft)) == ["screen", "dose"]
    assert "WK2" in questions(draft)["left_out"]


def test_a_window_that_is_no_text_is_asked_about():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", lower={"value": 3, "unit": "days"}, upper="P3D"))))

    assert "WK2 (windowLower)" in questions(draft)["window_unread_wk2"]


def test_a_visit_without_a_window_is_asked_about_and_one_whose_window_is_its_day_is_not():
    assert "SCREEN, WK2" in questions(draft_of(usdm(usual())))["no_window_screen"]
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2W", lower="P0D", upper="P0D"))))
    assert "WK2" not in questions(draft)["no_window_screen"]


def test_more_visits_that_move_with_each_other_than_a_study_file_follows_are_left_out():
    names = [f"V{number}" for number in range(45)]
    nodes = [visit(name, then=then) for name, then in zip(["DOSE", *names], [*names, ""], strict=True)]
    chain = [after(name, "P1W", to, lower="P1D") for name, to in zip(names, ["DOSE", *names], strict=False)]
    draft = draft_of(usdm(timeline("Main", nodes, [fixed(), *chain])))

    assert "too_far" in found(draft, Weight.REFUSED)
    assert kept(draft).study.visits.keys() >= {"v0", "v39"}
    assert "V40 (it moves with 40 visits" in questions(draft)["left_out"]


def test_everything_that_is_asked_has_its_question_in_the_draft():
    draft = draft_of(usdm(usual(wk2=after("WK2", "P2D", lower="P5D", upper="P5D", window="2..5 days"))))
    asked = {finding.question for finding in draft.findings if finding.weight is Weight.ASKED}

    assert asked <= set(questions(draft))
    assert len(asked) == len(questions(draft))


@pytest.mark.parametrize(
    "content",
    [
        b'{"study": {"versions": [' + b"{}," * 1_000_000 + b"{}]}}",
        b'{"study": {"versions": [{"studyDesigns": [{"scheduleTimelines": [{"instances": ['
        + b'{"id":"a"},' * 300_000
        + b"{}]}]}]}]}}",
        b'{"scheduleTimelines": [' + b'{"id":"a"},' * 19_000 + b"{}]}",
        b'{"scheduleTimelines": [{"timings": [' + b'{"id":"a"},' * 19_000 + b"{}]}]}",
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b"{" + b'"a":1,"a":2,' * 150_000 + b'"a":3}',
        b'{"study": [' + b'{"versions":[]},' * 150_000 + b"{}]}",
        b'{"x":"' + b"<a" * 3_000_000 + b'"}',
    ],
    ids=["versions", "instances", "timelines", "timings", "depth", "objects", "keys", "studies", "text"],
)
def test_a_hostile_file_is_refused_in_under_a_second(content):
    began = time.process_time()
    refused(content)

    assert time.process_time() - began < 1
