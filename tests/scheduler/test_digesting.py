"""The weekly digest, what cannot wait for it, and what is more than a day's share."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from records import people, teams
from scheduler.claims import settled
from scheduler.digesting import choose_digest, set_digest_alarm, set_missing_alarms
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind
from trial.messages import DigestKind
from trial.tasks import SiteFunction

IMAGING = frozenset({SiteFunction.IMAGING})


@pytest.fixture
def berta(trial: RingingTrial):
    """Does the imaging, and reads a digest on Mondays."""
    trial.sends = True
    return trial.enrolled("Berta", functions=IMAGING, digest_on=0)


def baseline_done(trial: RingingTrial, person_id: UUID, code: str, *, first_registration: str) -> UUID:
    """A patient about whom nothing is open before the re-evaluation imaging."""
    patient = trial.patient(code, first_registration=first_registration)
    trial.says(person_id, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day=first_registration)
    for upload in ("upload_ct", "upload_mri"):
        task = trial.task(patient, "baseline_imaging", upload)
        trial.says(person_id, task, AnswerKind.UPLOADED, day="2026-03-02")
        with trial.records.begin() as tx:
            settled(tx, task.id)
    return patient


def test_what_is_not_urgent_comes_in_the_monday_digest(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-02-24")
    visit = trial.visits(patient)["reevaluation_imaging"]

    trial.live_until("2026-05-01 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    waiting = trial.reminders(task_id=hold.id)
    trial.live_until("2026-05-04 09:00")

    # The window opens on Tuesday 5 May: the heads-up of the Tuesday before waits for Monday.
    assert [(row.step, row.state, row.single) for row in waiting] == [("heads_up", "waiting", False)]
    (digest,) = [row for row in trial.digests() if hold.id in trial.digest_items(row)]
    assert (digest.kind, f"{digest.made_at:%Y-%m-%d %H:%M}") == (DigestKind.WEEKLY, "2026-05-04 06:30")
    assert [row.state for row in trial.reminders(task_id=hold.id)] == ["grouped"]
    assert trial.notices(kind="card", visit_id=visit.id) == []
    assert trial.audit_holds()


def test_what_is_due_and_what_is_late_is_told_by_itself(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-02-24")

    trial.live_until("2026-06-04 12:00")

    hold = trial.task(patient, "reevaluation_imaging")
    single = {row.step: row.single for row in trial.reminders(task_id=hold.id)}
    assert single == {"heads_up": False, "window_open": False, "due": True, "late": True}


def test_a_window_that_closes_before_the_digest_could_be_read_is_told_at_once(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "baseline_imaging")
    trial.tick()

    # It closed on the very day: nobody waits for Monday.
    assert [row.single for row in trial.reminders(task_id=hold.id)] == [True]


def test_the_digest_holds_everything_that_is_open_and_nothing_of_a_colleague(trial: RingingTrial, berta):
    dora = trial.enrolled("Dora", functions=frozenset({SiteFunction.SURGERY}), digest_on=0)
    patient = trial.patient("417-001", first_registration="2026-03-02")

    trial.live_until("2026-06-01 09:00")

    hold = trial.task(patient, "reevaluation_imaging")
    last = trial.digests(person_id=berta)[-1]
    assert hold.id in trial.digest_items(last)
    assert all(hold.id not in trial.digest_items(row) for row in trial.digests(person_id=dora))


def test_a_list_of_what_a_card_told_on_the_same_morning_is_not_sent(trial: RingingTrial, berta):
    trial.enrolled("Dora", functions=frozenset({SiteFunction.COORDINATION}))
    patient = baseline_done(trial, berta, "417-001", first_registration="2026-02-23")

    trial.live_until("2026-05-19 12:00")
    hold = trial.task(patient, "reevaluation_imaging")

    # The best day of the window is Monday 18 May, and there is nothing else to list.
    assert [f"{row.created_at:%m-%d}" for row in trial.reminders(task_id=hold.id, step="due")] == ["05-18"]
    assert [f"{row.made_at:%m-%d}" for row in trial.digests(person_id=berta)] == ["04-27", "05-04", "05-11"]
    assert trial.alarm_of(berta) == "2026-05-26 08:30"


def test_a_list_that_holds_anything_else_is_sent(trial: RingingTrial, berta):
    for number, day in enumerate(("2026-02-23", "2026-02-25"), start=1):
        baseline_done(trial, berta, f"417-00{number}", first_registration=day)

    trial.live_until("2026-05-18 12:00")

    assert f"{trial.digests(person_id=berta)[-1].made_at:%m-%d}" == "05-18"


def test_after_the_ladder_has_ended_a_task_lives_in_the_digest(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-07-05 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    assert trial.alarm(hold) == (None, None)

    trial.live_until("2026-07-06 09:00")

    assert hold.id in trial.digest_items(trial.digests(person_id=berta)[-1])


def test_an_empty_digest_is_not_sent(trial: RingingTrial, berta):
    trial.live_until("2026-05-04 09:00")

    assert trial.digests() == []
    assert trial.notices(kind="digest") == []
    assert trial.alarm_of(berta) == "2026-05-11 08:30"


def test_what_fell_due_before_the_site_began_floods_no_digest(trial: RingingTrial):
    trial.site("777", "Lyon", "FR", "Europe/Paris", rings_from="2026-03-15")
    trial.enrolled("Claire", site="777", digest_on=0)
    patient = trial.patient("777-001", site="777", first_registration="2026-03-02")

    trial.live_until("2026-03-30 12:00")

    old = trial.task(patient, "baseline_imaging").id
    assert all(old not in trial.digest_items(row) for row in trial.digests())


def test_on_a_holiday_the_digest_comes_on_the_working_day_after(trial: RingingTrial, berta):
    trial.live_until("2026-03-31 12:00")

    assert trial.alarm_of(berta) == "2026-04-07 08:30"  # 6 April is Easter Monday


def test_other_hours_move_the_digest_with_them(trial: RingingTrial, berta):
    trial.hours(berta, "10:00", "16:00")

    assert trial.alarm_of(berta) == "2026-03-02 10:00"  # a Monday, nine o'clock


def test_a_digest_that_fell_due_at_night_waits_for_the_morning(trial: RingingTrial, berta):
    """The service was down from Sunday evening to Tuesday, three o'clock."""
    trial.patient("417-001", first_registration="2026-02-24")
    trial.live_until("2026-05-03 18:00")
    before = len(trial.digests())
    trial.forward_to("2026-05-05 03:00")

    trial.tick()
    at_night = len(trial.digests())
    trial.live_until("2026-05-05 09:00")

    assert at_night == before
    assert len(trial.digests()) == before + 1


