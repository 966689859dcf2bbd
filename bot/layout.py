"""Buttons in rows, and the sheet of a month from which a day is picked. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.presses import Nothing, Press
from trial.messages import ButtonKind, ButtonText

WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Page:
    """A page to open in the reader's browser: nothing of it comes back here as a press."""

    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Button:
    """Words not yet in a language, and what the press does."""

    text: ButtonText
    press: Press | Page


Rows = tuple[tuple[Button, ...], ...]


def button(kind: ButtonKind, press: Press | Page, *, day: date | None = None) -> Button:
    return Button(ButtonText(kind, day=day), press)


def pairs(found: Sequence[Button]) -> Rows:
    """Two in a row: what a phone shows with the words whole."""
    return tuple(tuple(found[at : at + 2]) for at in range(0, len(found), 2))


def month_sheet(
    first: date,
    *,
    fits: Callable[[date], bool],
    pick: Callable[[date], Press],
    turn: Callable[[date], Press],
    back: Button,
) -> Rows:
    """One month, Monday first. Days that do not fit are fillers; months without any are not turned to."""
    first = first.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    before = first - DAY
    filler = Button(ButtonText(ButtonKind.DAY), Nothing())
    monday = first - timedelta(days=first.weekday())
    weekdays = tuple(
        Button(ButtonText(ButtonKind.WEEKDAY, day=monday + DAY * offset), Nothing()) for offset in range(WEEK)
    )
    weeks: list[tuple[Button, ...]] = []
    day = monday
    while day < following:
        week = tuple(
            button(ButtonKind.DAY, pick(each), day=each) if first <= each < following and fits(each) else filler
            for each in (day + DAY * offset for offset in range(WEEK))
        )
        if any(one is not filler for one in week):
            weeks.append(week)
        day += DAY * WEEK
    head = [Button(ButtonText(ButtonKind.MONTH, day=first), Nothing())]
    if fits(before):
        head.insert(0, button(ButtonKind.PREVIOUS, turn(before.replace(day=1)), day=before.replace(day=1)))
    if fits(following):
        head.append(button(ButtonKind.NEXT, turn(following), day=following))
    return (tuple(head), weekdays, *weeks, (back,))
