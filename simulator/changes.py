"""Tells waiting requests that something changed: long polls, the page's event stream, tests."""

import asyncio
import contextlib


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

    async def wait(self, timeout_s: float) -> None:
        if self._closed:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), timeout_s)
