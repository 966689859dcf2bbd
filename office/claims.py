"""Claimed uploads, verified or queried by the trial office.

A claimed task is done, and its state stays so. What is found of the claim is a check of the answer that claims it; a
query is answered by another answer of the same kind, about which nothing was found yet.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office import helping, items
from office.guarding import check_words
from office.judging import Refusal
from office.named import study_named
from office.rights import allowed
from office.standings import Claim, claim_of
from records import answers, claims, patients, people, plans, schema, sites
from records.answers import AnswerRow
from records.claims import stop_watching
from records.database import Records
from records.edits import put_edits
from records.plans import TaskRow
from records.transaction import Tx
from scheduler.claims import ask_again, ask_later, settled, watch_upload
from scheduler.definitions import Definitions, zone_of, zone_rules_version
from scheduler.planning import Chart, go_on_after_help, read_chart
from trial.access import Action, Actor
from trial.answers import AnswerKind
from trial.claims import ClaimCheckKind, ClaimState
from trial.labels import Labels
from trial.moments import Instant, local_day
from trial.occurrences import label_of, task_label_of


def answered_again(tx: Tx, chart: Chart, task: TaskRow, claim: Claim, answer: AnswerRow) -> None:
    """Somebody answered what was asked about this claim: a query, or whether an upload that nobody has seen is there."""
    now, elapsed = answer.answered_at, answer.received_at
    match answer.kind:
        case AnswerKind.UPLOADED:
            watch_upload(tx, chart.study, chart.time, task.id, now=now)
            _close_items(tx, chart, task, claim, by=None, now=now, elapsed=elapsed)
        case AnswerKind.LATER if answer.said.until is not None and claim.state is ClaimState.QUERIED:
            ask_later(tx, task.id, answer.said.until, now=now)
        case AnswerKind.NEED_HELP:
            helping.ask(tx, chart, task, answer)
            stop_watching(tx, task.id, tzdata=zone_rules_version())
        case _:
            pass  # what nobody has seen comes to the office in its time, whenever the site will look


def _close_items(
    tx: Tx, chart: Chart, task: TaskRow, claim: Claim, *, by: UUID | None, now: Instant, elapsed: Instant
) -> None:
    items.close_about(tx, items.unseen_key(claim.answer.id), items.ANSWERED, by=by, now=now, elapsed=elapsed)
    if items.close_about(tx, items.help_key(task.id), items.ANSWERED, by=by, now=now, elapsed=elapsed):
        go_on_after_help(tx, chart, task.visit_id, now=now)


# --- verifying and querying -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a claim is recorded; the card follows."""

    check_id: UUID
    task_id: UUID
    visit_id: UUID
    kind: ClaimCheckKind


