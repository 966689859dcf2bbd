"""The stage of a rehearsal: one clock for all, and everything that is still to happen, in order.

The clock steps from one moment at which something happens or is due to the next; nothing waits.
"""

import heapq
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from rehearsal.engine import Engine
from trial.calendars import WorkingCalendar
from trial.moments import Instant, at_local, instant, local_day

AT_ONE_MOMENT: Final = 500
"""So many steps without time moving on: something goes round in circles."""
WORK: Final = (time(8, 45), time(16, 45))


class GoesRound(RuntimeError):
    """Time does not move on: what is due stays due."""


class Stage:
    """Plays what was put on it until the end; `lived` is told of each new day (UTC)."""

    def __init__(self, engine: Engine, *, seed: int, last: date, lived: Callable[[date], None]) -> None:
        self.engine = engine
        self.chance = random.Random(seed)  # noqa: S311 - an invented trial, and the same one for each seed
        self.last = last
        self._lived = lived
        self._coming: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()

    @property
    def now(self) -> Instant:
        return self.engine.now

    def day(self, number: int) -> date:
        """A day of the script; 0 is the last one."""
        return self.last + timedelta(days=number)

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """`act` happens then, at once where that has passed."""
        heapq.heappush(self._coming, (max(moment, self.now), next(self._order), act))

    def moment(self, number: int, wall: time, zone: ZoneInfo) -> Instant:
        """A wall time on a day of the script."""
        return at_local(self.day(number), wall, zone)

    def later(self, delay: timedelta, act: Callable[[], None]) -> None:
        self.at(self.now + delay, act)

    def at_work(self, moment: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> Instant:
        """This moment, or one early on the next morning on which anybody works there."""
        day, wall = local_day(instant(moment), zone), moment.astimezone(zone).time()
        if calendar.is_working(day) and WORK[0] <= wall <= WORK[1]:
            return instant(moment)
        following = (
            day if calendar.is_working(day) and wall < WORK[0] else calendar.on_or_after(day + timedelta(days=1))
        )
        return instant(at_local(following, WORK[0], zone) + timedelta(minutes=self.chance.randrange(150)))

    def some(self, shortest: timedelta, longest: timedelta) -> timedelta:
        """A length drawn between these, whole seconds; short ones are likelier."""
        drawn = shortest + (longest - shortest) * (self.chance.random() ** 2)
        return timedelta(seconds=drawn // timedelta(seconds=1))

    def play(self, until: Instant) -> None:
        """Everything that happens before this moment, and what Sitebell does about it.

        Raises:
            GoesRound
        """
        standing, today = 0, self.now.date()
        while (moment := self._next(until)) < until:
            standing = standing + 1 if moment <= self.now else 0
            if standing > AT_ONE_MOMENT:
                raise GoesRound(f"{standing} steps at {self.now.isoformat()}")
            self.wait_until(moment)
            if moment.date() != today:
                today = moment.date()
                self._lived(today)
            acted = False
            while self._coming and self._coming[0][0] <= self.now:
                acted = True
                heapq.heappop(self._coming)[2]()
            # What people do is looked at by the service when it is due, and no sooner.
            if not acted:
                self.engine.catch_up()
        self.wait_until(until)
        self.engine.catch_up()

    def wait_until(self, moment: datetime) -> None:
        """Both clocks run on; nothing happens meanwhile."""
        self.engine.clock.wait(max(timedelta(), moment - self.now))

    def _next(self, until: Instant) -> datetime:
        due = self.engine.next_moment()
        mine = self._coming[0][0] if self._coming else until
        return max(self.now, min(mine, until if due is None else due))
