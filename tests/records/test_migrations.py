"""Migrations on filled databases: all or nothing, children survive, with a copy before."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from records import audit as log
from records import outbox
from records.database import open_engine, open_records
from records.engines import WRITING
from records.errors import (
    FailedBackup,
    FailedMigration,
    NewerDatabase,
    NoDatabase,
    OtherDeployment,
    RecordsError,
)
from records.keys import file_key_path
from records.migrations import VERSIONS, current_revision, head_revision, upgrade
from records.outbox import NewNotice, NoticeKind
from records.schema import metadata
from tests.databases import SET_UP, Place
from tests.records.cast import NOON, add_cast

MIGRATIONS = Path(__file__).parent / "migrations"


@pytest.fixture
def new_place(place: Place, tmp_path, postgresql_url) -> Place:
    """A migrated database of the test's own, which it may change for good."""
    if place.url.startswith("sqlite"):
        return place
    own = Place(postgresql_url, place.keys, tmp_path)
    migrate(own)
    return own


@pytest.fixture
def filled(new_place: Place) -> Place:
    with new_place.opened() as records, records.begin() as tx:
        cast = add_cast(tx)
        outbox.put(
            tx,
            [NewNotice(NoticeKind.MESSAGE, person_id=cast.amina, payload={"text": str(n)}) for n in range(20)],
            now=NOON,
            elapsed=NOON,
        )
    return new_place


def migrate(place: Place, *folders: str, demo: bool | None = False):
    versions = (VERSIONS, *(MIGRATIONS / folder for folder in folders))
    return upgrade(place.url, keys=place.keys, data_dir=place.data_dir, demo=demo, now=SET_UP, versions=versions)


def rows_of(place: Place) -> dict[str, str]:
    """A digest of every row of every table that the schema knows, and the names of all that are there."""
    engine = open_engine(place.url, keys=place.keys, data_dir=place.data_dir, pooled=False)
    with engine.connect() as connection:
        found = {"tables": repr(sorted(sa.inspect(connection).get_table_names()))}
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            found[table.name] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return found


def is_one_sentence(problem: RecordsError) -> bool:
    text = str(problem)
    return text.endswith(".") and "\n" not in text and 20 < len(text) < 300


def test_the_migrations_make_exactly_the_schema(place: Place):
    engine = open_engine(place.url, keys=place.keys, data_dir=place.data_dir, pooled=False)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_the_comparison_would_see_a_difference(place: Place):
    changed = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(changed)
    changed.tables["pulse"].append_column(sa.Column("mood", sa.Text))
    engine = open_engine(place.url, keys=place.keys, data_dir=place.data_dir, pooled=False)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), changed)

    assert [difference[0] for difference in differences] == ["add_column"]


def test_partial_indexes_are_those_of_the_schema(place: Place):
    engine = open_engine(place.url, keys=place.keys, data_dir=place.data_dir, pooled=False)
    wanted = {index.name for table in metadata.sorted_tables for index in table.indexes}
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        found = {index["name"] for table in metadata.sorted_tables for index in inspector.get_indexes(table.name)}

    assert wanted <= found


def test_migrating_again_changes_nothing(filled: Place):
    before = rows_of(filled)
    result = migrate(filled)

    assert not result.changed
    assert result.backup is None
    assert before == rows_of(filled)


def test_children_survive_when_their_parents_table_is_rebuilt(filled: Place):
    before = rows_of(filled)
    result = migrate(filled, "rebuilds")
    after = rows_of(filled)

    assert (result.before, result.after) == ("0006", "0007")
    assert before == after
    engine = open_engine(filled.url, keys=filled.keys, data_dir=filled.data_dir, pooled=False)
    with engine.connect() as connection:
        assert dict(connection.execute(sa.text("SELECT pace, count(*) FROM person GROUP BY pace")).all()) == {
            "brisk": 2
        }
        keys = sa.inspect(connection).get_foreign_keys("notice")
        assert {"digest", "person", "visit"} == {key["referred_table"] for key in keys}


def test_a_migration_that_fails_half_way_changes_nothing(filled: Place):
    before = rows_of(filled)
    with pytest.raises(FailedMigration) as refused:
        migrate(filled, "breaks")

    assert is_one_sentence(refused.value)
    assert "as it was at 0006" in str(refused.value)
    assert before == rows_of(filled)
    with filled.opened() as records, records.read() as tx:
        assert log.verify(tx).holds


