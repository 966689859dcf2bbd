"""What the bot waits for in words from somebody: one open question a person, for a while."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from records.schema import question
from records.transaction import Tx
from trial.answers import AnswerKind
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Question:
    """The answer that the next words complete: `kind` about `task_id`, until `expires_at` (elapsed)."""

    task_id: UUID
    kind: AnswerKind
    expires_at: Instant


_OPEN = sa.select(question.c.task_id, question.c.kind, question.c.expires_at).where(
    question.c.person_id == sa.bindparam("person"), question.c.expires_at > sa.bindparam("elapsed")
)
_ASK = sa.insert(question)
_DROP = sa.delete(question).where(question.c.person_id == sa.bindparam("person"))


def ask(tx: Tx, person_id: UUID, wanted: Question) -> None:
    """Wait for this; what was waited for before is dropped."""
    drop(tx, person_id)
    values = {"task_id": wanted.task_id, "kind": wanted.kind.value, "expires_at": wanted.expires_at}
    tx.connection.execute(_ASK, {"person_id": person_id, **values})


def open_question(tx: Tx, person_id: UUID, *, elapsed: Instant) -> Question | None:
    """What is waited for now; None when nothing is, or not any more."""
    row = tx.connection.execute(_OPEN, {"person": person_id, "elapsed": elapsed}).one_or_none()
    return None if row is None else Question(row.task_id, AnswerKind(row.kind), row.expires_at)


def drop(tx: Tx, person_id: UUID) -> bool:
    """Wait for nothing; False when nothing was waited for."""
    return tx.connection.execute(_DROP, {"person": person_id}).rowcount == 1
