"""Digests: what a person has to do, worst first, in one message. Each person has one alarm clock for it.

The alarm stands at the first of these moments: the weekly digest; the morning on which what was more than a day's share is
told; the first day on which they stand in for somebody; the first day on which they are away themselves, when what they
were still to be told goes to others. Whatever lies behind an alarm is looked at again when it goes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from records import absences, agenda, claims, digests, outages, outbox, people, reminders, schema, teams, told
from records.absences import AbsenceRow
from records.agenda import AgendaTask
from records.database import Records
from records.listings import ListedTask
from records.outbox import NewNotice, NoticeKind
from records.reminders import DigestReminder
from records.teams import DueDigest
from records.transaction import Tx
from scheduler.alarms import before_sitebell
from scheduler.grouping import AWAY, UNREACHABLE, next_own_morning, without_point
from scheduler.handing_over import hand_over
from scheduler.holds import BECAUSE, came_out, rest, standing, waking, without_held
from scheduler.there import Reader, There, assigned_to, there
from trial.calendars import DAY
from trial.digest import MONDAY, WEEK, DigestItem, next_digest, worst_first
from trial.hours import next_permitted
from trial.messages import DigestKind
from trial.moments import Instant, at_local, instant, local_day
from trial.responsibility import responsible, whom
from trial.study import Step
from trial.tasks import SiteFunction, TaskState

AT_MOST: Final = 20
"""People in one transaction: each of them reads what stands open at their site."""

_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Home:
    """The sites of one person, the first of which says when they may be written to."""

    places: tuple[There, ...]
    reader: Reader

    def today(self, now: Instant) -> date:
        return local_day(now, self.reader.hours.zone)


def digest_due(records: Records, *, now: Instant, elapsed: Instant, limit: int = AT_MOST) -> int:
    """What lies behind the alarms that have come, for at most so many people, in one transaction; how many they were."""
    with records.begin() as tx:
        due = teams.digests_due(tx, now=now, limit=limit)
        if due:
            held = outages.held_outage(tx) is not None
            homes = homes_of(tx, [one.person_id for one in due], now=now)
            for one in due:
                _went(tx, one, homes.get(one.person_id), held=held, now=now, elapsed=elapsed)
        return len(due)


def set_digest_alarm(tx: Tx, person_id: UUID, *, now: Instant) -> Instant | None:
    """Sets a person's alarm anew: call it when somebody is enrolled or reachable again, is or is not away, gets other
    hours or another day for the digest. None: nothing is to come.
    """
    home = homes_of(tx, [person_id], now=now).get(person_id)
    at = None if home is None or not home.reader.can_be_told else _next_alarm(tx, home, now=now)
    teams.set_next_digest(tx, person_id, at)
    return at


def set_missing_alarms(tx: Tx, *, now: Instant) -> int:
    """Alarms for those who want a digest and have none: after an update of Sitebell, or whoever was forgotten."""
    return sum(
        set_digest_alarm(tx, person_id, now=now) is not None for person_id in teams.people_without_digest_alarm(tx)
    )


def choose_digest(tx: Tx, person_id: UUID, weekday: int | None, *, now: Instant) -> Instant | None:
    """The weekday of a person's digest (Monday is 0); None: each thing by itself, what waits included.

    Raises:
        ValueError: there is no such weekday.
    """
    teams.set_digest_on(tx, person_id, weekday, next_at=None)
    if weekday is None:
        # Each is asked for its person's hours once more when it is grouped.
        reminders.release_from_digest(tx, person_id, at=now)
    return set_digest_alarm(tx, person_id, now=now)


def homes_of(tx: Tx, person_ids: Collection[UUID], *, now: Instant) -> Mapping[UUID, Home]:
    """Where these people are at home; nothing for those without a site: the trial office has its board."""
    held = people.sites_of(tx, person_ids)
    places = there(tx, {site_id for several in held.values() for site_id in several}, now=now)
    homes: dict[UUID, Home] = {}
    for person_id, site_ids in held.items():
        mine = [places[one] for one in site_ids if person_id in places[one].readers]
        if mine:
            homes[person_id] = Home(tuple(mine), mine[0].readers[person_id])
    return homes


# --- the alarm --------------------------------------------------------------------------------------------------------


def _next_alarm(tx: Tx, home: Home, *, now: Instant) -> Instant | None:
    reader = home.reader
    hours, today = reader.hours, home.today(now)
    moments: list[Instant] = []
    if reader.digest_on is not None:
        moments.append(next_digest(now, hours, reader.digest_on))
    waiting = reminders.first_for_digest(tx, reader.person_id)
    if waiting is not None:
        moments.append(next_permitted(max(waiting, now), hours))
    moments += [
        next_permitted(max(_begins(absence, hours.zone), now), hours)
        for absence in absences.hand_overs_to(tx, reader.person_id)
    ]
    moments += [
        at_local(absence.first, hours.morning, hours.zone)
        for absence in reader.absences
        if today < absence.first <= absence.last_away
    ]
    if reader.away_on(today) and reminders.anything_waits(tx, reader.person_id):
        moments.append(now)
    return min(moments, default=None)


def _begins(absence: AbsenceRow, zone: ZoneInfo) -> Instant:
    return at_local(absence.first, time.min, zone)


def _went(tx: Tx, due: DueDigest, home: Home | None, *, held: bool, now: Instant, elapsed: Instant) -> None:
    if home is None or not due.can_be_told:
        hand_over(tx, reminders.void_persons_reminders(tx, due.person_id, because=UNREACHABLE), now=now)
        teams.set_next_digest(tx, due.person_id, None)
        return
    if home.reader.away_on(home.today(now)):
        hand_over(tx, reminders.void_persons_reminders(tx, due.person_id, because=AWAY), now=now)
    elif held:
        # What waits goes out as one digest when somebody releases it.
        teams.set_next_digest(tx, due.person_id, next_own_morning(home.reader, now))
        return
    elif next_permitted(now, home.reader.hours) <= now:
        _tell(tx, due, home, now=now, elapsed=elapsed)
    teams.set_next_digest(tx, due.person_id, _next_alarm(tx, home, now=now))


def _tell(tx: Tx, due: DueDigest, home: Home, *, now: Instant, elapsed: Instant) -> None:
    handed = _hand_overs(tx, home, now=now, elapsed=elapsed)
    hours, weekday = home.reader.hours, home.reader.digest_on
    # The alarm never stands later than the weekly digest: if that has come, it lies between the alarm and now.
    before = instant(due.due_at - _MOMENT)
    is_weekly = next_digest(before, hours, MONDAY if weekday is None else weekday) <= now
    standing = agenda_of(tx, home, now=now) if is_weekly and weekday is not None else ()
    left = [one for one in standing if one.id not in handed]
    if left and _all_told_today(tx, home, left, now=now):
        left = []
    kind = DigestKind.WEEKLY if is_weekly else DigestKind.OVERFLOW
    has_own_day = is_weekly and weekday is not None
    make(tx, home, kind, left, says_why=not has_own_day, now=now, elapsed=elapsed)


def _all_told_today(tx: Tx, home: Home, tasks: Iterable[AgendaTask], *, now: Instant) -> bool:
    """Whether a card about each of these came today: a list of them a minute later would tell nothing."""
    today = at_local(home.today(now), time.min, home.reader.hours.zone)
    told_today = told.visits_told_since(tx, home.reader.person_id, since=today)
    return all(task.visit_id in told_today for task in tasks)


def _hand_overs(tx: Tx, home: Home, *, now: Instant, elapsed: Instant) -> frozenset[UUID]:
    """Gives this person what is open for those for whom they stand in from today on; the tasks that were given."""
    given: set[UUID] = set()
    for absence in absences.hand_overs_to(tx, home.reader.person_id):
        if absence.first > home.today(now):
            continue
        absences.mark_handed_over(tx, absence.id, at=now)
        tasks = _handed(tx, home, absence, now=now) if absence.covers(home.today(now)) else ()
        tx.audit(
            "absence.handed_over",
            table=schema.absence,
            object_id=absence.id,
            by=None,
            at=now,
            recorded_at=elapsed,
            after={"to": str(home.reader.person_id), "tasks": len(tasks)},
        )
        if tasks:
            _send(tx, home, DigestKind.HAND_OVER, tasks, (), of_person=absence.person_id, now=now, elapsed=elapsed)
            given |= {task.id for task in tasks}
    return frozenset(given)


def _handed(tx: Tx, home: Home, absence: AbsenceRow, *, now: Instant) -> tuple[AgendaTask, ...]:
    """What is open for the person who is away, at sites where both of them are."""
    return left_open(tx, home, absence.person_id, now=now)


def left_open(tx: Tx, home: Home, person_id: UUID, *, now: Instant) -> tuple[AgendaTask, ...]:
    """What stays open for this person, although they are away, at the sites that they share with whoever is at home here."""
    both = [place for place in home.places if person_id in place.readers]
    return _agenda(tx, both, person_id, now=now, stands_in=False)


# --- what stands in it ------------------------------------------------------------------------------------------------


def agenda_of(tx: Tx, home: Home, *, now: Instant) -> tuple[AgendaTask, ...]:
    """What this person answers for this week, or stands in for: open, firm, begun, opening this week, or late; and claims
    that are asked about again.
    """
    return _agenda(tx, home.places, home.reader.person_id, now=now, stands_in=True)


def _agenda(
    tx: Tx, places: Iterable[There], person_id: UUID, *, now: Instant, stands_in: bool
) -> tuple[AgendaTask, ...]:
    found: list[AgendaTask] = []
    stands = standing(tx, now=now)
    for place in places:
        today = place.time.today(now)
        if today < place.time.rings_from:
            continue  # its people have joined, and it does not ring yet
        tasks = [
            *(
                task
                for task in agenda.firm_at(tx, (place.site.id,), begun_by=today + WEEK - DAY)
                if task.rung or not before_sitebell(task.due, place.time)
            ),
            *agenda.tasks_by_ids(tx, [one.task_id for one in claims.claims_asked_again(tx, (place.site.id,))]),
        ]
        if stands:
            tasks = list(without_held(stands, tasks, place.time, now=now))
        assigned = assigned_to(tx, {(task.patient_id, today) for task in tasks})
        whose: dict[tuple[SiteFunction, UUID | None], UUID | None] = {}
        for task in tasks:
            case = (task.function, assigned.get((task.patient_id, task.function)))
            if case not in whose:
                whose[case] = _whose(place, task, case[1], today, stands_in=stands_in)
            if whose[case] == person_id:
                found.append(task)
    return tuple(found)


def _whose(place: There, task: AgendaTask, assigned: UUID | None, today: date, *, stands_in: bool) -> UUID | None:
    if not stands_in:
        return responsible(task.function, place.colleagues, assigned=assigned, today=today)
    chosen = whom(
        Step.DUE, task.function, place.colleagues, (), assigned=assigned, today=today, told_before=frozenset()
    )
    return chosen[0].person_id if chosen else None


def make(
    tx: Tx,
    home: Home,
    kind: DigestKind,
    tasks: Sequence[AgendaTask],
    *,
    of_person: UUID | None = None,
    says_why: bool = False,
    now: Instant,
    elapsed: Instant,
) -> UUID | None:
    """A digest of these tasks and of all that waits for this person's digest; None when there is nothing to tell.

    `says_why`: where anything in it comes out of a hold, it is not of `kind` but of what was let go.
    """
    waiting = _with_point(tx, reminders.waiting_for_digest(tx, home.reader.person_id, now=now))
    about = {task.id: task for task in agenda.tasks_by_ids(tx, sorted({one.task_id for one in waiting}))}
    waiting = _not_on_hold(tx, home, waiting, about.values(), now=now)
    known = {task.id for task in tasks}
    more = [about[task_id] for task_id in dict.fromkeys(one.task_id for one in waiting) if task_id not in known]
    if not tasks and not more:
        return None
    if says_why and came_out(tx, [(about[one.task_id], one.rung_at) for one in waiting], home.places):
        kind = DigestKind.RELEASE
    return _send(tx, home, kind, (*tasks, *more), waiting, of_person=of_person, now=now, elapsed=elapsed)


def _not_on_hold(
    tx: Tx, home: Home, waiting: Sequence[DigestReminder], about: Collection[AgendaTask], *, now: Instant
) -> tuple[DigestReminder, ...]:
    """Those that no hold keeps back; what the others would have told rings behind their holds."""
    stands = standing(tx, now=now)
    if not stands or not waiting:
        return tuple(waiting)
    places = {place.site.id: place for place in home.places}
    wakes = waking(stands, [task for task in about if task.site_id in places], places, now=now)
    kept_back = [one.id for one in waiting if one.task_id in wakes]
    rest(tx, reminders.void_reminders(tx, kept_back, because=BECAUSE), wakes)
    return tuple(one for one in waiting if one.task_id not in wakes)


def _with_point(tx: Tx, waiting: Iterable[DigestReminder]) -> tuple[DigestReminder, ...]:
    """Those that are still to be told; the others become void, with their reason."""
    kept: list[DigestReminder] = []
    by_reason: dict[str, list[UUID]] = {}
    for one in waiting:
        reason = without_point(one.step, one.task_state, one.patient_state)
        if reason is None:
            kept.append(one)
        else:
            by_reason.setdefault(reason, []).append(one.id)
    for reason, ids in by_reason.items():
        reminders.void_reminders(tx, ids, because=reason)
    return tuple(kept)


def _send(
    tx: Tx,
    home: Home,
    kind: DigestKind,
    tasks: Sequence[AgendaTask],
    waiting: Sequence[DigestReminder],
    *,
    of_person: UUID | None = None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    person_id = home.reader.person_id
    items = worst_first((item_of(task) for task in tasks), home.today(now))
    digest_id = digests.make_digest(
        tx,
        person_id=person_id,
        kind=kind,
        items=[(item.visit_id, item.task_id) for item in items],
        made_at=now,
        of_person=of_person,
    )
    at = next_permitted(now, home.reader.hours)
    notice = NewNotice(
        NoticeKind.DIGEST,
        person_id=person_id,
        digest_id=digest_id,
        # Somebody may release it at night: it leaves in the morning all the same.
        hold_until=None if at <= now else elapsed + (at - now),
    )
    (notice_id,) = outbox.put(tx, [notice], now=now, elapsed=elapsed)
    reminders.mark_grouped(tx, [(one.id, notice_id) for one in waiting])
    tx.audit(
        "digest.made",
        table=schema.digest,
        object_id=digest_id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={
            "why": kind.value,
            "person": str(person_id),
            "notice": str(notice_id),
            "tasks": [str(item.task_id) for item in items],
            "reminders": [str(one.id) for one in waiting],
        },
    )
    return digest_id


def item_of(task: AgendaTask | ListedTask) -> DigestItem:
    """A task as a digest ranks it."""
    return DigestItem(
        visit_id=task.visit_id,
        task_id=task.id,
        kind=task.kind,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        firm=task.firm,
        queried=task.state is TaskState.DONE,
    )