def test_a_migration_that_leaves_orphans_is_not_kept(filled: Place):
    before = rows_of(filled)
    with pytest.raises(FailedMigration) as refused:
        migrate(filled, "orphans")

    assert is_one_sentence(refused.value)
    assert before == rows_of(filled)


@pytest.mark.parametrize("engine", ["sqlcipher", "postgresql"])
def test_a_first_migration_that_fails_leaves_nothing_in_it_and_is_made_the_next_time(
    engine, request, key_text, tmp_path
):
    url = f"sqlite:///{tmp_path / 's.db'}" if engine == "sqlcipher" else request.getfixturevalue("postgresql_url")
    place = Place(url, key_text, tmp_path)
    with pytest.raises(FailedMigration, match="still empty") as refused:
        migrate(place, "breaks")

    assert is_one_sentence(refused.value)
    with pytest.raises(NoDatabase):
        place.open()
    assert migrate(place).before is None
    place.open().close()


def test_the_copy_before_a_migration_opens_and_holds_what_was_there(sqlcipher_place: Place):
    with sqlcipher_place.opened() as records, records.begin() as tx:
        add_cast(tx)
    before = rows_of(sqlcipher_place)
    backup = migrate(sqlcipher_place, "rebuilds").backup

    copy = Place(f"sqlite:///{backup}", sqlcipher_place.keys, sqlcipher_place.data_dir)
    assert before == rows_of(copy)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert file_key_path(backup).exists()
    assert b"SQLite format" not in backup.read_bytes()[:16]
    with copy.opened() as records, records.read() as tx:
        assert log.verify(tx).holds


def test_without_a_copy_there_is_no_migration(sqlcipher_place: Place):
    before = rows_of(sqlcipher_place)
    (sqlcipher_place.data_dir / "backups").write_text("a file where the folder should be")
    with pytest.raises(FailedBackup) as refused:
        migrate(sqlcipher_place, "rebuilds")

    assert is_one_sentence(refused.value)
    assert before == rows_of(sqlcipher_place)


def test_a_newer_database_is_left_alone(new_place: Place):
    migrate(new_place, "rebuilds")
    before = rows_of(new_place)

    with pytest.raises(NewerDatabase) as refused:
        new_place.open()
    assert is_one_sentence(refused.value)
    with pytest.raises(NewerDatabase):
        migrate(new_place)
    assert before == rows_of(new_place)


def test_a_database_without_a_revision_has_to_be_migrated_first(new_place: Place):
    engine = open_engine(new_place.url, keys=new_place.keys, data_dir=new_place.data_dir, pooled=False)
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))

    with pytest.raises(NoDatabase) as refused:
        new_place.open()
    assert is_one_sentence(refused.value)


def test_an_empty_database_has_to_be_migrated_first(postgresql_url, key_text, tmp_path):
    with pytest.raises(NoDatabase, match="sitebell migrate"):
        open_records(postgresql_url, keys=key_text, data_dir=tmp_path)


def test_the_demo_is_not_migrated_as_real_work(new_place: Place):
    with pytest.raises(OtherDeployment) as refused:
        migrate(new_place, demo=True)
    assert is_one_sentence(refused.value)
    assert not migrate(new_place, demo=None).changed


def test_the_revision_is_the_last_of_the_folder(place: Place):
    engine = open_engine(place.url, keys=place.keys, data_dir=place.data_dir, pooled=False)
    with engine.connect() as connection:
        assert head_revision() == current_revision(connection) == "0006"


@pytest.mark.parametrize("engine", ["sqlcipher", "postgresql"])
def test_two_migrations_at_once_make_one_database(engine, request, key_text, tmp_path):
    url = f"sqlite:///{tmp_path / 's.db'}" if engine == "sqlcipher" else request.getfixturevalue("postgresql_url")
    place = Place(url, key_text, tmp_path)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: migrate(place), range(3)))

    assert sorted(str(result.before) for result in results) == ["0006", "0006", "None"]
    with place.opened() as records, records.read() as tx:
        assert tx.deployment_id == records.deployment_id
        assert log.verify(tx).holds
