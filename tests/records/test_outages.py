"""Outages of our own and the links of one item: what is held waits for its release, what was used stays used."""

from datetime import timedelta

import pytest

from records import links, outages, outbox
from records.outbox import Attempt, NewNotice, NoticeKind, Outcome
from tests.records.cast import NOW, add_task, note, say
from trial.answers import AnswerKind

HOUR = timedelta(hours=1)
TOKEN = bytes(32)
PAGE = bytes([1]) * 32


def record(tx, *, hours=30, held=True, at=NOW):
    return outages.record_outage(
        tx, began_at=at, ended_at=at + hours * HOUR, trial_from=at, trial_until=at + hours * HOUR, held=held
    )


def test_sending_waits_until_every_held_outage_is_released(records, cast):
    with records.begin() as tx:
        record(tx, hours=1, held=False)
        nothing = outages.held_outage(tx)
        second, first = record(tx, at=NOW + 100 * HOUR), record(tx)
        held = outages.held_outage(tx)
        released = [outages.release(tx, first, by=cast.berta, at=NOW) for _ in range(2)]
        next_one = outages.held_outage(tx)
        outages.release(tx, second, by=None, at=NOW)

        assert nothing is None
        assert (held.id, held.trial_until) == (first, NOW + 30 * HOUR)
        assert released == [True, False]
        assert next_one.id == second
        assert outages.held_outage(tx) is None
        assert {one.id: one.released_by for one in outages.latest_outages(tx, limit=9)}[first] == cast.berta


def test_an_outage_that_was_not_held_cannot_be_released(records):
    with records.begin() as tx:
        assert not outages.release(tx, record(tx, held=False), by=None, at=NOW)


def test_the_latest_outages_come_first(records):
    with records.begin() as tx:
        recorded = [record(tx, held=False, at=NOW + day * 24 * HOUR) for day in range(3)]

        assert recorded[:0:-1] == [one.id for one in outages.latest_outages(tx, limit=2)]


def send(tx, kind, *, to, outcome=Outcome.ACCEPTED, at=NOW):
    outbox.put(tx, [NewNotice(kind, person_id=to)], now=at, elapsed=at)
    (claimed,) = outbox.claim(tx, elapsed=at, token=1, limit=1)
    outbox.settle(tx, claimed, Attempt(outcome, at, at, "ja", "1"), now=at, elapsed=at)


@pytest.mark.parametrize(
    ("kind", "outcome", "ago", "in_touch"),
    [
        (NoticeKind.CARD, Outcome.ACCEPTED, HOUR, True),
        (NoticeKind.DIGEST, Outcome.ACCEPTED, HOUR, True),
        (NoticeKind.CARD, Outcome.AMBIGUOUS, HOUR, True),  # it may have arrived
        (NoticeKind.CARD, Outcome.REFUSED, HOUR, False),
        (NoticeKind.CARD, Outcome.ACCEPTED, 25 * HOUR, False),
        (NoticeKind.MESSAGE, Outcome.ACCEPTED, HOUR, False),
    ],
)
def test_whoever_was_sent_a_card_lately_may_have_pressed_it(records, cast, kind, outcome, ago, in_touch):
    with records.begin() as tx:
        send(tx, kind, to=cast.amina, outcome=outcome, at=NOW - ago)

        assert ((cast.amina,) if in_touch else ()) == outages.people_in_touch(tx, since=NOW - 24 * HOUR)


def test_whoever_answered_lately_was_in_touch(records, cast):
    with records.begin() as tx:
        note(tx, cast)
        say(tx, cast, add_task(tx, cast), AnswerKind.BOOKED, at=NOW)

        assert (cast.amina,) == outages.people_in_touch(tx, since=NOW)
        assert outages.people_in_touch(tx, since=NOW + HOUR) == ()


@pytest.fixture
def link(records, cast):
    with records.begin() as tx:
        return links.add_link(
            tx,
            person_id=cast.amina,
            visit_id=cast.visit,
            token_hash=TOKEN,
            created_at=NOW,
            expires_at=NOW + HOUR,
        )


def test_a_link_may_be_looked_at_often_and_used_once(records, cast, link):
    with records.begin() as tx:
        seen = [links.open_link(tx, TOKEN, elapsed=NOW) for _ in range(2)]
        used = [links.use_link(tx, link, page_hash=PAGE, elapsed=NOW, until=NOW + HOUR) for _ in range(2)]

        assert [(link, cast.amina, cast.visit)] * 2 == [(one.id, one.person_id, one.visit_id) for one in seen]
        assert used == [True, False]
        assert links.open_link(tx, TOKEN, elapsed=NOW) is None


def test_a_link_that_has_expired_opens_nothing(records, link):
    with records.begin() as tx:
        assert links.open_link(tx, TOKEN, elapsed=NOW + HOUR) is None
        assert not links.use_link(tx, link, page_hash=PAGE, elapsed=NOW + HOUR, until=NOW + 2 * HOUR)
        assert links.open_link(tx, TOKEN[:-1] + b"x", elapsed=NOW) is None


def test_a_used_link_is_a_page_until_it_closes_or_expires(records, link):
    with records.begin() as tx:
        assert links.open_page(tx, TOKEN, elapsed=NOW) is None
        links.use_link(tx, link, page_hash=PAGE, elapsed=NOW, until=NOW + 2 * HOUR)

        page = links.open_page(tx, PAGE, elapsed=NOW + HOUR)
        assert page is not None
        assert page.id == link
        assert links.open_link(tx, PAGE, elapsed=NOW) is None
        assert links.open_page(tx, PAGE, elapsed=NOW + 2 * HOUR) is None
        assert [links.close_page(tx, link, elapsed=NOW + HOUR) for _ in range(2)] == [True, False]
        assert links.open_page(tx, PAGE, elapsed=NOW + HOUR) is None


def test_expired_links_are_forgotten(records, link):
    with records.begin() as tx:
        assert links.drop_expired(tx, before=NOW + HOUR) == 0
        assert links.drop_expired(tx, before=NOW + 2 * HOUR) == 1
