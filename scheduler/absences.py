"""People go away and come back: what they were to be told goes to whoever stands in, when it is time."""

from dataclasses import replace
from uuid import UUID

from records.transaction import Tx
from scheduler.digesting import agenda_of, homes_of, make, set_digest_alarm
from scheduler.there import Reader
from trial.digest import next_digest
from trial.messages import DigestKind
from trial.moments import Instant


def hand_over_absent(tx: Tx, person_id: UUID, *, now: Instant) -> None:
    """An absence was recorded, changed, or got another cover: sets the alarms of everybody whom it concerns.

    From the first day on the cover gets a digest of what is open, and what the absent were still to be told is told to
    others. Where that day has come, the next tick does both.
    """
    set_digest_alarm(tx, person_id, now=now)
    home = homes_of(tx, [person_id], now=now).get(person_id)
    if home is None:
        return
    for cover_id in sorted({one.cover_id for one in home.reader.absences if one.cover_id is not None}):
        set_digest_alarm(tx, cover_id, now=now)


def come_back(tx: Tx, person_id: UUID, *, since: Instant, now: Instant, elapsed: Instant) -> UUID | None:
    """Somebody is back earlier than they said, and the absence was ended: who has missed a weekly digest `since` they
    went gets it now. Whoever comes back on time gets it on their first morning by itself.
    """
    home = homes_of(tx, [person_id], now=now).get(person_id)
    made = None
    if home is not None and home.reader.can_be_told and _missed_one(home.reader, since, now):
        made = make(tx, home, DigestKind.WEEKLY, agenda_of(tx, home, now=now), now=now, elapsed=elapsed)
    set_digest_alarm(tx, person_id, now=now)
    return made


def _missed_one(reader: Reader, since: Instant, now: Instant) -> bool:
    if reader.digest_on is None:
        return False
    return next_digest(since, replace(reader.hours, away=()), reader.digest_on) <= now
