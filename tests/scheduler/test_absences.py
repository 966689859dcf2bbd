"""Somebody goes away: the cover is given what is open, and what was on its way finds somebody who is there."""

import pytest

from records import absences
from scheduler.absences import come_back
from tests.scheduler.vocabulary import RingingTrial
from trial.messages import DigestKind
from trial.moments import instant
from trial.responsibility import WhyTold
from trial.tasks import SiteFunction

IMAGING = frozenset({SiteFunction.IMAGING})


@pytest.fixture
def berta(trial: RingingTrial):
    trial.sends = True
    return trial.enrolled("Berta", functions=IMAGING, digest_on=0)


@pytest.fixture
def carla(trial: RingingTrial):
    return trial.enrolled("Carla", functions=frozenset({SiteFunction.SURGERY}), digest_on=0)


def test_the_cover_is_rung_and_told_for_whom(trial: RingingTrial, berta, carla):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.away(berta, "2026-05-18", "2026-05-29", carla)

    trial.live_until("2026-05-22 12:00")

    hold = trial.task(patient, "reevaluation_imaging")
    (due,) = trial.reminders(task_id=hold.id, step="due")
    assert (due.person_id, due.why, due.instead_of) == (carla, WhyTold.COVERS, berta)


def test_on_the_first_day_the_cover_gets_what_is_open_as_one_digest(trial: RingingTrial, berta, carla):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.away(berta, "2026-05-20", "2026-05-29", carla)  # a Wednesday

    trial.live_until("2026-05-19 18:00")
    before = trial.digests(person_id=carla, kind=DigestKind.HAND_OVER.value)
    trial.live_until("2026-05-20 09:00")

    (digest,) = trial.digests(person_id=carla, kind=DigestKind.HAND_OVER.value)
    assert before == []
    assert (digest.of_person, f"{digest.made_at:%m-%d %H:%M}") == (berta, "05-20 06:30")
    assert trial.task(patient, "reevaluation_imaging").id in trial.digest_items(digest)
    assert trial.audit_holds()


def test_what_the_cover_was_just_handed_does_not_stand_in_the_digest_of_the_same_morning(
    trial: RingingTrial, berta, carla
):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.away(berta, "2026-05-18", "2026-05-29", carla)  # a Monday

    trial.live_until("2026-05-18 09:00")

    hold = trial.task(patient, "reevaluation_imaging").id
    of_that_day = [row for row in trial.digests(person_id=carla) if f"{row.made_at:%m-%d}" == "05-18"]
    assert [row.kind for row in of_that_day if hold in trial.digest_items(row)] == [DigestKind.HAND_OVER]


def test_what_somebody_was_still_to_be_told_when_they_left_goes_to_others(trial: RingingTrial, berta, carla):
    """Also where nobody covers."""
    patient = trial.patient("417-001", first_registration="2026-02-24")
    trial.live_until("2026-04-29 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.away(berta, "2026-04-30", "2026-05-15")

    trial.live_until("2026-04-30 12:00")

    told = {row.person_id: (row.state, row.void_because) for row in trial.reminders(task_id=hold.id, step="heads_up")}
    assert told[berta] == ("void", "away")
    assert told[carla][0] == "waiting"


def test_whoever_is_away_gets_nothing_and_on_the_first_morning_back_the_digest(trial: RingingTrial, berta, carla):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.away(berta, "2026-05-18", "2026-05-27", carla)

    trial.live_until("2026-05-27 20:00")
    meanwhile = [row for row in trial.notices(person_id=berta) if f"{row.created_at:%m-%d}" >= "05-18"]
    trial.live_until("2026-05-28 09:00")

    assert meanwhile == []
    assert f"{trial.digests(person_id=berta)[-1].made_at:%m-%d %H:%M}" == "05-28 06:30"


def test_whoever_is_back_early_gets_the_digest_that_they_missed(trial: RingingTrial, berta, carla):
    trial.patient("417-001", first_registration="2026-03-02")
    absence = trial.away(berta, "2026-05-14", "2026-05-29", carla)
    went = instant(trial.clock.now())
    trial.live_until("2026-05-20 10:00")

    with trial.records.begin() as tx:
        absences.end_absence(tx, absence, back_on=trial.clock.now().date())
        made = come_back(tx, berta, since=went, **trial.times)

    assert made is not None
    assert trial.alarm_of(berta) == "2026-05-26 08:30"  # 25 May is Whit Monday


def test_a_cover_who_is_named_late_is_given_what_is_open_at_the_next_tick(trial: RingingTrial, berta, carla):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-05-20 10:00")

    trial.away(berta, "2026-05-20", "2026-05-29", carla)
    trial.tick()

    assert len(trial.digests(person_id=carla, kind=DigestKind.HAND_OVER.value)) == 1
    trial.live_until("2026-05-25 09:00")
    assert len(trial.digests(person_id=carla, kind=DigestKind.HAND_OVER.value)) == 1


def test_nobody_hands_over_for_an_absence_that_was_taken_back(trial: RingingTrial, berta, carla):
    trial.patient("417-001", first_registration="2026-03-02")
    absence = trial.away(berta, "2026-05-20", "2026-05-29", carla)
    with trial.records.begin() as tx:
        absences.end_absence(tx, absence, back_on=trial.clock.now().date())

    trial.live_until("2026-05-22 12:00")

    assert trial.digests(kind=DigestKind.HAND_OVER.value) == []
