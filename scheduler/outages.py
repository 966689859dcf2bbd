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
from records.outbox import NewNotice, NoticeKind
from records.pulses import pulses
from records.transaction import Tx
from scheduler.digesting import homes_of, make, set_digest_alarm
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
    was one. The outage's id; None where there was none.
    """
    with records.read() as tx:
        sign = pulses(tx).get(TICK)
    if sign is None or elapsed - sign.at <= GAP:
        return None
    length = elapsed - sign.at
    with records.begin() as tx:
        # A demo is left alone over night and goes on where it stood: there is no trial office to release it.
        held = length > HOLD_AFTER and not records.demo
        outage_id = _record(tx, began_at=sign.at, held=held, now=now, elapsed=elapsed)
        if not held:
            _tell_gap(tx, outages.people_in_touch(tx, since=instant(elapsed - IN_TOUCH)), now=now, elapsed=elapsed)
            if length > TICK_MISSING_AFTER:
                _open_items(tx, ItemKind.TICK_MISSING, outage_id, now=now, elapsed=elapsed)
        return outage_id


def hold(tx: Tx, *, began_at: Instant, now: Instant, elapsed: Instant) -> UUID:
    """Sending waits for its release from now on: a backup was restored, whose state ends at `began_at` (elapsed)."""
    return _record(tx, began_at=began_at, held=True, now=now, elapsed=elapsed)


def _record(tx: Tx, *, began_at: Instant, held: bool, now: Instant, elapsed: Instant) -> UUID:
    outage_id = outages.record_outage(
        tx,
        began_at=began_at,
        ended_at=elapsed,
        trial_from=instant(now - (elapsed - began_at)),
        trial_until=now,
        held=held,
    )
    called_back = 0
    if held:
        called_back = outbox.call_back_cards(tx, OUTAGE, now=now)
        _open_items(tx, ItemKind.OUTAGE, outage_id, now=now, elapsed=elapsed)
    tx.audit(
        "outage.recorded",
        table=schema.outage,
        object_id=outage_id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={"began_at": began_at.isoformat(), "held": held, "called_back": called_back},
    )
    return outage_id


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
        payload = {"message": {name: str(value) for name, value in message_to_data(Gap()).items()}}
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
