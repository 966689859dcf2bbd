"""`sitebell study`: is this study file right, and which dates does it give?"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.commands import sandbox, study_diff, study_release, study_schema, study_table
from app.commands.study_import import import_protocol
from app.commands.timeline_sheet import drawn
from app.commands.words import in_columns
from office.study_files import read_study
from trial.calendars import WorkingCalendar
from trial.course_checks import course_problems
from trial.preview import Row, preview
from trial.problems import Problem, ProblemError
from trial.study import Study
from trial.timeline import Certainty, Course, EventDate

app = typer.Typer(
    help="Check a study file, see every date that it gives, and release it for a site.", no_args_is_help=True
)
app.command("schema")(study_schema.print_schema)
app.command("import")(import_protocol)
sandbox.register(app)

BAD_INPUT = 2
COLUMNS = ("occurrence", "status", "target", "earliest", "latest", "tasks")

Value = TypeVar("Value")


class Format(StrEnum):
    """How the rows of a preview are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    SVG = "svg"


StudyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A study file in the format visitplan/1.")]
Events = Annotated[list[str], typer.Option("--event", metavar="NAME=DATE", help="An event that happened, YYYY-MM-DD.")]
Facts = Annotated[list[str], typer.Option("--fact", metavar="NAME=VALUE", help="A fact that is known.")]
Held = Annotated[list[str], typer.Option("--done", metavar="OCCURRENCE=DATE", help="A visit that was held.")]
Shape = Annotated[str, typer.Option("--format", metavar="|".join(Format), help="How the rows are printed.")]
Today = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day to mark in the drawing (svg).")]
Country = Annotated[str | None, typer.Option(help="ISO 3166 code whose public holidays count; none: Monday to Friday.")]
Region = Annotated[str | None, typer.Option(help="Subdivision of the country, where holidays differ.")]


@app.command()
def check(file: StudyFile) -> None:
    """Tell everything that is wrong in FILE, or what it holds and which of its numbers no source backs."""
    study = _or_exit(lambda: read_study(file))
    campaigns = sum(bool(visit.rounds) for visit in study.visits.values())
    counts = (
        (len(study.events), "event"),
        (len(study.facts), "fact"),
        (len(study.visits) - campaigns, "visit"),
        *([(campaigns, "campaign")] if campaigns else []),
        (sum(len(visit.tasks) for visit in study.visits.values()), "task"),
    )
    told = ", ".join(_counted(count, noun) for count, noun in counts)
    typer.echo(f"ok: {study.id} {study.version}: {told}; languages: {', '.join(study.languages)}")
    if study.warnings:
        typer.echo(f"{_counted(len(study.warnings), 'warning')}:")
    for warning in study.warnings:
        typer.echo(f"  line {warning.line}: {warning.path}: {warning.what}; {warning.instead}.")
    if study.unverified:
        typer.echo(f"{_counted(len(study.unverified), 'entry', 'entries')} unverified:")
    for entry in study.unverified:
        typer.echo(f"  line {entry.line}: {entry.path}: {entry.text}")
    if study.open_questions:
        typer.echo(f"{_counted(len(study.open_questions), 'question')} without an answer:")
    for question in study.open_questions:
        about = f"{question.about}: " if question.about else ""
        typer.echo(f"  line {question.line}: {question.id}: {about}{question.asked}")


@app.command("preview")
def show(
    file: StudyFile,
    event: Events = [],  # noqa: B006 - typer's way to declare an option that may come many times
    fact: Facts = [],  # noqa: B006 - as above
    done: Held = [],  # noqa: B006 - as above
    shape: Shape = Format.TABLE.value,
    country: Country = None,
    region: Region = None,
    today: Today = None,
) -> None:
    """Print every date that FILE gives for an imagined patient. Dates may lie in the future."""
    imagined = _or_exit(
        lambda: _imagined(
            read_study(file), event=event, fact=fact, done=done, shape=shape, calendar=WorkingCalendar(country, region)
        )
    )
    rows = imagined.rows
    match Format(shape):
        case Format.TABLE:
            typer.echo("\n".join(in_columns(COLUMNS, (row.cells for row in rows))))
        case Format.CSV:
            typer.echo(_csv(rows), nl=False)
        case Format.JSON:
            typer.echo(json.dumps([_object(row) for row in rows], indent=2))
        case Format.SVG:
            day = None if today is None else today.date()
            typer.echo(drawn(imagined.study, imagined.course, rows, imagined.calendar, today=day), nl=False)


app.command()(study_release.add)
app.command()(study_release.versions)
app.command()(study_release.dates)
app.command()(study_release.release)
app.command("withdraw-release")(study_release.withdraw_release)
app.command()(study_diff.diff)


@dataclass(frozen=True, slots=True)
class _Imagined:
    """A patient, and every date of theirs."""

    study: Study
    course: Course
    calendar: WorkingCalendar
    rows: tuple[Row, ...]


def _imagined(
    study: Study,
    *,
    event: Sequence[str],
    fact: Sequence[str],
    done: Sequence[str],
    shape: str,
    calendar: WorkingCalendar,
) -> _Imagined:
    problems: list[Problem] = []
    if shape not in set(Format):
        problems.append(Problem("--format", f"there is no format {shape!r}", f"the formats are {', '.join(Format)}"))
    course = Course(
        events={
            name: EventDate(day, Certainty.HAPPENED) for name, day in _dated("--event", event, "surgery", problems)
        },
        facts=dict(_named("--fact", fact, "arm=standard", problems)),
        held=dict(_dated("--done", done, "fu_6mo", problems)),
    )
    # The patient is imagined: nothing of the course lies in the future of the last day there is.
    problems += course_problems(study, course, date.max)
    if problems:
        raise ProblemError(*problems)
    return _Imagined(study, course, calendar, preview(study, course, calendar))


def _dated(option: str, texts: Iterable[str], name: str, problems: list[Problem]) -> Iterable[tuple[str, date]]:
    for left, right in _named(option, texts, f"{name}=2026-08-31", problems):
        try:
            # fromisoformat alone would take 20260831 and week dates too, which people do not mean.
            yield left, datetime.strptime(right, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            problems.append(
                Problem(f"{option} {left}", f"{right!r} is no date", "write YYYY-MM-DD, such as 2026-08-31")
            )


def _named(option: str, texts: Iterable[str], example: str, problems: list[Problem]) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for text in texts:
        left, equals, right = (part.strip() for part in text.partition("="))
        if not (left and equals and right):
            problems.append(Problem(option, f"{text!r} has no name, = and value", f"write such as {example}"))
        elif left in seen:
            problems.append(Problem(f"{option} {left}", "it is given twice", "give it once"))
        else:
            seen.add(left)
            yield left, right


def _object(row: Row) -> dict[str, str | None]:
    return {column: cell or None for column, cell in zip(COLUMNS, row.cells, strict=True)}


def _csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells for row in rows)
    return out.getvalue()


def _counted(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def _or_exit(action: Callable[[], Value]) -> Value:
    """What the action returns; its problems are printed, one sentence each, and end the command with 2."""
    try:
        return action()
    except ProblemError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(BAD_INPUT) from error


study_table.register(app)
