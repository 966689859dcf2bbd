"""Setting up a checkout: once, whole, and told in sentences.

Package tools are programs of others, so a small shell script stands in for uv: it makes a real virtual
environment without packages and notes what it was asked for.
"""

import ast
import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import Environment, Refusal, need_venv, pin_of, too_old, without_addresses

CHECKOUT = Path(__file__).resolve().parents[2]

UV = """#!/bin/sh
echo "$@" >> "{calls}"
case "$1 $2" in
    "venv --quiet") shift 2; exec "$2" -m venv --without-pip "$3" ;;
    "pip install") {installing} ;;
esac
"""


@dataclass
class Checkout:
    folder: Path
    calls: Path

    @property
    def environment(self) -> Environment:
        return Environment(self.folder)

    def asked_of_uv(self) -> list[str]:
        """Since the last look: what each call but `uv --version` began with, or installed from."""
        words = [line.split() for line in self.calls.read_text().splitlines()] if self.calls.exists() else []
        self.calls.write_text("")
        return ["venv" if line[0] == "venv" else Path(line[-1]).name for line in words if line[0] != "--version"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "small"\n')
    (folder / "requirements.txt").write_text("one==1\n")
    (folder / "requirements-dev.txt").write_text("one==1\ntwo==2\nuv==0.13.9 \\\n    --hash=sha256:00\n")
    provide_uv(tmp_path, installing="exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return Checkout(folder, tmp_path / "calls")


def provide_uv(folder: Path, installing: str) -> None:
    uv = folder / "uv"
    uv.write_text(UV.format(calls=folder / "calls", installing=installing))
    uv.chmod(0o755)


def test_the_second_start_asks_no_package_tool_for_anything(checkout):
    first, second = checkout.environment.prepare("run"), None
    asked = checkout.asked_of_uv()
    second = checkout.environment.prepare("run")

    assert asked == ["venv", "requirements.txt", "checkout"]
    assert (second, checkout.asked_of_uv()) == (first, [])


def test_a_changed_lock_file_is_installed_into_what_is_there(checkout):
    checkout.environment.prepare("run")
    checkout.asked_of_uv()
    (checkout.folder / "requirements.txt").write_text("one==1.1\n")
    checkout.environment.prepare("run")

    assert checkout.asked_of_uv() == ["requirements.txt", "checkout"]


def test_an_environment_for_the_tests_is_enough_to_run(checkout):
    checkout.environment.prepare("dev")
    checkout.asked_of_uv()
    checkout.environment.prepare("run")

    assert checkout.asked_of_uv() == []


def test_an_environment_to_run_is_not_enough_for_the_tests(checkout):
    checkout.environment.prepare("run")
    checkout.asked_of_uv()
    checkout.environment.prepare("dev")

    assert checkout.asked_of_uv() == ["requirements-dev.txt", "checkout"]


def test_a_set_up_that_never_ended_is_done_again_from_nothing(checkout):
    checkout.environment.prepare("run")
    leftover = checkout.folder / ".venv" / "half-a-package"
    leftover.touch()
    (checkout.folder / ".venv.lock").write_text(bootstrap.UNFINISHED)
    (checkout.folder / ".venv" / "sitebell.json").unlink()
    checkout.asked_of_uv()
    checkout.environment.prepare("run")

    assert checkout.asked_of_uv()[0] == "venv"
    assert not leftover.exists()


def test_a_moved_checkout_gets_an_environment_of_its_own(checkout):
    checkout.environment.prepare("run")
    checkout.asked_of_uv()
    moved = checkout.folder.with_name("moved")
    shutil.move(checkout.folder, moved)
    Environment(moved).prepare("run")

    assert checkout.asked_of_uv() == ["venv", "requirements.txt", "moved"]
    assert json.loads((moved / ".venv" / "sitebell.json").read_text())["checkout"] == str(moved)


def test_an_environment_whose_interpreter_is_gone_is_built_again(checkout):
    python = checkout.environment.prepare("run")
    checkout.asked_of_uv()
    python.unlink()
    python.symlink_to(checkout.folder / "python-that-was-removed")
    checkout.environment.prepare("run")

    assert checkout.asked_of_uv()[0] == "venv"


def test_an_environment_made_by_hand_is_added_to_and_not_thrown_away(checkout):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout.folder / ".venv"], check=True)
    checkout.environment.prepare("run")

    assert checkout.asked_of_uv() == ["requirements.txt", "checkout"]


