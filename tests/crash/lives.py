"""Lives of the service: a process that has imported everything forks one child after the other and kills it on order.

    with lives(place, simulator, log) as nursery:
        nursery.begin(Life(clock_offset=..., downtime=..., kill_after_s=0.3))
        ...                                   # people press buttons meanwhile
        ended = nursery.end()                 # the child is dead and reaped

`python -m tests.crash.lives` is the nursery itself. It opens no database and starts no thread: what it hands on to a
child is its modules. It reads orders, one JSON line each, and answers each with one line when the child is gone.
"""

import asyncio
import gc
import json
import os
import select
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, NoReturn

from app.logs import start_logging
from app.service import Service
from app.settings import Settings, settings_from
from bot import pace
from locales import languages, toast
from records.database import open_records
from records.key_providers import KeyText
from scheduler.clock import SystemClock
from tests.crash.points import Point, mortal
from tests.databases import Place
from tests.simulators import CHECKOUT, RunningSimulator
from trial.messages import Toast
from trial.moments import Instant, instant, use_pinned_zones

STOPS_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Life:
    """One child. `kill_after_s` None: it lives until it is stopped, and then ends in good order.

    `clock_offset_s` is trial time minus wall time. `downtime_s` is how much longer than in truth the service was down so
    far: waits of the elapsed clock end between two lives, as they would if nobody restarted it at once. `unlimited`: it
    sends without pauses, to a simulator that has no limits either. `hasty`: see `points.mortal`.
    """

    clock_offset_s: float
    downtime_s: float
    kill_after_s: float | None = None
    point: str = ""
    hasty: bool = False
    unlimited: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a life ended: `killed` from outside, `died` at its point, or `exited` by itself with this status."""

    how: str
    status: int
    lived_s: float


class DowntimeClock(SystemClock):
    """The machine's clock after outages that took longer than the test has time for."""

    def __init__(self, offset: timedelta, downtime: timedelta) -> None:
        super().__init__(offset)
        self._downtime = downtime

    def elapsed(self) -> Instant:
        return instant(super().elapsed() + self._downtime)


# --- the test's side --------------------------------------------------------------------------------------------------


class Nursery:
    """The process that forks lives, as the test sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def begin(self, life: Life) -> None:
        self._say(asdict(life))

    def stop(self) -> Ended:
        """Asks a child that lives on to end, as systemd does."""
        self._say("stop")
        return self.end()

    def end(self) -> Ended:
        """Waits until the child is dead and reaped."""
        return Ended(**self._hear())

    def _say(self, what: object) -> None:
        print(json.dumps(what), file=_pipe(self._process.stdin), flush=True)

    def _hear(self) -> dict[str, Any]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"the nursery ended, exit code {self._process.wait()}")
        heard: dict[str, Any] = json.loads(line)
        return heard


@contextmanager
def lives(place: Place, simulator: RunningSimulator, log: Path) -> Iterator[Nursery]:
    """A nursery until the block ends. Logs of all lives go to the file `log`."""
    environment = {
        **os.environ,
        "SITEBELL_KEY": place.keys.text,
        "SITEBELL_DATABASE_URL": place.url,
        "SITEBELL_DATA_DIR": str(place.data_dir),
        "SITEBELL_TELEGRAM_TOKEN": simulator.token,
        "SITEBELL_TELEGRAM_API": simulator.api,
        "SITEBELL_WEB_PORT": "0",
    }
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.lives"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            nursery = Nursery(process)
            nursery._hear()
            yield nursery
        finally:
            # Without orders it ends.
            with suppress(BrokenPipeError):
                _pipe(process.stdin).close()
            process.wait(timeout=STOPS_WITHIN_S)
            _pipe(process.stdout).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise TypeError("the process was started without its pipes")
    return pipe


# --- the nursery's side -----------------------------------------------------------------------------------------------


def main() -> None:
    use_pinned_zones()
    settings = settings_from(os.environ, home=CHECKOUT)
    start_logging("info")
    _warm_up()
    orders = _Orders(sys.stdin.fileno())
    print(json.dumps({}), flush=True)
    while (order := orders.next()) is not None:
        print(json.dumps(asdict(_life(Life(**order), settings, orders))), flush=True)


def _warm_up() -> None:
    """What every life would do again: words, and the certificates of a network that only loopback needs here."""
    for language in languages():
        toast(Toast.RECORDED, language)
    plain_http = ssl.create_default_context()
    setattr(ssl, "create_default_context", lambda *_given, **_named: plain_http)  # noqa: B010 - for this process alone
    gc.collect()
    gc.freeze()


class _Orders:
    """Lines from the test, read without a buffer that would hide one from `select`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._read = b""

    def next(self) -> Any:
        """The next order; None when the test has gone."""
        while b"\n" not in self._read:
            more = os.read(self.descriptor, 65536)
            if not more:
                return None
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return json.loads(line)


def _life(life: Life, settings: Settings, orders: _Orders) -> Ended:
    """One child from its birth to its burial."""
    alive, held_by_child = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(alive)
        _live(life, settings)
    os.close(held_by_child)
    # The pipe closes with the child's last breath, whatever ends it.
    if life.kill_after_s is None:
        orders.next()  # to stop
        os.kill(child, signal.SIGTERM)  # one that has ended before is not reaped yet, and does not mind
    within_s = STOPS_WITHIN_S if life.kill_after_s is None else life.kill_after_s - (time.monotonic() - began)
    ended_first, _, _ = select.select([alive], [], [], max(0.0, within_s))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(alive)
    how = "exited" if os.WIFEXITED(status) else "died" if ended_first else "killed"
    return Ended(how, os.waitstatus_to_exitcode(status), time.monotonic() - began)


def _live(life: Life, settings: Settings) -> NoReturn:
    status = 1
    if life.unlimited:
        pace.CHAT_BURST = pace.OVERALL_BURST = 10_000.0
    try:
        records = open_records(
            settings.database_url, keys=KeyText(settings.key), data_dir=settings.data_dir, demo=False
        )
        clock = DowntimeClock(timedelta(seconds=life.clock_offset_s), timedelta(seconds=life.downtime_s))
        service = mortal(Point(life.point), hasty=life.hasty) if life.point else Service
        asyncio.run(service(settings, records, clock).run())
        records.close()
        status = 0
    except BaseException as problem:  # noqa: BLE001 - whatever it is ends this life, and the log says so
        sys.excepthook(type(problem), problem, problem.__traceback__)
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
