"""`sitebell hold`: let a patient, a site, a kind of task or the study be until a day."""

from collections.abc import Iterator
from typing import Annotated

import typer

from app.commands.words import as_json, choice, day, identity
from app.wiring import command_records
from office.holds import HoldLine, Target, hold_lines, lift_hold, place_hold
from office.named import person_named, site_named, study_named
from office.patients import patient_named, site_of
from office.refusals import or_problem
from office.study_files import study_from_text
from records import sites
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.holds import HoldScope
from trial.problems import Problem, ProblemError
from trial.tasks import TaskKind

app = typer.Typer(no_args_is_help=True)

StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: it stands in the audit trail. No names, no numbers.")]
By = Annotated[str | None, typer.Option("--by", help="The manager who decides it, by name.")]


@app.command("add")
def add(
    *,
    until: Annotated[str, typer.Option("--until", help="The last day on which nothing rings, within a year.")],
    reason: Reason,
    site: Annotated[str | None, typer.Option("--site", help="A site, by its number.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="A patient, by the study's own code.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help=f"A kind of task: {', '.join(one.value for one in TaskKind)}.")
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help="The whole study.")] = False,
    by: By = None,
    study: StudyCode = None,
) -> None:
    """Let something be until a day: nothing rings for it. Answers are taken, and what becomes late is late."""
    if [site is not None, code is not None, kind is not None, everything].count(True) != 1:
        raise ProblemError(
            Problem("hold", "it is not clear of what", "give one of --site, --code, --kind and --everything")
        )
    last = day("until", until)
    with command_records() as office, office.records.begin() as tx:
        found = study_named(tx, study)
        target = _target(tx, found, site=site, code=code, kind=kind)
        person = None if by is None else person_named(tx, found, None, by).id
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        placed = place_hold(tx, Definitions(study_from_text), target, last, reason, by=person, **times)
        hold_id = or_problem("hold", placed)
    typer.echo(f"On hold until {last}: {hold_id}.")


def _target(tx: Tx, study: StudyRow, *, site: str | None, code: str | None, kind: str | None) -> Target:
    if code is not None:
        patient = patient_named(tx, study.code, code)
        return Target(study, site_of(tx, patient), patient.id)
    if site is not None:
        return Target(study, site_named(tx, study, site))
    return Target(study, kind=None if kind is None else TaskKind(choice("kind", kind, TaskKind)))


@app.command("lift")
def lift(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="The id that `hold list` prints first.")],
    *,
    reason: Reason,
    by: By = None,
    study: StudyCode = None,
) -> None:
    """End a hold before its day. What it has kept back goes out in one digest for each person."""
    hold_id = identity("hold", hold)
    with command_records() as office, office.records.begin() as tx:
        person = None if by is None else person_named(tx, study_named(tx, study), None, by).id
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        done = or_problem("hold", lift_hold(tx, Definitions(study_from_text), hold_id, reason, by=person, **times))
    typer.echo(f"Lifted; it has kept back {done.tasks} {'task' if done.tasks == 1 else 'tasks'}.")


@app.command("list")
def list_holds(
    *,
    study: StudyCode = None,
    stood: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    as_rows: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """List what is on hold, the soonest over first."""
    with command_records() as office, office.records.read() as tx:
        found = study_named(tx, study)
        lines = hold_lines(tx, found.id, sites.sites(tx, found.id), now=office.clock.now())
    shown = [line for line in lines if stood or line.stands]
    if as_rows:
        typer.echo(as_json(_row(line) for line in shown))
    elif not shown:
        typer.echo("Nothing is on hold.")
    else:
        for line in shown:
            typer.echo("  ".join(_columns(line)))


def _row(line: HoldLine) -> dict[str, object]:
    row = line.row
    return {
        "hold": str(row.id),
        "scope": line.what.scope.value,
        "site": None if line.site is None else line.site.number,
        "patient": line.code,
        "kind": None if line.what.kind is None else line.what.kind.value,
        "until": line.what.until.isoformat(),
        "stands": line.stands,
        "reason": row.reason,
        "placed_by": line.placed_by,
        "placed_at": row.placed_at.isoformat(timespec="seconds"),
        "lifted_because": row.lifted_because,
        "lifted_by": line.lifted_by,
        "lifted_at": None if row.lifted_at is None else row.lifted_at.isoformat(timespec="seconds"),
    }


def _columns(line: HoldLine) -> Iterator[str]:
    row = line.row
    yield str(row.id)
    yield _about(line)
    yield f"until {line.what.until}"
    yield f"{row.reason} ({line.placed_by or 'command line'})"
    if row.lifted_at is not None:
        yield f"lifted {row.lifted_at:%Y-%m-%d %H:%M} UTC: {row.lifted_because} ({line.lifted_by or 'command line'})"


def _about(line: HoldLine) -> str:
    match line.what.scope:
        case HoldScope.STUDY:
            return "everything"
        case HoldScope.TASKS:
            return f"tasks of kind {line.what.kind}"
        case HoldScope.SITE:
            return f"site {'' if line.site is None else line.site.number}"
        case HoldScope.PATIENT:
            return f"patient {line.code}"
