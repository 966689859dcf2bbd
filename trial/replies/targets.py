"""Which tasks a clause is about: those that it names, where no others could be meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from uuid import UUID

from trial.answers import AnswerKind
from trial.replies.context import TAKES_PLACE, ReplyCard, ReplyContext, ReplyTask
from trial.replies.said import Act, Clause, Quantity, Thing
from trial.tasks import TaskKind


class Question(StrEnum):
    """The one thing that is asked back."""

    WHICH_DAY = "which_day"  # no day, or several that may be meant
    FUTURE_DAY = "future_day"  # said to be done on a day to come
    PAST_DAY = "past_day"  # to come, and on a day that has come
    FAR_DAY = "far_day"  # so far from today and the window that it looks like a slip
    BEFORE_VISIT = "before_visit"  # handed over before the visit took place
    UNTIL_WHEN = "until_when"
    WHICH_TASK = "which_task"
    WHICH_PATIENT = "which_patient"
    WHICH_ANSWER = "which_answer"  # a task or a day, and not what about it
    WHICH_REASON = "which_reason"
    WHY_NOT = "why_not"  # not done at all, or only not yet?
    PART_ONLY = "part_only"  # a part of a visit was done: the whole visit?
    HELD_FIRST = "held_first"  # handed over, while nobody has said that the visit took place
    CLOSED = "closed"  # no open task that this fits
    CONFIRM = "confirm"  # understood, in other words than the task's own: is it so?
    CONFIRM_LEFT = "confirm_left"  # patient no longer followed: always asked
    HELP_WANTED = "help_wanted"
    UNCERTAIN = "uncertain"  # a question, a condition, a supposition
    CONTRADICTION = "contradiction"
    NOT_WHOLLY = "not_wholly"  # some words are not known


class Intent(Enum):
    """What a clause wants recorded."""

    DID = auto()
    BOOKED = auto()
    PLANNED = auto()  # on a day to come: booked, or a reminder then
    WAIT = auto()
    ANY = auto()  # an answer of the kind that is given


@dataclass(frozen=True, slots=True)
class Wanted:
    """An intent and what it is about: `act` None where the words leave that open."""

    intent: Intent
    act: Act | None = None
    kind: AnswerKind | None = None  # for ANY
    sure: bool = True  # a booking: that the day is the one booked for, and not the one on which it was made

    def answer_for(self, task: ReplyTask) -> AnswerKind:
        """The answer that this would be, for this kind of task."""
        match self.intent:
            case Intent.DID:
                return AnswerKind.UPLOADED if task.kind is TaskKind.UPLOAD else AnswerKind.DONE
            case Intent.BOOKED:
                return AnswerKind.BOOKED
            case Intent.PLANNED:
                return AnswerKind.BOOKED if task.kind in TAKES_PLACE else AnswerKind.LATER
            case Intent.WAIT:
                return AnswerKind.LATER
            case Intent.ANY:
                return self.kind or AnswerKind.LATER

    def fits(self, task: ReplyTask, *, loosely: bool = False) -> bool:
        """Whether it can be said about this task now; loosely: in words that are not quite the task's own."""
        if task.kind is TaskKind.FACT and self.intent not in {Intent.WAIT, Intent.ANY}:
            return False
        return self.answer_for(task) in task.answers and self.act in _ACTS[task.kind] | (_LOOSELY if loosely else set())


_LOOSELY = frozenset({Act.UPLOAD, Act.SEND})
_ACTS: dict[TaskKind, frozenset[Act | None]] = {
    TaskKind.HOLD: frozenset({None, Act.PERFORM}),
    TaskKind.EVENT: frozenset({None, Act.PERFORM}),
    TaskKind.UPLOAD: frozenset({None, Act.UPLOAD}),
    TaskKind.SEND: frozenset({None, Act.SEND}),
    TaskKind.FACT: frozenset({None}),
}
_THINGS: dict[Thing, frozenset[TaskKind]] = {
    Thing.VISIT: TAKES_PLACE,
    Thing.SCAN: TAKES_PLACE | {TaskKind.UPLOAD},
    Thing.IMAGES: frozenset({TaskKind.UPLOAD}),
    Thing.REPORT: frozenset({TaskKind.SEND}),
}


@dataclass(frozen=True, slots=True)
class Targets:
    """The tasks meant; `confirm`: understood, but in words that call for a yes."""

    tasks: tuple[tuple[ReplyCard, ReplyTask], ...]
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class NoTarget:
    """Why no tasks were found, and among which the writer may choose."""

    question: Question
    visits: tuple[UUID, ...] = ()
    tasks: tuple[UUID, ...] = ()
    kind: AnswerKind | None = None


