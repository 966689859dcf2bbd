"""Claimed uploads that nobody has seen, and those that are asked about again: rung in the thread where they were claimed.

The task of a claimed upload is done, and its ladder has ended. Its alarm clock stands at `unseen` until somebody has
looked, or at `queried` when the site is to be asked once more.
"""

from datetime import date
from typing import Final, assert_never
from uuid import UUID

from records import answers, claims, plans, reminders, schema, sites
from records.answers import AnswerRow
from records.claims import QUERIED, UNSEEN, CheckRow
from records.office_items import NewItem
from records.reminders import DueTask
from records.transaction import Tx
from scheduler.alarms import SiteTime, next_morning
from scheduler.definitions import Definitions, zone_rules_version
from scheduler.opening import open_item
from scheduler.placing import Call
from scheduler.planning import ENDED, PAUSED
from scheduler.there import There, assigned_to, site_time_of
from trial.answers import AnswerKind
from trial.claims import ClaimCheck, ClaimCheckKind, ClaimState, NextLook, UnseenStep, claim_state, next_look
from trial.hours import FIRST_RING
from trial.messages import ItemKind
from trial.moments import CalendarOffset, Instant, at_local, local_day
from trial.responsibility import Told, WhyTold, whom
from trial.study import Step, Study
from trial.tasks import SiteFunction

VERIFIED: Final = "verified"


def watch_upload(tx: Tx, study: Study, site_time: SiteTime, task_id: UUID, *, now: Instant) -> None:
    """A site has just said that this upload is done: comes back to it where nobody has seen it in time.

    Call it in the transaction that closes the task. Taking the answer back stops the alarm with the task's state.
    """
    look = next_look(site_time.today(now), (), unseen_after=study.claims_unseen_after, calendar=site_time.calendar)
    _set_alarm(tx, task_id, site_time, look)


def ask_again(tx: Tx, task_id: UUID, *, now: Instant) -> bool:
    """A claim was queried: the site is asked at once, in its hours. Call it after the check was added. False: the task
    is not done any more.
    """
    return claims.watch_claim(tx, task_id, step=QUERIED, at=now, tzdata=zone_rules_version())


def ask_later(tx: Tx, task_id: UUID, until: date, *, now: Instant) -> bool:
    """Somebody who was asked about a claim wants to be asked again on this day. False: the task is not done any more."""
    task = plans.task_by_id(tx, task_id)
    site = None if task is None else sites.site_by_id(tx, task.site_id)
    if site is None:
        return False
    time = site_time_of(tx, site)
    at = max(now, at_local(time.calendar.on_or_after(until), FIRST_RING, time.zone))
    reminders.void_tasks_reminders(tx, [task_id], because="answered")
    return claims.watch_claim(tx, task_id, step=QUERIED, at=at, tzdata=zone_rules_version())


def settled(tx: Tx, task_id: UUID) -> None:
    """Somebody has seen the upload, or the site says that it is there: nothing rings about it any more."""
    claims.stop_watching(tx, task_id, tzdata=zone_rules_version())
    reminders.void_tasks_reminders(tx, [task_id], because=VERIFIED)


def ring_claim(
    tx: Tx, studies: Definitions, due: DueTask, place: There, *, now: Instant, elapsed: Instant
) -> list[Call]:
    """Takes the step of a claim whose moment has come, and sets its next alarm; whom to tell."""
    claim = _claim(tx, due.id)
    if claim is None:
        claims.stop_watching(tx, due.id, tzdata=zone_rules_version())
        return []
    if due.patient_state == PAUSED:
        _try_next_morning(tx, due, place, due.next_step or UNSEEN, now=now)
        return []
    if due.patient_state == ENDED and due.next_step == QUERIED:
        # About somebody who has left no phone rings; the office has asked, and sees that there is no answer.
        claims.stop_watching(tx, due.id, tzdata=zone_rules_version())
        return []
    checks = claims.checks_of_answer(tx, claim.id)
    to = _asked(tx, due, place, claim, now=now)
    if due.next_step == QUERIED:
        return _ring_query(tx, due, place, checks, to, now=now, elapsed=elapsed)
    unseen_after = studies.of_version(tx, due.study_version_id).claims_unseen_after
    return _ring_unseen(tx, due, place, claim, checks, to, unseen_after, now=now, elapsed=elapsed)


def _ring_query(
    tx: Tx,
    due: DueTask,
    place: There,
    checks: tuple[CheckRow, ...],
    to: Told | None,
    *,
    now: Instant,
    elapsed: Instant,
) -> list[Call]:
    zone = place.time.zone
    asking = [check for check in checks if check.kind is ClaimCheckKind.QUERIED]
    if not asking or claim_state(_days(checks, place.time)) is not ClaimState.QUERIED:
        claims.stop_watching(tx, due.id, tzdata=zone_rules_version())
        return []
    if to is None:
        _try_next_morning(tx, due, place, QUERIED, now=now)
        return []
    claims.stop_watching(tx, due.id, tzdata=zone_rules_version())
    # A promise to ask again is a ring of its own, on the day that it was promised for.
    asked_on = local_day(asking[-1].at, zone)
    known = reminders.told(tx, [due.id]).get(due.id, frozenset())
    again = any(one.step == QUERIED and one.announced_due == asked_on for one in known)
    announced = place.time.today(now) if again else asked_on
    return [_call(tx, due, place, QUERIED, announced, to, now=now, elapsed=elapsed)]


