"""However a USDM file is broken, it is refused in sentences or becomes a draft that reads and previews. Nothing else happens."""

import copy
import json
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.readers.usdm_files import (
    ANCHOR_DAY,
    after,
    before,
    code,
    dates,
    decision,
    fixed,
    kept,
    main,
    timeline,
    usdm,
    visit,
)
from trial.problems import ProblemError
from trial.readers.draft import Draft, Weight
from trial.readers.usdm.read import read_usdm

WHOLE = usdm(
    main(
        visit("SCREEN", then="DOSE", label="Screening", encounterId="E1"),
        visit("DOSE", then="WK2", label="Day 1", encounterId="E2", timelineId="L_Profile"),
        visit("WK2", then="FORK", label="Week 2", encounterId="E3"),
        decision("FORK", then="MONTH", DOSE="once more", FU="no response"),
        visit("MONTH", then="FU", encounterId="E3"),
        visit("FU", activityIds=["ACT", "SCAN"]),
        before("SCREEN", "P28D", lower="P0D", upper="P14D", window="0..14 days"),
        fixed(),
        after("WK2", "P2W", lower="P3D", upper="P3D", window="-3..3 days"),
        after("MONTH", "P1M", "WK2", window="± 1 week"),
        after("FU", "P30D", "MONTH", lower="P2D", upper="P5D"),
    ),
    timeline("Stopping", [visit("ET", then="ET_FU"), visit("ET_FU")], [fixed("ET"), after("ET_FU", "P30D", "ET")]),
    timeline("Profile", [visit("LIE", then="STAND"), visit("STAND")], [fixed("LIE"), after("STAND", "PT5M", "LIE")]),
    encounters=[
        {"id": name, "name": name, "label": name, "contactModes": [code("C1", "Telephone Call")]}
        for name in ("E1", "E2", "E3")
    ],
    activities=[
        {"id": "ACT", "name": "Blood", "timelineId": None, "definedProcedures": []},
        {"id": "SCAN", "name": "MRI", "timelineId": "L_Profile"},
    ],
    arms=[{"id": "A", "name": "First"}, {"id": "B", "name": "Second"}],
    epochs=[{"id": "P", "name": "Treatment"}],
    version={
        "conditions": [{"id": "C", "text": "If fasting", "appliesToIds": ["ACT"], "contextIds": []}],
        "amendments": [{}],
    },
)

IDS = ("N_DOSE", "N_WK2", "N_MONTH", "N_FU", "N_ET", "N_FORK", "N_SCREEN", "L_Main", "L_Stopping", "EXIT", "E1", "SCAN")
DURATIONS = (
    "P1D",
    "P0D",
    "P1M",
    "P600M",
    "P18250D",
    "P99999Y",
    "-P1D",
    "P1M1D",
    "PT36H",
    "P9W",
    "soon",
    "P" + "9" * 400,
)
WINDOWS = (
    "2..5 days",
    "-9..-5 weeks",
    "±",
    "5..2 days",
    "-1 month .. 2 days",
    "0..9999 months",
    "note",
    "value",
    "{number}",
)
ODD = (
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    "null",
    "~",
    "\u0000\ud800\u2028",
    "x" * 5_000,
    [],
    {},
    [[]],
    {"value": "x"},
)
VALUES = st.sampled_from([*IDS, *DURATIONS, *WINDOWS, *ODD])


def places(node: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The path of everything in a file."""
    if path:
        yield path
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from places(inner, (*path, key))
    if isinstance(node, list):
        for position, inner in enumerate(node):
            yield from places(inner, (*path, position))


# What a schedule is made of, several times over, so that breaking it is tried more often than breaking a title.
EVERYWHERE = list(places(WHOLE))
SCHEDULE = [path for path in EVERYWHERE if "scheduleTimelines" in path]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(SCHEDULE) | st.sampled_from(EVERYWHERE),
        st.sampled_from(["put", "put", "drop", "twice", "swap"]),
        VALUES,
        st.sampled_from(SCHEDULE),
    ),
    min_size=1,
    max_size=6,
)


def at(tree: object, path: tuple[object, ...]) -> object:
    for step in path:
        if (isinstance(tree, dict) and step in tree) or (
            isinstance(tree, list) and isinstance(step, int) and step < len(tree)
        ):
            tree = tree[step]
        else:
            return None
    return tree


def has(holder: object, last: object) -> bool:
    if isinstance(holder, dict):
        return last in holder
    return isinstance(holder, list) and isinstance(last, int) and last < len(holder)


def broken(changes) -> bytes:
    """The whole file with these changes, each where it still can be made."""
    tree = copy.deepcopy(WHOLE)
    for path, change, value, other in changes:
        *before_last, last = path
        holder = at(tree, tuple(before_last))
        if not has(holder, last):
            continue
        match change:
            case "put":
                holder[last] = copy.deepcopy(value)
            case "drop":
                holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
            case "twice":
                holder[last] = [copy.deepcopy(at(tree, path)), copy.deepcopy(at(tree, path))]
            case "swap":
                holder[last] = copy.deepcopy(at(tree, other))
    return json.dumps(tree).encode()


def reads_and_previews_or_is_refused(content: bytes) -> bool:
    """Whether a draft came of it; anything but a draft that holds or a refusal in sentences raises."""
    try:
        draft = read_usdm(content, "protocol.json")
    except ProblemError as refused:
        reasons = refused.problems
    else:
        return reads_and_previews(draft)
    assert reasons
    assert all(problem.what and problem.instead for problem in reasons)
    return False


def reads_and_previews(draft: Draft) -> bool:
    study = kept(draft).study
    dates(study, **dict.fromkeys(study.events, ANCHOR_DAY))
    dates(study)
    assert all(str(finding).isprintable() for finding in draft.findings)
    asked = {finding.question for finding in draft.findings if finding.weight is Weight.ASKED}
    assert asked <= {question.id for question in study.questions}
    return True


def test_the_whole_file_itself_is_a_draft():
    assert reads_and_previews_or_is_refused(json.dumps(WHOLE).encode())


@settings(max_examples=150)
@given(changes=CHANGES)
@example(changes=[])
@example(
    changes=[
        (
            (
                "study",
                "versions",
                0,
                "studyDesigns",
                0,
                "scheduleTimelines",
                0,
                "timings",
                2,
                "relativeToScheduledInstanceId",
            ),
            "put",
            "x" * 5_000,
            (),
        )
    ]
)  # quoted in a question
def test_a_broken_file_is_refused_or_asked_about_and_never_breaks_the_program(changes):
    reads_and_previews_or_is_refused(broken(changes))


@pytest.mark.parametrize("value", ["P600M", "P18250D"])
def test_a_chain_of_long_steps_is_cut_where_no_study_goes(value):
    names = [f"V{number}" for number in range(12)]
    nodes = [visit(name, then=then) for name, then in zip(["DOSE", *names], [*names, ""], strict=True)]
    chain = [after(name, value, to, lower="P1D") for name, to in zip(names, ["DOSE", *names], strict=False)]

    assert reads_and_previews_or_is_refused(json.dumps(usdm(timeline("Main", nodes, [fixed(), *chain]))).encode())


def test_deeply_nested_parts_are_no_danger():
    deep: object = "end"
    for _ in range(200):
        deep = {"notes": [deep]}
    file = copy.deepcopy(WHOLE)
    file["study"]["versions"][0]["studyDesigns"][0]["extensionAttributes"] = deep

    assert reads_and_previews_or_is_refused(json.dumps(file).encode())
