"""`sitebell study import`: somebody else's protocol becomes a draft of a study file, with its questions."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from office.study_imports import Choice, Written, read_foreign, written
from trial.problems import Problem, ProblemError
from trial.readers.draft import Finding, Weight
from trial.study import Question

BAD_INPUT = 2
TOLD = {
    Weight.REFUSED: "wrong in the file, left out",
    Weight.ASKED: "for somebody to decide; the questions stand in the draft",
    Weight.NOTED: "read so, to be looked at",
}

Source = Annotated[
    Path, typer.Argument(metavar="FILE", help="A protocol as USDM 3.0 or 4.0 in JSON, or a schedule as a spreadsheet.")
]
Out = Annotated[Path, typer.Option("--out", metavar="YAML", help="The study file to write.")]
Replace = Annotated[bool, typer.Option("--replace", help="Write over a file that is there already.")]
Version = Annotated[str | None, typer.Option("--version", help="Which version, where FILE holds several.")]
Design = Annotated[str | None, typer.Option("--design", help="Which study design, where FILE holds several.")]


def import_protocol(
    file: Source, out: Out, *, replace: Replace = False, version: Version = None, design: Design = None
) -> None:
    """Read FILE as a draft of a study file and tell what it leaves open. Nothing is written where FILE is refused."""
    try:
        _other_file(file, out)
        result = written(read_foreign(file, Choice(version, design)), out.name)
        _keep(out, result.text, replace=replace)
    except ProblemError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(BAD_INPUT) from error
    _tell(result, out)


def _other_file(file: Path, out: Path) -> None:
    """A draft never takes the place of the protocol that it was read from.

    Raises:
        ProblemError: it would.
    """
    if out.resolve() == file.resolve():
        raise ProblemError(Problem("--out", "this is the file that is read", "give another name"))


def _keep(out: Path, text: str, *, replace: bool) -> None:
    try:
        with out.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as problem:
        raise ProblemError(
            Problem(str(out), "the file is there already", "give another name, or --replace to write over it")
        ) from problem
    except OSError as problem:
        raise ProblemError(Problem(str(out), "the file cannot be written", "check the folder")) from problem


def _tell(result: Written, out: Path) -> None:
    study = result.study
    typer.echo(
        f"{out}: a draft of {study.id} {study.version}: {_counted(len(study.events), 'event')}, "
        f"{_counted(len(study.visits), 'visit')}, {_counted(len(study.open_questions), 'question')}"
    )
    by_weight = {weight: [one for one in result.draft.findings if one.weight is weight] for weight in Weight}
    _group(Weight.REFUSED, by_weight[Weight.REFUSED])
    if any(finding.question for finding in by_weight[Weight.ASKED]):
        _questions(study.open_questions, by_weight[Weight.ASKED])
    else:
        _group(Weight.ASKED, by_weight[Weight.ASKED])
    _group(Weight.NOTED, by_weight[Weight.NOTED])
    typer.echo(
        "\nNext: read the questions in the file. Where one is right as it stands, write `answer: ...` below it, with who "
        "says so; else change\nthe file as it says, and delete the question. Then look at every date:\n"
        f"  sitebell study check {quote(str(out))}\n"
        f"  sitebell study preview {quote(str(out))} --event {study.registration}=YYYY-MM-DD"
    )


def _questions(questions: Sequence[Question], findings: Sequence[Finding]) -> None:
    """Each question of the draft, with the places in the file that it comes from."""
    places: dict[str, list[Finding]] = {}
    for finding in findings:
        places.setdefault(finding.question, []).append(finding)
    typer.echo(
        f"\n{_counted(len(questions), 'question')} for somebody to decide, in the draft under questions "
        f"(they come from {_counted(len(findings), 'place')} in the file, shown with -):"
    )
    for question in questions:
        typer.echo(f"  {question.id}: {question.asked}")
        for finding in places.get(question.id, ()):
            typer.echo(f"    - {finding.sentence}")


def _group(weight: Weight, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    typer.echo(f"\n{len(findings)} {weight.value} ({TOLD[weight]}):")
    for finding in findings:
        typer.echo(f"  {finding.sentence}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
