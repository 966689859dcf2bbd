"""Why did I get this? The rule, the protocol version, the dates, and who else was told."""

from typing import Final
from uuid import UUID

from office.rights import allowed_at
from records import patients, people, plans, sites, told
from records.plans import TaskRow
from records.told import Telling
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.access import Action
from trial.messages import NothingToExplain, WhyThis
from trial.moments import Instant
from trial.occurrences import label_of, task_label_of
from trial.responsibility import WhyTold
from trial.study import Ladder, LadderStep, Study
from trial.tasks import TaskKind

_NAMED_BY_THE_TASK: Final = frozenset({TaskKind.UPLOAD, TaskKind.SEND})


def why(
    tx: Tx, definitions: Definitions, person_id: UUID, *, visit_id: UUID | None = None, now: Instant
) -> WhyThis | NothingToExplain:
    """What explains the last reminder that this person got, at all or about one visit."""
    telling = told.last_telling(tx, person_id, visit_id=visit_id)
    task = None if telling is None else plans.task_by_id(tx, telling.task_id)
    patient = None if task is None else patients.patient_by_id(tx, task.patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if telling is None or task is None or patient is None or site is None:
        return NothingToExplain()
    if not allowed_at(tx, person_id, Action.SEE, site, now=now):
        return NothingToExplain()
    study = definitions.of_version(tx, patient.study_version_id)
    step = _step(study.ladders.get(task.ladder), telling)
    if step is None:
        return NothingToExplain()
    return WhyThis(
        study=patient.study_code,
        version=study.version,
        code=patient.code,
        visit=label_of(study, task.occurrence) or {"en": task.occurrence},
        task=task_label_of(study, task.occurrence, task.name) if task.kind in _NAMED_BY_THE_TASK else None,
        step=step.step.value,
        why=telling.why or WhyTold.RESPONSIBLE,
        instead_of=None if telling.instead_of is None else _name(tx, telling.instead_of),
        rule=_rule(step),
        unverified=_unverified(study, task, step),
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        others=_others(tx, task.id, person_id),
    )


def _step(ladder: Ladder | None, telling: Telling) -> LadderStep | None:
    """The step of the ladder that was rung; of a promise to ring again the one that it keeps, which is for what is due."""
    if ladder is None:
        return None
    named = next((one for one in ladder.steps if one.step.value == telling.step), None)
    return named or next((one for one in ladder.steps if one.step.value == "due"), None)


def _rule(step: LadderStep) -> str:
    """As the study file has it: `closes + 3wd`."""
    amount = step.offset.amount
    if not amount:
        return step.mark.value
    return f"{step.mark.value} {'+' if amount > 0 else '-'} {abs(amount)}{step.offset.unit.value}"


def _unverified(study: Study, task: TaskRow, step: LadderStep) -> bool:
    """Whether no source backs the number of this step; the study file says so of a ladder, and of which of its steps."""
    of_ladder = (entry.text for entry in study.unverified if entry.path == f"ladders.{task.ladder}")
    return any(piece.strip().startswith(f"{step.step.value}:") for text in of_ladder for piece in text.split(","))


def _others(tx: Tx, task_id: UUID, person_id: UUID) -> tuple[str, ...]:
    everybody = told.people_told(tx, (task_id,))[task_id] - {person_id}
    names = (_name(tx, one) for one in sorted(everybody))
    return tuple(sorted(name for name in names if name is not None))


def _name(tx: Tx, person_id: UUID) -> str | None:
    found = people.person_by_id(tx, person_id)
    return None if found is None else found.name
