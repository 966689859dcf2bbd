"""A demo whose year was lived, once for all workers of a test run: where it lies, and how to take it elsewhere."""

import fcntl
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.demo_history import PAST, make_history
from records.database import Records, open_records
from records.key_providers import KeyText, key_file_text, new_key_text
from scheduler.clock import FixedClock
from trial.moments import instant, use_pinned_zones

ENDS = instant(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
URL = "sqlite:///sitebell.db"
ONE_YEAR = "one year of the demo"
"""Its tests run in one worker: in any other they would wait for the year, and do nothing meanwhile."""
LIVING_MAX_S = 900
"""Whoever comes first lives it, and the others wait, on however busy a machine."""


@dataclass(frozen=True, slots=True)
class LivedDemo:
    """`days`: those that were told while it was lived."""

    data: Path
    keys: KeyText
    days: list[date]

    def past(self) -> dict[str, Any]:
        """The chats, as they are handed over."""
        return dict(json.loads((self.data / PAST).read_text(encoding="utf-8")))

    def open(self) -> Records:
        return open_records(URL, keys=self.keys, data_dir=self.data, demo=True)

    def copied_to(self, data: Path) -> "LivedDemo":
        """The same in another data folder, to be opened and changed. The run's own is opened by nobody."""
        shutil.copytree(self.data, data)
        return LivedDemo(data, self.keys, self.days)

    def write_key(self, path: Path) -> None:
        """The key where a demo has it."""
        path.touch(mode=0o600)
        path.write_text(key_file_text([self.keys.text]))


def lived_for_run(folder: Path) -> LivedDemo:
    """The run's lived year: the first worker that asks lives it, the others wait and share it.

    `folder` is the run's, which all its workers know.
    """
    data, note = folder / "lived-demo", folder / "lived-demo.json"
    with (folder / "lived-demo.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            shutil.rmtree(data, ignore_errors=True)
            _live(data, note)
        noted = json.loads(note.read_text())
    return LivedDemo(data, KeyText(noted["key"], source="the test"), [date.fromisoformat(day) for day in noted["days"]])


def _live(data: Path, note: Path) -> None:
    use_pinned_zones()
    keys, days = new_key_text(), list[date]()
    make_history(URL, keys=KeyText(keys, source="the test"), data_dir=data, clock=FixedClock(ENDS), lived=days.append)
    whole = note.with_suffix(".part")
    whole.touch(0o600)
    whole.write_text(json.dumps({"key": keys, "days": [day.isoformat() for day in days]}))
    whole.replace(note)
