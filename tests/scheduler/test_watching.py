"""What is silent: told to the trial office once, in its hours, before anything is late for it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from office.helping import close_item
from office.hours import set_works_in
from records import outbox, schema
from records.outbox import NewNotice, NoticeKind
from records.pulses import beat
from records.sealing import Json
from records.teams import WorksIn
from scheduler.watching import TICK
from tests.scheduler.vocabulary import RingingTrial
from trial.answers import AnswerKind
from trial.messages import ItemKind
from trial.people import Role
from trial.tasks import TaskState

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def manager(trial: RingingTrial):
    """It is eleven o'clock in Berlin, and office hours in Greenwich, where a manager is until it is said otherwise."""
    trial.sends = True
    trial.forward_to("2026-03-02 11:00")
    return trial.manager()


def news(trial: RingingTrial, manager) -> list[dict[str, Json]]:
    """Every OfficeNews that was put for the manager, the first one first."""
    with trial.records.read() as tx:
        rows = sorted(
            (row for row in trial.notices(person_id=manager) if row.kind == "message"), key=lambda row: row.created_at
        )
        told = [tx.unseal(schema.notice, row.id, row.sealed)["message"] for row in rows]
    return [one for one in told if one["kind"] == "office_news"]


def test_a_site_with_nobody_is_told_once_to_every_manager(trial: RingingTrial, manager):
    other = trial.manager("Manager B")
    trial.patient("417-001", first_registration="2026-03-02")
    trial.tick()

    for _ in range(3):
        trial.watched()
        trial.wait(hours=1)

    assert [one["items"][0]["what"] for one in news(trial, manager)] == ["nobody_reachable"]
    assert len(news(trial, other)) == 1
    assert trial.audit_holds()


def test_what_comes_up_at_night_is_told_in_the_morning(trial: RingingTrial, manager):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-03 23:00")
    trial.watched()
    at_night = news(trial, manager)

    trial.forward_to("2026-03-04 11:00")
    trial.watched()

    assert at_night == []
    assert len(news(trial, manager)) == 1


def test_a_manager_is_told_by_the_clock_and_the_holidays_of_where_they_work(trial: RingingTrial):
    trial.sends = True
    tokyo = trial.manager()
    with trial.records.begin() as tx:
        set_works_in(tx, tokyo, WorksIn("Asia/Tokyo", "JP"), by=None, **trial.times)
    trial.patient("417-001", first_registration="2026-03-02")

    told = []
    # In Berlin's time: Friday 20 March is the vernal equinox in Japan; half past eight on Monday there is half past midnight.
    for wall in ("2026-03-19 15:00", "2026-03-20 10:00", "2026-03-23 00:25", "2026-03-23 00:30"):
        trial.forward_to(wall)
        trial.watched()
        told.append(len(news(trial, tokyo)))

    assert told == [0, 0, 0, 1]


def test_what_is_so_no_longer_is_closed_and_told_again_when_it_comes_again(trial: RingingTrial, manager):
    trial.patient("417-001", first_registration="2026-03-02")
    trial.tick()
    trial.watched()
    amina = trial.enrolled("Amina")
    trial.tick()
    trial.watched()
    joined = trial.items(ItemKind.NOBODY_REACHABLE)

    trial.out_of_reach(amina)
    trial.tick()
    trial.watched()

    assert joined == []
    assert len(trial.items(ItemKind.NOBODY_REACHABLE)) == 1
    assert len(news(trial, manager)) == 2


def test_a_blocked_chat_is_told_with_the_name(trial: RingingTrial, manager):
    trial.out_of_reach(trial.enrolled("Amina"))
    trial.enrolled("Berta")

    trial.watched()

    (told,) = news(trial, manager)
    assert [(one["what"], one["name"], one["site_number"]) for one in told["items"]] == [("blocked", "Amina", "417")]


def test_an_invitation_that_nobody_used_is_told_after_a_week(trial: RingingTrial, manager):
    trial.enrolled("Amina")
    trial.invited("Berta")

    trial.wait(days=6)
    trial.watched()
    early = trial.items(ItemKind.INVITE_UNUSED)
    trial.wait(days=1)
    trial.watched()

    assert early == []
    assert len(trial.items(ItemKind.INVITE_UNUSED)) == 1


