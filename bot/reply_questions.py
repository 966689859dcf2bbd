"""What a plain reply is read against, and how its one question is asked: on the card, or by the choices that are left. Pure."""

from collections.abc import Iterator, Mapping
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
from trial.replies import Action, Ask, Clear, NeedHelp, Outcome, Question, understand
from trial.replies_context import TAKES_PLACE, Asked, ReplyCard, ReplyContext, ReplyTask
from trial.replies_said import Reading

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
    if asked.question is Question.CONFIRM and len(asked.actions) == 1:
        (action,) = asked.actions
        yield from _to_confirm(views, action)
    elif asked.question is Question.WHICH_DAY and len(asked.tasks) == 1 and len(asked.days) > 1:
        yield from _days(views, asked, today)
    elif asked.question in _ASKS_WHICH and len(asked.visits) != 1:
        of = sorted((views[one] for one in asked.visits or views if one in views), key=lambda view: view.patient_code)
        for view in _one_each(of) if asked.kind is AnswerKind.NO_LONGER_FOLLOWED else of:
            meant = understand(reading, replace(context, replied_to=view.visit_id, asked=None), today)
            yield from _if_it_were(view, meant, _name(view, of))
    elif asked.question is Question.WHICH_TASK and len(asked.tasks) > 1 and asked.visits[0] in views:
        view = views[asked.visits[0]]
        for task in map(view.task, asked.tasks):
            if task is not None:
                alone = _with_this_alone(context, view.visit_id, task.task_id)
                yield from _if_it_were(view, understand(reading, alone, today), task.short)


def _if_it_were(view: CardView, meant: Outcome, name: Labels) -> Iterator[Meant]:
    """What a tap would do if this were what the reply is about; nothing where it would not fit."""
    match meant:
        case Clear((action,)) | Ask(Question.CONFIRM, actions=(action,)) if _press_of(action) is not None:
            yield from _tapped(name, action)
        case Ask(Question.CLOSED):
            return
        case NeedHelp():
            yield from _if_it_were(view, Ask(Question.HELP_WANTED), name)
        case Ask() if (face := face_asking(view, meant)) is not None:
            yield Meant(name, encode(face), meant.kind if isinstance(face, presses.ChooseDay) else None)
        case _:
            yield Meant(name, encode(presses.Front(view.visit_id)))


def _to_confirm(views: Views, action: Action) -> Iterator[Meant]:
    view = views.get(action.visit_id)
    task = None if view is None else view.task(action.task_id)
    if view is not None and task is not None:
        yield from _tapped(_task_name(view, task), action)


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
            yield from _tapped(_task_name(view, task), Action(view.visit_id, task_id, asked.kind, said))


def _tapped(name: Labels, action: Action) -> Iterator[Meant]:
    """One tap that records this; nothing where no button can say it."""
    press = _press_of(action)
    if press is not None:
        yield Meant(name, encode(press), action.kind, press.day)


def _press_of(action: Action) -> presses.Say | None:
    day = action.said.until if action.kind is AnswerKind.LATER else action.said.day
    return None if day is None else presses.Say(action.task_id, action.kind, day)


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
