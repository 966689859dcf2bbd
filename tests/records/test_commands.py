"""The commands of the records, as an administrator types them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.main import main
from records.database import open_records
from records.key_providers import KeyFile, KeyText, new_key_text
from tests.records.cast import add_cast

CHECKOUT = Path(__file__).resolve().parents[2]
MISCONFIGURED = 78


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Machine:
    """A folder with a key and a data folder, and the settings that name them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.key = folder / "keys" / "sitebell"
        self.data = folder / "data"
        self.url = f"sqlite:///{self.data / 'sitebell.db'}"
        for name in [name for name in os.environ if name.startswith("SITEBELL_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("SITEBELL_KEY_FILE", str(self.key))
        monkeypatch.setenv("SITEBELL_DATA_DIR", str(self.data))
        monkeypatch.setenv("SITEBELL_TELEGRAM_TOKEN", "12345:nobody")

    def sitebell(self, *arguments: str | Path) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["sitebell", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *self._capsys.readouterr())

    def fill(self) -> None:
        keys = KeyFile(self.key, outside=(self.data,))
        records = open_records(self.url, keys=keys, data_dir=self.data)
        with records.begin() as tx:
            add_cast(tx)
        records.close()


@pytest.fixture
def bare(tmp_path, monkeypatch, capsys) -> Machine:
    """Nothing was done here yet."""
    return Machine(tmp_path, monkeypatch, capsys)


@pytest.fixture
def machine(bare) -> Machine:
    assert bare.sitebell("keys", "create").returncode == 0
    assert bare.sitebell("migrate").returncode == 0
    return bare


def refused(ended: Ended) -> str:
    """The one sentence on standard error."""
    assert ended.returncode not in {0, 1}, ended
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_losing_the_key_is_explained_before_there_is_one(bare):
    told = bare.sitebell("keys", "create").stdout

    assert -1 < told.index("nobody can open the database") < told.index("Created:")


def test_a_key_that_is_there_is_never_overwritten(machine):
    before = machine.key.read_bytes()

    assert "left alone" in refused(machine.sitebell("keys", "create"))
    assert before == machine.key.read_bytes()


def test_without_a_key_migrating_makes_nothing(bare):
    ended = bare.sitebell("migrate")

    assert "sitebell keys create" in refused(ended)
    assert ended.returncode == MISCONFIGURED
    assert not [path for path in bare.folder.rglob("*") if path.is_file()]


def test_a_wrong_key_is_one_sentence(machine):
    machine.key.write_text(new_key_text())

    for command in (("migrate",), ("audit", "verify"), ("keys", "rotate")):
        assert "is not the one" in refused(machine.sitebell(*command))


def test_the_log_is_checked_handed_over_and_checked_without_us(machine):
    machine.fill()
    ended = machine.sitebell("audit", "verify")
    assert (ended.returncode, ended.stdout.count("\n")) == (0, 1)
    head = ended.stdout.partition("head ")[2].partition(";")[0]
    exported = machine.folder / "log.jsonl"
    assert machine.sitebell("audit", "export", "--out", exported).returncode == 0

    assert "holds" in machine.sitebell("audit", "verify", "--export", exported, "--anchor", head).stdout
    alone = [sys.executable, "-I", "-S", CHECKOUT / "records" / "chain.py", exported, head]
    assert subprocess.run(alone, check=False, capture_output=True).returncode == 0
    exported.write_text(exported.read_text().replace("patient.added", "patient.moved"))
    assert subprocess.run(alone, check=False, capture_output=True).returncode == 1
    assert machine.sitebell("audit", "verify", "--export", exported).returncode == 1


def test_keys_are_rotated_and_the_log_holds(machine):
    machine.fill()
    before = machine.key.read_text()
    ended = machine.sitebell("keys", "rotate", "--data")

    assert ended.returncode == 0, ended.stderr
    assert "still under a former key: 0" in ended.stdout
    assert KeyText(before).current() != KeyFile(machine.key, outside=()).current()
    assert machine.sitebell("audit", "verify").returncode == 0


def test_postgresql_is_migrated_by_the_same_command(bare, postgresql_url, monkeypatch):
    monkeypatch.setenv("SITEBELL_DATABASE_URL", postgresql_url)
    bare.sitebell("keys", "create")

    assert "was made" in bare.sitebell("migrate").stdout
    assert "nothing was changed" in bare.sitebell("migrate").stdout
    assert bare.sitebell("audit", "verify").returncode == 0
