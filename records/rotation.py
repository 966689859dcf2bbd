"""Rotating keys while Sitebell runs.

A new key-encrypting key wraps the same data keys again: a few rows and one small file. New data keys seal what is
written from now on, and everything that is there is sealed again in short batches; each value names its key, so this
can be stopped and taken up again at any moment.

The key of blind indexes is never rotated, and the key of SQLCipher's pages only offline, which is not built yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from records import keys as ring
from records.database import Records
from records.engines import is_sqlite, sqlite_path
from records.errors import TamperedRecord
from records.key_providers import (
    KeyEncryptingKey,
    KeyFile,
    KeyProvider,
    new_key_text,
    read_keys,
    replace_file,
    replace_key_file,
)
from records.keys import INDEX
from records.schema import audit, data_key, metadata
from records.sealing import FORMAT
from records.transaction import Tx, entry_row

BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many wrapped keys are now under the current key-encrypting key."""

    data_keys: int
    file_keys: int


def begin_key_file_rotation(file: KeyFile) -> KeyEncryptingKey:
    """Put a new key in front of the file's key, unless an earlier rotation left two. Gives the key that is current."""
    keys = file.keys()
    if len(keys) == 1:
        fresh = read_keys(new_key_text(), source=str(file.path))[0]
        keys = (fresh, *keys)
        replace_key_file(file.path, keys)
    return keys[0]


def finish_key_file_rotation(file: KeyFile) -> None:
    """Leave only the current key in the file, once everything is wrapped under it."""
    replace_key_file(file.path, file.keys()[:1])


def rewrap(
    records: Records, url: str, *, keys: KeyProvider, data_dir: Path, now: datetime, elapsed: datetime
) -> Rewrapped:
    """Wrap every data key, and the key of the SQLCipher file, under the current key-encrypting key.

    Until this is done both keys have to be there. Can be repeated after a crash.

    Raises:
        WrongKey, MissingKey, UnsafeKey: as the provider says; nothing was changed.
    """
    current = keys.current().fingerprint
    with records.begin() as tx:
        # Whoever makes a data key waits here, and then finds the new key-encrypting key.
        tx.lock_keys()
        rows = tx.connection.execute(sa.select(data_key.c.id, data_key.c.wrapped)).all()
        outdated = [row for row in rows if not row.wrapped.startswith(current)]
        for row in outdated:
            wrapped = ring.wrap(ring.unwrap(row.wrapped, keys), keys)
            tx.connection.execute(data_key.update().where(data_key.c.id == row.id).values(wrapped=wrapped))
        if outdated:
            tx.audit(
                "keys.rewrapped",
                table=data_key,
                object_id=current.hex(),
                by=None,
                at=now,
                recorded_at=elapsed,
                after={"keys": [row.id for row in outdated]},
            )
    if not is_sqlite(url):
        return Rewrapped(data_keys=len(outdated), file_keys=0)
    return Rewrapped(data_keys=len(outdated), file_keys=_rewrap_file(sqlite_path(url, data_dir=data_dir), keys))


def replace_data_keys(records: Records, *, now: datetime, elapsed: datetime) -> int:
    """New data keys for everything but the blind index; the former ones only open from now on. Says how many."""
    with records.begin() as tx:
        tx.lock_keys()
        purposes = [purpose for purpose in tx.keys.current if purpose != INDEX]
        former = [tx.keys.current[purpose] for purpose in purposes]
        tx.connection.execute(data_key.update().where(data_key.c.id.in_(former)).values(retired_at=elapsed))
        for purpose in purposes:
            tx.new_data_key(purpose)
        tx.audit(
            "keys.replaced",
            table=data_key,
            object_id="all",
            by=None,
            at=now,
            recorded_at=elapsed,
            after={"retired": list(former)},
        )
        return len(purposes)


def reseal(records: Records, *, batch: int = BATCH) -> Iterator[int]:
    """Seal again, batch by batch, what is under a retired key; yields how many values each transaction moved.

    A row that changes meanwhile is left to whoever changed it.
    """
    for table in metadata.sorted_tables:
        if "sealed" not in table.c:
            continue
        last: object = None
        while True:
            with records.begin() as tx:
                moved, last = _reseal_batch(tx, table, after=last, batch=batch)
            if moved:
                yield moved
            if last is None:
                break


def left_under_retired_keys(tx: Tx) -> int:
    """How many sealed values still need a retired key."""
    headers = _retired_headers(tx)
    if not headers:
        return 0
    counts = (
        tx.connection.scalar(sa.select(sa.func.count()).select_from(table).where(_header_of(table).in_(headers)))
        for table in metadata.sorted_tables
        if "sealed" in table.c
    )
    return sum(count or 0 for count in counts)


def _reseal_batch(tx: Tx, table: sa.Table, *, after: object, batch: int) -> tuple[int, object]:
    headers = _retired_headers(tx)
    if not headers:
        return 0, None
    (identity,) = table.primary_key.columns
    version = table.c.version if "version" in table.c else sa.literal(1).label("version")
    statement = sa.select(identity.label("row"), version, table.c.sealed).where(_header_of(table).in_(headers))
    if after is not None:
        statement = statement.where(identity > after)
    rows = tx.connection.execute(statement.order_by(identity).limit(batch)).all()
    changes = [change for row in rows if (change := _resealed(tx, table, row)) is not None]
    if changes:
        same = sa.and_(identity == sa.bindparam("of"), table.c.sealed == sa.bindparam("old"))
        tx.connection.execute(table.update().where(same).values(sealed=sa.bindparam("new")), changes)
    return len(changes), rows[-1].row if len(rows) == batch else None


def _resealed(tx: Tx, table: sa.Table, row: sa.Row[Any, Any, Any]) -> dict[str, object] | None:
    place = entry_row(row.row) if table is audit else row.row
    try:
        value = tx.reseal(table, place, row.sealed, version=row.version)
    except TamperedRecord:
        return None  # `audit verify` reports it; it must not stop the rotation of all the others
    return {"of": row.row, "old": row.sealed, "new": value}


def _retired_headers(tx: Tx) -> list[bytes]:
    current = set(tx.keys.current.values())
    return [bytes((FORMAT,)) + key_id.to_bytes(2, "big") for key_id in tx.keys.purposes if key_id not in current]


def _header_of(table: sa.Table) -> sa.ColumnElement[bytes]:
    return sa.func.substr(table.c.sealed, 1, 3, type_=sa.LargeBinary)


def _rewrap_file(database: Path, keys: KeyProvider) -> int:
    path = ring.file_key_path(database)
    if bytes.fromhex(path.read_text().strip()).startswith(keys.current().fingerprint):
        return 0
    wrapped = ring.wrap(ring.read_file_key(database, keys), keys)
    replace_file(path, wrapped.hex().encode("ascii") + b"\n")
    return 1
