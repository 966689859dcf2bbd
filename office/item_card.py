"""What the page of one item shows and offers: the card's own facts and answers, for a site whose chats name nothing. Pure.

Of each task the page offers exactly what a card's buttons lead to (`bot/cards.py`), without the faces between: whoever opens
it sees each choice at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from office.cards import CardTaskView, CardView, ReasonChoice, ReceiptView
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.labels import Labels
from trial.messages import Asking, ButtonKind, Card, CardTask, ItemState, Phase, Receipt, Standing, TaskOnlyCard
from trial.moments import LAST_YEAR
from trial.tasks import TaskKind

_DAY: Final = timedelta(days=1)
_BEFORE_END: Final = timedelta(days=3)
_END_OF_TIME: Final = date(LAST_YEAR, 12, 31)
_NEEDS_SAFETY_LINE: Final = frozenset({AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class DayChoice:
    """An answer with a day: the likely days, or another between `first` and `last`, both inclusive."""

    kind: AnswerKind
    text: ButtonKind
    likely: tuple[tuple[ButtonKind, date], ...]
    first: date | None
    last: date


@dataclass(frozen=True, slots=True)
class TaskChoices:
    """What can be said about one task, the likeliest first."""

    task: CardTaskView
    asking: Asking
    days: tuple[DayChoice, ...]
    already_sent: date | None  # a claim that is asked about: it stands as it was said
    as_said: ButtonKind  # and how that is said
    later: tuple[tuple[ButtonKind, date], ...]
    reasoned: tuple[AnswerKind, ...]  # not done, not applicable
    reasons: tuple[ReasonChoice, ...]
    leaving: tuple[LeavingKind, ...]
    help: tuple[HelpKind, ...]


# --- what it shows ----------------------------------------------------------------------------------------------------


def card_of(view: CardView) -> Card:
    """The item as its card would stand in a chat that may name it."""
    asked = [task for task in view.tasks if task.answers]
    receipt = receipt_of(view)
    foremost = asked[0] if asked else None
    has_window = foremost is None or foremost.kind is TaskKind.HOLD
    # A claim that is asked about was uploaded: in time or not is no question any more.
    timed = foremost is None or not foremost.asked_again
    return Card(
        site_number=view.site_number,
        open_tasks=len(asked),
        study=view.study_code,
        code=view.patient_code,
        visit=view.visit,
        firm=view.firm,
        phase=view.phase,
        opens=view.opens if has_window else None,
        due=view.due,
        closes=view.closes,
        days_left=view.days_left if timed else None,
        days_late=view.days_late if timed else None,
        tasks=tuple(line_of(task) for task in view.tasks),
        last=view.last,
        receipt=None if receipt is None else _receipt(view, receipt),
        asking=Asking.NOTHING if foremost is None else _asking(foremost, view),
        about=None,
        safety_line=view.paused or (receipt is not None and receipt.answer.kind in _NEEDS_SAFETY_LINE),
        working_days_left=view.working_days_left if timed else None,
        days_off=view.days_off if timed else (),
        covering=view.covering,
        asked_for_help=view.asked_for_help,
        query=view.query,
        on_hold=view.on_hold,
    )


def receipt_of(view: CardView) -> ReceiptView | None:
    """The reader's own last answer, or what the trial office took down, while it can be taken back."""
    receipt = view.receipt
    mine = receipt is not None and receipt.undo_possible and (receipt.person_id == view.person_id or receipt.taken_down)
    return receipt if mine else None


def _receipt(view: CardView, receipt: ReceiptView) -> Receipt:
    return Receipt(
        answer=receipt.answer,
        task=receipt_task(view, receipt),
        at=f"{receipt.at.astimezone(ZoneInfo(view.reader_zone)):%H:%M}",
        undo_possible=True,
    )


def receipt_task(view: CardView, receipt: ReceiptView) -> Labels | None:
    """The task that a receipt names. What was said about holding the visit was said about the visit, which stands above,
    and that a patient is no longer followed is about no task at all.
    """
    about = None if receipt.task_id is None else view.task(receipt.task_id)
    if about is None or about.kind is TaskKind.HOLD or receipt.answer.kind is AnswerKind.NO_LONGER_FOLLOWED:
        return None
    return about.label


def line_of(task: CardTaskView) -> CardTask:
    """One task as a line of the card."""
    to_come = task.kind is TaskKind.HOLD and task.standing is Standing.SCHEDULED
    due = task.due if to_come else task.closes or task.due
    return CardTask(label=task.label, kind=task.kind, standing=task.standing, due=due, day=task.day)


def _asking(task: CardTaskView, view: CardView) -> Asking:
    # Whoever waits for the trial office is not asked in the same breath.
    return Asking.NOTHING if view.asked_for_help is not None else asking_of(task, view)


def asking_of(task: CardTaskView, view: CardView) -> Asking:
    """The one question about a task, in the tone of its phase."""
    match task.kind:
        case TaskKind.HOLD if task.day is not None:
            # It is booked: nothing to ask before that day, and from then on not whether it is booked.
            return Asking.NOTHING if task.day > view.today else Asking.WAS_IT_DONE
        case TaskKind.HOLD:
            return _ASKED_OF_A_VISIT[view.phase]
        case TaskKind.UPLOAD:
            return _asked_of_a_claim(task) if task.asked_again else Asking.IS_IT_UPLOADED
        case TaskKind.SEND:
            return Asking.IS_IT_SENT
        case TaskKind.EVENT:
            return Asking.WHICH_DATE
        case TaskKind.FACT:
            return Asking.WHICH_VALUE
        case _:
            assert_never(task.kind)


