from datetime import UTC, datetime, timedelta

import pytest

from scheduler.clock import FixedClock, SystemClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_an_unshifted_clock_shows_one_time():
    clock = SystemClock()

    assert abs(clock.now() - clock.elapsed()) < timedelta(seconds=5)


def test_a_demo_shifts_trial_time_and_leaves_elapsed_time_alone():
    clock = SystemClock(timedelta(days=30))
    clock.shift_to(timedelta(days=90))

    assert timedelta(days=89) < clock.now() - clock.elapsed() < timedelta(days=91)
    assert clock.offset == timedelta(days=90)


def test_elapsed_time_never_runs_backwards():
    clock = SystemClock()

    shown = [clock.elapsed() for _ in range(200)]

    assert shown == sorted(shown)


def test_a_fixed_clock_moves_when_it_is_told_to():
    clock = FixedClock(NOON)
    clock.forward_to(NOON + timedelta(days=1))
    clock.wait(timedelta(hours=1))

    assert clock.now() == NOON + timedelta(days=1, hours=1)
    assert clock.elapsed() == NOON + timedelta(hours=1)


def test_no_clock_runs_backwards():
    with pytest.raises(ValueError, match="backwards"):
        FixedClock(NOON).forward_to(NOON - timedelta(seconds=1))
