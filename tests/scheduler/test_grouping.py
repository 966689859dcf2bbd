import pytest
import sqlalchemy as sa

from records import outbox, people, plans, schema
from records.outbox import NewNotice, NoticeKind
from records.transaction import entry_row
from scheduler.grouping import group_waiting
from scheduler.ringing import Rung, ring_due
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.tasks import TaskState


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


def held(trial: Trial, person, code: str = "417-001"):
    """A patient whose baseline scans were done on the day of registration: two uploads hang on one visit."""
    patient = trial.patient(code, first_registration="2026-03-02")
    trial.says(person, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    return patient


def after(trial: Trial, entry: sa.Row):
    """What an audit entry says of the state after its change."""
    with trial.records.read() as tx:
        return tx.unseal(schema.audit, entry_row(entry.sequence), entry.sealed)["after"]


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
    first = trial.notices(kind="card", visit_id=trial.visits(patient)["baseline_imaging"].id)
    trial.live_until("2026-04-20 09:00")  # nobody has answered, and a colleague is told

    cards = trial.notices(kind="card", visit_id=trial.visits(patient)["baseline_imaging"].id)
    assert len(first) == 1  # the one who is responsible
    assert sorted(row.person_id for row in cards) == sorted([amina, berta])


def test_what_may_go_out_at_once_needs_no_second_step(trial: Trial, amina):
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 09:00")

    assert ring_due(trial.records, trial.studies, **trial.times) == Rung(tasks=2, reminders=2)

    (card,) = trial.notices(kind="card", visit_id=trial.visits(patient)["baseline_imaging"].id)
    assert {(row.state, row.notice_id) for row in trial.reminders(visit_id=card.visit_id)} == {("grouped", card.id)}
    assert group_waiting(trial.records, **trial.times) == 0


def test_a_visit_is_rung_whole_however_little_one_transaction_may_take(trial: Trial, amina):
    """Else the first card could be on its way before the second task joins it."""
    patients = [held(trial, amina, f"417-00{number}") for number in range(1, 4)]
    trial.forward_to("2026-03-03 09:00")

    rung = [ring_due(trial.records, trial.studies, **trial.times, limit=1) for _ in range(4)]

    assert [one.tasks for one in rung] == [2, 2, 2, 0]
    for patient in patients:
        visit = trial.visits(patient)["baseline_imaging"]
        assert len({row.notice_id for row in trial.reminders(visit_id=visit.id)}) == 1


def test_the_log_says_in_which_notice_somebody_was_told(trial: Trial, amina):
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 09:00")
    trial.tick()
    trial.forward_to("2026-03-20 19:00")  # the next steps come after hours
    trial.tick()

    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    (card,) = trial.notices(kind="card", visit_id=trial.visits(patient)["baseline_imaging"].id)
    told = [
        after(trial, row)["told"]
        for row in sorted(trial.audited("task.rung"), key=lambda row: row.sequence)
        if row.object_id == str(upload.id)
    ]
    assert told == [{str(amina): str(card.id)}, {str(amina): None}]


def test_a_step_that_was_told_is_not_told_again_and_leaves_no_empty_card(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-05-04 09:00")
    trial.tick()
    hold = trial.task(patient, "reevaluation_imaging")
    before = len(trial.notices())
    with trial.records.begin() as tx:
        plans.ring_again(tx, [hold.id], step="heads_up", at=trial.clock.now())

    assert trial.tick() == Rung(tasks=1, reminders=0)

    assert [row.step for row in trial.reminders(task_id=hold.id)] == ["heads_up"]
    assert len(trial.notices()) == before


def test_a_task_answered_while_its_reminder_is_held_back_is_not_told(trial: Trial, amina):
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 19:00")  # after hours
    ring_due(trial.records, trial.studies, **trial.times)
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    trial.says(amina, upload, AnswerKind.UPLOADED, day="2026-03-03")

    trial.forward_to("2026-03-04 09:00")
    group_waiting(trial.records, **trial.times)

    assert [(row.state, row.void_because) for row in trial.reminders(task_id=upload.id)] == [("void", "answered")]


def test_a_reminder_that_became_pointless_while_it_was_held_back_is_void(trial: Trial, amina):
    """Asked once more when its moment comes, whatever whoever closed the task has done about it."""
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 19:00")
    ring_due(trial.records, trial.studies, **trial.times)
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    with trial.records.begin() as tx:
        plans.set_task_state(tx, upload.id, TaskState.DONE, was=TaskState.OPEN)

    trial.forward_to("2026-03-04 09:00")
    group_waiting(trial.records, **trial.times)

    assert [(row.state, row.void_because) for row in trial.reminders(task_id=upload.id)] == [("void", "answered")]


def test_a_person_who_got_out_of_reach_is_not_written_to(trial: Trial, amina):
    patient = held(trial, amina)
    trial.forward_to("2026-03-03 19:00")
    ring_due(trial.records, trial.studies, **trial.times)
    with trial.records.begin() as tx:  # below the use case, as a failed delivery does it
        people.set_reachable(tx, amina, reachable=False)

    trial.forward_to("2026-03-04 09:00")
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
