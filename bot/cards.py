"""The card: which face it shows, what it asks, which buttons it carries. Pure: a view and a face in, a message out.

At most two rows of buttons on the faces that people meet first, the likeliest answer first and "other" for the rest. The
month sheet is the one exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from bot import buttons
from bot.buttons import Press
from office.cards import CardTaskView, CardView
from trial.answers import AnswerKind, LeavingKind
from trial.messages import Asking, ButtonKind, ButtonText, Card, CardTask, Nudge, Phase, Receipt, Standing
from trial.moments import Instant
from trial.tasks import TaskKind

_WEEK = 7
_NAMED = frozenset({TaskKind.UPLOAD, TaskKind.SEND})
_SIDE_BY_SIDE = 2  # buttons that a phone shows in a row with their words whole


@dataclass(frozen=True, slots=True)
class Button:
    """Words not yet in a language, and what the press does."""

    text: ButtonText
    press: Press


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A card or a nudge with its buttons, for any language."""

    message: Card | Nudge
    rows: Rows


@dataclass(frozen=True, slots=True)
class Question:
    """What a face asks about which task."""

    asking: Asking
    rows: Rows
    about: CardTaskView | None = None


def compose(view: CardView, face: Press | None, *, elapsed: Instant) -> Composed:
    """The card as it stands now. A face whose task was answered meanwhile falls back to the first face."""
    question = _question(view, face)
    receipt = _receipt(view, face, elapsed=elapsed)
    rows = question.rows
    if receipt is not None and receipt.undo_possible and view.receipt is not None:
        rows = (*rows, (Button(ButtonText(ButtonKind.UNDO), buttons.Undo(view.receipt.answer_id)),))
    about = question.about if len(view.tasks) > 1 else None
    return Composed(
        Card(
            site_number=view.site_number,
            # What waits for a date cannot be answered: it stands on the card and is not counted.
            open_tasks=sum(bool(task.answers) for task in view.tasks),
            study=view.study_code,
            code=view.patient_code,
            visit=view.visit,
            firm=view.firm,
            phase=view.phase,
            opens=view.opens if _has_window(view) else None,
            due=view.due,
            closes=view.closes,
            days_left=view.days_left,
            days_late=view.days_late,
            tasks=tuple(_line(task) for task in view.tasks),
            last=view.last,
            receipt=receipt,
            # Whoever has just asked to be reminded later is not asked again in the same breath.
            asking=Asking.NOTHING if _said_later(receipt) else question.asking,
            # What is asked about holding the visit is asked about the visit, which stands above.
            about=None if about is None or about.kind is TaskKind.HOLD else about.label,
            asked=None if question.about is None else question.about.question,
            safety_line=_needs_safety_line(view, face, receipt),
        ),
        rows,
    )


def compose_nudge(view: CardView) -> Composed:
    """A short reply to the card that carries its first buttons again."""
    question = _question(view, None)
    return Composed(
        Nudge(
            site_number=view.site_number,
            study=view.study_code,
            code=view.patient_code,
            visit=view.visit,
            # What is asked about the visit itself needs no line: the visit stands above.
            tasks=tuple(task.label for task in view.tasks if task.answers and task.kind in _NAMED),
            phase=view.phase,
            days_left=view.days_left,
            days_late=view.days_late,
            asking=question.asking,
        ),
        question.rows,
    )


def _has_window(view: CardView) -> bool:
    """A visit has a window; what has to be uploaded or sent after it has a last day."""
    facing = next((task for task in view.tasks if task.answers), None)
    return facing is None or facing.kind is TaskKind.HOLD


def _line(task: CardTaskView) -> CardTask:
    to_come = task.kind is TaskKind.HOLD and task.standing is Standing.SCHEDULED
    due = task.due if to_come else task.closes or task.due
    return CardTask(label=task.label, kind=task.kind, standing=task.standing, due=due, day=task.day)


