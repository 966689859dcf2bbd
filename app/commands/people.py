"""`sitebell people`: who is enrolled, who is away, when each may be written to, and who answers for which patient."""

from typing import Annotated
from uuid import UUID

import typer

from app.commands.words import choice, day, span, works_in
from app.wiring import Office, command_records
from office import away as absences
from office import hours as times_of
from office.assigning import assign as assign_to
from office.assigning import set_functions
from office.named import person_named, site_named, study_named
from office.patients import patient_named, site_of
from office.people_list import Listed, everybody
from records.teams import PersonTime
from records.transaction import Tx
from trial.hours import DAILY_CAP
from trial.messages import HoursQuestion
from trial.moments import Instant
from trial.problems import Problem, ProblemError
from trial.tasks import SiteFunction

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", help="The name as it was invited.")]
SiteNumber = Annotated[str | None, typer.Option("--site", help="The site's number; none for the trial office.")]
SiteOf = Annotated[str, typer.Option("--site", help="The site's number.")]
StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]

EACH = "each"
NONE = "none"
FUNCTIONS = ", ".join(SiteFunction)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@app.command("list")
def list_people(
    *, study: Annotated[str | None, typer.Option("--study", help="Needed where there are several.")] = None
) -> None:
    """List everybody who was ever invited, whether messages reach them, for what they answer, and who is away."""
    with command_records() as office:
        found = everybody(office.records, study_code=study, now=office.clock.now())
    if not found:
        typer.echo("Nobody was invited yet; sitebell invite prints a link.")
    for person in found:
        typer.echo(_line(person))


def _line(person: Listed) -> str:
    place = "trial office" if person.site_number is None else f"site {person.site_number}"
    known = (person.name, person.role.value, place, person.language, person.standing)
    away = "" if person.away_until is None else f"away until {person.away_until}"
    return "  ".join(filter(None, (*known, ", ".join(person.functions), away)))


def _person(tx: Tx, study: str | None, site: str | None, name: str) -> UUID:
    found = study_named(tx, study)
    return person_named(tx, found, None if site is None else site_named(tx, found, site), name).id


def _times(office: Office) -> tuple[Instant, Instant]:
    return office.clock.now(), office.clock.elapsed()


@app.command("away")
def away(
    *,
    name: Name,
    site: SiteOf,
    last: Annotated[str, typer.Option("--until", help="The last day away.")],
    first: Annotated[str | None, typer.Option("--from", help="The first day away; today, unless it is given.")] = None,
    cover: Annotated[str | None, typer.Option("--cover", help="The colleague who stands in, by name.")] = None,
    study: StudyCode = None,
) -> None:
    """Say that somebody is away, and who stands in. The last word holds."""
    last_day = day("until", last)
    first_day = None if first is None else day("from", first)
    with command_records() as office, office.records.begin() as tx:
        now, elapsed = _times(office)
        person = _person(tx, study, site, name)
        stander = None if cover is None else _person(tx, study, site, cover)
        told = absences.set_away(tx, person, last_day, stander, first=first_day, by=None, now=now, elapsed=elapsed)
    visits = f"{told.items} open {'visit' if told.items == 1 else 'visits'}"
    who = "nobody stands in" if told.cover is None else f"{told.cover} stands in for {visits}"
    typer.echo(f"Away from {told.first} to {told.last}; {who}.")


@app.command("back")
def back(*, name: Name, site: SiteOf, study: StudyCode = None) -> None:
    """Say that somebody who was away is back, from today on."""
    with command_records() as office, office.records.begin() as tx:
        now, elapsed = _times(office)
        ended = absences.back(tx, _person(tx, study, site, name), by=None, now=now, elapsed=elapsed)
    typer.echo("They were not away." if ended is None else "They are back.")


