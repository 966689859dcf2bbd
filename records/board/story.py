"""Everything that was sent, said and changed about one patient, in few statements however much it is.

What was sent are the notices about the patient's visits, the digests that listed one of them, and the messages that name
the patient. Who changed what stands in the audit trail: its entries about the patient's rows, in the order of the chain.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import ForMany
from records.outbox import NoticeKind, NoticeState, Outcome
from records.schema import (
    assignment,
    audit,
    claim_check,
    consent,
    contact_attempt,
    delivery,
    digest_item,
    hold,
    item_link,
    membership,
    notice,
    office_item,
    patient,
    patient_event,
    patient_fact,
    reminder,
    visit,
    word,
)
from records.sealing import Json
from records.transaction import Tx, entry_row
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice that was put for somebody, and what became of it. `visit_ids`: of this patient."""

    id: UUID
    kind: NoticeKind
    person_id: UUID | None
    digest_id: UUID | None
    state: NoticeState
    void_because: str | None
    created_at: Instant  # trial time
    place: int
    visit_ids: tuple[UUID, ...]
    message: str = ""  # which message it is, of those that name a patient


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """One attempt, exactly as it was sent. `at` is trial time, where the audit trail has it."""

    id: UUID
    notice_id: UUID
    attempt: int
    finished_at: Instant  # elapsed time
    outcome: Outcome
    error: str | None
    language: str
    catalogue: str
    text: str = field(repr=False)
    buttons: Json = field(repr=False)
    message_id: int | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit trail, opened; `removed`: its content was taken out by a logged redaction."""

    sequence: int
    at: Instant  # trial time
    actor: UUID | None  # None: the system
    action: str
    object_type: str
    object_id: UUID
    removed: bool
    before: Mapping[str, Json] = field(repr=False)
    after: Mapping[str, Json] = field(repr=False)
    reason: str | None = field(repr=False)


_NOTICE: Final = (
    notice.c.id,
    notice.c.kind,
    notice.c.person_id,
    notice.c.visit_id,
    notice.c.digest_id,
    notice.c.state,
    notice.c.void_because,
    notice.c.created_at,
    notice.c.place,
)
_OF_VISITS: Final = ForMany(lambda among: sa.select(*_NOTICE).where(among(notice.c.visit_id, "visits")))
_DIGESTS: Final = ForMany(
    lambda among: sa.select(digest_item.c.digest_id, digest_item.c.visit_id).where(
        among(digest_item.c.visit_id, "visits")
    )
)
_OF_DIGESTS: Final = ForMany(lambda among: sa.select(*_NOTICE).where(among(notice.c.digest_id, "digests")))
_SITES_OF_DIGESTS: Final = ForMany(
    lambda among: (
        sa.select(digest_item.c.digest_id, visit.c.site_id)
        .join_from(digest_item, visit, visit.c.id == digest_item.c.visit_id)
        .where(among(digest_item.c.digest_id, "digests"))
        .distinct()
    )
)
_THEIRS: Final = sa.select(membership.c.person_id).where(
    membership.c.study_id == sa.bindparam("study"),
    sa.or_(membership.c.site_id == sa.bindparam("site"), membership.c.site_id.is_(None)),
)
_MESSAGES: Final = sa.select(*_NOTICE, notice.c.sealed).where(
    notice.c.person_id.in_(_THEIRS),
    notice.c.kind == word(NoticeKind.MESSAGE),
    notice.c.created_at >= sa.bindparam("since"),
    notice.c.sealed.is_not(None),
)
_DELIVERIES: Final = ForMany(
    lambda among: (
        sa.select(delivery)
        .where(among(delivery.c.notice_id, "notices"))
        .order_by(delivery.c.notice_id, delivery.c.started_at, delivery.c.attempt)
    )
)
_STEPS: Final = ForMany(
    lambda among: (
        sa.select(reminder.c.notice_id, reminder.c.step).where(among(reminder.c.notice_id, "notices")).distinct()
    )
)
_ENTRIES: Final = ForMany(
    lambda among: (
        sa.select(
            audit.c.sequence,
            audit.c.at,
            audit.c.actor,
            audit.c.action,
            audit.c.object_type,
            audit.c.object_id,
            audit.c.sealed,
        )
        .where(among(audit.c.object_type, "types"), among(audit.c.object_id, "objects"))
        .order_by(audit.c.sequence)
    )
)
_SENT_AT: Final = ForMany(
    lambda among: sa.select(audit.c.object_id, audit.c.at, audit.c.sequence).where(
        audit.c.object_type == word(delivery.name), among(audit.c.object_id, "objects")
    )
)
_OBJECTS: Final[Mapping[str, sa.Select[*tuple[Any, ...]]]] = {
    table.name: sa.select(table.c.id).where(table.c.patient_id == sa.bindparam("patient"))
    for table in (patient_event, patient_fact, office_item, contact_attempt, assignment, hold, consent)
}
_OBJECTS_OF_VISITS: Final = ForMany(
    lambda among: sa.select(item_link.c.id).where(among(item_link.c.visit_id, "visits"))
)
_CHECKS: Final = ForMany(lambda among: sa.select(claim_check.c.id).where(among(claim_check.c.task_id, "tasks")))


def notices_of_visits(tx: Tx, visit_ids: Collection[UUID]) -> tuple[SentNotice, ...]:
    """Cards, nudges and their edits about these visits, and digests that list one of them."""
    if not visit_ids:
        return ()
    found = [_notice(row, (row.visit_id,)) for row in _OF_VISITS.rows(tx.connection, {"visits": sorted(visit_ids)})]
    listed: dict[UUID, set[UUID]] = defaultdict(set)
    for row in _DIGESTS.rows(tx.connection, {"visits": sorted(visit_ids)}):
        listed[row.digest_id].add(row.visit_id)
    if listed:
        rows = _OF_DIGESTS.rows(tx.connection, {"digests": sorted(listed)})
        found += [_notice(row, tuple(sorted(listed[row.digest_id]))) for row in rows]
    return tuple(found)


def sites_of_digests(tx: Tx, digest_ids: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """Of which sites each of these digests tells."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    if digest_ids:
        for row in _SITES_OF_DIGESTS.rows(tx.connection, {"digests": sorted(digest_ids)}):
            found[row.digest_id].add(row.site_id)
    return {digest_id: frozenset(sites) for digest_id, sites in found.items()}