def _ring_unseen(
    tx: Tx,
    due: DueTask,
    place: There,
    claim: AnswerRow,
    checks: tuple[CheckRow, ...],
    to: Told | None,
    unseen_after: CalendarOffset | None,
    *,
    now: Instant,
    elapsed: Instant,
) -> list[Call]:
    time = place.time
    claimed_on = local_day(claim.answered_at, time.zone)
    look = next_look(claimed_on, _days(checks, time), unseen_after=unseen_after, calendar=time.calendar)
    if look is None or look.day > time.today(now):
        _set_alarm(tx, due.id, time, look)
        return []
    step = look.step
    if due.patient_state == ENDED or (step is UnseenStep.ASK_SITE and _asked_before(tx, due.id, claim)):
        # No phone rings about somebody who has left, and a site that has said so twice is not asked a third time.
        step = UnseenStep.TELL_MANAGER
    match step:
        case UnseenStep.ASK_SITE if to is None:
            _try_next_morning(tx, due, place, UNSEEN, now=now)
            return []
        case UnseenStep.ASK_SITE:
            _add_unseen(tx, due, claim, now=now, elapsed=elapsed)
            seen = (*_days(checks, time), ClaimCheck(ClaimCheckKind.UNSEEN, time.today(now)))
            _set_alarm(tx, due.id, time, next_look(claimed_on, seen, unseen_after=unseen_after, calendar=time.calendar))
            return [] if to is None else [_call(tx, due, place, UNSEEN, claimed_on, to, now=now, elapsed=elapsed)]
        case UnseenStep.TELL_MANAGER:
            _add_unseen(tx, due, claim, now=now, elapsed=elapsed)
            claims.stop_watching(tx, due.id, tzdata=zone_rules_version())
            item = NewItem(
                study_id=due.study_id,
                kind=ItemKind.CLAIM_UNSEEN,
                key=f"claim_unseen:{claim.id}",
                site_id=due.site_id,
                patient_id=due.patient_id,
                visit_id=due.visit_id,
                task_id=due.id,
                details={"since": claimed_on.isoformat()},
            )
            open_item(tx, item, now=now, elapsed=elapsed)
            return []
        case _:
            assert_never(step)


def _asked_before(tx: Tx, task_id: UUID, claim: AnswerRow) -> bool:
    """Whether an earlier claim was asked about already because nobody had seen it, and nobody has looked since."""
    earlier = [one.kind for one in claims.checks_of_tasks(tx, (task_id,)).get(task_id, ()) if one.answer_id != claim.id]
    return bool(earlier) and earlier[-1] is ClaimCheckKind.UNSEEN


def _call(
    tx: Tx, due: DueTask, place: There, step: str, announced: date, to: Told, *, now: Instant, elapsed: Instant
) -> Call:
    tx.audit(
        "claim.rung",
        table=schema.task,
        object_id=due.id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={"step": step, "announced_due": announced.isoformat(), "told": str(to.person_id)},
    )
    return Call(due, place.readers[to.person_id], step, announced, to, rings=0)


def _add_unseen(tx: Tx, due: DueTask, claim: AnswerRow, *, now: Instant, elapsed: Instant) -> None:
    check_id = claims.add_check(
        tx,
        study_id=due.study_id,
        answer_id=claim.id,
        task_id=due.id,
        kind=ClaimCheckKind.UNSEEN,
        person_id=None,
        at=now,
    )
    tx.audit("claim.unseen", table=schema.claim_check, object_id=check_id, by=None, at=now, recorded_at=elapsed)


def _claim(tx: Tx, task_id: UUID) -> AnswerRow | None:
    """The standing answer that closed the task."""
    said = [one for one in answers.standing_of_task(tx, task_id) if one.kind is AnswerKind.UPLOADED]
    return said[-1] if said else None


def _asked(tx: Tx, due: DueTask, place: There, claim: AnswerRow, *, now: Instant) -> Told | None:
    """Whoever said so, if they can be told today; else whoever is responsible."""
    today = place.time.today(now)
    here = {one.person_id for one in place.colleagues if one.since <= today and one.is_here(today)}
    if claim.person_id in here and claim.person_id is not None:
        return Told(claim.person_id, WhyTold.RESPONSIBLE)
    function = SiteFunction(due.function)
    assigned = assigned_to(tx, {(due.patient_id, today)}).get((due.patient_id, function))
    found = whom(Step.DUE, function, place.colleagues, (), assigned=assigned, today=today, told_before=frozenset())
    return found[0] if found else None


def _days(checks: tuple[CheckRow, ...], time: SiteTime) -> tuple[ClaimCheck, ...]:
    return tuple(ClaimCheck(check.kind, local_day(check.at, time.zone)) for check in checks)


def _set_alarm(tx: Tx, task_id: UUID, time: SiteTime, look: NextLook | None) -> None:
    if look is None:
        claims.stop_watching(tx, task_id, tzdata=zone_rules_version())
    else:
        at = at_local(look.day, FIRST_RING, time.zone)
        claims.watch_claim(tx, task_id, step=UNSEEN, at=at, tzdata=zone_rules_version())


def _try_next_morning(tx: Tx, due: DueTask, place: There, step: str, *, now: Instant) -> None:
    at = next_morning(place.time, now)
    claims.watch_claim(tx, due.id, step=step, at=at, tzdata=zone_rules_version())
