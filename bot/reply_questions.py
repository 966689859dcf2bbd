"""What a plain reply is read against, and how its one question is asked: on the card, or by the choices that are left. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from bot import presses
from bot.buttons import encode
from bot.presses import CardPress, Press
from office.cards import CardTaskView, CardView
from trial.answers import AnswerKind, Said
from trial.labels import Labels, labels
from trial.messages import Meant, Standing
from trial.replies.context import TAKES_PLACE, Asked, ReplyCard, ReplyContext, ReplyTask
from trial.replies.meaning import Action, Ask, Clear, NeedHelp, Outcome, Question, understand
from trial.replies.said import Reading

CHOICES_MOST: Final = 6
"""More things that may be meant are no question any more. Ours."""

Views = Mapping[UUID, CardView]

_DAY_KNOWN: Final = frozenset({Standing.DONE, Standing.CLAIMED, Standing.STATED})
_ASKS_FOR_A_DAY: Final = frozenset(
    {Question.WHICH_DAY, Question.FUTURE_DAY, Question.PAST_DAY, Question.FAR_DAY, Question.BEFORE_VISIT}
)
_ASKS_WHICH: Final = frozenset({Question.WHICH_PATIENT, Question.WHICH_TASK, Question.HELP_WANTED})


# --- as the reader of words knows it ----------------------------------------------------------------------------------


def context_of(views: Views, *, replied: UUID | None, face: Press | None) -> ReplyContext:
    """These visits, the one that was replied to, and the face that stands under the one that is meant."""
    asked = Asked(face.task, face.kind) if isinstance(face, presses.ChooseDay | presses.Month) else None
    return ReplyContext(tuple(map(_card, views.values())), replied, asked)


def _card(view: CardView) -> ReplyCard:
    return ReplyCard(view.visit_id, view.patient_code, view.visit, tuple(map(_task, view.tasks)))


def _task(task: CardTaskView) -> ReplyTask:
    return ReplyTask(
        task_id=task.task_id,
        name=task.name,
        kind=task.kind,
        label=task.label,
        short=task.short,
        answers=task.answers,
        opens=task.opens,
        closes=task.closes,
        day=task.day if task.standing in _DAY_KNOWN else None,
        values=tuple((value.id, value.label) for value in task.values),
    )


# --- the question, on a card ------------------------------------------------------------------------------------------


def face_asking(view: CardView, asked: Ask) -> CardPress | None:
    """The face that asks this; None: there is none of its own, and the card's first one has to do."""
    task = next((one for one in asked.tasks if view.task(one) is not None), None)
    match asked.question:
        case question if question in _ASKS_FOR_A_DAY and task is not None and asked.kind is not None:
            return presses.ChooseDay(task, asked.kind)
        case Question.UNTIL_WHEN if task is not None:
            return presses.ChooseDay(task, AnswerKind.LATER)
        case Question.WHY_NOT | Question.WHICH_REASON if task is not None and asked.kind is not None:
            return presses.ChooseReason(task, asked.kind)
        case Question.CONFIRM_LEFT if task is not None and asked.leaving is not None:
            return presses.ConfirmLeft(task, asked.leaving)
        case Question.HELD_FIRST if task is not None:
            return presses.ChooseDay(task, AnswerKind.DONE)
        case Question.CONFIRM if asked.actions:
            # Understood in other words than the task's own: the day that is picked is the confirmation.
            return presses.ChooseDay(asked.actions[0].task_id, asked.actions[0].kind)
        case Question.HELP_WANTED:
            helped = next((one.task_id for one in view.tasks if AnswerKind.NEED_HELP in one.answers), None)
            return None if helped is None else presses.ChooseHelp(helped)
        case _:
            return None


# --- the question, by the choices that are left -----------------------------------------------------------------------


def choices(views: Views, context: ReplyContext, reading: Reading, asked: Ask, today: date) -> tuple[Meant, ...]:
    """What the reply may mean, each with the press that it would be; empty where that would be no question to ask."""
    found = tuple(_choices(views, context, reading, asked, today))
    return found if len(found) <= CHOICES_MOST else ()


def _choices(views: Views, context: ReplyContext, reading: Reading, asked: Ask, today: date) -> Iterator[Meant]:
    if asked.question is Question.CONFIRM and _press_of(asked.actions) is not None:
        yield from _to_confirm(views, asked.actions)
    elif asked.question is Question.WHICH_DAY and len(asked.tasks) == 1 and len(asked.days) > 1:
        yield from _days(views, asked, today)
    elif asked.question is Question.WHICH_PATIENT or (asked.question in _ASKS_WHICH and len(asked.visits) != 1):
        # Also where a single card fits: whose it is was not said, and is asked with that one choice.
        of = sorted((views[one] for one in asked.visits or views if one in views), key=lambda view: view.patient_code)
        each = _one_each(of) if asked.kind is AnswerKind.NO_LONGER_FOLLOWED else of
        meant = {view.visit_id: _understood_of(view, context, reading, today) for view in each}
        fitting = [view for view in each if _fits(meant[view.visit_id])]
        for view in fitting:
            match meant[view.visit_id]:
                case Ask(Question.WHICH_TASK) as which if len(fitting) == 1 and len(which.tasks) > 1:
                    yield from _each_task(view, context, reading, which, today)
                case outcome:
                    yield from _if_it_were(view, outcome, _name(view, of))
    elif asked.question is Question.WHICH_TASK and len(asked.tasks) > 1 and asked.visits[0] in views:
        yield from _each_task(views[asked.visits[0]], context, reading, asked, today)


