"""From the first release to the whole ladder, with rows in every table of the first, on both engines."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa

from records import audit as log
from records import outbox, reminders
from records.database import open_engine
from records.engines import WRITING
from records.keys import read_data_keys
from records.migrations import VERSIONS, upgrade
from records.outbox import NewNotice, NoticeKind
from records.schema import deployment, metadata, notice, person, reminder, site
from records.transaction import Tx
from tests.databases import SET_UP, Place
from tests.records.cast import NOON, NOW, add_cast

NAMES = UUID(int=7)  # from which the ids of the rows are made
ROWS = 3
FOUNDED = {"alembic_version", "audit", "audit_head", "data_key", "deployment"}  # not filled: the log is checked


on_each_engine = pytest.fixture(params=["sqlcipher", "postgresql"])


def made_by(request, key_text, tmp_path, *revisions: str) -> Place:
    """A database as these revisions alone made it."""
    folder = tmp_path / "then"
    folder.mkdir()
    for revision in revisions:
        shutil.copy(VERSIONS / revision, folder)
    data = tmp_path / "data"
    data.mkdir()
    url = f"sqlite:///{data / 's.db'}" if request.param == "sqlcipher" else request.getfixturevalue("postgresql_url")
    upgrade(url, keys=key_text, data_dir=data, demo=False, now=SET_UP, versions=(folder,))
    return Place(url, key_text, data)


@on_each_engine
def first(request, key_text, tmp_path) -> Place:
    """A database as the first release made it."""
    return made_by(request, key_text, tmp_path, "0001_first.py")


@on_each_engine
def second(request, key_text, tmp_path) -> Place:
    """A database from before anybody signed in."""
    return made_by(request, key_text, tmp_path, "0001_first.py", "0002_the_whole_ladder.py")


@contextmanager
def connected(place: Place) -> Iterator[sa.Connection]:
    engine = open_engine(place.url, keys=place.keys, data_dir=place.data_dir, pooled=False)
    try:
        with engine.execution_options(**{WRITING: True}).begin() as connection:
            yield connection
    finally:
        engine.dispose()


def tables_of(connection: sa.Connection) -> sa.MetaData:
    found = sa.MetaData()
    found.reflect(connection)
    return found


def rows_in(connection: sa.Connection, tables: sa.MetaData) -> dict[str, list[str]]:
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
        for table in tables.sorted_tables
        if table.name != "alembic_version"
    }


def fill(connection: sa.Connection, tables: sa.MetaData) -> None:
    """Rows for every table, with a value in every column, each row a child of some row in the tables before it."""
    for table in tables.sorted_tables:
        if table.name not in FOUNDED:
            connection.execute(table.insert(), [row_of(table, number) for number in range(ROWS)])


def row_of(table: sa.Table, number: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for column in table.columns:
        parent = next((key.column.table.name for key in column.foreign_keys), None)
        row[column.name] = value_of(column, number, seed=f"{parent or table.name} {number}")
    return row


def value_of(column: sa.Column, number: int, *, seed: str) -> object:
    match column.type:
        case sa.Uuid():
            return uuid5(NAMES, seed)
        case sa.CHAR():  # how SQLite keeps them
            return uuid5(NAMES, seed).hex
        case sa.LargeBinary():
            return f"{column.name} {number}".encode()
        case sa.Boolean():
            return number % 2 == 0
        case sa.Date():
            return date(2026, 1, 1) + timedelta(days=number)
        case sa.Integer():
            return 1_000 + number
        case _:
            return f"{column.name} {number}"


def test_every_row_of_the_first_release_is_kept_as_it_was(first):
    with connected(first) as connection:
        tables = tables_of(connection)
        fill(connection, tables)
        before = rows_in(connection, tables)

    result = upgrade(first.url, keys=first.keys, data_dir=first.data_dir, demo=False, now=SET_UP)
    with connected(first) as connection:
        after = rows_in(connection, tables)

    assert result.changed
    assert all(before[name] for name in before if name not in FOUNDED)
    assert before == after


def test_every_row_from_before_signing_in_is_kept_and_nobody_is_signed_in(second):
    with connected(second) as connection:
        tables = tables_of(connection)
        fill(connection, tables)
        before = rows_in(connection, tables)

    upgrade(second.url, keys=second.keys, data_dir=second.data_dir, demo=False, now=SET_UP)
    with connected(second) as connection:
        after, now = rows_in(connection, tables), tables_of(connection)
        new = {name: now.tables[name] for name in now.tables.keys() - tables.tables.keys()}
        rows = {name: connection.execute(sa.select(table)).all() for name, table in new.items()}

    assert before == after
    released = rows.pop("release")
    assert {name: found for name, found in rows.items() if found} == {}
    assert rows.keys() == {"consent", "hold", "login_link", "login_number", "patient_version", "session"}
    # What was used goes on being used, and is nobody's release.
    assert len(released) == ROWS
    assert {(one.approved_on, one.released_by) for one in released} == {(None, None)}
    assert None not in {one.applied_at for one in released}


def test_what_is_new_about_old_rows_is_what_held_before(first):
    with connected(first) as connection:
        fill(connection, tables_of(connection))
    upgrade(first.url, keys=first.keys, data_dir=first.data_dir, demo=False, now=SET_UP)

    with connected(first) as connection:
        people = connection.execute(
            sa.select(person.c.digest_on, person.c.next_digest_at, person.c.hours_from, person.c.daily_cap).distinct()
        ).all()
        rung = connection.execute(sa.select(reminder.c.single, reminder.c.why, reminder.c.instead_of).distinct()).all()
        sites = connection.execute(sa.select(site.c.hours_from, site.c.disclosure_by).distinct()).all()
        notices = connection.scalars(sa.select(notice.c.digest_id).distinct()).all()

    assert people == [(0, None, None, None)]
    assert rung == [(True, None, None)]
    assert sites == [(None, None)]
    assert notices == [None]


def test_the_log_of_a_first_release_still_holds_and_what_waited_goes_out(first):
    with connected(first) as connection:
        tx = Tx(
            connection,
            deployment_id=connection.scalar(sa.select(deployment.c.id)),
            keys=read_data_keys(connection, first.keys),
            provider=first.keys,
            writes=True,
        )
        cast = add_cast(tx)
        tx.finish()
        waiting = tx.new_id()
        connection.execute(
            notice.insert().values(
                id=waiting,
                kind="message",
                person_id=cast.amina,
                state="waiting",
                created_at=NOON,
                hold_until=NOON,
                sealed=tx.seal(notice, waiting, {"text": "before"}),
            )
        )
    upgrade(first.url, keys=first.keys, data_dir=first.data_dir, demo=False, now=SET_UP)

    with first.opened() as records:
        with records.begin() as tx:
            outbox.put(tx, [NewNotice(NoticeKind.MESSAGE, person_id=cast.berta)], now=NOON, elapsed=NOON)
            assert not reminders.any_reminder_due(tx, now=NOW)
            claimed = outbox.claim(tx, elapsed=NOON, token=1, limit=9)
        with records.read() as tx:
            report = log.verify(tx)

    assert {cast.amina: {"text": "before"}, cast.berta: None} == {one.person_id: one.payload for one in claimed}
    assert report.holds
    assert report.opened == report.entries


def indexes_of(connection: sa.Connection, schema: str = "public") -> dict[str, str]:
    """Every index that somebody named, as the engine itself writes it down."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''"))
    else:
        rows = connection.execute(
            sa.text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = :schema"), {"schema": schema}
        )
    return {
        row[0]: re.sub(r"\s+", " ", row[1].replace('"', "").replace(f"{schema}.", "")).replace("( ", "(")
        for row in rows
        if row[0] != "alembic_version_pkc"
    }


