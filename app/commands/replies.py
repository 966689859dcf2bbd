"""`sitebell replies`: how plain replies are understood."""

import typer

from locales.replies.examples import table as example_table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def replies() -> None:
    """How plain replies are understood."""


@app.command("table")
def table() -> None:
    """Print real-looking replies in each language with what becomes of them, the wrong ones too."""
    for line in example_table():
        typer.echo(line)
