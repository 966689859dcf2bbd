"""`sitebell export`: copies that people can read. Whoever has the file can read it too."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.wiring import command_records
from office.exports import write_answers
from trial.problems import Problem, ProblemError

app = typer.Typer(no_args_is_help=True)


@app.callback()
def exports() -> None:
    """Copies that people can read."""


@app.command("answers")
def answers(
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A new file; standard output if it is not given.")] = None,
    study: Annotated[str | None, typer.Option("--study", help="Only this study's.")] = None,
) -> None:
    """Every answer as CSV, safe to open in a spreadsheet; taken back ones with the time."""
    with command_records() as office:
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        if out is None:
            write_answers(office.records, sys.stdout, study_code=study, by=None, **times)
            return
        try:
            out.touch(mode=0o600, exist_ok=False)
        except OSError as problem:
            raise ProblemError(
                Problem(str(out), "the file is there already or cannot be made", "give a new name in a folder of yours")
            ) from problem
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                count = write_answers(office.records, file, study_code=study, by=None, **times)
        except BaseException:
            out.unlink()
            raise
    typer.echo(f"{count} answers were written.", err=True)
