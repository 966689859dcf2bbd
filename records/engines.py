"""How a connection to each of the two engines is opened, and what is refused before anything is done with it."""

import os
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.array import ListBinaryDumper
from sqlalchemy.pool import NullPool, QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from records.errors import NoDatabase, NotDurable, Unreachable, WrongKey

OLDEST_SQLITE = (3, 51, 3)  # older ones can lose a write when a WAL is reset
BUSY_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 10
POOL_SIZE = 10
PREPARED = 1024  # statements that a connection keeps prepared: more than the program has

# The connection that was used last goes out first: it holds what was prepared and read.
WARM: dict[str, Any] = {"pool_use_lifo": True}

# Execution options: a transaction begins by what it is for.
WRITING = "sitebell_writing"


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def sqlite_path(url: str, *, data_dir: Path) -> Path:
    """The file behind `sqlite:///PATH`; a relative path lies in the data folder.

    Raises:
        NoDatabase: the address names no file.
    """
    name = sa.engine.make_url(url).database
    if not name or name == ":memory:":
        raise NoDatabase("The database address names no file; use sqlite:///PATH.")
    return data_dir / name


def sqlcipher_engine(path: Path, key: bytes, *, pooled: bool = True, begins: bool = True) -> sa.Engine:
    """An engine on this encrypted file. It opens no connection yet.

    `begins` False: whoever connects begins the transaction, and no statement is held up by asking who listens.
    """

    def connect() -> Any:
        return open_sqlcipher(path, key)

    pool: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_size": POOL_SIZE, **WARM} if pooled else {"poolclass": NullPool}
    )
    engine = sa.create_engine("sqlite://", module=sqlcipher, creator=connect, hide_parameters=True, **pool)
    if begins:
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_sqlcipher(path: Path, key: bytes) -> Any:
    """A connection that keeps what it commits, checked.

    Raises:
        NoDatabase: there is no such file.
        NotDurable: this SQLite, or this file, would lose commits.
        WrongKey: the file does not open with this key.
    """
    if sqlcipher.sqlite_version_info < OLDEST_SQLITE:
        raise NotDurable(
            f"This SQLite is {sqlcipher.sqlite_version}, which can lose a write; 3.51.3 or newer is needed."
        )
    if not path.exists():
        raise NoDatabase(f"There is no database {path} yet; `sitebell migrate` makes it.")
    # No implicit BEGIN: a transaction that begins deferred and then writes fails at once when another one wrote.
    connection = sqlcipher.connect(
        os.fspath(path),
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=PREPARED,
    )
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for setting in ("temp_store = MEMORY", "trusted_schema = OFF", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {setting}")
        journal = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        _check_sqlite(connection, journal)
    except sqlcipher.DatabaseError as error:
        connection.close()
        raise _opening_error(path, error) from None
    except NotDurable:
        connection.close()
        raise
    return connection


def _check_sqlite(connection: Any, journal: str) -> None:
    if connection.execute("PRAGMA cipher_version").fetchone() is None:
        raise NotDurable("This SQLite cannot encrypt: the sqlcipher3 package was built without SQLCipher.")
    settings = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "foreign_keys")]
    if (journal, settings) != ("wal", [2, 1]):
        raise NotDurable("SQLite did not take journal_mode=WAL, synchronous=FULL and foreign_keys=ON for this file.")


def _opening_error(path: Path, error: Exception) -> Exception:
    if "not a database" in str(error):
        return WrongKey(f"The key does not open {path}, or that file is not a Sitebell database.")
    return Unreachable(f"The database {path} cannot be opened ({type(error).__name__}); check its folder and its disk.")


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get(WRITING, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")


def postgresql_engine(url: str, *, pooled: bool = True) -> sa.Engine:
    """An engine on this PostgreSQL database. It opens no connection yet."""
    pool: dict[str, Any] = (
        {"pool_size": POOL_SIZE, "max_overflow": POOL_SIZE, "pool_pre_ping": True, **WARM}
        if pooled
        else {"poolclass": NullPool}
    )
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "sitebell"},
        **pool,
    )
    sa.event.listen(engine, "connect", _send_arrays_as_they_are)
    sa.event.listen(engine, "handle_error", _leave_values_out)
    return engine


def _send_arrays_as_they_are(connection: psycopg.Connection[Any], _: object) -> None:
    """Arrays travel in binary: written out as text, sealed values take a hundred times as long."""
    connection.adapters.register_dumper(list, ListBinaryDumper)


def _leave_values_out(context: sa.engine.ExceptionContext) -> None:
    """The server quotes values in its errors ("Key (...)=(...) already exists"); ours name the rule that was broken."""
    error = context.original_exception
    if not isinstance(error, psycopg.Error):
        return
    quotes_values = (error.sqlstate or "").startswith(("22", "23"))
    told = None if quotes_values else error.diag.message_primary
    told = (
        told or f"{error.sqlstate or 'no connection'} {error.diag.table_name or ''} {error.diag.constraint_name or ''}"
    )
    error.args = (told.strip(),)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(error).__name__}) {told.strip()}",)


def check_postgresql(engine: sa.Engine) -> None:
    """Refuse a server that does not answer or does not keep what it commits.

    Raises:
        Unreachable, NotDurable: one sentence, without the address's password.
    """
    try:
        with engine.connect() as connection:
            settings = {
                name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                for name in ("synchronous_commit", "fsync")
            }
    except sa.exc.DBAPIError as error:
        place = f"{engine.url.host or 'the local socket'}, database {engine.url.database}"
        raise Unreachable(f"PostgreSQL at {place} does not answer ({type(error.orig).__name__}).") from None
    if settings["synchronous_commit"] not in {"on", "remote_apply"}:
        raise NotDurable(
            f"PostgreSQL has synchronous_commit={settings['synchronous_commit']}, so a crash loses commits; set it to on."
        )
    if settings["fsync"] != "on":
        raise NotDurable("PostgreSQL has fsync=off, so a power cut destroys the database; set it to on.")
