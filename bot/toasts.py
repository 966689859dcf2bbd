"""The short lines that answer presses: sent beside everything else, best effort, and nobody waits for them.

They come after the commit and decide nothing, so the next answer does not wait until Telegram has taken the line of the one
before.
"""

import asyncio
from typing import Final

import structlog

from bot.channel import Channel
from records.outbox import Outcome

log = structlog.get_logger()

WAIT_AT_MOST: Final = 200
"""Lines under way and in the queue; a press beyond them gets none."""

DRAIN_S: Final = 2.0
"""How long a service that ends waits for the last ones."""


class Toasts:
    """Answers presses in tasks of its own, in no order; `at_once` of them, so that messages find a connection, too."""

    def __init__(self, channel: Channel, *, at_once: int) -> None:
        self._channel = channel
        self._turns = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[None]] = set()

    def say(self, callback_id: str, words: str, *, alert: bool = False) -> None:
        """Answer this press soon. Returns at once."""
        if len(self._tasks) >= WAIT_AT_MOST:
            log.warning("toast_dropped", waiting=len(self._tasks))
            return
        task = asyncio.create_task(self._answer(callback_id, words, alert=alert))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Give what is under way a moment to end; what takes longer is given up."""
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=DRAIN_S)
        finally:
            late = tuple(self._tasks)
            for task in late:
                task.cancel()
        if late:
            log.warning("toasts_given_up", number=len(late))
            await asyncio.gather(*late, return_exceptions=True)

    async def _answer(self, callback_id: str, words: str, *, alert: bool) -> None:
        try:
            async with self._turns:
                result = await self._channel.answer_press(callback_id, words, alert=alert)
        except Exception as problem:  # noqa: BLE001 - nobody awaits this task, and a line is no reason to end the service
            log.error("toast_failed", error=type(problem).__name__)  # noqa: TRY400 - its text may hold what was to be said
            return
        if result.outcome is not Outcome.ACCEPTED:
            log.info("toast_not_shown", outcome=result.outcome.value, error=result.error)
