"""`sitebell patient`: patients and the events of their course."""

from typing import Annotated

import typer

from app.commands import leaving
from app.commands.words import day, pairs
from app.wiring import command_records
from office.consents import record_consent
from office.earlier import ask_about_earlier
from office.named import person_named, study_named
from office.patients import add_patient, patient_named, record_event, record_fact
from office.study_files import study_from_text
from scheduler.definitions import Definitions
from trial.problems import Problem, ProblemError
from trial.timeline import Certainty

app = typer.Typer(no_args_is_help=True)
app.add_typer(leaving.app, name="leaving", help="Patients who are no longer followed.")

Code = Annotated[
    str, typer.Option("--code", help="The study's own code for the patient; never a name or hospital number.")
]
StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]


@app.command("add")
def add(
    *,
    site: Annotated[str, typer.Option("--site", help="The site's number.")],
    code: Code,
    event: Annotated[
        list[str] | None, typer.Option("--event", help="NAME=DATE, for each event that has happened so far.")
    ] = None,
    fact: Annotated[list[str] | None, typer.Option("--fact", help="NAME=VALUE, for each fact that is known.")] = None,
    held: Annotated[
        list[str] | None, typer.Option("--held", help="OCCURRENCE=DATE, for each visit that has taken place so far.")
    ] = None,
    study: StudyCode = None,
) -> None:
    """Add a patient; the plan is made at once."""
    events = {name: day(f"event {name}", text) for name, text in pairs("event", event or ()).items()}
    with command_records() as office:
        add_patient(
            office.records,
            Definitions(study_from_text),
            study_code=study,
            site_number=site,
            code=code,
            events=events,
            facts=pairs("fact", fact or ()),
            held={name: day(f"held {name}", text) for name, text in pairs("held", held or ()).items()},
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo("The patient was added and planned.")


@app.command("event")
def event(
    *,
    code: Code,
    name: Annotated[str, typer.Option("--event", help="The event's name in the study file, such as surgery.")],
    happened: Annotated[str | None, typer.Option("--happened", help="The day on which it happened.")] = None,
    planned: Annotated[str | None, typer.Option("--planned", help="The day for which it is planned.")] = None,
    study: StudyCode = None,
) -> None:
    """Record an event of a patient's course; the plan follows."""
    if (happened is None) == (planned is None):
        raise ProblemError(Problem("event", "it needs one day", "give either --happened or --planned"))
    certainty = Certainty.PLANNED if happened is None else Certainty.HAPPENED
    date = day(f"event {name}", happened or planned or "")
    with command_records() as office:
        record_event(
            office.records,
            Definitions(study_from_text),
            study_code=study,
            patient_code=code,
            event=name,
            day=date,
            certainty=certainty,
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo("The event was recorded and the plan follows it.")


@app.command("fact")
def fact(
    *,
    code: Code,
    name: Annotated[str, typer.Option("--fact", help="The fact's name in the study file.")],
    value: Annotated[str, typer.Option("--value", help="One of its values in the study file.")],
    study: StudyCode = None,
) -> None:
    """Record a fact about a patient; the plan follows."""
    with command_records() as office:
        record_fact(
            office.records,
            Definitions(study_from_text),
            study_code=study,
            patient_code=code,
            fact=name,
            value=value,
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo("The fact was recorded and the plan follows it.")


@app.command("ask-earlier")
def ask_earlier(*, code: Code, study: StudyCode = None) -> None:
    """Have the site asked about what fell due for a patient before it began to ring, from the next working morning on."""
    with command_records() as office, office.records.begin() as tx:
        patient = patient_named(tx, study, code)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        count = ask_about_earlier(tx, Definitions(study_from_text), patient.id, by=None, **times)
    if not count:
        typer.echo("There is nothing from before Sitebell to ask about.")
    else:
        typer.echo(
            f"The site is asked about {count} {'task' if count == 1 else 'tasks'} from the next working morning on."
        )


@app.command("consent")
def consent(
    *,
    code: Code,
    version: Annotated[str, typer.Option("--version", help="Of the protocol that they consented to.")],
    on: Annotated[str, typer.Option("--on", help="The day on which they did.")],
    by: Annotated[str | None, typer.Option("--by", help="Who records it, by name.")] = None,
    study: StudyCode = None,
) -> None:
    """Record that a patient consented to an amendment that applies after re-consent; the plan follows."""
    given_on = day("on", on)
    with command_records() as office, office.records.begin() as tx:
        found = study_named(tx, study)
        person = None if by is None else person_named(tx, found, None, by).id
        moved = record_consent(
            tx,
            Definitions(study_from_text),
            found,
            patient_code=code,
            version=version,
            given_on=given_on,
            by=person,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo(
        f"Recorded; the patient is planned by {version} now."
        if moved
        else f"Recorded; {version} does not change how the patient is planned today."
    )
