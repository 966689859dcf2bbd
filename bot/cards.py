"""The card: which face it shows, what it asks, which buttons it carries. Pure: a view and a face in, a message out.

At most two rows of buttons on the faces that people meet first, the likeliest answer first and "other" for the rest. The
month sheet is the one exception.
"""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from bot import presses
from bot.layout import DAY, Button, Rows, button, month_sheet, pairs
from bot.presses import Press
from office.cards import CardTaskView, CardView, ReceiptView
from office.item_card import as_said, asking_of, later_days, line_of, receipt_task
from trial.answers import AnswerKind, HelpKind
from trial.messages import (
    Asking,
    ButtonKind,
    ButtonText,
    Card,
    Nudge,
    NudgeTask,
    Receipt,
    Standing,
    TaskOnlyCard,
    TimeLeft,
)
from trial.moments import Instant
from trial.tasks import TaskKind

_NAMED = frozenset({TaskKind.UPLOAD, TaskKind.SEND})
_SIDE_BY_SIDE = 2  # buttons that a phone shows in a row with their words whole


@dataclass(frozen=True, slots=True)
class Composed:
    """A card or a nudge with its buttons, for any language."""

    message: Card | Nudge | TaskOnlyCard
    rows: Rows


@dataclass(frozen=True, slots=True)
class Question:
    """What a face asks about which task."""

    asking: Asking
    rows: Rows
    about: CardTaskView | None = None


def compose(view: CardView, face: Press | None, *, elapsed: Instant, place: tuple[int, int] | None = None) -> Composed:
    """The card as it stands now. A face whose task was answered meanwhile falls back to the first face.

    `place`: within a digest, which of how many.
    """
    question = _question(view, face)
    receipt = _receipt(view, face, elapsed=elapsed)
    rows = question.rows
    if view.receipt is not None and _can_be_undone(view.receipt, receipt, elapsed=elapsed):
        back = ButtonKind.CONTEST if view.receipt.taken_down else ButtonKind.UNDO
        rows = (*rows, (button(back, presses.Undo(view.receipt.answer_id)),))
    about = question.about if len(view.tasks) > 1 else None
    left = _left(view)
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
            days_left=left.days_left,
            days_late=left.days_late,
            tasks=tuple(line_of(task) for task in view.tasks),
            last=view.last,
            receipt=receipt,
            # Whoever has just asked to be reminded later is not asked again in the same breath.
            asking=Asking.NOTHING if _said_later(receipt) else question.asking,
            # What is asked about holding the visit is asked about the visit, which stands above.
            about=None if about is None or about.kind is TaskKind.HOLD else about.label,
            asked=None if question.about is None else question.about.question,
            safety_line=_needs_safety_line(view, face, receipt),
            working_days_left=left.working_days_left,
            days_off=left.days_off,
            covering=view.covering,
            place=place,
            asked_for_help=view.asked_for_help,
            query=view.query,
            on_hold=view.on_hold,
        ),
        rows,
    )


def compose_nudge(view: CardView) -> Composed:
    """A short reply to the card that carries its first buttons again. What waits for the trial office is left out."""
    view = replace(view, tasks=tuple(task for task in view.tasks if task.asked_for_help is None))
    question = _question(view, None)
    facing = next((task for task in view.tasks if task.answers), None)
    named = [task for task in view.tasks if task.answers and task.kind in _NAMED]
    times = {task.task_id: _time_of(task) for task in named}
    # One number stands beside the visit where it is true of all that is named; else each task has its own.
    apart = facing is not None and facing.task_id in times and len(set(times.values())) > 1
    left = TimeLeft() if apart or facing is None else _time_of(facing)
    return Composed(
        Nudge(
            site_number=view.site_number,
            study=view.study_code,
            code=view.patient_code,
            visit=view.visit,
            # What is asked about the visit itself needs no line: the visit stands above.
            tasks=tuple(
                NudgeTask(task.label, None if times[task.task_id] == left else times[task.task_id]) for task in named
            ),
            phase=view.phase,
            days_left=left.days_left,
            days_late=left.days_late,
            asking=question.asking,
            asked=None if question.about is None else question.about.question,
            working_days_left=left.working_days_left,
            days_off=left.days_off,
            covering=view.covering,
        ),
        question.rows,
    )


