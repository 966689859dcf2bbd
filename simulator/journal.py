"""Ground truth: everything that was accepted or done, in order, with real times."""

import json
from typing import Any

from simulator.changes import Changes
from simulator.clock import Clock, iso
from simulator.database import Database


class Journal:
    def __init__(self, database: Database, clock: Clock, changes: Changes) -> None:
        self._database = database
        self._clock = clock
        self._changes = changes

    def add(self, what: str, *, chat_id: int | None = None, message_id: int | None = None, **detail: Any) -> int:
        """Write one line, wake whoever waits, return its number."""
        n = self._database.insert(
            "INSERT INTO journal (at, what, chat_id, message_id, detail) VALUES (?, ?, ?, ?, ?)",
            self._clock.now(),
            what,
            chat_id,
            message_id,
            json.dumps(detail, ensure_ascii=False),
        )
        self._changes.ring()
        return n

    def last(self) -> int:
        found = self._database.row("SELECT max(n) AS n FROM journal")
        return int(found["n"] or 0) if found else 0

    def after(self, n: int, limit: int = 10_000) -> list[dict[str, Any]]:
        rows = self._database.rows("SELECT * FROM journal WHERE n > ? ORDER BY n LIMIT ?", n, limit)
        return [
            {
                "n": row["n"],
                "at": iso(row["at"]),
                "what": row["what"],
                "chat_id": row["chat_id"],
                "message_id": row["message_id"],
                **json.loads(row["detail"]),
            }
            for row in rows
        ]
