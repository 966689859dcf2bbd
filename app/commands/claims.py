"""`sitebell claims`: uploads that sites have claimed, and whether somebody has seen them in the archive."""

from collections.abc import Iterator
from typing import Annotated

import typer

from app.commands.words import as_json, choice, english, identity
from app.wiring import command_records
from office import claims
from office.claims import ListedClaim
from office.named import person_named, study_named
from office.refusals import or_problem
from office.study_files import study_from_text
from scheduler.definitions import Definitions
from trial.claims import ClaimState

app = typer.Typer(no_args_is_help=True)

Claim = Annotated[str, typer.Argument(metavar="CLAIM", help="The id that `claims list` prints first.")]
By = Annotated[str | None, typer.Option("--by", help="The manager who has looked, by name.")]
StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]


@app.command("list")
def list_claims(
    *,
    state: Annotated[str | None, typer.Option("--state", help="claimed, verified or queried.")] = None,
    study: StudyCode = None,
    as_rows: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """List claimed uploads, the longest waiting first."""
    wanted = None if state is None else ClaimState(choice("state", state, ClaimState))
    with command_records() as office:
        found = claims.list_claims(office.records, Definitions(study_from_text), study_code=study, state=wanted)
    if as_rows:
        typer.echo(as_json(_row(claim) for claim in found))
    elif not found:
        typer.echo("There are none.")
    else:
        for claim in found:
            typer.echo("  ".join(_columns(claim)))


def _row(claim: ListedClaim) -> dict[str, object]:
    return {
        "claim": str(claim.answer_id),
        "site": claim.site_number,
        "patient": claim.code,
        "visit": english(claim.visit),
        "task": english(claim.task),
        "uploaded_on": None if claim.uploaded_on is None else claim.uploaded_on.isoformat(),
        "said_on": claim.said_on.isoformat(),
        "said_by": claim.said_by,
        "state": claim.state.value,
        "unseen": claim.unseen,
    }


def _columns(claim: ListedClaim) -> Iterator[str]:
    yield str(claim.answer_id)
    yield f"site {claim.site_number}"
    yield claim.code
    yield english(claim.visit)
    yield english(claim.task)
    yield f"said {claim.said_on}"
    if claim.said_by is not None:
        yield f"by {claim.said_by}"
    yield "unseen" if claim.unseen else claim.state.value


@app.command("verify")
def verify(claim: Claim, *, by: By = None, study: StudyCode = None) -> None:
    """Record that somebody has seen the images in the archive; the site is not asked again."""
    answer = identity("claim", claim)
    with command_records() as office, office.records.begin() as tx:
        person = None if by is None else person_named(tx, study_named(tx, study), None, by).id
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        or_problem("claim", claims.verify(tx, Definitions(study_from_text), answer, person, **times))
    typer.echo("Verified; the card follows.")


@app.command("query")
def query(
    claim: Claim,
    *,
    words: Annotated[
        str | None, typer.Option("--words", help="What stands on the card; never a name or a hospital number.")
    ] = None,
    by: By = None,
    study: StudyCode = None,
) -> None:
    """Ask the site again about an upload: the archive does not show it, or the central reader has a question."""
    answer = identity("claim", claim)
    with command_records() as office, office.records.begin() as tx:
        person = None if by is None else person_named(tx, study_named(tx, study), None, by).id
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        or_problem("claim", claims.query(tx, Definitions(study_from_text), answer, person, words, **times))
    typer.echo("Queried; the site is asked in its hours.")
