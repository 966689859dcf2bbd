"""Leases: one holder at a time, and the token never counts down."""

from datetime import timedelta

from records import leases, pulses
from records.database import Records
from records.leases import Lease
from tests.records.cast import NOON

TTL = timedelta(seconds=15)


def acquire(records: Records, holder: str, *, after: timedelta = timedelta(0), dead: str = "") -> Lease | None:
    with records.begin() as tx:
        return leases.acquire(
            tx, "service", holder, elapsed=NOON + after, ttl=TTL, holder_is_dead=lambda other: other == dead
        )


def test_one_process_holds_it_and_another_waits(records):
    assert acquire(records, "a").token == 1
    assert acquire(records, "b") is None
    assert acquire(records, "b", after=TTL - timedelta(microseconds=1)) is None


def test_an_expired_lease_is_taken_over_under_a_higher_token(records):
    first = acquire(records, "a")
    second = acquire(records, "b", after=TTL)

    assert (first.token, second.token) == (1, 2)


def test_a_holder_that_is_known_to_be_dead_is_not_waited_for(records):
    acquire(records, "a")

    assert acquire(records, "b", dead="a").token == 2


def test_a_holder_that_starts_again_gets_a_new_token_at_once(records):
    acquire(records, "a")

    assert acquire(records, "a").token == 2


def test_renewing_keeps_it_and_the_token(records):
    held = acquire(records, "a")
    with records.begin() as tx:
        held = leases.renew(tx, held, elapsed=NOON + TTL / 2, ttl=TTL)

    assert held.token == 1
    assert acquire(records, "b", after=TTL) is None


def test_a_lease_that_was_lost_cannot_be_renewed(records):
    stale = acquire(records, "a")
    acquire(records, "b", after=TTL)
    with records.begin() as tx:
        assert leases.renew(tx, stale, elapsed=NOON + TTL, ttl=TTL) is None
        leases.release(tx, stale, elapsed=NOON + TTL)

    assert acquire(records, "c", after=TTL) is None


def test_a_released_lease_is_free_at_once_and_its_token_stays(records):
    held = acquire(records, "a")
    with records.begin() as tx:
        leases.release(tx, held, elapsed=NOON)

    assert acquire(records, "b").token == 2


def test_a_pulse_is_the_last_one(records):
    with records.begin() as tx:
        pulses.beat(tx, "tick", NOON)
        pulses.beat(tx, "tick", NOON + TTL, "ok")
        pulses.beat(tx, "receive", NOON)

    with records.read() as tx:
        found = pulses.pulses(tx)
    assert {n: (p.at, p.detail) for n, p in found.items()} == {"tick": (NOON + TTL, "ok"), "receive": (NOON, None)}
