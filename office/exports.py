"""Answers as a table for people: opened from the sealed records, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterator
from typing import Final, TextIO
from uuid import UUID

from office.named import study_named
from records import answers, people, schema
from records.answers import AnswerInPlace
from records.database import Records
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Membership
from trial.moments import Instant, local_day
from trial.spreadsheets import safe

COLUMNS: Final = (
    "study",
    "site",
    "patient",
    "occurrence",
    "task",
    "kind",
    "date",
    "reason",  # a coded reason, the value of a fact, or why the patient is no longer followed
    "text",
    "until",
    "said_by",
    "role",
    "answered_at",
    "site_local_time",
    "via",
    "undone_at",
    "told_by",  # who of the site told the trial office, where that took the answer down
    "told_on",
)


def write_answers(
    records: Records, out: TextIO, *, study_code: str | None = None, by: UUID | None, now: Instant, elapsed: Instant
) -> int:
    """Writes every answer as CSV, the first given first, taken back ones with the time; how many there are.

    Raises:
        ProblemError: there is no such study.
    """
    writer = csv.writer(out, lineterminator="\n")
    count = 0
    with records.read() as tx:
        study_id = None if study_code is None else study_named(tx, study_code).id
        writer.writerow(COLUMNS)
        memberships: dict[UUID, tuple[Membership, ...]] = {}
        for place in answers.answers_in_place(tx, study_id=study_id):
            if place.answer.person_id is not None and place.answer.person_id not in memberships:
                memberships[place.answer.person_id] = people.memberships_of(tx, place.answer.person_id)
            writer.writerow([safe(cell) for cell in _cells(place, memberships)])
            count += 1
    with records.begin() as tx:
        _leave_note(tx, study_id, count, by=by, now=now, elapsed=elapsed)
    return count


def _cells(place: AnswerInPlace, memberships: dict[UUID, tuple[Membership, ...]]) -> Iterator[str]:
    answer, said = place.answer, place.answer.said
    zone = zone_of(place.zone)
    held = () if answer.person_id is None else memberships[answer.person_id]
    day = local_day(answer.answered_at, zone)
    yield place.study_code
    yield place.site_number
    yield place.patient_code
    yield place.occurrence
    yield place.task_name or ""
    yield answer.kind.value
    yield "" if said.day is None else said.day.isoformat()
    yield said.reason or said.value or ("" if said.leaving is None else said.leaving.value)
    yield said.text or ""
    yield "" if said.until is None else said.until.isoformat()
    yield place.said_by or ""
    yield next((one.role.value for one in held if one.valid_on(day)), "")
    yield answer.answered_at.isoformat(timespec="seconds")
    yield answer.answered_at.astimezone(zone).isoformat(timespec="seconds")
    yield answer.via.value
    yield "" if answer.undone_at is None else answer.undone_at.isoformat(timespec="seconds")
    yield "" if answer.told is None else answer.told.by
    yield "" if answer.told is None else answer.told.on.isoformat()


def _leave_note(tx: Tx, study_id: UUID | None, count: int, *, by: UUID | None, now: Instant, elapsed: Instant) -> None:
    tx.audit(
        "answers.exported",
        table=schema.deployment,
        object_id=tx.deployment_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"rows": count, "study": None if study_id is None else str(study_id)},
    )
