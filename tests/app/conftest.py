"""Logs as the service writes them, put back afterwards; and a person at a terminal."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from app.logs import start_logging
from tests.app.homes import Home, take_in_dream
from tests.app.lived import LivedDemo, lived_for_run
from tests.conftest import FOLDER
from tests.databases import (  # noqa: F401 - fixtures
    Place,
    key_text,
    migrated_sqlcipher,
    sqlcipher_place,
)


@pytest.fixture(scope="session")
def lived_demo(pytestconfig: pytest.Config) -> LivedDemo:
    """The demo's year, lived once for all workers; whoever opens it takes a copy."""
    return lived_for_run(pytestconfig.stash[FOLDER])


class Lines:
    """What has been logged so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.all[-1]


@pytest.fixture
def logging_put_back() -> Iterator[None]:
    """Whatever a test does to the logs of this process ends with it."""
    before = structlog.get_config() if structlog.is_configured() else None
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logging.Logger.manager.loggerDict}
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logging.Logger.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch, logging_put_back: None) -> Lines:
    """Logging as `sitebell serve` starts it, at the level that says most, into what the test reads."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    start_logging("debug")
    return Lines(stream)


@pytest.fixture
def home(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    logging_put_back: None,
) -> Home:
    """Somebody at a terminal with nothing set up yet."""
    return Home(tmp_path, monkeypatch, capsys)


@pytest.fixture
def office(home: Home, sqlcipher_place: Place) -> Home:  # noqa: F811 - the fixture
    """Somebody at a terminal with a migrated database and DREAM in it."""
    with sqlcipher_place.opened() as records:
        take_in_dream(records)
    home.furnish(sqlcipher_place)
    return home
