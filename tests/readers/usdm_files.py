"""Small USDM files of our own making: a vocabulary for nodes, timings and timelines."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import pytest

from office.study_imports import Written, written
from trial.calendars import WorkingCalendar
from trial.preview import preview
from trial.problems import ProblemError
from trial.readers.draft import Draft, Weight
from trial.readers.usdm.read import read_usdm
from trial.study import Study
from trial.timeline import Certainty, Course, EventDate

ANCHOR_DAY = date(2026, 1, 31)
NOTHING_HELD: Mapping[str, date] = MappingProxyType({})

TYPES = {"after": ("C201356", "After"), "before": ("C201357", "Before"), "fixed": ("C201358", "Fixed Reference")}


def code(number: str, word: str) -> dict[str, object]:
    return {"id": f"Code_{number}", "code": number, "decode": word, "instanceType": "Code"}


def visit(name: str, *, then: str = "", **more: object) -> dict[str, object]:
    """A node. Without `then` the way ends there."""
    return {
        "id": f"N_{name}",
        "name": name,
        "label": "",
        "instanceType": "ScheduledActivityInstance",
        "defaultConditionId": f"N_{then}" if then else None,
        "timelineExitId": None if then else "EXIT",
        "activityIds": ["ACT"],
    } | more


def decision(name: str, *, then: str, **branches: str) -> dict[str, object]:
    """A fork: `DOSE="if it is repeated"` goes to DOSE under that condition."""
    return {
        "id": f"N_{name}",
        "name": name,
        "instanceType": "ScheduledDecisionInstance",
        "defaultConditionId": f"N_{then}",
        "conditionAssignments": [
            {"id": f"C_{target}", "condition": condition, "conditionTargetId": f"N_{target}"}
            for target, condition in branches.items()
        ],
    }


def timing(node: str, kind: str, value: str, to: str, **more: object) -> dict[str, object]:
    """`value` after or before node `to`; `lower`, `upper` and `window` are the window and its label."""
    return {
        "id": f"T_{node}",
        "name": f"T_{node}",
        "type": code(*TYPES[kind]) if kind in TYPES else kind,
        "value": value,
        "relativeToFrom": code("C201355", "Start to Start"),
        "relativeFromScheduledInstanceId": f"N_{node}",
        "relativeToScheduledInstanceId": f"N_{to}" if to else "",
        "windowLower": more.pop("lower", None),
        "windowUpper": more.pop("upper", None),
        "windowLabel": more.pop("window", ""),
    } | more


def after(node: str, value: str, to: str = "DOSE", **more: object) -> dict[str, object]:
    return timing(node, "after", value, to, **more)


def before(node: str, value: str, to: str = "DOSE", **more: object) -> dict[str, object]:
    return timing(node, "before", value, to, **more)


def fixed(node: str = "DOSE", value: str = "P1D", **more: object) -> dict[str, object]:
    return timing(node, "fixed", value, node, **more)


def timeline(
    name: str, nodes: Sequence[Mapping[str, object]], timings: Sequence[Mapping[str, object]], **more: object
) -> dict[str, object]:
    return {
        "id": f"L_{name}",
        "name": name,
        "label": name,
        "mainTimeline": name == "Main",
        "entryId": nodes[0]["id"],
        "entryCondition": "",
        "instances": list(nodes),
        "timings": list(timings),
        "exits": [{"id": "EXIT"}],
    } | more


def main(*parts: Mapping[str, object], **more: object) -> dict[str, object]:
    """A main timeline of nodes and timings, told apart by what they have."""
    return timeline(
        "Main", [one for one in parts if "value" not in one], [one for one in parts if "value" in one], **more
    )


def usdm(*timelines: Mapping[str, object], wrapped: bool = True, **design: object) -> dict[str, object]:
    """A whole file around timelines; `design` holds further parts of the study design, `version` of the version."""
    version = design.pop("version", {})
    assert isinstance(version, dict)
    study = {
        "id": "S",
        "name": "TRIAL 7",
        "versions": [
            {
                "id": "V",
                "versionIdentifier": "3",
                "titles": [{"text": "A small study", "type": code("C1", "Brief Study Title")}],
                "studyIdentifiers": [{"text": "ABC-1", "scopeId": "O"}],
                "organizations": [{"id": "O", "name": "Sponsor", "type": code("C2", "Clinical Study Sponsor")}],
                "studyDesigns": [
                    {
                        "id": "D",
                        "name": "Design",
                        "activities": [{"id": "ACT", "name": "Blood", "label": "Blood sample"}],
                        "encounters": [],
                        "scheduleTimelines": list(timelines),
                    }
                    | design
                ],
            }
            | version
        ],
    }
    return {"study": study, "usdmVersion": "4.0.0"} if wrapped else study


def usual(*more: Mapping[str, object], wk2: Mapping[str, object] | None = None) -> dict[str, object]:
    """Screening two weeks before the dose, and a visit two weeks after it."""
    return main(
        visit("SCREEN", then="DOSE"),
        visit("DOSE", then="WK2"),
        visit("WK2"),
        before("SCREEN", "P2W"),
        fixed(),
        wk2 or after("WK2", "P2W"),
        *more,
    )


def draft_of(file: object, **choice: str) -> Draft:
    return read_usdm(json.dumps(file).encode(), "protocol.json", **choice)


def refusal(file: object, **choice: str) -> str:
    """What is told where a file is refused as a whole."""
    with pytest.raises(ProblemError) as raised:
        draft_of(file, **choice)
    return str(raised.value)


def kept(draft: Draft) -> Written:
    """The draft written down and read back, as `sitebell study import` does."""
    return written(draft, "plan.yaml")


def dates(
    study: Study, *, on: date = ANCHOR_DAY, held: Mapping[str, date] = NOTHING_HELD, **events: date
) -> dict[str, tuple[str, str, str]]:
    """Target and window of each visit, with the anchor on `on`."""
    days = {study.registration: on} | events
    course = Course({name: EventDate(day, Certainty.HAPPENED) for name, day in days.items()}, held=held)
    return {
        row.occurrence: (str(row.target), str(row.earliest), str(row.latest))
        for row in preview(study, course, WorkingCalendar())
    }


def targets(draft: Draft, **events: date) -> dict[str, str]:
    return {occurrence: target for occurrence, (target, _, _) in dates(kept(draft).study, **events).items()}


def windows(draft: Draft) -> dict[str, tuple[str, str]]:
    return {occurrence: (first, last) for occurrence, (_, first, last) in dates(kept(draft).study).items()}


def found(draft: Draft, weight: Weight | None = None) -> list[str]:
    """The codes of what was found."""
    return [finding.code for finding in draft.findings if weight in {None, finding.weight}]


def questions(draft: Draft) -> dict[str, str]:
    return {question.id: question.asked for question in kept(draft).study.questions}
