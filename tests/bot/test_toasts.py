"""Short lines beside everything else: bounded, given a moment at the end, and what goes wrong is told by its class."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import structlog
from structlog.testing import capture_logs
from telegram import Bot
from telegram.request import BaseRequest

from bot import toasts
from bot.channel import Channel, Result
from bot.toasts import Toasts

AT_ONCE = 3
SECRET = "417-003"


@dataclass
class HeldRequest(BaseRequest):
    """A network on which every request waits until the test lets it go."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refused: bool = False
    under_way: int = 0
    most: int = 0
    answered: int = 0

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Opens nothing."""

    async def shutdown(self) -> None:
        """Has nothing to close."""

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.gate.wait()
        finally:
            self.under_way -= 1
        self.answered += 1
        if self.refused:
            return 400, json.dumps({"ok": False, "description": "Bad Request: query is too old"}).encode()
        return 200, json.dumps({"ok": True, "result": True}).encode()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Capturing leaves structlog configured, and other tests look whether it is."""
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)


@pytest.fixture
async def network() -> AsyncIterator[HeldRequest]:
    held = HeldRequest()
    yield held
    held.gate.set()


def lines_over(network: HeldRequest) -> Toasts:
    bot = Bot("1527:offline", request=network, get_updates_request=network)
    return Toasts(Channel(bot), at_once=AT_ONCE)


async def until_held(network: HeldRequest) -> None:
    """Until as many requests as may be are under way."""
    async with asyncio.timeout(5):
        while network.under_way < AT_ONCE:  # noqa: ASYNC110 - the tasks are the toasts' own
            await asyncio.sleep(0)


async def test_so_many_lines_at_once_and_the_others_after_them(network: HeldRequest) -> None:
    lines = lines_over(network)
    for number in range(10):
        lines.say(str(number), "Recorded.")
    await until_held(network)

    network.gate.set()
    await lines.drain()

    assert (network.answered, network.most) == (10, AT_ONCE)


async def test_a_press_beyond_the_queue_gets_no_line_and_the_log_says_so(network: HeldRequest) -> None:
    lines = lines_over(network)
    with capture_logs() as logged:
        for number in range(toasts.WAIT_AT_MOST + 2):
            lines.say(str(number), SECRET)
    network.gate.set()
    await lines.drain()

    assert network.answered == toasts.WAIT_AT_MOST
    assert [line["event"] for line in logged] == ["toast_dropped"] * 2
    assert SECRET not in str(logged)


async def test_what_takes_too_long_at_the_end_is_given_up(
    network: HeldRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toasts, "DRAIN_S", 0.0)
    lines = lines_over(network)
    for number in range(5):
        lines.say(str(number), "Recorded.")
    await until_held(network)

    with capture_logs() as logged:
        await lines.drain()

    assert (network.answered, network.under_way) == (0, 0)
    assert logged == [{"event": "toasts_given_up", "number": 5, "log_level": "warning"}]


async def test_a_line_that_telegram_refuses_is_noted(network: HeldRequest) -> None:
    network.refused = True
    network.gate.set()
    lines = lines_over(network)

    with capture_logs() as logged:
        lines.say("1", SECRET)
        await lines.drain()

    assert logged == [
        {"event": "toast_not_shown", "outcome": "refused", "error": "bad_request", "log_level": "info"},
    ]


class BrokenChannel(Channel):
    """Fails in a way that nobody foresaw."""

    async def answer_press(self, callback_id: str, text: str, *, alert: bool = False) -> Result:
        raise RuntimeError(callback_id, text, alert)


async def test_a_failure_that_nobody_foresaw_is_told_by_its_class_alone(network: HeldRequest) -> None:
    lines = Toasts(BrokenChannel(Bot("1527:offline", request=network, get_updates_request=network)), at_once=AT_ONCE)

    with capture_logs() as logged:
        lines.say("1", SECRET)
        await lines.drain()

    assert logged == [{"event": "toast_failed", "error": "RuntimeError", "log_level": "error"}]
