"""Simulators for tests: one in a thread (quick to start), or as its own process (can be killed).

    with running_simulator(tmp_path) as simulator:
        Bot(simulator.token, base_url=simulator.bot_url)            # python-telegram-bot
        amina = simulator.phones.person("Amina")                    # tests/phones.py

    with simulator_process(tmp_path) as simulator:                  # `python -m simulator`
        simulator.kill()

Both listen on a free loopback port. The file lies in the given folder: start again with the same folder
and everything is still there.
"""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.demo_clock import DemoClock
from simulator.limits import Limits
from simulator.serving import SimulatorServer, base_url, listening_socket
from simulator.world import DEMO_TOKEN, BotAccount
from tests.phones import Phones

Closing = Callable[[ExitStack], None]
FILE_NAME = "simulator.sqlite"
CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    url: str
    token: str
    phones: Phones
    process: "subprocess.Popen[str] | None" = None

    @property
    def api(self) -> str:
        """What SITEBELL_TELEGRAM_API is set to; aiogram's TelegramAPIServer.from_base takes it too."""
        return self.url

    @property
    def bot_url(self) -> str:
        """What python-telegram-bot calls base_url: the token is put behind it."""
        return f"{self.url}/bot"

    def kill(self) -> None:
        """kill -9; only a simulator with its own process can be killed."""
        if self.process is None:
            raise TypeError("this simulator runs in a thread of the test")
        self.process.kill()
        self.process.wait()


@contextmanager
def running_simulator(
    folder: Path,
    *,
    token: str = DEMO_TOKEN,
    limits: Limits | None = None,
    clock_url: str | None = None,
    clock_secret: str = "",
) -> Iterator[RunningSimulator]:
    """A simulator in a thread of this process, until the block ends."""
    server = SimulatorServer(folder / FILE_NAME, BotAccount(token), DemoClock(clock_url, clock_secret), limits=limits)
    listening = listening_socket("127.0.0.1", 0)
    url = base_url(listening)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listening]),), name="simulator")
    thread.start()
    try:
        with Phones(url) as phones:
            yield RunningSimulator(url, token, phones)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def simulator_process(
    folder: Path,
    *,
    port: int = 0,
    token: str = DEMO_TOKEN,
    clock_url: str | None = None,
    clock_secret: str = "",
) -> Iterator[RunningSimulator]:
    """`python -m simulator` as a process of its own, until the block ends or it is killed."""
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--file", str(folder / FILE_NAME)]
    command += ["--token", token]
    if clock_url is not None:
        command += ["--clock-url", clock_url]
    environment = {**os.environ, "SITEBELL_DEMO_CONTROL": clock_secret}
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise TypeError("the process was started without its output")
        url = process.stdout.readline().removeprefix("phone: ").strip().rstrip("/")
        if not url:
            raise RuntimeError(f"the simulator did not start, exit code {process.wait()}")
        with Phones(url) as phones:
            yield RunningSimulator(url, token, phones, process)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def closing() -> Iterator[Closing]:
    """Stops simulators beside the next test: a server takes 0.2 s to end, and there are hundreds."""
    ended: list[Future[None]] = []
    with ThreadPoolExecutor() as pool:
        yield lambda stack: ended.append(pool.submit(stack.close))
    for future in ended:
        future.result()
