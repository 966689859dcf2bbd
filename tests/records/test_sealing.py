"""Sealed values open where they were put, and nowhere else. On both engines."""

import itertools
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from records import sealing
from records.errors import TamperedRecord
from records.schema import inbox, notice, patient, person
from tests.records.cast import NOON, add_person

CIPHER = AESGCM(bytes(32))
PLACE = {"deployment": UUID(int=1), "table": "person", "row": UUID(int=2), "version": 1}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def sealed_of(tx, person_id):
    return tx.connection.scalar(sa.select(person.c.sealed).where(person.c.id == person_id))


def put_sealed(tx, person_id, value):
    tx.connection.execute(person.update().where(person.c.id == person_id).values(sealed=value))


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_whatever_can_be_written_comes_back(payload):
    value = sealing.seal(payload, cipher=CIPHER, key_id=7, **PLACE)

    assert payload == sealing.unseal(value, cipher=CIPHER, **PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [{"deployment": UUID(int=9)}, {"table": "patient"}, {"row": UUID(int=9)}, {"version": 2}],
    ids=lambda change: next(iter(change)),
)
def test_a_value_moved_elsewhere_does_not_open(elsewhere):
    value = sealing.seal({"name": "Amina"}, cipher=CIPHER, key_id=7, **PLACE)

    with pytest.raises(TamperedRecord):
        sealing.unseal(value, cipher=CIPHER, **{**PLACE, **elsewhere})


def test_no_flipped_bit_goes_unnoticed():
    value = sealing.seal({"name": "Amina"}, cipher=CIPHER, key_id=7, **PLACE)
    for place, bit in itertools.product(range(len(value)), range(8)):
        changed = bytearray(value)
        changed[place] ^= 1 << bit
        with pytest.raises(TamperedRecord):
            sealing.unseal(bytes(changed), cipher=CIPHER, **PLACE)


def test_no_shortened_value_opens():
    value = sealing.seal({"name": "Amina"}, cipher=CIPHER, key_id=7, **PLACE)
    for length in range(len(value)):
        with pytest.raises(TamperedRecord):
            sealing.unseal(value[:length], cipher=CIPHER, **PLACE)


def test_the_same_value_sealed_twice_looks_different():
    assert len({sealing.seal({"a": 1}, cipher=CIPHER, key_id=7, **PLACE) for _ in range(100)}) == 100


def test_a_blind_index_tells_fields_apart_and_needs_its_key():
    one = sealing.blind(b"k" * 32, field="person.chat", value="4711")

    assert one == sealing.blind(b"k" * 32, field="person.chat", value="4711")
    assert one != sealing.blind(b"j" * 32, field="person.chat", value="4711")
    assert one != sealing.blind(b"k" * 32, field="person.cha", value="t4711")
    assert one != sealing.blind(b"k" * 32, field="person.chat", value="4712")


def test_two_values_swapped_between_rows_do_not_open(records, cast):
    with records.begin() as tx:
        amina, berta = sealed_of(tx, cast.amina), sealed_of(tx, cast.berta)
        put_sealed(tx, cast.amina, berta)
        put_sealed(tx, cast.berta, amina)

    with records.read() as tx:
        for one in (cast.amina, cast.berta):
            with pytest.raises(TamperedRecord):
                tx.unseal(person, one, sealed_of(tx, one))


def test_a_value_moved_to_another_table_does_not_open_even_in_a_row_of_the_same_id(records):
    with records.begin() as tx:
        row = tx.new_id()
        value = tx.seal(notice, row, {"text": "hello"})

        assert tx.unseal(notice, row, value) == {"text": "hello"}
        with pytest.raises(TamperedRecord):
            tx.unseal(inbox, row, value)


def test_an_old_value_put_back_does_not_open(records, cast):
    with records.begin() as tx:
        before = sealed_of(tx, cast.amina)
        after = tx.seal(person, cast.amina, {"name": "Amina", "chat_id": "4799"}, version=2)
        tx.connection.execute(person.update().where(person.c.id == cast.amina).values(sealed=after, version=2))
    with records.begin() as tx:
        put_sealed(tx, cast.amina, before)

    with records.read() as tx, pytest.raises(TamperedRecord):
        tx.unseal(person, cast.amina, sealed_of(tx, cast.amina), version=2)


def test_a_study_has_a_key_of_its_own_and_others_share_the_deployments(records, cast):
    with records.begin() as tx:
        row, other = tx.new_id(), uuid4()
        of_study = tx.seal(patient, row, {"code": "B-015"}, study=cast.study)
        of_other = tx.seal(patient, row, {"code": "B-015"}, study=other)
        of_deployment = tx.seal(patient, row, {"code": "B-015"})
        tx.audit("study.imported", table=patient, object_id=row, by=None, at=NOON, recorded_at=NOON)
        ids = [sealing.key_id_of(value) for value in (of_study, of_other, of_deployment)]
        assert len(set(ids)) == 3
        assert tx.unseal(patient, row, of_other) == {"code": "B-015"}


def test_another_process_learns_a_new_studys_key_when_it_meets_it(opened):
    ours, theirs = opened(), opened()
    with ours.begin() as tx:
        row, study = tx.new_id(), uuid4()
        value = tx.seal(patient, row, {"code": "B-015"}, study=study)
        tx.audit("patient.added", table=patient, object_id=row, by=None, at=NOON, recorded_at=NOON)

    with theirs.read() as tx:
        assert tx.unseal(patient, row, value) == {"code": "B-015"}
    with theirs.begin() as tx:
        assert sealing.key_id_of(value) == sealing.key_id_of(tx.seal(patient, row, {"code": "B-016"}, study=study))


def test_a_key_of_a_study_is_not_left_behind_by_a_transaction_that_failed(records):
    study = uuid4()

    def fail() -> None:
        with records.begin() as tx:
            tx.seal(patient, tx.new_id(), {"code": "B-015"}, study=study)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with records.begin() as tx:
        row = tx.new_id()
        value = tx.seal(patient, row, {"code": "B-015"}, study=study)
        tx.audit("patient.added", table=patient, object_id=row, by=None, at=NOON, recorded_at=NOON)

    with records.read() as tx:
        assert tx.unseal(patient, row, value) == {"code": "B-015"}


def test_a_person_is_found_by_chat_without_the_chat_standing_anywhere(records, cast):
    with records.read() as tx:
        found = tx.connection.scalar(
            sa.select(person.c.id).where(person.c.chat_index == tx.blind("person.chat", "4711"))
        )

    assert cast.amina == found


def test_one_chat_belongs_to_one_person(records, cast):
    with pytest.raises(sa.exc.IntegrityError) as refused, records.begin() as tx:
        add_person(tx, tx.new_id(), name="Carla", chat="4711")

    assert "Carla" not in str(refused.value)
    assert "4711" not in str(refused.value)


def test_reading_cannot_write(records, cast):
    with records.read() as tx, pytest.raises(sa.exc.DBAPIError):
        tx.connection.execute(person.delete())
    with records.read() as tx, pytest.raises(RuntimeError):
        tx.audit("person.gone", table=person, object_id=cast.amina, by=None, at=NOON, recorded_at=NOON)
    with records.begin() as tx:
        assert tx.connection.scalar(sa.select(sa.func.count()).select_from(person)) == 2