@app.command("hours")
def hours(
    *,
    name: Name,
    site: SiteNumber = None,
    first: Annotated[str | None, typer.Option("--from", help="HH:MM, by the site's clock.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="HH:MM, by the site's clock.")] = None,
    quiet_from: Annotated[str | None, typer.Option("--quiet-from", help="HH:MM: nothing from then on.")] = None,
    quiet_to: Annotated[str | None, typer.Option("--quiet-to", help="HH:MM: until then.")] = None,
    no_quiet: Annotated[bool, typer.Option("--no-quiet", help="No quiet time any more.")] = False,
    usual: Annotated[bool, typer.Option("--usual", help="The site's hours, and no quiet time.")] = False,
    digest: Annotated[
        str | None, typer.Option("--digest", help="Weekday of the digest, or each: everything by itself.")
    ] = None,
    most: Annotated[int | None, typer.Option("--most-a-day", help="Single messages in a day.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="Where somebody of the trial office works.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="Whose public holidays they keep.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Of that country, where holidays differ.")] = None,
    study: StudyCode = None,
) -> None:
    """Show when somebody may be written to, or set it. What is not given stays as it is."""
    own, quiet = span("hours", first, last), span("quiet time", quiet_from, quiet_to)
    weekday = None if digest is None else choice("digest", digest, (*WEEKDAYS, EACH))
    place = works_in(zone, country, region)
    if usual and (own is not None or quiet is not None):
        raise ProblemError(Problem("hours", "it is not clear which", "give times, or --usual"))
    if no_quiet and quiet is not None:
        raise ProblemError(Problem("quiet time", "it is not clear which", "give its times, or --no-quiet"))
    with command_records() as office, office.records.begin() as tx:
        now, elapsed = _times(office)
        person = _person(tx, study, site, name)
        if usual:
            times_of.set_hours(tx, person, hours=None, quiet=None, by=None, now=now, elapsed=elapsed)
        elif own is not None or quiet is not None or no_quiet:
            before = times_of.time_of(tx, person)
            kept = None if no_quiet else quiet or before.quiet
            times_of.set_hours(tx, person, hours=own or before.hours, quiet=kept, by=None, now=now, elapsed=elapsed)
        if weekday is not None:
            number = None if weekday == EACH else WEEKDAYS.index(weekday)
            times_of.set_digest_on(tx, person, number, by=None, now=now, elapsed=elapsed)
        if place is not None:
            times_of.set_works_in(tx, person, place, by=None, now=now, elapsed=elapsed)
        if most is not None:
            times_of.set_daily_cap(tx, person, most, by=None, now=now, elapsed=elapsed)
        holds, chosen = times_of.hours_question(tx, person, now=now), times_of.time_of(tx, person)
    typer.echo(_hours(holds, chosen))


def _hours(holds: HoursQuestion, chosen: PersonTime) -> str:
    quiet = "" if holds.quiet is None else f", but not {holds.quiet[0]} to {holds.quiet[1]}"
    digest = "each thing by itself"
    if chosen.digest_on is not None:
        digest = f"what is not urgent on {WEEKDAYS[chosen.digest_on].capitalize()} in one digest"
    cap = DAILY_CAP if chosen.daily_cap is None else chosen.daily_cap
    singles = f"at most {cap} single {'message' if cap == 1 else 'messages'} a day"
    where = "" if chosen.works_in is None else f" by the clock of {chosen.works_in.zone}"
    return f"{holds.first} to {holds.last}{where}{quiet}; {digest}; {singles}."


@app.command("functions")
def functions(
    *,
    name: Name,
    site: SiteOf,
    wanted: Annotated[str, typer.Option("--functions", help=f"All of them, with commas: {FUNCTIONS}; or none.")],
    study: StudyCode = None,
) -> None:
    """Say for which functions somebody answers at their site. Tasks of a function ring whoever has it, longest there first."""
    words = [word.strip() for word in wanted.split(",") if word.strip()]
    known = frozenset() if words == [NONE] else frozenset(_function("functions", word) for word in words)
    with command_records() as office, office.records.begin() as tx:
        now, elapsed = _times(office)
        found = study_named(tx, study)
        place = site_named(tx, found, site)
        set_functions(tx, place, person_named(tx, found, place, name).id, known, by=None, now=now, elapsed=elapsed)
    typer.echo(f"{name} answers for {', '.join(sorted(known)) or 'no function'}.")


def _function(where: str, text: str) -> SiteFunction:
    return SiteFunction(choice(where, text, SiteFunction))


@app.command("assign")
def assign(
    *,
    code: Annotated[str, typer.Option("--code", help="The patient's code.")],
    function: Annotated[str, typer.Option("--function", help=f"{FUNCTIONS}.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Who answers for it; nobody in particular without.")
    ] = None,
    study: StudyCode = None,
) -> None:
    """Say who is responsible for one patient's tasks of a function, where it is not whoever has the function."""
    known = _function("function", function)
    with command_records() as office, office.records.begin() as tx:
        now, elapsed = _times(office)
        patient = patient_named(tx, study, code)
        person = None
        if name is not None:
            found = study_named(tx, study)
            person = person_named(tx, found, site_of(tx, patient), name).id
        assign_to(tx, patient.id, known, person, by=None, now=now, elapsed=elapsed)
    typer.echo("Whoever has the function is responsible." if name is None else f"{name} is responsible.")
