"""Answers: what people said, insert-only. What was said is sealed under the study's key; kind and time stay readable.

An answer stands until a later answer of kind `undo` names it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.order import AT, OF_PATIENT, after_the_last
from records.schema import answer, patient, person, site, study, task, visit
from records.transaction import Tx
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said, TakenDown, Via
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer, opened."""

    id: UUID
    patient_id: UUID
    visit_id: UUID
    task_id: UUID | None
    person_id: UUID | None
    kind: AnswerKind
    via: Via
    answered_at: Instant  # trial time
    received_at: Instant  # elapsed time
    undoes: UUID | None
    undone_at: Instant | None
    said: Said
    told: TakenDown | None = None  # by whom, where the trial office took it down


_UNDO = answer.alias("undoing")
_UNDONE_AT = (
    sa.select(sa.func.min(_UNDO.c.answered_at))
    .where(_UNDO.c.undoes == answer.c.id)
    .scalar_subquery()
    .label("undone_at")
)
_ANSWERS = sa.select(answer, _UNDONE_AT).order_by(answer.c.answered_at, answer.c.received_at)
_STANDING = ~sa.exists().where(_UNDO.c.undoes == answer.c.id)
_ANSWER = _ANSWERS.where(answer.c.id == sa.bindparam("answer"))
_STANDING_OF_PATIENT = _ANSWERS.where(
    answer.c.patient_id == sa.bindparam("patient"), answer.c.kind.in_(sa.bindparam("kinds", expanding=True)), _STANDING
)
_STANDING_ANSWERS = _ANSWERS.where(_STANDING, answer.c.kind != AnswerKind.UNDO.value)
_STANDING_OF_VISIT = _STANDING_ANSWERS.where(answer.c.visit_id == sa.bindparam("visit"))
_OF_PATIENT = _ANSWERS.where(answer.c.patient_id == sa.bindparam("patient"))
_STANDING_OF_TASK = _STANDING_ANSWERS.where(answer.c.task_id == sa.bindparam("task"))
_LATEST_AT_SITE = (
    _ANSWERS.join(patient, patient.c.id == answer.c.patient_id)
    .where(patient.c.site_id == sa.bindparam("site"), _STANDING, answer.c.kind != AnswerKind.UNDO.value)
    .order_by(None)
    .order_by(answer.c.answered_at.desc(), answer.c.id.desc())
    .limit(sa.bindparam("at_most"))
)
_STANDING_OF_VISITS = ForMany(lambda among: _STANDING_ANSWERS.where(among(answer.c.visit_id, "visits")))
_THESE = ForMany(lambda among: _ANSWERS.where(among(answer.c.id, "answers")))
_ADD = sa.insert(answer).values(answered_at=after_the_last(answer.c.answered_at))


def said_to_data(said: Said) -> dict[str, str | None]:
    """What was said as plain data, for sealing and for the audit trail."""
    return {
        "day": said.day.isoformat() if said.day else None,
        "reason": said.reason,
        "text": said.text,
        "until": said.until.isoformat() if said.until else None,
        "value": said.value,
        "leaving": said.leaving.value if said.leaving else None,
        "help": said.help.value if said.help else None,
    }


def told_to_data(told: TakenDown | None) -> dict[str, str]:
    """Who told the trial office as plain data; nothing for an answer that its person gave."""
    return {} if told is None else {"told_by": told.by, "told_on": told.on.isoformat()}


def _told(opened: Mapping[str, object]) -> TakenDown | None:
    by, on = _text(opened.get("told_by")), _day(opened.get("told_on"))
    return None if by is None or on is None else TakenDown(by, on)


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _answer(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> AnswerRow:
    opened = tx.unseal(answer, row.id, row.sealed)
    leaving = _text(opened["leaving"])
    help_kind = _text(opened.get("help"))  # answers from before it could be asked for have none
    return AnswerRow(
        id=row.id,
        patient_id=row.patient_id,
        visit_id=row.visit_id,
        task_id=row.task_id,
        person_id=row.person_id,
        kind=AnswerKind(row.kind),
        via=Via(row.via),
        answered_at=row.answered_at,
        received_at=row.received_at,
        undoes=row.undoes,
        undone_at=row.undone_at,
        said=Said(
            day=_day(opened["day"]),
            reason=_text(opened["reason"]),
            text=_text(opened["text"]),
            until=_day(opened["until"]),
            value=_text(opened["value"]),
            leaving=LeavingKind(leaving) if leaving else None,
            help=HelpKind(help_kind) if help_kind else None,
        ),
        told=_told(opened),
    )


def add_answer(
    tx: Tx,
    *,
    study_id: UUID,
    patient_id: UUID,
    visit_id: UUID,
    task_id: UUID | None,
    person_id: UUID | None,
    kind: AnswerKind,
    via: Via,
    said: Said,
    answered_at: Instant,
    received_at: Instant,
    undoes: UUID | None = None,
    told: TakenDown | None = None,
) -> UUID:
    """One more answer. Its `answered_at` is later than that of every earlier one, also after a clock was set back."""
    answer_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": answer_id,
            "patient_id": patient_id,
            "visit_id": visit_id,
            "task_id": task_id,
            "person_id": person_id,
            "kind": kind.value,
            "via": via.value,
            AT: answered_at,
            OF_PATIENT: patient_id,
            "received_at": received_at,
            "undoes": undoes,
            "sealed": tx.seal(answer, answer_id, {**said_to_data(said), **told_to_data(told)}, study=study_id),
        },
    )
    return answer_id


