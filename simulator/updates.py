"""The queue of updates: what the bot has not confirmed yet, and for how long Telegram keeps it."""

import json
import sqlite3
from typing import Any

from simulator.clock import Clock, iso
from simulator.database import MAX_ROW_ID, Database
from simulator.errors import ImpossibleAction, bad_request
from simulator.journal import Journal

MESSAGE_LIFETIME_S = 24 * 3600
PRESS_LIFETIME_S = 150
# Telegram takes an offset only a little beyond the newest update; anything further starts at the oldest again.
OFFSET_TOLERANCE = 10
FIRST_UPDATE_ID = 350_000_001

# Every kind of update of the Bot API, and whether a bot gets it that never named it.
UPDATE_KINDS = {
    "message": True,
    "edited_message": True,
    "channel_post": True,
    "edited_channel_post": True,
    "business_connection": True,
    "business_message": True,
    "edited_business_message": True,
    "deleted_business_messages": True,
    "message_reaction": False,
    "message_reaction_count": False,
    "inline_query": True,
    "chosen_inline_result": True,
    "callback_query": True,
    "shipping_query": True,
    "pre_checkout_query": True,
    "purchased_paid_media": True,
    "poll": True,
    "poll_answer": True,
    "my_chat_member": True,
    "chat_member": False,
    "chat_join_request": True,
    "chat_boost": True,
    "removed_chat_boost": True,
    "guest_message": True,
    "managed_bot": True,
}
DEFAULT_KINDS = frozenset(kind for kind, by_default in UPDATE_KINDS.items() if by_default)


