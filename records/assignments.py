"""Assignments: who is responsible for one patient's tasks of a function, where it is not whoever has the function."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import assignment, patient
from records.transaction import Tx
from trial.tasks import SiteFunction


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """From a day to a day, local at the site, both inclusive; `until` None: until somebody changes it."""

    id: UUID
    patient_id: UUID
    function: SiteFunction
    person_id: UUID
    since: date
    until: date | None

    def valid_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


_ASSIGNMENTS: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    assignment.c.id,
    assignment.c.patient_id,
    assignment.c.function,
    assignment.c.person_id,
    assignment.c.since,
    assignment.c.until,
).order_by(assignment.c.since, assignment.c.id)
_OF_PATIENTS: Final = _ASSIGNMENTS.where(
    assignment.c.patient_id.in_(sa.bindparam("patients", expanding=True)),
    sa.or_(assignment.c.until.is_(None), assignment.c.until >= sa.bindparam("day")),
)
_AT_SITE: Final = _ASSIGNMENTS.join(patient, patient.c.id == assignment.c.patient_id).where(
    patient.c.site_id == sa.bindparam("site"),
    assignment.c.since <= sa.bindparam("day"),
    sa.or_(assignment.c.until.is_(None), assignment.c.until >= sa.bindparam("day")),
)
_ADD: Final = sa.insert(assignment)
_END: Final = (
    sa.update(assignment)
    .where(
        assignment.c.patient_id == sa.bindparam("patient"),
        assignment.c.function == sa.bindparam("of_function"),
        sa.or_(assignment.c.until.is_(None), assignment.c.until > sa.bindparam("last")),
    )
    .values(until=sa.bindparam("last"))
)


def assign(tx: Tx, *, patient_id: UUID, function: SiteFunction, person_id: UUID, since: date) -> UUID:
    """This person from this day on; whoever was assigned before is so until the day before."""
    end_assignment(tx, patient_id, function, until=since - timedelta(days=1))
    assignment_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": assignment_id,
            "patient_id": patient_id,
            "function": function.value,
            "person_id": person_id,
            "since": since,
        },
    )
    return assignment_id


def end_assignment(tx: Tx, patient_id: UUID, function: SiteFunction, *, until: date) -> bool:
    """Nobody is assigned after this day; False when nobody was."""
    values = {"patient": patient_id, "of_function": function.value, "last": until}
    return tx.connection.execute(_END, values).rowcount > 0


def assignments_of(tx: Tx, patient_ids: Collection[UUID], *, today: date) -> Mapping[UUID, tuple[AssignmentRow, ...]]:
    """The assignments of these patients that are not over today, the earliest first; nothing for those without any.

    Several may not be over, and `valid_on` says which one holds on a day: at most one for each function.
    """
    if not patient_ids:
        return {}
    found: dict[UUID, list[AssignmentRow]] = defaultdict(list)
    for row in tx.connection.execute(_OF_PATIENTS, {"patients": sorted(patient_ids), "day": today}):
        found[row.patient_id].append(
            AssignmentRow(
                id=row.id,
                patient_id=row.patient_id,
                function=SiteFunction(row.function),
                person_id=row.person_id,
                since=row.since,
                until=row.until,
            )
        )
    return {patient_id: tuple(rows) for patient_id, rows in found.items()}


def assignments_at(tx: Tx, site_id: UUID, *, today: date) -> tuple[AssignmentRow, ...]:
    """The assignments that hold today for patients of a site."""
    rows = tx.connection.execute(_AT_SITE, {"site": site_id, "day": today})
    return tuple(
        AssignmentRow(
            id=row.id,
            patient_id=row.patient_id,
            function=SiteFunction(row.function),
            person_id=row.person_id,
            since=row.since,
            until=row.until,
        )
        for row in rows
    )
