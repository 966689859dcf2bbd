"""The communication log of one patient: what was sent, what was said and what changed, in the order in which it happened.

It is made of the deliveries, the answers and the audit trail, and invents nothing: every entry stands for rows that
`sitebell audit verify` checks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from office.board.changes import Changes, told_in_words
from office.board.viewer import Viewer
from office.last_words import word_of
from records import answers, claims, people, plans, schema
from records.answers import AnswerRow
from records.board import story as rows
from records.board.story import SentDelivery, SentNotice
from records.outbox import NoticeKind, NoticeState, Outcome
from records.patients import PatientRow
from records.plans import TaskRow, VisitRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.access import Action
from trial.answers import AnswerKind, TakenDown, Via
from trial.labels import Labels
from trial.messages import LastWord
from trial.moments import Instant, local_day
from trial.occurrences import label_of, task_label_of
from trial.story import Change
from trial.study import HOLD, Step, Study


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to hand a message over. `at` is trial time."""

    at: Instant
    outcome: Outcome
    error: str | None
    language: str
    text: str = field(repr=False)
    buttons: tuple[tuple[str, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A message to somebody. `attempts` empty: it never left. `edits`: later versions of the same message.

    `withheld`: its text tells of sites that the reader may not see, and is not shown.
    """

    at: Instant
    order: int
    kind: NoticeKind
    state: NoticeState
    to: str
    visits: tuple[Labels, ...]
    steps: tuple[str, ...]
    message: str
    void_because: str | None
    attempts: tuple[Attempt, ...]
    edits: tuple["Told", ...] = ()
    withheld: bool = False

    @property
    def shown(self) -> Attempt | None:
        """The attempt that arrived; of several that did not, the last."""
        arrived = [one for one in self.attempts if one.outcome is Outcome.ACCEPTED]
        return next(reversed(arrived or self.attempts), None)


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody said. `takes_back`: the answer that this one undoes; `taken_back_at`: it was undone itself."""

    at: Instant
    order: int
    by: str
    via: Via
    told: TakenDown | None
    word: LastWord
    visit: Labels
    task: Labels | None
    taken_back_at: Instant | None
    takes_back: LastWord | None
    reason: str | None = field(repr=False)
    answer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed, by whom and why. `by` empty: time, or somebody at the machine's own command line."""

    at: Instant
    order: int
    by: str
    change: Change
    reason: str | None = field(repr=False)


StoryEntry = Told | Answered | Changed


@dataclass(frozen=True, slots=True)
class StoryDay:
    """What happened on one local day at the site."""

    day: date
    entries: tuple[StoryEntry, ...]


_NEVER_SHOWN_UNSENT: Final = frozenset({NoticeKind.EDIT, NoticeKind.DELETION})
_FOLDED: Final = frozenset({NoticeKind.EDIT, NoticeKind.DIGEST, NoticeKind.MESSAGE, NoticeKind.CARD})


def story_of(
    tx: Tx, studies: Definitions, viewer: Viewer, patient: PatientRow, site: SiteRow
) -> tuple[StoryEntry, ...]:
    """Everything about this patient that the records hold, the first first. The viewer may see the patient's site."""
    study = studies.of_version(tx, patient.study_version_id)
    visits = {visit.id: visit for visit in plans.visits_of(tx, patient.id)}
    tasks = {task.id: task for task in plans.tasks_of_patient(tx, patient.id)}
    reading = _Reading(study, patient, site, visits, tasks)
    told = _told(tx, viewer, reading)
    said, changed = _said(tx, reading), rows.entries_of(tx, patient.id, visits.keys(), tasks.keys())
    who = people.names_of(
        tx,
        {one.notice.person_id for one in told if one.notice.person_id is not None}
        | {one.answer.person_id for one in said if one.answer.person_id is not None}
        | {entry.actor for entry in changed if entry.actor is not None}
        | told_in_words(changed),
    )
    entries: list[StoryEntry] = [
        *_folded(_as_told(reading, one, who) for one in told),
        *_answered(reading, said, who),
        *_changed(tx, reading, changed, who, unblinded=viewer.may(Action.UNBLIND, site)),
    ]
    # What follows from an answer was written with it, and is told after it.
    return tuple(sorted(entries, key=lambda entry: (entry.at, not isinstance(entry, Answered), entry.order)))


def days_of(entries: Sequence[StoryEntry], site: SiteRow) -> tuple[StoryDay, ...]:
    """The entries under the dates of the site's own calendar."""
    found: dict[date, list[StoryEntry]] = defaultdict(list)
    for entry in entries:
        found[local_day(entry.at, zone_of(site.zone))].append(entry)
    return tuple(StoryDay(day, tuple(of_day)) for day, of_day in found.items())


@dataclass(frozen=True, slots=True)
class _Reading:
    """What entries are told by."""

    study: Study
    patient: PatientRow
    site: SiteRow
    visits: Mapping[UUID, VisitRow]
    tasks: Mapping[UUID, TaskRow]

    def visit_label(self, visit_id: UUID) -> Labels:
        visit = self.visits[visit_id]
        return label_of(self.study, visit.occurrence) or {"en": visit.occurrence}

    def task_label(self, task_id: UUID | None) -> Labels | None:
        task = None if task_id is None else self.tasks.get(task_id)
        if task is None or task.name == HOLD:
            return None  # what is said about holding a visit is said about the visit
        return task_label_of(self.study, task.occurrence, task.name) or {"en": task.name}


# --- what was sent ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sent:
    notice: SentNotice
    deliveries: tuple[SentDelivery, ...]
    at: tuple[tuple[Instant, int], ...]  # of each delivery: trial time, and place in the audit trail
    steps: tuple[str, ...]
    withheld: bool


def _told(tx: Tx, viewer: Viewer, reading: _Reading) -> list[_Sent]:
    patient = reading.patient
    found = [
        *rows.notices_of_visits(tx, reading.visits.keys()),
        *rows.messages_naming(
            tx,
            study_id=patient.study_id,
            study_code=patient.study_code,
            site_id=patient.site_id,
            code=patient.code,
            since=patient.added_at,
        ),
    ]
    attempts = rows.deliveries_of(tx, [one.id for one in found])
    when = rows.sent_at(tx, [one.id for of_notice in attempts.values() for one in of_notice])
    steps = rows.steps_of(tx, [one.id for one in found if one.kind is NoticeKind.CARD])
    elsewhere = _digests_of_other_sites(tx, viewer, found)
    sent = []
    for one in found:
        deliveries = tuple(
            delivery for delivery in attempts.get(one.id, ()) if _is_about(one, delivery, patient.code, attempts)
        )
        if not deliveries and (one.kind in _NEVER_SHOWN_UNSENT or attempts.get(one.id)):
            continue
        times = tuple(when.get(delivery.id, (one.created_at, 0)) for delivery in deliveries)
        sent.append(_Sent(one, deliveries, times, steps.get(one.id, ()), one.digest_id in elsewhere))
    return sent


def _digests_of_other_sites(tx: Tx, viewer: Viewer, found: Sequence[SentNotice]) -> frozenset[UUID]:
    """Digests that tell of sites which this viewer may not see: that they were sent is shown, and nothing of their text."""
    mine = {site.id for site in viewer.seen}
    listed = rows.sites_of_digests(tx, {one.digest_id for one in found if one.digest_id is not None})
    return frozenset(digest_id for digest_id, sites in listed.items() if sites - mine)


def _is_about(
    notice: SentNotice, delivery: SentDelivery, code: str, attempts: Mapping[UUID, Sequence[SentDelivery]]
) -> bool:
    """Of a digest that is stepped through, the screens that tell of this patient: the first one, and those with the code."""
    if notice.kind is not NoticeKind.DIGEST:
        return True
    return delivery is attempts[notice.id][0] or code in delivery.text


def _as_told(reading: _Reading, sent: _Sent, who: Mapping[UUID, str]) -> tuple[Told, int | None, UUID | None]:
    """The entry, with the message and the person that it belongs to."""
    notice = sent.notice
    attempts = tuple(
        Attempt(
            at=at,
            outcome=delivery.outcome,
            error=delivery.error,
            language=delivery.language,
            text="" if sent.withheld else delivery.text,
            buttons=() if sent.withheld else _buttons(delivery.buttons),
        )
        for delivery, (at, _) in zip(sent.deliveries, sent.at, strict=True)
    )
    at, order = sent.at[0] if sent.at else (notice.created_at, notice.place)
    message_ids = [one.message_id for one in sent.deliveries if one.message_id is not None]
    told = Told(
        at=at,
        order=order,
        kind=notice.kind,
        state=notice.state,
        to=who.get(notice.person_id, "") if notice.person_id is not None else "",
        visits=tuple(reading.visit_label(visit_id) for visit_id in notice.visit_ids),
        steps=tuple(sorted(sent.steps, key=_place_of_step)),
        message=notice.message,
        void_because=notice.void_because,
        attempts=attempts,
        withheld=sent.withheld,
    )
    return told, message_ids[-1] if message_ids else None, notice.person_id


def _place_of_step(step: str) -> tuple[int, str]:
    """In the order in which a ladder rings; what is no step of one comes last."""
    ladder = [one.value for one in Step]
    return (ladder.index(step) if step in ladder else len(ladder)), step


def _buttons(buttons: object) -> tuple[tuple[str, ...], ...]:
    """The words on them, row by row; what a press of them carries is no text for people."""
    if not isinstance(buttons, list):
        return ()
    return tuple(
        tuple(str(key[0]) for key in row if isinstance(key, list) and key) for row in buttons if isinstance(row, list)
    )


def _folded(told: Iterable[tuple[Told, int | None, UUID | None]]) -> Iterator[Told]:
    """Later versions of a message stand under it."""
    ordered = sorted(told, key=lambda one: (one[0].at, one[0].order))
    first: dict[tuple[UUID, int], int] = {}
    entries: list[Told] = []
    for entry, message_id, person_id in ordered:
        place = None if message_id is None or person_id is None else first.get((person_id, message_id))
        if place is not None and entry.kind in _FOLDED:
            entries[place] = replace(entries[place], edits=(*entries[place].edits, entry))
            continue
        if message_id is not None and person_id is not None:
            first[person_id, message_id] = len(entries)
        entries.append(entry)
    yield from entries


# --- what was said ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    answer: AnswerRow
    at: Instant
    order: int
    reason: str | None = field(repr=False)


def _said(tx: Tx, reading: _Reading) -> list[_Said]:
    found = answers.answers_of_patient(tx, reading.patient.id)
    entries = {
        entry.object_id: entry for entry in rows.entries_about(tx, schema.answer.name, [one.id for one in found])
    }
    said = []
    for one in found:
        entry = entries.get(one.id)
        if entry is None:
            said.append(_Said(one, one.answered_at, 0, None))
        else:
            # An answer's own moment may be some microseconds later: it is kept after all others of its patient.
            said.append(_Said(one, entry.at, entry.sequence, entry.reason))
    return said


def _answered(reading: _Reading, said: Sequence[_Said], who: Mapping[UUID, str]) -> Iterator[Answered]:
    known = {one.answer.id: one.answer for one in said}
    for one in said:
        answer = one.answer
        undone = None if answer.undoes is None else known.get(answer.undoes)
        yield Answered(
            at=one.at,
            order=one.order,
            by="" if answer.person_id is None else who.get(answer.person_id, ""),
            via=answer.via,
            told=answer.told,
            word=_word(reading, answer, who),
            visit=reading.visit_label(answer.visit_id),
            task=None if answer.kind is AnswerKind.NO_LONGER_FOLLOWED else reading.task_label(answer.task_id),
            taken_back_at=answer.undone_at,
            takes_back=None if undone is None else _word(reading, undone, who),
            reason=one.reason,
            answer_id=answer.id,
        )


def _word(reading: _Reading, answer: AnswerRow, who: Mapping[UUID, str]) -> LastWord:
    """As the card says it."""
    visit = reading.visits[answer.visit_id]
    task = None if answer.task_id is None else reading.tasks.get(answer.task_id)
    return word_of(
        reading.study,
        visit.occurrence,
        answer,
        None if task is None else task.kind,
        (visit.earliest, visit.latest),
        by="" if answer.person_id is None else who.get(answer.person_id, ""),
        zone=reading.site.zone,
    )


# --- what changed -----------------------------------------------------------------------------------------------------


def _changed(
    tx: Tx, reading: _Reading, entries: Sequence[rows.Entry], who: Mapping[UUID, str], *, unblinded: bool
) -> Iterator[Changed]:
    checks = claims.checks_of_tasks(tx, reading.tasks.keys())
    checked = {check.id: task_id for task_id, of_task in checks.items() for check in of_task}
    changes = Changes(reading.study, who, reading.visits, reading.tasks, checked, unblinded=unblinded)
    for entry in entries:
        change = changes.of(entry)
        if change is not None:
            by = "" if entry.actor is None else who.get(entry.actor, "")
            yield Changed(entry.at, entry.sequence, by, change, reason=changes.reason_of(entry))