class Updates:
    def __init__(self, database: Database, clock: Clock, journal: Journal) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal

    def allowed(self) -> frozenset[str]:
        kept = self._database.setting("allowed_updates")
        return DEFAULT_KINDS if kept is None else frozenset(json.loads(kept))

    def allow(self, kinds: list[str]) -> None:
        """Which kinds are made from now on; it stays so until changed. An empty list means the default kinds.

        Raises:
            Refused: 400 for a kind that the Bot API does not know.
        """
        unknown = sorted(set(kinds) - set(UPDATE_KINDS))
        if unknown:
            raise bad_request(f"unknown kinds of update in allowed_updates: {', '.join(unknown)}")
        chosen = frozenset(kinds) or DEFAULT_KINDS
        if chosen != self.allowed():
            self._database.set_setting("allowed_updates", json.dumps(sorted(chosen)))

    def add(self, kind: str, body: dict[str, Any]) -> int | None:
        """Queue one update; its id, or None when the bot did not ask for this kind."""
        if kind not in self.allowed():
            return None
        lifetime_s = PRESS_LIFETIME_S if kind == "callback_query" else MESSAGE_LIFETIME_S
        return self._queue(kind, {kind: body}, lifetime_s)

    def inject(self, raw: dict[str, Any]) -> int:
        """Queue an update exactly as given, however broken; an update_id is added when it has none."""
        kind = next((name for name in raw if name != "update_id"), "unknown")
        given = raw.get("update_id")
        if given is not None and (type(given) is not int or not 0 < given < 2**53):
            raise ImpossibleAction("an update_id is a whole number between 1 and 2^53")
        return self._queue(kind, raw, MESSAGE_LIFETIME_S, update_id=given)

    def _queue(self, kind: str, body: dict[str, Any], lifetime_s: float, *, update_id: int | None = None) -> int:
        now = self._clock.now()
        chosen = self._next_id() if update_id is None else update_id
        self._database.insert(
            "INSERT INTO pending_update (update_id, kind, body, made_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            chosen,
            kind,
            json.dumps({"update_id": chosen, **body}, ensure_ascii=False),
            now,
            now + lifetime_s,
        )
        self._journal.add("update made", update_id=chosen, kind=kind)
        return chosen

    def _next_id(self) -> int:
        found = self._database.row("SELECT max(update_id) AS id FROM pending_update")
        return max(FIRST_UPDATE_ID, (found["id"] or 0) + 1 if found else 0)

    def repeat(self, update_id: int, *, under_new_id: bool) -> int:
        """Queue an earlier update once more, under its own id (handed out whatever the offset) or a new one."""
        row = self._database.row(
            "SELECT * FROM pending_update WHERE update_id = ? ORDER BY position DESC LIMIT 1", update_id
        )
        if row is None:
            raise ImpossibleAction(f"there was no update {update_id}")
        body = {name: value for name, value in json.loads(row["body"]).items() if name != "update_id"}
        lifetime_s = row["expires_at"] - row["made_at"]
        if under_new_id:
            return self._queue(row["kind"], body, lifetime_s)
        self._queue(row["kind"], body, lifetime_s, update_id=update_id)
        self._database.write(
            "UPDATE pending_update SET replayed = 1 WHERE position ="
            " (SELECT max(position) FROM pending_update WHERE update_id = ?)",
            update_id,
        )
        return update_id

    def expire(self) -> None:
        """Forget what Telegram would have forgotten by now."""
        now = self._clock.now()
        gone = self._database.write(
            "UPDATE pending_update SET state = 'expired', ended_at = ? WHERE state = 'pending' AND expires_at <= ?",
            now,
            now,
        )
        if gone:
            self._journal.add("updates expired", count=gone)

    def confirm(self, offset: int) -> None:
        """Forget as a getUpdates with this offset does: below a positive one, all but the last ones for a negative."""
        if offset > 0 and offset <= self._next_id() + OFFSET_TOLERANCE:
            below, state = offset, "confirmed"
        elif offset < 0:
            kept = self._database.rows(
                "SELECT update_id FROM pending_update WHERE state = 'pending' ORDER BY update_id DESC LIMIT ?", -offset
            )
            below, state = (kept[-1]["update_id"], "forgotten") if kept else (0, "forgotten")
        else:
            return
        ended = self._database.write(
            "UPDATE pending_update SET state = ?, ended_at = ? WHERE state = 'pending' AND update_id < ?"
            " AND (replayed = 0 OR handed_out > 0)",
            state,
            self._clock.now(),
            below,
        )
        if ended:
            self._journal.add(f"updates {state}", below=below, count=ended)

    def take(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """The oldest pending updates from the offset on; they stay until confirmed."""
        first = offset if 0 < offset <= self._next_id() + OFFSET_TOLERANCE else 0
        rows = self._database.rows(
            "SELECT * FROM pending_update WHERE state = 'pending' AND (update_id >= ? OR replayed = 1)"
            " ORDER BY update_id, position LIMIT ?",
            first,
            limit,
        )
        if rows:
            self._database.write(
                "UPDATE pending_update SET handed_out = handed_out + 1,"
                " first_handed_out_at = coalesce(first_handed_out_at, ?)"
                " WHERE position IN (SELECT value FROM json_each(?))",
                self._clock.now(),
                json.dumps([row["position"] for row in rows]),
            )
        return [json.loads(row["body"]) for row in rows]

    def pending(self) -> int:
        found = self._database.row("SELECT count(*) AS n FROM pending_update WHERE state = 'pending'")
        return 0 if found is None else int(found["n"])

    def forget_all(self) -> None:
        self._database.write(
            "UPDATE pending_update SET state = 'forgotten', ended_at = ? WHERE state = 'pending'", self._clock.now()
        )
        self._journal.add("updates forgotten", below=MAX_ROW_ID)

    def was_confirmed(self, update_id: int | None) -> bool:
        if update_id is None:
            return False
        row = self._database.row(
            "SELECT 1 FROM pending_update WHERE update_id = ? AND state = 'confirmed' LIMIT 1", update_id
        )
        return row is not None

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        """Every update ever made, in order, and what became of it."""
        rows = self._database.rows("SELECT * FROM pending_update WHERE position > ? ORDER BY position", after)
        return [_history_line(row) for row in rows]


def _history_line(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "position": row["position"],
        "update_id": row["update_id"],
        "kind": row["kind"],
        "body": json.loads(row["body"]),
        "made_at": iso(row["made_at"]),
        "handed_out": row["handed_out"],
        "first_handed_out_at": None if row["first_handed_out_at"] is None else iso(row["first_handed_out_at"]),
        "state": row["state"],
        "ended_at": None if row["ended_at"] is None else iso(row["ended_at"]),
    }
