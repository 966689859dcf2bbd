"""Reminders that go out singly or in a digest, the cap of a day, and the limit of rings without news."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from records import cards, outbox, plans, reminders, told
from records.outbox import NewNotice, NoticeKind
from records.reminders import NewReminder, Placed
from records.schema import notice
from tests.records.cast import DUE, NOW, add_task, note, say
from trial.answers import AnswerKind
from trial.responsibility import WhyTold
from trial.tasks import TaskState

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def scans(records, cast):
    with records.begin() as tx:
        note(tx, cast)
        return add_task(tx, cast)


def remind(tx, cast, task_id, step="due", *, due=DUE, at=NOW, single=True, to=None, why=None, instead_of=None):
    new = NewReminder(
        task_id=task_id,
        visit_id=cast.visit,
        person_id=to or cast.amina,
        step=step,
        announced_due=due,
        not_before=at,
        single=single,
        why=why,
        instead_of=instead_of,
    )
    return reminders.add_reminders(tx, [Placed(new, None)], created_at=at)


def ring(tx, cast, *, at=NOW):
    """Puts what is due for Amina into one card notice."""
    due = reminders.due_reminders(tx, now=at, limit=99)
    (notice_id,) = outbox.put(
        tx, [NewNotice(NoticeKind.CARD, person_id=cast.amina, visit_id=cast.visit)], now=at, elapsed=at
    )
    reminders.mark_grouped(tx, [(one.id, notice_id) for one in due])
    return notice_id


def test_what_waits_for_a_digest_is_never_due_by_itself(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "window_open", single=False)

        assert not reminders.any_reminder_due(tx, now=NOW + DAY)
        assert reminders.due_reminders(tx, now=NOW + DAY, limit=9) == ()
        assert reminders.next_moment(tx) is None


def test_a_digest_takes_what_waits_for_its_person_and_may_be_told_now(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "heads_up", single=False)
        remind(tx, cast, scans, "window_open", at=NOW + HOUR, single=False)
        remind(tx, cast, scans, "heads_up", single=False, to=cast.berta)
        remind(tx, cast, scans, "due")
        waiting = reminders.waiting_for_digest(tx, cast.amina, now=NOW)

    assert [(scans, "heads_up", TaskState.OPEN, "followed")] == [
        (one.task_id, one.step, one.task_state, one.patient_state) for one in waiting
    ]


def test_what_a_digest_told_waits_no_more(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "heads_up", single=False)
        (waiting,) = reminders.waiting_for_digest(tx, cast.amina, now=NOW)
        digest = NewNotice(NoticeKind.DIGEST, person_id=cast.amina)
        (notice_id,) = outbox.put(tx, [digest], now=NOW, elapsed=NOW)

        assert reminders.mark_grouped(tx, [(waiting.id, notice_id)]) == 1
        assert reminders.waiting_for_digest(tx, cast.amina, now=NOW) == ()
        assert reminders.reminders_in(tx, notice_id) == ((scans, "heads_up"),)


def test_whoever_wants_no_digest_any_more_gets_each_thing_by_itself(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "heads_up", single=False)
        remind(tx, cast, scans, "heads_up", single=False, to=cast.berta)

        assert reminders.release_from_digest(tx, cast.amina) == 1
        assert [cast.amina] == [one.person_id for one in reminders.due_reminders(tx, now=NOW, limit=9)]


def test_a_void_reminder_that_is_due_again_says_why_it_goes_out_this_time(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, single=False, why=WhyTold.RESPONSIBLE)
        reminders.void_tasks_reminders(tx, [scans], because="answered")
        remind(tx, cast, scans, at=NOW + DAY, why=WhyTold.COVERS, instead_of=cast.berta)
        ring(tx, cast, at=NOW + DAY)
        last = told.last_telling(tx, cast.amina)
        rung = reminders.steps_rung(tx, [scans])

    assert (last.why, last.instead_of, last.step) == (WhyTold.COVERS, cast.berta, "due")
    assert rung == {scans: {("due", DUE): NOW + DAY}}


def test_what_one_card_tells_is_one_ring_and_what_waits_one_more(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "due")
        remind(tx, cast, scans, "late")
        ring(tx, cast)
        one = told.rings_without_news(tx, [scans])
        remind(tx, cast, scans, "cover", at=NOW + DAY)
        remind(tx, cast, scans, "backup", at=NOW + DAY)
        two = told.rings_without_news(tx, [scans])
        ring(tx, cast, at=NOW + DAY)
        still_two = told.rings_without_news(tx, [scans])

    assert {(scans, cast.amina): 1} == one
    assert {(scans, cast.amina): 2} == two == still_two


def test_rings_in_a_digest_and_rings_called_back_do_not_count(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "heads_up", single=False)
        remind(tx, cast, scans, "due")
        reminders.void_tasks_reminders(tx, [scans], because="patient_paused")

        assert told.rings_without_news(tx, [scans]) == {}


def test_each_person_has_a_count_of_their_own(records, cast, scans):
    with records.begin() as tx:
        other = add_task(tx, cast, name="report")
        remind(tx, cast, scans)
        remind(tx, cast, other, to=cast.berta)

        assert {(scans, cast.amina): 1, (other, cast.berta): 1} == told.rings_without_news(tx, [scans, other])
        assert told.rings_without_news(tx, []) == {}


def test_an_answer_about_the_visit_is_news(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "due")
        ring(tx, cast)
        say(tx, cast, scans, AnswerKind.BOOKED, at=NOW + HOUR)
        answered = told.rings_without_news(tx, [scans])
        remind(tx, cast, scans, "later", due=date(2026, 3, 9), at=NOW + DAY)
        since = told.rings_without_news(tx, [scans])

    assert answered == {}
    assert {(scans, cast.amina): 1} == since


def test_another_due_date_is_news(records, cast, scans):
    with records.begin() as tx:
        remind(tx, cast, scans, "due")
        moved = plans.task_by_id(tx, scans)
        plans.move_tasks(tx, [replace(moved, due=DUE + DAY)], was=TaskState.OPEN)

        assert told.rings_without_news(tx, [scans]) == {}


def test_a_days_single_notices_are_counted_and_nothing_else(records, cast, scans):
    card = NewNotice(NoticeKind.CARD, person_id=cast.amina, visit_id=cast.visit)
    with records.begin() as tx:
        cards.ensure_card(tx, cast.visit, cast.amina)
        outbox.put(tx, [card], now=NOW - DAY, elapsed=NOW)
        outbox.put(tx, [card, card], now=NOW, elapsed=NOW)
        outbox.put(
            tx,
            [
                NewNotice(kind, person_id=cast.amina)
                for kind in (NoticeKind.EDIT, NoticeKind.MESSAGE, NoticeKind.DIGEST, NoticeKind.DELETION)
            ],
            now=NOW,
            elapsed=NOW,
        )
        counted = told.singles_since(tx, [cast.amina, cast.berta], since=NOW)
        tx.connection.execute(notice.update().values(state="void"))

        assert {cast.amina: 2} == counted
        assert told.singles_since(tx, [cast.amina], since=NOW) == {}


def test_everybody_who_was_told_is_remembered_but_for_what_was_called_back(records, cast, scans):
    with records.begin() as tx:
        other = add_task(tx, cast, name="report")
        remind(tx, cast, scans, "due", due=DUE - DAY)
        remind(tx, cast, scans, "cover", to=cast.berta, single=False)
        remind(tx, cast, other, "due")
        reminders.void_tasks_reminders(tx, [other], because="cancelled")

        assert {scans: {cast.amina, cast.berta}, other: set()} == told.people_told(tx, [scans, other])


def test_the_last_thing_told_about_a_visit_is_explained(records, cast, scans):
    with records.begin() as tx:
        nothing = told.last_telling(tx, cast.amina)
        remind(tx, cast, scans, "due", why=WhyTold.RESPONSIBLE)
        ring(tx, cast)
        remind(tx, cast, scans, "late", at=NOW + DAY, why=WhyTold.TAKES_OVER, instead_of=cast.berta)
        ring(tx, cast, at=NOW + DAY)
        last = told.last_telling(tx, cast.amina, visit_id=cast.visit)
        elsewhere = told.last_telling(tx, cast.amina, visit_id=tx.new_id())

    assert nothing is elsewhere is None
    assert (last.task_id, last.step, last.why, last.instead_of) == (scans, "late", WhyTold.TAKES_OVER, cast.berta)
    assert (last.announced_due, last.told_at) == (DUE, NOW + DAY)
