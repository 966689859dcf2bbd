"""`sitebell migrate`: make the database, or bring it to this Sitebell's revision, with a copy before."""

import typer

from app.wiring import key_provider, read_settings
from records.migrations import upgrade
from scheduler.clock import SystemClock


def register(cli: typer.Typer) -> None:
    cli.command("migrate")(migrate)


def migrate() -> None:
    """Make the database, or bring it up to date; a failure changes nothing."""
    settings = read_settings()
    result = upgrade(
        settings.database_url,
        keys=key_provider(settings),
        data_dir=settings.data_dir,
        demo=None,
        now=SystemClock().elapsed(),
    )
    if result.before is None:
        typer.echo(f"The database was made, at revision {result.after}.")
    elif result.changed:
        typer.echo(f"The database was at revision {result.before} and is now at {result.after}.")
    else:
        typer.echo(f"The database is at revision {result.after} already; nothing was changed.")
    if result.backup is not None:
        typer.echo(f"The copy from before, opened and checked: {result.backup}")
