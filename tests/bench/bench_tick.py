"""The tick: what it costs when nothing is due, and how fast what is due reaches the outbox.

The peer is APScheduler with its SQLAlchemyJobStore on the same kind of database: the way to keep reminders that one would
reach for first. Both run in turns, so that a busy machine is busy for both.
"""

from itertools import islice
from pathlib import Path
from statistics import median

from tests.bench.conftest import POSTGRESQL, SQLCIPHER, Databases
from tests.bench.filled import QUIET, analyse, mornings
from tests.bench.job_store import JobStore
from tests.bench.table import Table, percentile
from tests.bench.ticking import Ticking, milliseconds
from tests.postgresql import Server

IDLE_MAX_MS = {SQLCIPHER: 1.0, POSTGRESQL: 2.0}
FLAT_MAX = 1.5
ROUNDS, TICKS_A_ROUND = 20, 50

FASTER_MIN = 5.0
DUE = 1_000
WAITING_JOBS = 50_000
MORNINGS = 3  # and one before that does not count; on the fifth the first cards would ring again, without new notices


def test_an_idle_tick_costs_the_same_however_many_tasks_are_open(
    databases: Databases, engine: str, table: Table
) -> None:
    times: tuple[list[float], list[float]] = [], []
    with (
        databases.copy(engine, open_tasks=10_000) as few,
        databases.copy(engine, open_tasks=100_000) as many,
        few.place.opened() as of_few,
        many.place.opened() as of_many,
    ):
        ticking = Ticking(of_few), Ticking(of_many)
        assert [one.tick(QUIET) for one in ticking] == [0, 0]
        for _ in range(ROUNDS):
            for one, its_times in zip(ticking, times, strict=True):
                its_times += [milliseconds(one.tick, QUIET) for _ in range(TICKS_A_ROUND)]
    of_10_000, of_100_000 = times
    idle_ms, limit_ms = median(of_100_000), IDLE_MAX_MS[engine]
    flat = idle_ms / median(of_10_000)
    table.add(
        f"idle tick, {many.filling.open_tasks:,} open tasks",
        database=engine,
        result=f"{idle_ms:.2f} ms median ({percentile(of_100_000, 99):.2f} ms p99)",
        limit=f"median < {limit_ms:.0f} ms",
        held=idle_ms < limit_ms,
    )
    table.add(
        f"the same against {few.filling.open_tasks:,} open tasks",
        database=engine,
        result=f"{flat:.2f} times",
        limit=f"< {FLAT_MAX} times",
        held=flat < FLAT_MAX,
    )

    assert idle_ms < limit_ms
    assert flat < FLAT_MAX


def test_what_is_due_reaches_the_outbox_faster_than_empty_jobs_run(
    databases: Databases, engine: str, table: Table, tmp_path: Path, postgresql_server: Server
) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    with (
        databases.copy(engine, open_tasks=100_000) as full,
        full.place.opened() as records,
        postgresql_server.database() as url,
        JobStore(f"sqlite:///{tmp_path / 'jobs.db'}" if engine == SQLCIPHER else url).holding(WAITING_JOBS) as jobs,
    ):
        ticking = Ticking(records)
        coming = mornings()
        # The first morning meets empty tables, and statements that nobody has prepared; no other one does.
        ticking.tick(next(coming))
        analyse(records)
        jobs.add_due(DUE)
        jobs.run_due()
        before = ticking.left()
        for morning in islice(coming, MORNINGS):
            ours.append(milliseconds(ticking.tick, morning))
            jobs.add_due(DUE)
            theirs.append(milliseconds(jobs.run_due))
        left = ticking.left()
    faster = median(theirs) / median(ours)
    table.add(
        f"{DUE:,} due tasks to sealed, audited outbox, {full.filling.open_tasks:,} open",
        database=engine,
        result=f"{median(ours):.0f} ms median",
    )
    table.add(
        f"APScheduler's job store, {DUE:,} empty jobs due, {WAITING_JOBS:,} waiting",
        database="SQLite" if engine == SQLCIPHER else engine,
        result=f"{median(theirs):.0f} ms median",
    )
    table.add(
        "the first against the second",
        database=engine,
        result=f"{faster:.1f} times faster",
        limit=f">= {FASTER_MIN:.0f} times",
        held=faster >= FASTER_MIN,
    )

    assert (left.audited - before.audited, left.notices - before.notices) == (MORNINGS * DUE, MORNINGS * DUE)
    assert faster >= FASTER_MIN
