"""What is held for its reader's hours, and a trial clock that is moved: the demo's."""

from datetime import timedelta

from records import held, outbox
from records.database import Records
from records.outbox import NewNotice, NoticeKind
from tests.records.cast import NOON, Cast

HOUR = timedelta(hours=1)


def message(cast: Cast) -> NewNotice:
    return NewNotice(NoticeKind.MESSAGE, person_id=cast.amina, payload={"message": {}})


def edit(cast: Cast) -> NewNotice:
    return NewNotice(NoticeKind.EDIT, person_id=cast.amina, visit_id=cast.visit)


def test_what_is_held_leaves_so_much_earlier_as_the_clock_was_moved(records: Records, cast: Cast) -> None:
    with records.begin() as tx:
        outbox.put(tx, [message(cast)], now=NOON, elapsed=NOON, hold_until=NOON + 15 * HOUR)
        assert held.first_held(tx, elapsed=NOON) == NOON + 15 * HOUR

        assert held.clock_moved(tx, 14 * HOUR, elapsed=NOON) == 1
        assert held.first_held(tx, elapsed=NOON) == NOON + HOUR

        held.clock_moved(tx, HOUR, elapsed=NOON)
        assert held.first_held(tx, elapsed=NOON) is None
        assert len(outbox.claim(tx, elapsed=NOON, token=1, limit=10)) == 1


def test_what_goes_at_once_and_an_edit_that_waits_for_its_own_time_stay_as_they_are(
    records: Records, cast: Cast
) -> None:
    with records.begin() as tx:
        outbox.put(tx, [message(cast)], now=NOON, elapsed=NOON)
        outbox.put(tx, [edit(cast)], now=NOON, elapsed=NOON, hold_until=NOON + HOUR)

        assert held.first_held(tx, elapsed=NOON) is None
        assert held.clock_moved(tx, HOUR, elapsed=NOON) == 0
