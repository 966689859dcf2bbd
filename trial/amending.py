"""Which version of a protocol says what a patient's plan is: amendments, from their day on. Pure.

A site uses a version from its own day; an amendment says whom it moves (USDM StudyVersion, ICH E6(R3) 2.2 on versions).
A patient is planned by a chain of versions: each takes over what is due from its day on, what was due or held before
stays with the version before it. So planning by a chain is a function like planning by one version, and what an amendment
would move is seen by planning twice.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Generic, TypeVar

from trial.calendars import WorkingCalendar
from trial.occurrences import definition_of
from trial.plan import PlannedVisit, planned_tasks
from trial.study import Amendment, AppliesTo, Basis, EndsKind, Study, VisitDefinition
from trial.timeline import Course, ended_on, offsets

Key = TypeVar("Key")

_ALL = frozenset({EndsKind.ALL})
_SAMPLE_DAY = date(2025, 1, 1)
"""Occurrence ids hang on rhythms alone; from this day every month has its usual length, and no leap day is near."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A version that a patient is planned by: for what is due from `since` on; None: from the beginning."""

    study: Study
    since: date | None


@dataclass(frozen=True, slots=True)
class Active(Generic[Key]):
    """A version at a site, from its day on. `key` is whatever the caller knows it by."""

    key: Key
    study: Study
    active_from: date

    @property
    def applies_to(self) -> AppliesTo:
        own = self.study.amendment
        return AppliesTo.VISITS_DUE_AFTER_ACTIVATION if own is None else own.applies_to


@dataclass(frozen=True, slots=True)
class Moved(Generic[Key]):
    """A version of a patient's chain, by its key."""

    key: Key
    since: date | None


def chain_of(
    versions: Sequence[Active[Key]], *, registered: date, consented: Mapping[Key, date], today: date
) -> tuple[Moved[Key], ...]:
    """The versions that a patient is planned by, the oldest first; empty where none is active at the site yet.

    `versions` are the site's, in the order of the protocol. `consented`: by key, the day on which the patient consented to
    it; asked for where the version applies after re-consent only.
    """
    chain: list[Moved[Key]] = []
    # Of several that are used from one day on (what was in use when releases came) the last is the one in use.
    by_day = {version.active_from: version for version in versions}
    for _, version in sorted(by_day.items()):
        if version.active_from > today:
            break
        # Who is registered under a version has consented to it, and has nothing to take over.
        if not chain or registered >= version.active_from:
            chain.append(Moved(version.key, None))
            continue
        match version.applies_to:
            case AppliesTo.NEW_PATIENTS:
                pass
            case AppliesTo.AFTER_RECONSENT:
                since = consented.get(version.key)
                if since is not None and since <= today:
                    chain.append(Moved(version.key, max(since, version.active_from)))
            case AppliesTo.VISITS_DUE_AFTER_ACTIVATION:
                chain.append(Moved(version.key, version.active_from))
    return still_planning(chain)


def still_planning(links: Iterable[Moved[Key]]) -> tuple[Moved[Key], ...]:
    """Of versions in the order of the protocol those that plan anything: what a later one takes over on the day of an
    earlier one, or before it, is the later one's.
    """
    chain: list[Moved[Key]] = []
    for link in links:
        while chain and (link.since is None or (chain[-1].since is not None and chain[-1].since >= link.since)):
            chain.pop()
        chain.append(link)
    return tuple(chain)


def planned_by(chain: Sequence[InForce], course: Course, calendar: WorkingCalendar) -> tuple[PlannedVisit, ...]:
    """What a chain of versions plans, earliest target first; each visit says by which version.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
        ValueError: the chain is empty.
    """
    if not chain:
        raise ValueError("a patient is planned by one version at least")
    newest = chain[-1].study
    if len(chain) == 1:
        return planned_tasks(newest, course, calendar)
    if ended_on(newest, course, _ALL) is not None:
        return ()
    by_any_name = _held_by_all_names(course, chain)
    plan = _planned(chain[0].study, newest, by_any_name, calendar)
    for before, link in pairwise(chain):
        if link.since is None:
            plan = _planned(link.study, newest, by_any_name, calendar)
            continue
        renamed = Renamed(before.study, link.study)
        # A date that was corrected may have it due before the day after it was held by its new name.
        taken = {key for key in plan if key not in course.held and renamed.now(key) in course.held}
        kept = {
            key: visit
            for key, visit in plan.items()
            if key not in taken and renamed.knows(visit.occurrence.asks) and _stays(visit, link.since, by_any_name)
        }
        going_on = replace(by_any_name, held={**_counted_from(kept, before.study, renamed), **by_any_name.held})
        planned = _planned(link.study, newest, going_on, calendar)
        plan = _taken_over(plan, kept, planned, link.since, renamed, by_any_name)
    return tuple(sorted(plan.values(), key=lambda visit: visit.occurrence.target))


