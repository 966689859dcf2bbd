from datetime import date, timedelta

import pytest

from office.answers import AlreadyAnswered, Recorded
from office.judging import Refusal
from records import patients
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.tasks import TaskState


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def patient(trial: Trial):
    return trial.patient("417-001", first_registration="2026-03-02")


@pytest.fixture
def operated(trial: Trial):
    """A patient with both registrations on one day; the operation is awaited."""
    return trial.patient("417-002", first_registration="2026-03-02", second_registration="2026-03-02")


def test_a_visit_that_was_held_gives_its_uploads_their_dates(trial: Trial, amina, patient):
    hold = trial.task(patient, "baseline_imaging")

    said = trial.says(amina, hold, AnswerKind.DONE, day="2026-02-20")

    assert isinstance(said, Recorded)
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    assert trial.task(patient, "baseline_imaging").state is TaskState.DONE
    assert (upload.opens, upload.due) == (date(2026, 2, 20), date(2026, 2, 27))
    assert upload.next_attention_at is not None


def test_an_upload_closes_its_own_task_alone(trial: Trial, amina, patient):
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")

    trial.says(amina, trial.task(patient, "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-02")

    assert trial.task(patient, "baseline_imaging", "upload_ct").state is TaskState.DONE
    assert trial.task(patient, "baseline_imaging", "upload_mri").state is TaskState.OPEN


def test_saying_the_same_twice_tells_who_said_it_first(trial: Trial, amina, patient):
    berta = trial.enrolled("Berta")
    hold = trial.task(patient, "baseline_imaging")
    first = trial.says(amina, hold, AnswerKind.DONE, day="2026-02-20")
    trial.wait(minutes=3)

    second = trial.says(berta, hold, AnswerKind.DONE, day="2026-02-20")

    assert isinstance(first, Recorded)
    assert isinstance(second, AlreadyAnswered)
    assert (second.answer_id, second.by) == (first.answer_id, "Amina")


def test_saying_otherwise_about_a_closed_task_is_refused(trial: Trial, amina, patient):
    hold = trial.task(patient, "baseline_imaging")
    trial.says(amina, hold, AnswerKind.DONE, day="2026-02-20")

    assert trial.says(amina, hold, AnswerKind.DONE, day="2026-02-21") is Refusal.CLOSED


@pytest.mark.parametrize(
    ("kind", "said", "refusal"),
    [
        (AnswerKind.DONE, {"day": "2026-03-03"}, Refusal.FUTURE_DAY),
        (AnswerKind.DONE, {"day": "2026-01-30"}, Refusal.BEFORE_REGISTRATION),
        (AnswerKind.DONE, {}, Refusal.UNFIT),
        (AnswerKind.BOOKED, {"day": "2026-01-30"}, Refusal.BEFORE_REGISTRATION),
        (AnswerKind.BOOKED, {"day": "2201-01-01"}, Refusal.UNFIT),
        (AnswerKind.NOT_DONE, {}, Refusal.UNFIT),
        (AnswerKind.NOT_DONE, {"reason": "no_such_reason"}, Refusal.UNFIT),
        (AnswerKind.LATER, {"until": "2026-03-02"}, Refusal.UNFIT),
        (AnswerKind.UPLOADED, {"day": "2026-03-02"}, Refusal.UNFIT),
        (AnswerKind.STATED, {"value": "yes"}, Refusal.UNFIT),
        (AnswerKind.NO_LONGER_FOLLOWED, {}, Refusal.UNFIT),
        (AnswerKind.UNDO, {}, Refusal.UNFIT),
    ],
)
def test_what_cannot_be_so_is_refused_and_leaves_nothing(trial: Trial, amina, patient, kind, said, refusal):
    hold = trial.task(patient, "baseline_imaging")

    assert trial.says(amina, hold, kind, **said) is refusal
    assert trial.audited("answer.recorded") == []
    assert trial.task(patient, "baseline_imaging") == hold


def test_today_is_the_sites_own_day(trial: Trial):
    tomoko = trial.enrolled("Tomoko", site="501")
    patient = trial.patient("501-001", site="501", first_registration="2026-03-02")
    trial.forward_to("2026-03-02 23:30")  # 07:30 on 3 March in Tokyo

    said = trial.says(tomoko, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-03")

    assert isinstance(said, Recorded)


def test_nobody_answers_for_another_site_or_after_their_access_ended(trial: Trial, amina, patient):
    tomoko = trial.enrolled("Tomoko", site="501")
    manager = trial.manager()
    hold = trial.task(patient, "baseline_imaging")

    assert trial.says(tomoko, hold, AnswerKind.DONE, day="2026-02-20") is Refusal.NOT_ALLOWED
    trial.revoked("Amina")
    assert trial.says(amina, hold, AnswerKind.DONE, day="2026-02-20") is Refusal.NOT_ALLOWED
    assert isinstance(trial.says(manager, hold, AnswerKind.DONE, day="2026-02-20"), Recorded)


def test_a_booked_operation_is_planned_and_then_happens(trial: Trial, amina, operated):
    surgery = trial.task(operated, "surgery")

    trial.says(amina, surgery, AnswerKind.BOOKED, day="2026-03-30")
    booked = trial.task(operated, "surgery")
    trial.forward_to("2026-04-01 10:00")
    trial.says(amina, booked, AnswerKind.DONE, day="2026-03-31")

    assert (booked.due, booked.firm, booked.state) == (date(2026, 3, 30), True, TaskState.OPEN)
    assert trial.task(operated, "surgery").state is TaskState.DONE
    assert trial.task(operated, "surgery", "pathology_report").due == date(2026, 4, 21)
    assert "fact:lesion_left_in_place/fact" in trial.tasks(operated)


def test_an_operation_cannot_lie_before_the_second_registration(trial: Trial, amina, operated):
    refused = trial.says(amina, trial.task(operated, "surgery"), AnswerKind.DONE, day="2026-03-01")

    assert refused is Refusal.BEFORE_REGISTRATION


def test_a_stated_fact_opens_what_hangs_on_it(trial: Trial, amina):
    patient = trial.patient(
        "417-003", first_registration="2026-02-01", second_registration="2026-02-01", surgery="2026-02-10"
    )
    question = trial.task(patient, "fact:lesion_left_in_place", "fact")

    trial.says(amina, question, AnswerKind.STATED, value="yes")

    assert trial.task(patient, "fu_6mo").firm
    assert trial.visits(patient)["fu_24mo"].target == date(2028, 2, 10)


def test_a_fact_that_excludes_cancels_with_its_reason(trial: Trial, amina):
    patient = trial.patient(
        "417-003", first_registration="2026-02-01", second_registration="2026-02-01", surgery="2026-02-10"
    )

    trial.says(amina, trial.task(patient, "fact:lesion_left_in_place", "fact"), AnswerKind.STATED, value="no")

    follow_up = trial.task(patient, "fu_6mo")
    assert (follow_up.state, follow_up.cancelled_because) == (TaskState.CANCELLED, "fact_excludes")
    assert trial.visits(patient)["fu_6mo"].status == "cancelled"


def test_a_reason_that_records_an_event_leaves_the_schedule_cleanly(trial: Trial, amina, operated):
    trial.says(amina, trial.task(operated, "surgery"), AnswerKind.NOT_DONE, reason="progression")

    states = {name: task.state for name, task in trial.tasks(operated).items() if name.startswith("surgery/")}
    assert states.pop("surgery/hold") is TaskState.NOT_DONE
    assert set(states.values()) == {TaskState.CANCELLED}
    assert trial.state(operated) == "followed"


def test_what_follows_a_visit_that_was_not_held_is_cancelled(trial: Trial, amina, patient):
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.NOT_DONE, text="scanner out of order")

    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    assert (upload.state, upload.cancelled_because) == (TaskState.CANCELLED, "visit_not_held")


def test_later_rings_on_that_day_and_not_before(trial: Trial, amina, patient):
    trial.forward_to("2026-03-02 10:00")
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    trial.forward_to("2026-05-12 10:00")  # its window is open
    trial.tick()

    said = trial.says(amina, hold, AnswerKind.LATER, until="2026-05-20")

    assert isinstance(said, Recorded)
    assert not said.clamped
    task = trial.task(patient, "reevaluation_imaging")
    assert task.next_step == "later"
    assert task.next_attention_at is not None
    assert f"{task.next_attention_at:%Y-%m-%d %H:%M}" == "2026-05-20 06:30"
    trial.forward_to("2026-05-20 08:30")
    trial.tick()
    assert [row.announced_due for row in trial.reminders(task_id=hold.id, step="later")] == [date(2026, 5, 20)]


def test_later_never_reaches_past_the_end_of_the_window(trial: Trial, amina, patient):
    trial.forward_to("2026-05-12 10:00")
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")

    said = trial.says(amina, hold, AnswerKind.LATER, until="2026-07-30")

    assert isinstance(said, Recorded)
    assert said.clamped
    assert said.said.until == hold.closes == date(2026, 6, 8)


@pytest.fixture
def weekend(trial: Trial):
    """A patient whose re-evaluation may be held until Saturday, 16 May."""
    return trial.patient("417-003", first_registration="2026-02-07")


def test_later_in_a_window_that_ends_at_a_weekend_is_its_last_working_day(trial: Trial, amina, weekend):
    trial.forward_to("2026-05-12 10:00")
    trial.tick()

    said = trial.says(amina, trial.task(weekend, "reevaluation_imaging"), AnswerKind.LATER, until="2026-05-16")

    assert isinstance(said, Recorded)
    assert (said.clamped, said.said.until) == (True, date(2026, 5, 15))
    assert f"{trial.task(weekend, 'reevaluation_imaging').next_attention_at:%Y-%m-%d %H:%M}" == "2026-05-15 06:30"


@pytest.mark.parametrize("until", ["2026-05-16", "2026-05-18"])
def test_later_on_the_last_working_day_is_kept_after_the_window(trial: Trial, amina, weekend, until):
    trial.forward_to("2026-05-15 10:00")
    trial.tick()

    said = trial.says(amina, trial.task(weekend, "reevaluation_imaging"), AnswerKind.LATER, until=until)

    assert isinstance(said, Recorded)
    assert (said.clamped, said.said.until) == (False, date.fromisoformat(until))
    assert f"{trial.task(weekend, 'reevaluation_imaging').next_attention_at:%Y-%m-%d %H:%M}" == "2026-05-18 06:30"


@pytest.mark.parametrize("kind", [AnswerKind.UPLOADED, AnswerKind.NOT_DONE, AnswerKind.LATER])
def test_nothing_is_said_about_an_upload_before_its_scan_took_place(trial: Trial, amina, patient, kind):
    upload = trial.task(patient, "baseline_imaging", "upload_ct")

    said = trial.says(amina, upload, kind, day="2026-03-02", text="no scan", until="2026-03-10")

    assert said is Refusal.CLOSED
    assert trial.audited("answer.recorded") == []


def test_a_booking_keeps_quiet_until_the_day_after(trial: Trial, amina, patient):
    trial.forward_to("2026-05-12 10:00")
    trial.tick()

    hold = trial.task(patient, "reevaluation_imaging")
    trial.says(amina, hold, AnswerKind.BOOKED, day="2026-05-28")
    before = len(trial.reminders(task_id=hold.id))
    trial.live_until("2026-05-29 08:00")

    assert len(trial.reminders(task_id=hold.id)) == before
    trial.live_until("2026-05-29 08:30")
    assert len(trial.reminders(task_id=hold.id, step="due")) == 1


def test_a_patient_no_longer_followed_is_left_alone_at_once(trial: Trial, amina, patient):
    manager = trial.manager()
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    assert trial.notices(kind="card", state="waiting")

    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.DEATH)

    assert trial.state(patient) == "paused"
    assert {task.state for task in trial.tasks(patient).values()} == {TaskState.PAUSED}
    assert all(task.next_attention_at is None for task in trial.tasks(patient).values())
    assert trial.notices(kind="card", state="waiting") == []
    assert trial.reminders(state="waiting") == []
    assert trial.messages(manager)[-1] == "leaving_to_confirm"
    trial.live_until("2027-03-02 10:00")
    assert trial.notices(kind="card", state="waiting") == []


