"""`sitebell study table` and `sitebell study template`: a study as a spreadsheet, and an empty one to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from office.study_files import document_of, read_text, study_from_text
from office.study_tables_written import ENDINGS, table_file, template_file
from trial.problems import Problem, ProblemError
from trial.readers.tables.words import Part
from trial.readers.tables.written import tables_of

Out = Annotated[Path, typer.Option("--out", metavar="TABLE", help="A new file that ends in .xlsx or .csv.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of `sitebell study`."""
    app.command()(table)
    app.command()(template)


def table(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study file in the format visitplan/1.")], *, out: Out
) -> None:
    """Write FILE as a spreadsheet, one row a visit, and tell what a spreadsheet has no place for."""
    text = read_text(file)
    study_from_text(text, file.name)
    document = document_of(text, file.name)
    written = tables_of(document if isinstance(document, dict) else {})
    _write(out, table_file(written.parts, _ending(out)))
    counts = {part: len(rows) - 1 for part, rows in written.parts.items() if part is not Part.STUDY}
    told = ", ".join(f"{count} {part if count > 1 else part.removesuffix('s')}" for part, count in counts.items())
    typer.echo(f"{out.name}: {told}")
    if written.findings:
        typer.echo("It does not hold:")
    for finding in written.findings:
        typer.echo(f"  {finding.where}: {finding.what}; {finding.instead}.")


def template(*, out: Out) -> None:
    """Write an empty spreadsheet that explains itself; fill it in and import it."""
    _write(out, template_file(_ending(out)))
    typer.echo(f"{out.name} was written. Its lines that begin with # explain it.")


def _ending(out: Path) -> str:
    ending = out.suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise ProblemError(
            Problem(str(out), "its name does not say what to write", f"let it end in .{' or .'.join(ENDINGS)}")
        )
    return ending


def _write(out: Path, content: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(content)
    except FileExistsError as problem:
        raise ProblemError(Problem(str(out), "the file is there already", "give a new name")) from problem
    except FileNotFoundError as problem:
        raise ProblemError(Problem(str(out), "there is no such folder", "give a folder that is there")) from problem
