"""What has to hold after a campaign, from the records and from the simulator's truth.

I1  a press that was confirmed to the server is handled, and its answer is there once
I2  what was due was told to the one who is responsible; each reminder is void with its reason or in a notice that is settled
I3  every message in a chat is a notice's, or a copy that an ambiguous attempt explains
I4  the audit log holds
I5  nothing rang before its moment, and nothing that had been answered in an earlier life
I6  no answer is there twice, unless its claim was asked about again in between
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from bot.buttons import UnknownPress, decode
from office.study_files import study_from_text
from records import audit as log
from records import schema
from records.claims import CLAIM_STEPS
from records.database import Records
from records.inbox import FINGERPRINT
from records.outbox import AMBIGUOUS_AT_MOST
from records.transaction import Tx
from scheduler.alarms import SiteTime, before_sitebell, next_morning
from scheduler.definitions import calendar_of, zone_of
from tests.crash.people_at_work import PeopleAtWork, Pressed
from tests.trials import DREAM
from trial.claims import ClaimCheckKind
from trial.hours import PersonHours, next_permitted
from trial.ladder import TaskDates, due_now
from trial.moments import Instant, instant
from trial.study import Step
from trial.tasks import TaskState

SETTLED: Final = frozenset({"sent", "unknown", "failed", "void"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold. `what` carries ids and closed words only."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


@dataclass(frozen=True, slots=True)
class LifeSpan:
    """When a life began, by both clocks, and how far its trial time was from the wall."""

    began: Instant  # on the wall
    offset: timedelta
    elapsed: Instant


@dataclass(frozen=True, slots=True)
class _Books:
    """Everything that the records hold of it, read once."""

    inbox: Mapping[bytes, sa.Row[Any]]
    answers: Mapping[UUID, Sequence[sa.Row[Any]]]  # by task, in the order of their arrival
    asked_again: Mapping[UUID, Instant]  # by answer: when nobody had seen what it claims
    said: Mapping[UUID, Mapping[str, Any]]
    tasks: Mapping[UUID, sa.Row[Any]]
    reminders: Sequence[sa.Row[Any]]
    notices: Mapping[UUID, sa.Row[Any]]
    listed: Mapping[UUID, Sequence[UUID]]  # the tasks of each digest
    deliveries: Mapping[UUID, Sequence[sa.Row[Any]]]  # by notice
    sent: Mapping[UUID, Mapping[str, Any]]  # by delivery: what was sent
    abandoned: Counter[UUID]  # by notice: claims whose sender died after handing over
    released: Counter[UUID]  # by notice: claims whose sender died before that
    put_off: Counter[UUID]  # by notice: claims that had to wait for their person's hours
    chats: Mapping[UUID, int]


def examine(
    records: Records,
    journal: Sequence[Mapping[str, Any]],
    updates: Sequence[Mapping[str, Any]],
    people: PeopleAtWork,
    spans: Sequence[LifeSpan],
    *,
    now: Instant,
    elapsed: Instant,
) -> tuple[dict[str, int], list[Finding]]:
    """Numbers for the report, and everything that does not hold."""
    with records.read() as tx:
        books = _read(tx, people)
        found = [
            *_presses(tx, books, people.pressed, updates),
            *_due_steps(tx, books, now=now),
            *_one_person_first(books),
            *_reminders(tx, books, now=now, elapsed=elapsed),
            *_copies(books, journal),
            *_attempts(books),
            *_moments(books, journal, spans),
        ]
        report = log.verify(tx)
        found += [Finding("I4 audit", str(fault)) for fault in report.faults]
    sends = [line for line in journal if line["what"] == "sendMessage"]
    numbers = {
        "presses": len(people.pressed),
        "answers": sum(map(len, books.answers.values())),
        "reminders": len(books.reminders),
        "notices": len(books.notices),
        "sends": len(sends),
        "copies": len(_unexplained_by_delivery(books, journal)),
        "ambiguous": sum(books.abandoned.values()) + sum(_ambiguous(books, one) for one in books.notices),
        "released": sum(books.released.values()),
        "unknown": sum(row.state == "unknown" for row in books.notices.values()),
        "failed": sum(row.state == "failed" for row in books.notices.values()),
        "audit entries": report.entries,
        "faults": sum(line["what"] == "fault" for line in journal),
    }
    return numbers, found


def _read(tx: Tx, people: PeopleAtWork) -> _Books:
    def rows(table: sa.Table) -> list[sa.Row[Any]]:
        return list(tx.connection.execute(sa.select(table)).all())

    answers: dict[UUID, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows(schema.answer):
        if row.person_id is not None:  # nobody pressed for what was known when a patient was added
            answers[row.task_id].append(row)
    for there in answers.values():
        there.sort(key=lambda row: row.answered_at)
    deliveries: dict[UUID, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows(schema.delivery):
        deliveries[row.notice_id].append(row)
    listed: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows(schema.digest_item):
        listed[row.digest_id].append(row.task_id)
    everybody = [one for there in people.coordinators.values() for one in there]
    return _Books(
        inbox={row.fingerprint: row for row in rows(schema.inbox)},
        answers=answers,
        asked_again={row.answer_id: row.at for row in rows(schema.claim_check) if row.kind == ClaimCheckKind.UNSEEN},
        said={row.id: tx.unseal(schema.answer, row.id, row.sealed) for there in answers.values() for row in there},
        tasks={row.id: row for row in rows(schema.task)},
        reminders=rows(schema.reminder),
        notices={row.id: row for row in rows(schema.notice)},
        listed=listed,
        deliveries=deliveries,
        sent={row.id: tx.unseal(schema.delivery, row.id, row.sealed) for there in deliveries.values() for row in there},
        abandoned=Counter(UUID(row.object_id) for row in rows(schema.audit) if row.action == "notice.abandoned"),
        released=Counter(UUID(row.object_id) for row in rows(schema.audit) if row.action == "notice.released"),
        put_off=Counter(UUID(row.object_id) for row in rows(schema.audit) if row.action == "notice.put_off"),
        chats={one.person_id: one.phone.person_id for one in everybody},
    )


# --- I1, I6 -----------------------------------------------------------------------------------------------------------


def _presses(
    tx: Tx, books: _Books, pressed: Sequence[Pressed], updates: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    confirmed = {
        line["body"]["callback_query"]["id"]: line["state"] for line in updates if line["kind"] == "callback_query"
    }
    by_task: dict[UUID, list[Pressed]] = defaultdict(list)
    for one in pressed:
        by_task[one.task_id].append(one)
        where = f"update {one.update_id}, task {one.task_id}, life {one.life}"
        if confirmed[one.callback_id] != "confirmed":
            yield Finding("I1 press was never fetched", f"{where}: {confirmed[one.callback_id]}")
            continue
        row = books.inbox.get(tx.blind(FINGERPRINT, f"callback:{one.callback_id}"))
        if row is None or row.state != "done":
            yield Finding("I1 confirmed press is not handled", f"{where}: {'missing' if row is None else row.state}")
    for task_id, presses in by_task.items():
        rows = books.answers.get(task_id, ())
        where = f"task {task_id}, lives {sorted({one.life for one in presses})}"
        if not rows or not all(_asked_between(books, one, other) for one, other in pairwise(rows)):
            yield Finding("I6 an answer is there once", f"{where}: {len(rows)} answers")
            continue
        said = {(one.person_id, one.kind.value, one.day.isoformat()) for one in presses}
        if any((row.person_id, row.kind, books.said[row.id]["day"]) not in said for row in rows):
            yield Finding("I1 the answer is not what was pressed", where)
    for task_id in books.answers.keys() - by_task.keys():
        yield Finding("I6 an answer that nobody gave", f"task {task_id}")


def _asked_between(books: _Books, one: sa.Row[Any], other: sa.Row[Any]) -> bool:
    """Whether a press that waited through many short lives came after the claim of the one before it was asked about."""
    asked = books.asked_again.get(one.id)
    return asked is not None and one.answered_at < asked <= other.answered_at


# --- I2 ---------------------------------------------------------------------------------------------------------------


def _due_steps(tx: Tx, books: _Books, *, now: Instant) -> Iterator[Finding]:
    """Of every open task the last step whose moment has come has a reminder, before anybody else is asked.

    Unless its alarm stands at the working morning after an answer about the same patient: whoever has just answered is
    left in peace about what follows from it.
    """
    ladders = study_from_text(DREAM.read_text(encoding="utf-8"), DREAM.name).ladders
    sites = {row.id: row for row in tx.connection.execute(sa.select(schema.site))}
    rung = {(one.task_id, one.step, one.announced_due) for one in books.reminders}
    answered = defaultdict(list)
    for there in books.answers.values():
        for row in there:
            answered[row.patient_id].append(row.answered_at)
    for task in books.tasks.values():
        site = sites[task.site_id]
        time = SiteTime(zone_of(site.zone), calendar_of(site.country, site.region), site.rings_from)
        if task.state != TaskState.OPEN or before_sitebell(task.due, time):
            continue
        dates = TaskDates(task.opens, task.due, task.closes, task.firm)
        ring = due_now(ladders[task.ladder], dates, after=None, now=now, calendar=time.calendar, zone=time.zone)
        quiet_until = {next_morning(time, instant(at)) for at in answered[task.patient_id]}
        if ring is None or (task.next_attention_at in quiet_until and task.next_attention_at > now):
            continue
        if (task.id, ring.step.value, ring.announced_due) not in rung:
            yield Finding("I2 a due step has no reminder", f"task {task.id}, {ring.step}")


def _one_person_first(books: _Books) -> Iterator[Finding]:
    """Nobody is away in a campaign: before a task escalates one and the same person hears of all that a function has to
    do at a site, and who hears of it then has not heard of it before.
    """
    first: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    told: dict[UUID, set[UUID]] = defaultdict(set)
    later: dict[UUID, set[UUID]] = defaultdict(set)
    for one in books.reminders:
        task = books.tasks[one.task_id]
        if one.step in set(Step) and Step(one.step).escalates:
            later[task.id].add(one.person_id)
        elif one.step not in CLAIM_STEPS:
            first[task.site_id, task.function].add(one.person_id)
            told[task.id].add(one.person_id)
    for (site_id, function), people in first.items():
        if len(people) > 1:
            yield Finding("I2 several people were rung first", f"site {site_id}, {function}: {sorted(people)}")
    for task_id, people in later.items():
        if people & told[task_id]:
            yield Finding("I2 an escalation told nobody new", f"task {task_id}: {sorted(people & told[task_id])}")


def _digests_to_come(tx: Tx, *, now: Instant) -> Iterator[UUID]:
    """Those whose digest is set for the first moment at which they may be written to again, and that has not come."""
    person, membership, site = schema.person, schema.membership, schema.site
    rows = tx.connection.execute(
        sa.select(person.c.id, person.c.next_digest_at, site.c.zone, site.c.country, site.c.region)
        .join_from(person, membership, membership.c.person_id == person.c.id)
        .join(site, site.c.id == membership.c.site_id)
        .where(person.c.next_digest_at > now)
    )
    for row in rows:
        hours = PersonHours(zone_of(row.zone), calendar_of(row.country, row.region))
        if row.next_digest_at <= next_permitted(now, hours):
            yield row.id


def _reminders(tx: Tx, books: _Books, *, now: Instant, elapsed: Instant) -> Iterator[Finding]:
    to_come = set(_digests_to_come(tx, now=now))
    for one in books.reminders:
        where = f"reminder {one.id}"
        match one.state:
            case "void" if one.void_because:
                continue
            case "waiting" if one.not_before > now or (not one.single and one.person_id in to_come):
                continue
            case "grouped" if one.notice_id in books.notices:
                row = books.notices[one.notice_id]
                if row.state == "waiting" and books.put_off[row.id] and row.hold_until > elapsed:
                    continue  # for the morning of its person
                if row.state not in SETTLED or (row.state == "void" and not row.void_because):
                    yield Finding("I2 a notice is not settled", f"{where}, notice {row.id}: {row.state}")
            case _:
                yield Finding("I2 a reminder went nowhere", f"{where}: {one.state}")


# --- I3 ---------------------------------------------------------------------------------------------------------------


def _ambiguous(books: _Books, notice_id: UUID) -> int:
    return sum(row.outcome == "ambiguous" for row in books.deliveries.get(notice_id, ()))


def _unexplained_by_delivery(books: _Books, journal: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    known = {
        sent["message_id"]
        for there in books.deliveries.values()
        for row in there
        if row.outcome == "accepted" and (sent := books.sent[row.id])
    }
    return [line for line in journal if line["what"] == "sendMessage" and line["message_id"] not in known]


def _copies(books: _Books, journal: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Each message is the one of its notice, or a copy for which there was an ambiguous attempt about the same visit."""
    chat_of = {line["message_id"]: line["chat_id"] for line in journal if line["what"] == "sendMessage"}
    owner: dict[int, UUID] = {}
    for notice_id, notice in books.notices.items():
        there = books.deliveries.get(notice_id, ())
        accepted = [books.sent[row.id]["message_id"] for row in there if row.outcome == "accepted"]
        if notice.kind != "edit" and len(accepted) > 1 + _overtaken(there):
            yield Finding("I3 a notice was accepted twice", f"notice {notice_id}")
        if notice.kind != "card":
            continue
        if notice.state == "sent" and not accepted:
            yield Finding("I2 a sent card has no accepted delivery", f"notice {notice_id}")
        if any(chat_of.get(message_id) != books.chats[notice.person_id] for message_id in accepted):
            yield Finding("I2 a sent card is in no chat", f"notice {notice_id}")
        if any(owner.setdefault(message_id, notice_id) != notice_id for message_id in accepted):
            yield Finding("I3 one message for two notices", f"notice {notice_id}")
    doubts = _doubts(books)
    copies = Counter(
        (line["chat_id"], _visit_of(books, line["keyboard"])) for line in _unexplained_by_delivery(books, journal)
    )
    for (chat, visit_id), number in copies.items():
        if number > doubts[chat, visit_id]:
            what = f"visit {visit_id}: {number} copies, {doubts[chat, visit_id]} ambiguous attempts"
            yield Finding("I3 a copy that nothing explains", what)


