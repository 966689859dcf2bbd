"""The outbox: messages that have to go out, claimed by one sender, settled by what came of each attempt.

Sending is at least once. An attempt whose answer never came is ambiguous and is repeated once; if the repeat is
ambiguous too, the notice is `unknown` and stands on the board. A claim carries the token of its lease and counts the
attempt up; settling asks for both again, so a sender that was overtaken changes nothing. Only what was handed over can be
in doubt: a claim whose sender died before that simply waits again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Bulk
from records.errors import TamperedRecord
from records.leases import SERVICE
from records.schema import OPEN_NOTICE, TROUBLED_NOTICE, delivery, digest, lease, notice, person, reminder, word
from records.sealing import Json
from records.transaction import Tx
from trial.moments import Instant

FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=5)
AMBIGUOUS_AT_MOST: Final = 2
STRANGER: Final = "notice.chat"  # blind index of a chat that is nobody's
OVERTAKEN: Final = "overtaken"
TAMPERED: Final = "tampered"


class NoticeKind(StrEnum):
    CARD = "card"  # composed from the visit's state when it is sent
    EDIT = "edit"  # brings a card up to date
    MESSAGE = "message"  # its Message is in the payload
    DELETION = "deletion"  # takes a message out of a chat
    DIGEST = "digest"  # a new digest, or an edit of one that stands in the chat; composed when it is sent


class NoticeState(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"  # somebody's to send; it has not left yet
    SENDING = "sending"  # handed over, or about to be: from here on it may have arrived
    SENT = "sent"
    UNKNOWN = "unknown"  # handed over twice, and twice no answer came
    FAILED = "failed"
    VOID = "void"  # became pointless; the reason is recorded


class Outcome(StrEnum):
    """What came of one attempt."""

    ACCEPTED = "accepted"
    NOT_MODIFIED = "not_modified"  # an edit that changes nothing
    NOT_SENT = "not_sent"  # it never left
    FLOOD = "flood"  # the server asks us to wait
    SERVER_ERROR = "server_error"
    AMBIGUOUS = "ambiguous"  # it left, and no answer came
    UNREACHABLE = "unreachable"  # blocked, deactivated, chat not found
    REFUSED = "refused"  # will never be taken as it is


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A message to put. `chat` only for somebody who is nobody here: then `person_id` is None."""

    kind: NoticeKind
    person_id: UUID | None = None
    visit_id: UUID | None = None
    payload: Mapping[str, Json] | None = field(default=None, repr=False)
    chat: str | None = field(default=None, repr=False)
    id: UUID | None = None
    digest_id: UUID | None = None
    hold_until: datetime | None = None  # elapsed; None: as all that are put with it


