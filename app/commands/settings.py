"""`sitebell settings`: every setting, what it is for, and what it is now. Secrets show only that they are set."""

import os

import typer

from app.settings import SETTINGS


def register(cli: typer.Typer) -> None:
    cli.command("settings")(show)


def show() -> None:
    """List all settings."""
    settings = {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        file = f"{setting.name}_FILE"
        # SITEBELL_KEY_FILE is a setting of its own and says nothing about SITEBELL_KEY.
        given = os.environ.get(setting.name) or (None if file in settings else os.environ.get(file))
        value = given or setting.default or "not set"
        if setting.secret and given:
            value = "set (not shown)"
        typer.echo(f"{setting.name} = {value}\n    {setting.purpose}")
