"""Nudge now: one more reminder for whoever answers for a task, by the rules of every reminder."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from office import away
from office.explaining import why
from office.hours import set_daily_cap
from office.judging import Refusal
from office.nudging import AskedAgain, NotAsked, nudge
from records import schema
from records.plans import TaskRow
from scheduler.nudging import NotNudged
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, HelpKind
from trial.messages import WhyThis
from trial.people import Role

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def late(trial: Trial) -> TaskRow:
    """A visit of site 417 that is late since three weeks, of which Amina was told once."""
    trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-23 10:00")
    trial.tick()
    delivered(trial)
    return trial.task(patient, "baseline_imaging")


def delivered(trial: Trial) -> None:
    """What waits in the outbox has reached its people."""
    with trial.records.begin() as tx:
        tx.connection.execute(sa.update(schema.notice).values(state="sent", settled_at=trial.clock.now()))


def amina_of(trial: Trial, late: TaskRow) -> UUID:
    return next(one.person_id for one in trial.reminders() if one.task_id == late.id)


def boss(trial: Trial):
    return trial.manager()


def cards_of(trial: Trial, step: str = "nudge") -> list[str]:
    return [one.state for one in trial.reminders(step=step)]


def test_the_responsible_person_is_asked_at_once(trial: Trial, late: TaskRow):
    answered(trial, late)
    outcome = trial.does(nudge, trial.studies, late.id, boss(trial))

    assert outcome == AskedAgain("Amina", trial.clock.now(), now=True)
    assert cards_of(trial) == ["grouped"]
    assert [one.kind for one in trial.notices(state="waiting", person_id=amina_of(trial, late))] == ["card"]
    assert trial.audit_holds()
    assert len(trial.audited("task.nudged")) == 1


def answered(trial: Trial, late: TaskRow) -> None:
    """Something new: she will look on Monday, and is asked again the next time by whoever nudges."""
    amina = amina_of(trial, late)
    trial.says(amina, late, AnswerKind.LATER, until="2026-03-30")
    trial.wait(minutes=1)


def test_a_ladder_goes_on_as_if_nobody_had_nudged(trial: Trial, late: TaskRow):
    answered(trial, late)
    before = trial.task(late.patient_id, "baseline_imaging")
    trial.does(nudge, trial.studies, late.id, boss(trial))
    after = trial.task(late.patient_id, "baseline_imaging")

    assert (before.next_step, before.next_attention_at) == (after.next_step, after.next_attention_at)


def test_in_the_evening_it_waits_for_the_morning(trial: Trial, late: TaskRow):
    answered(trial, late)
    trial.forward_to("2026-03-23 21:30")
    outcome = trial.does(nudge, trial.studies, late.id, boss(trial))

    assert isinstance(outcome, AskedAgain)
    assert not outcome.now
    assert outcome.at.astimezone(BERLIN) == datetime(2026, 3, 24, 8, 30, tzinfo=BERLIN)
    assert cards_of(trial) == ["waiting"]


def test_nobody_is_nudged_twice_in_a_day(trial: Trial, late: TaskRow):
    answered(trial, late)
    manager = boss(trial)
    trial.does(nudge, trial.studies, late.id, manager)
    outcome = trial.does(nudge, trial.studies, late.id, manager)

    assert outcome == NotAsked(NotNudged.TODAY, "Amina")


def test_whoever_was_told_three_times_has_to_be_called(trial: Trial, late: TaskRow):
    manager = boss(trial)
    outcomes = []
    for day in ("24", "25", "26", "27"):
        trial.forward_to(f"2026-03-{day} 10:00")
        outcomes.append(trial.does(nudge, trial.studies, late.id, manager))
        delivered(trial)

    assert outcomes[-1] == NotAsked(NotNudged.OFTEN, "Amina")
    assert len(cards_of(trial)) == 2  # with the one that the ladder rang


def test_a_full_day_holds_no_nudge(trial: Trial, late: TaskRow):
    answered(trial, late)
    amina = amina_of(trial, late)
    trial.patient("417-002", first_registration="2026-03-02")
    trial.tick()
    delivered(trial)
    trial.does(set_daily_cap, amina, 1, by=None)
    outcome = trial.does(nudge, trial.studies, late.id, boss(trial))

    assert outcome == NotAsked(NotNudged.FULL, "Amina")
    assert cards_of(trial) == []


def test_whoever_covers_is_asked_instead(trial: Trial, late: TaskRow):
    answered(trial, late)
    amina = amina_of(trial, late)
    berta = trial.enrolled("Berta")
    trial.does(away.set_away, amina, date(2026, 4, 3), cover=berta, by=amina)
    outcome = trial.does(nudge, trial.studies, late.id, boss(trial))

    assert isinstance(outcome, AskedAgain)
    assert outcome.person == "Berta"


def test_a_nudge_waits_for_nobody_who_asked_for_help(trial: Trial, late: TaskRow):
    amina = amina_of(trial, late)
    manager = boss(trial)
    trial.says(amina, late, AnswerKind.NEED_HELP, needs=HelpKind.CALL_ME)

    assert trial.does(nudge, trial.studies, late.id, manager) == NotAsked(NotNudged.HELP, None)


def test_what_is_answered_is_asked_no_more(trial: Trial, late: TaskRow):
    amina = amina_of(trial, late)
    trial.says(amina, late, AnswerKind.DONE, day="2026-03-10")

    assert trial.does(nudge, trial.studies, late.id, boss(trial)) == NotAsked(NotNudged.NOT_OPEN, None)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR])
def test_only_the_trial_office_nudges(trial: Trial, late: TaskRow, role: Role):
    somebody = trial.enrolled("Clara", role=role)

    assert trial.does(nudge, trial.studies, late.id, somebody) is Refusal.NOT_ALLOWED
    assert cards_of(trial) == []


def test_why_says_that_the_trial_office_asked_again(trial: Trial, late: TaskRow):
    answered(trial, late)
    amina = amina_of(trial, late)
    trial.does(nudge, trial.studies, late.id, boss(trial))
    told = trial.asks(why, trial.studies, amina)

    assert isinstance(told, WhyThis)
    assert (told.step, told.rule) == ("nudge", "")
