"""Holds: nothing rings for what the trial office lets be, and what came meanwhile is told in one digest after it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from office.holds import Lifted, Target, lift_hold, place_hold
from office.judging import Refusal
from records import leases, outbox, sites, studies
from scheduler.auditing import missing_lately
from scheduler.last_look import put_off
from scheduler.nudging import NotNudged, Refused, nudge
from scheduler.planning import read_chart
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind
from trial.messages import DigestKind, ItemKind
from trial.tasks import TaskKind

REASON = "The scanner is being replaced"


@pytest.fixture
def amina(trial: RingingTrial) -> UUID:
    trial.sends = True
    return trial.enrolled("Amina")


def target(
    trial: RingingTrial, *, site: str | None = None, patient: UUID | None = None, kind: TaskKind | None = None
) -> Target:
    with trial.records.read() as tx:
        study = studies.studies(tx)[0]
        number = site or (None if patient is None else "417")
        where = None if number is None else sites.site_by_number(tx, study.id, number)
    return Target(study, where, patient, kind)


def held(trial: RingingTrial, until: str, **what: object) -> UUID:
    placed = trial.does(place_hold, trial.studies, target(trial, **what), date.fromisoformat(until), REASON, by=None)
    assert isinstance(placed, UUID)
    return placed


def singly(trial: RingingTrial) -> list[object]:
    return [row for row in trial.reminders() if row.single and row.state != "void"]


def nothing_missing(trial: RingingTrial) -> bool:
    return missing_lately(trial.records, trial.studies, now=trial.clock.now()) == ()


@pytest.mark.parametrize("what", ["patient", "site", "kind", "study"])
def test_nothing_rings_while_a_hold_stands_and_one_digest_tells_it_after(trial: RingingTrial, amina, what):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-02 10:00")
    scope = {
        "patient": {"patient": patient},
        "site": {"site": "417"},
        "kind": {"kind": TaskKind.HOLD},
        "study": {},
    }[what]
    held(trial, "2026-06-05", **scope)
    hold = trial.task(patient, "reevaluation_imaging")

    trial.live_until("2026-06-07 23:00")
    assert trial.reminders(task_id=hold.id) == []
    assert trial.alarm(hold) == ("on_hold", "2026-06-08 08:30")
    assert nothing_missing(trial)
    trial.live_until("2026-06-08 09:00")

    (digest,) = trial.digests()
    assert (digest.kind, digest.person_id) == (DigestKind.RELEASE, amina)
    assert hold.id in trial.digest_items(digest)
    assert [(row.step, row.single, row.state) for row in trial.reminders(task_id=hold.id)] == [
        ("due", False, "grouped")
    ]
    assert nothing_missing(trial)
    assert trial.audit_holds()


def test_a_patient_on_hold_keeps_no_other_patient_quiet(trial: RingingTrial, amina):
    quiet = trial.patient("417-001", first_registration="2026-03-02")
    other = trial.patient("417-002", first_registration="2026-03-02")
    held(trial, "2026-06-05", patient=quiet)

    trial.live_until("2026-05-05 12:00")

    assert trial.reminders(task_id=trial.task(quiet, "reevaluation_imaging").id) == []
    assert trial.steps(trial.task(other, "reevaluation_imaging")) == [("heads_up", "Amina")]


def test_twenty_cards_would_be_a_flood_so_all_patients_come_in_one_digest(trial: RingingTrial, amina):
    held(trial, "2026-06-03", site="417")
    patients = [trial.patient(f"417-{number + 1:03}", first_registration="2026-03-02") for number in range(20)]

    trial.live_until("2026-06-04 17:00")

    (digest,) = trial.digests()
    assert digest.kind == DigestKind.RELEASE
    assert {trial.task(patient, "baseline_imaging").id for patient in patients} <= trial.digest_items(digest)
    assert trial.notices(kind="card") == []
    assert singly(trial) == []


def test_dates_do_not_move_and_what_becomes_late_is_late(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    before = trial.task(patient, "reevaluation_imaging")

    held(trial, "2026-09-01", patient=patient)
    trial.live_until("2026-08-01 12:00")

    now = trial.task(patient, "reevaluation_imaging")
    assert (now.opens, now.due, now.closes, now.state) == (before.opens, before.due, before.closes, "open")


def test_an_answer_during_a_hold_is_taken_and_nothing_is_left_to_tell(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    held(trial, "2026-06-05", kind=TaskKind.HOLD)
    trial.live_until("2026-05-20 12:00")

    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    trial.says(amina, trial.task(patient, "reevaluation_imaging"), AnswerKind.DONE, day="2026-05-19")
    trial.live_until("2026-06-08 12:00")

    assert trial.task(patient, "reevaluation_imaging").state == "done"
    assert trial.reminders(task_id=trial.task(patient, "reevaluation_imaging").id) == []


def test_overlapping_holds_keep_quiet_until_the_last_of_them_ends(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "reevaluation_imaging")
    held(trial, "2026-05-15", site="417")
    longer = held(trial, "2026-06-05", patient=patient)

    trial.live_until("2026-05-20 12:00")
    assert trial.reminders(task_id=hold.id) == []
    trial.does(lift_hold, trial.studies, longer, "It works again", by=None)
    trial.live_until("2026-05-20 17:00")

    assert trial.steps(hold) == [("window_open", "Amina")]


def test_a_hold_that_is_lifted_lets_what_waited_ring_with_the_next_tick(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold_id = held(trial, "2026-09-01", site="417")
    trial.live_until("2026-05-12 10:00")

    lifted = trial.does(lift_hold, trial.studies, hold_id, "It works again", by=None)
    trial.tick()

    assert isinstance(lifted, Lifted)
    (digest,) = trial.digests()
    assert digest.kind == DigestKind.RELEASE
    assert trial.task(patient, "reevaluation_imaging").id in trial.digest_items(digest)
    assert trial.audit_holds()


def test_a_hold_that_is_lifted_under_another_wakes_nothing(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    first = held(trial, "2026-09-01", site="417")
    held(trial, "2026-06-05", patient=patient)
    trial.live_until("2026-05-12 10:00")

    trial.does(lift_hold, trial.studies, first, "It works again", by=None)
    trial.tick()

    assert singly(trial) == []
    assert trial.digests() == []
    assert trial.alarm(trial.task(patient, "reevaluation_imaging")) == ("on_hold", "2026-06-08 08:30")


def test_whoever_should_answer_hears_before_investigator_and_manager(trial: RingingTrial, amina):
    trial.manager()
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.live_until("2026-05-20 12:00")
    trial.says(amina, hold, AnswerKind.LATER, until="2026-06-03")
    trial.live_until("2026-06-09 12:00")
    assert trial.steps(hold)[-1] == ("late", "Amina")
    held(trial, "2026-09-04", patient=patient)

    trial.live_until("2026-09-07 12:00")

    assert trial.steps(hold)[-1] == ("later", "Amina")
    assert trial.items(ItemKind.LADDER_ENDED, hold) == []


def test_what_waits_for_somebodys_hours_waits_on(trial: RingingTrial, amina):
    trial.hours(amina, "10:00", "16:00")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.live_until("2026-05-04 09:00")
    assert [row.state for row in trial.reminders(task_id=hold.id)] == ["waiting"]

    held(trial, "2026-05-15", patient=patient)
    trial.live_until("2026-05-16 12:00")

    assert [(row.state, row.void_because) for row in trial.reminders(task_id=hold.id)] == [("void", "on_hold")]
    assert trial.alarm(hold) == ("on_hold", "2026-05-18 08:30")


def test_the_weekly_digest_leaves_out_what_is_on_hold(trial: RingingTrial):
    trial.sends = True
    amina = trial.enrolled("Amina", digest_on=0)
    quiet = trial.patient("417-001", first_registration="2026-03-02")
    other = trial.patient("417-002", first_registration="2026-03-02")
    held(trial, "2026-06-12", patient=quiet)

    trial.live_until("2026-06-08 12:00")

    told = {task for digest in trial.digests(person_id=amina) for task in trial.digest_items(digest)}
    assert trial.task(other, "reevaluation_imaging").id in told
    assert trial.task(quiet, "reevaluation_imaging").id not in told


def leaves(trial: RingingTrial) -> None:
    """Everything that can leave now does, one after the other, unless it is put off."""
    with trial.records.begin() as tx:
        taken = leases.acquire(
            tx, leases.SERVICE, "a test", elapsed=trial.clock.elapsed(), ttl=timedelta(days=1), holder_is_dead=bool
        )
        assert taken is not None
        while waiting := outbox.claim(tx, elapsed=trial.clock.elapsed(), token=taken.token, limit=50):
            for claim in waiting:
                if not put_off(tx, claim, **trial.times):
                    outbox.drop(tx, claim, "test", now=trial.clock.now())


def test_a_card_that_has_not_left_when_its_patient_is_put_on_hold_does_not_leave(trial: RingingTrial, amina):
    trial.sends = False
    patient = trial.patient("417-001", first_registration="2026-03-02")
    hold = trial.task(patient, "baseline_imaging")
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    held(trial, "2026-03-13", patient=patient)

    leaves(trial)

    assert [row.void_because for row in trial.notices(kind="card")] == ["on_hold"]
    assert [row.void_because for row in trial.reminders(task_id=hold.id)] == ["on_hold"]
    assert trial.alarm(hold) == ("on_hold", "2026-03-16 08:30")


def test_a_digest_that_has_not_left_leaves_without_what_was_put_on_hold(trial: RingingTrial):
    amina = trial.enrolled("Amina", digest_on=0)
    quiet = trial.patient("417-001", first_registration="2026-03-02")
    other = trial.patient("417-002", first_registration="2026-03-02")
    trial.live_until("2026-05-04 12:00")
    leaves(trial)
    trial.live_until("2026-05-11 08:45")
    held(trial, "2026-06-12", patient=quiet)

    leaves(trial)

    first, second = trial.digests(person_id=amina)[-2:]
    (notice,) = trial.notices(digest_id=first.id)
    kept_back = {task.id for task in trial.tasks(quiet).values()}
    assert notice.void_because == "on_hold"
    assert trial.digest_items(first) & kept_back
    assert trial.digest_items(second) == trial.digest_items(first) - kept_back
    assert trial.digest_items(second) & {task.id for task in trial.tasks(other).values()}
    assert second.kind == DigestKind.WEEKLY


def test_nobody_is_nudged_about_what_is_on_hold(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-04 10:00")
    held(trial, "2026-06-05", site="417")

    with trial.records.begin() as tx:
        task = trial.task(patient, "baseline_imaging")
        outcome = nudge(tx, read_chart(tx, trial.studies, patient), task.id, **trial.times)

    assert outcome == Refused(NotNudged.ON_HOLD)


def test_a_site_on_hold_is_not_called_silent(trial: RingingTrial, amina):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-03-04 12:00")
    held(trial, "2026-06-05", site="417")

    trial.live_until("2026-04-20 12:00")
    trial.watched()

    assert trial.items(ItemKind.SITE_SILENT) == []


def test_a_claim_that_nobody_has_seen_is_asked_about_after_the_hold(trial: RingingTrial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02")
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    trial.says(amina, upload, AnswerKind.UPLOADED, day="2026-03-02")
    hold_id = held(trial, "2026-09-01", site="417")

    trial.live_until("2026-06-01 12:00")
    quiet = [row.step for row in trial.reminders(task_id=upload.id) if row.step == "unseen"]
    step, wakes = trial.alarm(upload)
    trial.does(lift_hold, trial.studies, hold_id, "It works again", by=None)
    trial.live_until("2026-06-02 12:00")

    assert (quiet, step, wakes) == ([], "unseen", "2026-09-02 08:30")
    assert [row.step for row in trial.reminders(task_id=upload.id) if row.state != "void"] == ["unseen"]


def test_a_hold_is_lifted_once_and_not_after_its_last_day(trial: RingingTrial, amina):
    first, second = held(trial, "2026-03-20", site="417"), held(trial, "2026-03-10")
    trial.does(lift_hold, trial.studies, first, "It works again", by=None)
    trial.forward_to("2026-03-12 10:00")

    assert trial.does(lift_hold, trial.studies, first, "Once more", by=None) is Refusal.CLOSED
    assert trial.does(lift_hold, trial.studies, second, "Once more", by=None) is Refusal.CLOSED
