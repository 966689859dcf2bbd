"""Holds what trial/ works out against what the oracle finds, plan by plan, and makes a plan on which they differ small."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from office.study_writing import study_text
from tests.oracle.by_day import Line, Patient, lines_of, rounds_of
from tests.oracle.plans import Plan, drawn
from trial.calendars import WorkingCalendar
from trial.preview import preview
from trial.problems import ProblemError
from trial.study import Study
from trial.timeline import Certainty, Course, EventDate
from trial.visitplan.definition import study_from

VISIT_KEYS = {"repeat_if", "window_from", "basis", "stop", "only_if", "not_before", "not_after", "records"}


@dataclass
class Compared:
    """What was met on the way, so that nobody compares nothing; `differing` is for people, as small as it gets."""

    plans: int = 0
    met: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)


def compared(seeds: Iterable[int], *, until_differing: int = 3) -> Compared:
    """All plans of these seeds; gives up after so many differences."""
    found = Compared()
    for seed in seeds:
        plan = drawn(seed)
        found.plans += 1
        want, got = lines_of(plan.document, plan.patient), given(plan)
        found.met.update(_met(plan, want))
        if want != got:
            found.differing.append(told(seed, smallest(plan)))
            if len(found.differing) == until_differing:
                break
    return found


def given(plan: Plan) -> list[Line]:
    """What trial/ gives; in its own order, but what has one target is in the order of the ids."""
    rows = preview(study_of(plan), course_of(plan.patient), WorkingCalendar(plan.patient.country))
    lines = [Line(row.occurrence, str(row.status), row.target, row.earliest, row.latest, row.tasks) for row in rows]
    assert [line.target for line in lines] == sorted(line.target for line in lines)
    return sorted(lines, key=lambda line: (line.target, line.occurrence))


def study_of(plan: Plan) -> Study:
    return study_from(plan.document, {})


def course_of(patient: Patient) -> Course:
    events = {name: EventDate(day, Certainty(certainty)) for name, (day, certainty) in patient.events.items()}
    return Course(events, patient.facts, patient.held)


def smallest(plan: Plan) -> Plan:
    """The plan with everything taken away without which the two still differ."""
    while True:
        smaller = next((other for other in _with_less(plan) if _differs(other)), None)
        if smaller is None:
            return plan
        plan = smaller


def _with_less(plan: Plan) -> Iterator[Plan]:
    visits = plan.document["visits"]
    for place, visit in enumerate(visits):
        others = [*visits[:place], *visits[place + 1 :]]
        yield replace(plan, document=plan.document | {"visits": others})
        for key in visit.keys() - {"id", "label", "when"}:
            less = {kept: value for kept, value in visit.items() if kept != key}
            yield replace(plan, document=plan.document | {"visits": [*visits[:place], less, *visits[place + 1 :]]})
    if "campaigns" in plan.document:
        yield replace(plan, document={key: part for key, part in plan.document.items() if key != "campaigns"})
        (campaign,) = plan.document["campaigns"]
        fewer = [
            [*campaign["rounds"][:place], *campaign["rounds"][place + 1 :]] for place in range(len(campaign["rounds"]))
        ]
        less = [campaign | {"rounds": rounds} for rounds in fewer if rounds]
        less += [{key: part for key, part in campaign.items() if key != "only_if"}] if "only_if" in campaign else []
        yield from (replace(plan, document=plan.document | {"campaigns": [one]}) for one in less)
    for part in ("events", "facts"):
        for name in plan.document[part]:
            less = {kept: value for kept, value in plan.document[part].items() if kept != name}
            yield replace(plan, document=plan.document | {part: less})
    for field_name in ("events", "facts", "held"):
        known = getattr(plan.patient, field_name)
        for name in known:
            less = {kept: value for kept, value in known.items() if kept != name}
            yield replace(plan, patient=replace(plan.patient, **{field_name: less}))


def _differs(plan: Plan) -> bool:
    try:
        got = given(plan)
    except ProblemError:
        return False  # too much was taken away: no study any more
    return lines_of(plan.document, plan.patient) != got


def told(seed: int, plan: Plan) -> str:
    """The whole case: study file, patient, and both answers."""
    want, got = lines_of(plan.document, plan.patient), given(plan)
    patient = plan.patient
    options = [f"--event {name}={day} ({certainty})" for name, (day, certainty) in patient.events.items()]
    options += [f"--fact {name}={value}" for name, value in patient.facts.items()]
    options += [f"--done {occurrence}={day}" for occurrence, day in patient.held.items()]
    lines = [f"plan {seed}, country {patient.country}", study_text(plan.document), *options]
    lines += [f"only the oracle:  {_told(line)}" for line in want if line not in got]
    lines += [f"only the program: {_told(line)}" for line in got if line not in want]
    return "\n".join(lines)


def _told(line: Line) -> str:
    due = "; ".join(f"{name} due {day}" for name, day in line.tasks)
    return f"{line.occurrence} {line.status} {line.target} [{line.earliest} .. {line.latest}] {due}"


def _met(plan: Plan, lines: list[Line]) -> Iterator[str]:
    """What this plan has tried."""
    country = plan.patient.country
    for line in lines:
        yield line.status
        if line.earliest is None:
            yield "limits that leave no day"
        if line.occurrence in plan.patient.held:
            yield "held"
        if (line.target.month, line.target.day) == (2, 29):
            yield "a leap day"
        if line.tasks and country:
            yield f"due in {country}"
    for visit in plan.document["visits"]:
        yield from visit.keys() & VISIT_KEYS
        yield visit["when"].partition("(")[0] if "(" in visit["when"] else "one event"
    yield from _met_of_visits(plan, lines)
    yield from _met_of_campaigns(plan, lines)
    yield from ("ended" for name, known in plan.patient.events.items() if "ends" in plan.document["events"][name])
    yield from (certainty for _, certainty in plan.patient.events.values())


def _met_of_visits(plan: Plan, lines: list[Line]) -> Iterator[str]:
    """Of what counts from a visit: where the other one stands."""
    there = {line.occurrence for line in lines}
    visits = {visit["id"]: visit for visit in plan.document["visits"]}
    for visit in visits.values():
        if not visit["when"].startswith("visit("):
            continue
        other = visits[visit["when"].removeprefix("visit(").partition(")")[0]]
        repeated = ", repeated" if "repeat" in visit else ""
        if other["when"] == "on_request":
            yield "from a visit on request that was" + (" held" if other["id"] in plan.patient.held else " not held")
        elif other["id"] in plan.patient.held:
            yield "from a visit that was held" + repeated
        elif "records" in other and other["records"] in plan.patient.events:
            yield "from a visit whose event is known"
        elif other["id"] not in there:
            yield "from a visit that is not wanted"
        else:
            yield "from a visit's target" + repeated
        if other["when"].startswith("visit("):
            yield "from a visit from a visit"


def _met_of_campaigns(plan: Plan, lines: list[Line]) -> Iterator[str]:
    """Of each round: whether it is there, and on which edge."""
    entry = plan.patient.events["entry"][0]
    left = {day for name, (day, _) in plan.patient.events.items() if "ends" in plan.document["events"][name]}
    there = {line.occurrence: line for line in lines}
    for campaign in plan.document.get("campaigns", []):
        if len(campaign["rounds"]) > 1:
            yield "several rounds"
        for name, opens, due, closes in rounds_of(campaign):
            yield f"a round: {there[name].status if name in there else 'not there'}"
            yield from ("registered on the last day of a round" for _ in [0] if entry == closes)
            yield from ("registered the day after a round" for _ in [0] if entry == closes + timedelta(days=1))
            yield from ("registered in a round, past its due day" for _ in [0] if due < entry <= closes)
            yield from ("gone on the first day of a round" for _ in [0] if opens in left)
            yield from ("gone during a round" for day in left if opens < day <= closes)