def _doubts(books: _Books) -> Counter[tuple[int, UUID | None]]:
    """How many attempts may have left a copy, in each chat about each visit (None: about none)."""
    doubts: Counter[tuple[int, UUID | None]] = Counter()
    for notice_id, notice in books.notices.items():
        if notice.kind in {"card", "digest", "message"} and notice.person_id is not None:
            number = _ambiguous(books, notice_id) + books.abandoned[notice_id]
            doubts[books.chats[notice.person_id], notice.visit_id] += number
    return doubts


def _overtaken(there: Sequence[sa.Row[Any]]) -> int:
    return sum(row.error == "overtaken" for row in there)


def _visit_of(books: _Books, keyboard: Sequence[Sequence[Mapping[str, Any]]]) -> UUID | None:
    for row in keyboard:
        for button in row:
            try:
                press = decode(button.get("callback_data", ""))
            except UnknownPress:
                continue
            about = books.tasks.get(getattr(press, "task", UUID(int=0)))
            if about is not None:
                return UUID(str(about.visit_id))
    return None


def _attempts(books: _Books) -> Iterator[Finding]:
    """Every claim is accounted for: delivered, abandoned, or dropped as pointless."""
    for notice_id, notice in books.notices.items():
        delivered = len({row.attempt for row in books.deliveries.get(notice_id, ())})
        overtaken = _overtaken(books.deliveries.get(notice_id, ()))
        undone = books.released[notice_id] + books.put_off[notice_id]
        told = delivered - overtaken + books.abandoned[notice_id] + undone
        dropped = notice.state == "void" and notice.attempt > told
        if notice.attempt != told + dropped:
            what = f"notice {notice_id}: {notice.attempt} attempts, {delivered} delivered, {books.abandoned[notice_id]} abandoned"
            yield Finding("I3 an attempt is not recorded", what)
        doubts = _ambiguous(books, notice_id) + books.abandoned[notice_id] - overtaken
        if notice.ambiguous != doubts or notice.ambiguous > AMBIGUOUS_AT_MOST:
            yield Finding("I3 doubts are not counted", f"notice {notice_id}: {notice.ambiguous}, {doubts} recorded")
        if (notice.state == "unknown") != (notice.ambiguous == AMBIGUOUS_AT_MOST) and notice.state != "void":
            yield Finding("I3 unknown after two doubts", f"notice {notice_id}: {notice.state}")


