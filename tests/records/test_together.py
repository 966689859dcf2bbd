"""Several writers at once: one key for a study, one chain, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from records import audit as log
from records import inbox as box
from records import leases
from records.inbox import Incoming
from records.schema import data_key, patient
from tests.records.cast import NOON

WRITERS, TIMES = 4, 8


def test_writers_at_once_share_one_chain_and_one_key_for_a_study(opened):
    study = uuid4()
    several = [opened() for _ in range(WRITERS)]

    def work(records) -> None:
        for _ in range(TIMES):
            with records.begin() as tx:
                row = tx.new_id()
                value = tx.seal(patient, row, {"code": "B-014"}, study=study)
                tx.audit("patient.seen", table=patient, object_id=row, by=None, at=NOON, recorded_at=NOON)
                assert tx.unseal(patient, row, value) == {"code": "B-014"}

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, several))

    with several[0].read() as tx:
        report = log.verify(tx)
        made = tx.connection.scalar(
            sa.select(sa.func.count()).select_from(data_key).where(data_key.c.purpose == f"study:{study}")
        )
    assert report.faults == ()
    assert report.entries == WRITERS * TIMES + 1  # and the one that says that the key was made
    assert made == 1


def test_of_writers_at_once_one_stores_an_update(opened):
    several = [opened() for _ in range(WRITERS)]
    entries = [Incoming(f"callback:{n}", n, "press", {"data": n}) for n in range(TIMES)]

    def work(records) -> int:
        with records.begin() as tx:
            return box.store(tx, entries, elapsed=NOON)

    with ThreadPoolExecutor(WRITERS) as pool:
        stored = list(pool.map(work, several))

    assert sum(stored) == TIMES


def test_of_processes_at_once_one_gets_the_lease(opened):
    several = [opened() for _ in range(WRITERS)]

    def work(number: int) -> bool:
        with several[number].begin() as tx:
            held = leases.acquire(tx, leases.SERVICE, f"process {number}", elapsed=NOON, ttl=timedelta(seconds=15))
            return held is not None

    with ThreadPoolExecutor(WRITERS) as pool:
        got = list(pool.map(work, range(WRITERS)))

    assert got.count(True) == 1


def test_ids_are_never_given_twice(opened):
    several = [opened() for _ in range(WRITERS)]

    def work(records) -> list[UUID]:
        given = []
        for _ in range(TIMES):
            with records.begin() as tx:
                given += [tx.new_id() for _ in range(TIMES)]
        return given

    with ThreadPoolExecutor(WRITERS) as pool:
        given = [one for ids in pool.map(work, several) for one in ids]

    assert len(set(given)) == WRITERS * TIMES * TIMES
    assert {one.version for one in given} == {4}
