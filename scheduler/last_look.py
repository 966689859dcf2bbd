"""The last look at a notice before it leaves: may its person still be written to, and is nothing of it on hold?

A notice is put into its person's hours. Floods, a network that is down, a service that was off can keep it until they are
over, and hours and absences change: what nobody waits for is not delivered then. Nor is what was put on hold meanwhile.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from records import agenda, digests, outbox, people, reminders, schema
from records.outbox import Claim, NoticeKind
from records.transaction import Tx
from scheduler.digesting import homes_of, make
from scheduler.holds import BECAUSE, rest, standing, waking
from scheduler.there import Reader, managers, there
from trial.hours import next_permitted
from trial.messages import DigestKind
from trial.moments import Instant

JUST_PUT: Final = timedelta(seconds=30)
"""What was put so short a time ago was put into its person's hours, and is not asked again. Ours."""

OUT_OF_HOURS: Final = "out_of_hours"

IN_HOURS: Final = "in_hours"
"""Stands in the payload of a message that nobody waits for."""


def put_off(tx: Tx, claim: Claim, *, now: Instant, elapsed: Instant) -> bool:
    """Whether this notice must not leave now, and then it waits: what is on hold for the end of its hold; a card's reminders
    for their next grouping, which knows the day's cap and who is away; a digest or a message for its person's hours. What
    answers somebody leaves at any time.
    """
    if claim.person_id is None:
        return False
    if _let_be(tx, claim, claim.person_id, now=now, elapsed=elapsed):
        return True
    if now - claim.created_at < JUST_PUT or not _unasked(tx, claim):
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


def _let_be(tx: Tx, claim: Claim, person_id: UUID, *, now: Instant, elapsed: Instant) -> bool:
    """Whether this notice must not leave because what it tells was put on hold after it was put: it is told behind the
    hold, and what else stood in a digest goes into a new one. A card that tells something else, too, leaves.
    """
    stands = standing(tx, now=now) if claim.kind in {NoticeKind.CARD, NoticeKind.DIGEST} else None
    if not stands or not _unasked(tx, claim):
        return False
    row = None if claim.digest_id is None else digests.digest_by_id(tx, claim.digest_id)
    rung = {task_id for task_id, _ in reminders.reminders_in(tx, claim.notice_id)}
    told = rung if row is None else {item.task_id for item in digests.items_of(tx, row.id)}
    tasks = agenda.tasks_by_ids(tx, sorted(told))
    wakes = waking(stands, tasks, there(tx, {task.site_id for task in tasks}, now=now), now=now)
    if not wakes:
        return False
    rest(tx, reminders.void_of_notice(tx, claim.notice_id, sorted(wakes), because=BECAUSE), wakes)
    if row is None and told - wakes.keys():
        return False
    reminders.take_back(tx, claim.notice_id, not_before=now)
    outbox.drop(tx, claim, BECAUSE, now=now)
    home = homes_of(tx, [person_id], now=now).get(person_id)
    if row is not None and home is not None:
        left = [task for task in tasks if task.id not in wakes]
        make(tx, home, row.kind, left, of_person=row.of_person, now=now, elapsed=elapsed)
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
