"""From reminders to notices: what a person has to be told about one visit goes out as one card, so many of them a day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from records import agenda, outages, outbox, reminders, schema, teams, told
from records.claims import CLAIM_STEPS
from records.database import Records
from records.outbox import NewNotice, NoticeKind
from records.reminders import HeldBack, WaitingReminder
from records.transaction import Tx
from scheduler.handing_over import hand_over
from scheduler.holds import BECAUSE, rest, standing, waking
from scheduler.there import Reader, There, beginning_of_day, there
from trial.calendars import DAY
from trial.hours import next_permitted
from trial.moments import Instant, at_local, local_day
from trial.tasks import TaskState

UNREACHABLE: Final = "person_unreachable"
AWAY: Final = "away"

AT_MOST: Final = 100
"""Reminders in one transaction: short, because answers go between two of them."""

Pair = tuple[UUID, UUID]
"""A person, and a visit that they are told about."""


@dataclass(frozen=True, slots=True)
class Cards:
    """For each person and visit the notice that tells it; `over`: those that are more than the person's day holds."""

    notices: Mapping[Pair, UUID]
    over: frozenset[Pair]


def group_waiting(records: Records, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> int:
    """Puts waiting reminders whose moment has come into notices; how many reminders were dealt with.

    These were held back when they were rung, for their person's hours. Each is asked once more whether it still has a
    point, and whether its person may be written to now: hours, holidays and absences may have changed meanwhile.
    """
    with records.begin() as tx:
        due = reminders.due_reminders(tx, now=now, limit=limit)
        if not due:
            return 0
        places = there(tx, {one.site_id for one in due}, now=now)
        _void(tx, due, places, now=now)
        going = _not_on_hold(tx, [one for one in due if _pointless(one, places, now) is None], places, now=now)
        if outages.held_outage(tx) is not None:
            _leave(tx, [(one, now) for one in going], places, now=now)
        else:
            _group(tx, _permitted(tx, going, places, now=now), places, now=now, elapsed=elapsed)
        return len(due)


def cards(tx: Tx, wanted: Mapping[Pair, Reader], *, now: Instant, elapsed: Instant) -> Cards:
    """Cards for these, the first wanted first: one that still waits to be sent, else a new one while the day has room.

    A card shows its visit as it is when it is sent, so one that waits tells what has come meanwhile, too.
    """
    into = reminders.open_card_notices(tx, wanted)
    missing = [pair for pair in wanted if pair not in into]
    room = _room(tx, {pair[0]: wanted[pair] for pair in missing}, now=now)
    new: dict[Pair, UUID] = {}
    for pair in missing:
        if room[pair[0]] > 0:
            room[pair[0]] -= 1
            new[pair] = tx.new_id()
    notices = [
        NewNotice(NoticeKind.CARD, person_id=person_id, visit_id=visit_id, id=notice_id)
        for (person_id, visit_id), notice_id in new.items()
    ]
    outbox.put(tx, notices, now=now, elapsed=elapsed)
    return Cards(into | new, frozenset(missing) - new.keys())


def has_room(tx: Tx, reader: Reader, visit_id: UUID, *, now: Instant) -> bool:
    """Whether this person may be told something about this visit today: in a card that still waits to be sent, or in one
    more.
    """
    pair = reader.person_id, visit_id
    return bool(reminders.open_card_notices(tx, (pair,))) or _room(tx, {pair[0]: reader}, now=now)[pair[0]] > 0


def _room(tx: Tx, readers: Mapping[UUID, Reader], *, now: Instant) -> dict[UUID, int]:
    """How many more single notices each of these people may get today."""
    by_day: dict[Instant, list[UUID]] = defaultdict(list)
    for person_id, reader in readers.items():
        by_day[beginning_of_day(reader, now)].append(person_id)
    had: dict[UUID, int] = {}
    for begun, people in by_day.items():
        had |= told.singles_since(tx, people, since=begun)
    return {person_id: reader.cap - had.get(person_id, 0) for person_id, reader in readers.items()}


def next_own_morning(reader: Reader, now: Instant) -> Instant:
    """When this person's next day of work begins."""
    hours = reader.hours
    return at_local(hours.first_day(local_day(now, hours.zone) + DAY), hours.morning, hours.zone)


def bring_forward(tx: Tx, moments: Iterable[tuple[Reader, Instant]]) -> None:
    """Sets the digest alarms of these people to these moments, where they stand later or at nothing."""
    earlier: dict[UUID, Instant] = {}
    for reader, at in moments:
        known = earlier.get(reader.person_id, reader.next_digest_at)
        if known is None or at < known:
            earlier[reader.person_id] = at
    teams.bring_digests_forward(tx, earlier)


# --- is there still a point? ------------------------------------------------------------------------------------------


def _pointless(reminder: WaitingReminder, places: Mapping[UUID, There], now: Instant) -> str | None:
    """Why this reminder must not go out any more; None: it goes."""
    reason = without_point(reminder.step, reminder.task_state, reminder.patient_state)
    if reason is not None:
        return reason
    place = places[reminder.site_id]
    reader = place.readers.get(reminder.person_id)
    if not reminder.person_can_be_told or reader is None:
        return UNREACHABLE
    return AWAY if reader.away_on(place.time.today(now)) else None


def without_point(step: str, task_state: TaskState, patient_state: str) -> str | None:
    """Why nobody is to be told this any more, whoever it is; None: it is still so."""
    if patient_state != "followed":
        return f"patient_{patient_state}"
    match task_state:
        case TaskState.OPEN:
            return None
        case TaskState.PAUSED:
            return "patient_paused"
        case TaskState.CANCELLED:
            return "cancelled"
        case TaskState.DONE if step in CLAIM_STEPS:
            return None
        case TaskState.DONE | TaskState.NOT_DONE | TaskState.NOT_APPLICABLE:
            return "answered"


def _void(tx: Tx, due: Sequence[WaitingReminder], places: Mapping[UUID, There], *, now: Instant) -> None:
    by_reason: dict[str, list[UUID]] = defaultdict(list)
    for one in due:
        reason = _pointless(one, places, now)
        if reason is not None:
            by_reason[reason].append(one.id)
    for reason, ids in by_reason.items():
        untold = reminders.void_reminders(tx, ids, because=reason)
        if reason in {UNREACHABLE, AWAY}:
            hand_over(tx, untold, now=now)


def _not_on_hold(
    tx: Tx, due: Sequence[WaitingReminder], places: Mapping[UUID, There], *, now: Instant
) -> list[WaitingReminder]:
    """Those that no hold keeps back; what the others would have told rings behind their holds."""
    stands = standing(tx, now=now)
    if not stands or not due:
        return list(due)
    wakes = waking(stands, agenda.tasks_by_ids(tx, {one.task_id for one in due}), places, now=now)
    kept_back = [one.id for one in due if one.task_id in wakes]
    rest(tx, reminders.void_reminders(tx, kept_back, because=BECAUSE), wakes)
    return [one for one in due if one.task_id not in wakes]


# --- now, later, or in a digest ---------------------------------------------------------------------------------------


def _permitted(
    tx: Tx, due: Sequence[WaitingReminder], places: Mapping[UUID, There], *, now: Instant
) -> list[WaitingReminder]:
    """Those whose people may be written to now; the others wait on."""
    later: list[HeldBack] = []
    permitted: list[WaitingReminder] = []
    for one in due:
        at = next_permitted(now, places[one.site_id].readers[one.person_id].hours)
        if at <= now:
            permitted.append(one)
        else:
            later.append(HeldBack(one.id, at, single=True))
    reminders.hold_back(tx, later)
    return permitted


def _leave(
    tx: Tx, rows: Collection[tuple[WaitingReminder, Instant]], places: Mapping[UUID, There], *, now: Instant
) -> None:
    """Leaves these to their people's digests, from the given moments on."""
    reminders.hold_back(tx, [HeldBack(one.id, at, single=False) for one, at in rows])
    bring_forward(tx, ((places[one.site_id].readers[one.person_id], at) for one, at in rows if at > now))


def _group(
    tx: Tx, due: Sequence[WaitingReminder], places: Mapping[UUID, There], *, now: Instant, elapsed: Instant
) -> None:
    if not due:
        return
    readers = {(one.person_id, one.visit_id): places[one.site_id].readers[one.person_id] for one in due}
    placed = cards(tx, readers, now=now, elapsed=elapsed)
    over = [one for one in due if (one.person_id, one.visit_id) in placed.over]
    mornings = [(one, next_own_morning(readers[one.person_id, one.visit_id], now)) for one in over]
    _leave(tx, mornings, places, now=now)
    grouped = [
        (one.id, placed.notices[one.person_id, one.visit_id])
        for one in due
        if (one.person_id, one.visit_id) in placed.notices
    ]
    reminders.mark_grouped(tx, grouped)
    put: dict[str, list[str]] = defaultdict(list)
    for reminder_id, notice_id in grouped:
        put[str(notice_id)].append(str(reminder_id))
    # One event for all of them: what each person was told is told again by the audit of its delivery.
    tx.audit(
        "reminders.grouped",
        table=schema.reminder,
        object_id="several",
        by=None,
        at=now,
        recorded_at=elapsed,
        after={**put, "over_the_days_share": [str(one.id) for one in over]},
    )