def answer_by_id(tx: Tx, answer_id: UUID) -> AnswerRow | None:
    row = tx.connection.execute(_ANSWER, {"answer": answer_id}).one_or_none()
    return None if row is None else _answer(tx, row)


def answers_by_ids(tx: Tx, answer_ids: Collection[UUID]) -> Mapping[UUID, AnswerRow]:
    """These answers, those that there are."""
    if not answer_ids:
        return {}
    return {row.id: _answer(tx, row) for row in _THESE.rows(tx.connection, {"answers": list(answer_ids)})}


def standing_of_visit(tx: Tx, visit_id: UUID) -> tuple[AnswerRow, ...]:
    """A visit's answers that were not taken back, the first given first."""
    return tuple(_answer(tx, row) for row in tx.connection.execute(_STANDING_OF_VISIT, {"visit": visit_id}))


def last_of_visits(tx: Tx, visit_ids: Collection[UUID]) -> Mapping[UUID, AnswerRow]:
    """Of each of these visits the last answer that was not taken back; nothing for those about which nothing was said."""
    if not visit_ids:
        return {}
    rows = _STANDING_OF_VISITS.rows(tx.connection, {"visits": list(visit_ids)})
    last = {row.visit_id: row for row in rows}  # in their order: a later one takes an earlier one's place
    return {visit_id: _answer(tx, row) for visit_id, row in last.items()}


def standing_of_task(tx: Tx, task_id: UUID) -> tuple[AnswerRow, ...]:
    """A task's answers that were not taken back, the first given first."""
    return tuple(_answer(tx, row) for row in tx.connection.execute(_STANDING_OF_TASK, {"task": task_id}))


def standing_of_patient(tx: Tx, patient_id: UUID, *, kinds: Iterable[AnswerKind]) -> tuple[AnswerRow, ...]:
    """A patient's answers of these kinds that were not taken back, the first given first."""
    values = {"patient": patient_id, "kinds": sorted(kind.value for kind in kinds)}
    return tuple(_answer(tx, row) for row in tx.connection.execute(_STANDING_OF_PATIENT, values))


def latest_at_site(tx: Tx, site_id: UUID, *, limit: int) -> tuple[AnswerRow, ...]:
    """What was said last about the patients of a site and was not taken back, the latest first."""
    rows = tx.connection.execute(_LATEST_AT_SITE, {"site": site_id, "at_most": limit})
    return tuple(_answer(tx, row) for row in rows)


def answers_of_patient(tx: Tx, patient_id: UUID) -> tuple[AnswerRow, ...]:
    """All that was ever said about a patient, what was taken back and the takings back too, the first given first."""
    return tuple(_answer(tx, row) for row in tx.connection.execute(_OF_PATIENT, {"patient": patient_id}))


@dataclass(frozen=True, slots=True)
class AnswerInPlace:
    """An answer with the names of what it is about and of who gave it, for an export."""

    answer: AnswerRow
    study_code: str
    study_version_id: UUID
    site_number: str
    zone: str
    patient_code: str
    occurrence: str
    visit_definition: str
    task_name: str | None
    said_by: str | None
    person_id: UUID | None


_IN_PLACE = (
    _ANSWERS.add_columns(
        study.c.code.label("study_code"),
        patient.c.study_version_id,
        site.c.number.label("site_number"),
        site.c.zone,
        patient.c.version.label("patient_version"),
        patient.c.sealed.label("patient_sealed"),
        visit.c.occurrence,
        visit.c.definition.label("visit_definition"),
        task.c.name.label("task_name"),
        person.c.version.label("person_version"),
        person.c.sealed.label("person_sealed"),
    )
    .join_from(answer, patient, patient.c.id == answer.c.patient_id)
    .join(study, study.c.id == patient.c.study_id)
    .join(visit, visit.c.id == answer.c.visit_id)
    .join(site, site.c.id == visit.c.site_id)
    .outerjoin(task, task.c.id == answer.c.task_id)
    .outerjoin(person, person.c.id == answer.c.person_id)
)


def answers_in_place(tx: Tx, *, study_id: UUID | None = None) -> Iterator[AnswerInPlace]:
    """Every answer, taken back ones and the takings back too, the first given first; opened one by one."""
    statement = _IN_PLACE if study_id is None else _IN_PLACE.where(patient.c.study_id == study_id)
    codes: dict[UUID, str] = {}
    names: dict[UUID, str] = {}
    for row in tx.connection.execute(statement):
        if row.patient_id not in codes:
            opened = tx.unseal(patient, row.patient_id, row.patient_sealed, version=row.patient_version)
            codes[row.patient_id] = str(opened["code"])
        if row.person_id is not None and row.person_id not in names:
            opened = tx.unseal(person, row.person_id, row.person_sealed, version=row.person_version)
            names[row.person_id] = str(opened["name"])
        yield AnswerInPlace(
            answer=_answer(tx, row),
            study_code=row.study_code,
            study_version_id=row.study_version_id,
            site_number=row.site_number,
            zone=row.zone,
            patient_code=codes[row.patient_id],
            occurrence=row.occurrence,
            visit_definition=row.visit_definition,
            task_name=row.task_name,
            said_by=None if row.person_id is None else names[row.person_id],
            person_id=row.person_id,
        )
