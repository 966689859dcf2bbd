"""The board's people, messages and items: whom messages reach, what may not have arrived, what waits for the office."""

from uuid import UUID

import pytest

from office import away, leaving
from office.board.items import ItemFilter, item_lines, items_page
from office.board.notices import Why, notices_page
from office.board.people import Reach, people_page
from office.board.viewer import Viewer, viewer_of
from office.helping import close_item
from office.judging import Refusal
from office.notices import look_at
from office.releasing import Released, release_outage
from records import outages, outbox, schema
from records.outbox import NewNotice, NoticeKind
from records.pulses import beat
from scheduler.outages import hold
from scheduler.watching import TICK, watch
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.messages import ItemKind
from trial.people import Role


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def tomoko(trial: Trial):
    return trial.enrolled("Tomoko", site="501")


def seen_by(trial: Trial, person: UUID) -> Viewer:
    found = trial.asks(viewer_of, person)
    assert found is not None
    return found


def people_of(trial: Trial, person: UUID, **filters: object):
    with trial.records.read() as tx:
        return people_page(tx, seen_by(trial, person), **filters, **trial.times)


def notices_of(trial: Trial, person: UUID, *, seen: bool = False):
    with trial.records.read() as tx:
        return notices_page(tx, trial.studies, seen_by(trial, person), seen=seen, **trial.times)


def items_of(trial: Trial, person: UUID, **filters: object):
    return trial.asks(items_page, trial.studies, seen_by(trial, person), ItemFilter(**filters))


def troubled(trial: Trial, person: UUID | None, *, state: str = "unknown", visit: UUID | None = None) -> UUID:
    """A message to this person of which nobody knows whether it arrived, or that did not."""
    with trial.records.begin() as tx:
        new = NewNotice(NoticeKind.CARD, person_id=person, visit_id=visit, chat=None if person else "4711")
        (notice,) = outbox.put(tx, [new], **trial.times)
        tx.connection.execute(schema.notice.update().where(schema.notice.c.id == notice).values(state=state))
    return notice


# --- people -----------------------------------------------------------------------------------------------------------


def test_each_person_is_shown_with_whether_messages_reach_them(trial: Trial, manager, amina):
    trial.out_of_reach(trial.enrolled("Berta"))
    trial.invited("Clara")
    trial.wait(hours=73)
    trial.invited("Dora")
    trial.enrolled("Erna")
    trial.revoked("Erna")

    found = {line.name: line.reach for line in people_of(trial, manager).lines}
    ended = people_of(trial, manager, reach=Reach.ENDED)

    assert found == {
        "Manager A": Reach.REACHED,
        "Amina": Reach.REACHED,
        "Berta": Reach.BLOCKED,
        "Clara": Reach.LAPSED,
        "Dora": Reach.INVITED,
    }
    assert [line.name for line in ended.lines] == ["Erna"]
    assert not ended.lines[0].may_end


def test_who_is_away_is_shown_with_who_stands_in_and_when_they_last_answered(trial: Trial, manager, amina):
    berta = trial.enrolled("Berta")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.BOOKED, day="2026-03-05")
    today = trial.clock.now().date()
    trial.does(away.set_away, amina, today, berta, by=amina)

    (line,) = [one for one in people_of(trial, manager).lines if one.id == amina]

    assert line.away is not None
    assert (line.away.until, line.away.cover) == (today, "Berta")
    assert line.heard_on == today


def test_people_of_other_sites_are_not_shown(trial: Trial, manager, amina, tomoko):
    assert {line.name for line in people_of(trial, tomoko).lines} == {"Manager A", "Tomoko"}
    assert {line.name for line in people_of(trial, manager, site="417").lines} == {"Amina"}
    assert people_of(trial, tomoko, site="417").lines == ()


def test_only_who_may_admit_is_offered_to_end_access_and_never_their_own(trial: Trial, manager, amina):
    offered = {line.id for line in people_of(trial, manager).lines if line.may_end}

    assert offered == {amina}
    assert not any(line.may_end for line in people_of(trial, amina).lines)
    assert not people_of(trial, amina).may_invite


# --- messages that may not have arrived -------------------------------------------------------------------------------


def test_a_message_that_may_not_have_arrived_is_shown_with_whom_and_what_about(trial: Trial, manager, amina, tomoko):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    visit = trial.task(patient, "baseline_imaging").visit_id
    troubled(trial, amina, visit=visit)

    (line,) = notices_of(trial, manager).lines

    assert (line.name, line.code, line.why) == ("Amina", "417-001", Why.NO_ANSWER)
    assert line.site is not None
    assert line.site.number == "417"
    assert notices_of(trial, tomoko).lines == ()


def test_who_may_see_no_patient_sees_the_message_without_one(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    troubled(trial, amina, visit=trial.task(patient, "baseline_imaging").visit_id)
    administrator = trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR)

    (line,) = notices_of(trial, administrator).lines

    assert (line.name, line.code, line.visit, line.patient_id, line.may_look) == ("Amina", None, None, None, False)


def test_looked_at_it_leaves_the_list_and_its_item_is_closed(trial: Trial, manager, amina):
    notice = troubled(trial, amina)
    watch(trial.records, trial.studies, **trial.times)
    assert ItemKind.NOTICE_UNKNOWN in trial.items()

    trial.does(look_at, notice, by=manager)

    assert notices_of(trial, manager).lines == ()
    (line,) = notices_of(trial, manager, seen=True).lines
    assert line.looked_at == trial.clock.now()
    assert ItemKind.NOTICE_UNKNOWN not in trial.items()
    assert trial.does(look_at, notice, by=manager) is Refusal.CLOSED
    assert trial.audit_holds()