def test_an_answer_leaves_its_audit_event_and_one_edit_for_each_card(trial: Trial, amina, patient):
    berta = trial.enrolled("Berta")
    hold = trial.task(patient, "baseline_imaging")
    for person in (amina, berta):
        trial.shows_card(person, hold.visit_id)

    trial.says(amina, hold, AnswerKind.BOOKED, day="2026-03-02")
    trial.says(berta, hold, AnswerKind.DONE, day="2026-03-02")

    assert len(trial.audited("answer.recorded")) == 2
    edits = trial.notices(kind="edit", visit_id=hold.visit_id)
    assert sorted(row.person_id for row in edits) == sorted([amina, berta])
    assert trial.audit_holds()


def test_an_answer_voids_what_still_waited_to_be_rung(trial: Trial, amina, patient):
    trial.forward_to("2026-03-02 18:00")  # after working hours: reminders wait for the morning
    trial.tick()
    hold = trial.task(patient, "baseline_imaging")
    assert [row.state for row in trial.reminders(task_id=hold.id)] == ["waiting"]

    trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02")

    assert [(row.state, row.void_because) for row in trial.reminders(task_id=hold.id)] == [("void", "answered")]


def test_what_was_said_last_holds_also_after_a_clock_was_set_back(trial: Trial, amina, operated):
    surgery = trial.task(operated, "surgery")
    trial.says(amina, surgery, AnswerKind.BOOKED, day="2026-03-20")
    trial.wait(hours=-1)
    trial.says(amina, surgery, AnswerKind.BOOKED, day="2026-03-25")
    trial.says(amina, surgery, AnswerKind.BOOKED, day="2026-03-30")

    assert trial.task(operated, "surgery").due == date(2026, 3, 30)
    visit = trial.card(amina, surgery.visit_id)
    assert visit.last is not None
    assert visit.last.day == date(2026, 3, 30)


def test_a_fact_stated_again_after_a_clock_was_set_back_is_the_one_that_holds(trial: Trial, operated):
    trial.fact("417-002", "lesion_left_in_place", "yes")
    trial.wait(hours=-1)
    trial.fact("417-002", "lesion_left_in_place", "no")

    with trial.records.read() as tx:
        known = patients.known_of(tx, operated)
    assert [(one.fact, one.value) for one in known.facts] == [("lesion_left_in_place", "no")]


def test_whoever_answered_sees_the_card_once_more_when_nothing_can_be_taken_back(trial: Trial, amina, patient):
    berta = trial.enrolled("Berta")
    hold = trial.task(patient, "baseline_imaging")
    for person in (amina, berta):
        trial.shows_card(person, hold.visit_id)
    later = trial.clock.elapsed() + timedelta(minutes=10)

    trial.says(amina, hold, AnswerKind.DONE, day="2026-02-20", again_at=later)

    edits = [(row.person_id, row.hold_until) for row in trial.notices(kind="edit", visit_id=hold.visit_id)]
    assert sorted(edits) == sorted([(amina, trial.clock.elapsed()), (berta, trial.clock.elapsed()), (amina, later)])
