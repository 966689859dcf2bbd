"""The parent of `make run`: starts the parts of Sitebell, starts a dead one again, ends them together.

It holds no data and opens no file, so it has nothing to lose: whatever a child does, the parent can start
the next. A child that refuses to start (exit code 78 or 2: it has said in a sentence what is wrong with
its settings) is not started again, because the next one would say the same.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

# sysexits.h, EX_CONFIG; and the command line's own "used wrongly".
REFUSALS = (78, 2)
CANNOT_START = 78

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
# A child that lived this long did not die of starting: its next death counts as a first one.
STEADY_AFTER_S = 10.0
GRACE_S = 10.0

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Child:
    """A part of Sitebell as a process: `name` is for people, `env` is its whole environment."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]


def module(name: str, module_name: str, *words: str, env: Mapping[str, str]) -> Child:
    """A child that runs one of our modules, and ends when the parent is gone (`app/lifeline.py`)."""
    return Child(name, (sys.executable, "-m", "app.lifeline", module_name, *words), env)


def supervise(children: Sequence[Child], announce: Callable[[str], None], *, grace_s: float = GRACE_S) -> int:
    """Keep all children running until a signal stops them, or until one refuses to start.

    Must be called in the main thread, where signals arrive. Children run in sessions of their own, so that
    Ctrl-C reaches only the parent; their output is left as it is. `announce` is told, a sentence at a time, what
    the parent does. `grace_s` is how long a child may take to end before it is killed; a second
    signal cuts it short.

    Returns:
        0 when a signal stopped them; else the exit code of the child that refused.
    """
    with _arriving_signals() as arrived, _lifeline() as lifeline:
        parts = [_Part(child, lifeline) for child in children]
        try:
            return _keep_running(parts, arrived, announce)
        finally:
            _end(parts, arrived, announce, grace_s)


def next_delay_s(previous_s: float, lived_s: float) -> float:
    """How long to wait before a child that lived `lived_s` is started again."""
    if lived_s >= STEADY_AFTER_S or previous_s == 0:
        return FIRST_DELAY_S
    return min(previous_s * 2, LONGEST_DELAY_S)


@dataclass(slots=True)
class _Part:
    """A child, its process while there is one, and when the next may start (monotonic seconds)."""

    child: Child
    lifeline: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay_s: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.child.argv, env=dict(self.child.env), stdin=self.lifeline, start_new_session=True
        )

    def rest(self) -> None:
        now = time.monotonic()
        self.delay_s = next_delay_s(self.delay_s, now - self.started)
        self.due = now + self.delay_s
        self.process = None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


# Waits up to so many seconds (None: as long as it takes); the signals that came.
_Arrived = Callable[[float | None], set[int]]


def _keep_running(parts: Sequence[_Part], arrived: _Arrived, announce: Callable[[str], None]) -> int:
    while True:
        for part in parts:
            if part.process is None and part.due <= time.monotonic():
                try:
                    part.start()
                except OSError as problem:
                    announce(f"{part.child.name} cannot be started: {problem.strerror}.")
                    return CANNOT_START
            elif part.process is not None and (code := part.process.poll()) is not None:
                if code in REFUSALS:
                    announce(f"{part.child.name} refused to start and said why; it is not started again.")
                    return code
                part.rest()
                announce(f"{part.child.name} ended ({_ending(code)}); it starts again in {part.delay_s:.1f} s.")
        waits = [part.due - time.monotonic() for part in parts if part.process is None]
        if arrived(max(0.0, min(waits)) if waits else None) & set(STOPPING):
            return 0


def _end(parts: Sequence[_Part], arrived: _Arrived, announce: Callable[[str], None], grace_s: float) -> None:
    """Ask every child to end; kill what is still there after the grace time."""
    for part in parts:
        if part.process is not None and part.alive:
            part.process.terminate()
    deadline = time.monotonic() + grace_s
    while any(part.alive for part in parts) and (left := deadline - time.monotonic()) > 0:
        if arrived(left) & set(STOPPING):
            break
    for part in parts:
        if part.process is not None and part.alive:
            announce(f"{part.child.name} did not end in time; it is killed.")
            # Its session is its process group: whatever it started goes with it.
            os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


@contextlib.contextmanager
def _arriving_signals() -> Iterator[_Arrived]:
    """Signals as something to wait for, beside time: no handler runs in the middle of other code."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    # Whoever started us with a signal ignored (nohup, a background job) wants it ignored.
    watched = [signal.SIGCHLD, *(s for s in STOPPING if signal.getsignal(s) != signal.SIG_IGN)]
    before = {number: signal.signal(number, _note_arrival) for number in watched}
    wakeup_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)

    def arrived(timeout_s: float | None) -> set[int]:
        select.select([reader], [], [], timeout_s)
        with contextlib.suppress(BlockingIOError):
            return set(reader.recv(4096))
        return set()

    try:
        yield arrived
    finally:
        signal.set_wakeup_fd(wakeup_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _note_arrival(_number: int, _frame: FrameType | None) -> None:
    """The number itself arrives through the wake-up socket; Python asks for a handler as well."""


@contextlib.contextmanager
def _lifeline() -> Iterator[int]:
    """The reading end of a pipe whose writing end only this process holds."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)
