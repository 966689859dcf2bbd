"""The simulator's clock: it ages button presses and messages, and refills the rate limits."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Real time plus a shift that only tests move.

    `now` is Unix seconds and holds across restarts; `elapsed` is monotonic and holds within one process.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._shift_s = 0.0

    def now(self) -> float:
        return self._wall() + self._shift_s

    def elapsed(self) -> float:
        return self._monotonic() + self._shift_s

    @property
    def shift_s(self) -> float:
        return self._shift_s

    def advance(self, seconds: float) -> None:
        """Age everything by so many seconds; a clock never goes back."""
        if seconds < 0:
            raise ValueError("a clock is only moved forward")
        self._shift_s += seconds


def iso(unix_seconds: float) -> str:
    """An instant as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="milliseconds")
