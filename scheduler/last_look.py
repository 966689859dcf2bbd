"""The last look at a notice before it leaves: may its person still be written to?

A notice is put into its person's hours. Floods, a network that is down, a service that was off can keep it until they are
over, and hours and absences change: what nobody waits for is not delivered then.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from records import digests, outbox, people, reminders, schema
from records.outbox import Claim, NoticeKind
from records.transaction import Tx
from scheduler.digesting import homes_of
from scheduler.there import Reader, managers
from trial.hours import next_permitted
from trial.messages import DigestKind
from trial.moments import Instant

JUST_PUT: Final = timedelta(seconds=30)
"""What was put so short a time ago was put into its person's hours, and is not asked again. Ours."""

OUT_OF_HOURS: Final = "out_of_hours"

IN_HOURS: Final = "in_hours"
"""Stands in the payload of a message that nobody waits for."""


def put_off(tx: Tx, claim: Claim, *, now: Instant, elapsed: Instant) -> bool:
    """Whether this notice must not leave now, and then it waits: a card's reminders for their next grouping, which knows
    the day's cap and who is away; a digest or a message for its person's hours. What answers somebody leaves at any time.
    """
    if claim.person_id is None or now - claim.created_at < JUST_PUT or not _unasked(tx, claim):
        return False
    reader = _reader(tx, claim.person_id, now=now)
    if reader is None:
        return False
    at = next_permitted(now, reader.hours)
    if at <= now:
        return False
    if claim.kind is NoticeKind.CARD:
        # Whoever is away is not waited for: grouped now, these go to somebody else.
        away = reader.away_on(now.astimezone(reader.hours.zone).date())
        reminders.take_back(tx, claim.notice_id, not_before=now if away else at)
        outbox.drop(tx, claim, OUT_OF_HOURS, now=now)
    else:
        outbox.put_off(tx, claim, until=elapsed + (at - now), now=now)
    tx.audit(
        "notice.put_off",
        table=schema.notice,
        object_id=claim.notice_id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={"until": at.isoformat()},
    )
    return True


def _unasked(tx: Tx, claim: Claim) -> bool:
    """Whether this is new on the phone, and no answer to anything that its person did."""
    match claim.kind:
        case NoticeKind.CARD:
            return True
        case NoticeKind.DIGEST:
            digest = None if claim.digest_id is None else digests.digest_by_id(tx, claim.digest_id)
            return digest is not None and digest.message_id is None and digest.kind is not DigestKind.ASKED
        case NoticeKind.MESSAGE:
            return bool((claim.payload or {}).get(IN_HOURS))
        case NoticeKind.EDIT | NoticeKind.DELETION:
            return False


def _reader(tx: Tx, person_id: UUID, *, now: Instant) -> Reader | None:
    """The person as somebody to write to; None for nobody of a site and no manager."""
    home = homes_of(tx, [person_id], now=now).get(person_id)
    if home is not None:
        return home.reader
    for study_id in dict.fromkeys(one.study_id for one in people.memberships_of(tx, person_id)):
        for reader in managers(tx, study_id, now=now):
            if reader.person_id == person_id:
                return reader
    return None
