"""Claimed uploads and their checks, and attempts to reach a patient: insert-only, in the order in which they came."""

from datetime import date, timedelta

import pytest

from records import attempts, claims, plans, reminders, schema
from tests.records.cast import DUE, NOW, add_task, note, say
from trial.answers import AnswerKind
from trial.claims import ClaimCheckKind
from trial.tasks import TaskState

DAY = timedelta(days=1)


@pytest.fixture
def scans(records, cast):
    with records.begin() as tx:
        note(tx, cast)
        return add_task(tx, cast, state=TaskState.DONE)


def check(tx, cast, answer_id, task_id, kind, *, at=NOW, words=None):
    return claims.add_check(
        tx,
        study_id=cast.study,
        answer_id=answer_id,
        task_id=task_id,
        kind=kind,
        person_id=cast.berta,
        at=at,
        words=words,
    )


def test_a_claim_stands_with_its_last_check(records, cast, scans):
    with records.begin() as tx:
        answer = say(tx, cast, scans, AnswerKind.UPLOADED)
        (unchecked,) = claims.claims_of_study(tx, cast.study)
        check(tx, cast, answer, scans, ClaimCheckKind.UNSEEN)
        check(tx, cast, answer, scans, ClaimCheckKind.QUERIED, at=NOW + DAY, words="The archive shows no CT")
        (queried,) = claims.claims_of_study(tx, cast.study)

    assert (unchecked.answer_id, unchecked.task_id, unchecked.last_check) == (answer, scans, None)
    assert (queried.last_check, queried.checked_at) == (ClaimCheckKind.QUERIED, NOW + DAY)
    assert (queried.site_id, queried.answered_at) == (cast.site, NOW)


def test_a_claim_that_was_taken_back_is_none(records, cast, scans):
    with records.begin() as tx:
        answer = say(tx, cast, scans, AnswerKind.UPLOADED)
        say(tx, cast, scans, AnswerKind.DONE, at=NOW + DAY)
        say(tx, cast, scans, AnswerKind.UNDO, at=NOW + DAY, undoes=answer)

        assert claims.claims_of_study(tx, cast.study) == ()


def test_only_what_was_queried_or_not_seen_in_time_is_asked_for_again(records, cast):
    with records.begin() as tx:
        note(tx, cast)
        wanted = {}
        for kind in (None, *ClaimCheckKind):
            task_id = add_task(tx, cast, name=f"scans {kind}", state=TaskState.DONE)
            answer = say(tx, cast, task_id, AnswerKind.UPLOADED)
            if kind is not None:
                check(tx, cast, answer, task_id, kind)
                wanted[kind] = task_id
        asked = claims.claims_asked_again(tx, [cast.site])

        assert {wanted[ClaimCheckKind.QUERIED], wanted[ClaimCheckKind.UNSEEN]} == {one.task_id for one in asked}
        assert claims.claims_asked_again(tx, []) == ()
        assert claims.claims_asked_again(tx, [tx.new_id()]) == ()


def test_a_claim_that_was_made_once_more_is_not_asked_for_again_unless_that_is_taken_back(records, cast, scans):
    with records.begin() as tx:
        first = say(tx, cast, scans, AnswerKind.UPLOADED)
        check(tx, cast, first, scans, ClaimCheckKind.QUERIED)
        again = say(tx, cast, scans, AnswerKind.UPLOADED, at=NOW + DAY)

        assert claims.claims_asked_again(tx, [cast.site]) == ()

        say(tx, cast, scans, AnswerKind.UNDO, at=NOW + DAY, undoes=again)
        (asked,) = claims.claims_asked_again(tx, [cast.site])

    assert asked.answer_id == first


def test_checks_keep_their_order_when_the_clock_was_set_back(records, cast, scans):
    with records.begin() as tx:
        answer = say(tx, cast, scans, AnswerKind.UPLOADED)
        check(tx, cast, answer, scans, ClaimCheckKind.QUERIED, words="Again, please")
        check(tx, cast, answer, scans, ClaimCheckKind.VERIFIED, at=NOW - DAY)
        of_answer = claims.checks_of_answer(tx, answer)
        of_task = claims.checks_of_tasks(tx, [scans])

    assert [(one.kind, one.words) for one in of_answer] == [
        (ClaimCheckKind.QUERIED, "Again, please"),
        (ClaimCheckKind.VERIFIED, None),
    ]
    assert of_task == {scans: of_answer}


def test_a_query_is_readable_by_nobody_without_the_keys(records, cast, scans):
    with records.begin() as tx:
        answer = say(tx, cast, scans, AnswerKind.UPLOADED)
        check(tx, cast, answer, scans, ClaimCheckKind.QUERIED, words="The archive shows no CT")
        stored = tx.connection.scalar(schema.claim_check.select().with_only_columns(schema.claim_check.c.sealed))

    assert b"archive" not in stored


def test_a_claimed_task_has_an_alarm_that_any_change_of_its_state_stops(records, cast, scans):
    with records.begin() as tx:
        watched = claims.watch_claim(tx, scans, step=claims.UNSEEN, at=NOW, tzdata="2026a")
        (due,) = reminders.due_tasks(tx, now=NOW, limit=9)
        plans.set_task_state(tx, scans, TaskState.OPEN, was=TaskState.DONE)
        after = reminders.due_tasks(tx, now=NOW, limit=9)
        open_one = claims.watch_claim(tx, scans, step=claims.UNSEEN, at=NOW, tzdata="2026a")

    assert (watched, open_one) == (True, False)
    assert (due.id, due.patient_id, due.next_step, due.state) == (scans, cast.patient, "unseen", "done")
    assert after == ()


def test_a_claim_that_was_looked_at_has_no_alarm(records, cast, scans):
    with records.begin() as tx:
        claims.watch_claim(tx, scans, step=claims.QUERIED, at=NOW, tzdata="2026a")

        assert claims.stop_watching(tx, scans, tzdata="2026a")
        assert not reminders.any_task_due(tx, now=NOW)


def test_attempts_to_reach_a_patient_are_kept_in_order_with_their_days_sealed(records, cast):
    with records.begin() as tx:
        note(tx, cast)
        for at, day, person in ((NOW, DUE, cast.amina), (NOW + DAY, DUE - 7 * DAY, None)):
            attempts.add_attempt(tx, study_id=cast.study, patient_id=cast.patient, person_id=person, day=day, at=at)
        found = attempts.attempts_of(tx, cast.patient)
        stored = tx.connection.scalars(
            schema.contact_attempt.select().with_only_columns(schema.contact_attempt.c.sealed)
        ).all()

    assert [(cast.amina, date(2026, 3, 2)), (None, date(2026, 2, 23))] == [(one.person_id, one.day) for one in found]
    assert not any(b"2026" in value for value in stored)