def test_a_folder_somewhere_else_is_never_removed(checkout, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (checkout.folder / ".venv").symlink_to(elsewhere)

    with pytest.raises(Refusal, match="not a folder of its own"):
        checkout.environment.prepare("run")
    assert elsewhere.is_dir()


def test_of_two_set_ups_at_once_the_second_waits_and_then_has_nothing_to_do(checkout):
    checkout.environment.prepare("run")
    stamp = checkout.folder / ".venv" / "sitebell.json"
    finished = stamp.read_text()
    stamp.unlink()
    checkout.asked_of_uv()
    waits = f"from app.bootstrap import *; Environment(Path({str(checkout.folder)!r})).prepare('run')"
    with (checkout.folder / ".venv.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen([sys.executable, "-c", waits], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        assert second.stderr is not None
        said = second.stderr.readline()
        stamp.write_text(finished)
    with second:
        assert second.wait(30) == 0

    assert said == "sitebell: another set-up of this folder is running; waiting for it to end.\n"
    assert checkout.asked_of_uv() == []


def test_a_failure_shows_its_cause_without_addresses_and_leaves_no_stamp(checkout, tmp_path, monkeypatch):
    provide_uv(tmp_path, installing='echo "no route to https://packages.example/simple/one/" && exit 1')
    # The other ways, by pip, fail at once as well: it may look nowhere.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)

    with pytest.raises(Refusal, match=r"could not be installed:\n(.*\n)*.*one==1") as refusal:
        checkout.environment.prepare("run")
    assert "://" not in str(refusal.value)
    assert not (checkout.folder / ".venv" / "sitebell.json").exists()
    assert (checkout.folder / ".venv.lock").read_text() == bootstrap.UNFINISHED


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("Failed to fetch `https://packages.example/simple/one/`", "Failed to fetch `<address>`"),
        ("HTTPSConnectionPool(host='packages.example', port=443)", "HTTPSConnectionPool(host=<address>, port=443)"),
        ("one==1.0 has no wheel for this platform", "one==1.0 has no wheel for this platform"),
    ],
)
def test_addresses_of_package_hosts_are_not_shown(printed, shown):
    assert without_addresses(printed) == shown


def test_a_python_without_venv_gets_the_one_command_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(Refusal, match=r"type: sudo apt-get install python3\.\d+-venv$"):
        need_venv()


def test_a_python_that_is_too_old_can_still_read_why():
    ast.parse((CHECKOUT / "app" / "bootstrap.py").read_text(), feature_version=(3, 6))

    assert "Sitebell needs Python 3.11 or newer, this is 3.9;" in (too_old((3, 9)) or "")
    assert too_old((3, 11)) is None


def test_an_unknown_command_is_answered_with_the_known_ones():
    ended = subprocess.run(
        [sys.executable, CHECKOUT / "app" / "bootstrap.py", "fly"], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (64, "")
    assert ended.stderr.endswith("run|test|check|bench|soak|pictures|lock\n")


@pytest.mark.parametrize("command", bootstrap.COMMANDS)
def test_make_knows_every_command_and_passes_words_on(command):
    make = ["make", "--dry-run", "--no-print-directory", command, "PYTHON=python3.12", "ARGUMENTS=-x --why"]
    shown = subprocess.run(make, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout

    assert shown == f"python3.12 app/bootstrap.py {command} -x --why\n"


def test_a_folder_that_cannot_be_written_is_named_in_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "CHECKOUT", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv.lock").mkdir()
    code = bootstrap.main(["run"])

    assert code == bootstrap.EXIT_UNAVAILABLE
    assert capsys.readouterr().err == f"sitebell: {tmp_path / '.venv.lock'} cannot be used: Is a directory.\n"


def test_uv_is_installed_by_its_own_pin_and_hashes():
    lock = "one==1 \\\n    --hash=sha256:11\nuv==2 \\\n    --hash=sha256:22 \\\n    --hash=sha256:33\nuvicorn==4\n"

    assert pin_of("uv", lock) == "uv==2 \\\n    --hash=sha256:22 \\\n    --hash=sha256:33\n"
