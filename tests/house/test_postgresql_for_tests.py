"""The PostgreSQL that the other tests stand on."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import Server, begin_run, server_for_run


def test_each_test_gets_an_empty_database_of_its_own(postgresql_server):
    with postgresql_server.database() as one, postgresql_server.database() as two:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE bell (id int)")
        with psycopg.connect(two) as connection:
            tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert one != two
    assert tables == (0,)


def test_a_database_is_copied_from_a_filled_one(postgresql_server):
    with postgresql_server.database() as filled:
        with psycopg.connect(filled) as connection:
            connection.execute("CREATE TABLE bell AS SELECT 7 AS id")
        with (
            postgresql_server.database(template=filled.rsplit("/", 1)[1]) as copy,
            psycopg.connect(copy) as connection,
        ):
            row = connection.execute("SELECT id FROM bell").fetchone()

    assert row == (7,)


def test_a_database_is_dropped_even_while_somebody_holds_it_open(postgresql_server):
    with postgresql_server.database() as url:
        holder = psycopg.connect(url)
    with psycopg.connect(postgresql_server.url) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname = %s", [url.rsplit("/", 1)[1]]
        ).fetchone()
    holder.close()

    assert left == (0,)


def test_the_test_server_commits_as_a_real_one_does(postgresql_url):
    with psycopg.connect(postgresql_url) as connection:
        kept = {name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")}

    assert kept == {"fsync": ("on",), "synchronous_commit": ("on",)}


def test_a_given_server_keeps_its_parameters_in_every_url():
    server = Server("postgresql://someone:word@db.example:5433/postgres?sslmode=require")

    assert server.url_of("one") == "postgresql://someone:word@db.example:5433/one?sslmode=require"


def test_a_given_server_without_a_database_name_still_gets_one():
    server = Server("postgresql://someone@db.example")

    assert server.url_of("one") == "postgresql://someone@db.example/one"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not pytest's own, which the unprivileged user of a server could not walk through."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.usefixtures("postgresql_server")
def test_the_server_of_a_killed_run_is_stopped_by_the_next_run(open_folder):
    killed = begin_run(open_folder)
    server = server_for_run(killed.folder, {"PATH": os.environ["PATH"]})
    # A lock is all that a killed process takes with it.
    killed.owned.close()
    begin_run(open_folder).end()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)
    assert list(open_folder.iterdir()) == []


def test_the_folder_of_a_living_run_is_left_alone(open_folder):
    living = begin_run(open_folder)
    begin_run(open_folder).end()
    left = list(open_folder.iterdir())
    living.end()

    assert left == [living.folder]
