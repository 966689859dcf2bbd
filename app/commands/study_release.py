"""`sitebell study add, versions, dates, release, withdraw-release`: a version enters the records, is looked at, is used at a
site.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.commands.words import as_json, day
from app.wiring import command_records
from office.named import person_named, site_named, study_named
from office.releases import Wanted, dates_of, hash_of, sites_of, table_text, version_named
from office.releases import release as release_for
from office.studies import import_study
from office.study_files import read_study, study_from_text
from office.withdrawing import withdraw_release as withdraw
from records import releases, sites, studies
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.there import site_time
from trial.problems import Problem, ProblemError

StudyCode = Annotated[str | None, typer.Option("--study", help="Needed where there are several.")]
Version = Annotated[str | None, typer.Option("--version", help="Of the protocol; the newest where it is not given.")]
Json = Annotated[bool, typer.Option("--json", help="For a program to read.")]


def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study file in the format visitplan/1.")],
    *,
    by: Annotated[
        str | None,
        typer.Option("--by", help="The manager who stands for the file, by name; somebody else releases it."),
    ] = None,
) -> None:
    """Take FILE into the records as a version of its own. It rings nobody until it is released for a site."""
    with command_records() as office:
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        person = None
        if by is not None:
            with office.records.read() as tx:
                person = _who_stands_for_it(tx, read_study(file).id, by)
        imported = import_study(office.records, file, by=person, **times)
    study = imported.study
    told = "is in the records now" if imported.new else "was in the records already; nothing was changed"
    typer.echo(f"{study.id} {study.version} {told}.")
    if study.unverified:
        typer.echo(f"Entries that no source backs: {len(study.unverified)}; see sitebell study check.")
    if study.open_questions:
        typer.echo(f"Questions without an answer: {len(study.open_questions)}; see sitebell study check.")
    if imported.new:
        typer.echo("It rings nobody until it is released for a site: sitebell study release.")


def versions(*, study: StudyCode = None, in_json: Json = False) -> None:
    """List the versions of a study, and from when each is used at which site."""
    with command_records() as office, office.records.read() as tx:
        found = study_named(tx, study)
        if in_json:
            typer.echo(as_json(list(_version_objects(tx, found))))
            return
        for line in _version_lines(tx, found):
            typer.echo(line)


def dates(
    *,
    site: Annotated[str, typer.Option("--site", help="Whose holidays count, by its number.")],
    from_day: Annotated[
        str | None, typer.Option("--from", help="The patients' registration. Default: today there.")
    ] = None,
    version: Version = None,
    study: StudyCode = None,
) -> None:
    """Print the date table of a version as CSV, for every kind of patient: what is looked at before it is released."""
    with command_records() as office, office.records.read() as tx:
        found = study_named(tx, study)
        place = site_named(tx, found, site)
        definition = Definitions(study_from_text).of_version(tx, version_named(tx, found, version).id)
        first = site_time(place).today(office.clock.now()) if from_day is None else day("from", from_day)
        text = table_text(dates_of(definition, place, first_day=first))
    typer.echo(text, nl=False)
    typer.echo(f"SHA-256 {hash_of(text)}", err=True)


def release(
    *,
    by: Annotated[str, typer.Option("--by", help="Who has looked at the dates and releases it, by name.")],
    approved_on: Annotated[str, typer.Option("--approved-on", help="The day on which this version was approved.")],
    site: Annotated[
        list[str] | None, typer.Option("--site", help="A site's number, as often as needed; all where none is given.")
    ] = None,
    from_day: Annotated[
        str | None,
        typer.Option("--from", help="The day from which it is used there. Default: as the study file has it."),
    ] = None,
    prepared_by: Annotated[
        str | None, typer.Option("--prepared-by", help="Who stands for the file, where `add` did not say it.")
    ] = None,
    version: Version = None,
    study: StudyCode = None,
) -> None:
    """Release a version for sites: from its day on their patients are planned by it. Needs two people."""
    approved, first = day("approved-on", approved_on), None if from_day is None else day("from", from_day)
    with command_records() as office, office.records.begin() as tx:
        found = study_named(tx, study)
        row = version_named(tx, found, version)
        releaser = person_named(tx, found, None, by).id
        preparer = None if prepared_by is None else person_named(tx, found, None, prepared_by).id
        wanted = [Wanted(row, place, first, approved, preparer, releaser) for place in sites_of(tx, found, site or ())]
        released = release_for(
            tx,
            Definitions(study_from_text),
            wanted,
            demo=office.records.demo,
            now=office.clock.now(),
            elapsed=office.clock.elapsed(),
        )
    for one in released:
        typer.echo(
            f"{found.code} {row.version} is released for site {one.site.number} from {one.active_from} on; "
            f"SHA-256 of its dates {one.dates_sha256}."
        )


def withdraw_release(
    *,
    by: Annotated[str, typer.Option("--by", help="Who takes it back, by name.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the audit trail.")],
    version: Annotated[str, typer.Option("--version", help="Of the protocol.")],
    site: Annotated[
        list[str] | None, typer.Option("--site", help="A site's number, as often as needed; all where none is given.")
    ] = None,
    study: StudyCode = None,
) -> None:
    """Take a release back that was a mistake: before its day, or while it plans no patient there."""
    with command_records() as office, office.records.begin() as tx:
        found = study_named(tx, study)
        row = version_named(tx, found, version)
        person = person_named(tx, found, None, by).id
        definitions = Definitions(study_from_text)
        times = {"now": office.clock.now(), "elapsed": office.clock.elapsed()}
        taken_back = [
            (place.number, withdraw(tx, definitions, row, place, by=person, reason=reason, **times))
            for place in sites_of(tx, found, site or ())
        ]
    for number, first_day in taken_back:
        typer.echo(f"{found.code} {row.version} is not used at site {number} from {first_day} on after all.")


def _who_stands_for_it(tx: Tx, code: str, by: str) -> UUID:
    if studies.study_by_code(tx, code) is None:
        raise ProblemError(
            Problem(
                "by",
                f"{code} is new here, and nobody can have been invited to it yet",
                "add the file without --by; study release --prepared-by names who stands for it",
            )
        )
    return person_named(tx, study_named(tx, code), None, by).id


def _version_objects(tx: Tx, study: StudyRow) -> Iterator[dict[str, object]]:
    numbers = {site.id: site.number for site in sites.sites(tx, study.id)}
    every = releases.of_study(tx, study.id)
    for version in studies.versions(tx, study.id):
        yield {
            "version": version.version,
            "sha256": version.sha256,
            "imported_at": version.imported_at.isoformat(timespec="seconds"),
            "sites": [
                {
                    "site": numbers[row.site_id],
                    "active_from": row.active_from.isoformat(),
                    "approved_on": None if row.approved_on is None else row.approved_on.isoformat(),
                    "dates_sha256": row.dates_sha256,
                    "applied": row.applied_at is not None,
                }
                for row in every
                if row.study_version_id == version.id
            ],
        }


def _version_lines(tx: Tx, study: StudyRow) -> Iterator[str]:
    numbers = {site.id: site.number for site in sites.sites(tx, study.id)}
    every = releases.of_study(tx, study.id)
    for version in studies.versions(tx, study.id):
        used = [row for row in every if row.study_version_id == version.id]
        yield f"{study.code} {version.version}  SHA-256 {version.sha256}" + ("" if used else "  not released")
        for row in used:
            approved = "before releases were kept" if row.approved_on is None else f"approved on {row.approved_on}"
            yield f"  site {numbers[row.site_id]} from {row.active_from}, {approved}"
