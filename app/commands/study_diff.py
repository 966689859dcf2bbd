"""`sitebell study diff`: what another version changes, in its dates and for the patients of a site."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from app.commands.words import as_json, day, in_columns
from app.wiring import command_records
from office.amendments import Move, MoveKind, Moves, TaskDays, by_visit, what_it_moves
from office.named import site_named, study_named
from office.releases import name_problem
from office.study_files import read_study, read_text
from trial.amending import empty_renames, lost
from trial.amendment_checks import name_faults
from trial.date_table import DateChange, date_changes
from trial.problems import Problem, ProblemError
from trial.study import AppliesTo, Study

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
    for line in (
        *_unnamed(before, after),
        *_dates(changed, first),
        *(() if moves is None else _at_site(moves, _applies_to(after))),
    ):
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


def _applies_to(study: Study) -> AppliesTo:
    return AppliesTo.VISITS_DUE_AFTER_ACTIVATION if study.amendment is None else study.amendment.applies_to


# --- in words ---------------------------------------------------------------------------------------------------------


def _unnamed(before: Study, after: Study) -> Iterator[str]:
    for one in lost(before, after):
        yield f"NOT SAID  {one.name} is not there any more: give it a line in amendments.renames, or it cannot be released."
    for name in empty_renames(before, after):
        yield f"NOT KNOWN  amendments.renames names {name!r}, which stands for no visit."
    for fault in name_faults(before, after):
        problem = name_problem(fault, "amendments.renames", before)
        yield f"NOT SO  {problem.what}: {problem.instead}."


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


def _at_site(moves: Moves, applies_to: AppliesTo) -> Iterator[str]:
    yield (
        f"Site {moves.site.number}, from {moves.active_from}: {moves.moved} of {moves.patients} patients would be planned "
        f"by it.{_WHOM[applies_to]}"
    )
    counted = ", ".join(f"{moves.days(kind)} {kind.value}" for kind in MoveKind)
    yield f"Dates of theirs: {counted}. Reminders that begin anew: {moves.begun_anew}."
    if moves.lines:
        yield from in_columns(("patient", "what", "visit", "tasks", "due before", "due after", "told"), _cells(moves))
    yield "Nothing was changed."


_WHOM: Final[Mapping[AppliesTo, str]] = {
    AppliesTo.VISITS_DUE_AFTER_ACTIVATION: "",
    AppliesTo.NEW_PATIENTS: " It is for those who are registered from that day on.",
    AppliesTo.AFTER_RECONSENT: " Whoever has not consented to it yet stays where they are until then.",
}


def _cells(moves: Moves) -> Iterator[tuple[str, ...]]:
    for one in by_visit(moves.lines):
        line = one.line
        names = dict.fromkeys(days.occurrence for days in (line.before, line.after) if days is not None)
        told = "yes, rings again" if line.rings_again else "yes" if line.told else ""
        tasks = ", ".join((line.task, *one.waiting))
        yield line.code, line.kind.value, " -> ".join(names), tasks, _due(line.before), _due(line.after), told


def _due(days: TaskDays | None) -> str:
    if days is None:
        return "-"
    return "no day yet" if days.due is None else f"{days.due} ({days.opens} to {days.closes})"


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
