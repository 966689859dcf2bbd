"""`sitebell study sandbox`: what would this study be like? Everything but the study file is invented."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from app.commands.sandbox_sheet import ANSWERS, many, people_and_places, picture_of, reminders
from app.sandbox import try_out
from office.study_files import read_study
from rehearsal.figures import Figures, Lateness
from rehearsal.invention import Wishes
from scheduler.clock import SystemClock
from trial.calendars import WorkingCalendar
from trial.problems import ProblemError
from trial.study import Study

COUNTRIES: Final = ("DE", "FR", "GB", "JP", "US")
BAD_INPUT: Final = 2


class Shape(StrEnum):
    """How the figures are printed."""

    TABLE = "table"
    JSON = "json"


StudyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A study file in the format visitplan/1.")]
Patients = Annotated[int, typer.Option(min=1, max=5_000, help="How many patients are invented, ten at a site.")]
Years = Annotated[float, typer.Option(min=0.1, max=15, help="How long it goes on.")]
Country = Annotated[
    list[str], typer.Option(help="ISO 3166 codes of the sites' countries, in turn; as often as needed.")
]
Seed = Annotated[int, typer.Option(min=0, help="Another number invents other people and other patients.")]
Happens = Annotated[
    float,
    typer.Option(min=0, max=10, help="How often a patient leaves, or what nobody waits for happens, per year."),
]
Begins = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; none: today.")]
Format = Annotated[Shape, typer.Option("--format", help="How the figures are printed.")]
Picture = Annotated[Path | None, typer.Option(metavar="FILE", help="An SVG file to draw them into.")]


def register(app: typer.Typer) -> None:
    app.command("sandbox")(sandbox)


def sandbox(
    file: StudyFile,
    patients: Patients = 200,
    years: Years = 3,
    country: Country = [],  # noqa: B006 - typer's way to declare an option that may come many times
    seed: Seed = 1,
    happens: Happens = 0.1,
    begins: Begins = None,
    shape: Format = Shape.TABLE,
    picture: Picture = None,
) -> None:
    """Invent sites, people and patients for FILE, live the years with the real engine, and tell what it was like."""
    wishes = Wishes(patients=patients, years=years, countries=tuple(country) or COUNTRIES, seed=seed, happens=happens)
    first = SystemClock().now().date() if begins is None else begins.date()
    lived = 0

    def told(more: int) -> None:
        nonlocal lived
        lived += more
        typer.echo(f"{lived} of {many(patients, 'patient')} lived", err=True)

    try:
        for code in wishes.countries:
            WorkingCalendar(code)
        study = read_study(file)
        found = try_out(file, wishes, first=first, told=told)
    except ProblemError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if picture is not None:
        picture.write_text(picture_of(found, study, wishes), encoding="utf-8")
    match shape:
        case Shape.TABLE:
            typer.echo("\n".join(_lines(found, study, wishes)))
        case Shape.JSON:
            typer.echo(json.dumps(_plain(asdict(found)), indent=2))


def _lines(found: Figures, study: Study, wishes: Wishes) -> list[str]:
    span = found.span
    return [
        f"{study.id} {study.version}, {span.first} to {span.last}, seed {wishes.seed}.",
        f"{people_and_places(wishes)} in {', '.join(wishes.countries_used)}.",
        "Sites, people and patients are invented; visits, windows and ladders are those of the file.",
        "",
        *_table(
            ("messages a week", "people", "in all", "median", "nine of ten", "fullest", "in the week of"),
            [
                (
                    load.who,
                    str(load.people),
                    str(load.messages),
                    f"{load.median:g}",
                    str(load.most),
                    str(load.busiest),
                    str(load.busiest_week or ""),
                )
                for load in found.loads
            ],
        ),
        "",
        f"{reminders(found.moved)}.",
        "",
        *_lateness(found.lateness),
        *_weeks(found, wishes),
        *_to_the_office(found),
    ]


def _lateness(found: Sequence[Lateness]) -> Iterator[str]:
    if not found:
        yield from ("No visit, upload or form had its last day in this time.", "")
        return
    yield from _table(
        ("sites that answer", "to be done", "late", "share"),
        [
            (ANSWERS[one.behaviour], str(one.ended), str(one.late), f"{one.late / one.ended:.0%}" if one.ended else "")
            for one in found
        ],
    )
    before = sum(one.before for one in found)
    if before:
        yield f"Not in it: {before} whose last day was over before their patient was entered."
    yield ""


def _weeks(found: Figures, wishes: Wishes) -> Iterator[str]:
    if not found.busiest_weeks:
        return
    yield from _table(
        ("busiest weeks", "last days", "messages"),
        [(str(week.monday), str(week.due), str(week.messages)) for week in found.busiest_weeks],
    )
    due = sum(week.due for week in found.weeks) / len(found.weeks)
    yield f"A week has {due:.1f} last days on average, {due / wishes.sites:.1f} at each site."
    yield ""


def _to_the_office(found: Figures) -> Iterator[str]:
    ended = [month.ladders for month in found.months]
    yield f"To the trial office: {many(sum(ended), 'ladder')} that ended without an answer (at most {max(ended)} in a month),"
    yield f"other things to look at: {sum(month.others for month in found.months)}."
    for one in found.awaited:
        told = "" if one.wait_days is None else f", told after {one.wait_days:g} days (median)"
        yield f"{one.event}: asked for {many(one.asked, 'time')}, {one.open} still awaited{told}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Words to the left, numbers to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value
