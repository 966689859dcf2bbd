"""Copies of an SQLCipher file, each one opened and checked before anybody relies on it."""

import os
import shutil
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from records.engines import open_sqlcipher
from records.errors import FailedBackup, RecordsError
from records.keys import file_key_path


def back_up(path: Path, key: bytes, *, into: Path) -> Path:
    """A verified copy of the whole database, encrypted under the same key, with its wrapped key beside it.

    The copy gets its name only after it was opened and found whole.

    Raises:
        FailedBackup: there is no such copy; the reason is in the sentence.
    """
    unfinished = into.with_name(f"{into.name}.unfinished")
    try:
        into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # VACUUM INTO fills an empty file, so the copy is private from its first byte.
        unfinished.touch(mode=0o600, exist_ok=False)
        with closing(open_sqlcipher(path, key)) as connection:
            connection.execute("VACUUM INTO ?", (os.fspath(unfinished),))
            expected = _contents(connection)
        _check(unfinished, key, expected)
        shutil.copy(file_key_path(path), file_key_path(into))
        unfinished.replace(into)
    except (OSError, sqlcipher.Error, RecordsError) as error:
        with suppress(OSError):
            unfinished.unlink()
        raise FailedBackup(
            f"The copy of {path.name} into {into.parent} failed ({type(error).__name__}), so nothing else was done."
        ) from error
    return into


def _check(copy: Path, key: bytes, expected: object) -> None:
    with closing(open_sqlcipher(copy, key)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise FailedBackup("the copy is damaged")
        if connection.execute("PRAGMA cipher_integrity_check").fetchall():
            raise FailedBackup("a page of the copy does not open")
        if _contents(connection) != expected:
            raise FailedBackup("the copy does not hold what the database holds")
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _contents(connection: Any) -> list[tuple[str, int]]:
    """Every table with its number of rows."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    return [(name, connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names]  # noqa: S608 - names of our own tables
