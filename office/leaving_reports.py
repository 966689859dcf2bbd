"""A site says that a patient is no longer followed: every ring stops at once, and who confirms it is asked to."""

from datetime import date
from uuid import UUID

from office import items
from office.teams import team_of
from office.telling import tell_in_hours
from records import answers, attempts, office_items, patients, people
from records.answers import AnswerRow
from records.office_items import NewItem
from records.transaction import Tx
from scheduler.opening import open_item
from scheduler.planning import Chart
from scheduler.there import Reader, managers
from trial.answers import AnswerKind, LeavingKind
from trial.messages import ItemKind, LeavingToConfirm
from trial.moments import Instant
from trial.people import Role


def report(tx: Tx, chart: Chart, answer: AnswerRow) -> None:
    """Opens the item, and asks the site's investigators and the managers to confirm kind and day."""
    now, elapsed = answer.answered_at, answer.received_at
    new = NewItem(
        study_id=chart.patient.study_id,
        kind=ItemKind.LEAVING,
        key=items.leaving_key(answer.patient_id),
        site_id=chart.patient.site_id,
        patient_id=answer.patient_id,
        person_id=answer.person_id,
        details={"confirming": None, "told": None if answer.said.leaving is None else answer.said.leaving.value},
    )
    item_id = open_item(tx, new, now=now, elapsed=elapsed)
    question = to_confirm(tx, chart, answer, confirming=None)
    if question is None:
        return
    # Every ring has stopped already: this can wait until each of them is at work.
    told = [
        tell_in_hours(tx, reader, question, ref=answer.patient_id, now=now, elapsed=elapsed)
        for reader in who_confirms(tx, chart, now=now)
    ]
    if item_id is not None and any(told):
        office_items.mark_told(tx, (item_id,), at=now)


def who_confirms(tx: Tx, chart: Chart, *, now: Instant) -> tuple[Reader, ...]:
    """Investigators of the site who are there, and the managers; each once, and only who can be told."""
    team = team_of(tx, chart.site, now=now)
    investigators = [
        team.place.readers[one.person_id]
        for one in team.place.colleagues
        if one.role is Role.INVESTIGATOR and one.since <= team.today and one.is_here(team.today)
    ]
    found = (*investigators, *managers(tx, chart.patient.study_id, now=now))
    return tuple({reader.person_id: reader for reader in found}.values())


def to_confirm(tx: Tx, chart: Chart, answer: AnswerRow, *, confirming: LeavingKind | None) -> LeavingToConfirm | None:
    """The question of kind and day, as it stands now."""
    patient = patients.patient_by_id(tx, answer.patient_id)
    if patient is None or answer.said.leaving is None:
        return None
    who = None if answer.person_id is None else people.person_by_id(tx, answer.person_id)
    return LeavingToConfirm(
        study=patient.study_code,
        site_number=chart.site.number,
        code=patient.code,
        told=answer.said.leaving,
        told_by="" if who is None else who.name,
        told_on=chart.time.today(answer.answered_at),
        confirming=confirming,
        attempts=attempted(tx, answer.patient_id),
    )


def attempted(tx: Tx, patient_id: UUID) -> tuple[date, ...]:
    """The days on which somebody tried to reach the patient, the earliest first."""
    return tuple(sorted({attempt.day for attempt in attempts.attempts_of(tx, patient_id)}))


def standing_reports(tx: Tx, patient_id: UUID) -> tuple[AnswerRow, ...]:
    """The answers that say so and were not taken back, the first given first."""
    return answers.standing_of_patient(tx, patient_id, kinds=(AnswerKind.NO_LONGER_FOLLOWED,))