def test_whoever_wants_each_thing_by_itself_gets_what_waited_at_once(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-02-24")
    trial.live_until("2026-04-30 12:00")
    with trial.records.begin() as tx:
        choose_digest(tx, berta, None, now=trial.clock.now())

    trial.tick()

    hold = trial.task(patient, "reevaluation_imaging")
    assert [(row.state, row.single) for row in trial.reminders(task_id=hold.id)] == [("grouped", True)]
    assert trial.alarm_of(berta) is None


def test_whoever_was_enrolled_without_an_alarm_is_found(trial: RingingTrial, berta):
    with trial.records.begin() as tx:
        teams.set_next_digest(tx, berta, None)

        assert set_missing_alarms(tx, now=trial.clock.now()) == 1
        assert set_missing_alarms(tx, now=trial.clock.now()) == 0


def test_an_answer_takes_a_task_out_of_the_digest(trial: RingingTrial, berta):
    patient = trial.patient("417-001", first_registration="2026-02-24")
    trial.live_until("2026-04-30 12:00")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.says(berta, hold, AnswerKind.NOT_APPLICABLE, reason="chemotherapy_continues")

    trial.live_until("2026-05-04 09:00")

    assert [row.state for row in trial.reminders(task_id=hold.id)] == ["void"]
    assert all(hold.id not in trial.digest_items(row) for row in trial.digests())


def test_who_cannot_be_told_gets_no_digest_and_others_hear_of_it(trial: RingingTrial, berta):
    carla = trial.enrolled("Carla")
    patient = trial.patient("417-001", first_registration="2026-02-24")
    trial.live_until("2026-04-30 12:00")
    before = len(trial.digests(person_id=berta))
    with trial.records.begin() as tx:  # below the use case, as a failed delivery does it
        people.set_reachable(tx, berta, reachable=False)

    trial.live_until("2026-05-04 09:00")

    hold = trial.task(patient, "reevaluation_imaging")
    told = {row.person_id: row.state for row in trial.reminders(task_id=hold.id, step="heads_up")}
    assert told == {berta: "void", carla: "grouped"}
    assert len(trial.digests(person_id=berta)) == before


# --- a day's share ----------------------------------------------------------------------------------------------------


def test_what_is_more_than_a_days_share_waits_for_the_next_morning(trial: RingingTrial):
    trial.sends = True
    amina = trial.enrolled("Amina")
    trial.capped(amina, 3)
    for number in range(1, 7):
        trial.patient(f"417-00{number}", first_registration="2026-03-02")

    trial.forward_to("2026-05-04 09:00")
    trial.tick()
    cards = [row for row in trial.notices(kind="card") if f"{row.created_at:%m-%d}" == "05-04"]
    trial.live_until("2026-05-05 09:00")

    assert len(cards) == 3
    (digest,) = trial.digests(person_id=amina)
    assert (digest.kind, f"{digest.made_at:%m-%d %H:%M}") == (DigestKind.OVERFLOW, "05-05 06:30")
    assert len(trial.digest_items(digest)) >= 3
    assert trial.audit_holds()


def test_a_share_holds_also_for_what_waited_for_the_morning(trial: RingingTrial):
    trial.sends = True
    amina = trial.enrolled("Amina")
    trial.capped(amina, 2)
    for number in range(1, 5):
        trial.patient(f"417-00{number}", first_registration="2026-03-02")
    trial.forward_to("2026-05-03 19:00")
    trial.tick()

    trial.live_until("2026-05-04 17:00")

    day = datetime(2026, 5, 4, tzinfo=UTC).date()
    assert len([row for row in trial.notices(kind="card") if row.created_at.date() == day]) == 2


def test_a_reminder_that_waited_does_not_go_out_at_night(trial: RingingTrial):
    """The service was down when its moment came, and is up again at three in the morning."""
    amina = trial.enrolled("Amina")
    trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-06 17:30")
    trial.tick()
    trial.forward_to("2026-03-10 03:00")
    trial.tick()
    at_night = trial.notices(kind="card")

    trial.live_until("2026-03-10 09:00")

    assert at_night == []
    assert [row.person_id for row in trial.notices(kind="card")] == [amina]


def test_a_day_on_which_the_site_is_closed_is_no_day_for_messages(trial: RingingTrial):
    trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.closed("417", "2026-05-04", "2026-05-06")

    trial.live_until("2026-05-07 12:00")

    (reminder,) = trial.reminders(task_id=trial.task(patient, "reevaluation_imaging").id)
    assert reminder.not_before >= datetime(2026, 5, 7, 6, 30, tzinfo=UTC)


def test_setting_the_alarm_twice_sets_it_to_the_same(trial: RingingTrial, berta):
    first = trial.alarm_of(berta)
    with trial.records.begin() as tx:
        set_digest_alarm(tx, berta, now=trial.clock.now())

    assert trial.alarm_of(berta) == first
