"""What one thread's connection remembers is what the database would say, whoever wrote in between and however."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from records import people, schema, studies, teams
from records.lived import LivedRecords, open_lived
from tests.databases import Place
from trial.moments import instant

NOW = instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
DAY = timedelta(days=1)
NAMES = sa.select(schema.person.c.id, schema.person.c.language).where(
    schema.person.c.id.in_(sa.bindparam("people", expanding=True))
)


@pytest.fixture
def lived(sqlcipher_place: Place) -> Iterator[LivedRecords]:
    place = sqlcipher_place
    records = open_lived(place.url, keys=place.keys, data_dir=place.data_dir, seed=1)
    yield records
    records.close()


@pytest.fixture
def person(lived: LivedRecords) -> UUID:
    with lived.begin() as tx:
        person_id = people.add_person(tx, name="Amina", language="en")
        teams.set_next_digest(tx, person_id, NOW)
    return person_id


def alarm(lived: LivedRecords) -> object:
    """Asked three times, as it is prepared only then."""
    with lived.read() as tx:
        return {teams.next_digest_moment(tx) for _ in range(3)}


def test_what_was_written_is_known_at_once(lived: LivedRecords, person: UUID):
    before = alarm(lived)
    with lived.begin() as tx:
        teams.set_next_digest(tx, person, NOW + DAY)

    assert (before, alarm(lived)) == ({NOW}, {NOW + DAY})


def test_what_was_written_in_bulk_is_known_at_once(lived: LivedRecords, person: UUID):
    before = alarm(lived)
    with lived.begin() as tx:
        teams.bring_digests_forward(tx, {person: instant(NOW - DAY)})

    assert (before, alarm(lived)) == ({NOW}, {NOW - DAY})


def test_what_the_driver_was_told_is_known_at_once(lived: LivedRecords, person: UUID):
    before = alarm(lived)
    with lived.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE person SET next_digest_at = NULL")

    assert (before, alarm(lived)) == ({NOW}, {None})


def test_what_was_undone_was_never_so(lived: LivedRecords, person: UUID):
    alarm(lived)
    with pytest.raises(LookupError), lived.begin() as tx:  # noqa: PT012 - the use case that fails is what is tested
        teams.set_next_digest(tx, person, NOW + DAY)
        assert teams.next_digest_moment(tx) == NOW + DAY
        raise LookupError

    assert alarm(lived) == {NOW}


def test_a_new_row_is_found_where_none_was(lived: LivedRecords):
    with lived.begin() as tx:
        before = {studies.studies(tx) for _ in range(3)}
        studies.add_study(tx, "DREAM")

        assert before == {()}
        assert [one.code for one in studies.studies(tx)] == ["DREAM"]


@pytest.mark.parametrize("many", [0, 1, 3])
def test_a_list_may_be_of_any_length(lived: LivedRecords, many: int):
    with lived.begin() as tx:
        there = [people.add_person(tx, name="Berta", language="de") for _ in range(3)]
        for _ in range(3):
            found = tx.connection.execute(NAMES, {"people": there[:many]}).all()

            assert {(row.id, row.language) for row in found} == {(one, "de") for one in there[:many]}


def test_one_row_is_wanted_and_another_number_is_said(lived: LivedRecords, person: UUID):
    with lived.begin() as tx:
        people.add_person(tx, name="Berta", language="de")
        everybody, nobody = sa.select(schema.person.c.id), sa.select(schema.study.c.id)
        for _ in range(3):
            with pytest.raises(sa.exc.MultipleResultsFound):
                tx.connection.execute(everybody).one()
            with pytest.raises(sa.exc.NoResultFound):
                tx.connection.execute(nobody).one()
            assert tx.connection.execute(nobody).one_or_none() is None
