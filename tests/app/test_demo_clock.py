"""The demo's clock, moved over HTTP by whoever knows the secret of this start (decisions 0005 and 0012)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.service import Service
from app.wiring import clock_of
from records import deployments, outbox, schema
from records.errors import OtherDeployment
from records.key_providers import KeyText
from records.migrations import upgrade
from records.transaction import Tx
from scheduler.clock import SystemClock
from simulator.limits import Limits
from tests.databases import SET_UP, Place
from tests.phones import PLAIN_HTTP
from tests.simulators import RunningSimulator, running_simulator
from tests.trials import SITES, Trial, TrialClock, settings_for
from trial.moments import Instant, local_day, zone

SECRET = "the secret of this start"
SECOND = timedelta(seconds=1)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path, limits=Limits(enabled=False)) as running:
        yield running


@pytest.fixture
def demo_place(tmp_path: Path, key_text: KeyText) -> Place:
    """A database that was made for the demo."""
    place = Place(f"sqlite:///{tmp_path / 'demo' / 'sitebell.db'}", key_text, tmp_path / "demo")
    upgrade(place.url, keys=key_text, data_dir=place.data_dir, demo=True, now=SET_UP)
    return place


class Served:
    """A service with its web edge on a port of its own."""

    def __init__(self, trial: Trial, http: httpx.AsyncClient) -> None:
        self.trial = trial
        self.http = http

    async def next(self, *, secret: str = SECRET) -> httpx.Response:
        return await self.http.post("/demo/clock/next", headers={"X-Sitebell-Demo": secret})

    async def on(self, how: str) -> httpx.Response:
        return await self.http.post(f"/demo/clock/{how}", headers={"X-Sitebell-Demo": SECRET})

    async def clock(self) -> dict[str, Any]:
        answer = await self.http.get("/demo/clock", headers={"X-Sitebell-Demo": SECRET})
        return dict(answer.json())

    def waiting(self) -> int:
        """Notices that wait or are under way."""
        with self.trial.records.read() as tx:
            standing = outbox.standing(tx, elapsed=self.trial.clock.elapsed())
        return standing.waiting + standing.sending

    def texts(self) -> list[str]:
        """What was sent so far, by the server's account."""
        return [line["text"] for line in self.trial.simulator.phones.accepted("sendMessage")]


@asynccontextmanager
async def served(place: Place, simulator: RunningSimulator) -> AsyncIterator[Served]:
    """One life of the service on this database, as `sitebell serve` wires it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    records = place.open()
    clock = TrialClock()
    clock.shift_to(clock_of(records).offset)
    settings = replace(settings_for(place, simulator), demo_control=SECRET, web_port=port)
    trial = Trial(place, simulator, clock, records, Service(settings, records, clock))
    transport = httpx.AsyncHTTPTransport(retries=20, verify=PLAIN_HTTP)  # until it listens
    await trial.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=30) as http:
            yield Served(trial, http)
    finally:
        await trial.stop()
        records.close()


def reminders_rung(tx: Tx) -> list[Instant]:
    """When each reminder was made."""
    return list(tx.connection.scalars(sa.select(schema.reminder.c.created_at)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def furnish(trial: Trial) -> None:
    """Somebody in Osaka with three patients whose courses began on three days."""
    trial.found(*SITES)
    await trial.joins("Amina", site="417")
    today = local_day(trial.clock.now(), zone("Asia/Tokyo"))
    for code, days in (("417-001", 0), ("417-002", 40), ("417-003", 70)):
        trial.patient(code, site="417", first_registration=(today - timedelta(days=days)).isoformat())


async def test_the_clock_steps_through_each_moment_and_sends_before_the_next(
    demo_place: Place, simulator: RunningSimulator
):
    async with served(demo_place, simulator) as service:
        await furnish(service.trial)
        before, sent = await service.clock(), len(service.texts())
        for _ in range(4):
            shown = (await service.next()).json()

            assert at(before["next"]) <= at(shown["now"]) < at(before["next"]) + 60 * SECOND
            assert at(shown["next"]) >= at(shown["now"])
            assert service.waiting() == 0
            before = shown

        assert len(service.texts()) > sent
        assert any("417-003" in text for text in service.texts())


@pytest.mark.parametrize(("how", "days", "times"), [("day", 1, 9), ("week", 7, 2)])
async def test_a_day_or_a_week_on_is_every_moment_of_it(
    demo_place: Place, simulator: RunningSimulator, how: str, days: int, times: int
):
    length = timedelta(days=days)
    async with served(demo_place, simulator) as service:
        await furnish(service.trial)
        before = await service.clock()
        told: list[list[str]] = []
        for _ in range(times):
            shown = (await service.on(how)).json()
            told.append(service.texts())
            assert service.waiting() == 0
            assert at(shown["now"]) - at(before["now"]) < length + timedelta(minutes=1)
            assert at(shown["now"]) >= at(before["now"]) + length
            assert shown["next"] is None or at(shown["next"]) > at(shown["now"])
            before = shown

    assert len(told[-1]) > len(told[0])
    with service.trial.place.opened() as records, records.read() as tx:
        rung = reminders_rung(tx)
    # Rung on several days, each at its own time, and not all at the week's end.
    assert len({moment.date() for moment in rung}) > 1


async def test_two_who_move_the_clock_at_once_get_a_step_each(demo_place: Place, simulator: RunningSimulator):
    async with served(demo_place, simulator) as service:
        await furnish(service.trial)
        shown = await asyncio.gather(service.next(), service.next())

    first, second = sorted((one.json() for one in shown), key=lambda one: at(one["now"]))
    assert at(second["now"]) >= at(first["next"])


async def test_the_offset_survives_a_restart_and_elapsed_time_never_moves(
    demo_place: Place, simulator: RunningSimulator
):
    async with served(demo_place, simulator) as service:
        await furnish(service.trial)
        # A day, not the next thing: at some hours of a day something is due at once, and the clock stays.
        moved = at((await service.on("day")).json()["now"])
        apart = service.trial.clock.now() - service.trial.clock.elapsed()
    async with served(demo_place, simulator) as service:
        again = at((await service.clock())["now"])
        apart_again = service.trial.clock.now() - service.trial.clock.elapsed()

    assert abs(apart - timedelta(days=1)) < 60 * SECOND
    assert moved <= again < moved + 60 * SECOND
    assert abs(apart_again - apart) < SECOND


async def test_without_the_secret_the_clock_stands_where_it_stood(demo_place: Place, simulator: RunningSimulator):
    async with served(demo_place, simulator) as service:
        await furnish(service.trial)
        refused = await service.next(secret="a guess")

        assert refused.status_code == 403
        assert service.trial.clock.offset == timedelta(0)


async def test_where_nothing_is_due_the_clock_stays(demo_place: Place, simulator: RunningSimulator):
    async with served(demo_place, simulator) as service:
        shown = (await service.next()).json()

        assert shown["next"] is None
        assert service.trial.clock.offset == timedelta(0)


async def test_real_work_has_no_clock_to_move_even_with_a_secret_set(
    sqlcipher_place: Place, simulator: RunningSimulator
):
    async with served(sqlcipher_place, simulator) as service:
        answer = await service.next()

        assert answer.status_code == 404


def test_the_records_of_real_work_refuse_to_have_their_clock_moved(sqlcipher_place: Place):
    clock = SystemClock()
    with sqlcipher_place.opened() as records:
        with pytest.raises(OtherDeployment), records.begin() as tx:
            deployments.set_clock_offset(tx, timedelta(hours=1), at=clock.now(), recorded_at=clock.elapsed())

        assert clock_of(records).offset == timedelta(0)
