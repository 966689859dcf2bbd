"""`sitebell site`: the places that take part."""

from typing import Annotated

import typer

from app.commands.words import day
from app.wiring import command_records
from office.sites import add_site, all_sites

app = typer.Typer(no_args_is_help=True)


@app.command("add")
def add(
    *,
    number: Annotated[str, typer.Option("--number", help="The site's number in the study, such as 417.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    country: Annotated[str, typer.Option("--country", help="ISO 3166 code, for public holidays: BE, JP, US.")],
    zone: Annotated[str, typer.Option("--zone", help="IANA time zone, such as Asia/Tokyo.")],
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="What may stand in its chats: code (study, pseudonym, visit, dates).")
    ],
    region: Annotated[str | None, typer.Option("--region", help="Subdivision, where holidays differ: TX.")] = None,
    rings_from: Annotated[
        str | None,
        typer.Option("--rings-from", help="What fell due before this day rings nobody. Default: today there."),
    ] = None,
    study: Annotated[str | None, typer.Option("--study", help="Needed where there are several.")] = None,
) -> None:
    """Add a site. Whoever decided what may stand in its chats answers for it."""
    first_day = None if rings_from is None else day("rings-from", rings_from)
    with command_records() as office:
        add_site(
            office.records,
            study_code=study,
            number=number,
            name=name,
            country=country,
            region=region,
            zone_name=zone,
            disclosure=disclosure,
            rings_from=first_day,
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo(f"Site {number} was added.")


@app.command("list")
def list_sites(*, study: Annotated[str | None, typer.Option("--study", help="Only this study's.")] = None) -> None:
    """List the sites."""
    with command_records() as office:
        found = all_sites(office.records, study_code=study)
    if not found:
        typer.echo("There are no sites yet; sitebell site add makes one.")
    for site in found:
        place = site.country if site.region is None else f"{site.country}-{site.region}"
        typer.echo(
            f"{site.study_code}  {site.number}  {site.name}  {place}  {site.zone}  "
            f"{site.disclosure}  rings from {site.rings_from}"
        )
