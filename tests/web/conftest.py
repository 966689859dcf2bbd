"""The web edge over real records: its routes in this process, or served over HTTP for a browser."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest
import uvicorn

from office.health import health
from office.item_page import make_link
from records.answers import AnswerRow, standing_of_visit
from records.threads import Threads
from tests.databases import (  # noqa: F401 - fixtures
    key_text,
    migrated_sqlcipher,
    sqlcipher_place,
)
from tests.office.vocabulary import Trial
from tests.phones import PLAIN_HTTP
from trial.moments import use_pinned_zones
from web.app import create_app
from web.board.desk import BoardDesk
from web.item_desk import ItemDesk

STARTED_WITHIN_S = 10


@pytest.fixture(scope="session", autouse=True)
def pinned_zones() -> str:
    return use_pinned_zones()


@dataclass(slots=True)
class ItemSite:
    """A site at which somebody has an item to answer, and the address of its page."""

    trial: Trial
    address: str
    person: UUID
    patient: UUID
    visit: UUID
    woken: list[None] = field(default_factory=list)

    def link(self, *, person: UUID | None = None, visit: UUID | None = None) -> str:
        with self.trial.records.begin() as tx:
            token = make_link(tx, person_id=person or self.person, visit_id=visit or self.visit, **self.trial.times)
        assert token is not None
        return f"/item/{token}"

    def browser(self, address: str | None = None, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=address or self.address, headers=headers, verify=PLAIN_HTTP)

    @contextmanager
    def opened(self) -> Iterator[httpx.Client]:
        """A browser that has used a fresh link."""
        with self.browser() as http:
            assert http.post(self.link()).headers["Location"] == "/item"
            yield http

    def said(self) -> tuple[AnswerRow, ...]:
        with self.trial.records.read() as tx:
            return tuple(standing_of_visit(tx, self.visit))


@contextmanager
def served(trial: Trial, woken: Callable[[], None], *, secure: bool = False) -> Iterator[str]:
    """The real application on a free port of loopback."""
    threads = Threads()

    async def state() -> object:
        return health(trial.records, elapsed=trial.clock.elapsed())

    desk = ItemDesk(trial.records, threads, trial.clock, trial.studies, answered=woken)
    board = BoardDesk(
        trial.records, threads, trial.clock, trial.studies, changed=woken, bot_name=lambda: "sitebell_bot"
    )
    app = create_app(state, items=desk, board=board, secure=secure)  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    ready = threading.Event()

    async def serve() -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.005)
        ready.set()
        await serving

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(STARTED_WITHIN_S)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        threads.close()


@pytest.fixture
def trial(sqlcipher_place) -> Iterator[Trial]:  # noqa: F811 - the fixture of that name
    with sqlcipher_place.opened() as records:
        yield Trial(records)


@pytest.fixture
def item(trial: Trial) -> Iterator[ItemSite]:
    """Amina at site 417 has the baseline imaging of patient 417-001 to answer."""
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visit = trial.task(patient, "baseline_imaging").visit_id
    woken: list[None] = []
    with served(trial, lambda: woken.append(None)) as address:
        yield ItemSite(trial, address, amina, patient, visit, woken)
