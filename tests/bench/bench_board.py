"""The board in a large trial: the first page, and a list that somebody has filtered, as a browser gets them.

The whole way counts: session, rights, reading, charts and template, over HTTP in this process. Pictures of figures that have
not changed are drawn once; the first round, which draws them, stands apart.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

import httpx

from office import signing_in
from office.health import Health, health
from office.study_files import study_from_text
from records.database import Records
from records.threads import Threads
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from tests.bench.conftest import Databases
from tests.bench.filled import MOVED_IN
from tests.bench.table import Table, percentile
from tests.bench.under_way import UnderWay, fill_under_way
from web.app import create_app
from web.board.desk import BoardDesk

FIRST_PAGE_MAX_MS = 300.0
FILTERED_MAX_MS = 150.0
TASKS = (10_000, 100_000)
ROUNDS = 60
FILTERED = ("/late?site=117", "/late?state=overdue&country=DE", "/late?kind=upload", "/late?state=due&site=104")


def test_the_board_is_there_at_once_in_a_large_trial(databases: Databases, engine: str, table: Table) -> None:
    for tasks in TASKS:
        place = databases.empty(engine, f"board-{tasks}")
        with place.opened() as records:
            trial = fill_under_way(records, tasks=tasks)
            first, filtered = asyncio.run(_measured(records, trial))
        for what, times, limit in (
            ("first page of the board", first, FIRST_PAGE_MAX_MS),
            ("filtered list of the board", filtered, FILTERED_MAX_MS),
        ):
            p95 = percentile(times, 95)
            table.add(
                f"{what}, {trial.tasks:,} tasks ({trial.late:,} late)",
                database=engine,
                result=f"{p95:.0f} ms p95 ({median(times):.0f} ms median)",
                limit=f"p95 < {limit:.0f} ms",
                held=p95 < limit,
            )


async def _measured(records: Records, trial: UnderWay) -> tuple[list[float], list[float]]:
    """Milliseconds of the first page, and of filtered lists in turn."""
    clock, threads = FixedClock(MOVED_IN), Threads()
    desk = BoardDesk(records, threads, clock, Definitions(study_from_text), changed=lambda: None)

    async def state() -> Health:
        return health(records, elapsed=clock.elapsed())

    app = create_app(state, board=desk)
    with records.begin() as tx:
        token = signing_in.make_login_link(
            tx, trial.manager, by=trial.manager, now=clock.now(), elapsed=clock.elapsed()
        )
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
            assert (await http.post(f"/sign-in/{token}")).status_code == 303
            for address in ("/", *FILTERED):
                await _get(http, address)
            first = [await _timed(lambda: _get(http, "/")) for _ in range(ROUNDS)]
            filtered = [
                await _timed(lambda place=place: _get(http, FILTERED[place % len(FILTERED)])) for place in range(ROUNDS)
            ]
    finally:
        threads.close()
    return first, filtered


async def _get(http: httpx.AsyncClient, address: str) -> None:
    answer = await http.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


async def _timed(act: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await act()
    return (time.perf_counter() - began) * 1000
