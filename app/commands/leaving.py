"""`sitebell patient leaving`: why and since when a patient is no longer followed, confirmed or taken back."""

from typing import Annotated

import typer

from app.commands.words import choice, day
from app.wiring import command_records
from office import leaving
from office.named import colleague_named, study_named
from office.patients import patient_named, site_of
from office.refusals import or_problem
from office.study_files import study_from_text
from records.patients import PatientRow
from records.people import PersonRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.answers import LeavingKind

app = typer.Typer(no_args_is_help=True)

Code = Annotated[str, typer.Option("--code", help="The patient's code.")]
By = Annotated[str, typer.Option("--by", help="Who answers for it: a manager or an investigator of the site.")]
StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]

KINDS = "death, withdrawn_from_visits, withdrawn_from_everything, lost, transferred, not_operated"


def _found(tx: Tx, study: str | None, code: str, by: str) -> tuple[PatientRow, PersonRow]:
    patient = patient_named(tx, study, code)
    return patient, colleague_named(tx, study_named(tx, study), site_of(tx, patient), by)


@app.command("confirm")
def confirm(
    *,
    code: Code,
    kind: Annotated[str, typer.Option("--kind", help=KINDS)],
    on: Annotated[str, typer.Option("--day", help="The day on which it happened.")],
    by: By,
    study: StudyCode = None,
) -> None:
    """Confirm why and since when a patient is no longer followed: what that closes is closed, and nothing else."""
    known, date = LeavingKind(choice("kind", kind, LeavingKind)), day("day", on)
    with command_records() as office, office.records.begin() as tx:
        patient, person = _found(tx, study, code, by)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        done = leaving.confirm(tx, Definitions(study_from_text), patient.id, known, date, person.id, **times)
        or_problem("leaving", done, unfit=_missing(known))
    typer.echo("Confirmed. This is not a safety report; report it as the protocol says.")


def _missing(kind: LeavingKind) -> str:
    if kind is LeavingKind.LOST:
        return "log the attempts to reach the patient first: sitebell patient leaving attempt"
    return f"give a kind that the study has an event for: {KINDS}"


@app.command("attempt")
def attempt(
    *,
    code: Code,
    on: Annotated[str, typer.Option("--day", help="The day on which somebody tried.")],
    by: By,
    study: StudyCode = None,
) -> None:
    """Log an attempt to reach a patient who may be lost to follow-up."""
    date = day("day", on)
    with command_records() as office, office.records.begin() as tx:
        patient, person = _found(tx, study, code, by)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        logged = leaving.log_attempt(tx, Definitions(study_from_text), patient.id, date, person.id, **times)
        count = len(or_problem("attempt", logged).attempts)
    typer.echo(f"Logged; attempts on {count} {'day' if count == 1 else 'days'}.")


@app.command("take-back")
def take_back(
    *,
    code: Code,
    by: By,
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the audit trail.")] = None,
    study: StudyCode = None,
) -> None:
    """Take it back: the patient is followed after all. What was recorded before stays in the records."""
    with command_records() as office, office.records.begin() as tx:
        patient, person = _found(tx, study, code, by)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        back = leaving.take_back(tx, Definitions(study_from_text), patient.id, person.id, reason=reason, **times)
        or_problem("leaving", back)
    typer.echo("Taken back; reminders go on where they stopped.")
