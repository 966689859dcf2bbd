"""The item's page offers what the card's buttons lead to: one rule, two ways to say it."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from bot import presses
from bot.cards import compose
from bot.presses import Press
from office.cards import CardView
from office.item_card import TaskChoices, choices_of
from office.judging import ASKED_AGAIN
from tests.bot.card_views import ELAPSED, TODAY, task, view, waiting
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.messages import Phase, Standing
from trial.tasks import TaskKind

ALREADY_SENT, OWN_WORDS = "already sent", "in their own words"
Offer = tuple[UUID, object, object]
"""A task, what can be said of it, and of a later day, a reason, a value, a way of leaving or of help which."""


def by_buttons(of: CardView) -> set[Offer]:
    """Whatever can be said by pressing on from the card's first face."""
    seen: set[Press] = set()
    ahead: list[Press | None] = [None]
    found: set[Offer] = set()
    while ahead:
        for row in compose(of, ahead.pop(), elapsed=ELAPSED).rows:
            for press in (one.press for one in row):
                # The sheets of months have no end, and offer days of what the first face of a day offers already.
                if isinstance(press, presses.Press) and not isinstance(press, presses.Month) and press not in seen:
                    seen.add(press)
                    said = _said(press)
                    found |= {said} if said is not None else set()
                    ahead += [press] if said is None or isinstance(press, presses.WriteReason) else []
    return found


def _said(press: Press) -> Offer | None:
    match press:
        case presses.Say(task, AnswerKind.LATER, day):
            return task, AnswerKind.LATER, day
        case presses.Say(task, kind):
            return task, kind, None
        case presses.SayReason(task, kind, reason):
            return task, kind, reason
        case presses.WriteReason(task, kind):
            return task, kind, OWN_WORDS
        case presses.SayValue(task, value):
            return task, AnswerKind.STATED, value
        case presses.SayLeft(task, leaving):
            return task, AnswerKind.NO_LONGER_FOLLOWED, leaving
        case presses.SayHelp(task, wanted):
            return task, AnswerKind.NEED_HELP, wanted
        case presses.AlreadySent(task):
            return task, ALREADY_SENT, None
        case _:
            return None


def on_the_page(of: CardView) -> set[Offer]:
    return {offer for one in choices_of(of, earliest=None) for offer in _offers(one.task.task_id, one)}


def _offers(task: UUID, one: TaskChoices) -> Iterator[Offer]:
    yield from ((task, choice.kind, None) for choice in one.days)
    yield from ((task, AnswerKind.LATER, day) for _, day in one.later)
    yield from ((task, AnswerKind.STATED, value.id) for value in one.task.values)
    for kind in one.reasoned:
        yield from ((task, kind, reason.id) for reason in one.reasons)
        yield task, kind, OWN_WORDS
    yield from ((task, AnswerKind.NO_LONGER_FOLLOWED, leaving) for leaving in one.leaving)
    yield from ((task, AnswerKind.NEED_HELP, wanted) for wanted in one.help)
    if one.already_sent is not None:
        yield task, ALREADY_SENT, None


def single() -> Iterator[CardView]:
    leaving = (LeavingKind.DEATH, LeavingKind.LOST)
    for kind in TaskKind:
        for phase in Phase:
            yield view(task(kind), phase=phase, leaving_kinds=leaving)
        yield view(task(kind, closes=TODAY), leaving_kinds=leaving)
        yield view(task(kind, asked_for_help=HelpKind.QUERY), leaving_kinds=leaving)
    yield view(
        task(
            TaskKind.UPLOAD, standing=Standing.QUERIED, asked_again=True, day=TODAY, answers=ASKED_AGAIN, query="Which?"
        ),
        waiting(11),
        leaving_kinds=leaving,
    )
    yield view(task(TaskKind.HOLD, day=TODAY, standing=Standing.BOOKED), leaving_kinds=leaving)


@pytest.mark.parametrize("of", list(single()), ids=lambda of: f"{of.tasks[0].kind}-{of.phase}")
def test_of_one_task_the_page_offers_exactly_what_the_buttons_lead_to(of: CardView) -> None:
    assert on_the_page(of) == by_buttons(of)
    assert on_the_page(of)


def test_of_several_tasks_the_page_offers_all_of_each_at_once() -> None:
    several = view(task(TaskKind.UPLOAD, 10), task(TaskKind.UPLOAD, 11), waiting(12), leaving_kinds=(LeavingKind.LOST,))

    assert on_the_page(several) >= by_buttons(several)
    assert on_the_page(several) == {
        offer for one in several.tasks for offer in on_the_page(replace(several, tasks=(one,)))
    }
