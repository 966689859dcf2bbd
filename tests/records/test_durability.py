"""What is committed stays, or the records refuse to open."""

from datetime import timedelta

import psycopg
import pytest

from records import deployments
from records import engines as places
from records.engines import sqlite_path
from records.errors import NotDurable, OtherDeployment
from records.migrations import upgrade
from tests.databases import SET_UP, Place
from tests.records.cast import NOON


def pragma(records, name: str) -> object:
    with records.read() as tx:
        return tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_every_connection_to_the_embedded_database_keeps_what_it_commits(sqlcipher_place: Place):
    with sqlcipher_place.opened() as records:
        found = {name: pragma(records, name) for name in ("journal_mode", "synchronous", "foreign_keys", "temp_store")}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "temp_store": 2}


def test_an_sqlite_that_can_lose_a_write_is_refused(sqlcipher_place: Place, monkeypatch):
    monkeypatch.setattr(places, "OLDEST_SQLITE", (99, 0, 0))

    with pytest.raises(NotDurable, match="can lose a write"):
        sqlcipher_place.open()


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_a_postgresql_that_forgets_is_refused(postgresql_url, key_text, tmp_path, value):
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        name = connection.execute("SELECT current_database()").fetchone()[0]
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = {value}")

    with pytest.raises(NotDurable, match="synchronous_commit"):
        upgrade(postgresql_url, keys=key_text, data_dir=tmp_path, demo=False, now=SET_UP)


def test_every_file_of_the_embedded_database_is_private(key_text, tmp_path):
    place = Place(f"sqlite:///{tmp_path / 'data' / 's.db'}", key_text, tmp_path / "data")
    upgrade(place.url, keys=key_text, data_dir=place.data_dir, demo=False, now=SET_UP)
    with place.opened() as records, records.begin() as tx:
        tx.new_id()
        modes = {file.name: file.stat().st_mode & 0o777 for file in place.data_dir.iterdir()}

    assert modes == dict.fromkeys(("s.db", "s.db-wal", "s.db-shm", "s.db.key"), 0o600)


def test_a_relative_path_lies_in_the_data_folder(tmp_path):
    assert tmp_path / "a.db" == sqlite_path("sqlite:///a.db", data_dir=tmp_path)
    assert str(sqlite_path("sqlite:////srv/a.db", data_dir=tmp_path)) == "/srv/a.db"


def test_only_the_demos_clock_can_be_moved(records):
    with records.begin() as tx, pytest.raises(OtherDeployment):
        deployments.set_clock_offset(tx, timedelta(days=1), at=NOON, recorded_at=NOON)
    with records.read() as tx:
        assert timedelta(0) == deployments.clock_offset(tx)


def test_the_demos_clock_runs_forward_only(key_text, tmp_path):
    place = Place(f"sqlite:///{tmp_path / 'demo.db'}", key_text, tmp_path)
    upgrade(place.url, keys=key_text, data_dir=tmp_path, demo=True, now=SET_UP)
    with place.opened() as records:
        assert records.demo
        with records.begin() as tx:
            deployments.set_clock_offset(tx, timedelta(days=1), at=NOON, recorded_at=NOON)
        with records.begin() as tx, pytest.raises(ValueError, match="backwards"):
            deployments.set_clock_offset(tx, timedelta(hours=1), at=NOON, recorded_at=NOON)
        with records.read() as tx:
            assert timedelta(days=1) == deployments.clock_offset(tx)
