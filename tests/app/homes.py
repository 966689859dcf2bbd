"""A person at a terminal: an environment of their own, and what a command printed."""

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import main
from office.inviting import invite
from office.studies import import_study
from records.database import Records
from records.schema import metadata
from scheduler.clock import SystemClock
from tests.databases import Place
from tests.released import release_everywhere
from trial.people import Role

CHECKOUT = Path(__file__).resolve().parents[2]
DREAM = CHECKOUT / "studies" / "dream.yaml"
MANAGER = "Manager A"


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it printed and said beside."""

    code: int
    out: str
    err: str

    @property
    def everything(self) -> str:
        return self.out + self.err


class Home:
    """An empty home and working folder. `set` sets a setting, calling it runs `sitebell` with these words."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.key = folder / "keys" / "key"
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in [name for name in os.environ if name.startswith("SITEBELL_")]:
            monkeypatch.delenv(name)
        monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.chdir(folder)
        self.set(DATA_DIR=str(self.data), KEY_FILE=str(self.key))

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(f"SITEBELL_{name}", value)

    def unset(self, *settings: str) -> None:
        for name in settings:
            self._monkeypatch.delenv(f"SITEBELL_{name}")

    def furnish(self, place: Place) -> None:
        """This database is the home's, and its key lies where keys lie."""
        self.data = place.data_dir
        self.set(DATA_DIR=str(place.data_dir))
        self.write_key(place.keys.text)

    def write_key(self, text: str) -> None:
        self.key.parent.mkdir(exist_ok=True)
        self.key.touch(mode=0o600)
        self.key.write_text(text)

    def __call__(self, *words: str) -> Said:
        self._monkeypatch.setattr(sys, "argv", ["sitebell", *words])
        self._capsys.readouterr()
        code = 0
        try:
            main.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        told = self._capsys.readouterr()
        return Said(code, told.out, told.err)

    def files(self) -> dict[str, str]:
        """Every file and folder, with what is in it and who may use it."""
        return {
            str(path.relative_to(self.folder)): f"{path.stat().st_mode:o} "
            + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder")
            for path in sorted(self.folder.rglob("*"))
        }


def take_in_dream(records: Records) -> None:
    """DREAM, and the manager who answers for what stands in the chats of its sites."""
    clock = SystemClock()
    times = {"now": clock.now(), "elapsed": clock.elapsed()}
    import_study(records, DREAM, by=None, **times)
    invite(records, study_code=None, site_number=None, role=Role.MANAGER, name=MANAGER, language="en", by=None, **times)


def in_use(place: Place) -> None:
    """The newest version is in use at every site, as it is long after its release."""
    with place.opened() as records:
        release_everywhere(records, now=SystemClock().now())


def contents(records: Records) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with records.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.connection.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }
