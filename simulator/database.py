"""The simulator's own file: people, chats, messages, keyboards, pending updates, and what happened."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = 3
MAX_ROW_ID = 2**63 - 1

SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE person (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT, username TEXT, language_code TEXT NOT NULL,
    time_zone TEXT NOT NULL, place TEXT NOT NULL DEFAULT '', note TEXT NOT NULL, invitation TEXT, started INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0, deactivated INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE chat_group (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, bot_is_member INTEGER NOT NULL, bot_sees_all INTEGER NOT NULL
) STRICT;
CREATE TABLE group_member (
    group_id INTEGER NOT NULL, person_id INTEGER NOT NULL, PRIMARY KEY (group_id, person_id)
) STRICT;
CREATE TABLE message (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, sender_id INTEGER NOT NULL,
    sent_at REAL NOT NULL, shown_at TEXT NOT NULL, text TEXT, entities TEXT NOT NULL, media TEXT,
    markup TEXT, link_preview TEXT, reply_to INTEGER, forward_origin TEXT, protected INTEGER NOT NULL,
    silent INTEGER NOT NULL, edited_at REAL, deleted_at REAL, update_id INTEGER
) STRICT;
CREATE TABLE picture (file_id TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE INDEX message_chat ON message (chat_id, message_id);
CREATE TABLE read_mark (
    person_id INTEGER NOT NULL, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, PRIMARY KEY (person_id, chat_id)
) STRICT;
CREATE TABLE pending_update (
    position INTEGER PRIMARY KEY AUTOINCREMENT, update_id INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    made_at REAL NOT NULL, expires_at REAL NOT NULL, replayed INTEGER NOT NULL DEFAULT 0,
    handed_out INTEGER NOT NULL DEFAULT 0, first_handed_out_at REAL, state TEXT NOT NULL DEFAULT 'pending', ended_at REAL
) STRICT;
CREATE INDEX pending_update_id ON pending_update (update_id);
CREATE INDEX pending_update_open ON pending_update (update_id) WHERE state = 'pending';
CREATE TABLE press (
    callback_query_id TEXT PRIMARY KEY, person_id INTEGER NOT NULL, chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL, data TEXT NOT NULL, pressed_at REAL NOT NULL, update_id INTEGER,
    answered_at REAL, text TEXT, show_alert INTEGER, url TEXT
) STRICT;
CREATE TABLE journal (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, what TEXT NOT NULL, chat_id INTEGER, message_id INTEGER,
    detail TEXT NOT NULL
) STRICT;
"""


# What each older format lacks: a demo that was begun with one of them goes on.
CHANGES = {
    1: "ALTER TABLE person ADD COLUMN place TEXT NOT NULL DEFAULT '';",
    2: "CREATE TABLE picture (file_id TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;",
}


class UnusableFile(Exception):
    """The file is not a simulator's file of this format."""


class Database:
    """One connection, used by one event loop; every statement is short."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it when it is new.

        Raises:
            UnusableFile: it cannot be opened, or holds something else or another format.
        """
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise UnusableFile(f"{path} cannot be opened: {error}") from error
        self._connection.row_factory = sqlite3.Row
        self._depth = 0
        try:
            self._prepare(path)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, path: Path) -> None:
        try:
            found = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
            tables = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if found not in {0, *CHANGES, FORMAT} or (found == 0 and tables):
                raise UnusableFile(f"{path} is not a simulator file of format {FORMAT}; choose another path")
            # A process that dies loses nothing with NORMAL; only a power cut could, and then only play data.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            if found == 0:
                self._connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}PRAGMA user_version = {FORMAT};COMMIT;")
            for before in range(found or FORMAT, FORMAT):
                change = CHANGES[before]
                self._connection.executescript(f"BEGIN IMMEDIATE;{change}PRAGMA user_version = {before + 1};COMMIT;")
        except sqlite3.DatabaseError as error:
            raise UnusableFile(f"{path} is not a simulator file: {error}") from error

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another joins it."""
        if self._depth:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        else:
            self._connection.execute("COMMIT")
        finally:
            self._depth = 0

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        found = self._connection.execute(statement, values).fetchone()
        return found if isinstance(found, sqlite3.Row) else None

    def write(self, statement: str, *values: object) -> int:
        """Carry out one change; how many rows it met."""
        return self._connection.execute(statement, values).rowcount

    def insert(self, statement: str, *values: object) -> int:
        """Add one row; its row id."""
        return self._connection.execute(statement, values).lastrowid or 0

    def setting(self, name: str) -> str | None:
        found = self.row("SELECT value FROM setting WHERE name = ?", name)
        return None if found is None else str(found["value"])

    def set_setting(self, name: str, value: str) -> None:
        self.write("INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value)
