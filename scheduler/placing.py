"""Where a ring goes: at once into a card, into the person's hours, or into their next digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from records import reminders
from records.reminders import DueTask, NewReminder, Placed
from records.transaction import Tx
from scheduler.grouping import Pair, bring_forward, cards, next_own_morning
from scheduler.there import Reader
from trial.digest import MONDAY, at_risk, next_digest
from trial.hours import next_permitted
from trial.moments import Instant, instant, local_day
from trial.responsibility import Told
from trial.study import RINGS_WITHOUT_NEWS, Step

_MOMENT: Final = timedelta(microseconds=1)
_DIGESTED: Final = frozenset(step.value for step in Step if step.digested)


@dataclass(frozen=True, slots=True)
class Call:
    """One person is to be told one step of one task. `rings`: how often they were told singly without anything new.
    `woken`: it comes out of a hold, and is told in one digest with all that does.
    """

    task: DueTask
    reader: Reader
    step: str
    announced: date
    to: Told
    rings: int
    woken: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """A call, and what became of it. `notice_id` of `placed` None: it waits, for a moment or for a digest."""

    call: Call
    placed: Placed


def place(tx: Tx, calls: Sequence[Call], *, held: bool, now: Instant, elapsed: Instant) -> list[Put]:
    """Adds the reminders, and puts the cards of those that go at once. While sending is held everything waits."""
    new = [(call, _reminder(call, held=held, now=now)) for call in calls]
    at_once = {_pair(row): call.reader for call, row in new if row.single and row.not_before <= now}
    placed = cards(tx, at_once, now=now, elapsed=elapsed)
    puts = [Put(call, _placed(call, row, placed.notices, placed.over, now)) for call, row in new]
    waiting = [(put.call.reader, put.placed.new.not_before) for put in puts if not put.placed.new.single]
    if not held:
        bring_forward(tx, waiting)
    reminders.add_reminders(tx, [put.placed for put in puts], created_at=now)
    return puts


def _placed(call: Call, row: NewReminder, notices: Mapping[Pair, UUID], over: frozenset[Pair], now: Instant) -> Placed:
    pair = _pair(row)
    if not row.single or row.not_before > now:
        return Placed(row, None)
    if pair in over:
        return Placed(replace(row, single=False, not_before=next_own_morning(call.reader, now)), None)
    return Placed(row, notices[pair])


def _reminder(call: Call, *, held: bool, now: Instant) -> NewReminder:
    # What waits for a release waits for nothing else: its digest goes out in the person's hours.
    permitted = now if held else next_permitted(now, call.reader.hours)
    in_digest = None if held else _digest(call, now)
    return NewReminder(
        task_id=call.task.id,
        visit_id=call.task.visit_id,
        person_id=call.to.person_id,
        step=call.step,
        announced_due=call.announced,
        not_before=permitted if in_digest is None else in_digest,
        single=in_digest is None and not held,
        why=call.to.why,
        instead_of=call.to.instead_of,
    )


def _digest(call: Call, now: Instant) -> Instant | None:
    """The digest that this waits for, or None where it is told by itself."""
    reader = call.reader
    if call.woken:
        return next_permitted(now, reader.hours)
    if call.rings >= RINGS_WITHOUT_NEWS:
        return _coming(reader, MONDAY if reader.digest_on is None else reader.digest_on, now)
    if reader.digest_on is None or call.step not in _DIGESTED:
        return None
    coming = _coming(reader, reader.digest_on, now)
    ends = call.task.closes or call.task.due
    if ends is not None and at_risk(ends, local_day(coming, reader.hours.zone), reader.hours.calendar):
        return None
    return coming


def _coming(reader: Reader, weekday: int, now: Instant) -> Instant:
    """When this person's next digest comes: now, where one is due and this tick has not come to it yet."""
    alarm = reader.next_digest_at
    before = now if alarm is None or alarm > now else instant(alarm - _MOMENT)
    return max(next_digest(before, reader.hours, weekday), now)


def _pair(row: NewReminder) -> Pair:
    return row.person_id, row.visit_id