def _planned(study: Study, newest: Study, course: Course, calendar: WorkingCalendar) -> Mapping[str, PlannedVisit]:
    planned = planned_tasks(_ending_as(study, newest), course, calendar)
    return {visit.occurrence.id: replace(visit, version=study.version) for visit in planned}


def _counted_from(kept: Mapping[str, PlannedVisit], before: Study, renamed: "Renamed") -> Mapping[str, date]:
    """The days of visits that stay and that the next one counts from (`basis: previous`), by the names that they have now."""
    found = {}
    for key, visit in kept.items():
        definition, now = definition_of(before, key), renamed.now(key)
        if definition is not None and definition.basis is Basis.PREVIOUS and now is not None:
            found[now] = visit.occurrence.target
    return found


def _taken_over(
    before: Mapping[str, PlannedVisit],
    kept: Mapping[str, PlannedVisit],
    planned: Mapping[str, PlannedVisit],
    since: date,
    renamed: "Renamed",
    course: Course,
) -> Mapping[str, PlannedVisit]:
    """What stays of the plan before, and what the new version plans from its day on."""
    taken = {*kept, *(renamed.now(key) for key in kept)}
    known = {renamed.now(key) for key in before}
    new = {
        key: visit
        for key, visit in planned.items()
        if key not in taken and (":" in key or key in known or key in course.held or visit.occurrence.target >= since)
    }
    found = {**kept, **new}
    # Done is done: where the new version gave up what was held meanwhile, that stays with the version before.
    given_up = {key: visit for key, visit in before.items() if key in course.held and renamed.now(key) not in found}
    return found | given_up


def _stays(visit: PlannedVisit, since: date, course: Course) -> bool:
    """Whether a visit belongs to the version before: it was due, or was held, before the day. A question (`:`) never does."""
    occurrence = visit.occurrence
    if ":" in occurrence.id:
        return False
    held = course.held.get(occurrence.id)
    if held is None and occurrence.records is not None:
        held = course.happened(occurrence.records)
    return occurrence.target < since or (held is not None and held < since)


def _ending_as(study: Study, newest: Study) -> Study:
    """An older version that knows the events of the newest, so that what ends a course ends all of it."""
    if study is newest:
        return study
    return replace(study, events=MappingProxyType({**newest.events, **study.events}))


def names_of(chain: Sequence[InForce], occurrence: str) -> tuple[str, ...]:
    """What an occurrence is called by the other versions of a chain, the one that it is known by now not among them."""
    steps = [Renamed(before.study, after.study) for before, after in pairwise(chain)]
    found = []
    name: str | None = occurrence
    for step in steps:
        name = None if name is None else step.now(name)
        found.append(name)
    name = occurrence
    for step in reversed(steps):
        name = step.was(name)
        found.append(name)
    return tuple(dict.fromkeys(one for one in found if one is not None and one != occurrence))


def _held_by_all_names(course: Course, chain: Sequence[InForce]) -> Course:
    """The course with what was held under the names of every version: each counts from it by its own."""
    held = {name: day for key, day in course.held.items() for name in names_of(chain, key)}
    return replace(course, held={**held, **course.held}) if held.keys() - course.held.keys() else course


