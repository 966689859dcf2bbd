import pytest

from records import outbox
from records.outbox import NewNotice, NoticeKind
from scheduler.grouping import group_waiting
from scheduler.ringing import ring_due
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


def held(trial: Trial, person, code: str = "417-001"):
    """A patient whose baseline scans were done on the day of registration: two uploads hang on one visit."""
    patient = trial.patient(code, first_registration="2026-03-02")
    trial.says(person, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    return patient


def test_what_a_person_is_told_about_one_visit_is_one_card(trial: Trial, amina):
    patient = held(trial, amina)

    trial.live_until("2026-03-03 09:00")

    visit = trial.visits(patient)["baseline_imaging"]
    (card,) = trial.notices(kind="card", visit_id=visit.id)
    assert card.person_id == amina
    uploads = {trial.task(patient, "baseline_imaging", name).id for name in ("upload_ct", "upload_mri")}
    assert {row.task_id for row in trial.reminders(notice_id=card.id)} == uploads


def test_a_card_that_still_waits_to_be_sent_tells_the_new_thing_too(trial: Trial, amina):
    patient = held(trial, amina)
    trial.live_until("2026-03-20 09:00")  # two steps later, and nothing was sent

    visit = trial.visits(patient)["baseline_imaging"]
    assert len(trial.notices(kind="card", visit_id=visit.id)) == 1
    assert len({row.step for row in trial.reminders(visit_id=visit.id)}) == 3


def test_two_people_get_a_card_each(trial: Trial, amina):
    berta = trial.enrolled("Berta")
    patient = held(trial, amina)

    trial.live_until("2026-03-03 09:00")

    cards = trial.notices(kind="card", visit_id=trial.visits(patient)["baseline_imaging"].id)
    assert sorted(row.person_id for row in cards) == sorted([amina, berta])


def test_a_task_answered_between_ringing_and_grouping_is_not_told(trial: Trial, amina):
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 09:00")
    ring_due(trial.records, trial.studies, **trial.times)
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    trial.says(amina, upload, AnswerKind.UPLOADED, day="2026-03-03")

    group_waiting(trial.records, **trial.times)

    assert [(row.state, row.void_because) for row in trial.reminders(task_id=upload.id)] == [("void", "answered")]


def test_a_person_who_got_out_of_reach_is_not_written_to(trial: Trial, amina):
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 09:00")
    ring_due(trial.records, trial.studies, **trial.times)
    with trial.records.begin() as tx:
        from records import people  # noqa: PLC0415 - below the use case, as a failed delivery does it

        people.set_reachable(tx, amina, reachable=False)

    group_waiting(trial.records, **trial.times)

    assert {row.void_because for row in trial.reminders(visit_id=trial.visits(patient)["baseline_imaging"].id)} == {
        "person_unreachable"
    }
    assert trial.notices(kind="card") == []


def test_nothing_is_grouped_before_its_moment(trial: Trial, amina):
    held(trial, amina)
    trial.forward_to("2026-03-03 19:00")
    ring_due(trial.records, trial.studies, **trial.times)

    assert group_waiting(trial.records, **trial.times) == 0


def test_a_card_of_another_visit_is_not_mistaken_for_this_one(trial: Trial, amina):
    first, second = held(trial, amina), held(trial, amina, "417-002")
    other = trial.visits(second)["baseline_imaging"].id
    with trial.records.begin() as tx:
        outbox.put(tx, [NewNotice(NoticeKind.CARD, person_id=amina, visit_id=other)], **trial.times)

    trial.live_until("2026-03-03 09:00")

    assert len(trial.notices(kind="card", visit_id=other)) == 1
    assert len(trial.notices(kind="card", visit_id=trial.visits(first)["baseline_imaging"].id)) == 1
