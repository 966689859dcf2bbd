"""A demo whose year was lived: where it lies, and how to take it elsewhere."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.demo_history import PAST
from records.database import Records, open_records
from records.key_providers import KeyText, key_file_text

ENDS = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
URL = "sqlite:///sitebell.db"
ONE_YEAR = "one year of the demo"
"""Its tests run in one worker, so that it is lived once."""
LIVING_MAX_S = 900
"""Whoever comes first waits until it was lived, on however busy a machine."""


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
        """The same in another data folder."""
        shutil.copytree(self.data, data)
        return LivedDemo(data, self.keys, self.days)

    def write_key(self, path: Path) -> None:
        """The key where a demo has it."""
        path.touch(mode=0o600)
        path.write_text(key_file_text([self.keys.text]))