def verify(
    tx: Tx, studies: Definitions, answer_id: UUID, by: UUID | None, *, now: Instant, elapsed: Instant
) -> Checked | Refusal:
    """Somebody has seen the images in the archive: the claim holds, and nobody is asked any more.

    CLOSED: it was verified before, or the claim does not stand any more. `by` None: at the command line.
    """
    found = _claim(tx, studies, answer_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    if found.claim.state is ClaimState.VERIFIED:
        return Refusal.CLOSED
    checked = _check(tx, found, ClaimCheckKind.VERIFIED, by=by, words=None, now=now, elapsed=elapsed)
    settled(tx, found.task.id)
    _close_items(tx, found.chart, found.task, found.claim, by=by, now=now, elapsed=elapsed)
    return checked


def query(
    tx: Tx,
    studies: Definitions,
    answer_id: UUID,
    by: UUID | None,
    words: str | None = None,
    *,
    now: Instant,
    elapsed: Instant,
) -> Checked | Refusal:
    """The archive does not show the images, or the central reader asks again: the site is asked at once, in its hours.

    `words` is what stands on the card beside the question.

    Raises:
        ProblemError: the privacy guard stopped the words; it says why, and never quotes them.
    """
    found = _claim(tx, studies, answer_id, by, now=now)
    if isinstance(found, Refusal):
        return found
    chart = found.chart
    said = None if words is None else check_words(words, chart.study, chart.site, today=chart.time.today(now))
    checked = _check(tx, found, ClaimCheckKind.QUERIED, by=by, words=said, now=now, elapsed=elapsed)
    ask_again(tx, found.task.id, now=now)
    return checked


@dataclass(frozen=True, slots=True)
class _Found:
    chart: Chart
    task: TaskRow
    claim: Claim


def _claim(tx: Tx, studies: Definitions, answer_id: UUID, by: UUID | None, *, now: Instant) -> _Found | Refusal:
    """The claim that this answer makes, behind its patient's lock."""
    answer = answers.answer_by_id(tx, answer_id)
    place = None if answer is None else plans.visit_place(tx, answer.visit_id)
    if answer is None or place is None or answer.kind is not AnswerKind.UPLOADED:
        return Refusal.UNKNOWN
    actor: Actor | None = None if by is None else people.actor(tx, by)
    if by is not None and (actor is None or not allowed(actor, Action.VERIFY, place, now=now)):
        return Refusal.NOT_ALLOWED
    chart = read_chart(tx, studies, place.patient_id)
    task = next((task for task in chart.tasks if task.id == answer.task_id), None)
    if task is None:
        return Refusal.UNKNOWN
    claim = claim_of(answers.standing_of_task(tx, task.id), claims.checks_of_tasks(tx, (task.id,)).get(task.id, ()))
    if claim is None or claim.answer.id != answer_id:
        return Refusal.CLOSED
    return _Found(chart, task, claim)


def _check(
    tx: Tx,
    found: _Found,
    kind: ClaimCheckKind,
    *,
    by: UUID | None,
    words: str | None,
    now: Instant,
    elapsed: Instant,
) -> Checked:
    check_id = claims.add_check(
        tx,
        study_id=found.chart.patient.study_id,
        answer_id=found.claim.answer.id,
        task_id=found.task.id,
        kind=kind,
        person_id=by,
        at=now,
        words=words,
    )
    tx.audit(
        f"claim.{kind}",
        table=schema.claim_check,
        object_id=check_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"answer": str(found.claim.answer.id), **({} if words is None else {"words": words})},
    )
    put_edits(tx, (found.task.visit_id,), now=now, elapsed=elapsed)
    return Checked(check_id, found.task.id, found.task.visit_id, kind)


# --- the list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListedClaim:
    """A claimed upload for people to read. Dates are local at the site; `unseen`: the site was asked about it in time."""

    answer_id: UUID
    site_number: str
    visit: Labels
    task: Labels
    uploaded_on: date | None
    said_on: date
    said_by: str | None
    state: ClaimState
    unseen: bool
    code: str = field(repr=False)


def list_claims(
    records: Records, studies: Definitions, *, study_code: str | None, state: ClaimState | None = None
) -> tuple[ListedClaim, ...]:
    """The claims of a study that stand, the longest waiting first; only those of one state, if it is given.

    Raises:
        ProblemError: there is no such study.
    """
    with records.read() as tx:
        study = study_named(tx, study_code)
        by_site = {site.id: site for site in sites.sites(tx, study.id)}
        codes = {one.id: one for one in patients.patients(tx, study_id=study.id)}
        names = {one.id: one.name for one in people.people_at(tx, study.id, None, all_sites=True)}
        found = []
        latest = {row.task_id: row for row in claims.claims_of_study(tx, study.id)}
        for row in sorted(latest.values(), key=lambda row: row.answered_at):
            answer, task = answers.answer_by_id(tx, row.answer_id), plans.task_by_id(tx, row.task_id)
            patient, site = codes.get(row.patient_id), by_site.get(row.site_id)
            if answer is None or task is None or patient is None or site is None:
                continue
            definition = studies.of_version(tx, patient.study_version_id)
            found.append(
                ListedClaim(
                    answer_id=row.answer_id,
                    site_number=site.number,
                    visit=label_of(definition, task.occurrence) or {"en": task.occurrence},
                    task=task_label_of(definition, task.occurrence, task.name) or {"en": task.name},
                    uploaded_on=answer.said.day,
                    said_on=local_day(row.answered_at, zone_of(site.zone)),
                    said_by=_name(answer, names),
                    state=_STATES.get(row.last_check, ClaimState.CLAIMED),
                    unseen=row.last_check is ClaimCheckKind.UNSEEN,
                    code=patient.code,
                )
            )
    return tuple(one for one in found if state is None or one.state is state)


_STATES: Final = {
    None: ClaimState.CLAIMED,
    ClaimCheckKind.UNSEEN: ClaimState.CLAIMED,
    ClaimCheckKind.VERIFIED: ClaimState.VERIFIED,
    ClaimCheckKind.QUERIED: ClaimState.QUERIED,
}


def _name(answer: AnswerRow, names: dict[UUID, str]) -> str | None:
    return None if answer.person_id is None else names.get(answer.person_id)
