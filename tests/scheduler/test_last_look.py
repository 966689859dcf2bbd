"""What was put into somebody's hours and kept until they are over is not delivered then."""

from datetime import timedelta

import pytest

from office.telling import tell, tell_in_hours
from records import leases, outbox
from scheduler.digesting import homes_of
from scheduler.last_look import put_off
from tests.scheduler.vocabulary import RingingTrial
from trial.messages import BackAgain
from trial.tasks import SiteFunction


@pytest.fixture
def berta(trial: RingingTrial):
    berta = trial.enrolled("Berta", functions=frozenset({SiteFunction.IMAGING}))
    trial.sent()
    return berta


@pytest.fixture
def dora(trial: RingingTrial, berta):
    dora = trial.enrolled("Dora")
    trial.sent()
    return dora


@pytest.fixture
def hold(trial: RingingTrial, berta):
    """Rung on Monday 4 May at 08:30; its card is in the outbox."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.sends = True
    trial.live_until("2026-05-04 08:00")
    trial.sends = False
    trial.live_until("2026-05-04 08:30")
    return trial.task(patient, "reevaluation_imaging")


def looked_at(trial: RingingTrial) -> list[bool]:
    """Everything that could leave now, one after the other: whether it was put off. What was not is over then."""
    put = []
    with trial.records.begin() as tx:
        taken = leases.acquire(
            tx, leases.SERVICE, "a test", elapsed=trial.clock.elapsed(), ttl=timedelta(days=1), holder_is_dead=bool
        )
        assert taken is not None
        while claims := outbox.claim(tx, elapsed=trial.clock.elapsed(), token=taken.token, limit=50):
            for claim in claims:
                put.append(put_off(tx, claim, **trial.times))
                if not put[-1]:
                    outbox.drop(tx, claim, "test", now=trial.clock.now())
    return put


def test_a_card_leaves_in_its_persons_hours(trial: RingingTrial, hold):
    trial.forward_to("2026-05-04 16:59")

    assert looked_at(trial) == [False]


def test_a_card_that_was_kept_until_the_evening_is_told_in_the_morning(trial: RingingTrial, hold):
    trial.forward_to("2026-05-04 17:20")

    put = looked_at(trial)
    waiting = trial.reminders(task_id=hold.id)
    trial.live_until("2026-05-05 08:30")

    assert put == [True]
    assert [row.state for row in waiting] == ["waiting"]
    assert [row.state for row in trial.reminders(task_id=hold.id)] == ["grouped"]
    assert looked_at(trial) == [False]
    assert trial.audit_holds()


def test_a_card_for_somebody_who_is_away_by_now_goes_to_a_colleague(trial: RingingTrial, berta, dora, hold):
    trial.away(berta, "2026-05-04", "2026-05-08")
    trial.forward_to("2026-05-04 10:00")

    put = looked_at(trial)
    trial.tick()
    trial.tick()

    told = [(row.person_id, row.state) for row in trial.reminders(task_id=hold.id) if row.state != "void"]
    assert put == [True]
    assert told == [(dora, "grouped")]


def test_news_that_nobody_waits_for_stay_until_the_morning_and_an_answer_does_not(trial: RingingTrial, berta):
    trial.forward_to("2026-05-04 16:59")
    with trial.records.begin() as tx:
        reader = homes_of(tx, [berta], now=trial.clock.now())[berta].reader
        tell_in_hours(tx, reader, BackAgain(), **trial.times)
        tell(tx, berta, BackAgain(), **trial.times)
    trial.forward_to("2026-05-04 17:20")

    put = looked_at(trial)
    trial.forward_to("2026-05-05 08:30")

    assert sorted(put) == [False, True]
    assert looked_at(trial) == [False]