def targets(clause: Clause, wanted: Wanted, context: ReplyContext) -> Targets | NoTarget:
    """Which tasks of which cards are meant, where that is beyond doubt."""
    cards = _cards(clause, context)
    if not context.cards:
        return NoTarget(Question.CLOSED)
    if not cards:
        fitting = [card for card in context.cards if any(map(wanted.fits, card.tasks))]
        return NoTarget(Question.WHICH_PATIENT, tuple(card.visit_id for card in fitting or context.cards))
    found: list[tuple[ReplyCard, ReplyTask]] = []
    # A card was replied to, and other patients are named: perhaps the wrong card, perhaps the wrong code.
    front = context.front
    confirm = bool(clause.codes) and front is not None and front.code not in clause.codes
    for code in dict.fromkeys(card.code for card in cards):
        of_patient = [card for card in cards if card.code == code]
        if len(of_patient) > 1:
            fitting = [card for card in of_patient if _named(clause, wanted, card, loosely=False)]
            if len(fitting) != 1:
                return NoTarget(Question.WHICH_TASK, tuple(card.visit_id for card in fitting or of_patient))
            of_patient = fitting
        on_card = _on_card(clause, wanted, of_patient[0])
        if isinstance(on_card, NoTarget):
            return on_card
        found += on_card.tasks
        confirm = confirm or on_card.confirm
    if Quantity.BOTH in clause.quantities and len(found) != 2:
        return NoTarget(Question.WHICH_TASK, tuple({card.visit_id: None for card, _ in found}))
    return Targets(tuple(found), confirm)


def _cards(clause: Clause, context: ReplyContext) -> list[ReplyCard]:
    """The cards that the clause names, else the one in front; none where it could be any."""
    front = context.front
    if clause.codes:
        cards = [card for card in context.cards if card.code in clause.codes]
        if front is not None and front.code in clause.codes:
            cards = [card for card in cards if card.code != front.code or card is front]
    else:
        cards = [] if front is None else [front]
    if clause.visits is None or not cards:
        return cards
    # A label that fits only other cards than the one replied to says that another was meant: which?
    return [card for card in cards if card.visit_id in clause.visits]


def _on_card(clause: Clause, wanted: Wanted, card: ReplyCard) -> Targets | NoTarget:
    kind = None
    if exact := _named(clause, wanted, card, loosely=False):
        kind = wanted.answer_for(exact[0])
        if _enough(clause, wanted, card, exact):
            return Targets(tuple((card, task) for task in exact))
        return NoTarget(Question.WHICH_TASK, (card.visit_id,), tuple(task.task_id for task in exact), kind)
    if _partly(clause, wanted, card):
        return NoTarget(Question.PART_ONLY, (card.visit_id,), _ids(_open_visit(card)))
    open_visit = _open_visit(card)
    if open_visit and wanted.intent is Intent.DID and wanted.act in {Act.UPLOAD, Act.SEND}:
        return NoTarget(Question.HELD_FIRST, (card.visit_id,), _ids(open_visit), AnswerKind.DONE)
    loose = _named(clause, wanted, card, loosely=True)
    if loose and _enough(clause, wanted, card, loose):
        return Targets(tuple((card, task) for task in loose), confirm=True)
    return NoTarget(Question.CLOSED, (card.visit_id,))


def _named(clause: Clause, wanted: Wanted, card: ReplyCard, *, loosely: bool) -> list[ReplyTask]:
    """The card's tasks that this can be said about and that the clause names, or does not exclude."""
    kinds = _kinds(clause, wanted)
    fitting = [task for task in card.tasks if wanted.fits(task, loosely=loosely) and task.kind in kinds]
    named = [task for task in fitting if not clause.tasks or task.name in clause.tasks or _whole(clause, card, task)]
    first = [task for task in named if task.kind in TAKES_PLACE]
    # A visit comes before what follows from it, which nobody can have handed over yet.
    return first if first and wanted.intent not in {Intent.WAIT, Intent.ANY} else named


def _kinds(clause: Clause, wanted: Wanted) -> frozenset[TaskKind]:
    """The kinds of task that the clause's words for things leave."""
    every = frozenset(TaskKind)
    if clause.tasks:
        return every
    unspecific = wanted.act is None and wanted.intent not in {Intent.WAIT, Intent.ANY}
    # "Surgery done", "scan done": said of the visit itself, whatever else of it is still to be handed over.
    if unspecific and (clause.visits is not None or Thing.SCAN in clause.things):
        return TAKES_PLACE
    return frozenset(kind for thing in clause.things for kind in _THINGS[thing]) or every


def _whole(clause: Clause, card: ReplyCard, task: ReplyTask) -> bool:
    """Whether the parts named are all that this visit holds."""
    parts = card.parts(task)
    return bool(parts) and parts <= clause.tasks


def _partly(clause: Clause, wanted: Wanted, card: ReplyCard) -> bool:
    if wanted.act in {Act.UPLOAD, Act.SEND}:
        return False
    return any(card.parts(task) & clause.tasks for task in _open_visit(card))


def _open_visit(card: ReplyCard) -> list[ReplyTask]:
    return [task for task in card.tasks if task.kind in TAKES_PLACE and task.answers]


def _enough(clause: Clause, wanted: Wanted, card: ReplyCard, found: Sequence[ReplyTask]) -> bool:
    """Whether the words say that all of these are meant, and no other."""
    if clause.tasks:
        told = {name for task in found for name in {task.name} | card.parts(task)}
        return clause.tasks <= told
    if len(found) == 1 or Quantity.ALL in clause.quantities or wanted.intent in {Intent.WAIT, Intent.ANY}:
        return True
    return Quantity.BOTH in clause.quantities and len(found) == 2


def _ids(tasks: Sequence[ReplyTask]) -> tuple[UUID, ...]:
    return tuple(task.task_id for task in tasks)
