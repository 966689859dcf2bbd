"""Who is responsible: for a function at a site, and for one patient's tasks of it where that is somebody else."""

from collections.abc import Collection
from uuid import UUID

from office.rights import allowed_at
from office.teams import team_of
from records import assignments, patients, people, schema, sites
from records.sites import SiteRow
from records.transaction import Tx
from trial.access import Action
from trial.calendars import DAY
from trial.moments import Instant
from trial.problems import Problem, ProblemError
from trial.tasks import SiteFunction


def assign(
    tx: Tx,
    patient_id: UUID,
    function: SiteFunction,
    person_id: UUID | None,
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """This person answers for the patient's tasks of this function from today on; None: whoever has the function.

    What has rung already is told to nobody again; the next step goes to the new person. `by` None: at the command line.

    Raises:
        ProblemError: no such patient, nobody of the patient's site, or no right to say so.
    """
    patient = patients.patient_by_id(tx, patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if site is None:
        raise ProblemError(Problem("patient", "there is none", "check the code"))
    if not allowed_at(tx, by, Action.RECORD, site, now=now):
        raise ProblemError(Problem("responsible", "only the trial office can say so", "ask the trial office"))
    team = team_of(tx, site, now=now, patient_ids=(patient_id,))
    if person_id is not None and person_id not in team.present:
        raise ProblemError(
            Problem("responsible", "this person does not work at the patient's site", "name one who does")
        )
    before = team.assigned.get((patient_id, function))
    if person_id == before:
        return
    if person_id is None:
        assignments.end_assignment(tx, patient_id, function, until=team.today - DAY)
    else:
        assignments.assign(tx, patient_id=patient_id, function=function, person_id=person_id, since=team.today)
    tx.audit(
        "patient.assigned",
        table=schema.patient,
        object_id=patient_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"function": function.value, "responsible": None if before is None else str(before)},
        after={"function": function.value, "responsible": None if person_id is None else str(person_id)},
    )


def set_functions(
    tx: Tx,
    site: SiteRow,
    person_id: UUID,
    functions: Collection[SiteFunction],
    *,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> None:
    """This person answers for these functions at the site from now on, and for no other. `by` None: at the command line.

    As with a patient's own person: what has rung is told to nobody again, the next step goes to whoever is responsible.

    Raises:
        ProblemError: nobody of this site, or no right to say so.
    """
    if not allowed_at(tx, by, Action.ADMIT, site, now=now):
        raise ProblemError(Problem("functions", "only the trial office can say so", "ask the trial office"))
    team = team_of(tx, site, now=now)
    held = [one.functions for one in team.place.colleagues if one.person_id == person_id and one.since <= team.today]
    if not held or not people.set_functions(tx, person_id, site.id, functions, on=team.today):
        raise ProblemError(Problem("functions", "this person does not work at the site", "name one who does"))
    tx.audit(
        "person.functions",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"site": site.number, "functions": sorted(frozenset().union(*held))},
        after={"site": site.number, "functions": sorted(functions)},
    )
