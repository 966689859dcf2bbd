"""Answers that a site gives by phone or e-mail: somebody of the trial office takes them down, under their own name.

What was said is judged as if the site had pressed a button. The card says who told it and how, and anybody of the site can
say there that it is not so (`office/taking_back.py`).
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from office.answers import Outcome, record_answer
from office.guarding import check_words
from office.judging import Refusal
from office.rights import allowed
from records import patients, people, plans, sites
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.access import Action
from trial.answers import TAKEN_DOWN, AnswerKind, Said, TakenDown, Via
from trial.moments import FIRST_YEAR, Instant, local_day
from trial.problems import Problem, ProblemError, Wrong

LONGEST_NAME: Final = 80
"""Characters of who told it: a role, or a name. Ours."""


def take_down(
    tx: Tx,
    studies: Definitions,
    *,
    task_id: UUID,
    kind: AnswerKind,
    said: Said,
    told: TakenDown,
    via: Via,
    by: UUID,
    now: Instant,
    elapsed: Instant,
) -> Outcome:
    """Records what somebody of a site told the trial office about a task; everything follows from it as from their own press.

    Raises:
        ProblemError: of who told it and when (`told by`, `told on`), or of the words of a reason (`words`).
        ValueError: `via` is no way in which the trial office is told something.
    """
    if via not in TAKEN_DOWN:
        raise ValueError("only what was told by phone or e-mail is taken down")
    place, actor = plans.visit_place_of_task(tx, task_id), people.actor(tx, by)
    site = None if place is None else sites.site_by_id(tx, place.site_id)
    if place is None or actor is None or site is None or not allowed(actor, Action.SEE, place, now=now):
        return Refusal.UNKNOWN
    if not allowed(actor, Action.RECORD, place, now=now):
        return Refusal.NOT_ALLOWED
    today = local_day(now, zone_of(site.zone))
    patient = patients.standing_of(tx, place.patient_id)
    if patient is None:
        return Refusal.UNKNOWN
    study = studies.of_version(tx, patient.study_version_id)
    if told.on > today:
        raise ProblemError(
            Problem("told on", "the day lies in the future", "give the day on which it was said", Wrong.FUTURE)
        )
    if told.on.year < FIRST_YEAR:
        raise ProblemError(Problem("told on", f"the year lies before {FIRST_YEAR}", "check the year", Wrong.YEAR))
    if len(told.by) > LONGEST_NAME:
        raise ProblemError(
            Problem("told by", "it is too long", f"write at most {LONGEST_NAME} characters", Wrong.TOO_LONG)
        )
    whom = check_words(told.by, study, site, today=today, where="told by")
    words = None if said.text is None else check_words(said.text, study, site, today=today)
    return record_answer(
        tx,
        studies,
        place,
        actor,
        task_id=task_id,
        kind=kind,
        said=replace(said, text=words),
        via=via,
        told=TakenDown(whom, told.on),
        now=now,
        elapsed=elapsed,
    )