def _receipt(view: CardView, face: Press | None, *, elapsed: Instant) -> Receipt | None:
    if view.receipt is None or not isinstance(face, buttons.Receipt) or face.answer != view.receipt.answer_id:
        return None
    at = view.receipt.at.astimezone(ZoneInfo(view.reader_zone))
    about = None if view.receipt.task_id is None else view.task(view.receipt.task_id)
    return Receipt(
        answer=view.receipt.answer,
        task=None if about is None or about.kind is TaskKind.HOLD else about.label,
        at=f"{at:%H:%M}",
        undo_possible=elapsed < view.receipt.undo_until,
    )


def _said_later(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.answer.kind is AnswerKind.LATER


def _needs_safety_line(view: CardView, face: Press | None, receipt: Receipt | None) -> bool:
    """Any answer that may be about death, illness or complications: this is not a safety report."""
    if view.paused or isinstance(face, buttons.WhyLeft | buttons.ConfirmLeft | buttons.SayLeft | buttons.WriteReason):
        return True
    return receipt is not None and receipt.answer.kind in {AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE}


# --- faces ------------------------------------------------------------------------------------------------------------


def _question(view: CardView, face: Press | None) -> Question:  # noqa: C901 - one case per face, flat
    if not any(task.open for task in view.tasks):
        return Question(Asking.NOTHING, ())
    task = None if face is None or not hasattr(face, "task") else view.task(face.task)
    if task is None or not task.open:
        return _front(view)
    match face:
        case buttons.ChooseDay(_, AnswerKind.LATER):
            return Question(Asking.UNTIL_WHEN, _until_when(view, task), task)
        case buttons.ChooseDay(_, kind):
            return Question(Asking.WHICH_DAY, _which_day(view, task, kind), task)
        case buttons.Month(_, kind, first):
            return Question(Asking.WHICH_DAY, _month_sheet(view, task, kind, first), task)
        case buttons.Others():
            return Question(Asking.WHICH_OTHER, _others(view, task), task)
        case buttons.ChooseReason(_, kind):
            return Question(Asking.WHICH_REASON, _reasons(view, task, kind), task)
        case buttons.WriteReason(_, kind):
            back = Button(ButtonText(ButtonKind.BACK), buttons.ChooseReason(task.task_id, kind))
            return Question(Asking.WRITE_REASON, ((back,),), task)
        case buttons.WhyLeft():
            return Question(Asking.WHY_LEFT, _why_left(view, task), task)
        case buttons.ConfirmLeft(_, leaving):
            confirm = Button(ButtonText(ButtonKind.CONFIRM, leaving=leaving), buttons.SayLeft(task.task_id, leaving))
            return Question(Asking.CONFIRM_LEFT, ((confirm,), (_back(view),)), task)
        case _:
            return _front(view)


def _front(view: CardView) -> Question:
    """The first face: the foremost task's question; uploads stand side by side, a button each."""
    open_tasks = [task for task in view.tasks if task.open]
    foremost = next((task for task in open_tasks if task.answers), None)
    if foremost is None:
        # What is open waits for a date or for a fact.
        return Question(Asking.NOTHING, ())
    if foremost.kind is TaskKind.FACT:
        return Question(Asking.WHICH_VALUE, (*_values(foremost), _rest(foremost)), foremost)
    likely = _likely(view)
    rows = (tuple(likely[:_SIDE_BY_SIDE]), _rest(foremost))
    # Where each button names its task, the question asks about all of them.
    named = sum(bool(task.answers) for task in open_tasks) > 1
    return Question(_asking(foremost, view), tuple(row for row in rows if row), None if named else foremost)


def _likely(view: CardView) -> list[Button]:
    """The likeliest answers of a card, the likeliest first: all of its one task, or one for each of several."""
    asked = [task for task in view.tasks if task.answers]
    found = []
    for task in asked:
        spoken = [(kind, text) for kind, text in _SPOKEN[task.kind] if kind in task.answers]
        if _asking(task, view) in {Asking.IS_IT_PLANNED, Asking.IS_IT_BOOKED}:
            spoken.reverse()
        found += [
            Button(
                ButtonText(text, words=task.short if len(asked) > 1 else None), buttons.ChooseDay(task.task_id, kind)
            )
            for kind, text in (spoken if len(asked) == 1 else spoken[:1])
        ]
    return found


_SPOKEN: dict[TaskKind, tuple[tuple[AnswerKind, ButtonKind], ...]] = {
    TaskKind.HOLD: ((AnswerKind.DONE, ButtonKind.DONE), (AnswerKind.BOOKED, ButtonKind.BOOKED)),
    TaskKind.UPLOAD: ((AnswerKind.UPLOADED, ButtonKind.UPLOADED),),
    TaskKind.SEND: ((AnswerKind.DONE, ButtonKind.SENT),),
    TaskKind.EVENT: ((AnswerKind.DONE, ButtonKind.HAPPENED), (AnswerKind.BOOKED, ButtonKind.PLANNED)),
    TaskKind.FACT: (),
}


def _asking(task: CardTaskView, view: CardView) -> Asking:
    match task.kind:
        case TaskKind.HOLD if task.day is not None:
            # It is booked: nothing to ask before that day, and from then on not whether it is booked.
            return Asking.NOTHING if task.day > view.today else Asking.WAS_IT_DONE
        case TaskKind.HOLD:
            match view.phase:
                case Phase.BEFORE:
                    return Asking.IS_IT_PLANNED
                case Phase.DURING:
                    return Asking.IS_IT_BOOKED
                case Phase.AFTER:
                    return Asking.WAS_IT_DONE
        case TaskKind.UPLOAD:
            return Asking.IS_IT_UPLOADED
        case TaskKind.SEND:
            return Asking.IS_IT_SENT
        case TaskKind.EVENT:
            return Asking.WHICH_DATE
        case TaskKind.FACT:
            return Asking.WHICH_VALUE
    assert_never(view.phase)


def _rest(task: CardTaskView) -> tuple[Button, ...]:
    return (
        Button(ButtonText(ButtonKind.LATER), buttons.ChooseDay(task.task_id, AnswerKind.LATER)),
        Button(ButtonText(ButtonKind.OTHER), buttons.Others(task.task_id)),
    )


def _back(view: CardView) -> Button:
    return Button(ButtonText(ButtonKind.BACK), buttons.Front(view.visit_id))


def _which_day(view: CardView, task: CardTaskView, kind: AnswerKind) -> Rows:
    """Today and yesterday for what is past; today and tomorrow for what is booked; else the sheet."""
    second = view.today + timedelta(days=1 if kind is AnswerKind.BOOKED else -1)
    second_text = ButtonKind.TOMORROW if kind is AnswerKind.BOOKED else ButtonKind.YESTERDAY
    sheet = buttons.Month(task.task_id, kind, view.today.replace(day=1))
    return (
        (
            Button(ButtonText(ButtonKind.TODAY, day=view.today), buttons.Say(task.task_id, kind, view.today)),
            Button(ButtonText(second_text, day=second), buttons.Say(task.task_id, kind, second)),
        ),
        (Button(ButtonText(ButtonKind.PICK), sheet), _back(view)),
    )


def _until_when(view: CardView, task: CardTaskView) -> Rows:
    """Tomorrow, next Monday, three days before the window closes; never past it."""
    tomorrow = view.today + timedelta(days=1)
    monday = view.today + timedelta(days=_WEEK - view.today.weekday())
    choices = [(ButtonKind.TOMORROW, tomorrow), (ButtonKind.NEXT_MONDAY, monday)]
    if task.closes is not None:
        before_end = task.closes - timedelta(days=3)
        if before_end > tomorrow:
            choices.append((ButtonKind.BEFORE_END, before_end))
        if view.today < task.closes:
            choices = [(text, day) for text, day in choices if day <= task.closes]
    said = [
        Button(ButtonText(text, day=day), buttons.Say(task.task_id, AnswerKind.LATER, day))
        for text, day in _distinct(choices)
    ]
    return tuple(tuple(row) for row in _pairs([*said, _back(view)]))


def _distinct(choices: Sequence[tuple[ButtonKind, date]]) -> list[tuple[ButtonKind, date]]:
    seen: dict[date, ButtonKind] = {}
    for text, day in choices:
        seen.setdefault(day, text)
    return [(text, day) for day, text in seen.items()]


def _pairs(found: Sequence[Button]) -> list[Sequence[Button]]:
    return [found[at : at + 2] for at in range(0, len(found), 2)]


def _month_sheet(view: CardView, task: CardTaskView, kind: AnswerKind, first: date) -> Rows:
    """One month, Monday first. Days that cannot be (a scan done tomorrow, booked for yesterday) are fillers."""
    first = first.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    previous = (first - timedelta(days=1)).replace(day=1)
    to_come = kind is AnswerKind.BOOKED
    filler = Button(ButtonText(ButtonKind.DAY), buttons.Nothing())
    monday = first - timedelta(days=first.weekday())
    weekdays = tuple(
        Button(ButtonText(ButtonKind.WEEKDAY, day=monday + timedelta(days=offset)), buttons.Nothing())
        for offset in range(_WEEK)
    )
    weeks: list[tuple[Button, ...]] = []
    day = monday
    while day < following:
        week = []
        for _ in range(_WEEK):
            fits = first <= day < following and (day >= view.today if to_come else day <= view.today)
            text = ButtonText(ButtonKind.DAY, day=day)
            week.append(Button(text, buttons.Say(task.task_id, kind, day)) if fits else filler)
            day += timedelta(days=1)
        if any(button is not filler for button in week):
            weeks.append(tuple(week))
    turn = [Button(ButtonText(ButtonKind.MONTH, day=first), buttons.Nothing())]
    if not to_come or first > view.today:
        turn.insert(
            0, Button(ButtonText(ButtonKind.PREVIOUS, day=previous), buttons.Month(task.task_id, kind, previous))
        )
    if to_come or following <= view.today:
        turn.append(Button(ButtonText(ButtonKind.NEXT, day=following), buttons.Month(task.task_id, kind, following)))
    back = Button(ButtonText(ButtonKind.BACK), buttons.ChooseDay(task.task_id, kind))
    return (tuple(turn), weekdays, *weeks, (back,))


def _others(view: CardView, task: CardTaskView) -> Rows:
    found = [
        Button(ButtonText(text), buttons.ChooseReason(task.task_id, kind))
        for kind, text in (
            (AnswerKind.NOT_DONE, ButtonKind.NOT_DONE),
            (AnswerKind.NOT_APPLICABLE, ButtonKind.NOT_APPLICABLE),
        )
        if kind in task.answers
    ]
    # What found no room on the first face.
    found = [*_likely(view)[_SIDE_BY_SIDE:], *found]
    if AnswerKind.NO_LONGER_FOLLOWED in task.answers:
        found.append(Button(ButtonText(ButtonKind.NO_LONGER_FOLLOWED), buttons.WhyLeft(task.task_id)))
    return tuple(tuple(row) for row in _pairs([*found, _back(view)]))


def _reasons(view: CardView, task: CardTaskView, kind: AnswerKind) -> Rows:
    """One row a reason: they are sentences, and two side by side would be cut off."""
    coded = [
        Button(ButtonText(ButtonKind.WORDS, words=reason.label), buttons.SayReason(task.task_id, kind, reason.id))
        for reason in view.reasons
    ]
    other = Button(ButtonText(ButtonKind.OTHER_REASON), buttons.WriteReason(task.task_id, kind))
    back = Button(ButtonText(ButtonKind.BACK), buttons.Others(task.task_id))
    return (*((button,) for button in coded), (other, back))


def _why_left(view: CardView, task: CardTaskView) -> Rows:
    found = [
        Button(ButtonText(ButtonKind.LEAVING, leaving=leaving), buttons.ConfirmLeft(task.task_id, leaving))
        for leaving in LeavingKind
    ]
    return (*(tuple(row) for row in _pairs(found)), (_back(view),))


def _values(task: CardTaskView) -> Rows:
    found = [
        Button(ButtonText(ButtonKind.WORDS, words=value.label), buttons.SayValue(task.task_id, value.id))
        for value in task.values
    ]
    return tuple(tuple(row) for row in _pairs(found))


def refresh_at(view: CardView) -> datetime | None:
    """When the card has to be shown again by itself: as soon as the answer can no longer be taken back (elapsed time)."""
    return None if view.receipt is None else view.receipt.undo_until
