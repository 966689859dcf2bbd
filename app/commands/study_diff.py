"""`sitebell study diff`: what another version changes, in its dates and for the patients of a site."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.commands.words import as_json, day
from app.wiring import command_records
from office.amendments import Move, Moves, TaskDays, what_it_moves
from office.named import site_named, study_named
from office.study_files import read_study, read_text
from trial.amending import empty_renames, lost
from trial.date_table import DateChange, date_changes
from trial.problems import Problem, ProblemError
from trial.study import Study

Old = Annotated[Path, typer.Argument(metavar="OLD", help="The study file of the version before.")]
New = Annotated[Path, typer.Argument(metavar="NEW", help="The study file of the new version.")]
Json = Annotated[bool, typer.Option("--json", help="For a program to read.")]


def diff(
    old: Old,
    new: New,
    *,
    registered: Annotated[
        str | None, typer.Option("--registered", help="The registration of the imagined patients.")
    ] = None,
    site: Annotated[
        str | None, typer.Option("--site", help="Show what it moves for the patients of this site, too.")
    ] = None,
    from_day: Annotated[str | None, typer.Option("--from", help="The day from which it would be used there.")] = None,
    in_json: Json = False,
) -> None:
    """Tell which dates NEW moves against OLD for imagined patients; with --site, for the patients who are there."""
    before, after = read_study(old), read_study(new)
    if before.id != after.id:
        raise ProblemError(
            Problem(new.name, f"it is a version of {after.id}, not of {before.id}", "give two of one study")
        )
    first = EXAMPLE if registered is None else day("registered", registered)
    changed = date_changes(before, after, registered=first)
    moves = None if site is None else _moves(after, read_text(new), new.name, site, from_day)
    if in_json:
        told: list[dict[str, object]] = [{"dates": [_object(one) for one in changed]}]
        typer.echo(as_json([*told, *([] if moves is None else [_moved(moves)])]))
        return
    for line in (*_unnamed(before, after), *_dates(changed, first), *(() if moves is None else _at_site(moves))):
        typer.echo(line)


EXAMPLE = date(2026, 1, 5)
"""A Monday: the registration of imagined patients where nobody says another."""


def _moves(after: Study, document: str, name: str, site: str, from_day: str | None) -> Moves:
    with command_records() as office:
        with office.records.read() as tx:
            place = site_named(tx, study_named(tx, after.id), site)
        own = after.amendment
        planned = None if own is None else own.first_day_at(site)
        first = planned if from_day is None else day("from", from_day)
        if first is None:
            raise ProblemError(Problem("from", "it is not said from which day on", "give --from YYYY-MM-DD"))
        return what_it_moves(
            office.records,
            place,
            document,
            name=name,
            active_from=first,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )


# --- in words ---------------------------------------------------------------------------------------------------------


def _unnamed(before: Study, after: Study) -> Iterator[str]:
    for one in lost(before, after):
        yield f"NOT SAID  {one.name} is not there any more: give it a line in amendments.renames, or it cannot be released."
    for name in empty_renames(before, after):
        yield f"NOT KNOWN  amendments.renames names {name!r}, which stands for no visit."


def _dates(changed: Sequence[DateChange], registered: date) -> Iterator[str]:
    if not changed:
        yield f"No date is another one for patients registered on {registered}."
        return
    yield f"Dates that are other ones, for patients registered on {registered}:"
    kind = None
    for one in changed:
        if one.kind != kind:
            kind = one.kind
            yield f"  {kind or 'every patient'}"
        yield f"    {one.occurrence}  {_shown(one.before)} -> {_shown(one.after)}"


def _shown(days: tuple[date, date | None, date | None] | None) -> str:
    if days is None:
        return "not there"
    target, earliest, latest = days
    return f"{target} ({earliest or '?'} to {latest or '?'})"


def _at_site(moves: Moves) -> Iterator[str]:
    yield (
        f"Site {moves.site.number}, from {moves.active_from}: {moves.moved} of {moves.patients} patients would be planned "
        f"by it."
    )
    for line in moves.lines:
        told = "; told already, rings again" if line.rings_again else "; told already" if line.told else ""
        yield f"  {line.code}  {line.kind.value}  {line.task}  {_days(line.before)} -> {_days(line.after)}{told}"
    yield "Nothing was changed."


def _days(days: TaskDays | None) -> str:
    if days is None:
        return "not there"
    return days.occurrence if days.due is None else f"{days.occurrence} due {days.due} (to {days.closes})"


def _object(one: DateChange) -> dict[str, object]:
    return {"kind": one.kind, "occurrence": one.occurrence, "before": _shown(one.before), "after": _shown(one.after)}


def _moved(moves: Moves) -> dict[str, object]:
    return {
        "site": moves.site.number,
        "active_from": moves.active_from.isoformat(),
        "patients": moves.patients,
        "moved": moves.moved,
        "tasks": [_line(line) for line in moves.lines],
    }


def _line(line: Move) -> dict[str, object]:
    return {
        "patient": line.code,
        "task": line.task,
        "kind": line.kind.value,
        "before": _days(line.before),
        "after": _days(line.after),
        "told": line.told,
        "rings_again": line.rings_again,
    }