# --- I5 ---------------------------------------------------------------------------------------------------------------


def _moments(books: _Books, journal: Sequence[Mapping[str, Any]], spans: Sequence[LifeSpan]) -> Iterator[Finding]:
    sends = {line["message_id"]: line for line in journal if line["what"] == "sendMessage"}
    by_notice: dict[UUID, list[sa.Row[Any]]] = defaultdict(list)
    for one in books.reminders:
        if one.notice_id is not None:
            by_notice[one.notice_id].append(one)
    for notice_id, there in by_notice.items():
        not_before = max(one.not_before for one in there)
        yield from _last_attempt(books, notice_id, not_before, spans)
        for row in books.deliveries.get(notice_id, ()):
            line = sends.get(books.sent[row.id]["message_id"]) if row.outcome == "accepted" else None
            if line is None:
                continue
            if _trial_time(datetime.fromisoformat(line["at"]), spans) < not_before - timedelta(milliseconds=2):
                yield Finding("I5 a message before its moment", f"notice {notice_id}")
            answered = [_answered_in(books, task_id, spans) for task_id in _asked_about(books, notice_id, there)]
            if all(life is not None and life < _life_at(row.started_at, spans) for life in answered):
                yield Finding(
                    "I5 a ring after its answer",
                    f"notice {notice_id}, answered in lives {answered}, sent in {_life_at(row.started_at, spans)}",
                )