def test_only_who_manages_the_site_says_that_they_looked(trial: Trial, manager, amina, tomoko):
    notice = troubled(trial, amina, state="failed")
    monitor = trial.enrolled("Monitor A", site=None, role=Role.MONITOR)

    for other in (amina, tomoko, monitor):
        assert trial.does(look_at, notice, by=other) is Refusal.NOT_ALLOWED
    assert trial.does(look_at, manager, by=manager) is Refusal.UNKNOWN
    assert notices_of(trial, manager).new == 1


def test_a_refusal_to_a_stranger_is_for_the_trial_office_alone(trial: Trial, manager, amina):
    troubled(trial, None, state="failed")

    (line,) = notices_of(trial, manager).lines

    assert (line.name, line.site, line.may_look) == (None, None, False)
    assert notices_of(trial, amina).lines == ()


# --- silences of our own ----------------------------------------------------------------------------------------------


def test_what_waits_is_released_by_a_manager_and_said_beforehand(trial: Trial, manager, amina):
    trial.patient("417-001", first_registration="2026-03-02")
    with trial.records.begin() as tx:
        beat(tx, TICK, trial.clock.elapsed())
        outage = hold(tx, **trial.times)
    assert outage is not None
    trial.live_until("2026-03-05 12:00")
    found = notices_of(trial, manager)
    study = seen_by(trial, manager).study.id

    assert (found.told, found.may_release) == (1, True)
    assert notices_of(trial, amina).silences == ()
    assert trial.does(release_outage, outage, study, by=amina) is Refusal.NOT_ALLOWED
    assert trial.does(release_outage, outage, study, by=manager) == Released(1)
    assert trial.does(release_outage, outage, study, by=manager) is Refusal.CLOSED
    with trial.records.read() as tx:
        assert outages.held_outage(tx) is None
    after = notices_of(trial, manager)
    assert (after.told, [one.released_by for one in after.silences]) == (None, ["Manager A"])


def test_signs_of_life_are_ages(trial: Trial, manager):
    with trial.records.begin() as tx:
        beat(tx, TICK, trial.clock.elapsed())
    trial.wait(minutes=3)

    life = notices_of(trial, manager).life

    assert life.tick is not None
    assert (life.tick.total_seconds(), life.receive) == (180, None)


# --- what waits for the trial office ----------------------------------------------------------------------------------


def asked_for_help(trial: Trial, person: UUID) -> UUID:
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(person, trial.task(patient, "baseline_imaging"), AnswerKind.NEED_HELP, needs=HelpKind.CALL_ME)
    return patient


def test_an_item_says_what_it_is_about(trial: Trial, manager, amina):
    patient = asked_for_help(trial, amina)

    (line,) = items_of(trial, manager).lines

    assert (line.kind, line.code, line.patient_id, line.name) == (ItemKind.HELP, "417-001", patient, "Amina")
    assert line.help is HelpKind.CALL_ME
    assert line.visit is not None
    assert line.visit["en"] == "Baseline CT and MRI"


def test_items_are_for_who_can_close_them(trial: Trial, manager, amina, tomoko):
    patient = asked_for_help(trial, amina)
    other = trial.patient("417-002", first_registration="2026-03-02")
    task = trial.task(other, "baseline_imaging")
    trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    investigator = trial.enrolled("Investigator I", role=Role.INVESTIGATOR)
    auditor = trial.enrolled("Auditor A", site=None, role=Role.AUDITOR)

    assert {line.kind for line in items_of(trial, manager).lines} == {ItemKind.HELP, ItemKind.LEAVING}
    assert [line.kind for line in items_of(trial, investigator).lines] == [ItemKind.LEAVING]
    for nobody in (amina, tomoko, auditor):
        assert items_of(trial, nobody).everything == 0
    assert {line.patient_id for line in items_of(trial, manager, kind=ItemKind.HELP).lines} == {patient}
    assert items_of(trial, manager, site="501").total == 0


def test_a_patient_who_left_is_confirmed_only_once_somebody_tried_to_reach_them(trial: Trial, manager, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    task = trial.task(patient, "baseline_imaging")
    trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    (line,) = items_of(trial, manager).lines
    assert line.leaving is not None
    assert (line.leaving.told, line.leaving.attempts, line.leaving.attempts_missing) == (LeavingKind.LOST, (), 1)
    assert LeavingKind.LOST in line.leaving.kinds

    day = trial.clock.now().date()
    trial.does(leaving.log_attempt, trial.studies, patient, day, manager)

    (line,) = items_of(trial, manager).lines
    assert line.leaving is not None
    assert (line.leaving.attempts, line.leaving.attempts_missing) == ((day,), 0)


def test_pages_of_items_are_the_rows_of_the_file(trial: Trial, manager, amina):
    asked_for_help(trial, amina)
    trial.out_of_reach(amina)
    watch(trial.records, trial.studies, **trial.times)

    page = items_of(trial, manager)
    rows = trial.asks(item_lines, trial.studies, seen_by(trial, manager), ItemFilter())

    assert page.lines == rows
    assert page.total == page.everything == len(rows) > 1
    assert [line.opened_on for line in rows] == sorted(line.opened_on for line in rows)

    (help_item,) = [line for line in rows if line.kind is ItemKind.HELP]
    trial.does(close_item, trial.studies, help_item.id, manager)

    assert help_item.id not in {line.id for line in items_of(trial, manager).lines}
