"""Holds what trial/ plans by two versions of a file against what the oracle finds."""

from collections.abc import Iterable, Iterator

from office.study_writing import study_text
from tests.oracle.amended_plans import amended
from tests.oracle.by_day import Line
from tests.oracle.by_version import DROP, OLD, Amended, by_version
from tests.oracle.comparing import Compared, course_of
from trial.amending import InForce, planned_by, with_earlier
from trial.calendars import WorkingCalendar
from trial.plan import PlannedVisit
from trial.visitplan.definition import study_from

Planned = dict[str, tuple[str, Line]]


def compared_versions(seeds: Iterable[int], *, until_differing: int = 3) -> Compared:
    """All amendments of these seeds; gives up after so many differences."""
    found = Compared()
    for seed in seeds:
        case = amended(seed)
        found.plans += 1
        want, got = wanted(case), given(case)
        found.met.update(_met(case, want))
        if want != got:
            found.differing.append(told(seed, case))
            if len(found.differing) == until_differing:
                break
    return found


def chain_of(case: Amended) -> tuple[InForce, InForce]:
    old, new = study_from(case.old, {}), study_from(case.new, {})
    return InForce(old, None), InForce(with_earlier(new, [old]), case.since)


def planned(case: Amended, chain: tuple[InForce, ...]) -> tuple[PlannedVisit, ...]:
    return planned_by(chain, course_of(case.patient), WorkingCalendar(case.patient.country))


def given(case: Amended) -> Planned:
    """What trial/ gives, without the tasks: when these are due is compared for each version by itself."""
    visits = [(one.version, one.occurrence) for one in planned(case, chain_of(case)) if ":" not in one.occurrence.id]
    return {
        one.id: (version, Line(one.id, str(one.status), one.target, one.earliest, one.latest, ()))
        for version, one in visits
    }


def wanted(case: Amended) -> Planned:
    return {
        name: (version, Line(line.occurrence, line.status, line.target, line.earliest, line.latest, ()))
        for name, (version, line) in by_version(case).items()
    }


def told(seed: int, case: Amended) -> str:
    want, got = wanted(case), given(case)
    names = [name for name in {**want, **got} if want.get(name) != got.get(name)]
    files = [study_text(case.old), study_text(case.new)]
    lines = [f"{name}: oracle {want.get(name)}\n    program {got.get(name)}" for name in names]
    return "\n".join([f"amendment {seed}, from {case.since}", *files, str(case.patient), *lines])


def _met(case: Amended, found: Planned) -> Iterator[str]:
    held = case.patient.held
    for name, (version, line) in found.items():
        yield f"by version {version}"
        if name in held:
            yield f"held, by version {version}"
        if version == OLD and line.target >= case.since:
            yield "held before the day, due after" if held.get(name, case.since) < case.since else "given up, but held"
    yield from ("dropped" if name == DROP else "renamed" for name in case.renames.values())
    if "gone" in case.patient.events:
        yield "gone in a new way"
