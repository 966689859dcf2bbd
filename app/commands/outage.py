"""`sitebell outage`: when Sitebell itself was silent, and letting go what waits since a long silence."""

from typing import Annotated
from uuid import UUID

import typer

from app.commands.words import identity
from app.wiring import command_records
from office.named import person_named, study_named
from records import outages
from records.outages import OutageRow
from records.transaction import Tx
from scheduler.outages import hold as hold_sending
from scheduler.outages import release as release_outage
from trial.problems import Problem, ProblemError

app = typer.Typer(no_args_is_help=True)

SHOWN = 10

StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]


@app.command("show")
def show() -> None:
    """List the last outages, the newest first, and whether sending waits for somebody."""
    with command_records() as office, office.records.read() as tx:
        found = outages.latest_outages(tx, limit=SHOWN)
    if not found:
        typer.echo("There was none.")
    for outage in found:
        typer.echo(_line(outage))


def _line(outage: OutageRow) -> str:
    if not outage.held:
        standing = "short: nothing waited"
    elif outage.released_at is None:
        standing = "WAITS for release: nothing is sent"
    else:
        standing = f"released {outage.released_at:%Y-%m-%d %H:%M} UTC"
    return f"{outage.id}  {outage.trial_from:%Y-%m-%d %H:%M} to {outage.trial_until:%Y-%m-%d %H:%M} UTC  {standing}"


@app.command("hold")
def hold() -> None:
    """Send nothing until somebody releases it: for a backup that was restored, before Sitebell is started again."""
    with command_records() as office, office.records.begin() as tx:
        if hold_sending(tx, now=office.clock.now(), elapsed=office.clock.elapsed()) is None:
            raise ProblemError(Problem("outage", "it waits for a release already", "see `sitebell outage show`"))
    typer.echo("Nothing is sent now. What falls due waits for `sitebell outage release`.")


@app.command("release")
def release(
    outage: Annotated[
        str | None,
        typer.Argument(metavar="OUTAGE", help="The id that `outage show` prints; the one that waits, without."),
    ] = None,
    *,
    by: Annotated[str | None, typer.Option("--by", help="The manager who releases it, by name.")] = None,
    study: StudyCode = None,
) -> None:
    """Let go what waits since a long outage: one digest for each person, in their hours."""
    with command_records() as office, office.records.begin() as tx:
        outage_id = _waiting(tx) if outage is None else identity("outage", outage)
        person = None if by is None else person_named(tx, study_named(tx, study), None, by).id
        told = release_outage(tx, outage_id, person, now=office.clock.now(), elapsed=office.clock.elapsed())
        if told is None:
            raise ProblemError(Problem("outage", "it does not wait for a release", "see `sitebell outage show`"))
    typer.echo(f"Released; {told} {'person gets' if told == 1 else 'people get'} one digest each.")


def _waiting(tx: Tx) -> UUID:
    held = outages.held_outage(tx)
    if held is None:
        raise ProblemError(Problem("outage", "nothing waits for a release", "see `sitebell outage show`"))
    return held.id
