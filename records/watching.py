"""What is silent: sites that do not answer, people who cannot be told, invitations nobody opened, notices nobody can
account for. Read once an hour; some of these look at a whole study.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import (
    TROUBLED_NOTICE,
    answer,
    invite,
    membership,
    notice,
    patient,
    person,
    reminder,
    site,
    task,
    word,
)
from records.transaction import Tx
from trial.moments import Instant
from trial.tasks import TaskState


@dataclass(frozen=True, slots=True)
class SilentPerson:
    """Somebody with a place in the study whom no message reaches."""

    person_id: UUID
    site_id: UUID | None


@dataclass(frozen=True, slots=True)
class UnusedInvite:
    """An invitation that ended without anybody (elapsed times)."""

    id: UUID
    person_id: UUID
    site_id: UUID | None
    created_at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class TroubledNotice:
    """A notice that may or may not have arrived, or will not. `person_id` None: it was for a stranger."""

    id: UUID
    kind: str
    state: str  # `unknown`, `failed`
    person_id: UUID | None
    visit_id: UUID | None
    created_at: Instant


_LAST_HEARD: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(patient.c.site_id, sa.func.max(answer.c.answered_at).label("at"))
    .join_from(answer, patient, patient.c.id == answer.c.patient_id)
    .where(patient.c.study_id == sa.bindparam("study"), answer.c.person_id.is_not(None))
    .group_by(patient.c.site_id)
)
_heard = _LAST_HEARD.subquery("heard")
_UNANSWERED: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(task.c.site_id, sa.func.min(reminder.c.created_at).label("since"))
    .join_from(reminder, task, task.c.id == reminder.c.task_id)
    .join(site, site.c.id == task.c.site_id)
    .outerjoin(_heard, _heard.c.site_id == task.c.site_id)
    .where(
        site.c.study_id == sa.bindparam("study"),
        task.c.state == TaskState.OPEN.value,
        reminder.c.state == word("grouped"),
        sa.or_(_heard.c.at.is_(None), reminder.c.created_at > _heard.c.at),
    )
    .group_by(task.c.site_id)
)
_SILENT_PEOPLE: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(person.c.id, membership.c.site_id)
    .distinct()
    .join_from(person, membership, membership.c.person_id == person.c.id)
    .where(
        membership.c.study_id == sa.bindparam("study"),
        person.c.reachable.is_(False),
        person.c.chat_index.is_not(None),
        person.c.revoked_at.is_(None),
    )
    .order_by(person.c.id)
)
_UNUSED_INVITES: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(invite.c.id, invite.c.person_id, membership.c.site_id, invite.c.created_at, invite.c.expires_at)
    .distinct()
    .join_from(invite, membership, membership.c.person_id == invite.c.person_id)
    .join(person, person.c.id == invite.c.person_id)
    .where(
        membership.c.study_id == sa.bindparam("study"),
        invite.c.closed_at.is_(None),
        invite.c.expires_at <= sa.bindparam("elapsed"),
        person.c.chat_index.is_(None),
    )
    .order_by(invite.c.created_at, invite.c.id)
)
_AT_STEP: Final = (
    sa.select(task.c.site_id)
    .distinct()
    .join_from(task, site, site.c.id == task.c.site_id)
    .where(
        site.c.study_id == sa.bindparam("study"),
        task.c.next_attention_at.is_not(None),  # this very clause, so that its index is used
        task.c.next_step == sa.bindparam("step"),
    )
)
_TROUBLED: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(notice.c.id, notice.c.kind, notice.c.state, notice.c.person_id, notice.c.visit_id, notice.c.created_at)
    .where(TROUBLED_NOTICE)
    .order_by(notice.c.created_at, notice.c.id)
    .limit(sa.bindparam("at_most"))
)


def last_heard(tx: Tx, study_id: UUID) -> Mapping[UUID, Instant]:
    """When somebody of each site last answered anything (trial time); nothing for sites that never did."""
    return {row.site_id: row.at for row in tx.connection.execute(_LAST_HEARD, {"study": study_id})}


def unanswered_since(tx: Tx, study_id: UUID) -> Mapping[UUID, Instant]:
    """For each site that was rung after its last answer about something still open: since when (trial time)."""
    return {row.site_id: row.since for row in tx.connection.execute(_UNANSWERED, {"study": study_id})}


def sites_at_step(tx: Tx, study_id: UUID, step: str) -> frozenset[UUID]:
    """Sites of a study of which some task's alarm stands at this step."""
    return frozenset(tx.connection.scalars(_AT_STEP, {"study": study_id, "step": step}))


def silent_people(tx: Tx, study_id: UUID) -> tuple[SilentPerson, ...]:
    """Enrolled people of a study whom no message reaches: the bot is blocked, or the account is gone."""
    return tuple(SilentPerson(*row) for row in tx.connection.execute(_SILENT_PEOPLE, {"study": study_id}))


def unused_invites(tx: Tx, study_id: UUID, *, elapsed: Instant) -> tuple[UnusedInvite, ...]:
    """Invitations that expired with their person not enrolled, the earliest first."""
    rows = tx.connection.execute(_UNUSED_INVITES, {"study": study_id, "elapsed": elapsed})
    return tuple(UnusedInvite(*row) for row in rows)


def troubled_notices(tx: Tx, *, limit: int) -> tuple[TroubledNotice, ...]:
    """Notices that are `unknown` or `failed`, the earliest first; off an index of these alone."""
    return tuple(TroubledNotice(*row) for row in tx.connection.execute(_TROUBLED, {"at_most": limit}))