def test_indexes_are_those_of_the_schema_to_the_last_condition(first):
    upgrade(first.url, keys=first.keys, data_dir=first.data_dir, demo=False, now=SET_UP)

    with connected(first) as connection:
        migrated = indexes_of(connection)
        if connection.dialect.name == "sqlite":
            with sa.create_engine("sqlite://").begin() as fresh:
                metadata.create_all(fresh)
                made = indexes_of(fresh)
        else:
            connection.execute(sa.text("CREATE SCHEMA made"))
            metadata.create_all(connection.execution_options(schema_translate_map={None: "made"}))
            made = indexes_of(connection, "made")

    assert "ix_office_item_key" in migrated
    assert made == migrated


def test_foreign_keys_are_those_of_the_schema(first):
    upgrade(first.url, keys=first.keys, data_dir=first.data_dir, demo=False, now=SET_UP)
    wanted = {
        (table.name, constraint.name, constraint.referred_table.name)
        for table in metadata.sorted_tables
        for constraint in table.foreign_key_constraints
    }
    with connected(first) as connection:
        inspector = sa.inspect(connection)
        found = {
            (table.name, key["name"], key["referred_table"])
            for table in metadata.sorted_tables
            for key in inspector.get_foreign_keys(table.name)
        }

    assert wanted == found


def test_the_copy_before_the_upgrade_is_the_first_release(first):
    result = upgrade(first.url, keys=first.keys, data_dir=first.data_dir, demo=False, now=SET_UP)

    assert (result.before, result.after) == ("0001", "0006")
    if first.url.startswith("sqlite"):
        copy = Place(f"sqlite:///{result.backup}", first.keys, Path(first.data_dir))
        with connected(copy) as connection:
            assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "0001"
            assert "absence" not in tables_of(connection).tables
