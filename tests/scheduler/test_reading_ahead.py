"""What is read when the service starts does not have to be read while somebody waits."""

import sqlalchemy as sa

from office.study_files import study_from_text
from records import schema
from scheduler.definitions import Definitions
from scheduler.reading_ahead import read_ahead
from tests.office.vocabulary import Trial
from trial.study import Study


def reader(read: list[str]):
    """Reads definitions as the service does, and notes which."""

    def study_of(text: str, name: str) -> Study:
        read.append(name)
        return study_from_text(text, name)

    return study_of


def test_definitions_in_use_are_read_once_and_before_anybody_asks(trial: Trial):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.patient("417-002", first_registration="2026-03-02")
    read: list[str] = []
    studies = Definitions(reader(read))

    read_ahead(trial.records, studies, now=trial.clock.now())

    assert len(read) == 1
    with trial.records.read() as tx:
        version = tx.connection.scalars(sa.select(schema.study_version.c.id)).one()
        assert studies.of_version(tx, version).id == "DREAM"
    assert len(read) == 1


def test_a_definition_that_is_not_understood_any_more_does_not_keep_the_service_from_starting(trial: Trial):
    trial.patient("417-001", first_registration="2026-03-02")
    with trial.records.begin() as tx:
        tx.connection.execute(sa.update(schema.study_version).values(document="format: visitplan/0\n"))

    read_ahead(trial.records, Definitions(study_from_text), now=trial.clock.now())


def test_a_trial_without_patients_has_nothing_to_read(trial: Trial):
    read: list[str] = []

    read_ahead(trial.records, Definitions(reader(read)), now=trial.clock.now())

    assert read == []
