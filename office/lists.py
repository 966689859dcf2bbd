"""What people ask for by command: what is open today, this week, of one patient; how the sites and the study stand.

Each is one message, the worst first, with what was left out as a number. Whoever has no right gets nothing at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from office.explaining import why
from office.rights import allowed_at, allowed_in_study
from office.site_standings import standings_of
from office.standings import DATES_THE_EVENT, claims_of, planned_by_office, standing_of
from office.teams import Team, team_of
from records import answers, claims, listings, office_items, patients, people, sites, studies
from records.answers import AnswerRow
from records.listings import ListedTask
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.digesting import item_of
from scheduler.holds import standing
from trial.access import Action
from trial.answers import AnswerKind
from trial.digest import WEEK, worst_first
from trial.holds import TaskPlace
from trial.ladder import TaskDates
from trial.messages import (
    ItemKind,
    ListKind,
    ListLine,
    NoSuchSite,
    OverdueList,
    SiteBrief,
    SiteStanding,
    Standing,
    StudyBrief,
    TaskList,
    WhichPatient,
)
from trial.moments import Instant, local_day
from trial.occurrences import label_of, task_label_of
from trial.tasks import TaskKind, TaskState

__all__ = ["MOST_LINES", "overdue", "patient", "site_brief", "study_brief", "tasks_of", "today", "week", "why"]

MOST_LINES: Final = 12
"""More are a number: what stands further down nobody reads on a phone."""

_NAMED_BY_THE_TASK: Final = frozenset({TaskKind.UPLOAD, TaskKind.SEND})
_LAST_OF_WEEK: Final = WEEK - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What somebody may see: sites of one study."""

    study_id: UUID
    study_code: str
    sites: tuple[SiteRow, ...]
    today: date  # at the first of them

    @property
    def site_number(self) -> str | None:
        return self.sites[0].number if len(self.sites) == 1 else None


# --- at a site --------------------------------------------------------------------------------------------------------


def today(tx: Tx, definitions: Definitions, person_id: UUID, *, now: Instant) -> TaskList | None:
    """What is open today at the sites of this person; None: they may see nothing."""
    return _open_list(tx, definitions, person_id, ListKind.TODAY, timedelta(0), now=now)


def week(tx: Tx, definitions: Definitions, person_id: UUID, *, now: Instant) -> TaskList | None:
    """What is open today or will be in the six days after it; None: they may see nothing."""
    return _open_list(tx, definitions, person_id, ListKind.WEEK, _LAST_OF_WEEK, now=now)


def tasks_of(tx: Tx, person_id: UUID, which: ListKind, *, now: Instant) -> tuple[ListedTask, ...]:
    """What `today` or `week` would list, the worst first: for a chat that takes no list."""
    scope = _scope(tx, person_id, now=now)
    ahead = _LAST_OF_WEEK if which is ListKind.WEEK else timedelta(0)
    return () if scope is None else tuple(_ordered(tx, scope, ahead, now=now))


def patient(
    tx: Tx, definitions: Definitions, person_id: UUID, code: str | None, *, now: Instant
) -> TaskList | WhichPatient | None:
    """Everything planned for one patient: what is open, what is answered, what waits for a date; the question which one, where this person may see none of
    this code; None: they may see nothing.
    """
    scope = _scope(tx, person_id, now=now)
    if scope is None:
        return None
    found = None if code is None else patients.patient_by_code(tx, scope.study_id, code.strip())
    site = None if found is None else next((one for one in scope.sites if one.id == found.site_id), None)
    if found is None or site is None:
        return WhichPatient(study=scope.study_code)
    tasks = [task for task in listings.tasks_of_patient(tx, found.id) if task.state is not TaskState.CANCELLED]
    day = local_day(now, zone_of(site.zone))
    still = _worst_first([task for task in tasks if _is_open(task) and task.due is not None], day)
    over = [task for task in tasks if not _is_open(task)]
    waiting = [task for task in tasks if _is_open(task) and task.due is None]
    ordered = (*still, *over, *waiting)
    return TaskList(
        which=ListKind.PATIENT,
        site_number=site.number,
        study=scope.study_code,
        today=day,
        lines=_lines(tx, definitions, (site,), [(task,) for task in ordered[:MOST_LINES]], now=now),
        more=max(0, len(ordered) - MOST_LINES),
        code=found.code,
    )


def _open_list(
    tx: Tx, definitions: Definitions, person_id: UUID, which: ListKind, ahead: timedelta, *, now: Instant
) -> TaskList | None:
    scope = _scope(tx, person_id, now=now)
    if scope is None:
        return None
    visits = _by_visit(_ordered(tx, scope, ahead, now=now))
    return TaskList(
        which=which,
        site_number=scope.site_number,
        study=scope.study_code,
        today=scope.today,
        lines=_lines(tx, definitions, scope.sites, visits[:MOST_LINES], now=now),
        more=max(0, len(visits) - MOST_LINES),
    )


