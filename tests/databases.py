"""A migrated, empty database of each engine for every test that asks for `records`.

Each engine is migrated once a run; a test gets a copy of the file, or the one PostgreSQL database emptied. `records` runs a test on both engines, `sqlcipher` and
`postgresql` say which; `opened` opens the same database a second time, as another process would.
"""

import shutil
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from records.database import Records, open_records
from records.key_providers import KeyText, new_key_text
from records.keys import file_key_path
from records.migrations import upgrade
from records.schema import metadata
from tests.postgresql import Server

SET_UP = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A database and what it takes to open it."""

    url: str
    keys: KeyText
    data_dir: Path

    def open(self, *, demo: bool | None = None) -> Records:
        records = open_records(self.url, keys=self.keys, data_dir=self.data_dir, demo=demo)
        compile_once(records)
        return records

    @contextmanager
    def opened(self) -> Iterator[Records]:
        records = self.open()
        try:
            yield records
        finally:
            records.close()

    @property
    def path(self) -> Path:
        """The SQLCipher file."""
        return Path(self.url.removeprefix("sqlite:///"))


_COMPILED: dict[str, tuple[sa.Dialect, MutableMapping[Any, Any]]] = {}


def compile_once(records: Records) -> None:
    """Statements that any database of this process has compiled serve these records as well, as they serve a service for
    as long as it runs: a test would spend a tenth of its time on compiling its own.
    """
    for engine in (records._engine, records._writing, records._reading):
        dialect, compiled = _COMPILED.setdefault(records.dialect, (engine.dialect, engine._compiled_cache))
        engine.dialect, engine._compiled_cache = dialect, compiled


@pytest.fixture(scope="session")
def key_text() -> KeyText:
    """The key-encrypting key of every database of this run."""
    return KeyText(new_key_text(), source="the test")


@pytest.fixture(scope="session")
def migrated_sqlcipher(tmp_path_factory: pytest.TempPathFactory, key_text: KeyText) -> Place:
    folder = tmp_path_factory.mktemp("migrated")
    place = Place(f"sqlite:///{folder / 'sitebell.db'}", key_text, folder)
    upgrade(place.url, keys=key_text, data_dir=folder, demo=False, now=SET_UP)
    return place


@pytest.fixture(scope="session")
def migrated_postgresql(
    postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory, key_text: KeyText
) -> Iterator[Place]:
    with postgresql_server.database() as url:
        place = Place(url, key_text, tmp_path_factory.mktemp("data"))
        upgrade(url, keys=key_text, data_dir=place.data_dir, demo=False, now=SET_UP)
        with psycopg.connect(url) as connection:
            connection.execute(KEEP)
        yield place


# A copy of a PostgreSQL database takes half a second, emptying its tables some milliseconds.
FOUNDED = ("deployment", "data_key", "audit_head")
KEEP = "CREATE SCHEMA kept;" + "".join(f"CREATE TABLE kept.{name} AS SELECT * FROM {name};" for name in FOUNDED)  # noqa: S608 - names of our own tables
EMPTY = "".join(f"DELETE FROM {table.name};" for table in reversed(metadata.sorted_tables))  # noqa: S608 - names of our own tables
FOUND = "".join(f"INSERT INTO {name} SELECT * FROM kept.{name};" for name in FOUNDED)  # noqa: S608 - names of our own tables
ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();"


@pytest.fixture
def sqlcipher_place(migrated_sqlcipher: Place, tmp_path: Path) -> Place:
    """A migrated SQLCipher file."""
    path = tmp_path / "data" / "sitebell.db"
    path.parent.mkdir()
    shutil.copy(migrated_sqlcipher.path, path)
    shutil.copy(file_key_path(migrated_sqlcipher.path), file_key_path(path))
    return Place(f"sqlite:///{path}", migrated_sqlcipher.keys, path.parent)


@pytest.fixture
def postgresql_place(migrated_postgresql: Place, tmp_path: Path) -> Place:
    """A migrated PostgreSQL database, as empty as a new one."""
    with psycopg.connect(migrated_postgresql.url) as connection:
        connection.execute(ALONE)
        connection.execute(EMPTY + FOUND)
    return Place(migrated_postgresql.url, migrated_postgresql.keys, tmp_path)


@pytest.fixture(params=["sqlcipher", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """A migrated database, on each engine in turn."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
def opened(place: Place) -> Iterator[Callable[[], Records]]:
    """Opens the test's database once more."""
    everything: list[Records] = []

    def open_again() -> Records:
        everything.append(place.open())
        return everything[-1]

    yield open_again
    for one in everything:
        one.close()


@pytest.fixture
def records(opened: Callable[[], Records]) -> Records:
    """The opened records, on each engine in turn."""
    return opened()
