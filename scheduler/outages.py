"""Outages of our own. A long silence is recorded; whoever may have pressed or written in vain is told so in one line.

After more than a day, or when a backup was restored, what people would be told may be long out of date: what rings goes
into reminders alone until somebody of the trial office releases it, and then into one digest for each person.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from records import office_items, outages, outbox, reminders, schema, studies
from records.database import Records
from records.office_items import NewItem
from records.outages import OutageRow
from records.outbox import NewNotice, NoticeKind
from records.pulses import pulses
from records.sealing import Json
from records.transaction import Tx
from scheduler.digesting import homes_of, make, set_digest_alarm
from scheduler.last_look import IN_HOURS
from scheduler.opening import close_item, open_item
from scheduler.watching import TICK, TICK_MISSING_AFTER
from trial.hours import next_permitted
from trial.message_codec import message_to_data
from trial.messages import DigestKind, Gap, ItemKind
from trial.moments import Instant, instant

GAP: Final = timedelta(seconds=120)
"""From so long a silence on somebody's press may have got lost: Telegram keeps one for about 150 s."""

HOLD_AFTER: Final = timedelta(hours=24)
"""After so long a silence nothing goes out before somebody has looked. Ours."""

IN_TOUCH: Final = timedelta(hours=24)
"""Who was sent something, or answered, within so long may have pressed or written meanwhile: Telegram keeps a text so long."""

OUTAGE: Final = "outage"


def note_gap(records: Records, *, now: Instant, elapsed: Instant) -> UUID | None:
    """Called when the service starts, before its first tick: records the silence since its last sign of life, if there
    was one. The outage's id; None where there was none. A process that dies before its first tick, and another that is
    started after it, are one outage, which is told once.
    """
    with records.begin() as tx:
        sign = pulses(tx).get(TICK)
        known = next(iter(outages.latest_outages(tx, limit=1)), None)
        if sign is None:
            return None
        began_at = sign.at
        if known is not None and known.released_at is not None:
            began_at = max(began_at, known.ended_at)
        if elapsed - began_at <= GAP:
            return None
        # A demo is left alone over night and goes on where it stood: there is no trial office to release it.
        held = elapsed - began_at > HOLD_AFTER and not records.demo
        if known is not None and known.released_at is None and known.began_at >= began_at:
            _prolong(tx, known, held=held, now=now, elapsed=elapsed)
            return known.id
        outage_id = _record(tx, began_at=began_at, held=held, now=now, elapsed=elapsed)
        if not held:
            _tell_gap(tx, outages.people_in_touch(tx, since=instant(elapsed - IN_TOUCH)), now=now, elapsed=elapsed)
            if elapsed - began_at > TICK_MISSING_AFTER:
                _open_items(tx, ItemKind.TICK_MISSING, outage_id, now=now, elapsed=elapsed)
        return outage_id


def hold(tx: Tx, *, now: Instant, elapsed: Instant) -> UUID | None:
    """Sending waits for its release from now on: a backup was restored, and nothing is known of what came after it. None
    when it waits already. Call it before the service starts again.
    """
    if outages.held_outage(tx) is not None:
        return None
    sign = pulses(tx).get(TICK)
    return _record(tx, began_at=elapsed if sign is None else sign.at, held=True, now=now, elapsed=elapsed)


def _record(tx: Tx, *, began_at: Instant, held: bool, now: Instant, elapsed: Instant) -> UUID:
    outage_id = outages.record_outage(
        tx,
        began_at=began_at,
        ended_at=elapsed,
        trial_from=instant(now - (elapsed - began_at)),
        trial_until=now,
        held=held,
    )
    _note(tx, "outage.recorded", outage_id, began_at=began_at, held=held, begins_to_hold=held, now=now, elapsed=elapsed)
    return outage_id


def _prolong(tx: Tx, known: OutageRow, *, held: bool, now: Instant, elapsed: Instant) -> None:
    outages.prolong(tx, known.id, ended_at=elapsed, trial_until=now, held=held or known.held)
    if not held and known.ended_at - known.began_at <= TICK_MISSING_AFTER < elapsed - known.began_at:
        _open_items(tx, ItemKind.TICK_MISSING, known.id, now=now, elapsed=elapsed)
    begins = held and not known.held
    _note(
        tx,
        "outage.prolonged",
        known.id,
        began_at=known.began_at,
        held=held or known.held,
        begins_to_hold=begins,
        now=now,
        elapsed=elapsed,
    )


def _note(
    tx: Tx,
    action: str,
    outage_id: UUID,
    *,
    began_at: Instant,
    held: bool,
    begins_to_hold: bool,
    now: Instant,
    elapsed: Instant,
) -> None:
    called_back = 0
    if begins_to_hold:
        called_back = outbox.call_back_cards(tx, OUTAGE, now=now)
        _open_items(tx, ItemKind.OUTAGE, outage_id, now=now, elapsed=elapsed)
    tx.audit(
        action,
        table=schema.outage,
        object_id=outage_id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={"began_at": began_at.isoformat(), "held": held, "called_back": called_back},
    )


def _open_items(tx: Tx, kind: ItemKind, outage_id: UUID, *, now: Instant, elapsed: Instant) -> None:
    for study in studies.studies(tx):
        open_item(tx, NewItem(study.id, kind, f"{kind.value}:{outage_id}:{study.id}"), now=now, elapsed=elapsed)


def _tell_gap(tx: Tx, person_ids: Iterable[UUID], *, now: Instant, elapsed: Instant) -> None:
    people = tuple(person_ids)
    homes = homes_of(tx, people, now=now)
    notices = []
    for person_id in people:
        home = homes.get(person_id)
        if home is None or not home.reader.can_be_told:
            continue
        at = next_permitted(now, home.reader.hours)
        payload: dict[str, Json] = {
            "message": {name: str(value) for name, value in message_to_data(Gap()).items()},
            IN_HOURS: True,
        }
        notices.append(
            NewNotice(
                NoticeKind.MESSAGE,
                person_id=person_id,
                payload=payload,
                hold_until=None if at <= now else elapsed + (at - now),
            )
        )
    outbox.put(tx, notices, now=now, elapsed=elapsed)


def release(tx: Tx, outage_id: UUID, by: UUID | None, *, now: Instant, elapsed: Instant) -> int | None:
    """Sending goes on: each person gets what waited for them as one digest, in their hours. How many people; None when
    the outage was not held, or was released before.
    """
    if not outages.release(tx, outage_id, by=by, at=now):
        return None
    told = 0
    if outages.held_outage(tx) is None:  # else another one still holds it
        for person_id, home in homes_of(tx, reminders.people_awaiting_digest(tx), now=now).items():
            if home.reader.can_be_told and not home.reader.away_on(home.today(now)):
                told += make(tx, home, DigestKind.RELEASE, (), now=now, elapsed=elapsed) is not None
            set_digest_alarm(tx, person_id, now=now)
    for study in studies.studies(tx):
        item = office_items.open_item_about(tx, f"{OUTAGE}:{outage_id}:{study.id}")
        if item is not None:
            close_item(tx, item, "released", by=by, now=now, elapsed=elapsed)
    tx.audit(
        "outage.released",
        table=schema.outage,
        object_id=outage_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"digests": told},
    )
    return told
