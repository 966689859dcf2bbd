"""`sitebell site`: the places that take part."""

from collections.abc import Iterator
from typing import Annotated

import typer

from app.commands.words import as_json, day, english, span
from app.wiring import Office, command_records
from office.closings import close_site, closings_of, open_site, set_site_hours
from office.disclosure import Disclosure, set_disclosure
from office.dry_run import DryRun
from office.dry_run import dry_run as rehearse
from office.earlier import EarlierTask, earlier_tasks
from office.named import colleague_named, site_named, study_named
from office.sites import ListedSite, add_site, listed_sites
from office.study_files import study_from_text
from scheduler.definitions import Definitions
from trial.problems import Problem, ProblemError

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="SITE", help="The site's number.")]
Json = Annotated[bool, typer.Option("--json", help="For a program to read.")]
StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]


@app.command("add")
def add(
    *,
    number: Annotated[str, typer.Option("--number", help="The site's number in the study, such as 417.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    country: Annotated[str, typer.Option("--country", help="ISO 3166 code, for public holidays: BE, JP, US.")],
    zone: Annotated[str, typer.Option("--zone", help="IANA time zone, such as Asia/Tokyo.")],
    disclosure: Annotated[
        str,
        typer.Option(
            "--disclosure",
            help="What may stand in its chats: code (study, pseudonym, visit, dates) or task-only (none of them).",
        ),
    ],
    chosen_by: Annotated[str, typer.Option("--by", help="The manager who answers for that, by name.")],
    region: Annotated[str | None, typer.Option("--region", help="Subdivision, where holidays differ: TX.")] = None,
    rings_from: Annotated[
        str | None,
        typer.Option("--rings-from", help="What fell due before this day rings nobody. Default: today there."),
    ] = None,
    study: StudyCode = None,
) -> None:
    """Add a site. Who decided what may stand in its chats is recorded with it."""
    first_day = None if rings_from is None else day("rings-from", rings_from)
    with command_records() as office:
        _check_pages(office, disclosure)
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
            chosen_by=chosen_by,
            by=None,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo(f"Site {number} was added.")


@app.command("list")
def list_sites(*, study: Annotated[str | None, typer.Option("--study", help="Only this study's.")] = None) -> None:
    """List the sites."""
    with command_records() as office:
        found = listed_sites(office.records, study_code=study)
    if not found:
        typer.echo("There are no sites yet; sitebell site add makes one.")
    for listed in found:
        typer.echo("  ".join(_columns(listed)))


def _columns(listed: ListedSite) -> Iterator[str]:
    site = listed.site
    yield from (site.study_code, site.number, site.name)
    yield site.country if site.region is None else f"{site.country}-{site.region}"
    yield site.zone
    yield f"{site.disclosure}, chosen by {listed.chosen_by or 'nobody yet (sitebell site disclose)'}"
    yield f"rings from {site.rings_from}"


@app.command("dry-run")
def dry_run(
    number: Number,
    *,
    study: StudyCode = None,
    as_rows: Json = False,
) -> None:
    """Tell how many messages each person would get in the site's first week, by the rules themselves. Changes nothing.

    Whoever was invited counts as joined, and nobody answers.
    """
    with command_records() as office:
        told = rehearse(
            office.records,
            Definitions(study_from_text),
            study_code=study,
            site_number=number,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    typer.echo(as_json(_dry_rows(told)) if as_rows else "\n".join(_dry_lines(told)))


def _dry_rows(told: DryRun) -> Iterator[dict[str, object]]:
    for person in told.people:
        for one in person.days:
            yield {"name": person.name, "day": one.day.isoformat(), "singles": one.singles, "digests": one.digests}


def _dry_lines(told: DryRun) -> Iterator[str]:
    yield f"Site {told.site_number}, {told.first} to {told.last}, if nobody answers:"
    if not told.people:
        yield "  nobody was invited there yet"
    for person in told.people:
        yield f"  {person.name}: {_messages(person.singles)}, {_digests(person.digests)}"
        for one in person.days:
            if one.singles or one.digests:
                yield f"    {one.day:%a %Y-%m-%d}  {_messages(one.singles)}, {_digests(one.digests)}"
    if told.earlier:
        yield f"{told.earlier} open from before Sitebell: shown in lists, ringing nobody (sitebell site earlier)."


def _messages(count: int) -> str:
    return f"{count} message" if count == 1 else f"{count} messages"


def _digests(count: int) -> str:
    return f"{count} digest" if count == 1 else f"{count} digests"


@app.command("earlier")
def earlier(number: Number, *, study: StudyCode = None, as_rows: Json = False) -> None:
    """List what is open and rings nobody, because it fell due before the site began to ring.

    `sitebell patient ask-earlier` has the site asked about it after all, patient by patient.
    """
    with command_records() as office:
        found = earlier_tasks(
            office.records,
            Definitions(study_from_text),
            study_code=study,
            site_number=number,
            now=office.clock.now(),
        )
    if as_rows:
        typer.echo(as_json(_earlier_row(task) for task in found))
    elif not found:
        typer.echo("There is nothing from before Sitebell.")
    else:
        for task in found:
            typer.echo(f"{task.code}  {english(task.visit)}  {english(task.task)}  due {task.due}")


def _earlier_row(task: EarlierTask) -> dict[str, object]:
    return {
        "patient": task.code,
        "visit": english(task.visit),
        "task": english(task.task),
        "due": task.due.isoformat(),
    }


@app.command("close")
def close(
    number: Number,
    *,
    first: Annotated[str, typer.Option("--first", help="The first day on which nobody works there.")],
    last: Annotated[str | None, typer.Option("--last", help="The last one; the first, unless it is given.")] = None,
    study: StudyCode = None,
) -> None:
    """Say on which days a site is closed, beside weekends and public holidays. Nothing rings there then."""
    first_day = day("first", first)
    last_day = first_day if last is None else day("last", last)
    with command_records() as office, office.records.begin() as tx:
        site = site_named(tx, study_named(tx, study), number)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        close_site(tx, Definitions(study_from_text), site, first_day, last_day, by=None, **times)
    typer.echo(f"Site {number} is closed from {first_day} to {last_day}.")


@app.command("open")
def reopen(
    number: Number,
    *,
    on: Annotated[str, typer.Option("--day", help="A day of the closing that is taken back as a whole.")],
    study: StudyCode = None,
) -> None:
    """Take a closing back: the site works on these days after all."""
    with command_records() as office, office.records.begin() as tx:
        site = site_named(tx, study_named(tx, study), number)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        removed = open_site(tx, Definitions(study_from_text), site, day("day", on), by=None, **times)
    for closing in removed:
        typer.echo(f"Site {number} works from {closing.first} to {closing.last} after all.")


@app.command("closings")
def closings(number: Number, *, study: StudyCode = None) -> None:
    """List the days to come on which a site is closed."""
    with command_records() as office, office.records.read() as tx:
        found = closings_of(tx, site_named(tx, study_named(tx, study), number), now=office.clock.now())
    if not found:
        typer.echo("None beside weekends and public holidays.")
    for closing in found:
        typer.echo(f"{closing.first}  {closing.last}")


@app.command("hours")
def hours(
    number: Number,
    *,
    first: Annotated[str | None, typer.Option("--from", help="HH:MM, by the site's clock.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="HH:MM, by the site's clock.")] = None,
    usual: Annotated[bool, typer.Option("--usual", help="08:30 to 17:00 again.")] = False,
    study: StudyCode = None,
) -> None:
    """Say between which times a site's people may be written to, unless they have set their own."""
    wanted = span("hours", first, last)
    if usual == (wanted is not None):
        raise ProblemError(Problem("hours", "it is not clear which", "give --from and --to, or --usual"))
    with command_records() as office, office.records.begin() as tx:
        site = site_named(tx, study_named(tx, study), number)
        set_site_hours(tx, site, wanted, by=None, now=office.clock.now(), elapsed=office.clock.elapsed())
    typer.echo(f"The hours of site {number} are set.")


@app.command("disclose")
def disclose(
    number: Number,
    *,
    level: Annotated[
        str,
        typer.Option(
            "--level", help="code: study, pseudonym, visit and dates stand in the chat; task-only: none of them."
        ),
    ],
    by: Annotated[str, typer.Option("--by", help="Who answers for it: a manager or an investigator of the site.")],
    study: StudyCode = None,
) -> None:
    """Choose what may stand in a site's chats. It is recorded who chose it."""
    with command_records() as office, office.records.begin() as tx:
        _check_pages(office, level)
        found = study_named(tx, study)
        site = site_named(tx, found, number)
        person = colleague_named(tx, found, site, by)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        changed = set_disclosure(tx, site, level, by=person.id, **times)
    typer.echo(f"Site {number}: {level}." if changed else f"Site {number}: {level}, as before.")


def _check_pages(office: Office, level: str) -> None:
    """Where chats name nothing, an item is answered on its page: the phones of the site have to reach it.

    Raises:
        ProblemError: they cannot.
    """
    if level == Disclosure.TASK_ONLY and not office.settings.pages(office.settings.web_port):
        raise ProblemError(
            Problem(
                "SITEBELL_WEB_URL",
                "is not set, so that no phone could open the page of an item",
                "set it to the https address of the proxy in front, then choose task-only",
            )
        )
