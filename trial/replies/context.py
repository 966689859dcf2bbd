"""What a reply may be about: the cards that its writer has in front of them."""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from trial.answers import AnswerKind
from trial.labels import Labels
from trial.tasks import TaskKind

TAKES_PLACE = frozenset({TaskKind.HOLD, TaskKind.EVENT})
"""What takes place on a day, and can be booked for one."""

HANDED_OVER = frozenset({TaskKind.UPLOAD, TaskKind.SEND})
"""What follows from a visit, and cannot be older than it."""


@dataclass(frozen=True, slots=True)
class ReplyTask:
    """One task of a card. `answers` are those that fit now; none when it is closed or waits for its date.

    Dates are local at the site, windows inclusive. `day`: when it was done, for a task that was. `values`: of a fact.
    """

    task_id: UUID
    name: str
    kind: TaskKind
    label: Labels
    short: Labels
    answers: tuple[AnswerKind, ...]
    opens: date | None = None
    closes: date | None = None
    day: date | None = None
    values: tuple[tuple[str, Labels], ...] = ()

    def outside(self, day: date) -> bool:
        """Whether a day lies before or after this task's window."""
        return (self.opens is not None and day < self.opens) or (self.closes is not None and day > self.closes)


@dataclass(frozen=True, slots=True)
class ReplyCard:
    """One visit of one patient, with its tasks in the order of the study file."""

    visit_id: UUID
    code: str
    visit: Labels
    tasks: tuple[ReplyTask, ...]

    @property
    def held(self) -> date | None:
        """The day on which the visit took place, once it is known."""
        return next((task.day for task in self.tasks if task.kind in TAKES_PLACE and not task.answers), None)

    def parts(self, task: ReplyTask) -> frozenset[str]:
        """Names of the card's other tasks whose matter a visit holds: its CT and its MRI in "CT and MRI performed"."""
        if task.kind not in TAKES_PLACE:
            return frozenset()
        return frozenset(
            other.name
            for other in self.tasks
            if other.kind is TaskKind.UPLOAD and _stands_in(other.short["en"], task.label["en"])
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the card has just asked a day for."""

    task_id: UUID
    kind: AnswerKind


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """The cards that a person may answer; the one that was replied to; the question that stands under it."""

    cards: tuple[ReplyCard, ...]
    replied_to: UUID | None = None
    asked: Asked | None = None

    @property
    def front(self) -> ReplyCard | None:
        """The card that is meant where the reply names none: the one replied to, or the only one there is."""
        if self.replied_to is not None:
            return self.card(self.replied_to)
        return self.cards[0] if len(self.cards) == 1 else None

    def card(self, visit_id: UUID) -> ReplyCard | None:
        return next((card for card in self.cards if card.visit_id == visit_id), None)


def _stands_in(short: str, label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(short)}(?!\w)", label, re.IGNORECASE) is not None
