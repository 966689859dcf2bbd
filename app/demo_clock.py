"""The demo's clock: forward to the next thing due, or through a day or a week of them. Each is sent before the clock moves on."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from records import held
from records.database import Records
from records.deployments import set_clock_offset
from records.threads import Threads
from scheduler.clock import SystemClock
from scheduler.upcoming import next_due
from trial.moments import Instant
from web.app import DemoClock

_SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class DemoClockControl:
    """Moves trial time in the demo's database and in this process. Elapsed time is never touched (decision 0005)."""

    def __init__(
        self,
        records: Records,
        threads: Threads,
        clock: SystemClock,
        *,
        catch_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._records = records
        self._threads = threads
        self._clock = clock
        self._catch_up = catch_up
        self._one_at_a_time = asyncio.Lock()

    async def read(self) -> DemoClock:
        """What the clock shows and what comes next."""
        return DemoClock(self._clock.now(), await self._threads.read(self._next))

    async def forward(self) -> DemoClock:
        """To the next moment at which something is due; returns when it has been sent."""
        async with self._one_at_a_time:
            coming = await self._threads.read(self._next)
            if coming is not None:
                await self._forward_to(coming)
        return await self.read()

    async def forward_a_day(self) -> DemoClock:
        """A day on, through every moment at which something is due; returns when all of it has been sent."""
        return await self._forward_by(DAY)

    async def forward_a_week(self) -> DemoClock:
        """A week on, as `forward_a_day`."""
        return await self._forward_by(WEEK)

    async def _forward_by(self, length: timedelta) -> DemoClock:
        async with self._one_at_a_time:
            end = self._clock.now() + length
            before = None
            while (coming := await self._threads.read(self._next)) is not None and coming <= end and coming != before:
                await self._forward_to(coming)
                before = coming
            await self._forward_to(end)
        return await self.read()

    async def _forward_to(self, moment: Instant) -> None:
        if moment > self._clock.now():
            await self._threads.write(self._move, moment)
        await self._catch_up()

    def _next(self) -> Instant | None:
        return next_due(self._records, self._clock.now(), elapsed=self._clock.elapsed())

    def _move(self, to: Instant) -> None:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        # Whole seconds are stored: one more, so that the moment itself has come.
        ahead = to - now
        offset = self._clock.offset + ahead
        whole = offset - (offset % _SECOND) + _SECOND
        with self._records.begin() as tx:
            set_clock_offset(tx, whole, at=now, recorded_at=elapsed)
            held.clock_moved(tx, whole - self._clock.offset, elapsed=elapsed)
        self._clock.shift_to(whole)
