"""The service's own tick, in this thread, and what it leaves behind."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from office.study_files import study_from_text
from records import schema
from records.database import Records
from scheduler.definitions import Definitions
from scheduler.digesting import digest_due
from scheduler.grouping import group_waiting
from scheduler.portions import Portion
from scheduler.ringing import Due, look, ring_due
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Left:
    """How many there are in the records."""

    audited: int  # audit entries of tasks that rang
    notices: int  # in the outbox


class Ticking:
    def __init__(self, records: Records) -> None:
        self._records = records
        self._studies = Definitions(study_from_text)
        self._portion = Portion()
        self._people = Portion(smallest=4, largest=20)

    def tick(self, now: Instant) -> int:
        """Until nothing is due; how many tasks were. Nobody answers, so portions grow, and stay large."""
        due = look(self._records, now=now)
        tasks = self._rung(due, now)
        if due.digests:
            in_portions(self._people, lambda limit: digest_due(self._records, now=now, elapsed=now, limit=limit))
        return tasks

    def ring(self, now: Instant) -> int:
        """The tick without its digests."""
        return self._rung(look(self._records, now=now), now)

    def _rung(self, due: Due, now: Instant) -> int:
        tasks = 0
        if due.tasks:
            tasks = in_portions(self._portion, lambda limit: self._ring(now, limit))
        if due.reminders:
            in_portions(self._portion, lambda limit: self._group(now, limit))
        return tasks

    def _ring(self, now: Instant, limit: int) -> int:
        return ring_due(self._records, self._studies, now=now, elapsed=now, limit=limit).tasks

    def _group(self, now: Instant, limit: int) -> int:
        return group_waiting(self._records, now=now, elapsed=now, limit=limit)

    def left(self) -> Left:
        with self._records.read() as tx:
            audited = sa.select(sa.func.count()).where(schema.audit.c.action == "task.rung")
            notices = sa.select(sa.func.count()).select_from(schema.notice)
            return Left(tx.connection.execute(audited).scalar_one(), tx.connection.execute(notices).scalar_one())


def in_portions(portion: Portion, act: Callable[[int], int]) -> int:
    """One transaction after another, as in the service, until one finds less than it could take."""
    total, more = 0, True
    while more:
        limit = portion.size
        taken = act(limit)
        total, more = total + taken, taken >= limit
        portion.done(urgent=0)
    return total


def milliseconds(act: Callable[..., object], *args: object) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    act(*args)
    return (time.perf_counter() - begun) * 1_000