def _time_of(task: CardTaskView) -> TimeLeft:
    """Nothing is left or past where only a claim is asked about: it was uploaded, and in time or not is no question."""
    return TimeLeft() if task.asked_again else task.time


def _left(view: CardView) -> TimeLeft:
    facing = next((task for task in view.tasks if task.answers), None)
    if facing is not None and facing.asked_again:
        return TimeLeft()
    return TimeLeft(view.days_left, view.days_late, view.working_days_left, view.days_off)


def _has_window(view: CardView) -> bool:
    """A visit has a window; what has to be uploaded or sent after it has a last day."""
    facing = next((task for task in view.tasks if task.answers), None)
    return facing is None or facing.kind is TaskKind.HOLD


def _receipt(view: CardView, face: Press | None, *, elapsed: Instant) -> Receipt | None:
    if view.receipt is None or not isinstance(face, presses.Receipt) or face.answer != view.receipt.answer_id:
        return None
    at = view.receipt.at.astimezone(ZoneInfo(view.reader_zone))
    return Receipt(
        answer=view.receipt.answer,
        task=receipt_task(view, view.receipt),
        at=f"{at:%H:%M}",
        undo_possible=elapsed < view.receipt.undo_until,
    )


def _can_be_undone(last: ReceiptView, shown: Receipt | None, *, elapsed: Instant) -> bool:
    """What the trial office took down can be contested by everybody of the site, on each of their cards."""
    return elapsed < last.undo_until if last.taken_down else shown is not None and shown.undo_possible


