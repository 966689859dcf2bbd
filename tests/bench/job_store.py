"""The peer: APScheduler with its SQLAlchemyJobStore, as its documentation sets it up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Self

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
FAR_AHEAD = datetime(2100, 1, 4, 8, 0, tzinfo=UTC)

_ran = threading.Semaphore(0)


def empty_job() -> None:
    """All that a due job does: say that it ran."""
    _ran.release()


class JobStore:
    """Jobs in a database of this address, waiting or due."""

    def __init__(self, address: str) -> None:
        self._store = SQLAlchemyJobStore(url=address)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": self._store},
            executors={"default": ThreadPoolExecutor()},
            # Its default of one second would drop what is late instead of running it.
            job_defaults={"misfire_grace_time": None},
            timezone=UTC,
        )
        self._ids = count()
        self._due = 0

    @contextmanager
    def holding(self, waiting: int) -> Iterator[Self]:
        """The scheduler, paused, with so many jobs for later."""
        self._scheduler.start(paused=True)
        try:
            self._add_waiting(waiting)
            yield self
        finally:
            # Answered when nothing is under way any more: a run that is cut short leaves its connection open.
            self._scheduler.get_job("waiting")
            self._scheduler.shutdown()

    def _add_waiting(self, number: int) -> None:
        """One job as the scheduler stores it, and copies of its row: one by one it would take minutes."""
        self._scheduler.add_job(empty_job, "date", run_date=FAR_AHEAD, id="waiting")
        jobs = self._store.jobs_t
        with self._store.engine.begin() as connection:
            row = connection.execute(jobs.select().where(jobs.c.id == "waiting")).mappings().one()
            later = timedelta(minutes=1).total_seconds()
            copies = [
                {**row, "id": f"waiting-{place}", "next_run_time": row["next_run_time"] + place * later}
                for place in range(1, number)
            ]
            connection.execute(jobs.insert(), copies)
        if self._store.engine.dialect.name == "postgresql":
            with self._store.engine.begin() as connection:
                connection.execute(sa.text("ANALYZE"))

    def add_due(self, number: int) -> None:
        """Jobs whose moment has passed, for the next run."""
        for place in range(number):
            moment = LONG_AGO + timedelta(milliseconds=place)
            self._scheduler.add_job(empty_job, "date", run_date=moment, id=f"due-{next(self._ids)}")
        self._due += number

    def run_due(self) -> None:
        """Until the last due job has run."""
        self._scheduler.resume()
        while self._due:
            _ran.acquire()
            self._due -= 1
        self._scheduler.pause()
