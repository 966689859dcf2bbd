"""The last thing that was said about a visit, as a card tells it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from office.judging import reasons_for
from records import people
from records.answers import AnswerRow
from records.plans import VisitRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.answers import AnswerKind
from trial.labels import Labels
from trial.messages import LastWord
from trial.moments import local_day
from trial.occurrences import FACT
from trial.study import Study
from trial.tasks import TaskKind

_GIVES_THE_DAY: Final = frozenset({AnswerKind.DONE, AnswerKind.BOOKED})


def outside_window(
    kind: AnswerKind, task_kind: TaskKind | None, day: date | None, earliest: date | None, latest: date | None
) -> bool:
    """Whether a visit was held, or is booked, on a day outside its window: taken as said, and shown to the office.

    What follows from a visit has a last day and no window: after it, it is late, and that is told elsewhere.
    """
    if day is None or kind not in _GIVES_THE_DAY or task_kind is not TaskKind.HOLD:
        return False
    return (earliest is not None and day < earliest) or (latest is not None and day > latest)


def last_word(
    tx: Tx, study: Study, visit: VisitRow, said: Sequence[AnswerRow], kinds: Mapping[UUID, TaskKind], zone: str
) -> LastWord | None:
    """The last of these answers, or None where nothing was said."""
    if not said:
        return None
    answer = said[-1]
    by = None if answer.person_id is None else people.person_by_id(tx, answer.person_id)
    kind = None if answer.task_id is None else kinds.get(answer.task_id)
    window = (visit.earliest, visit.latest)
    return word_of(study, visit.occurrence, answer, kind, window, zone=zone, by="" if by is None else by.name)


def word_of(
    study: Study,
    occurrence: str,
    answer: AnswerRow,
    task_kind: TaskKind | None,
    window: tuple[date | None, date | None],
    *,
    zone: str,
    by: str,
) -> LastWord:
    """An answer as a card tells it. `window`: first and last day of its visit; `by`: the name of who gave it, empty for the
    trial office's own command line.
    """
    return LastWord(
        kind=answer.kind,
        by=by,
        said_on=local_day(answer.answered_at, zone_of(zone)),
        day=answer.said.until if answer.kind is AnswerKind.LATER else answer.said.day,
        words=words_of(study, occurrence, answer),
        text=answer.said.text,
        leaving=answer.said.leaving,
        task_kind=task_kind,
        help=answer.said.help,
        outside_window=outside_window(answer.kind, task_kind, answer.said.day, *window),
        told=answer.told,
        via=None if answer.told is None else answer.via,
    )


def words_of(study: Study, occurrence: str, answer: AnswerRow) -> Labels | None:
    """The study file's words for a coded reason or for a fact's value, unless it is restricted by now."""
    if answer.said.reason is not None:
        reasons = reasons_for(study, occurrence, TaskKind.HOLD)
        return next((reason.label for reason in reasons if reason.id == answer.said.reason), None)
    kind, _, name = occurrence.partition(":")
    if answer.said.value is not None and kind == FACT and name in study.open_facts:
        return study.facts[name].values.get(answer.said.value)
    return None
