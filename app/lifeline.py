"""End a process when the one that started it is gone, even by kill -9.

    python -m app.lifeline MODULE [WORDS ...]     as `python -m MODULE WORDS ...`, on a lifeline

The parent holds the writing end of a pipe and never writes; the reading end is the child's standard
input. However the parent ends, the kernel closes its end and the child reads the end of the file. So the
simulator, which may import none of our rooms, is on a lifeline as well without knowing of it.
"""

import contextlib
import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 10.0


def watch(*, grace_s: float = GRACE_S) -> None:
    """From now on, end this process when its standard input ends.

    First asks with SIGTERM, as an administrator would; what is left after `grace_s` is killed.
    Standard input is empty afterwards: nobody else reads from the lifeline.
    """
    lifeline = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  (os.devnull is a name, not a path of ours)
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_end_with, args=(lifeline, grace_s), name="lifeline", daemon=True).start()


def _end_with(lifeline: int, grace_s: float) -> None:
    # A read that fails tells of the parent's end just as well.
    with contextlib.suppress(OSError):
        while os.read(lifeline, 512):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_s)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    sys.argv = sys.argv[1:]
    if not sys.argv:
        sys.exit("Which module? python -m app.lifeline MODULE [WORDS ...]")
    watch()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