def _asked_about(books: _Books, notice_id: UUID, there: Sequence[sa.Row[Any]]) -> Sequence[UUID | None]:
    """The tasks that a notice asks about; None for a claim, which is asked about because it was answered.

    A digest shows everything that it lists, and is worth sending while anything of that is open.
    """
    listed = books.listed.get(books.notices[notice_id].digest_id, ())
    claims = {one.task_id for one in books.reminders if one.step in CLAIM_STEPS}
    return [
        *(None if one.step in CLAIM_STEPS else one.task_id for one in there),
        *(None if task_id in claims else task_id for task_id in listed),
    ]


def _last_attempt(books: _Books, notice_id: UUID, not_before: Instant, spans: Sequence[LifeSpan]) -> Iterator[Finding]:
    """The last attempt carries all reminders of the notice, whatever came of it.

    When the notice was put says nothing: a reminder joins one that still waits, put for another that became void.
    """
    for row in books.deliveries.get(notice_id, ()):
        if row.attempt != books.notices[notice_id].attempt:
            continue
        offset = next(span.offset for span in reversed(spans) if span.elapsed <= row.started_at)
        if instant(row.started_at + offset) < not_before - timedelta(milliseconds=2):
            yield Finding("I5 an attempt before its moment", f"notice {notice_id}, attempt {row.attempt}")


def _trial_time(at: datetime, spans: Sequence[LifeSpan]) -> Instant:
    began = [span for span in spans if span.began <= at]
    return instant(at + began[-1].offset)


def _life_at(elapsed: datetime, spans: Sequence[LifeSpan]) -> int:
    return sum(span.elapsed <= elapsed for span in spans)


def _answered_in(books: _Books, task_id: UUID | None, spans: Sequence[LifeSpan]) -> int | None:
    there = None if task_id is None else books.answers.get(task_id)
    return None if not there else _life_at(there[0].received_at, spans)