def messages_naming(
    tx: Tx, *, study_id: UUID, study_code: str, site_id: UUID, code: str, since: Instant
) -> tuple[SentNotice, ...]:
    """Messages to people of this site and of the trial office that are about this patient and no visit's card."""
    values = {"study": study_id, "site": site_id, "since": since}
    found = []
    for row in tx.connection.execute(_MESSAGES, values):
        message = tx.unseal(notice, row.id, row.sealed).get("message")
        if isinstance(message, Mapping) and message.get("code") == code and message.get("study") == study_code:
            found.append(_notice(row, (), message=str(message.get("kind", ""))))
    return tuple(found)


def deliveries_of(tx: Tx, notice_ids: Collection[UUID]) -> Mapping[UUID, tuple[SentDelivery, ...]]:
    """Every attempt to send these notices, the first one first."""
    found: dict[UUID, list[SentDelivery]] = defaultdict(list)
    if notice_ids:
        for row in _DELIVERIES.rows(tx.connection, {"notices": sorted(notice_ids)}):
            found[row.notice_id].append(_delivery(tx, row))
    return {notice_id: tuple(attempts) for notice_id, attempts in found.items()}


def steps_of(tx: Tx, notice_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The steps of the ladder that these notices told of."""
    found: dict[UUID, list[str]] = defaultdict(list)
    if notice_ids:
        for row in _STEPS.rows(tx.connection, {"notices": sorted(notice_ids)}):
            found[row.notice_id].append(row.step)
    return {notice_id: tuple(sorted(steps)) for notice_id, steps in found.items()}


def sent_at(tx: Tx, delivery_ids: Collection[UUID]) -> Mapping[UUID, tuple[Instant, int]]:
    """When each of these attempts was recorded, in trial time, and its place in the audit trail."""
    if not delivery_ids:
        return {}
    rows = _SENT_AT.rows(tx.connection, {"objects": [str(one) for one in sorted(delivery_ids)]})
    return {UUID(row.object_id): (row.at, row.sequence) for row in rows}


def entries_of(tx: Tx, patient_id: UUID, visit_ids: Collection[UUID], task_ids: Collection[UUID]) -> tuple[Entry, ...]:
    """The audit trail about this patient: of the row itself, and of all that hangs on it but answers and deliveries."""
    objects: dict[str, list[UUID]] = {
        patient.name: [patient_id],
        visit.name: list(visit_ids),
        "task": list(task_ids),
    }
    for name, statement in _OBJECTS.items():
        objects[name] = list(tx.connection.scalars(statement, {"patient": patient_id}))
    if visit_ids:
        rows = _OBJECTS_OF_VISITS.rows(tx.connection, {"visits": sorted(visit_ids)})
        objects[item_link.name] = [row.id for row in rows]
    if task_ids:
        objects[claim_check.name] = [row.id for row in _CHECKS.rows(tx.connection, {"tasks": sorted(task_ids)})]
    wanted = {"types": sorted(objects), "objects": sorted({str(one) for ids in objects.values() for one in ids})}
    return tuple(_entry(tx, row) for row in _ENTRIES.rows(tx.connection, wanted))


def entries_about(tx: Tx, table: str, ids: Collection[UUID]) -> tuple[Entry, ...]:
    """The audit trail about these rows of one table."""
    if not ids:
        return ()
    wanted = {"types": [table], "objects": [str(one) for one in sorted(ids)]}
    return tuple(_entry(tx, row) for row in _ENTRIES.rows(tx.connection, wanted))


def _notice(row: sa.Row[*tuple[Any, ...]], visits: tuple[UUID, ...], *, message: str = "") -> SentNotice:
    return SentNotice(
        id=row.id,
        kind=NoticeKind(row.kind),
        person_id=row.person_id,
        digest_id=row.digest_id,
        state=NoticeState(row.state),
        void_because=row.void_because,
        created_at=row.created_at,
        place=row.place,
        visit_ids=visits,
        message=message,
    )


def _delivery(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> SentDelivery:
    opened = tx.unseal(delivery, row.id, row.sealed)
    message_id = opened["message_id"]
    return SentDelivery(
        id=row.id,
        notice_id=row.notice_id,
        attempt=row.attempt,
        finished_at=row.finished_at,
        outcome=Outcome(row.outcome),
        error=row.error,
        language=row.language,
        catalogue=row.catalogue,
        text=str(opened["text"]),
        buttons=opened["buttons"],
        message_id=message_id if isinstance(message_id, int) else None,
    )


def _entry(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> Entry:
    opened = {} if row.sealed is None else tx.unseal(audit, entry_row(row.sequence), row.sealed)
    before, after, reason = (opened.get(name) for name in ("before", "after", "reason"))
    return Entry(
        sequence=row.sequence,
        at=row.at,
        actor=_person(row.actor),
        action=row.action,
        object_type=row.object_type,
        object_id=UUID(row.object_id),
        removed=row.sealed is None,
        before=before if isinstance(before, Mapping) else {},
        after=after if isinstance(after, Mapping) else {},
        reason=reason if isinstance(reason, str) else None,
    )


def _person(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None
