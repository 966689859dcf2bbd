"""`sitebell office`: what the trial office has to look at."""

from collections.abc import Iterator
from typing import Annotated

import typer

from app.commands.words import as_json, english, identity
from app.wiring import command_records
from office.helping import close_item
from office.item_list import ListedItem, list_items
from office.named import person_named, study_named
from office.refusals import or_problem
from office.study_files import study_from_text
from scheduler.definitions import Definitions

app = typer.Typer(no_args_is_help=True)

StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]


@app.command("items")
def items(
    *,
    study: StudyCode = None,
    as_rows: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """List what nobody of the trial office has looked at yet, the longest open first."""
    with command_records() as office:
        found = list_items(office.records, Definitions(study_from_text), study_code=study)
    if as_rows:
        typer.echo(as_json(_row(item) for item in found))
    elif not found:
        typer.echo("There is nothing to look at.")
    else:
        for item in found:
            typer.echo("  ".join(_columns(item)))


def _row(item: ListedItem) -> dict[str, object]:
    return {
        "item": str(item.id),
        "kind": item.kind.value,
        "about": item.about,
        "site": item.site_number,
        "patient": item.code,
        "visit": english(item.visit) or None,
        "name": item.name,
        "opened_at": item.opened_at.isoformat(timespec="seconds"),
    }


def _columns(item: ListedItem) -> Iterator[str]:
    yield str(item.id)
    yield item.kind.value if item.about is None else f"{item.kind.value} ({item.about})"
    yield f"{item.opened_at:%Y-%m-%d %H:%M} UTC"
    if item.site_number is not None:
        yield f"site {item.site_number}"
    yield from filter(None, (item.code, english(item.visit), item.name))


@app.command("close")
def close(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The id that `office items` prints first.")],
    *,
    by: Annotated[str | None, typer.Option("--by", help="The manager who has looked at it, by name.")] = None,
    study: StudyCode = None,
) -> None:
    """Record that somebody has looked at it. Where a site asked for help, its reminders go on."""
    item_id = identity("item", item)
    with command_records() as office, office.records.begin() as tx:
        person = None if by is None else person_named(tx, study_named(tx, study), None, by).id
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        done = close_item(tx, Definitions(study_from_text), item_id, person, **times)
        or_problem("item", done, unfit="confirm it or take it back: sitebell patient leaving")
    typer.echo("Closed.")
