"""`sitebell study schema`: what an editor needs to help with a study file."""

import json

import typer

from trial.visitplan.schema import schema


def print_schema() -> None:
    """Print the JSON Schema of visitplan/1, as it stands in studies/visitplan.schema.json."""
    typer.echo(json.dumps(schema(), indent=2))
