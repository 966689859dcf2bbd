"""Claims: a site says that scans are uploaded, and somebody looks whether they are there. Nothing is overwritten.

A check is an insert-only row about one answer. The words of a query are sealed under the study's key; an audit entry of
a check that carries `after.words` is compared with them by `audit verify`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.schema import answer, claim_check, patient, task
from records.transaction import Tx
from trial.answers import AnswerKind
from trial.claims import ClaimCheckKind
from trial.moments import Instant, instant
from trial.tasks import TaskState

UNSEEN: Final = "unseen"
"""The word that a claimed task's alarm clock stands at until somebody has seen the scans."""

QUERIED: Final = "queried"
"""The word that a claimed task's alarm clock stands at when the site is asked again."""

CLAIM_STEPS: Final = frozenset({UNSEEN, QUERIED})
"""Steps of a task that is done: told although it is answered, and about nothing but its claim."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check, opened. `person_id` None: time did it."""

    id: UUID
    answer_id: UUID
    task_id: UUID
    kind: ClaimCheckKind
    person_id: UUID | None
    at: Instant
    words: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A standing answer that claims an upload, and the last check of it."""

    answer_id: UUID
    task_id: UUID
    visit_id: UUID
    patient_id: UUID
    site_id: UUID
    answered_at: Instant
    last_check: ClaimCheckKind | None
    checked_at: Instant | None


_CHECKS: Final = sa.select(claim_check).order_by(claim_check.c.at, claim_check.c.id)
_OF_TASKS: Final = _CHECKS.where(claim_check.c.task_id.in_(sa.bindparam("tasks", expanding=True)))
_OF_ANSWER: Final = _CHECKS.where(claim_check.c.answer_id == sa.bindparam("answer"))
_LAST_AT: Final = sa.select(sa.func.max(claim_check.c.at)).where(claim_check.c.task_id == sa.bindparam("task"))
_ADD: Final = sa.insert(claim_check)
_WATCH: Final = (
    sa.update(task)
    .where(task.c.id == sa.bindparam("task"), task.c.state == TaskState.DONE.value)
    .values(next_step=sa.bindparam("step"), next_attention_at=sa.bindparam("at"), tzdata=sa.bindparam("rules"))
)
_undoing = answer.alias("undoing")
_once_more = answer.alias("once_more")
_taking_back = answer.alias("taking_back")
_last = claim_check.alias("last")
_later = claim_check.alias("later")
_CLAIMS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        answer.c.id,
        answer.c.task_id,
        answer.c.visit_id,
        answer.c.patient_id,
        patient.c.site_id,
        answer.c.answered_at,
        _last.c.kind.label("last_check"),
        _last.c.at.label("checked_at"),
    )
    .join_from(answer, patient, patient.c.id == answer.c.patient_id)
    .outerjoin(
        _last,
        sa.and_(
            _last.c.answer_id == answer.c.id,
            ~sa.exists().where(_later.c.answer_id == _last.c.answer_id, _later.c.at > _last.c.at),
        ),
    )
    .where(
        answer.c.kind == AnswerKind.UPLOADED.value,
        ~sa.exists().where(_undoing.c.undoes == answer.c.id),
    )
    .order_by(answer.c.answered_at, answer.c.id)
)
_CLAIMS_OF_STUDY: Final = _CLAIMS.where(patient.c.study_id == sa.bindparam("study"))
_CLAIMS_OF_TASKS: Final = ForMany(lambda among: _CLAIMS.where(among(answer.c.task_id, "tasks")))
_ASKED_AGAIN: Final = _CLAIMS.where(
    patient.c.site_id.in_(sa.bindparam("sites", expanding=True)),
    # Whoever has claimed it once more has answered what was asked.
    ~sa.exists().where(
        _once_more.c.task_id == answer.c.task_id,
        _once_more.c.kind == AnswerKind.UPLOADED.value,
        sa.or_(
            _once_more.c.answered_at > answer.c.answered_at,
            sa.and_(_once_more.c.answered_at == answer.c.answered_at, _once_more.c.received_at > answer.c.received_at),
        ),
        ~sa.exists().where(_taking_back.c.undoes == _once_more.c.id),
    ),
    _last.c.kind.in_((ClaimCheckKind.QUERIED.value, ClaimCheckKind.UNSEEN.value)),
)


def _check(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> CheckRow:
    words = None if row.sealed is None else tx.unseal(claim_check, row.id, row.sealed)["words"]
    return CheckRow(
        id=row.id,
        answer_id=row.answer_id,
        task_id=row.task_id,
        kind=ClaimCheckKind(row.kind),
        person_id=row.person_id,
        at=row.at,
        words=words if isinstance(words, str) else None,
    )


def _claim(row: sa.Row[*tuple[Any, ...]]) -> ClaimRow:
    return ClaimRow(
        answer_id=row.id,
        task_id=row.task_id,
        visit_id=row.visit_id,
        patient_id=row.patient_id,
        site_id=row.site_id,
        answered_at=row.answered_at,
        last_check=None if row.last_check is None else ClaimCheckKind(row.last_check),
        checked_at=row.checked_at,
    )


def add_check(
    tx: Tx,
    *,
    study_id: UUID,
    answer_id: UUID,
    task_id: UUID,
    kind: ClaimCheckKind,
    person_id: UUID | None,
    at: Instant,
    words: str | None = None,
) -> UUID:
    """One more check. Its `at` is later than that of every earlier one of the task, also after a clock was set back."""
    check_id = tx.new_id()
    last = tx.connection.execute(_LAST_AT, {"task": task_id}).scalar_one()
    tx.connection.execute(
        _ADD,
        {
            "id": check_id,
            "answer_id": answer_id,
            "task_id": task_id,
            "kind": kind.value,
            "person_id": person_id,
            "at": at if last is None or last < at else instant(last + timedelta(microseconds=1)),
            "sealed": None if words is None else tx.seal(claim_check, check_id, {"words": words}, study=study_id),
        },
    )
    return check_id


def checks_of_tasks(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, tuple[CheckRow, ...]]:
    """Every check of these tasks, the first one first; nothing for tasks without any.

    A check is about one answer: those of an answer that was taken back or followed by another say nothing any more.
    """
    if not task_ids:
        return {}
    found: dict[UUID, list[CheckRow]] = defaultdict(list)
    for row in tx.connection.execute(_OF_TASKS, {"tasks": sorted(task_ids)}):
        found[row.task_id].append(_check(tx, row))
    return {task_id: tuple(rows) for task_id, rows in found.items()}


def checks_of_answer(tx: Tx, answer_id: UUID) -> tuple[CheckRow, ...]:
    """Every check of one claim, the first one first."""
    return tuple(_check(tx, row) for row in tx.connection.execute(_OF_ANSWER, {"answer": answer_id}))


def claims_of_study(tx: Tx, study_id: UUID) -> tuple[ClaimRow, ...]:
    """The claims that were not taken back, each with its last check, the earliest first."""
    return tuple(_claim(row) for row in tx.connection.execute(_CLAIMS_OF_STUDY, {"study": study_id}))


def claims_of_tasks(tx: Tx, task_ids: Collection[UUID]) -> Mapping[UUID, ClaimRow]:
    """The claim that stands for each of these tasks, where there is one."""
    if not task_ids:
        return {}
    return {row.task_id: _claim(row) for row in _CLAIMS_OF_TASKS.rows(tx.connection, {"tasks": list(task_ids)})}


def claims_asked_again(tx: Tx, site_ids: Collection[UUID]) -> tuple[ClaimRow, ...]:
    """The claims of these sites whose last check was a query, or that nobody had seen in time, the earliest first."""
    if not site_ids:
        return ()
    return tuple(_claim(row) for row in tx.connection.execute(_ASKED_AGAIN, {"sites": sorted(site_ids)}))


def watch_claim(tx: Tx, task_id: UUID, *, step: str, at: Instant, tzdata: str) -> bool:
    """Sets the alarm of a claimed task, which is done and rings nobody by itself, to `UNSEEN` or `QUERIED`.

    False when it is not done. Whatever changes the task's state stops this alarm.
    """
    return _set_watch(tx, task_id, step=step, at=at, tzdata=tzdata)


def stop_watching(tx: Tx, task_id: UUID, *, tzdata: str) -> bool:
    """A claim that somebody looked at needs no alarm; False: its task is not done."""
    return _set_watch(tx, task_id, step=None, at=None, tzdata=tzdata)


def _set_watch(tx: Tx, task_id: UUID, *, step: str | None, at: Instant | None, tzdata: str) -> bool:
    return tx.connection.execute(_WATCH, {"task": task_id, "step": step, "at": at, "rules": tzdata}).rowcount == 1
