"""The web edge: what it tells to whom, and what stands on every answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from office.health import Health
from web.app import DemoClock, DemoControl, create_app

WELL = Health(
    ok=True,
    demo=False,
    tick_age_s=0.4,
    receive_age_s=3.1,
    oldest_unsent_s=None,
    inbox_open=0,
    inbox_failed=0,
    notices_unknown=0,
    notices_failed=0,
    problems=(),
)
THIS_MACHINE = ("127.0.0.1", 40_000)
ELSEWHERE = ("192.0.2.7", 40_000)
BY_NAME = "http://127.0.0.1:8080"
SECRET = "the secret of this start"
NOON = datetime(2027, 4, 12, 12, 0, tzinfo=UTC)

Ask = Callable[..., Awaitable[httpx.Response]]


@asynccontextmanager
async def edge(
    state: Health | Exception = WELL,
    *,
    demo: DemoControl | None = None,
    client: tuple[str, int] = THIS_MACHINE,
    address: str = BY_NAME,
) -> AsyncIterator[httpx.AsyncClient]:
    async def health() -> Health:
        if isinstance(state, Exception):
            raise state
        return state

    transport = httpx.ASGITransport(create_app(health, demo), client=client, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=address) as http:
        yield http


class StandingClock:
    """A clock that counts how often it was moved."""

    def __init__(self) -> None:
        self.moved = 0

    async def read(self) -> DemoClock:
        return DemoClock(NOON, None)

    async def forward(self) -> DemoClock:
        self.moved += 1
        return DemoClock(NOON, NOON)

    async def forward_a_week(self) -> DemoClock:
        return await self.forward()

    async def board_link(self) -> str | None:
        """None while the demo's people are moving in."""
        return f"{BY_NAME}/sign-in/token-{self.moved}" if self.moved else None


def control(clock: StandingClock) -> DemoControl:
    return DemoControl(SECRET, clock.read, clock.forward, clock.forward, clock.forward_a_week, clock.board_link)


async def test_a_service_that_is_well_answers_200_with_what_it_saw():
    async with edge() as http:
        answer = await http.get("/healthz")

    assert answer.status_code == 200
    assert (answer.json()["ok"], answer.json()["tick_age_s"], answer.json()["problems"]) == (True, 0.4, [])


@pytest.mark.parametrize("problem", ["tick_late", "receive_late", "send_late"])
async def test_each_problem_answers_503_and_is_named(problem):
    async with edge(replace(WELL, ok=False, problems=(problem,))) as http:
        answer = await http.get("/healthz")

    assert (answer.status_code, answer.json()["problems"]) == (503, [problem])


@pytest.mark.parametrize(("ok", "code"), [(True, 200), (False, 503)])
@pytest.mark.parametrize(
    ("client", "address", "headers"),
    [
        (THIS_MACHINE, BY_NAME, {"X-Forwarded-For": "127.0.0.1"}),
        (THIS_MACHINE, BY_NAME, {"Forwarded": "for=192.0.2.7"}),
        (THIS_MACHINE, BY_NAME, {"X-Real-IP": "192.0.2.7"}),
        (THIS_MACHINE, BY_NAME, {"Via": "1.1 proxy"}),
        (ELSEWHERE, BY_NAME, {}),
        (("not an address", 1), BY_NAME, {}),
        # A proxy that keeps the name it was asked under, or a page elsewhere whose name was turned to this machine.
        (THIS_MACHINE, "https://sitebell.example", {}),
    ],
)
async def test_from_outside_this_machine_only_the_verdict_is_told(client, address, headers, ok, code):
    state = replace(WELL, ok=ok, problems=() if ok else ("tick_late",))
    async with edge(state, client=client, address=address) as http:
        answer = await http.get("/healthz", headers=headers)

    assert (answer.status_code, answer.json()) == (code, {"ok": ok})


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"])
async def test_this_machine_is_known_by_each_of_its_names(address):
    async with edge(address=address, client=("::1", 1)) as http:
        answer = await http.get("/healthz")

    assert answer.json()["inbox_open"] == 0


