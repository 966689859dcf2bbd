"""The opened records: `begin` to write, `read` to read. Both are context managers around one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records.deployments import Deployment, read_deployment
from records.engines import WRITING, check_postgresql, is_sqlite, postgresql_engine, sqlcipher_engine, sqlite_path
from records.errors import NoDatabase, OtherDeployment
from records.key_providers import KeyProvider
from records.keys import DataKeys, read_data_keys, read_file_key
from records.migrations import require_head
from records.transaction import Tx

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"


class Records:
    """The encrypted database of one deployment. Opened by `open_records`; safe to share between threads."""

    def __init__(self, engine: sa.Engine, *, deployment: Deployment, keys: DataKeys, provider: KeyProvider) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITING: True})
        self._reading = engine
        if engine.dialect.name == POSTGRESQL:
            # One snapshot for all queries of a page; both settings ride on BEGIN and cost no round trip.
            self._reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._keys = keys
        self._stale = False
        self._provider = provider
        self.deployment_id: UUID = deployment.id
        self.demo = deployment.demo
        self.dialect = engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A transaction that writes: commits when the block ends, rolls back when it raises."""
        with self._writing.begin() as connection:
            tx = self._transaction(connection, writes=True)
            yield tx
            tx.finish()
        self._adopt(tx)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads, all of one snapshot."""
        with self._reading.connect() as connection, connection.begin() as transaction:
            if self.dialect == SQLITE:
                connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                tx = self._transaction(connection, writes=False)
                yield tx
            finally:
                if self.dialect == SQLITE:
                    connection.exec_driver_sql("PRAGMA query_only = OFF")
                transaction.rollback()
        self._adopt(tx)

    @contextmanager
    def rehearse(self) -> Iterator["Records"]:
        """The same records in one transaction of which nothing is kept: what would happen, seen by nobody else.

        Whoever writes elsewhere waits until it is over, so it has to be short. It leaves no audit entries either.
        """
        with self._writing.connect() as connection, connection.begin() as transaction:
            try:
                yield _Rehearsal(
                    connection, deployment=read_deployment(connection), keys=self._keys, provider=self._provider
                )
            finally:
                transaction.rollback()

    def close(self) -> None:
        self._engine.dispose()

    def _transaction(self, connection: sa.Connection, *, writes: bool) -> Tx:
        if self._stale:
            self._keys = read_data_keys(connection, self._provider)
            self._stale = False
        return Tx(connection, deployment_id=self.deployment_id, keys=self._keys, provider=self._provider, writes=writes)

    def _adopt(self, tx: Tx) -> None:
        if tx.keys.newest > self._keys.newest:
            self._keys = tx.keys
        if tx.stale_keys:
            self._stale = True


class _Rehearsal(Records):
    """Transactions that see each other and end without a commit."""

    def __init__(
        self, connection: sa.Connection, *, deployment: Deployment, keys: DataKeys, provider: KeyProvider
    ) -> None:
        super().__init__(connection.engine, deployment=deployment, keys=keys, provider=provider)
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        tx = self._transaction(self._connection, writes=True)
        yield tx
        self._adopt(tx)

    read = begin


def open_records(url: str, *, keys: KeyProvider, data_dir: Path, demo: bool | None = None) -> Records:
    """Open the records, or say in one sentence why not. Nothing is written.

    `url` is `sqlite:///PATH` (always SQLCipher) or `postgresql://...`; `demo` None takes either kind of deployment.

    Raises:
        NoDatabase, NewerDatabase, OlderDatabase: `sitebell migrate`, or a newer Sitebell, comes first.
        MissingKey, WrongKey, UnsafeKey: the key.
        NotDurable, Unreachable: the engine.
        OtherDeployment: the demo's database for real work, or the other way round.
    """
    engine = open_engine(url, keys=keys, data_dir=data_dir)
    try:
        with engine.connect() as connection:
            require_head(connection)
            deployment = read_deployment(connection)
            _require_demo(deployment, wanted=demo)
            data_keys = read_data_keys(connection, keys)
    except BaseException:
        engine.dispose()
        raise
    return Records(engine, deployment=deployment, keys=data_keys, provider=keys)


_OTHER: Final = {
    True: "This database belongs to the demo, and the demo can never meet Telegram itself; use another database.",
    False: "This database is not the demo's, and the demo may not touch it; use another data folder for the demo.",
}


def _require_demo(deployment: Deployment, *, wanted: bool | None) -> None:
    if wanted is not None and wanted != deployment.demo:
        raise OtherDeployment(_OTHER[deployment.demo])


def open_engine(url: str, *, keys: KeyProvider, data_dir: Path, pooled: bool = True, begins: bool = True) -> sa.Engine:
    """The engine behind this address, checked, before anything is known of what the database holds.

    `begins` False: as `sqlcipher_engine`.

    Raises:
        NoDatabase, MissingKey, WrongKey, UnsafeKey, NotDurable, Unreachable
    """
    keys.current()  # a key that is missing or unsafe is said first, whatever else is wrong
    if is_sqlite(url):
        path = sqlite_path(url, data_dir=data_dir)
        if not path.exists():
            raise NoDatabase(f"There is no database {path} yet; `sitebell migrate` makes it.")
        return sqlcipher_engine(path, read_file_key(path, keys), pooled=pooled, begins=begins)
    engine = postgresql_engine(url, pooled=pooled)
    check_postgresql(engine)
    return engine
