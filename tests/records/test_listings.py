"""Lists of tasks with the codes of their patients, and what is silent."""

from datetime import timedelta

import pytest

from records import listings, outbox, people, plans, reminders, watching
from records.outbox import Attempt, NewNotice, NoticeKind, Outcome
from records.reminders import NewReminder, Placed
from tests.records.cast import DUE, NOW, add_task, join, note, say
from trial.answers import AnswerKind
from trial.people import Role
from trial.tasks import TaskState

DAY = timedelta(days=1)


@pytest.fixture
def tasks(records, cast):
    """What was late, is due, comes, and is done: by name."""
    with records.begin() as tx:
        note(tx, cast)
        return {
            "late": add_task(tx, cast, name="late", due=DUE - 9 * DAY, closes=DUE - 2 * DAY),
            "due": add_task(tx, cast, name="due", closes=DUE),
            "coming": add_task(tx, cast, name="coming", due=DUE + DAY),
            "done": add_task(tx, cast, name="done", state=TaskState.DONE),
        }


def test_open_tasks_of_a_site_come_by_their_dates_with_their_patients_code(records, cast, tasks):
    with records.read() as tx:
        today = listings.open_tasks_at(tx, [cast.site], begun_by=DUE)
        week = listings.open_tasks_at(tx, [cast.site], begun_by=DUE + 7 * DAY)
        elsewhere = listings.open_tasks_at(tx, [tx.new_id()], begun_by=DUE)

    assert [one.id for one in today] == [tasks["late"], tasks["due"]]
    assert [one.name for one in week] == ["late", "due", "coming"]
    assert {(one.code, one.occurrence, one.patient_state) for one in week} == {("B-014", "fu_6mo", "followed")}
    assert elsewhere == ()


def test_a_visit_and_a_patient_are_listed_whole(records, cast, tasks):
    with records.read() as tx:
        of_visit = listings.tasks_of_visits(tx, [cast.visit])
        of_patient = listings.tasks_of_patient(tx, cast.patient)

        assert set(tasks.values()) == {one.id for one in of_visit}
        assert of_visit == of_patient
        assert listings.tasks_of_visits(tx, []) == ()


def test_tasks_that_are_asked_for_are_listed_by_their_dates(records, cast, tasks):
    with records.read() as tx:
        found = listings.tasks_by_ids(tx, {tasks["due"], tasks["late"]})

        assert [one.id for one in found] == [tasks["late"], tasks["due"]]
        assert listings.tasks_by_ids(tx, ()) == ()


def ring(tx, cast, task_id, *, at, step="due"):
    new = NewReminder(task_id, cast.visit, cast.amina, step, DUE, at)
    reminders.add_reminders(tx, [Placed(new, None)], created_at=at)
    (due,) = reminders.due_reminders(tx, now=at, limit=9)
    card = NewNotice(NoticeKind.CARD, person_id=cast.amina, visit_id=cast.visit)
    (notice_id,) = outbox.put(tx, [card], now=at, elapsed=at)
    reminders.mark_grouped(tx, [(due.id, notice_id)])


def test_a_site_is_silent_since_the_first_ring_after_its_last_answer(records, cast, tasks):
    with records.begin() as tx:
        never = watching.last_heard(tx, cast.study)
        ring(tx, cast, tasks["due"], at=NOW)
        ring(tx, cast, tasks["due"], at=NOW + DAY, step="late")
        rung = watching.unanswered_since(tx, cast.study)
        say(tx, cast, tasks["late"], AnswerKind.BOOKED, at=NOW + 2 * DAY)
        answered = watching.unanswered_since(tx, cast.study)
        ring(tx, cast, tasks["due"], at=NOW + 3 * DAY, step="cover")
        again = watching.unanswered_since(tx, cast.study)
        heard = watching.last_heard(tx, cast.study)
        plans.set_task_state(tx, tasks["due"], TaskState.DONE, was=TaskState.OPEN)
        nothing_open = watching.unanswered_since(tx, cast.study)

    assert never == answered == nothing_open == {}
    assert {cast.site: NOW} == rung
    assert {cast.site: NOW + 3 * DAY} == again
    assert {cast.site: NOW + 2 * DAY} == heard


def test_people_whom_no_message_reaches_are_named_with_their_site(records, cast):
    with records.begin() as tx:
        join(tx, cast, cast.amina)
        join(tx, cast, cast.berta, role=Role.MANAGER, at_office=True)
        all_well = watching.silent_people(tx, cast.study)
        for person_id in (cast.amina, cast.berta):
            people.set_reachable(tx, person_id, reachable=False)
        silent = watching.silent_people(tx, cast.study)

    assert all_well == ()
    assert {(cast.amina, cast.site), (cast.berta, None)} == {(one.person_id, one.site_id) for one in silent}


def test_an_invitation_is_unused_once_it_has_expired_and_nobody_came(records, cast):
    with records.begin() as tx:
        new = people.add_person(tx, name="Carla", language="en")
        join(tx, cast, new)
        invite = people.add_invite(tx, person_id=new, token_hash=bytes(32), created_at=NOW - 7 * DAY, expires_at=NOW)
        early = watching.unused_invites(tx, cast.study, elapsed=NOW - DAY)
        unused = watching.unused_invites(tx, cast.study, elapsed=NOW)
        people.close_invite(tx, invite, outcome="replaced", closed_at=NOW)

        assert early == ()
        assert [(invite, new, cast.site)] == [(one.id, one.person_id, one.site_id) for one in unused]
        assert watching.unused_invites(tx, cast.study, elapsed=NOW) == ()


def test_notices_that_nobody_can_account_for_are_named(records, cast):
    with records.begin() as tx:
        for outcome in (Outcome.ACCEPTED, Outcome.REFUSED):
            put = outbox.put(tx, [NewNotice(NoticeKind.MESSAGE, person_id=cast.amina)], now=NOW, elapsed=NOW)
            (claimed,) = outbox.claim(tx, elapsed=NOW, token=1, limit=1)
            outbox.settle(tx, claimed, Attempt(outcome, NOW, NOW, "ja", "1"), now=NOW, elapsed=NOW)
        (troubled,) = watching.troubled_notices(tx, limit=9)

    assert (troubled.id, troubled.state, troubled.person_id) == (put[0], "failed", cast.amina)
