"""The outbox: who may send what when, and what becomes of it."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from records import leases, outbox
from records.database import Records
from records.edits import Again, put_edits
from records.outbox import Attempt, Claim, NewNotice, NoticeKind, NoticeState, Outcome
from records.schema import card, delivery, notice, person
from tests.records.cast import NOON, Cast

SECOND = timedelta(seconds=1)


def put(records: Records, *notices: NewNotice, elapsed: datetime = NOON) -> None:
    with records.begin() as tx:
        outbox.put(tx, notices, now=NOON, elapsed=elapsed)


def claim(records: Records, *, elapsed: datetime = NOON, token: int = 1) -> tuple[Claim, ...]:
    with records.begin() as tx:
        return outbox.claim(tx, elapsed=elapsed, token=token, limit=10)


def hand_over(records: Records, claimed: Claim) -> bool:
    with records.begin() as tx:
        return outbox.hand_over(tx, claimed)


def recover(records: Records, *, token: int) -> int:
    with records.begin() as tx:
        return outbox.recover(tx, token=token, now=NOON, elapsed=NOON)


def settle(
    records: Records,
    claimed: Claim,
    outcome: Outcome,
    *,
    elapsed: datetime = NOON,
    retry_after: timedelta | None = None,
) -> bool:
    attempt = Attempt(outcome, elapsed, elapsed, "ja", "1", text="Wie geht es", message_id=7, retry_after=retry_after)
    with records.begin() as tx:
        return outbox.settle(tx, claimed, attempt, now=NOON, elapsed=elapsed)


def states(records: Records) -> list[str]:
    with records.read() as tx:
        return list(tx.connection.scalars(sa.select(notice.c.state).order_by(notice.c.created_at, notice.c.place)))


def deliveries(records: Records) -> list[tuple[int, str, str | None]]:
    with records.read() as tx:
        rows = tx.connection.execute(
            sa.select(delivery.c.attempt, delivery.c.outcome, delivery.c.error).order_by(delivery.c.attempt)
        )
        return [tuple(row) for row in rows]


def message(cast: Cast, text: str = "hello") -> NewNotice:
    return NewNotice(NoticeKind.MESSAGE, person_id=cast.amina, payload={"kind": "help", "text": text})


def test_a_notice_is_claimed_once(records, cast):
    put(records, message(cast))

    first, second = claim(records), claim(records)

    assert [one.payload for one in first] == [{"kind": "help", "text": "hello"}]
    assert second == ()


def test_a_person_has_at_most_one_message_in_flight_and_gets_them_in_order(records, cast):
    put(records, message(cast, "first"), message(cast, "second"), message(cast, "third"))

    said = []
    while claims := claim(records):
        (one,) = claims
        said.append(one.payload["text"])
        settle(records, one, Outcome.ACCEPTED)

    assert said == ["first", "second", "third"]


def test_one_slow_person_does_not_hold_up_another(records, cast):
    put(records, message(cast))
    claim(records)
    put(records, message(cast), NewNotice(NoticeKind.MESSAGE, person_id=cast.berta, payload={}))

    assert [cast.berta] == [one.person_id for one in claim(records)]


def test_nothing_goes_before_its_time(records, cast):
    with records.begin() as tx:
        outbox.put(tx, [message(cast)], now=NOON, elapsed=NOON, hold_until=NOON + SECOND)

    assert claim(records) == ()
    assert len(claim(records, elapsed=NOON + SECOND)) == 1


@pytest.mark.parametrize(
    ("outcome", "state", "waits"),
    [
        (Outcome.ACCEPTED, NoticeState.SENT, None),
        (Outcome.NOT_MODIFIED, NoticeState.SENT, None),
        (Outcome.NOT_SENT, NoticeState.WAITING, SECOND),
        (Outcome.SERVER_ERROR, NoticeState.WAITING, SECOND),
        (Outcome.AMBIGUOUS, NoticeState.WAITING, SECOND),
        (Outcome.UNREACHABLE, NoticeState.FAILED, None),
        (Outcome.REFUSED, NoticeState.FAILED, None),
    ],
)
def test_what_came_of_it_decides_what_happens_next(records, cast, outcome, state, waits):
    put(records, message(cast))
    (one,) = claim(records)

    assert settle(records, one, outcome)
    assert [state] == states(records)
    assert [(1, outcome, None)] == deliveries(records)
    if waits is not None:
        assert claim(records, elapsed=NOON + waits - timedelta(microseconds=1)) == ()
        assert len(claim(records, elapsed=NOON + waits)) == 1


def test_a_flood_wait_is_kept_to_the_second(records, cast):
    put(records, message(cast))
    (one,) = claim(records)
    settle(records, one, Outcome.FLOOD, retry_after=37 * SECOND)

    assert claim(records, elapsed=NOON + 36 * SECOND) == ()
    assert len(claim(records, elapsed=NOON + 37 * SECOND)) == 1


def test_an_ambiguous_message_is_repeated_once_and_then_unknown(records, cast):
    put(records, message(cast))
    (one,) = claim(records)
    settle(records, one, Outcome.AMBIGUOUS)
    (again,) = claim(records, elapsed=NOON + SECOND)
    settle(records, again, Outcome.AMBIGUOUS)

    assert states(records) == [NoticeState.UNKNOWN]
    assert claim(records, elapsed=NOON + timedelta(days=1)) == ()


def test_back_off_doubles_up_to_five_minutes():
    assert [outbox.back_off(n).total_seconds() for n in range(1, 12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert timedelta(minutes=5) == outbox.back_off(10_000)


def test_a_blocked_bot_makes_the_person_unreachable(records, cast):
    put(records, message(cast))
    (one,) = claim(records)
    settle(records, one, Outcome.UNREACHABLE)

    with records.read() as tx:
        reachable = dict(tx.connection.execute(sa.select(person.c.id, person.c.reachable)).all())
    assert {cast.amina: False, cast.berta: True} == reachable


def test_a_sender_that_was_overtaken_changes_nothing_and_its_copy_is_recorded(records, cast):
    put(records, message(cast))
    with records.begin() as tx:
        old = leases.acquire(tx, leases.SERVICE, "a", elapsed=NOON, ttl=SECOND)
    (stale,) = claim(records, token=old.token)
    later = NOON + 2 * SECOND
    with records.begin() as tx:
        new = leases.acquire(tx, leases.SERVICE, "b", elapsed=later, ttl=SECOND)
        assert outbox.recover(tx, token=new.token, now=NOON, elapsed=later) == 1
    (fresh,) = claim(records, elapsed=later, token=new.token)

    assert not settle(records, stale, Outcome.REFUSED, elapsed=later)
    assert states(records) == [NoticeState.CLAIMED]
    assert not settle(records, stale, Outcome.REFUSED, elapsed=later)
    assert settle(records, fresh, Outcome.ACCEPTED, elapsed=later)
    assert states(records) == [NoticeState.SENT]
    assert deliveries(records) == [(1, "refused", "overtaken"), (2, "accepted", None)]


def test_nothing_is_claimed_under_an_outdated_token(records, cast):
    put(records, message(cast))
    with records.begin() as tx:
        old = leases.acquire(tx, leases.SERVICE, "a", elapsed=NOON, ttl=SECOND)
        new = leases.acquire(tx, leases.SERVICE, "b", elapsed=NOON + SECOND, ttl=SECOND)

    assert claim(records, token=old.token) == ()
    assert len(claim(records, token=new.token)) == 1


def test_what_was_left_in_flight_twice_is_unknown(records, cast):
    put(records, message(cast))
    for token in (1, 2):
        (one,) = claim(records, token=token)
        assert hand_over(records, one)
        recover(records, token=token + 1)

    assert states(records) == [NoticeState.UNKNOWN]


def test_what_was_claimed_and_never_left_is_in_no_doubt_however_often(records, cast):
    put(records, message(cast))
    for token in range(1, 6):
        (one,) = claim(records, token=token)
        assert (one.attempt, one.ambiguous) == (token, 0)
        recover(records, token=token + 1)

    assert states(records) == [NoticeState.WAITING]


def test_a_sender_that_was_overtaken_hands_nothing_over(records, cast):
    put(records, message(cast))
    (stale,) = claim(records, token=1)
    recover(records, token=2)
    (fresh,) = claim(records, token=2)

    assert not hand_over(records, stale)
    assert hand_over(records, fresh)
    assert not hand_over(records, fresh)


@pytest.fixture
def cards(records, cast):
    with records.begin() as tx:
        for one in (cast.amina, cast.berta):
            tx.connection.execute(card.insert().values(id=tx.new_id(), visit_id=cast.visit, person_id=one))


def edits(records: Records, cast: Cast, *, elapsed: datetime = NOON, hold_until: datetime | None = None) -> int:
    with records.begin() as tx:
        return put_edits(tx, [cast.visit], now=NOON, elapsed=elapsed, hold_until=hold_until)


def test_a_card_has_at_most_one_edit_waiting(records, cast, cards):
    assert edits(records, cast) == 2
    assert edits(records, cast) == 0


def test_a_change_while_the_edit_is_being_sent_puts_another(records, cast, cards):
    edits(records, cast)
    claim(records)

    assert edits(records, cast) == 2


def test_a_refresh_for_later_does_not_stand_in_for_an_edit_now(records, cast, cards):
    in_ten = NOON + timedelta(minutes=10)
    in_twelve = NOON + timedelta(minutes=12)

    assert edits(records, cast, hold_until=in_ten) == 2
    assert edits(records, cast) == 2
    assert edits(records, cast, hold_until=in_twelve) == 0
    assert len(claim(records)) == 2
    assert claim(records, elapsed=in_ten) == ()


def test_the_card_of_one_person_shows_itself_once_more_later(records, cast, cards):
    in_ten = NOON + timedelta(minutes=10)
    with records.begin() as tx:
        put = put_edits(tx, [cast.visit], now=NOON, elapsed=NOON, again=Again(cast.amina, in_ten))
    assert put == 3

    at_once, later = claim(records), claim(records, elapsed=in_ten)

    assert {one.person_id for one in at_once} == {cast.amina, cast.berta}
    assert later == ()  # one message in flight to a person
    for one in at_once:
        settle(records, one, Outcome.ACCEPTED)
    assert [one.person_id for one in claim(records, elapsed=in_ten)] == [cast.amina]


def test_a_later_wish_moves_the_edit_that_is_kept_for_later(records, cast, cards):
    wishes = [NOON + timedelta(minutes=minutes) for minutes in (10, 12, 11)]
    with records.begin() as tx:
        puts = [
            put_edits(tx, [cast.visit], now=NOON, elapsed=NOON, people=[cast.amina], again=Again(cast.amina, wish))
            for wish in wishes
        ]

    assert puts == [2, 0, 0]
    with records.read() as tx:
        held = tx.connection.scalars(sa.select(notice.c.hold_until).order_by(notice.c.hold_until)).all()
    assert held == [NOON, NOON + timedelta(minutes=12)]


def test_a_visit_without_cards_needs_no_edit(records, cast):
    assert edits(records, cast) == 0


def test_an_edit_in_back_off_is_still_the_one_edit(records, cast, cards):
    edits(records, cast)
    for one in claim(records):
        settle(records, one, Outcome.SERVER_ERROR)

    assert edits(records, cast) == 0


def test_what_waits_is_called_back_and_what_is_in_flight_is_not(records, cast):
    put(records, message(cast), message(cast))
    claim(records)
    with records.begin() as tx:
        assert outbox.void_waiting(tx, "person_revoked", now=NOON, people=[cast.amina]) == 1

    assert states(records) == [NoticeState.CLAIMED, NoticeState.VOID]


def test_a_claim_that_became_pointless_is_a_recorded_nothing(records, cast):
    put(records, message(cast))
    (one,) = claim(records)
    with records.begin() as tx:
        assert outbox.drop(tx, one, "answered", now=NOON)

    with records.read() as tx:
        row = tx.connection.execute(sa.select(notice.c.state, notice.c.void_because, notice.c.settled_at)).one()
    assert tuple(row) == ("void", "answered", NOON)


def test_a_notice_that_was_tampered_with_does_not_hold_up_the_others(records, cast):
    put(records, message(cast, "first"), message(cast, "second"))
    with records.begin() as tx:
        (first, _) = tx.connection.scalars(sa.select(notice.c.id).order_by(notice.c.place))
        tx.connection.execute(notice.update().where(notice.c.id == first).values(sealed=bytes(60)))

    assert claim(records) == ()
    assert [one.payload["text"] for one in claim(records)] == ["second"]
    assert states(records) == [NoticeState.FAILED, NoticeState.CLAIMED]


def test_a_stranger_is_refused_without_being_anybody(records):
    with records.begin() as tx:
        assert not outbox.stranger_told_since(tx, "999", since=NOON - timedelta(days=1))
        outbox.put(tx, [NewNotice(NoticeKind.MESSAGE, payload={"kind": "refusal"}, chat="999")], now=NOON, elapsed=NOON)
        assert outbox.stranger_told_since(tx, "999", since=NOON - timedelta(days=1))
    (one,) = claim(records)

    assert (one.person_id, one.payload) == (None, {"kind": "refusal", "chat": "999"})


def test_the_outbox_says_how_it_stands(records, cast):
    put(records, message(cast), NewNotice(NoticeKind.MESSAGE, person_id=cast.berta, payload={}), message(cast))
    first, _ = claim(records)
    settle(records, first, Outcome.REFUSED)

    with records.read() as tx:
        standing = outbox.standing(tx, elapsed=NOON + SECOND)
    assert (
        standing.waiting,
        standing.sending,
        standing.unknown,
        standing.failed,
        standing.oldest_due,
    ) == (1, 1, 0, 1, NOON)
