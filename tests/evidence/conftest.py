"""A trial full of canaries, its logs written as the service writes them, on each engine."""

import asyncio
import sys
import traceback
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog

from app.logs import start_logging
from simulator.limits import Limits
from tests.app.conftest import logging_put_back  # noqa: F401 - the fixture
from tests.databases import (  # noqa: F401 - fixtures
    key_text,
    migrated_postgresql,
    migrated_sqlcipher,
    place,
    postgresql_place,
    sqlcipher_place,
)
from tests.evidence.canaries import TOKEN
from tests.simulators import RunningSimulator, running_simulator


@dataclass
class Written:
    """What this process wrote: its log, and every exception that reached the log, whole, before anything was left out."""

    log: Path
    tracebacks: list[str] = field(default_factory=list)
    _seen: defaultdict[object, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def logs(self, event: str) -> asyncio.Event:
        """Set once this was logged by the event loop."""
        return self._seen[event]

    def keep(self, _logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        self._seen[event["event"]].set()
        problem = event.get("exc_info")
        if isinstance(problem, BaseException):
            self.tracebacks.append("".join(traceback.format_exception(problem)))
        return event


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_put_back: None) -> Iterator[Written]:  # noqa: F811 - the fixture
    """The log that `sitebell serve` would write, at the level that says most."""
    log = tmp_path / "service.log"
    with log.open("w", encoding="utf-8", buffering=1) as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        start_logging("debug")
        kept = Written(log)
        structlog.configure(processors=[kept.keep, *structlog.get_config()["processors"]])
        yield kept


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    """Phones that write down everything in the clear, in a folder of their own."""
    folder = tmp_path / "phones"
    folder.mkdir()
    with running_simulator(folder, token=TOKEN, limits=Limits(enabled=False)) as running:
        yield running
