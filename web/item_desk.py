"""The item's page in front of the records: each step one transaction, in a thread of its own."""

import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import structlog

from office import item_page
from office.answers import Outcome
from office.item_page import Given, ItemPage, Stopped, Waiting
from office.judging import Refusal
from office.taking_back import Undone
from records.database import Records
from records.threads import Threads
from records.transaction import Tx
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from trial.moments import Instant

log = structlog.get_logger()

T = TypeVar("T")


class ItemDesk:
    """What the page's routes ask for. `answered` is called after something was recorded: cards wait to be sent."""

    def __init__(
        self,
        records: Records,
        threads: Threads,
        clock: Clock,
        studies: Definitions,
        *,
        answered: Callable[[], None],
    ) -> None:
        self._records = records
        self._threads = threads
        self._clock = clock
        self._studies = studies
        self._answered = answered

    def elapsed(self) -> Instant:
        return self._clock.elapsed()

    async def look(self, token: str) -> Waiting | None:
        return await self._read(lambda tx, now, elapsed: item_page.look(tx, token, now=now, elapsed=elapsed))

    async def use_link(self, token: str) -> str | None:
        secret = await self._write(lambda tx, now, elapsed: item_page.use_link(tx, token, now=now, elapsed=elapsed))
        self._answered()  # the link goes from the chat
        return secret

    async def page(self, secret: str) -> ItemPage | None:
        return await self._read(
            lambda tx, now, elapsed: item_page.page(tx, self._studies, secret, now=now, elapsed=elapsed)
        )

    async def answer(self, secret: str, given: Given) -> Outcome | Stopped | None:
        outcome = await self._write(
            lambda tx, now, elapsed: item_page.answer(
                tx, self._studies, secret, given, now=now, elapsed=elapsed, stopwatch=time.thread_time
            )
        )
        if isinstance(outcome, Stopped) and outcome.failure is not None:
            log.error("guard_failed", kind=outcome.failure)
        self._answered()
        return outcome

    async def take_back(self, secret: str, answer_id: UUID) -> Undone | Refusal | None:
        undone = await self._write(
            lambda tx, now, elapsed: item_page.take_back(tx, self._studies, secret, answer_id, now=now, elapsed=elapsed)
        )
        self._answered()
        return undone

    async def close(self, secret: str) -> None:
        await self._write(lambda tx, _now, elapsed: item_page.close(tx, secret, elapsed=elapsed))

    async def _read(self, ask: Callable[[Tx, Instant, Instant], T]) -> T:
        def work() -> T:
            with self._records.read() as tx:
                return ask(tx, self._clock.now(), self._clock.elapsed())

        return await self._threads.read(work)

    async def _write(self, act: Callable[[Tx, Instant, Instant], T]) -> T:
        def work() -> T:
            with self._records.begin() as tx:
                return act(tx, self._clock.now(), self._clock.elapsed())

        return await self._threads.write(work, urgent=True)
