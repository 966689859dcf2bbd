"""Threads for the synchronous records: answers go before ticks, and reading never waits for writing.

One thread writes, so that nobody waits on a lock and nothing that can wait is under way beside what is urgent. Work that
is urgent (answers, the inbox) goes before what is not (ticks), each in its own order.
"""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

T = TypeVar("T")

READERS: Final = 4

URGENT, ORDINARY, LAST = range(3)


@dataclass(order=True, slots=True)
class _Job:
    priority: int
    place: int
    run: Callable[[], None] | None = field(compare=False)


class Threads:
    """Runs functions of the records off the event loop. Start it after a fork, never before."""

    def __init__(self, *, readers: int = READERS) -> None:
        self._writes = _Lane("records-write", 1)
        self._reads = _Lane("records-read", readers)
        self._urgent = 0

    @property
    def urgent(self) -> int:
        """How many urgent writes have been handed in so far."""
        return self._urgent

    async def write(self, function: Callable[..., T], *args: Any, urgent: bool = False) -> T:
        """`function(*args)` in the writing thread. One that has begun runs to its end even if its caller is cancelled."""
        if urgent:
            self._urgent += 1
        return await self._writes.run(URGENT if urgent else ORDINARY, function, args)

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """`function(*args)` in a reading thread."""
        return await self._reads.run(ORDINARY, function, args)

    def close(self) -> None:
        """Finish what was handed in, then end the threads. Blocks; nothing may be handed in afterwards."""
        self._writes.close()
        self._reads.close()


class _Lane:
    """One queue and the threads that empty it."""

    def __init__(self, name: str, size: int) -> None:
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._places = itertools.count()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(size)]
        for thread in self._threads:
            thread.start()

    async def run(self, priority: int, function: Callable[..., T], args: tuple[Any, ...]) -> T:
        if self._closed:
            raise RuntimeError("the records' threads have ended")
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args))
            except BaseException as error:  # noqa: BLE001 - it is raised again where the caller waits
                future.set_exception(error)

        self._jobs.put(_Job(priority, next(self._places), run))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        self._closed = True
        for _ in self._threads:
            self._jobs.put(_Job(LAST, next(self._places), None))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()).run is not None:
            job.run()
