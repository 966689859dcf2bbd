"""Why did I get this? The rule, the protocol version, the dates, and who else was told."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from office.rights import allowed_at
from office.teams import Team, team_of
from records import digests, patients, people, plans, sites, told
from records.digests import DigestRow
from records.patients import PatientRow
from records.plans import TaskRow
from records.told import Telling
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.access import Action
from trial.messages import DigestKind, NothingToExplain, WhyThis
from trial.moments import Instant
from trial.occurrences import label_of, task_label_of
from trial.responsibility import Told, WhyTold, whom
from trial.study import NUDGE, Ladder, LadderStep, Step, Study
from trial.tasks import TaskKind

_NAMED_BY_THE_TASK: Final = frozenset({TaskKind.UPLOAD, TaskKind.SEND})


@dataclass(frozen=True, slots=True)
class _Seen:
    """What somebody asks about: a task of a patient whom they may see, under the study version that holds."""

    task: TaskRow
    patient: PatientRow
    team: Team
    study: Study


@dataclass(frozen=True, slots=True)
class _Rule:
    """Why this person: by a step with its rule, for which there may be no source, by a nudge, or by a digest; and for whom."""

    told: Told
    step: str = ""
    rule: str = ""
    unverified: bool = False
    digest: DigestKind | None = None
    until: date | None = None


def why(
    tx: Tx,
    definitions: Definitions,
    person_id: UUID,
    *,
    task_id: UUID | None = None,
    digest: DigestRow | None = None,
    now: Instant,
) -> WhyThis | NothingToExplain:
    """What explains what this person got last: a reminder, or the digest that lists it; at all, or about one task's visit.

    `digest`: the one in which they ask. Of what rang nobody and stands in no digest of theirs it says who answers for it.
    """
    asked = None if task_id is None else plans.task_by_id(tx, task_id)
    telling = told.last_telling(tx, person_id, visit_id=None if asked is None else asked.visit_id)
    row = digest or digests.last_digest_of(tx, person_id)
    listed = None if row is None else _listed(tx, row, asked)
    if row is not None and listed is not None and _explains(row, telling, of_one=asked is not None):
        return _why(tx, definitions, person_id, listed, row, now=now)
    if telling is not None:
        return _why(tx, definitions, person_id, plans.task_by_id(tx, telling.task_id), telling, now=now)
    return NothingToExplain() if asked is None else _why(tx, definitions, person_id, asked, None, now=now)


def _explains(row: DigestRow, telling: Telling | None, *, of_one: bool) -> bool:
    """Whether the digest is what came last. What somebody asked for explains itself, unless they ask about one item of it."""
    if row.kind is DigestKind.ASKED:
        return telling is None and of_one
    return telling is None or telling.told_at < row.made_at


def _listed(tx: Tx, row: DigestRow, asked: TaskRow | None) -> TaskRow | None:
    """The task of this digest that is asked about; where none is, the worst of the item that it shows."""
    items = digests.items_of(tx, row.id)
    if asked is not None:
        return asked if any(item.visit_id == asked.visit_id for item in items) else None
    shown = next((item for item in items if item.position == max(row.place, 1)), None)
    return None if shown is None else plans.task_by_id(tx, shown.task_id)


def _why(
    tx: Tx,
    definitions: Definitions,
    person_id: UUID,
    task: TaskRow | None,
    because: Telling | DigestRow | None,
    *,
    now: Instant,
) -> WhyThis | NothingToExplain:
    seen = None if task is None else _seen(tx, definitions, person_id, task, now=now)
    if seen is None:
        return NothingToExplain()
    rule = _of_step(seen, because) if isinstance(because, Telling) else _of_digest(seen, person_id, because)
    if rule is None:
        return NothingToExplain()
    task, study = seen.task, seen.study
    return WhyThis(
        study=seen.patient.study_code,
        version=study.version,
        code=seen.patient.code,
        visit=label_of(study, task.occurrence) or {"en": task.occurrence},
        task=task_label_of(study, task.occurrence, task.name) if task.kind in _NAMED_BY_THE_TASK else None,
        step=rule.step,
        why=rule.told.why,
        instead_of=None if rule.told.instead_of is None else _name(tx, rule.told.instead_of),
        rule=rule.rule,
        unverified=rule.unverified,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        others=_others(tx, task.id, person_id),
        digest=rule.digest,
        until=rule.until,
    )


def _seen(tx: Tx, definitions: Definitions, person_id: UUID, task: TaskRow, *, now: Instant) -> _Seen | None:
    """None: there is no such thing any more, or this person may not see it."""
    patient = patients.patient_by_id(tx, task.patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if patient is None or site is None or not allowed_at(tx, person_id, Action.SEE, site, now=now):
        return None
    team = team_of(tx, site, now=now, patient_ids=(patient.id,))
    return _Seen(task, patient, team, definitions.of_version(tx, patient.study_version_id))


# --- a step of the ladder ---------------------------------------------------------------------------------------------


def _of_step(seen: _Seen, telling: Telling) -> _Rule | None:
    if telling.step == NUDGE:
        return _Rule(_told(telling), step=NUDGE)
    step = _step(seen.study.ladders.get(seen.task.ladder), telling)
    if step is None:
        return None
    return _Rule(
        _told(telling),
        step=step.step.value,
        rule=_offset(step),
        unverified=_unverified(seen.study, seen.task, step),
    )


def _told(telling: Telling) -> Told:
    return Told(telling.person_id, telling.why or WhyTold.RESPONSIBLE, telling.instead_of)


def _step(ladder: Ladder | None, telling: Telling) -> LadderStep | None:
    """The step of the ladder that was rung; of a promise to ring again the one that it keeps, which is for what is due."""
    if ladder is None:
        return None
    named = next((one for one in ladder.steps if one.step.value == telling.step), None)
    return named or next((one for one in ladder.steps if one.step.value == "due"), None)


def _offset(step: LadderStep) -> str:
    """As the study file has it: `closes + 3wd`."""
    amount = step.offset.amount
    if not amount:
        return step.mark.value
    return f"{step.mark.value} {'+' if amount > 0 else '-'} {abs(amount)}{step.offset.unit.value}"


def _unverified(study: Study, task: TaskRow, step: LadderStep) -> bool:
    """Whether no source backs the number of this step; the study file says so of a ladder, and of which of its steps."""
    of_ladder = (entry.text for entry in study.unverified if entry.path == f"ladders.{task.ladder}")
    return any(piece.strip().startswith(f"{step.step.value}:") for text in of_ladder for piece in text.split(","))


# --- a digest ---------------------------------------------------------------------------------------------------------


def _of_digest(seen: _Seen, person_id: UUID, row: DigestRow | None) -> _Rule:
    """By the digest, and until when its reader stands in; without one by the list that somebody asked for, which a patient
    named in words is, too.
    """
    kind = DigestKind.ASKED if row is None else row.kind
    if row is not None and row.of_person is not None:
        who = Told(person_id, WhyTold.COVERS, row.of_person)
    else:
        who = _answers_for(seen, person_id)
    until = None
    if who.why is WhyTold.COVERS:
        away = next((one for one in seen.team.place.colleagues if one.person_id == who.instead_of), None)
        absence = None if away is None else away.away_on(seen.team.today)
        until = None if absence is None else absence.last
    return _Rule(who, digest=kind, until=until)


def _answers_for(seen: _Seen, person_id: UUID) -> Told:
    """This person with the reason, where they are who is told of what is due; else as a colleague of who is responsible."""
    task, team = seen.task, seen.team
    chosen = whom(
        Step.DUE,
        task.function,
        team.place.colleagues,
        (),
        assigned=team.assigned.get((task.patient_id, task.function)),
        today=team.today,
        told_before=frozenset(),
    )
    mine = next((one for one in chosen if one.person_id == person_id), None)
    if mine is not None:
        return mine
    first = team.responsible(task.patient_id, task.function)
    # Whoever is away stays responsible.
    return Told(person_id, WhyTold.RESPONSIBLE) if first == person_id else Told(person_id, WhyTold.COLLEAGUE, first)


# --- people -----------------------------------------------------------------------------------------------------------


def _others(tx: Tx, task_id: UUID, person_id: UUID) -> tuple[str, ...]:
    everybody = told.people_told(tx, (task_id,))[task_id] - {person_id}
    names = (_name(tx, one) for one in sorted(everybody))
    return tuple(sorted(name for name in names if name is not None))


def _name(tx: Tx, person_id: UUID) -> str | None:
    found = people.person_by_id(tx, person_id)
    return None if found is None else found.name
