"""Tells waiting requests that something changed: long polls, the page's event stream, tests."""

import asyncio
import contextlib
from collections.abc import Awaitable


class Changes:
    """A bell for one event loop: `wait` returns when it rings next, or after the timeout."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    def close(self) -> None:
        """Let everybody go: the server is about to stop."""
        self._closed = True
        self.ring()

    def wait(self, timeout_s: float) -> Awaitable[None]:
        """Wait for the next ring from this call on, not from when the loop comes to it: what rings in between counts."""
        return self._rung(self._bell, 0 if self._closed else timeout_s)

    @staticmethod
    async def _rung(bell: asyncio.Event, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), timeout_s)
