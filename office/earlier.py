"""What fell due before a site began to ring: shown and counted, and asked about only when the trial office says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office.named import site_named, study_named
from office.rights import allowed_at
from records import listings, patients, plans, reminders, schema, sites
from records.database import Records
from records.listings import ListedTask
from records.plans import Alarm
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.alarms import before_sitebell, next_alarm, next_morning
from scheduler.definitions import Definitions, zone_rules_version
from scheduler.planning import read_chart
from scheduler.there import site_time_of
from trial.access import Action
from trial.labels import Labels
from trial.ladder import TaskDates
from trial.moments import Instant
from trial.occurrences import label_of, task_label_of
from trial.problems import Problem, ProblemError

_FOLLOWED: Final = "followed"


@dataclass(frozen=True, slots=True)
class EarlierTask:
    """An open task from before Sitebell, for people to read."""

    visit: Labels
    task: Labels
    due: date
    code: str = field(repr=False)


def earlier_tasks(
    records: Records, definitions: Definitions, *, study_code: str | None, site_number: str, now: Instant
) -> tuple[EarlierTask, ...]:
    """What is open at a site and rings nobody, because it fell due before the site began; the first due first.

    Raises:
        ProblemError: there is no such site.
    """
    with records.read() as tx:
        site = site_named(tx, study_named(tx, study_code), site_number)
        return tuple(_listed(tx, definitions, task, task.due) for task in silent_at(tx, site, now=now) if task.due)


def silent_at(tx: Tx, site: SiteRow, *, now: Instant) -> tuple[ListedTask, ...]:
    """Open tasks of followed patients from before Sitebell that nobody was told about and nobody has asked for."""
    time = site_time_of(tx, site)
    open_tasks = listings.open_tasks_at(tx, (site.id,), begun_by=max(site.rings_from, time.today(now)))
    silent = [
        task
        for task in open_tasks
        if task.firm and task.patient_state == _FOLLOWED and task.next_step is None and before_sitebell(task.due, time)
    ]
    rung = reminders.steps_rung(tx, [task.id for task in silent])
    return tuple(task for task in silent if not rung[task.id])


def ask_about_earlier(
    tx: Tx, studies: Definitions, patient_id: UUID, *, by: UUID | None, now: Instant, elapsed: Instant
) -> int:
    """The site is asked about what fell due for this patient before it began, from the next working morning on; for how
    many tasks. `by` None: at the command line.

    Raises:
        ProblemError: no such patient, or no right to say so.
    """
    patient = patients.patient_by_id(tx, patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if site is None:
        raise ProblemError(Problem("patient", "there is none", "check the code"))
    if not allowed_at(tx, by, Action.RECORD, site, now=now):
        raise ProblemError(Problem("earlier", "only the trial office can say so", "ask the trial office"))
    # Behind the patient's lock: what is silent now stays so until this is written.
    chart = read_chart(tx, studies, patient_id)
    silent = [task for task in silent_at(tx, site, now=now) if task.patient_id == patient_id]
    alarms: list[Alarm] = []
    for task in silent:
        ladder = chart.study.ladders.get(task.ladder)
        if ladder is None:
            continue
        dates = TaskDates(task.opens, task.due, task.closes, task.firm)
        coming = next_alarm(ladder, dates, chart.time, after=None, quiet_until=next_morning(chart.time, now))
        if coming.at is not None:
            alarms.append(Alarm(task.id, coming.step, coming.at, zone_rules_version()))
    plans.set_alarms(tx, alarms)
    if alarms:
        tx.audit(
            "patient.asked_about_earlier",
            table=schema.patient,
            object_id=patient_id,
            by=by,
            at=now,
            recorded_at=elapsed,
            after={"tasks": _ids(alarms)},
        )
    return len(alarms)


def _ids(alarms: Sequence[Alarm]) -> list[str]:
    return sorted(str(alarm.task_id) for alarm in alarms)


def _listed(tx: Tx, definitions: Definitions, task: ListedTask, due: date) -> EarlierTask:
    study = definitions.of_version(tx, task.study_version_id)
    return EarlierTask(
        visit=label_of(study, task.occurrence) or {"en": task.occurrence},
        task=task_label_of(study, task.occurrence, task.name) or {"en": task.name},
        due=due,
        code=task.code,
    )
