"""The running trial of a conversation test: Monday, 12 April 2027, before the working day begins in Osaka.

`trial` runs a test on both engines, `quick` on the embedded one alone: most conversations say nothing about the records.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot import pace
from simulator.limits import Limits
from tests.databases import (  # noqa: F401 - fixtures
    Place,
    key_text,
    migrated_postgresql,
    migrated_sqlcipher,
    place,
    postgresql_place,
    sqlcipher_place,
)
from tests.simulators import Closing, RunningSimulator, closing, running_simulator  # noqa: F401 - a fixture
from tests.trials import Trial, running_trial

START, ZONE = "2027-04-12 08:00", "Asia/Tokyo"


@pytest.fixture
def simulator(
    tmp_path: Path,
    closing: Closing,  # noqa: F811 - the fixture
) -> Iterator[RunningSimulator]:
    stack = ExitStack()
    yield stack.enter_context(running_simulator(tmp_path, limits=Limits(enabled=False)))
    closing(stack)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram's limits are off in this simulator, so nobody has to keep to them."""
    monkeypatch.setattr(pace, "CHAT_BURST", 1_000.0)
    monkeypatch.setattr(pace, "OVERALL_BURST", 1_000.0)


@pytest.fixture
async def trial(
    place: Place,  # noqa: F811 - the fixture
    simulator: RunningSimulator,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Trial]:
    """On each engine in turn."""
    async with running_trial(place, simulator, at=START, zone=ZONE, title=request.node.name) as running:
        yield running


@pytest.fixture
async def quick(
    sqlcipher_place: Place,  # noqa: F811 - the fixture
    simulator: RunningSimulator,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Trial]:
    """On the embedded database."""
    async with running_trial(sqlcipher_place, simulator, at=START, zone=ZONE, title=request.node.name) as running:
        yield running
