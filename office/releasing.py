"""Letting go what waits since a long silence of ours, by somebody who may say so."""

from dataclasses import dataclass
from uuid import UUID

from office.judging import Refusal
from office.rights import allowed_in_study
from records import outages, reminders
from records.transaction import Tx
from scheduler import outages as silences
from scheduler.digesting import homes_of
from trial.access import Action
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Released:
    """How many people get one digest each."""

    digests: int


def release_outage(
    tx: Tx, outage_id: UUID, study_id: UUID, *, by: UUID, now: Instant, elapsed: Instant
) -> Released | Refusal:
    """Sending goes on. Whoever manages one study of a deployment may say so: there is one bot for all of them.

    CLOSED: it was not held, or was released before.
    """
    if not allowed_in_study(tx, by, Action.MANAGE, study_id, now=now):
        return Refusal.NOT_ALLOWED
    told = silences.release(tx, outage_id, by, now=now, elapsed=elapsed)
    return Refusal.CLOSED if told is None else Released(told)


def would_be_told(tx: Tx, *, now: Instant) -> int | None:
    """How many people would get a digest if it were released now; None: nothing is held."""
    if outages.held_outage(tx) is None:
        return None
    homes = homes_of(tx, reminders.people_awaiting_digest(tx), now=now).values()
    return sum(home.reader.can_be_told and not home.reader.away_on(home.today(now)) for home in homes)
