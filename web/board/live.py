"""Tells open pages that something changed, within a second or two: whoever made it, this process or another."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from fastapi.sse import ServerSentEvent

from records.board.changes import latest_change
from web.board.desk import BoardDesk

LOOK_EVERY_S: Final = 1.0


class Live:
    """Looks at the records once a second while anybody listens, and wakes those who do."""

    def __init__(self, desk: BoardDesk) -> None:
        self._desk = desk
        self._news = asyncio.Condition()
        self._latest: tuple[int, UUID | None] | None = None
        self._version = 0
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """An event for every change from now on. What changed is not said: the page is read again, with its own rights."""
        self._listeners += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            told = self._version
            yield ServerSentEvent(event="listening", data="")
            while True:
                told = await self._later_than(told)
                yield ServerSentEvent(event="changed", data="")
        finally:
            self._listeners -= 1
            if not self._listeners and self._looking is not None:
                self._looking.cancel()
                self._looking, self._latest = None, None

    async def _later_than(self, told: int) -> int:
        async with self._news:
            await self._news.wait_for(lambda: self._version != told)
            return self._version

    async def _look(self) -> None:
        while True:
            latest = await self._desk.read(lambda tx, _now, _elapsed: latest_change(tx))
            if self._latest is not None and latest != self._latest:
                async with self._news:
                    self._version += 1
                    self._news.notify_all()
            self._latest = latest
            await asyncio.sleep(LOOK_EVERY_S)
