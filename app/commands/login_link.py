"""`sitebell login-link`: signs somebody in to the board from the machine's own command line."""

import sys
from typing import Annotated

import typer

from app.wiring import command_records
from office.named import person_named, site_named, study_named
from office.signing_in import link_address, make_login_link
from trial.problems import Problem, ProblemError


def register(cli: typer.Typer) -> None:
    cli.command("login-link")(login_link)


def login_link(
    *,
    name: Annotated[str, typer.Option("--name", help="The name as it was invited.")],
    site: Annotated[str | None, typer.Option("--site", help="The site's number; none for the trial office.")] = None,
    study: Annotated[str | None, typer.Option("--study", help="Needed where there are several.")] = None,
) -> None:
    """Print a link that signs this person in to the board: once, within ten minutes, whoever has it."""
    with command_records() as office:
        if not office.settings.web_url and office.settings.web_port == 0:
            raise ProblemError(Problem("SITEBELL_WEB_PORT", "is any free port", "set the one that the board is at"))
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        with office.records.begin() as tx:
            found = study_named(tx, study)
            person = person_named(tx, found, None if site is None else site_named(tx, found, site), name)
            token = make_login_link(tx, person.id, by=None, **times)
        if token is None:
            raise ProblemError(Problem("name", "nothing on the board is theirs today", "see: sitebell people list"))
        address = office.settings.board(office.settings.web_port)
    typer.echo(link_address(address, token))
    sys.stderr.write("Good once, for ten minutes. Whoever has it is signed in as this person.\n")
