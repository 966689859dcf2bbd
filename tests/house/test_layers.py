"""Which room may import which: the contracts of pyproject.toml, kept here and broken in a house of paper."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import rules
from tests.house.checkout import CHECKOUT, ROOMS, sources

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# One wrong import for each thing that a contract forbids: (file of the paper house, what it imports).
WRONG = (
    ("trial/timeline.py", "records"),
    ("records/tables.py", "scheduler"),
    ("scheduler/plan.py", "office"),
    ("office/answers.py", "bot"),
    ("office/people.py", "web"),
    ("bot/cards.py", "web"),
    ("web/board.py", "bot"),
    ("web/start.py", "app"),
    ("bot/play.py", "rehearsal"),
    ("rehearsal/life.py", "app"),
    ("rehearsal/phones.py", "simulator"),
    ("rehearsal/query.py", "sqlalchemy"),
    ("rehearsal/send.py", "telegram"),
    ("locales/words.py", "office"),
    ("office/words.py", "locales"),
    ("scheduler/words.py", "locales"),
    ("records/words.py", "locales"),
    ("trial/words.py", "locales"),
    ("simulator/phone.py", "trial"),
    ("app/demo.py", "simulator"),
    ("web/query.py", "sqlalchemy"),
    ("office/query.py", "psycopg"),
    ("app/move.py", "alembic"),
    ("scheduler/open.py", "sqlcipher3"),
    ("web/send.py", "telegram"),
    ("bot/page.py", "fastapi"),
    ("app/page.py", "starlette"),
    ("bot/serve.py", "uvicorn"),
    ("scheduler/jobs.py", "apscheduler"),
    ("bot/jobs.py", "apscheduler"),
    ("charts/bars.py", "locales"),
    ("charts/lines.py", "records"),
    ("web/bars.py", "altair"),
    ("bot/picture.py", "vl_convert"),
)
# What looks much the same and is right.
RIGHT = (
    ("app/wiring.py", "bot"),
    ("app/serve.py", "uvicorn"),
    ("rehearsal/engine.py", "bot"),
    ("app/play.py", "rehearsal"),
    ("bot/wording.py", "locales"),
    ("web/wording.py", "locales"),
    ("bot/answers.py", "office"),
    ("office/store.py", "records"),
    ("records/store.py", "sqlalchemy"),
    ("web/site.py", "fastapi"),
    ("simulator/site.py", "starlette"),
    ("bot/talk.py", "telegram"),
    ("scheduler/metronome.py", "apscheduler"),
    ("web/figures.py", "charts"),
    ("bot/figures.py", "charts"),
    ("charts/drawing.py", "altair"),
)

# What the rules of a trial may stand on, and who of them. tzdata is data: the pinned rules of time zones.
TRIAL_MAY_USE = frozenset({"trial", "pydantic", "holidays", "tzdata"})
GUARD_MAY_USE = frozenset({"stdnum", "phonenumbers"})
# Standard modules that would bring the world into a pure room.
OUTSIDE_WORLD = frozenset(
    {
        "asyncio",
        "ftplib",
        "http",
        "multiprocessing",
        "os",
        "shutil",
        "smtplib",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "urllib",
    }
)


def lint(folder: Path) -> tuple[int, str]:
    """import-linter's verdict on a folder that holds a pyproject.toml, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def paper_house(folder: Path, imports: tuple[tuple[str, str], ...]) -> Path:
    (folder / "pyproject.toml").write_text((CHECKOUT / "pyproject.toml").read_text())
    for room in ROOMS:
        (folder / room).mkdir()
        (folder / room / "__init__.py").touch()
    for path, imported in imports:
        (folder / path).write_text(f"import {imported}\n")
    return folder


def test_no_room_imports_what_it_may_not():
    code, report = lint(CHECKOUT)

    assert code == 0, report


def test_every_wrong_import_would_be_reported(tmp_path):
    code, report = lint(paper_house(tmp_path, WRONG + RIGHT))
    reported = {
        (f"{module.replace('.', '/')}.py", imported) for module, imported in re.findall(r"(\w+\.\w+) -> (\w+)", report)
    }

    assert code == 1
    assert set(WRONG) - reported == set()
    assert set(RIGHT) & reported == set()


def test_a_house_in_order_is_not_reported(tmp_path):
    code, report = lint(paper_house(tmp_path, RIGHT))

    assert code == 0, report


def unwanted_in_trial(path: str, source: str) -> set[str]:
    """What a file of the pure room imports beyond the standard library and the few that it may use."""
    may_use = TRIAL_MAY_USE | (GUARD_MAY_USE if path.startswith("trial/guard") else frozenset())
    imported = rules.imported_packages(source)
    return set(imported - sys.stdlib_module_names - may_use) | set(imported & OUTSIDE_WORLD)


def test_the_rules_of_a_trial_stand_on_almost_nothing():
    assert {path: found for path, text in sources("trial") if (found := unwanted_in_trial(path, text))} == {}


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("trial/timeline.py", "from datetime import date\nimport holidays\nfrom trial.tasks import Task", set()),
        ("trial/timeline.py", "import yaml", {"yaml"}),
        ("trial/timeline.py", "import phonenumbers", {"phonenumbers"}),
        ("trial/guard/phones.py", "import phonenumbers\nfrom stdnum import luhn", set()),
        ("trial/timeline.py", "def late():\n    import socket", {"socket"}),
    ],
)
def test_a_package_too_many_would_be_found(path, source, found):
    assert unwanted_in_trial(path, source) == found
