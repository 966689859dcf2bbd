"""The inbox: stored once, handled once."""

from datetime import timedelta

import sqlalchemy as sa

from records import inbox as box
from records.database import Records
from records.inbox import InboxEntry, Incoming
from records.schema import inbox
from tests.records.cast import NOON

SECOND = timedelta(seconds=1)


def press(identity: str, update_id: int = 1) -> Incoming:
    return Incoming(identity=f"callback:{identity}", update_id=update_id, kind="press", payload={"data": identity})


def store(records: Records, *entries: Incoming) -> int:
    with records.begin() as tx:
        return box.store(tx, entries, elapsed=NOON)


def waiting(records: Records, elapsed=NOON) -> tuple[InboxEntry, ...]:
    with records.read() as tx:
        return box.open_entries(tx, elapsed=elapsed, limit=100)


def test_an_update_delivered_twice_is_stored_once(records):
    assert store(records, press("a", 1), press("b", 2)) == 2
    assert store(records, press("a", 1), press("b", 2), press("c", 3)) == 1
    assert store(records, press("d", 4), press("d", 4)) == 1
    assert store(records) == 0
    assert [{"data": one} for one in "abcd"] == [entry.payload for entry in waiting(records)]


def test_the_same_update_under_another_number_is_the_same(records):
    store(records, press("a", 1))

    assert store(records, press("a", 900_001)) == 0


def test_what_came_first_is_handled_first(records):
    store(records, press("b", 2), press("a", 1))

    assert [entry.update_id for entry in waiting(records)] == [1, 2]


def test_an_entry_is_done_once(records):
    store(records, press("a"))
    (entry,) = waiting(records)
    with records.begin() as tx:
        assert box.done(tx, entry.id, elapsed=NOON)
    with records.begin() as tx:
        assert not box.done(tx, entry.id, elapsed=NOON)
        assert not box.failed(tx, entry.id, "ValueError", elapsed=NOON)
        assert not box.retry(tx, entry.id, "ValueError", hold_until=NOON)

    assert waiting(records) == ()
    assert store(records, press("a")) == 0


def test_what_failed_is_tried_again_later_and_others_go_on(records):
    store(records, press("a", 1), press("b", 2))
    first, _ = waiting(records)
    with records.begin() as tx:
        box.retry(tx, first.id, "OperationalError", hold_until=NOON + SECOND)

    assert [entry.update_id for entry in waiting(records)] == [2]
    assert [(entry.update_id, entry.attempts) for entry in waiting(records, NOON + SECOND)] == [(1, 1), (2, 0)]


def test_what_is_given_up_stays_and_is_counted(records):
    store(records, press("a"), press("b", 2))
    first, _ = waiting(records)
    with records.begin() as tx:
        box.failed(tx, first.id, "ValueError", elapsed=NOON)

    with records.read() as tx:
        assert box.InboxStanding(open=1, failed=1, oldest_open=NOON) == box.standing(tx)


def test_a_tombstone_waits_for_nobody(records):
    tombstone = Incoming(identity="message:1:2", update_id=1, kind="photo", payload={"chat": 1}, tombstone=True)

    assert store(records, tombstone) == 1
    assert store(records, tombstone) == 0
    assert waiting(records) == ()


def test_what_was_handled_is_erased_and_still_recognised(records):
    store(records, press("a", 1), press("b", 2), press("c", 3))
    first, second, _ = waiting(records)
    with records.begin() as tx:
        box.done(tx, first.id, elapsed=NOON)
        box.failed(tx, second.id, "ValueError", elapsed=NOON)
    with records.begin() as tx:
        assert box.erase_handled(tx, before=NOON + SECOND) == 1
        assert box.erase_handled(tx, before=NOON + SECOND) == 0

    with records.read() as tx:
        erased = sa.select(inbox.c.update_id).where(inbox.c.sealed.is_(None))
        assert list(tx.connection.scalars(erased)) == [1]
    assert store(records, press("a", 1)) == 0


def test_an_entry_that_was_tampered_with_does_not_stop_the_others(records):
    store(records, press("a", 1), press("b", 2))
    with records.begin() as tx:
        tx.connection.execute(inbox.update().where(inbox.c.update_id == 1).values(sealed=bytes(60)))

    assert [entry.payload for entry in waiting(records)] == [None, {"data": "b"}]
