"""What a timeline shows: kinds of visit, each as often as it comes, with the days that are known of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Surety(StrEnum):
    """How far the days of a visit can be relied on."""

    FIRM = "firm"
    ESTIMATED = "estimated"
    OPEN = "open"  # whether it takes place hangs on something that is not known


@dataclass(frozen=True, slots=True)
class Span:
    """One visit: its window, target and day, as far as they are known; `state` is that of its cell in the grid.

    `short` is what stands above its bar where there is room; `tasks` are the last days of what it brings along.
    """

    state: str
    first: date | None
    last: date | None
    target: date | None
    happened: date | None
    short: str = ""
    surety: Surety = Surety.FIRM
    tasks: tuple[date, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        known = (self.first, self.last, self.target, self.happened, *self.tasks)
        return tuple(day for day in known if day is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of visit: its words, and each time that it comes."""

    words: str
    spans: tuple[Span, ...]