def _each_task(view: CardView, context: ReplyContext, reading: Reading, asked: Ask, today: date) -> Iterator[Meant]:
    # Whoever replied to this card knows whose it is.
    named = context.front is not None and context.front.visit_id == view.visit_id
    for task in map(view.task, asked.tasks):
        if task is not None:
            alone = _with_this_alone(context, view.visit_id, task.task_id)
            name = task.short if named else _task_name(view, task)
            yield from _if_it_were(view, understand(reading, alone, today), name)


def _understood_of(view: CardView, context: ReplyContext, reading: Reading, today: date) -> Outcome:
    """What the reply would say if it were one to this card."""
    return understand(reading, replace(context, replied_to=view.visit_id, asked=None), today)


def _fits(meant: Outcome) -> bool:
    """Not where nothing of the card takes this, or where the words name another visit."""
    return not (isinstance(meant, Ask) and meant.question in {Question.CLOSED, Question.WHICH_PATIENT})


def _if_it_were(view: CardView, meant: Outcome, name: Labels) -> Iterator[Meant]:
    """What a tap would do if this were what the reply is about; nothing where it would not fit."""
    match meant:
        case Clear(actions) | Ask(Question.CONFIRM, actions=actions) if _press_of(actions) is not None:
            yield from _tapped(view, name, actions)
        case Ask(Question.CLOSED):
            return
        case NeedHelp():
            yield from _if_it_were(view, Ask(Question.HELP_WANTED), name)
        case Ask() if (face := face_asking(view, meant)) is not None:
            kind = meant.kind if isinstance(face, presses.ChooseDay) else None
            yield Meant(name, encode(face), kind, code=view.patient_code, visit=view.visit)
        case _:
            front = presses.Front(view.visit_id)
            yield Meant(name, encode(front), code=view.patient_code, visit=view.visit)


def _to_confirm(views: Views, actions: Sequence[Action]) -> Iterator[Meant]:
    view = views.get(actions[0].visit_id)
    task = None if view is None else view.task(actions[0].task_id)
    if view is not None and task is not None:
        name = _task_name(view, task) if len(actions) == 1 else labels(view.patient_code)
        yield from _tapped(view, name, actions)


def _days(views: Views, asked: Ask, today: date) -> Iterator[Meant]:
    task_id = asked.tasks[0]
    view = next((view for view in views.values() if view.task(task_id) is not None), None)
    task = None if view is None else view.task(task_id)
    if view is None or task is None or asked.kind is None:
        return
    past = asked.kind in {AnswerKind.DONE, AnswerKind.UPLOADED}
    for day in asked.days:
        if (day <= today) is past:
            said = Said(until=day) if asked.kind is AnswerKind.LATER else Said(day=day)
            yield from _tapped(view, _task_name(view, task), (Action(view.visit_id, task_id, asked.kind, said),))


def _tapped(view: CardView, name: Labels, actions: Sequence[Action]) -> Iterator[Meant]:
    """One tap that records all of this; nothing where no button can say it."""
    press = _press_of(actions)
    about = [task for task in (view.task(action.task_id) for action in actions) if task is not None]
    if press is not None and about:
        yield Meant(
            name,
            encode(press),
            press.kind,
            press.day,
            code=view.patient_code,
            visit=view.visit,
            # What is said of the visit itself names no task: the visit stands there.
            tasks=tuple(task.label for task in about if task.kind not in TAKES_PLACE),
            task_kind=about[0].kind,
        )


def _press_of(actions: Sequence[Action]) -> presses.Say | presses.SayBoth | None:
    """The press that says all of this: of one task, or the same of two tasks of a visit; None: there is none."""
    said = {(action.visit_id, action.kind, _day_of(action)) for action in actions}
    if len(said) != 1:
        return None
    ((_, kind, day),) = said
    match [action.task_id for action in actions]:
        case [task] if day is not None:
            return presses.Say(task, kind, day)
        case [task, other] if day is not None:
            return presses.SayBoth(task, other, kind, day)
        case _:
            return None


def _day_of(action: Action) -> date | None:
    return action.said.until if action.kind is AnswerKind.LATER else action.said.day


def _with_this_alone(context: ReplyContext, visit: UUID, task: UUID) -> ReplyContext:
    """As if nothing else of this card could be answered."""
    cards = tuple(
        replace(card, tasks=tuple(one for one in card.tasks if one.task_id == task or not one.answers))
        if card.visit_id == visit
        else card
        for card in context.cards
    )
    return replace(context, cards=cards, replied_to=visit, asked=None)


def _one_each(views: list[CardView]) -> list[CardView]:
    """Of each patient one visit: what is said is said of the patient."""
    return list({view.patient_code: view for view in reversed(views)}.values())[::-1]


def _name(view: CardView, among: list[CardView]) -> Labels:
    """The patient's code, and the visit where several of theirs may be meant."""
    several = sum(one.patient_code == view.patient_code for one in among) > 1
    return _beside(view.patient_code, view.visit) if several else labels(view.patient_code)


def _task_name(view: CardView, task: CardTaskView) -> Labels:
    """The patient's code, and what of the visit is meant; what is said of the visit itself needs no more."""
    return labels(view.patient_code) if task.kind in TAKES_PLACE else _beside(view.patient_code, task.short)


def _beside(code: str, words: Labels) -> Labels:
    return {language: f"{code} · {text}" for language, text in words.items()}
