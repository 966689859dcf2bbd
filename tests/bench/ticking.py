"""The service's own tick, in this thread, and what it leaves behind."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from app.service import AT_ONCE
from office.study_files import study_from_text
from records import schema
from records.database import Records
from scheduler.definitions import Definitions
from scheduler.grouping import group_waiting
from scheduler.ringing import Rung, ring_due
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

    def ring(self, now: Instant) -> Rung:
        """One transaction's worth of what is due."""
        return ring_due(self._records, self._studies, now=now, elapsed=now, limit=AT_ONCE)

    def group(self, now: Instant) -> int:
        """One transaction's worth of the reminders that wait."""
        return group_waiting(self._records, now=now, elapsed=now, limit=AT_ONCE)

    def tick(self, now: Instant) -> int:
        """Until nothing is due; how many tasks were."""
        tasks = 0
        while rung := self.ring(now).tasks:
            tasks += rung
        while self.group(now):
            continue
        return tasks

    def left(self) -> Left:
        with self._records.read() as tx:
            audited = sa.select(sa.func.count()).where(schema.audit.c.action == "task.rung")
            notices = sa.select(sa.func.count()).select_from(schema.notice)
            return Left(tx.connection.execute(audited).scalar_one(), tx.connection.execute(notices).scalar_one())


def milliseconds(act: Callable[..., object], *args: object) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    act(*args)
    return (time.perf_counter() - begun) * 1_000
