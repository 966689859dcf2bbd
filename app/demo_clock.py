"""The demo's clock: forward to the next thing due, which rings and is sent before the clock may move again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from records.database import Records
from records.deployments import set_clock_offset
from records.threads import Threads
from scheduler.clock import SystemClock
from scheduler.upcoming import next_due
from trial.moments import Instant
from web.app import DemoClock

_SECOND = timedelta(seconds=1)


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
                if coming > self._clock.now():
                    await self._threads.write(self._move, coming)
                await self._catch_up()
        return await self.read()

    def _next(self) -> Instant | None:
        return next_due(self._records, self._clock.now())

    def _move(self, to: Instant) -> None:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        # Whole seconds are stored: one more, so that the moment itself has come.
        ahead = to - now
        offset = self._clock.offset + ahead
        whole = offset - (offset % _SECOND) + _SECOND
        with self._records.begin() as tx:
            set_clock_offset(tx, whole, at=now, recorded_at=elapsed)
        self._clock.shift_to(whole)
