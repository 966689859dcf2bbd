"""All that a call about a task needs: whose it is, what was said last, who was told when, and what comes next.

Read for many tasks at once, a fixed number of queries however many there are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from office.board.holds import hold_notes
from office.holds import HoldLine
from office.last_words import word_of
from records import answers, listings, people, told
from records.answers import AnswerRow
from records.board import surroundings, uploads
from records.board.surroundings import TaskAlarm
from records.listings import ListedTask
from records.sites import SiteRow
from records.told import LastTold
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.there import assigned_to, there
from trial.claims import ClaimState
from trial.holds import TaskPlace
from trial.labels import Labels
from trial.messages import LastWord
from trial.moments import Instant
from trial.occurrences import label_of, task_label_of
from trial.responsibility import responsible
from trial.study import Study
from trial.tasks import TaskKind

_NAMED_BY_THE_TASK = frozenset({TaskKind.UPLOAD, TaskKind.SEND})


@dataclass(frozen=True, slots=True)
class Called:
    """A task with its surroundings. `claim`: where the scans of its visit stand that were claimed already, the worst first."""

    task: ListedTask
    site: SiteRow
    visit: Labels
    label: Labels | None  # where the task names itself: an upload, a form
    responsible_id: UUID | None
    responsible: str | None = field(repr=False)
    last: LastWord | None = field(repr=False)
    last_about: Labels | None  # what the last word is about, where it is another upload or form of the same visit
    said_at: Instant | None
    told: LastTold | None
    told_name: str | None = field(repr=False)
    next_at: Instant | None
    claim: ClaimState | None
    on_hold: HoldLine | None = None  # what keeps it quiet


def called(
    tx: Tx, definitions: Definitions, sites: Mapping[UUID, SiteRow], task_ids: Collection[UUID], *, now: Instant
) -> Mapping[UUID, Called]:
    """These tasks, which are all of these sites."""
    tasks = listings.tasks_by_ids(tx, task_ids)
    said = answers.last_of_visits(tx, {task.visit_id for task in tasks})
    rung = told.last_told(tx, task_ids)
    about = {one.task_id for one in said.values() if one.task_id is not None}
    alarms = surroundings.alarms_of(tx, {*task_ids, *about})
    claims = uploads.claims_of_visits(tx, {task.visit_id for task in tasks})
    windows = surroundings.windows_of(tx, said)
    places = there(tx, {task.site_id for task in tasks}, now=now)
    assigned = assigned_to(tx, {(task.patient_id, places[task.site_id].time.today(now)) for task in tasks})
    whose = {
        task.id: responsible(
            task.function,
            places[task.site_id].colleagues,
            assigned=assigned.get((task.patient_id, task.function)),
            today=places[task.site_id].time.today(now),
        )
        for task in tasks
    }
    everywhere = tuple(sites.values())
    holds = {
        study_id: hold_notes(tx, study_id, everywhere, now=now) for study_id in {one.study_id for one in everywhere}
    }
    everybody = (*whose.values(), *(one.person_id for one in said.values()), *(one.person_id for one in rung.values()))
    names = people.names_of(tx, {person_id for person_id in everybody if person_id is not None})
    found: dict[UUID, Called] = {}
    for task in tasks:
        study = definitions.of_version(tx, task.study_version_id)
        site, answer, last_told = sites[task.site_id], said.get(task.visit_id), rung.get(task.id)
        word = None
        if answer is not None:
            word = word_of(
                study,
                task.occurrence,
                answer,
                None if answer.task_id is None else alarms[answer.task_id].kind,
                windows[task.visit_id],
                zone=site.zone,
                by="" if answer.person_id is None else names.get(answer.person_id, ""),
            )
        person_id = whose[task.id]
        found[task.id] = Called(
            task=task,
            site=site,
            visit=label_of(study, task.occurrence) or {"en": task.occurrence},
            label=task_label_of(study, task.occurrence, task.name) if task.kind in _NAMED_BY_THE_TASK else None,
            responsible_id=person_id,
            responsible=None if person_id is None else names.get(person_id),
            last=word,
            last_about=None if answer is None else _about(study, task, answer, alarms),
            said_at=None if answer is None else answer.answered_at,
            told=last_told,
            told_name=None if last_told is None else names.get(last_told.person_id),
            next_at=alarms[task.id].next_at,
            claim=claims.get(task.visit_id),
            on_hold=holds[site.study_id].of_task(
                TaskPlace(site.study_id, site.id, task.patient_id, task.kind), site.zone
            ),
        )
    return found


def _about(study: Study, task: ListedTask, answer: AnswerRow, alarms: Mapping[UUID, TaskAlarm]) -> Labels | None:
    other = None if answer.task_id is None or answer.task_id == task.id else alarms.get(answer.task_id)
    if other is None or other.kind not in _NAMED_BY_THE_TASK:
        return None
    return task_label_of(study, task.occurrence, other.name)
