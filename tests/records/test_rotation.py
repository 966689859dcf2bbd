"""Keys are rotated while others work, and a rotation that was interrupted is taken up again."""

from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from records import audit as log
from records import sealing
from records.database import Records, open_records
from records.errors import MissingKey, WrongKey
from records.key_providers import KeyFile, create_key_file, replace_key_file
from records.keys import file_key_path
from records.migrations import upgrade
from records.rotation import (
    begin_key_file_rotation,
    finish_key_file_rotation,
    left_under_retired_keys,
    replace_data_keys,
    reseal,
    rewrap,
)
from records.schema import data_key, patient, person
from tests.databases import SET_UP, Place
from tests.records.cast import NOON, Cast, add_cast


class Deployment:
    """A database with a key file of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.data_dir = url, folder / "data"
        self.data_dir.mkdir(exist_ok=True)
        self.file = KeyFile(folder / "key", outside=(self.data_dir,))
        create_key_file(self.file.path, outside=self.file.outside)
        upgrade(url, keys=self.file, data_dir=self.data_dir, demo=False, now=SET_UP)

    def open(self) -> Records:
        return open_records(self.url, keys=self.file, data_dir=self.data_dir)

    def rewrap(self, records: Records):
        return rewrap(records, self.url, keys=self.file, data_dir=self.data_dir, now=NOON, elapsed=NOON)


@pytest.fixture(params=["sqlcipher", "postgresql"])
def deployment(request, tmp_path) -> Deployment:
    sqlite = request.param == "sqlcipher"
    return Deployment(
        f"sqlite:///{tmp_path / 'data' / 's.db'}" if sqlite else request.getfixturevalue("postgresql_url"), tmp_path
    )


@pytest.fixture
def running(deployment):
    """A service that is at work all the time."""
    records = deployment.open()
    yield records
    records.close()


@pytest.fixture
def people(running) -> Cast:
    with running.begin() as tx:
        return add_cast(tx)


def name_of(records: Records, one) -> object:
    with records.read() as tx:
        return tx.unseal(person, one, tx.connection.scalar(sa.select(person.c.sealed).where(person.c.id == one)))[
            "name"
        ]


def test_a_new_key_opens_everything_and_the_former_nothing(deployment, running, people):
    former = deployment.file.current()
    current = begin_key_file_rotation(deployment.file)
    done = deployment.rewrap(running)
    finish_key_file_rotation(deployment.file)

    assert (3, 1 if deployment.url.startswith("sqlite") else 0) == (done.data_keys, done.file_keys)
    assert name_of(running, people.amina) == "Amina"
    again = deployment.open()
    assert name_of(again, people.amina) == "Amina"
    with again.read() as tx:
        assert log.verify(tx).holds
    again.close()
    assert (current,) == deployment.file.keys()
    replace_key_file(deployment.file.path, [former])
    with pytest.raises(WrongKey):
        deployment.open()


def test_a_rotation_that_was_interrupted_is_taken_up_again(deployment, running, people):
    first = begin_key_file_rotation(deployment.file)
    deployment.open().close()  # killed here: nothing is wrapped under the new key yet
    assert first == begin_key_file_rotation(deployment.file)
    deployment.rewrap(running)
    deployment.open().close()  # killed here: both keys are still in the file
    assert deployment.rewrap(running).data_keys == 0
    finish_key_file_rotation(deployment.file)

    assert (first,) == deployment.file.keys()
    deployment.open().close()


def test_a_rotation_without_the_former_key_changes_nothing(deployment, running, people):
    begin_key_file_rotation(deployment.file)
    finish_key_file_rotation(deployment.file)  # too early
    with running.read() as tx:
        before = tx.connection.execute(sa.select(data_key.c.id, data_key.c.wrapped).order_by(data_key.c.id)).all()

    with pytest.raises(WrongKey):
        deployment.rewrap(running)
    with running.read() as tx:
        assert (
            before == tx.connection.execute(sa.select(data_key.c.id, data_key.c.wrapped).order_by(data_key.c.id)).all()
        )


def test_a_running_service_makes_its_next_key_under_the_new_one(deployment, running, people):
    begin_key_file_rotation(deployment.file)
    deployment.rewrap(running)
    finish_key_file_rotation(deployment.file)
    with running.begin() as tx:
        row = tx.new_id()
        value = tx.seal(patient, row, {"code": "C-001"}, study=uuid4())
        tx.audit("patient.added", table=patient, object_id=row, by=None, at=NOON, recorded_at=NOON)

    again = deployment.open()
    with again.read() as tx:
        assert tx.unseal(patient, row, value) == {"code": "C-001"}
    again.close()


def test_new_data_keys_seal_everything_again_and_the_log_still_holds(deployment, running, people):
    rotating = deployment.open()
    assert replace_data_keys(rotating, now=NOON, elapsed=NOON) == 2
    with rotating.read() as tx:
        left = left_under_retired_keys(tx)
    assert left == sum(reseal(rotating, batch=2)) > 5

    with rotating.read() as tx:
        assert left_under_retired_keys(tx) == 0
        assert log.verify(tx).holds
        assert {4, 5} == {sealing.key_id_of(value) for value in tx.connection.scalars(sa.select(person.c.sealed))} | {
            sealing.key_id_of(value) for value in tx.connection.scalars(sa.select(patient.c.sealed))
        }
    assert name_of(running, people.amina) == "Amina"
    rotating.close()


def test_sealing_again_can_stop_anywhere_and_go_on(deployment, running, people):
    rotating = deployment.open()
    replace_data_keys(rotating, now=NOON, elapsed=NOON)
    next(iter(reseal(rotating, batch=1)))
    rotating.close()
    rotating = deployment.open()
    assert name_of(rotating, people.amina) == "Amina"
    sum(reseal(rotating, batch=3))

    with rotating.read() as tx:
        assert left_under_retired_keys(tx) == 0
    rotating.close()


def test_a_running_service_takes_up_new_data_keys_by_itself(deployment, running, people):
    rotating = deployment.open()
    replace_data_keys(rotating, now=NOON, elapsed=NOON)
    rotating.close()

    used = []
    for _ in range(2):
        with running.begin() as tx:
            row = tx.new_id()
            used.append(sealing.key_id_of(tx.seal(person, row, {"name": "Carla"})))
            tx.audit("person.invited", table=person, object_id=row, by=None, at=NOON, recorded_at=NOON)
    assert used[0] == 1
    assert used[1] > 3


def test_one_value_that_was_tampered_with_does_not_stop_the_rotation(deployment, running, people):
    rotating = deployment.open()
    replace_data_keys(rotating, now=NOON, elapsed=NOON)
    with running.begin() as tx:
        value = tx.connection.scalar(sa.select(person.c.sealed).where(person.c.id == people.amina))
        broken = value[:-1] + bytes((value[-1] ^ 1,))
        tx.connection.execute(person.update().where(person.c.id == people.amina).values(sealed=broken))
    sum(reseal(rotating, batch=1))

    with rotating.read() as tx:
        assert left_under_retired_keys(tx) == 1
        assert not log.verify(tx).holds
    rotating.close()


def test_the_wrapped_key_of_the_file_is_replaced_whole(sqlcipher_place: Place):
    path = file_key_path(sqlcipher_place.path)

    assert len(bytes.fromhex(path.read_text())) == 48
    path.write_text("")
    with pytest.raises((WrongKey, MissingKey)):
        sqlcipher_place.open()