@pytest.mark.parametrize("host", ["[bad", "", "127.0.0.1:no-port"])
async def test_a_host_that_is_no_host_is_somewhere_else(host):
    async with edge() as http:
        answer = await http.get("/healthz", headers={"Host": host})

    assert answer.json() == {"ok": True}


async def test_a_state_that_cannot_be_read_is_503_and_says_nothing_of_why():
    async with edge(RuntimeError("Canary-Text of an exception")) as http:
        answer = await http.get("/healthz")

    assert (answer.status_code, answer.json()) == (503, {"ok": False})


@pytest.mark.parametrize(
    ("method", "path", "state"),
    [
        ("GET", "/healthz", WELL),
        ("GET", "/healthz", RuntimeError()),
        ("GET", "/nowhere", WELL),
        ("POST", "/healthz", WELL),
        ("GET", "/demo/clock", WELL),
    ],
)
async def test_every_answer_is_hardened_whatever_became_of_the_request(method, path, state):
    async with edge(state, demo=control(StandingClock())) as http:
        answer = await http.request(method, path)

    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/nowhere-417-003", "/healthz/", "/docs", "/openapi.json", "/%3Cscript%3E", "/"])
async def test_what_is_not_there_is_404_without_an_echo(path):
    async with edge() as http:
        answer = await http.get(path)

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/demo/clock"), ("POST", "/demo/clock/next"), ("POST", "/demo/clock/week")]
)
async def test_without_a_demo_there_is_no_clock(method, path):
    async with edge() as http:
        answer = await http.request(method, path, headers={"X-Sitebell-Demo": SECRET})

    assert answer.status_code == 404


@pytest.mark.parametrize("headers", [{}, {"X-Sitebell-Demo": ""}, {"X-Sitebell-Demo": SECRET[:-1]}])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/demo/clock"), ("POST", "/demo/clock/next"), ("POST", "/demo/clock/week")]
)
async def test_the_demos_clock_is_neither_shown_nor_moved_without_its_secret(method, path, headers):
    clock = StandingClock()
    async with edge(demo=control(clock)) as http:
        answer = await http.request(method, path, headers=headers)

    assert (answer.status_code, clock.moved) == (403, 0)
    assert SECRET not in answer.text


async def test_a_secret_that_is_no_ascii_is_refused_like_any_other():
    clock = StandingClock()
    async with edge(demo=control(clock)) as http:
        answer = await http.post("/demo/clock/next", headers={b"X-Sitebell-Demo": "é".encode("latin-1")})

    assert (answer.status_code, clock.moved) == (403, 0)


async def test_the_phones_read_and_move_the_demos_clock():
    clock = StandingClock()
    async with edge(demo=control(clock)) as http:
        shown = await http.get("/demo/clock", headers={"X-Sitebell-Demo": SECRET})
        moved = await http.post("/demo/clock/next", headers={"X-Sitebell-Demo": SECRET})

    assert shown.json() == {"now": "2027-04-12T12:00:00+00:00", "next": None}
    assert moved.json() == {"now": "2027-04-12T12:00:00+00:00", "next": "2027-04-12T12:00:00+00:00"}
    assert clock.moved == 1


async def test_a_get_never_moves_the_clock():
    clock = StandingClock()
    async with edge(demo=control(clock)) as http:
        answer = await http.get("/demo/clock/next", headers={"X-Sitebell-Demo": SECRET})

    assert (answer.status_code, clock.moved) == (405, 0)


async def test_the_phones_page_gets_a_fresh_link_to_the_board_by_its_secret_alone():
    clock = StandingClock()
    async with edge(demo=control(clock)) as http:
        refused = [
            (await http.post("/demo/board-link", headers=headers)).status_code
            for headers in ({}, {"X-Sitebell-Demo": ""}, {"X-Sitebell-Demo": SECRET[:-1]})
        ]
        looked = await http.get("/demo/board-link", headers={"X-Sitebell-Demo": SECRET})
        early = await http.post("/demo/board-link", headers={"X-Sitebell-Demo": SECRET})
        clock.moved = 3
        later = await http.post("/demo/board-link", headers={"X-Sitebell-Demo": SECRET})

    assert (refused, looked.status_code) == ([403] * 3, 405)
    assert (early.json(), later.json()) == ({"url": None}, {"url": f"{BY_NAME}/sign-in/token-3"})
