from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import telegram
from playwright.sync_api import Browser, sync_playwright

from tests.phones import PLAIN_HTTP, Phone, Phones
from tests.simulators import Closing, RunningSimulator, closing, running_simulator  # noqa: F401 - a fixture

if TYPE_CHECKING:
    import aiogram


@pytest.fixture
def simulator(
    tmp_path: Path,
    closing: Closing,  # noqa: F811 - the fixture
) -> Iterator[RunningSimulator]:
    stack = ExitStack()
    yield stack.enter_context(running_simulator(tmp_path))
    closing(stack)


@pytest.fixture(scope="module")
def browser(chromium_path: str, chromium_arguments: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=chromium_arguments)
        yield started
        started.close()


@pytest.fixture
def phones(simulator: RunningSimulator) -> Phones:
    return simulator.phones


@pytest.fixture
def amina(phones: Phones) -> Phone:
    """A person who has started the bot."""
    phone = phones.person("Amina", language="ja", time_zone="Asia/Tokyo", note="coordinator")
    phone.start()
    return phone


@pytest.fixture
async def ptb(simulator: RunningSimulator) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(simulator.token, base_url=simulator.bot_url) as bot:
        yield bot


@pytest.fixture
async def aiogram_bot(simulator: RunningSimulator) -> "AsyncIterator[aiogram.Bot]":
    # Here, because it takes seconds to import, and one test of five thousand needs it.
    import aiogram  # noqa: PLC0415 - see the line above
    from aiogram.client.session.aiohttp import AiohttpSession  # noqa: PLC0415
    from aiogram.client.telegram import TelegramAPIServer  # noqa: PLC0415

    session = AiohttpSession(api=TelegramAPIServer.from_base(simulator.api))
    async with aiogram.Bot(simulator.token, session=session) as bot:
        yield bot


class RawApi:
    """Calls as they go over the wire, for what no client library would send."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self.address = f"{simulator.url}/bot{simulator.token}"
        self.http = httpx.Client(trust_env=False, verify=PLAIN_HTTP, timeout=30)

    def call(self, method: str, **parameters: object) -> httpx.Response:
        return self.http.post(f"{self.address}/{method}", json=parameters)

    def result(self, method: str, **parameters: object) -> object:
        reply = self.call(method, **parameters).json()
        assert reply["ok"], reply
        return reply["result"]

    def refusal(self, method: str, **parameters: object) -> tuple[int, str]:
        """The status and the description of a call that must be refused."""
        response = self.call(method, **parameters)
        reply = response.json()
        assert reply["ok"] is False
        assert reply["error_code"] == response.status_code
        return response.status_code, reply["description"]

    def get(self, method: str, **parameters: str) -> httpx.Response:
        return self.http.get(f"{self.address}/{method}", params=parameters)

    def post_form(self, method: str, **parameters: str) -> httpx.Response:
        return self.http.post(f"{self.address}/{method}", data=parameters)


@pytest.fixture
def raw(simulator: RunningSimulator) -> Iterator[RawApi]:
    api = RawApi(simulator)
    yield api
    api.http.close()