class Renamed:
    """How one version calls what the version before it called otherwise. A site may have left versions between them out:
    their lines in the table count, too.
    """

    def __init__(self, before: Study, after: Study) -> None:
        self._before = before
        self._after = after
        self._steps = [one.renames for one in _lines_between(before, after)]

    def now(self, occurrence: str) -> str | None:
        """What an occurrence of the version before is called now; None: it was given up."""
        found, visit = occurrence, _visit_id(self._before, occurrence)
        for names in self._steps:
            key = found if found in names else visit
            if key is None or key not in names:
                continue
            called = names[key]
            if called is None:
                return None
            found = called + found.removeprefix(key)
            visit = _visit_id(self._after, found) or called
        return found

    def was(self, occurrence: str) -> str:
        """What an occurrence of this version was called before."""
        found, visit = occurrence, _visit_id(self._after, occurrence)
        for names in reversed(self._steps):
            before = {now: was for was, now in names.items() if now is not None}
            key = found if found in before else visit
            if key is not None and key in before:
                found = before[key] + found.removeprefix(key)
                visit = _visit_id(self._before, found) or _visit_id(self._after, found) or before[key]
        return found

    def knows(self, facts: Iterable[str]) -> bool:
        """Whether this version still has all of these facts."""
        return all(name in self._after.facts for name in facts)


def _visit_id(study: Study, occurrence: str) -> str | None:
    visit = definition_of(study, occurrence)
    return None if visit is None else visit.id


def _lines_between(before: Study, after: Study) -> Sequence[Amendment]:
    """The lines of the table behind that of the version before, down to the version's own."""
    versions = [one.version for one in after.amendments]
    if after.version not in versions:
        return ()
    last = versions.index(after.version)
    first = versions.index(before.version) + 1 if before.version in versions[:last] else last
    return after.amendments[first : last + 1]


def with_earlier(study: Study, earlier: Sequence[Study]) -> Study:
    """The version with those before it (the newest first), whose visits and ladders still stand in the records."""
    if not earlier:
        return study
    ladders = dict(study.ladders)
    for one in earlier:
        ladders = {**one.ladders, **ladders}
    return replace(study, earlier=tuple(earlier), ladders=MappingProxyType(ladders))


# --- what disappears --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lost:
    """A visit, or one occurrence of it, that the new version has no more and does not say what became of it."""

    name: str
    of_visit: str


def lost(before: Study, after: Study) -> tuple[Lost, ...]:
    """What the new version drops without saying so: a visit of which nothing is left by its id, else each occurrence."""
    renamed = Renamed(before, after)
    there = {name for visit in after.visits.values() for name in occurrence_ids(visit)}
    found: list[Lost] = []
    for visit in before.visits.values():
        names = occurrence_ids(visit)
        gone = [name for name in names if (now := renamed.now(name)) is not None and now not in there]
        if len(gone) == len(names):
            found.append(Lost(visit.id, visit.id))
        else:
            found += [Lost(name, visit.id) for name in gone]
    return tuple(found)


def empty_renames(before: Study, after: Study) -> tuple[str, ...]:
    """Names in the table of renames that stand for nothing: unknown in the version before, or in this one.

    Where a site leaves versions out, what they had is not known here: then the names of this one alone.
    """
    amendment = after.amendment
    if amendment is None:
        return ()
    renamed_at_once = len(_lines_between(before, after)) == 1
    old = names_in(before) if renamed_at_once else amendment.renames.keys()
    new = names_in(after)
    return tuple(
        dict.fromkeys(
            name
            for was, now in amendment.renames.items()
            for name, known in ((was, old), (now, new))
            if name is not None and name not in known
        )
    )


def names_in(study: Study) -> Collection[str]:
    """Every name that a visit of a version, or one of its occurrences, goes by."""
    return {name for visit in study.visits.values() for name in (visit.id, *occurrence_ids(visit))}


def occurrence_ids(visit: VisitDefinition) -> tuple[str, ...]:
    """Every id that occurrences of this visit can have, in any of its rhythms."""
    if visit.rounds:
        return tuple(f"{visit.id}_{one.name}" for one in visit.rounds)
    if not visit.repeats:
        return (visit.id,)
    return tuple(dict.fromkeys(_ids(visit)))


def _ids(visit: VisitDefinition) -> Iterator[str]:
    for repeat in (visit.repeat, *(repeat for _, repeat in visit.repeat_if)):
        for number, offset in enumerate(offsets(repeat, _SAMPLE_DAY, WorkingCalendar()), 1):
            yield f"{visit.id}_{number if visit.basis is Basis.PREVIOUS else offset}"
