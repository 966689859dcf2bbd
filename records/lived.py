"""Records that are lived before anybody opens them: a file that is written in one transaction, and put into place when whole.

Whoever dies before `commit` leaves a file that holds nothing of it. Ids are drawn from a seed, so that the same rehearsal
makes the same records: who of two is asked first may hang on them.
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.database import Records, open_engine
from records.deployments import Deployment, read_deployment
from records.key_providers import KeyProvider
from records.keys import DataKeys, file_key_path, read_data_keys
from records.lived_connection import LivedConnection
from records.sealing import Json
from records.transaction import AuditEvent, Tx

CACHE_KB: Final = 262_144
"""So much stays in memory before anything is written: more than a year of a small trial."""


_HELP: Final = (("lived_told", "reminder (visit_id, person_id)"),)
"""Indices that only whoever writes a year in one go needs; nobody finds them afterwards."""


class _LivedTx(Tx):
    """A use case's transaction: its audit entries are kept in their order, and written when everything is."""

    kept: list[AuditEvent]
    opened: dict[tuple[str, UUID, int, bytes], dict[str, Json]]

    def unseal(self, table: sa.Table, row_id: UUID, value: bytes, *, version: int = 1) -> dict[str, Json]:
        """As ever; what stands as it was opened before is not opened again."""
        sealed = (table.name, row_id, version, value)
        known = self.opened.get(sealed)
        if known is None:
            known = self.opened[sealed] = super().unseal(table, row_id, value, version=version)
        return dict(known)

    def finish(self) -> None:
        if self._new_keys:
            self._store_new_keys()
        self.kept += self._events
        self._events = []

    def write_kept(self) -> None:
        """The chain of all that was kept so far."""
        self._events, self.kept[:] = self.kept[:], []
        super().finish()


class LivedRecords(Records):
    """One connection, one transaction, and a savepoint for each that a use case begins. For one thread.

    Audit entries stand in the file from `commit` on: nothing that is lived reads them.
    """

    def __init__(
        self,
        engine: sa.Engine,
        connection: LivedConnection,
        *,
        deployment: Deployment,
        keys: DataKeys,
        provider: KeyProvider,
        seed: int,
    ) -> None:
        super().__init__(engine, deployment=deployment, keys=keys, provider=provider)
        self._connection = connection
        self._cursor = connection.connection.cursor()
        for name, columns in _HELP:
            self._cursor.execute(f"CREATE INDEX {name} ON {columns}")
        self._kept: list[AuditEvent] = []
        self._opened: dict[tuple[str, UUID, int, bytes], dict[str, Json]] = {}
        self._ids = random.Random(seed)  # noqa: S311 - ids of an invented trial, and the same ones for each seed

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A use case's transaction: undone when the block raises, seen by all that follow when it ends."""
        tx = self._transaction(self._connection, writes=True)
        # The driver's own: there are tens of thousands of them.
        self._cursor.execute("SAVEPOINT use_case")
        try:
            yield tx
            tx.finish()
        except BaseException:
            self._cursor.execute("ROLLBACK TO use_case")
            self._connection.forget()
            raise
        finally:
            self._cursor.execute("RELEASE use_case")
        self._adopt(tx)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """What has been written so far."""
        yield self._transaction(self._connection, writes=False)

    def commit(self) -> None:
        """Everything so far is kept: one file, and nothing beside it that would have to be read with it."""
        self._transaction(self._connection, writes=True).write_kept()
        for name, _ in _HELP:
            self._cursor.execute(f"DROP INDEX {name}")
        self._connection.commit()
        self._cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._connection.close()
        super().close()

    def _transaction(self, connection: sa.Connection, *, writes: bool) -> _LivedTx:
        first_id = self._ids.getrandbits(96) << 32
        tx = _LivedTx(
            connection,
            deployment_id=self.deployment_id,
            keys=self._keys,
            provider=self._provider,
            writes=writes,
            first_id=first_id,
        )
        tx.kept, tx.opened = self._kept, self._opened
        return tx


def open_lived(url: str, *, keys: KeyProvider, data_dir: Path, seed: int) -> LivedRecords:
    """A migrated SQLCipher file that was made for this, and that nobody else has opened.

    Raises:
        NoDatabase, MissingKey, WrongKey, UnsafeKey, NotDurable: as `open_records`.
    """
    engine = open_engine(url, keys=keys, data_dir=data_dir, pooled=False, begins=False)
    sa.event.listen(engine, "connect", _remember_much)
    try:
        connection = LivedConnection(engine)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        deployment, data_keys = read_deployment(connection), read_data_keys(connection, keys)
    except BaseException:
        engine.dispose()
        raise
    return LivedRecords(engine, connection, deployment=deployment, keys=data_keys, provider=keys, seed=seed)


def put_in_place(made: Path, target: Path, *, beside: Sequence[str] = ()) -> None:
    """Moves a closed file, its key, and whatever lies `beside` it to where they belong; the database last.

    Until then nobody finds a database there. One that stands there is replaced: it must hold nothing.
    """
    for leftover in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        leftover.unlink(missing_ok=True)
    for name in beside:
        (made.parent / name).replace(target.parent / name)
    file_key_path(made).replace(file_key_path(target))
    _sync(target.parent)
    made.replace(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """What a folder holds is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remember_much(connection: sa.engine.interfaces.DBAPIConnection, *_: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    cursor.close()
