"""Making and changing the database: all or nothing, with a copy before, on both engines.

SQLite changes a table by rebuilding it. With foreign keys on, dropping the old table would delete its children's rows,
and with the driver's own transactions a failure half-way would leave half of it standing. So foreign keys are off, one
BEGIN IMMEDIATE holds everything, and `foreign_key_check` has the last word before the commit.
"""

import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from alembic import command
from records import chain
from records.backups import back_up
from records.engines import (
    WRITING,
    check_postgresql,
    is_sqlite,
    postgresql_engine,
    sqlcipher_engine,
    sqlite_path,
)
from records.errors import FailedMigration, NewerDatabase, NoDatabase, OlderDatabase, OtherDeployment, RecordsError
from records.key_providers import KeyProvider
from records.keys import (
    DEPLOYMENT,
    INDEX,
    create_file_key,
    make_data_key,
    read_data_keys,
    read_file_key,
    store_data_keys,
)
from records.schema import audit_head, deployment
from records.transaction import HEAD

SCRIPTS: Final = Path(__file__).resolve().parent.parent / "alembic"
VERSIONS: Final = SCRIPTS / "versions"
BACKUPS: Final = "backups"
_MIGRATION_LOCK: Final = 0x5174_6562_656C_6C01  # any number, as long as it is ours alone

_REVISION = sa.text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did. `before` is None where the database was made; `backup` is None where nothing was there."""

    before: str | None
    after: str
    backup: Path | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def upgrade(
    url: str,
    *,
    keys: KeyProvider,
    data_dir: Path,
    demo: bool | None,
    now: datetime,
    versions: Sequence[Path] = (VERSIONS,),
) -> Migrated:
    """Bring the database to this Sitebell's revision; make it where there is none.

    `now` is elapsed time; `demo` marks a database that is made now and must fit one that is there already; None takes
    what is there, and makes one for real work.

    Raises:
        FailedMigration: nothing was changed.
        FailedBackup: the copy before the migration could not be made; nothing was changed.
        NewerDatabase: made by a newer Sitebell; nothing was changed.
        MissingKey, WrongKey, UnsafeKey, NotDurable, Unreachable, OtherDeployment
    """
    keys.current()  # before anything is made
    config = _config(versions)
    if not is_sqlite(url):
        engine = postgresql_engine(url, pooled=False)
        check_postgresql(engine)
        return _upgrade(engine, config, keys=keys, demo=demo, now=now, backup=None)
    path = sqlite_path(url, data_dir=data_dir)
    is_new = not path.exists() or path.stat().st_size == 0
    key = _make_file(path, keys) if is_new else read_file_key(path, keys)
    engine = sqlcipher_engine(path, key, pooled=False)
    sa.event.listen(engine, "connect", _foreign_keys_off)
    # An empty file that a failure leaves behind is filled the next time. It is never removed: by then it may be full.
    copy = None if is_new else _copy_before(engine, config, path, key, data_dir=data_dir)
    return _upgrade(engine, config, keys=keys, demo=demo, now=now, backup=copy)


def head_revision(versions: Sequence[Path] = (VERSIONS,)) -> str:
    """The revision that this Sitebell needs."""
    return _head(_config(versions))


def current_revision(connection: sa.Connection) -> str | None:
    """The revision of this database, or None if it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(_REVISION)
    return revision


def require_head(connection: sa.Connection) -> None:
    """Refuse a database of any other revision.

    Raises:
        NoDatabase, NewerDatabase, OlderDatabase
    """
    current = current_revision(connection)
    if current is None:
        raise NoDatabase("The database is empty; `sitebell migrate` fills it.")
    needed = _needed()
    if current != needed:
        _refuse_newer(_config((VERSIONS,)), current)
        raise OlderDatabase(f"The database is at revision {current} and needs {needed}; run `sitebell migrate`.")


@lru_cache(maxsize=1)
def _needed() -> str:
    """The newest of this program's own revisions, which stay the same while it runs: to find it, each script is read."""
    return head_revision()


def _upgrade(
    engine: sa.Engine, config: Config, *, keys: KeyProvider, demo: bool | None, now: datetime, backup: Path | None
) -> Migrated:
    target = _head(config)
    before: str | None = None
    try:
        with _migrating(engine) as connection:
            before = current_revision(connection)
            if before is not None:
                _refuse_newer(config, before)
                read_data_keys(connection, keys)
            if before != target:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            if before is None:
                _found(connection, keys=keys, demo=demo, now=now)
            _check_deployment(connection, demo=demo)
            _check_foreign_keys(connection)
    except RecordsError:
        raise
    except Exception as error:
        kept = f"the database is as it was at {before}" if before is not None else "the database is still empty"
        raise FailedMigration(
            f"The migration to {target} failed ({type(error).__name__}) and nothing was changed: {kept}."
        ) from error
    finally:
        engine.dispose()
    return Migrated(before=before, after=target, backup=backup)


@contextmanager
def _migrating(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction around everything; two migrations at once wait for each other."""
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        yield connection


def _found(connection: sa.Connection, *, keys: KeyProvider, demo: bool | None, now: datetime) -> None:
    """A new deployment: who it is, its first keys, the beginning of its audit chain."""
    deployment_id = uuid.uuid4()
    connection.execute(deployment.insert().values(id=deployment_id, demo=bool(demo), created_at=now))
    first = make_data_key(DEPLOYMENT, after=0, provider=keys)
    second = make_data_key(INDEX, after=first.id, provider=keys)
    store_data_keys(connection, [first, second], created_at=now)
    start = chain.genesis(deployment_id.bytes)
    connection.execute(audit_head.insert().values(id=HEAD, sequence=start.sequence, hash=start.hash))


def _check_deployment(connection: sa.Connection, *, demo: bool | None) -> None:
    if demo is not None and connection.scalar(sa.select(deployment.c.demo)) != demo:
        kind = "is not the demo's" if demo else "belongs to the demo"
        raise OtherDeployment(f"This database {kind}; use another data folder or another database.")


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if broken:
        raise FailedMigration(
            f"The migration would leave rows without what they refer to, in {', '.join(sorted(broken))}; nothing was changed."
        )


def _copy_before(engine: sa.Engine, config: Config, path: Path, key: bytes, *, data_dir: Path) -> Path | None:
    with engine.connect() as connection:
        current = current_revision(connection)
    if current is None or current == _head(config):
        return None
    _refuse_newer(config, current)
    name = f"{path.stem}-before-{_head(config)}-{secrets.token_hex(4)}{path.suffix}"
    return back_up(path, key, into=data_dir / BACKUPS / name)


def _refuse_newer(config: Config, current: str) -> None:
    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError:
        raise NewerDatabase(
            f"The database is at revision {current}, which this Sitebell does not know; start the newer Sitebell that changed it."
        ) from None


def _config(versions: Sequence[Path]) -> Config:
    config = Config()
    config.set_main_option("script_location", _literal(SCRIPTS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(_literal(folder) for folder in versions))
    return config


def _literal(path: Path) -> str:
    return str(path).replace("%", "%%")


def _head(config: Config) -> str:
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise FailedMigration("There are no migrations beside this Sitebell; the checkout is not whole.")
    return head


def _make_file(path: Path, keys: KeyProvider) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = create_file_key(path, keys)
    path.touch(mode=0o600)
    return key


def _foreign_keys_off(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
