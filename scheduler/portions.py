"""How much one transaction of a tick takes on: large portions are quick, small ones let answers through."""

import asyncio
from collections.abc import Callable
from typing import Final

from records.threads import Threads

SMALLEST: Final = 20
LARGEST: Final = 500

REST_S: Final = 0.1
"""How long the writing thread is left to answers between two portions while people answer."""


class Portion:
    """How many tasks or reminders the next transaction takes, from tick to tick.

    A commit costs as much as dozens of tasks, so a portion doubles as long as nobody answers. An answer waits for the
    portion that is under way: as soon as one came, portions are small again.
    """

    def __init__(self, *, smallest: int = SMALLEST, largest: int = LARGEST) -> None:
        self._smallest = smallest
        self._largest = largest
        self._size = smallest
        self._urgent = 0
        self._answering = False

    @property
    def size(self) -> int:
        """Tasks, reminders or people."""
        return self._size

    def begins(self, *, urgent: int) -> None:
        """A tick begins; `urgent` writes have been handed in so far."""
        if urgent != self._urgent:
            self._size, self._urgent = self._smallest, urgent

    def done(self, *, urgent: int) -> None:
        """A portion was dealt with, and so many urgent writes have been handed in by now."""
        self._answering = urgent != self._urgent
        self._size = self._smallest if self._answering else min(self._size * 2, self._largest)
        self._urgent = urgent

    @property
    def answering(self) -> bool:
        """Whether somebody answered during the portion before."""
        return self._answering


async def in_portions(
    threads: Threads, portion: Portion, act: Callable[[int], int], *, taken: Callable[[], None]
) -> None:
    """One transaction after another, until one finds less than it could take.

    `act` takes at most so many and says how many they were; `taken` is called after each that took something. An answer
    is two transactions, with the parsing in between: whoever took that moment for the next portion would make it wait twice.
    """
    portion.begins(urgent=threads.urgent)
    more = True
    while more:
        limit = portion.size
        number = await threads.write(act, limit)
        more = number >= limit
        portion.done(urgent=threads.urgent)
        if number:
            taken()
        if more and portion.answering:
            await asyncio.sleep(REST_S)
