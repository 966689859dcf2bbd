"""What came back of what was due: TRISST's two return rates, and how old what is late is. Pure.

Source: Cragg, Trials 2019;20:241: received / (received + overdue + unobtainable), or without what is unobtainable; a centre
below 80 % was contacted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Final, Self

RETURN_LINE: Final = Fraction(80, 100)
"""Below it a site falls behind (TRISST)."""


@dataclass(frozen=True, slots=True)
class Returns:
    """Tasks that were due and came, did not come, or never will. What is not due yet, or does not apply, is none of them."""

    received: int = 0
    overdue: int = 0
    unobtainable: int = 0

    def __add__(self, other: Self) -> "Returns":
        return Returns(
            self.received + other.received, self.overdue + other.overdue, self.unobtainable + other.unobtainable
        )

    @property
    def due(self) -> int:
        """The denominator that counts what will never come."""
        return self.received + self.overdue + self.unobtainable

    @property
    def obtainable(self) -> int:
        """The denominator without it."""
        return self.received + self.overdue

    @property
    def rate(self) -> Fraction | None:
        """Received of what was due; None where nothing was."""
        return Fraction(self.received, self.due) if self.due else None

    @property
    def rate_of_obtainable(self) -> Fraction | None:
        """Received of what could still come; None where nothing could."""
        return Fraction(self.received, self.obtainable) if self.obtainable else None

    @property
    def below_the_line(self) -> bool:
        return self.rate is not None and self.rate < RETURN_LINE


class Age(IntEnum):
    """How long something is late, in classes that are named by their first day."""

    DAYS = 0  # to 7
    WEEKS = 8  # to 30
    MONTHS = 31  # to 90
    QUARTERS = 91  # and more

    @property
    def last(self) -> int | None:
        """The last day of the class; None: there is none."""
        later = [age for age in Age if age > self]
        return min(later) - 1 if later else None


def age_of(days: int) -> Age:
    """The class of something that is so many days late.

    Raises:
        ValueError: it is not late.
    """
    if days < 0:
        raise ValueError("a task that is not late has no age")
    return max(age for age in Age if age <= days)


def by_age(days: Iterable[tuple[int, int]]) -> dict[Age, int]:
    """How many are late in each class, of pairs of days and number; every class is there."""
    found = dict.fromkeys(Age, 0)
    for late, number in days:
        found[age_of(late)] += number
    return found
