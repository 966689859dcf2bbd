"""`sitebell people`: who is enrolled."""

from typing import Annotated

import typer

from app.wiring import command_records
from office.people import Listed, everybody

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_people(
    *, study: Annotated[str | None, typer.Option("--study", help="Needed where there are several.")] = None
) -> None:
    """List everybody who was ever invited, and whether messages reach them."""
    with command_records() as office:
        found = everybody(office.records, study_code=study)
    if not found:
        typer.echo("Nobody was invited yet; sitebell invite prints a link.")
    for person in found:
        typer.echo(_line(person))


def _line(person: Listed) -> str:
    place = "trial office" if person.site_number is None else f"site {person.site_number}"
    return f"{person.name}  {person.role.value}  {place}  {person.language}  {person.standing}"
