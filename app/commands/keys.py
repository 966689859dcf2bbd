"""`sitebell keys`: make the key, with what losing it means said before; and rotate keys while Sitebell runs."""

from typing import Annotated

import typer

from app.wiring import Office, command_records, key_provider, read_settings
from records.errors import KeyExists
from records.key_providers import LOSING_IT, KeyFile, check_place, create_key_file
from records.rotation import (
    begin_key_file_rotation,
    finish_key_file_rotation,
    left_under_retired_keys,
    replace_data_keys,
    reseal,
    rewrap,
)

app = typer.Typer(no_args_is_help=True)

FORMER_KEY = """\
The key in {path} is a new one: {fingerprint}.
Keep a copy of it away from this machine, today. Backups made before now open only with the former key: keep its copy
for as long as you keep them.
"""


@app.command("create")
def create() -> None:
    """Make the key for a new installation. A key that is there is never overwritten."""
    settings = read_settings()
    provider = key_provider(settings)
    if not isinstance(provider, KeyFile):
        raise KeyExists("The key does not come from a file here, so it has to be made where it is kept.")
    check_place(provider.path, outside=provider.outside)
    if provider.path.exists():
        raise KeyExists(f"{provider.path} exists already and was left alone.")
    typer.echo(LOSING_IT.format(path=provider.path))
    create_key_file(provider.path, outside=provider.outside)
    typer.echo(f"Created: {provider.path} ({provider.current().fingerprint.hex()})")


@app.command("rotate")
def rotate(
    *,
    data: Annotated[bool, typer.Option("--data", help="Also make new data keys and seal everything again.")] = False,
) -> None:
    """Wrap all data keys under a new key, while Sitebell runs. Repeat it if it was interrupted."""
    with command_records() as office:
        provider = key_provider(office.settings)
        if isinstance(provider, KeyFile):
            _rotate_file(office, provider)
        else:
            _rewrap(office)
            typer.echo("Everything is wrapped under the first key that is given; the second is not needed any more.")
        if data:
            _seal_again(office)


def _rotate_file(office: Office, provider: KeyFile) -> None:
    typer.echo(LOSING_IT.format(path=provider.path))
    begin_key_file_rotation(provider)
    _rewrap(office)
    finish_key_file_rotation(provider)
    typer.echo(FORMER_KEY.format(path=provider.path, fingerprint=provider.current().fingerprint.hex()))


def _rewrap(office: Office) -> None:
    done = rewrap(
        office.records,
        office.settings.database_url,
        keys=key_provider(office.settings),
        data_dir=office.settings.data_dir,
        now=office.clock.now(),
        elapsed=office.clock.elapsed(),
    )
    typer.echo(f"Wrapped again: {done.data_keys} data keys and {done.file_keys} database file keys.")


def _seal_again(office: Office) -> None:
    made = replace_data_keys(office.records, now=office.clock.now(), elapsed=office.clock.elapsed())
    moved = sum(reseal(office.records))
    with office.records.read() as tx:
        left = left_under_retired_keys(tx)
    typer.echo(f"New data keys: {made}; sealed again: {moved} values; still under a former key: {left}.")