def _said_later(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.answer.kind is AnswerKind.LATER


def _needs_safety_line(view: CardView, face: Press | None, receipt: Receipt | None) -> bool:
    """Any answer that may be about death, illness or complications: this is not a safety report."""
    if view.paused or isinstance(face, presses.WhyLeft | presses.ConfirmLeft | presses.SayLeft | presses.WriteReason):
        return True
    return receipt is not None and receipt.answer.kind in {AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE}


# --- faces ------------------------------------------------------------------------------------------------------------


def _question(view: CardView, face: Press | None) -> Question:  # noqa: C901, PLR0912 - one case per face, flat
    if not any(task.open for task in view.tasks):
        return Question(Asking.NOTHING, ())
    task = None if face is None or not hasattr(face, "task") else view.task(face.task)
    if task is None or not task.open:
        return _front(view)
    match face:
        case presses.ChooseDay(_, AnswerKind.LATER):
            return Question(Asking.UNTIL_WHEN, _until_when(view, task), task)
        case presses.ChooseDay(_, kind):
            return Question(Asking.WHICH_DAY, _which_day(view, task, kind), task)
        case presses.Month(_, kind, first):
            return Question(Asking.WHICH_DAY, _month(view, task, kind, first), task)
        case presses.Others():
            return Question(Asking.WHICH_OTHER, _others(view, task), task)
        case presses.ChooseTask(_, kind) if len(_taking(view, kind)) > 1:
            return Question(Asking.WHICH_TASK, _which_task(view, task, kind))
        case presses.ChooseReason(_, kind):
            return Question(Asking.WHICH_REASON, _reasons(view, task, kind), task)
        case presses.WriteReason(_, kind):
            back = button(ButtonKind.BACK, presses.ChooseReason(task.task_id, kind))
            return Question(Asking.WRITE_REASON, ((back,),), task)
        case presses.WhyLeft():
            # About the patient, and not about the task that the card happens to ask about.
            return Question(Asking.WHY_LEFT, _why_left(view, task))
        case presses.ConfirmLeft(_, leaving):
            confirm = Button(ButtonText(ButtonKind.CONFIRM, leaving=leaving), presses.SayLeft(task.task_id, leaving))
            return Question(Asking.CONFIRM_LEFT, ((confirm,), (_back(view),)))
        case presses.ChooseHelp():
            return Question(Asking.WHICH_HELP, _which_help(view, task), task)
        case _:
            return _front(view)


def _front(view: CardView) -> Question:
    """The first face: the foremost task's question; uploads stand side by side, a button each."""
    asked = [task for task in view.tasks if task.answers]
    if not asked:
        # What is open waits for a date or for a fact.
        return Question(Asking.NOTHING, ())
    foremost = asked[0]
    # Where each button names its task, the question asks about all of them.
    about = foremost if len(asked) == 1 else None
    if foremost.kind is TaskKind.FACT:
        return Question(Asking.WHICH_VALUE, (*_values(foremost), _rest(foremost)), foremost)
    likely = _likely(view)
    rows = (tuple(likely[:_SIDE_BY_SIDE]), _last_row(foremost, alone=len(asked) == 1))
    # Whoever waits for the trial office is not asked in the same breath.
    asking = Asking.NOTHING if view.asked_for_help is not None else asking_of(foremost, view)
    return Question(asking, tuple(row for row in rows if row), about)


def _likely(view: CardView) -> list[Button]:
    """The likeliest answers of a card, the likeliest first: all of its one task, or one for each of several."""
    asked = [task for task in view.tasks if task.answers]
    found = []
    for task in asked:
        spoken = _spoken(task, view)
        found += [
            Button(ButtonText(text, words=task.short if len(asked) > 1 else None), press)
            for text, press in (spoken if len(asked) == 1 else spoken[:1])
        ]
    return found


def _spoken(task: CardTaskView, view: CardView) -> list[tuple[ButtonKind, Press]]:
    """What can be said of one task with one button, the likeliest first."""
    if task.asked_again:
        claim: list[tuple[ButtonKind, Press]] = [
            (ButtonKind.UPLOADED_AGAIN, presses.ChooseDay(task.task_id, AnswerKind.UPLOADED)),
            (as_said(task), presses.AlreadySent(task.task_id)),
        ]
        # Where nobody has looked yet it is most likely there.
        return claim if task.standing is Standing.QUERIED else claim[::-1]
    spoken: list[tuple[ButtonKind, Press]] = [
        (text, presses.ChooseDay(task.task_id, kind)) for kind, text in _SPOKEN[task.kind] if kind in task.answers
    ]
    if asking_of(task, view) in {Asking.IS_IT_PLANNED, Asking.IS_IT_BOOKED}:
        spoken.reverse()
    return spoken


_SPOKEN: dict[TaskKind, tuple[tuple[AnswerKind, ButtonKind], ...]] = {
    TaskKind.HOLD: ((AnswerKind.DONE, ButtonKind.DONE), (AnswerKind.BOOKED, ButtonKind.BOOKED)),
    TaskKind.UPLOAD: ((AnswerKind.UPLOADED, ButtonKind.UPLOADED),),
    TaskKind.SEND: ((AnswerKind.DONE, ButtonKind.SENT),),
    TaskKind.EVENT: ((AnswerKind.DONE, ButtonKind.HAPPENED), (AnswerKind.BOOKED, ButtonKind.PLANNED)),
    TaskKind.FACT: (),
}


def _last_row(task: CardTaskView, *, alone: bool) -> tuple[Button, ...]:
    if task.asked_again and alone:
        # Nothing rarer fits a claim: help stands where "other" would.
        return _rest(task)[0], button(ButtonKind.HELP, presses.ChooseHelp(task.task_id))
    return _rest(task)


def _rest(task: CardTaskView) -> tuple[Button, Button]:
    return (
        button(ButtonKind.LATER, presses.ChooseDay(task.task_id, AnswerKind.LATER)),
        button(ButtonKind.OTHER, presses.Others(task.task_id)),
    )


def _back(view: CardView) -> Button:
    return button(ButtonKind.BACK, presses.Front(view.visit_id))


def _which_day(view: CardView, task: CardTaskView, kind: AnswerKind) -> Rows:
    """Today and yesterday for what is past; today and tomorrow for what is booked; else the sheet."""
    second, second_text = (
        (view.today + DAY, ButtonKind.TOMORROW)
        if kind is AnswerKind.BOOKED
        else (view.today - DAY, ButtonKind.YESTERDAY)
    )
    sheet = presses.Month(task.task_id, kind, view.today.replace(day=1))
    return (
        (
            button(ButtonKind.TODAY, presses.Say(task.task_id, kind, view.today), day=view.today),
            button(second_text, presses.Say(task.task_id, kind, second), day=second),
        ),
        (button(ButtonKind.PICK, sheet), _back(view)),
    )


def _until_when(view: CardView, task: CardTaskView) -> Rows:
    said = [
        button(text, presses.Say(task.task_id, AnswerKind.LATER, day), day=day) for text, day in later_days(view, task)
    ]
    # One below the other: "Nächsten Montag · Mo., 30. Nov." takes the width of a phone.
    return tuple((one,) for one in (*said, _back(view)))


def _month(view: CardView, task: CardTaskView, kind: AnswerKind, first: date) -> Rows:
    """Days that cannot be (a scan done tomorrow, booked for yesterday) are no presses."""
    to_come = kind is AnswerKind.BOOKED
    return month_sheet(
        first,
        fits=lambda day: day >= view.today if to_come else day <= view.today,
        pick=lambda day: presses.Say(task.task_id, kind, day),
        turn=lambda month: presses.Month(task.task_id, kind, month),
        back=button(ButtonKind.BACK, presses.ChooseDay(task.task_id, kind)),
    )


def _others(view: CardView, task: CardTaskView) -> Rows:
    # What found no room on the first face.
    found = _likely(view)[_SIDE_BY_SIDE:]
    found += [
        Button(ButtonText(text, words=one.short), press)
        for one in view.tasks
        if one.asked_again
        for text, press in _spoken(one, view)[1:]
    ]
    for kind, text in (
        (AnswerKind.NOT_DONE, ButtonKind.NOT_DONE),
        (AnswerKind.NOT_APPLICABLE, ButtonKind.NOT_APPLICABLE),
    ):
        match _taking(view, kind):
            case []:
                pass
            case [alone]:
                found.append(button(text, presses.ChooseReason(alone.task_id, kind)))
            case _:
                found.append(button(text, presses.ChooseTask(task.task_id, kind)))
    if AnswerKind.NO_LONGER_FOLLOWED in task.answers:
        found.append(button(ButtonKind.NO_LONGER_FOLLOWED, presses.WhyLeft(task.task_id)))
    if AnswerKind.NEED_HELP in task.answers and task.asked_for_help is None:
        found.append(button(ButtonKind.HELP, presses.ChooseHelp(task.task_id)))
    found.append(button(ButtonKind.WHY, presses.Why(task.task_id)))
    return pairs([*found, _back(view)])


def _taking(view: CardView, kind: AnswerKind) -> list[CardTaskView]:
    """The tasks of which this can be said."""
    return [task for task in view.tasks if kind in task.answers]


def _which_task(view: CardView, task: CardTaskView, kind: AnswerKind) -> Rows:
    """One row a task: of its name nothing is cut off."""
    found = [
        Button(ButtonText(ButtonKind.WORDS, words=one.label), presses.ChooseReason(one.task_id, kind))
        for one in _taking(view, kind)
    ]
    return (*((one,) for one in found), (button(ButtonKind.BACK, presses.Others(task.task_id)),))


def _reasons(view: CardView, task: CardTaskView, kind: AnswerKind) -> Rows:
    """One row a reason: they are sentences, and two side by side would be cut off."""
    coded = [
        Button(ButtonText(ButtonKind.WORDS, words=reason.label), presses.SayReason(task.task_id, kind, reason.id))
        for reason in view.reasons
    ]
    other = button(ButtonKind.OTHER_REASON, presses.WriteReason(task.task_id, kind))
    back = button(ButtonKind.BACK, presses.Others(task.task_id))
    return (*((one,) for one in coded), (other, back))


def _why_left(view: CardView, task: CardTaskView) -> Rows:
    found = [
        Button(ButtonText(ButtonKind.LEAVING, leaving=leaving), presses.ConfirmLeft(task.task_id, leaving))
        for leaving in view.leaving_kinds
    ]
    return (*pairs(found), (_back(view),))


def _which_help(view: CardView, task: CardTaskView) -> Rows:
    found = [
        Button(ButtonText(ButtonKind.HELP_KIND, help=kind), presses.SayHelp(task.task_id, kind)) for kind in HelpKind
    ]
    # On a claim help stands on the first face.
    back = _back(view) if task.asked_again else button(ButtonKind.BACK, presses.Others(task.task_id))
    return pairs([*found, back])


def _values(task: CardTaskView) -> Rows:
    return pairs(
        [
            Button(ButtonText(ButtonKind.WORDS, words=value.label), presses.SayValue(task.task_id, value.id))
            for value in task.values
        ]
    )