def _ordered(tx: Tx, scope: _Scope, ahead: timedelta, *, now: Instant) -> list[ListedTask]:
    return _worst_first(_open_tasks(tx, scope.sites, ahead, now=now), scope.today, scope.sites)


def _scope(tx: Tx, person_id: UUID, *, now: Instant) -> _Scope | None:
    """The sites that somebody may see now, of the study that they joined last."""
    codes = {study.id: study.code for study in studies.studies(tx)}
    for held in reversed(people.memberships_of(tx, person_id)):
        seen = tuple(
            site
            for site in sites.sites(tx, held.study_id)
            if held.site_id in {None, site.id} and allowed_at(tx, person_id, Action.SEE, site, now=now)
        )
        if seen:
            first_day = local_day(now, zone_of(seen[0].zone))
            return _Scope(held.study_id, codes.get(held.study_id, ""), seen, first_day)
    return None


# --- tasks as lines ---------------------------------------------------------------------------------------------------


def _open_tasks(tx: Tx, where: Iterable[SiteRow], ahead: timedelta, *, now: Instant) -> list[ListedTask]:
    """Firm tasks of followed patients that have begun by then, and claimed uploads that somebody asks about."""
    found: list[ListedTask] = []
    for site in where:
        begun_by = local_day(now, zone_of(site.zone)) + ahead
        found += [
            task
            for task in listings.open_tasks_at(tx, (site.id,), begun_by=begun_by)
            if task.firm and task.patient_state == "followed"
        ]
    asked = claims.claims_asked_again(tx, [site.id for site in where])
    wanted = {claim.task_id for claim in asked}
    claimed = listings.tasks_of_visits(tx, {claim.visit_id for claim in asked})
    found += [task for task in claimed if task.id in wanted and task.state is TaskState.DONE]
    return found


def _is_open(task: ListedTask) -> bool:
    return task.state in {TaskState.OPEN, TaskState.PAUSED}


def _worst_first(tasks: Sequence[ListedTask], day: date, where: Iterable[SiteRow] = ()) -> list[ListedTask]:
    """What rings nobody, because it fell due before its site of these began, comes last: else a site that joined with
    patients under way would see nothing else.
    """
    by_id = {task.id: task for task in tasks}
    begins = {site.id: site.rings_from for site in where}
    ranked = [by_id[item.task_id] for item in worst_first((item_of(task) for task in tasks), day)]
    return sorted(ranked, key=lambda task: _from_before(task, begins.get(task.site_id)))


def _from_before(task: ListedTask, rings_from: date | None) -> bool:
    silent = task.state is TaskState.OPEN and task.next_step is None
    return silent and task.due is not None and rings_from is not None and task.due < rings_from


def _by_visit(ordered: Iterable[ListedTask]) -> list[tuple[ListedTask, ...]]:
    """What a digest goes through as one item stands in one line: the tasks of each visit, its worst first."""
    found: dict[UUID, list[ListedTask]] = {}
    for task in ordered:
        found.setdefault(task.visit_id, []).append(task)
    return [tuple(tasks) for tasks in found.values()]


def _lines(
    tx: Tx,
    definitions: Definitions,
    where: Sequence[SiteRow],
    together: Sequence[tuple[ListedTask, ...]],
    *,
    now: Instant,
) -> tuple[ListLine, ...]:
    """A line for the tasks that stand together, as the first of them stands; each patient's answers are read once."""
    wanted = {tasks[0].site_id for tasks in together}
    of = {tasks[0].patient_id for tasks in together}
    teams = {site.id: team_of(tx, site, now=now, patient_ids=of) for site in where if site.id in wanted}
    said = {
        patient_id: answers.standing_of_patient(tx, patient_id, kinds=(AnswerKind.BOOKED, AnswerKind.UPLOADED))
        for patient_id in of
    }
    stands = standing(tx, now=now)
    studies_of = {site.id: site.study_id for site in where}
    lines = []
    for tasks in together:
        task, team = tasks[0], teams[tasks[0].site_id]
        place = TaskPlace(studies_of[task.site_id], task.site_id, task.patient_id, task.kind)
        may_ring = task.state is TaskState.OPEN and task.due is not None
        on_hold = stands.until(place, team.today) if may_ring else None
        lines.append(_line(tx, definitions, team, tasks, said[task.patient_id], on_hold=on_hold))
    return tuple(lines)


