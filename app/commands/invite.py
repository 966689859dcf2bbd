"""`sitebell invite` and `sitebell revoke`: who may use the bot."""

import sys
from typing import Annotated

import segno
import typer

from app.commands.words import choice, works_in
from app.wiring import command_records
from locales import languages
from office import people
from office.inviting import Invitation, link_of
from office.inviting import invite as invite_person
from trial.people import Role
from trial.problems import Problem, ProblemError, nearest
from trial.tasks import SiteFunction

StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]
SiteNumber = Annotated[
    str | None, typer.Option("--site", help="The site's number; whoever belongs to all sites has none.")
]


def register(cli: typer.Typer) -> None:
    cli.command("invite")(invite)
    cli.command("revoke")(revoke)


def invite(
    *,
    name: Annotated[str, typer.Option("--name", help="The name that colleagues will read.")],
    role: Annotated[str, typer.Option("--role", help=f"{', '.join(Role)}.")] = Role.COORDINATOR.value,
    site: SiteNumber = None,
    language: Annotated[str, typer.Option("--language", help="The language to begin in: de, en, fr, ja.")] = "en",
    functions: Annotated[
        str, typer.Option("--functions", help="What the person is responsible for: imaging,coordination.")
    ] = "",
    zone: Annotated[
        str | None, typer.Option("--zone", help="Where a manager works: Europe/Brussels. A site has its own.")
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="Whose public holidays a manager keeps: BE. A site has its own.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Of that country, where holidays differ.")] = None,
    study: StudyCode = None,
) -> None:
    """Print a one-time link, as text and as a QR code. Hand it to the person by a way that you trust."""
    known_role = Role(choice("role", role, Role))
    known_functions = frozenset(
        SiteFunction(choice("functions", word.strip(), SiteFunction)) for word in functions.split(",") if word.strip()
    )
    if language not in languages():
        raise ProblemError(Problem("language", f"{language!r} is not known", nearest(language, languages())))
    place = works_in(zone, country, region)
    if known_role is Role.MANAGER and site is None and place is None:
        raise ProblemError(Problem("zone", "a manager has no site's clock", "give --zone Europe/Brussels --country BE"))
    with command_records() as office:
        bot = office.bot_username  # asked for first: without a link nobody is invited
        invitation = invite_person(
            office.records,
            study_code=study,
            site_number=site,
            role=known_role,
            name=name,
            language=language,
            functions=known_functions,
            works_in=place,
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    show(invitation, bot)


def show(invitation: Invitation, bot: str) -> None:
    """The link, its QR code, and until when it is good."""
    link = link_of(bot, invitation.token)
    typer.echo(link)
    segno.make(link, micro=False).terminal(out=sys.stdout, compact=True)
    until = invitation.expires_at.astimezone()
    typer.echo(f"Good once, until {until:%Y-%m-%d %H:%M %Z}. Whoever has it can join under this name.")


def revoke(
    *,
    name: Annotated[str, typer.Option("--name", help="The name as it was invited.")],
    site: SiteNumber = None,
    study: StudyCode = None,
) -> None:
    """End a person's access at once."""
    with command_records() as office:
        people.revoke(
            office.records,
            study_code=study,
            site_number=site,
            name=name,
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo("Access has ended; nothing more is sent.")