@dataclass(frozen=True, slots=True)
class Claim:
    """One notice, ours to send once: `payload` as it was put."""

    notice_id: UUID
    kind: NoticeKind
    person_id: UUID | None
    visit_id: UUID | None
    payload: dict[str, Json] | None = field(repr=False)
    token: int
    attempt: int
    ambiguous: int
    created_at: Instant
    digest_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried, exactly as it was sent, and what came of it. Times are elapsed."""

    outcome: Outcome
    started_at: datetime
    finished_at: datetime
    language: str
    catalogue: str
    text: str = field(repr=False, default="")
    buttons: Json = field(repr=False, default=None)
    message_id: int | None = field(repr=False, default=None)
    error: str | None = None  # a closed word
    retry_after: timedelta | None = None  # of a flood


@dataclass(frozen=True, slots=True)
class OutboxStanding:
    """How the outbox stands: for the board and `sitebell doctor`."""

    waiting: int
    sending: int
    unknown: int
    failed: int
    oldest_due: Instant | None  # elapsed: since when the oldest notice that may go has waited


_other = notice.alias("other")
_OTHER_OPEN: Final = _other.c.state.in_((word("waiting"), word("claimed"), word("sending")))
_CLAIMABLE: Final = (
    sa.select(
        notice.c.id,
        notice.c.kind,
        notice.c.person_id,
        notice.c.visit_id,
        notice.c.attempt,
        notice.c.ambiguous,
        notice.c.created_at,
        notice.c.sealed,
        notice.c.digest_id,
    )
    .where(
        OPEN_NOTICE,
        notice.c.state == word("waiting"),
        notice.c.hold_until <= sa.bindparam("elapsed"),
        # One message in flight to a person, and the oldest of those that may go first.
        ~sa.exists().where(
            _OTHER_OPEN,
            _other.c.person_id == notice.c.person_id,
            _other.c.id != notice.c.id,
            sa.or_(
                _other.c.state != word("waiting"),
                sa.and_(
                    _other.c.hold_until <= sa.bindparam("elapsed"),
                    sa.tuple_(_other.c.created_at, _other.c.place) < sa.tuple_(notice.c.created_at, notice.c.place),
                ),
            ),
        ),
    )
    .order_by(notice.c.hold_until)
    .limit(sa.bindparam("at_most"))
    .with_for_update(of=notice, skip_locked=True)
)
_CLAIM: Final = (
    sa.update(notice)
    .where(notice.c.id == sa.bindparam("of"), notice.c.state == word("waiting"))
    .values(state=NoticeState.CLAIMED, claim=sa.bindparam("under"), attempt=sa.bindparam("nth"))
)
_HAND_OVER: Final = (
    sa.update(notice)
    .where(
        notice.c.id == sa.bindparam("of"),
        notice.c.state == word("claimed"),
        notice.c.claim == sa.bindparam("under"),
        notice.c.attempt == sa.bindparam("nth"),
    )
    .values(state=NoticeState.SENDING)
)
_GIVE_UP: Final = (
    sa.update(notice)
    .where(notice.c.id == sa.bindparam("of"), notice.c.state == word("waiting"))
    .values(state=NoticeState.FAILED, void_because=TAMPERED)
)
_NEWEST_TOKEN: Final = sa.select(lease.c.token).where(lease.c.name == sa.bindparam("of"))
_SETTLE: Final = (
    sa.update(notice)
    .where(
        notice.c.id == sa.bindparam("of"),
        notice.c.state.in_((word("claimed"), word("sending"))),
        notice.c.claim == sa.bindparam("under"),
        notice.c.attempt == sa.bindparam("nth"),
    )
    .values(
        state=sa.bindparam("into"),
        hold_until=sa.func.coalesce(sa.bindparam("until", type_=notice.c.hold_until.type), notice.c.hold_until),
        ambiguous=sa.bindparam("doubts"),
        settled_at=sa.bindparam("settled"),
        void_because=sa.bindparam("because"),
    )
)
_ADD: Final = Bulk.inserting(
    notice,
    "id",
    "kind",
    "person_id",
    "visit_id",
    "state",
    "created_at",
    "place",
    "hold_until",
    "chat_index",
    "sealed",
    "digest_id",
)
_ADD_DELIVERY: Final = delivery.insert()
_DELIVERED: Final = sa.select(delivery.c.id).where(
    delivery.c.notice_id == sa.bindparam("of"), delivery.c.attempt == sa.bindparam("nth")
)
_OPEN_DIGESTS: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    notice.c.digest_id, notice.c.hold_until, notice.c.attempt
).where(notice.c.state == word("waiting"), notice.c.digest_id.in_(sa.bindparam("digests", expanding=True)))
_ABANDONED: Final = (
    sa.select(notice.c.id, notice.c.state, notice.c.claim, notice.c.attempt, notice.c.ambiguous)
    .where(OPEN_NOTICE, notice.c.state != word("waiting"), notice.c.claim < sa.bindparam("under"))
    .with_for_update()
)
_COUNTS: Final = sa.union_all(
    *(
        sa.select(notice.c.state, sa.func.count().label("number")).where(clause).group_by(notice.c.state)
        for clause in (OPEN_NOTICE, TROUBLED_NOTICE)
    )
)
_NOT_SENT_YET: Final = sa.select(digest.c.id).where(digest.c.message_index.is_(None))
_UNREACHABLE: Final = (
    sa.update(person).where(person.c.id == sa.bindparam("of"), person.c.reachable).values(reachable=False)
)


# --- putting ----------------------------------------------------------------------------------------------------------


def put(
    tx: Tx, notices: Sequence[NewNotice], *, now: datetime, elapsed: datetime, hold_until: datetime | None = None
) -> tuple[UUID, ...]:
    """Put these, in this order for each person. They may go from `hold_until` (elapsed) on, at once if it is None."""
    rows: list[dict[str, object]] = []
    ids: list[UUID] = []
    for new in notices:
        row_id = new.id or tx.new_id()
        ids.append(row_id)
        payload = {**(new.payload or {}), **({} if new.chat is None else {"chat": new.chat})}
        rows.append(
            {
                "id": row_id,
                "kind": new.kind.value,
                "person_id": new.person_id,
                "visit_id": new.visit_id,
                "state": NoticeState.WAITING.value,
                "created_at": now,
                "place": tx.next_place(),
                "hold_until": new.hold_until or hold_until or elapsed,
                "chat_index": None if new.chat is None else tx.blind(STRANGER, new.chat),
                "sealed": tx.seal(notice, row_id, payload) if payload else None,
                "digest_id": new.digest_id,
            }
        )
    _ADD.write(tx.connection, rows)
    return tuple(ids)


def put_digests(
    tx: Tx,
    wanted: Sequence[tuple[UUID, UUID]],
    *,
    now: datetime,
    elapsed: datetime,
    hold_until: datetime | None = None,
) -> int:
    """Send these digests or bring them up to date, pairs of digest and person; says how many notices were put.

    One that still waits to be sent shows what holds then, so it is enough: one that may go now for what is wanted now,
    any for what is wanted later (`hold_until`, elapsed).
    """
    if not wanted:
        return 0
    rows = tx.connection.execute(_OPEN_DIGESTS, {"digests": [one for one, _ in wanted]})
    # One that was tried is in back-off, not kept for later.
    waiting = {
        row.digest_id
        for row in rows
        if (row.hold_until <= elapsed or row.attempt > 0 if hold_until is None else row.hold_until >= hold_until)
    }
    new = [
        NewNotice(NoticeKind.DIGEST, person_id=person_id, digest_id=one, hold_until=hold_until)
        for one, person_id in wanted
        if one not in waiting
    ]
    return len(put(tx, new, now=now, elapsed=elapsed))


def stranger_told_since(tx: Tx, chat: str, *, since: datetime) -> bool:
    """Whether a refusal was put for this chat since then (trial time)."""
    found = sa.select(notice.c.id).where(notice.c.chat_index == tx.blind(STRANGER, chat), notice.c.created_at >= since)
    return tx.connection.execute(found.limit(1)).first() is not None


# --- sending ----------------------------------------------------------------------------------------------------------


def claim(tx: Tx, *, elapsed: datetime, token: int, limit: int, lease_name: str = SERVICE) -> tuple[Claim, ...]:
    """Notices to send now, at most one for each person; commit before sending. Nothing under an outdated token."""
    newest = tx.connection.scalar(_NEWEST_TOKEN, {"of": lease_name})
    if newest is not None and newest != token:
        return ()
    rows = tx.connection.execute(_CLAIMABLE, {"elapsed": elapsed, "at_most": limit}).all()
    claims: list[Claim] = []
    for row in rows:
        try:
            payload = None if row.sealed is None else tx.unseal(notice, row.id, row.sealed)
        except TamperedRecord:
            # One that does not open must not hold up all the others; `audit verify` and the board show it.
            tx.connection.execute(_GIVE_UP, {"of": row.id})
            continue
        claims.append(
            Claim(
                notice_id=row.id,
                kind=NoticeKind(row.kind),
                person_id=row.person_id,
                visit_id=row.visit_id,
                payload=payload,
                token=token,
                attempt=row.attempt + 1,
                ambiguous=row.ambiguous,
                created_at=Instant(row.created_at),
                digest_id=row.digest_id,
            )
        )
    if claims:
        tx.connection.execute(_CLAIM, [{"of": one.notice_id, "under": token, "nth": one.attempt} for one in claims])
    return tuple(claims)


def hand_over(tx: Tx, claimed: Claim) -> bool:
    """Say, and commit, that this notice leaves now. False: somebody else took it over, so it must not leave."""
    values = {"of": claimed.notice_id, "under": claimed.token, "nth": claimed.attempt}
    return tx.connection.execute(_HAND_OVER, values).rowcount == 1


def settle(tx: Tx, claimed: Claim, attempt: Attempt, *, now: datetime, elapsed: datetime) -> bool:
    """Record what came of it. False: somebody else took the notice over, and its state was left alone.

    The delivery is recorded in both cases: an overtaken sender may have sent a copy, and that copy has to be explained.
    """
    state, hold_until = _after(claimed, attempt, elapsed)
    doubts = claimed.ambiguous + (attempt.outcome is Outcome.AMBIGUOUS)
    ours = _close(tx, claimed, into=state, hold_until=hold_until, doubts=doubts, now=now)
    _record(tx, claimed, attempt, now=now, elapsed=elapsed, overtaken=not ours)
    if ours and attempt.outcome is Outcome.UNREACHABLE and claimed.person_id is not None:
        _mark_unreachable(tx, claimed.person_id, now=now, elapsed=elapsed)
    return ours


def drop(tx: Tx, claimed: Claim, because: str, *, now: datetime) -> bool:
    """A claimed notice that became pointless: a recorded nothing. `because` is a closed word."""
    return _close(
        tx, claimed, into=NoticeState.VOID, hold_until=None, doubts=claimed.ambiguous, now=now, because=because
    )


def put_off(tx: Tx, claimed: Claim, *, until: datetime, now: datetime) -> bool:
    """A claimed notice that does not leave now, and waits until then (elapsed)."""
    doubts = claimed.ambiguous
    return _close(tx, claimed, into=NoticeState.WAITING, hold_until=until, doubts=doubts, now=now)


def void_waiting(
    tx: Tx, because: str, *, now: datetime, people: Sequence[UUID] = (), visits: Sequence[UUID] = ()
) -> int:
    """Call back what waits for these people or about these visits. What is being sent is past calling back."""
    if not people and not visits:
        return 0
    whose = sa.or_(notice.c.person_id.in_(list(people)), notice.c.visit_id.in_(list(visits)))
    return tx.connection.execute(
        sa.update(notice)
        .where(OPEN_NOTICE, notice.c.state == word("waiting"), whose)
        .values(state=NoticeState.VOID, void_because=because, settled_at=now)
    ).rowcount


def call_back_cards(tx: Tx, because: str, *, now: datetime) -> int:
    """Calls back every card and digest that waits to be sent; what they were to tell waits for a digest instead. How many
    notices there were. Edits, and answers to what people do, go on.
    """
    rows = tx.connection.scalars(
        sa.select(notice.c.id)
        .where(
            OPEN_NOTICE,
            notice.c.state == word("waiting"),
            sa.or_(
                notice.c.kind == word("card"),
                # A digest that stands in the chat already is only brought up to date.
                sa.and_(notice.c.kind == word("digest"), notice.c.digest_id.in_(_NOT_SENT_YET)),
            ),
        )
        .order_by(notice.c.id)
    ).all()
    if not rows:
        return 0
    tx.connection.execute(
        sa.update(notice)
        .where(notice.c.id.in_(rows))
        .values(state=NoticeState.VOID, void_because=because, settled_at=now)
    )
    tx.connection.execute(
        sa.update(reminder)
        .where(reminder.c.notice_id.in_(rows), reminder.c.state == word("grouped"))
        .values(state="waiting", notice_id=None, single=False)
    )
    return len(rows)


def recover(tx: Tx, *, token: int, now: datetime, elapsed: datetime) -> int:
    """Take back what senders under older tokens left: what was handed over is ambiguous. Says how many there were."""
    rows = tx.connection.execute(_ABANDONED, {"under": token}).all()
    for row in rows:
        left = row.state == NoticeState.SENDING
        doubts = row.ambiguous + left
        given_up = doubts >= AMBIGUOUS_AT_MOST
        values = {
            "of": row.id,
            "under": row.claim,
            "nth": row.attempt,
            "into": NoticeState.UNKNOWN if given_up else NoticeState.WAITING,
            "until": None if given_up else elapsed,
            "doubts": doubts,
            "settled": now if given_up else None,
            "because": None,
        }
        tx.connection.execute(_SETTLE, values)
        tx.audit(
            "notice.abandoned" if left else "notice.released",
            table=notice,
            object_id=row.id,
            by=None,
            at=now,
            recorded_at=elapsed,
            after={"attempt": row.attempt, "state": values["into"]},
        )
    return len(rows)


def standing(tx: Tx, *, elapsed: datetime) -> OutboxStanding:
    counts = {row.state: row.number for row in tx.connection.execute(_COUNTS)}
    oldest = tx.connection.scalar(
        sa.select(sa.func.min(notice.c.hold_until)).where(
            OPEN_NOTICE, notice.c.state == word("waiting"), notice.c.hold_until <= elapsed
        )
    )
    return OutboxStanding(
        waiting=counts.get(NoticeState.WAITING, 0),
        sending=counts.get(NoticeState.CLAIMED, 0) + counts.get(NoticeState.SENDING, 0),
        unknown=counts.get(NoticeState.UNKNOWN, 0),
        failed=counts.get(NoticeState.FAILED, 0),
        oldest_due=None if oldest is None else Instant(oldest),
    )


# --- what came of it --------------------------------------------------------------------------------------------------


def back_off(attempt: int) -> timedelta:
    """How long to wait after this attempt: a second, doubling, at most five minutes."""
    doublings = min(attempt - 1, 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _after(claimed: Claim, attempt: Attempt, elapsed: datetime) -> tuple[NoticeState, datetime | None]:
    match attempt.outcome:
        case Outcome.ACCEPTED | Outcome.NOT_MODIFIED:
            return NoticeState.SENT, None
        case Outcome.NOT_SENT | Outcome.SERVER_ERROR:
            return NoticeState.WAITING, elapsed + back_off(claimed.attempt)
        case Outcome.FLOOD:
            return NoticeState.WAITING, elapsed + (attempt.retry_after or back_off(claimed.attempt))
        case Outcome.AMBIGUOUS:
            if claimed.ambiguous + 1 >= AMBIGUOUS_AT_MOST:
                return NoticeState.UNKNOWN, None
            return NoticeState.WAITING, elapsed + back_off(claimed.attempt)
        case Outcome.UNREACHABLE | Outcome.REFUSED:
            return NoticeState.FAILED, None
        case never:
            assert_never(never)


def _close(
    tx: Tx,
    claimed: Claim,
    *,
    into: NoticeState,
    hold_until: datetime | None,
    doubts: int,
    now: datetime,
    because: str | None = None,
) -> bool:
    values = {
        "of": claimed.notice_id,
        "under": claimed.token,
        "nth": claimed.attempt,
        "into": into,
        "until": hold_until,
        "doubts": doubts,
        "settled": None if into is NoticeState.WAITING else now,
        "because": because,
    }
    return tx.connection.execute(_SETTLE, values).rowcount == 1


def _record(tx: Tx, claimed: Claim, attempt: Attempt, *, now: datetime, elapsed: datetime, overtaken: bool) -> None:
    if overtaken and tx.connection.execute(_DELIVERED, {"of": claimed.notice_id, "nth": claimed.attempt}).first():
        return  # the same attempt, settled twice
    row_id = tx.new_id()
    sent: dict[str, Json] = {"text": attempt.text, "buttons": attempt.buttons, "message_id": attempt.message_id}
    tx.connection.execute(
        _ADD_DELIVERY,
        {
            "id": row_id,
            "notice_id": claimed.notice_id,
            "attempt": claimed.attempt,
            "started_at": attempt.started_at,
            "finished_at": attempt.finished_at,
            "outcome": attempt.outcome,
            "error": OVERTAKEN if overtaken else attempt.error,
            "language": attempt.language,
            "catalogue": attempt.catalogue,
            "sealed": tx.seal(delivery, row_id, sent),
        },
    )
    tx.audit(
        f"delivery.{attempt.outcome}",
        table=delivery,
        object_id=row_id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={**sent, "notice": str(claimed.notice_id), "attempt": claimed.attempt, "overtaken": overtaken},
    )


def _mark_unreachable(tx: Tx, person_id: UUID, *, now: datetime, elapsed: datetime) -> None:
    if tx.connection.execute(_UNREACHABLE, {"of": person_id}).rowcount == 1:
        tx.audit(
            "person.unreachable",
            table=person,
            object_id=person_id,
            by=None,
            at=now,
            recorded_at=elapsed,
            before={"reachable": True},
            after={"reachable": False},
        )