def _line(
    tx: Tx,
    definitions: Definitions,
    team: Team,
    tasks: tuple[ListedTask, ...],
    said: Sequence[AnswerRow],
    *,
    on_hold: date | None,
) -> ListLine:
    """Names the task where it is the only one."""
    task = tasks[0]
    study = definitions.of_version(tx, task.study_version_id)
    about = [answer for answer in said if answer.task_id == task.id]
    claim = claims_of(tx, {task.id: (task.kind, task.state)}, about).get(task.id)
    planned = planned_by_office(tx, study, task.patient_id, task.occurrence) if task.kind in DATES_THE_EVENT else None
    label = task_label_of(study, task.occurrence, task.name)
    dates = TaskDates(task.opens, task.due, task.closes, task.firm)
    standing = standing_of(task.kind, task.state, dates, team.today, said=about, planned=planned, claim=claim)
    if _from_before(task, team.place.time.rings_from) and standing is Standing.LATE:
        standing = Standing.EARLIER
    return ListLine(
        code=task.code,
        visit=label_of(study, task.occurrence) or {"en": task.occurrence},
        task=label if len(tasks) == 1 and task.kind in _NAMED_BY_THE_TASK else None,
        standing=standing,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        responsible=team.responsible_name(task.patient_id, task.function),
        on_hold=on_hold,
    )


# --- for the trial office ---------------------------------------------------------------------------------------------


def overdue(tx: Tx, person_id: UUID, *, now: Instant) -> OverdueList | None:
    """Sites where something is late, the longest late first; None: this person is not of the trial office."""
    study_id = _managed(tx, person_id, now=now)
    if study_id is None:
        return None
    everywhere = sites.sites(tx, study_id)
    late = [one for one in standings_of(tx, study_id, everywhere, now=now).values() if one.late]
    ordered = sorted(late, key=lambda one: (-(one.oldest_days or 0), -one.late, one.number))
    return OverdueList(
        study=_code(tx, study_id),
        today=now.date(),
        sites=tuple(ordered[:MOST_LINES]),
        more=max(0, len(ordered) - MOST_LINES),
    )


def site_brief(
    tx: Tx, definitions: Definitions, person_id: UUID, number: str | None, *, now: Instant
) -> SiteBrief | NoSuchSite | None:
    """One site in a screen; without a number the one where most is amiss. None: this person is not of the trial office."""
    study_id = _managed(tx, person_id, now=now)
    if study_id is None:
        return None
    everywhere = sites.sites(tx, study_id)
    standings = standings_of(tx, study_id, everywhere, now=now)
    site = _chosen(everywhere, standings, number)
    if site is None:
        return NoSuchSite(_code(tx, study_id))
    team = team_of(tx, site, now=now)
    visits = _by_visit(_worst_first(_open_tasks(tx, (site,), timedelta(0), now=now), team.today, (site,)))
    return SiteBrief(
        study=_code(tx, study_id),
        today=team.today,
        site=standings[site.id],
        patients=len(patients.patient_ids(tx, site_id=site.id)),
        open_tasks=len(visits),
        people=tuple(sorted(team.names[one] for one in team.present if one in team.names)),
        lines=_lines(tx, definitions, (site,), visits[:MOST_LINES], now=now),
        more=max(0, len(visits) - MOST_LINES),
    )


def study_brief(tx: Tx, person_id: UUID, *, now: Instant) -> StudyBrief | None:
    """The whole study in a screen; None: this person is not of the trial office."""
    study_id = _managed(tx, person_id, now=now)
    if study_id is None:
        return None
    everywhere = sites.sites(tx, study_id)
    numbers = {site.id: site.number for site in everywhere}
    standings = standings_of(tx, study_id, everywhere, now=now)
    items = office_items.open_items(tx, study_id)
    silent = {numbers[item.site_id] for item in items if item.kind is ItemKind.SITE_SILENT and item.site_id in numbers}
    return StudyBrief(
        study=_code(tx, study_id),
        today=now.date(),
        patients=sum(len(patients.patient_ids(tx, site_id=site.id)) for site in everywhere),
        due_this_week=sum(_due_this_week(tx, site, now=now) for site in everywhere),
        late=sum(one.late for one in standings.values()),
        items=len(items),
        silent_sites=tuple(sorted(silent)),
        earlier=sum(one.earlier for one in standings.values()),
    )


def _managed(tx: Tx, person_id: UUID, *, now: Instant) -> UUID | None:
    """The study that this person manages, the one that they joined last."""
    for held in reversed(people.memberships_of(tx, person_id)):
        if allowed_in_study(tx, person_id, Action.MANAGE, held.study_id, now=now):
            return held.study_id
    return None


def _chosen(
    everywhere: Sequence[SiteRow], standings: Mapping[UUID, SiteStanding], number: str | None
) -> SiteRow | None:
    if number is not None:
        return next((site for site in everywhere if site.number == number.strip()), None)

    def amiss(site: SiteRow) -> tuple[int, int]:
        return standings[site.id].oldest_days or 0, standings[site.id].late

    return max(everywhere, key=amiss, default=None)


def _due_this_week(tx: Tx, site: SiteRow, *, now: Instant) -> int:
    day = local_day(now, zone_of(site.zone))
    coming = _open_tasks(tx, (site,), _LAST_OF_WEEK, now=now)
    still = (task for task in coming if task.state is TaskState.OPEN)
    return len({task.visit_id for task in still if task.due and day <= task.due <= day + _LAST_OF_WEEK})


def _code(tx: Tx, study_id: UUID) -> str:
    return next((study.code for study in studies.studies(tx) if study.id == study_id), "")
