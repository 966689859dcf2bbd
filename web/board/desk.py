"""The board in front of the records: what a page reads is one transaction, what a form changes another, in threads."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from records.database import Records
from records.threads import Threads
from records.transaction import Tx
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from trial.moments import Instant

T = TypeVar("T")

Ask = Callable[[Tx, Instant, Instant], T]
"""Reads or changes within a transaction, at this trial time and this elapsed time."""


class BoardDesk:
    """What the board's routes work with. `changed` is called after something was recorded: messages may wait to be sent.

    `bot_name` is the bot's name in invitations, empty until Telegram has told it; `item_pages` where phones open the page of
    an item, empty where none can.
    """

    def __init__(
        self,
        records: Records,
        threads: Threads,
        clock: Clock,
        studies: Definitions,
        *,
        changed: Callable[[], None],
        bot_name: Callable[[], str] = str,
        item_pages: Callable[[], str] = str,
    ) -> None:
        self.records = records
        self.studies = studies
        self.clock = clock
        self._threads = threads
        self._changed = changed
        self.bot_name = bot_name
        self.item_pages = item_pages

    async def read(self, ask: Ask[T]) -> T:
        def work() -> T:
            with self.records.read() as tx:
                return ask(tx, self.clock.now(), self.clock.elapsed())

        return await self._threads.read(work)

    async def rehearse(self, act: Callable[[Records, Instant, Instant], T]) -> T:
        """Tries something of which nothing is kept. Where changes are made, one after the other, so that none is waited for."""

        def work() -> T:
            return act(self.records, self.clock.now(), self.clock.elapsed())

        return await self._threads.write(work)

    async def make(self, draw: Callable[[], T]) -> T:
        """Makes a page beside the event loop: charts and long tables take longer than a message may wait."""
        return await asyncio.to_thread(draw)

    async def write(self, act: Ask[T]) -> T:
        def work() -> T:
            with self.records.begin() as tx:
                return act(tx, self.clock.now(), self.clock.elapsed())

        done = await self._threads.write(work, urgent=True)
        self._changed()
        return done
