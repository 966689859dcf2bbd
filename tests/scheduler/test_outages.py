"""Our own outages: recorded, told in one line to whoever may have pressed in vain, and after a long one held."""

from datetime import timedelta

import pytest

from records import outages
from records.pulses import beat
from scheduler.outages import hold, note_gap, release
from scheduler.watching import TICK
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind
from trial.messages import DigestKind, ItemKind


@pytest.fixture
def amina(trial: RingingTrial):
    trial.sends = True
    return trial.enrolled("Amina")


def ticked(trial: RingingTrial) -> None:
    with trial.records.begin() as tx:
        beat(tx, TICK, trial.clock.elapsed())


def started(trial: RingingTrial):
    return note_gap(trial.records, **trial.times)


def answered(trial: RingingTrial, person) -> None:
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(person, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")


def test_a_short_silence_is_nothing(trial: RingingTrial, amina):
    ticked(trial)
    trial.wait(seconds=120)

    assert started(trial) is None


def test_the_first_start_is_no_outage(trial: RingingTrial):
    assert started(trial) is None


def test_whoever_answered_lately_is_told_that_a_press_may_be_lost(trial: RingingTrial, amina):
    trial.enrolled("Berta")
    trial.forward_to("2026-03-03 10:00")
    answered(trial, amina)
    ticked(trial)
    trial.wait(minutes=3)

    outage = started(trial)

    assert outage is not None
    assert trial.messages(amina)[-1] == "gap"
    assert [row for row in trial.notices(kind="message") if row.person_id == amina][-1].hold_until <= trial.clock.now()
    with trial.records.read() as tx:
        assert outages.held_outage(tx) is None


def test_a_process_that_dies_before_its_first_tick_tells_nobody_twice(trial: RingingTrial, amina):
    trial.forward_to("2026-03-03 10:00")
    answered(trial, amina)
    ticked(trial)
    trial.wait(minutes=3)
    first = started(trial)

    trial.wait(minutes=4)
    second = started(trial)

    assert second == first
    assert trial.messages(amina).count("gap") == 1
    assert len(trial.items(ItemKind.TICK_MISSING)) == 1
    with trial.records.read() as tx:
        (outage,) = outages.latest_outages(tx, limit=5)
    assert outage.ended_at - outage.began_at == timedelta(minutes=7)
    assert trial.audit_holds()


def test_after_a_tick_the_next_silence_is_one_of_its_own(trial: RingingTrial, amina):
    trial.forward_to("2026-03-03 10:00")
    answered(trial, amina)
    ticked(trial)
    trial.wait(minutes=3)
    first = started(trial)
    ticked(trial)
    trial.wait(minutes=3)

    assert started(trial) not in {None, first}
    assert trial.messages(amina).count("gap") == 2


def test_processes_that_die_for_more_than_a_day_are_held_and_held_no_more_once_released(trial: RingingTrial, amina):
    trial.forward_to("2026-03-03 10:00")
    ticked(trial)
    trial.wait(minutes=3)
    outage = started(trial)
    trial.wait(hours=25)

    assert started(trial) == outage
    assert len(trial.items(ItemKind.OUTAGE)) == 1

    with trial.records.begin() as tx:
        release(tx, outage, None, **trial.times)
    trial.wait(seconds=60)

    assert started(trial) is None
    with trial.records.read() as tx:
        assert outages.held_outage(tx) is None


def test_nobody_is_told_so_at_night(trial: RingingTrial, amina):
    trial.forward_to("2026-03-03 22:00")
    answered(trial, amina)
    ticked(trial)
    trial.wait(minutes=30)

    started(trial)

    line = [row for row in trial.notices(kind="message") if row.person_id == amina][-1]
    assert line.hold_until - trial.clock.elapsed() == timedelta(hours=10)  # half past eight


def test_who_was_not_in_touch_hears_nothing(trial: RingingTrial, amina):
    trial.forward_to("2026-03-05 10:00")
    ticked(trial)
    trial.wait(minutes=3)

    started(trial)

    assert "gap" not in trial.messages(amina)


def test_a_silence_of_some_minutes_is_told_to_the_office(trial: RingingTrial, amina):
    ticked(trial)
    trial.wait(minutes=6)

    started(trial)

    assert len(trial.items(ItemKind.TICK_MISSING)) == 1


@pytest.fixture
def held(trial: RingingTrial, amina):
    """Down from Thursday 30 April to Wednesday 6 May; three patients' windows open on Monday 11 May."""
    for number in (1, 2, 3):
        trial.patient(f"417-00{number}", first_registration="2026-03-02")
    trial.live_until("2026-04-30 12:00")
    ticked(trial)
    trial.forward_to("2026-05-06 10:00")
    outage = started(trial)
    assert outage is not None
    return outage


def test_after_more_than_a_day_nothing_goes_out_until_somebody_releases_it(trial: RingingTrial, amina, held):
    before = len(trial.notices())

    trial.tick()
    trial.live_until("2026-05-12 12:00")

    assert [row for row in trial.notices()[before:] if row.kind in {"card", "digest"}] == []
    assert len(trial.items(ItemKind.OUTAGE)) == 1
    assert all(not row.single for row in trial.reminders(state="waiting"))


def test_what_waited_goes_out_as_one_digest_for_each_person(trial: RingingTrial, amina, held):
    trial.tick()
    trial.live_until("2026-05-12 12:00")
    waiting = {row.task_id for row in trial.reminders(state="waiting")}

    with trial.records.begin() as tx:
        told = release(tx, held, None, **trial.times)
        again = release(tx, held, None, **trial.times)

    (digest,) = trial.digests(kind=DigestKind.RELEASE.value)
    assert (told, again) == (1, None)
    assert waiting == trial.digest_items(digest)
    assert trial.reminders(state="waiting") == []
    assert trial.items(ItemKind.OUTAGE) == []
    assert trial.audit_holds()


def test_after_the_release_everything_rings_as_ever(trial: RingingTrial, amina, held):
    trial.tick()
    with trial.records.begin() as tx:
        release(tx, held, None, **trial.times)

    trial.live_until("2026-05-22 12:00")

    due = trial.reminders(step="due")
    assert any(row.state == "grouped" and row.single for row in due)


def test_what_is_released_at_night_leaves_in_the_morning(trial: RingingTrial, amina, held):
    trial.tick()
    trial.forward_to("2026-05-06 22:30")

    with trial.records.begin() as tx:
        release(tx, held, None, **trial.times)

    (notice,) = [row for row in trial.notices(kind="digest") if row.state == "waiting"]
    assert notice.hold_until - trial.clock.elapsed() == timedelta(hours=10)


def test_cards_that_waited_when_a_backup_was_restored_are_called_back(trial: RingingTrial, amina):
    trial.sends = False
    trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-04 09:00")
    waiting = trial.notices(kind="card", state="waiting")

    with trial.records.begin() as tx:
        held = hold(tx, **trial.times)
        again = hold(tx, **trial.times)

    assert held is not None
    assert again is None
    assert waiting
    assert trial.notices(kind="card", state="waiting") == []
    assert {row.state for row in trial.reminders()} == {"waiting"}


def test_what_was_held_before_the_start_is_one_outage_with_the_silence_around_it(trial: RingingTrial, amina):
    trial.forward_to("2026-03-03 10:00")
    ticked(trial)
    trial.wait(hours=2)
    with trial.records.begin() as tx:
        held = hold(tx, **trial.times)
    trial.wait(minutes=10)

    assert started(trial) == held
    with trial.records.read() as tx:
        (outage,) = outages.latest_outages(tx, limit=5)
    assert outage.held
    assert outage.ended_at - outage.began_at == timedelta(hours=2, minutes=10)
