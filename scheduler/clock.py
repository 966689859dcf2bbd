"""The only place where the instant now is read, and the two clocks of decision 0005.

`now` is trial time: plans, the ladder, today, stamps. A demo may shift it forward. `elapsed` is unshifted: leases,
back-off, outage gaps, links, the ten minutes in which an answer can be taken back.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from trial.moments import Instant, instant

# Counts on while the machine sleeps, where the system has such a clock: an outage by suspension is an outage.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """What everything that needs the time is given."""

    def now(self) -> Instant: ...

    def elapsed(self) -> Instant: ...


class SystemClock:
    """The machine's clock. `offset` is trial time minus elapsed time; only a demo's is not zero."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset
        self._started_at = datetime.now(UTC)
        self._started_steady = time.clock_gettime(_STEADY_CLOCK)

    def now(self) -> Instant:
        return instant(datetime.now(UTC) + self._offset)

    def elapsed(self) -> Instant:
        """Wall time at the start of this process plus steady time since: a clock set back or forward moves no lease."""
        return instant(self._started_at + timedelta(seconds=time.clock_gettime(_STEADY_CLOCK) - self._started_steady))

    @property
    def offset(self) -> timedelta:
        return self._offset

    def shift_to(self, offset: timedelta) -> None:
        """The demo's clock was moved: the new offset is in its database already."""
        self._offset = offset


class FixedClock:
    """A clock that moves when it is told to, for tests and dry runs."""

    def __init__(self, now: datetime, elapsed: datetime | None = None) -> None:
        self._now = instant(now)
        self._elapsed = instant(elapsed if elapsed is not None else now)

    def now(self) -> Instant:
        return self._now

    def elapsed(self) -> Instant:
        return self._elapsed

    def forward_to(self, now: datetime) -> Instant:
        """Moves trial time alone, as the demo's control does.

        Raises:
            ValueError: this would be backwards.
        """
        moment = instant(now)
        if moment < self._now:
            raise ValueError("a clock does not run backwards")
        self._now = moment
        return moment

    def wait(self, length: timedelta) -> Instant:
        """Lets both clocks run on."""
        self._now = instant(self._now + length)
        self._elapsed = instant(self._elapsed + length)
        return self._now