def test_a_site_is_silent_after_ten_of_its_own_working_days_not_over_golden_week(trial: RingingTrial, manager):
    """Rung on Tuesday 21 April; from 29 April to 6 May there are four public holidays in Japan."""
    tomoko = trial.enrolled("Tomoko", site="501")
    patient = trial.patient("501-001", site="501", first_registration="2026-02-17")
    trial.live_until("2026-04-20 12:00")
    trial.says(tomoko, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-17")
    for name in ("upload_ct", "upload_mri"):
        trial.says(tomoko, trial.task(patient, "baseline_imaging", name), AnswerKind.UPLOADED, day="2026-04-20")
    answered = trial.clock.now()
    trial.live_until("2026-05-08 12:00")
    first = min(row.created_at for row in trial.reminders() if row.created_at > answered)
    trial.watched()
    early = trial.items(ItemKind.SITE_SILENT)
    for _ in range(10):
        trial.wait(days=1)
        trial.tick()
        trial.watched()
        if trial.items(ItemKind.SITE_SILENT):
            break

    assert f"{first.astimezone(TOKYO):%m-%d}" == "04-21"
    assert early == []
    assert f"{trial.clock.now().astimezone(TOKYO):%m-%d}" == "05-11"


def test_a_site_that_lets_something_become_late_is_told_before_it_is(trial: RingingTrial, manager):
    """The window of the re-evaluation ends on Monday 8 June. Asked again on the Wednesday before, nobody says anything."""
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02", held={"baseline_imaging": "2026-02-26"})
    trial.live_until("2026-06-02 12:00")
    for name in ("upload_ct", "upload_mri"):
        trial.says(amina, trial.task(patient, "baseline_imaging", name), AnswerKind.UPLOADED, day="2026-03-05")
    hold = trial.task(patient, "reevaluation_imaging")
    trial.says(amina, hold, AnswerKind.LATER, until="2026-06-03")
    told = []
    for moment in ("2026-06-05 12:00", "2026-06-08 08:30", "2026-06-09 12:00"):
        trial.live_until(moment)
        trial.watched()
        told.append(len(trial.items(ItemKind.SITE_SILENT)))

    assert f"{hold.closes}" == "2026-06-08"
    assert told == [0, 1, 1]


def test_a_silence_is_told_once_also_when_the_office_has_looked_at_it(trial: RingingTrial, manager):
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-03-06 12:00")  # the baseline's window has ended on the 2nd
    trial.watched()
    (late,) = trial.items(ItemKind.SITE_SILENT)
    trial.does(close_item, trial.studies, late.id, manager)

    for moment in ("2026-03-06 15:00", "2026-03-20 12:00"):
        trial.live_until(moment)
        trial.watched()
    again = trial.items(ItemKind.SITE_SILENT)
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.LATER, until="2026-03-23")
    trial.live_until("2026-03-30 12:00")
    trial.watched()

    assert again == []
    assert len(trial.items(ItemKind.SITE_SILENT)) == 1


def test_an_answer_ends_the_silence(trial: RingingTrial, manager):
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-04-10 12:00")
    trial.watched()
    before = trial.items(ItemKind.SITE_SILENT)

    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    trial.watched()

    assert len(before) == 1
    assert trial.items(ItemKind.SITE_SILENT) == []


def test_a_notice_of_which_nobody_knows_whether_it_arrived_is_told(trial: RingingTrial, manager):
    amina = trial.enrolled("Amina")
    with trial.records.begin() as tx:
        (one,) = outbox.put(tx, [NewNotice(NoticeKind.EDIT, person_id=amina)], **trial.times)
        tx.connection.execute(schema.notice.update().where(schema.notice.c.id == one).values(state="unknown"))

    trial.watched()

    assert [item.person_id for item in trial.items(ItemKind.NOTICE_UNKNOWN)] == [amina]


def test_a_tick_that_does_not_come_is_told(trial: RingingTrial, manager):
    with trial.records.begin() as tx:
        beat(tx, TICK, trial.clock.elapsed())

    trial.wait(minutes=4)
    trial.watched()
    early = trial.items(ItemKind.TICK_MISSING)
    trial.wait(minutes=2)
    trial.watched()

    assert early == []
    assert len(trial.items(ItemKind.TICK_MISSING)) == 1


def test_the_end_of_a_ladder_is_told_with_the_visit(trial: RingingTrial, manager):
    trial.enrolled("Amina", role=Role.COORDINATOR)
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-06-22 12:00")

    trial.watched()

    lines = [line for told in news(trial, manager) for line in told["items"] if line["what"] == "ladder_ended"]
    assert {line["code"] for line in lines} == {"417-001"}
    assert all(line["visit"] for line in lines)
    assert trial.items(ItemKind.LADDER_ENDED, trial.task(patient, "reevaluation_imaging"))


def test_what_is_so_of_every_task_of_a_visit_is_one_line_for_the_office(trial: RingingTrial, manager):
    trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02", held={"baseline_imaging": "2026-02-26"})
    trial.live_until("2026-04-14 12:00")
    uploads = [trial.task(patient, "baseline_imaging", name) for name in ("upload_ct", "upload_mri")]
    for number in range(1, 7):
        trial.out_of_reach(trial.enrolled(f"Person {number}", site="501"))

    trial.watched()

    (told,) = news(trial, manager)
    lines = [(one["what"], one["name"] or (one["visit"] and one["visit"]["en"])) for one in told["items"]]
    assert [len(trial.items(ItemKind.LADDER_ENDED, one)) for one in uploads] == [1, 1]
    assert lines.count(("ladder_ended", "Baseline CT and MRI")) == 1
    # Eight lines: nobody is counted instead of named because a line stands there twice.
    assert (len(lines), told["more"]) == (8, 0)
    assert all(item.told_at is not None for one in uploads for item in trial.items(ItemKind.LADDER_ENDED, one))


def test_many_things_are_one_message(trial: RingingTrial, manager):
    for number in range(1, 13):
        trial.out_of_reach(trial.enrolled(f"Person {number}"))
    trial.enrolled("Amina")

    trial.watched()

    (told,) = news(trial, manager)
    assert (len(told["items"]), told["more"]) == (8, 4)
    assert trial.clock.now() - trial.clock.elapsed() == timedelta(0)


def test_what_was_late_while_the_site_still_answered_hurries_nobody(trial: RingingTrial, manager):
    """One form is late since spring, and its ladder is over. In summer the next visit is announced: nobody has to say
    anything to that at once.
    """
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-001", first_registration="2026-03-02", held={"baseline_imaging": "2026-02-26"})
    trial.live_until("2026-05-08 12:00")
    trial.says(amina, trial.task(patient, "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-05")
    told = []
    for moment in ("2026-05-22 12:00", "2026-05-28 12:00"):  # it was announced on the 11th
        trial.live_until(moment)
        trial.watched()
        told.append(len(trial.items(ItemKind.SITE_SILENT)))

    assert trial.task(patient, "baseline_imaging", "upload_mri").state is TaskState.OPEN
    assert told == [0, 1]
