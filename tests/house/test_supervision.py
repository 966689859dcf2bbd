"""The parent of `make run`, tried on real processes.

Each child writes its process id into a named pipe and holds it open: the next id shows a restart, the end
of the file shows that the child is gone. So nothing here sleeps.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.supervision import FIRST_DELAY_S, LONGEST_DELAY_S, STEADY_AFTER_S, next_delay_s

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0

# A child that tells its id, then reads its standard input (the lifeline) to the end.
TELLS = 'exec 3>"{pipe}"; echo $$ >&3; exec cat'
TELLS_AND_STAYS = 'exec 3>"{pipe}"; trap "echo asked >&3" TERM; echo $$ >&3; while :; do read -r line || :; done'

# A test run in the background ignores Ctrl-C, and what it starts inherits that.
PARENT = """
import json, os, signal, sys
from app.supervision import Child, supervise
signal.signal(signal.SIGINT, signal.default_int_handler)
children = [Child(name, tuple(argv), dict(os.environ)) for name, argv in json.loads(sys.argv[1])]
sys.exit(supervise(children, lambda sentence: print(sentence, flush=True), grace_s=float(sys.argv[2])))
"""


class Pipe:
    """A named pipe that children write to, and hold open while they live."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        # Held by the test too, so that a child's end is not taken for the end of all.
        self._writing = os.open(path, os.O_WRONLY)

    def next_line(self, within_s: float = PATIENCE_S) -> str:
        return self._read(within_s).decode().strip()

    def nobody_is_left(self) -> bool:
        """True once the last child that held the pipe is gone."""
        os.close(self._writing)
        self._writing = -1
        return self._read(PATIENCE_S) == b""

    def _read(self, within_s: float) -> bytes:
        ready, _, _ = select.select([self._reading], [], [], within_s)
        assert ready, f"nothing came within {within_s} s"
        return os.read(self._reading, 100)

    def close(self) -> None:
        os.close(self._reading)
        if self._writing >= 0:
            os.close(self._writing)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    pipe = Pipe(tmp_path / "pipe")
    yield pipe
    pipe.close()


@dataclass
class Parent:
    process: subprocess.Popen[str]

    def ends(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output


@pytest.fixture
def supervised():
    started: list[subprocess.Popen[str]] = []

    def start(*children: tuple[str, list[str]], grace_s: float = 10.0) -> Parent:
        command = [sys.executable, "-c", PARENT, json.dumps(children), str(grace_s)]
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return Parent(process)

    yield start
    for process in started:
        process.kill()
        process.communicate()


def shell(script: str, pipe: Pipe) -> list[str]:
    return ["/bin/sh", "-c", script.format(pipe=pipe.path)]


def test_a_killed_child_is_back_within_a_second(supervised, pipe):
    supervised(("bell", shell(TELLS, pipe)))
    first = int(pipe.next_line())
    os.kill(first, signal.SIGKILL)

    assert int(pipe.next_line(within_s=1.0)) != first


def test_children_end_when_the_parent_is_killed(supervised, pipe):
    parent = supervised(("bell", shell(TELLS, pipe)))
    pipe.next_line()
    parent.process.kill()

    assert pipe.nobody_is_left()


def test_a_module_on_a_lifeline_ends_when_the_parent_is_killed(supervised, pipe, tmp_path):
    (tmp_path / "waits.py").write_text(
        f"import os, signal, sys\nos.write(os.open({str(pipe.path)!r}, os.O_WRONLY), ' '.join(sys.argv[1:]).encode())\n"
        "assert sys.stdin.read() == ''\nsignal.pause()\n"
    )
    command = f'PYTHONPATH={tmp_path}:{CHECKOUT} exec "{sys.executable}" -m app.lifeline waits one two'
    parent = supervised(("bell", shell(command, pipe)))
    words = pipe.next_line()
    parent.process.kill()

    assert words == "one two"
    assert pipe.nobody_is_left()


@pytest.mark.parametrize("code", [78, 2])
def test_a_child_that_refuses_to_start_ends_everything_with_its_exit_code(supervised, pipe, code):
    parent = supervised(("phone", shell(TELLS, pipe)), ("bell", ["/bin/sh", "-c", f"exit {code}"]))

    assert parent.ends() == (code, "bell refused to start and said why; it is not started again.\n")


def test_a_child_that_cannot_be_started_is_named(supervised):
    parent = supervised(("bell", ["no-such-program-anywhere"]))

    assert parent.ends() == (78, "bell cannot be started: No such file or directory.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_children_and_counts_as_success(supervised, pipe, number):
    parent = supervised(("bell", shell(TELLS, pipe)))
    pipe.next_line()
    parent.process.send_signal(number)

    assert parent.ends() == (0, "")
    assert pipe.nobody_is_left()


def test_a_child_that_does_not_end_is_killed(supervised, pipe):
    parent = supervised(("bell", shell(TELLS_AND_STAYS, pipe)), grace_s=0.1)
    pipe.next_line()
    parent.process.send_signal(signal.SIGTERM)

    assert parent.ends() == (0, "bell did not end in time; it is killed.\n")


def test_a_second_signal_cuts_the_waiting_short(supervised, pipe):
    parent = supervised(("bell", shell(TELLS_AND_STAYS, pipe)), grace_s=3600)
    pipe.next_line()
    parent.process.send_signal(signal.SIGTERM)
    # Two signals that come at once count as one: the second waits until the first has shown.
    told = pipe.next_line()
    parent.process.send_signal(signal.SIGTERM)

    assert told == "asked"
    assert parent.ends() == (0, "bell did not end in time; it is killed.\n")


def test_a_child_that_keeps_dying_early_is_started_ever_less_often_but_never_given_up():
    delays = [FIRST_DELAY_S]
    while delays[-1] < LONGEST_DELAY_S:
        delays.append(next_delay_s(delays[-1], lived_s=0.1))

    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert next_delay_s(LONGEST_DELAY_S, lived_s=0.1) == LONGEST_DELAY_S


def test_a_child_that_lived_for_a_while_starts_again_soon():
    assert next_delay_s(LONGEST_DELAY_S, lived_s=STEADY_AFTER_S) == FIRST_DELAY_S