def _asked_of_a_claim(task: CardTaskView) -> Asking:
    """Where nobody has looked for it in time nobody has a question either."""
    return Asking.IS_IT_THERE if task.standing is Standing.QUERIED else Asking.IS_IT_REALLY_THERE


_ASKED_OF_A_VISIT: Final[Mapping[Phase, Asking]] = MappingProxyType(
    {
        Phase.BEFORE: Asking.IS_IT_PLANNED,
        Phase.DURING: Asking.IS_IT_BOOKED,
        Phase.AFTER: Asking.WAS_IT_DONE,
    }
)


def task_only_of(
    view: CardView, *, ready: bool = False, again: bool = False, place: tuple[int, int] | None = None
) -> TaskOnlyCard:
    """What stands in the chat instead. `ready`: a link was just made; `again`: it is a nudge."""
    open_tasks = sum(bool(task.answers) for task in view.tasks)
    return TaskOnlyCard(
        site_number=view.site_number,
        open_tasks=open_tasks,
        state=ItemState.READY if ready else _state(view, open_tasks),
        again=again,
        covering=view.covering,
        place=place,
    )


def _state(view: CardView, open_tasks: int) -> ItemState:
    if view.paused:
        return ItemState.PAUSED
    if view.asked_for_help is not None:
        return ItemState.WAITING
    return ItemState.OPEN if open_tasks else ItemState.CLOSED


# --- what it offers ---------------------------------------------------------------------------------------------------


def choices_of(view: CardView, *, earliest: date | None) -> tuple[TaskChoices, ...]:
    """What can be said now, task by task; `earliest` is the first day on which anything of the visit can have been."""
    return tuple(_choices(view, task, earliest) for task in view.tasks if task.answers)


def _choices(view: CardView, task: CardTaskView, earliest: date | None) -> TaskChoices:
    offered = task.answers
    return TaskChoices(
        task=task,
        asking=_asking(task, view),
        days=_days(view, task, earliest),
        already_sent=task.day if task.asked_again else None,
        as_said=as_said(task),
        later=later_days(view, task) if AnswerKind.LATER in offered else (),
        reasoned=tuple(kind for kind in (AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE) if kind in offered),
        reasons=view.reasons,
        leaving=view.leaving_kinds if AnswerKind.NO_LONGER_FOLLOWED in offered else (),
        help=tuple(HelpKind) if AnswerKind.NEED_HELP in offered and task.asked_for_help is None else (),
    )


_DATED: Final[Mapping[TaskKind, tuple[tuple[AnswerKind, ButtonKind], ...]]] = MappingProxyType(
    {
        TaskKind.HOLD: ((AnswerKind.DONE, ButtonKind.DONE), (AnswerKind.BOOKED, ButtonKind.BOOKED)),
        TaskKind.UPLOAD: ((AnswerKind.UPLOADED, ButtonKind.UPLOADED),),
        TaskKind.SEND: ((AnswerKind.DONE, ButtonKind.SENT),),
        TaskKind.EVENT: ((AnswerKind.DONE, ButtonKind.HAPPENED), (AnswerKind.BOOKED, ButtonKind.PLANNED)),
        TaskKind.FACT: (),
    }
)


def _days(view: CardView, task: CardTaskView, earliest: date | None) -> tuple[DayChoice, ...]:
    dated = [(kind, text) for kind, text in _DATED[task.kind] if kind in task.answers]
    if task.asked_again:
        dated = [(kind, ButtonKind.UPLOADED_AGAIN) for kind, _ in dated]
    if _asking(task, view) in {Asking.IS_IT_PLANNED, Asking.IS_IT_BOOKED}:
        dated.reverse()
    return tuple(
        _to_come(kind, text, view.today) if kind is AnswerKind.BOOKED else _past(kind, text, view.today, earliest)
        for kind, text in dated
    )


def _past(kind: AnswerKind, text: ButtonKind, today: date, earliest: date | None) -> DayChoice:
    first = None if earliest is None or earliest > today else earliest
    likely = ((ButtonKind.TODAY, today), (ButtonKind.YESTERDAY, today - _DAY))
    fitting = tuple((name, day) for name, day in likely if first is None or day >= first)
    return DayChoice(kind, text, fitting, first, today)


def _to_come(kind: AnswerKind, text: ButtonKind, today: date) -> DayChoice:
    return DayChoice(kind, text, ((ButtonKind.TODAY, today), (ButtonKind.TOMORROW, today + _DAY)), today, _END_OF_TIME)


def as_said(task: CardTaskView) -> ButtonKind:
    """How it is said of a claim that it stands: to whoever asks, or where nobody has looked yet."""
    return ButtonKind.ALREADY_SENT if task.standing is Standing.QUERIED else ButtonKind.IS_THERE


def later_days(view: CardView, task: CardTaskView) -> tuple[tuple[ButtonKind, date], ...]:
    """Tomorrow, next Monday, three days before the window closes; never past it, and no day twice."""
    tomorrow, monday = view.today + _DAY, view.today + timedelta(days=7 - view.today.weekday())
    found = [(ButtonKind.TOMORROW, tomorrow), (ButtonKind.NEXT_MONDAY, monday)]
    if task.closes is not None and not task.asked_again:
        if task.closes - _BEFORE_END > tomorrow:
            found.append((ButtonKind.BEFORE_END, task.closes - _BEFORE_END))
        if view.today < task.closes:
            found = [(text, day) for text, day in found if day <= task.closes]
    named: dict[date, ButtonKind] = {}
    for text, day in found:
        named.setdefault(day, text)
    return tuple((text, day) for day, text in named.items())
