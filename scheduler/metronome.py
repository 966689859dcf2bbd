"""The metronome: a handful of interval ticks. The schedule itself is the database (decision 0002).

The only file that knows APScheduler. Jobs live in memory, run one at a time each, and are never skipped for being late.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler


@dataclass(frozen=True, slots=True)
class Beat:
    """What to do, and how often. A beat that takes longer than its interval is not started twice."""

    act: Callable[[], Awaitable[None]]
    every: timedelta


class Metronome:
    """Runs beats on the running event loop while its block lasts. A beat that fails is handed to `on_failure`."""

    def __init__(self, beats: Mapping[str, Beat], *, on_failure: Callable[[str, BaseException], None]) -> None:
        self._on_failure = on_failure
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, beat in beats.items():
            self._scheduler.add_job(
                self._guarded(name, beat),
                trigger="interval",
                seconds=beat.every.total_seconds(),
                id=name,
            )

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._scheduler.shutdown(wait=False)

    def _guarded(self, name: str, beat: Beat) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            try:
                await beat.act()
            except asyncio.CancelledError:
                # The metronome stops in the middle of a beat; the library would report that as a failed job.
                return
            except Exception as failure:  # noqa: BLE001 - one failed beat must not stop the next; the owner decides
                self._on_failure(name, failure)

        return act
