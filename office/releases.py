"""A version of a protocol is released for a site, by a second person who has looked at its dates; or refused with reasons.

Taking a file in rings nobody. A site's patients are planned by what was released for it, from the day that the release
names: configuration is part of validation (ICH E6(R3)), and who released which dates on whose approval is on record.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, assert_never
from uuid import UUID

from office.rights import allowed_in_study
from records import people, releases, schema, sites, studies
from records.releases import ReleaseRow
from records.sites import SiteRow
from records.studies import StudyRow, StudyVersionRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of
from scheduler.there import site_time
from trial.access import Action
from trial.amending import empty_renames, lost
from trial.amendment_checks import Fault, NameFault, name_faults
from trial.date_table import Kind, date_table
from trial.moments import Instant
from trial.problems import Problem, ProblemError, Wrong, nearest
from trial.study import Study

COLUMNS: Final = ("kind", "occurrence", "status", "target", "earliest", "latest", "tasks")
FURTHEST: Final = timedelta(days=366)
"""A release may wait for its day, but not for ever."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release as somebody wants it. `prepared_by` stands for the file, `by` has looked at its dates; two people.

    `active_from` None: the day that the study file's own table gives for the site.
    """

    version: StudyVersionRow
    site: SiteRow
    active_from: date | None
    approved_on: date  # of this version, for this site: by its ethics committee or authority
    prepared_by: UUID | None
    by: UUID

    @property
    def preparer(self) -> UUID | None:
        """Who stands for the file: whoever is named, else who took it in."""
        return self.prepared_by or self.version.imported_by

    @property
    def prepared_by_releaser(self) -> bool:
        """Whether it is the same person. Naming another one does not undo that somebody took the file in."""
        return self.by in {self.prepared_by, self.version.imported_by}


@dataclass(frozen=True, slots=True)
class Released:
    site: SiteRow
    active_from: date
    dates_sha256: str


def version_named(tx: Tx, study: StudyRow, version: str | None) -> StudyVersionRow:
    """The version of this number; without one, the newest.

    Raises:
        ProblemError: there is none.
    """
    known = studies.versions(tx, study.id)
    found = known[-1:] if version is None else [row for row in known if row.version == version]
    if not found:
        valid = nearest(version or "", [row.version for row in known]) if known else "take a file in with study add"
        raise ProblemError(Problem("version", f"{study.code} has no version {version!r}", valid))
    return found[-1]


def dates_of(study: Study, site: SiteRow, *, first_day: date) -> tuple[Kind, ...]:
    """The date table of a version at a site: for patients who are registered on the day from which it is used.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    return date_table(study, registered=first_day, calendar=calendar_of(site.country, site.region))


def table_text(kinds: Iterable[Kind]) -> str:
    """The date table as CSV: what its hash is of."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for kind in kinds:
        for row in kind.rows:
            writer.writerow([kind.name, *row.cells])
    return out.getvalue()


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def release(
    tx: Tx, definitions: Definitions, wanted: Sequence[Wanted], *, demo: bool, now: Instant, elapsed: Instant
) -> tuple[Released, ...]:
    """Releases a version for sites, all of them or none.

    Raises:
        ProblemError: everything that speaks against it; the transaction must not go on.
    """
    for site_id in sorted({one.site.id for one in wanted}):
        sites.lock_site(tx, site_id)
    problems = [problem for one in wanted for problem in problems_with(tx, definitions, one, demo=demo, now=now)]
    if problems:
        raise ProblemError(*dict.fromkeys(problems))
    return tuple(_release(tx, definitions, one, now=now, elapsed=elapsed) for one in wanted)


def _release(tx: Tx, definitions: Definitions, wanted: Wanted, *, now: Instant, elapsed: Instant) -> Released:
    study = definitions.of_version(tx, wanted.version.id)
    first_day = first_day_of(study, wanted)
    if first_day is None:
        raise ValueError("a release without its day has a problem")
    dates = hash_of(table_text(dates_of(study, wanted.site, first_day=first_day)))
    release_id = releases.add_release(
        tx,
        study_version_id=wanted.version.id,
        site_id=wanted.site.id,
        active_from=first_day,
        approved_on=wanted.approved_on,
        dates_sha256=dates,
        prepared_by=wanted.preparer,
        released_by=wanted.by,
        released_at=now,
    )
    tx.audit(
        "study.released",
        table=schema.release,
        object_id=release_id,
        by=wanted.by,
        at=now,
        recorded_at=elapsed,
        after={
            "study": wanted.version.study_code,
            "protocol": wanted.version.version,
            "sha256": wanted.version.sha256,
            "dates_sha256": dates,
            "site": wanted.site.number,
            "active_from": first_day.isoformat(),
            "approved_on": wanted.approved_on.isoformat(),
            "prepared_by": str(wanted.preparer),
        },
    )
    return Released(wanted.site, first_day, dates)


def first_day_of(study: Study, wanted: Wanted) -> date | None:
    """The day from which the version is to be used: as wanted, else as the study file has it."""
    if wanted.active_from is not None or study.amendment is None:
        return wanted.active_from
    return study.amendment.first_day_at(wanted.site.number)


# --- what speaks against it -------------------------------------------------------------------------------------------


def problems_with(tx: Tx, definitions: Definitions, wanted: Wanted, *, demo: bool, now: Instant) -> tuple[Problem, ...]:
    """Everything that speaks against a release; nothing is written."""
    study = definitions.of_version(tx, wanted.version.id)
    standing = releases.of_site(tx, wanted.site.id)
    today = site_time(wanted.site).today(now)
    return (
        *_with_the_file(study, demo=demo),
        *_with_people(tx, wanted, now=now),
        *_with_days(study, wanted, standing, today),
        *_with_what_was_before(tx, definitions, wanted.version, wanted.site, standing),
    )


def problems_with_version(
    tx: Tx, definitions: Definitions, version: StudyVersionRow, site: SiteRow
) -> tuple[Problem, ...]:
    """What speaks against using a version at a site after what is used there, whoever wants it and from whichever day."""
    return tuple(_with_what_was_before(tx, definitions, version, site, releases.of_site(tx, site.id)))


def _with_the_file(study: Study, *, demo: bool) -> Iterable[Problem]:
    name = f"{study.id} {study.version}"
    if study.unverified and not demo:
        first = study.unverified[0]
        yield Problem(
            name,
            f"{len(study.unverified)} of its entries are backed by no source, the first on line {first.line}",
            "take them from the protocol, and take the file in as a version of its own",
            Wrong.UNSOURCED,
            str(len(study.unverified)),
        )
    for question in study.open_questions:
        yield Problem(
            f"{name} line {question.line}",
            f"the question {question.id} has no answer",
            "answer it in the study file",
            Wrong.UNANSWERED,
            question.id,
        )


def _with_people(tx: Tx, wanted: Wanted, *, now: Instant) -> Iterable[Problem]:
    study_id = wanted.version.study_id
    if not allowed_in_study(tx, wanted.by, Action.RELEASE, study_id, now=now):
        yield Problem(
            "released by",
            "this person may not release a version",
            "let a manager of the trial do it",
            Wrong.NOT_ALLOWED,
        )
    if wanted.prepared_by is not None and not _of_the_office(tx, wanted.prepared_by, study_id, now=now):
        yield Problem(
            "prepared by",
            "this person has no access to the trial office",
            "name somebody who has",
            Wrong.NO_PREPARER,
        )
    if wanted.preparer is None:
        yield Problem(
            "prepared by",
            "it is not known who stands for this file",
            "name somebody else than who releases it",
            Wrong.NO_PREPARER,
        )
    elif wanted.prepared_by_releaser:
        yield Problem(
            "released by",
            "the same person stands for the file",
            "let a second person look at its dates and release it",
            Wrong.SAME_PERSON,
        )


def _of_the_office(tx: Tx, person_id: UUID, study_id: UUID, *, now: Instant) -> bool:
    actor = people.actor(tx, person_id)
    return (
        actor is not None
        and not actor.revoked
        and any(
            held.study_id == study_id and held.site_id is None and held.valid_on(now.date())
            for held in actor.memberships
        )
    )


def _with_days(study: Study, wanted: Wanted, standing: Sequence[ReleaseRow], today: date) -> Iterable[Problem]:
    where = f"site {wanted.site.number}"
    if any(row.study_version_id == wanted.version.id for row in standing):
        yield Problem(
            where, f"version {study.version} was released for it already", "leave this site out", Wrong.RELEASED
        )
        return
    first_day = first_day_of(study, wanted)
    if first_day is None:
        yield Problem(
            where,
            "it is not said from which day on",
            "give the day from which the version is used there",
            Wrong.MISSING,
        )
        return
    if first_day > today + FURTHEST:
        yield Problem(where, f"{first_day} is more than a year ahead", "release it nearer to its day", Wrong.TOO_FAR)
    if wanted.approved_on > min(today, first_day):
        yield Problem(
            where, "it was not approved before it is used", "give the day of the approval", Wrong.NOT_APPROVED
        )
    if standing and first_day < today:
        yield Problem(
            where, f"an amendment cannot begin in the past, on {first_day}", f"give {today} or a later day", Wrong.PAST
        )
    latest = max((row.active_from for row in standing), default=date.min)
    if first_day <= latest:
        yield Problem(
            where,
            f"another version is used there from {latest} on",
            "give a later day",
            Wrong.LATER_VERSION,
            latest.isoformat(),
        )


def _with_what_was_before(
    tx: Tx, definitions: Definitions, version: StudyVersionRow, site: SiteRow, standing: Sequence[ReleaseRow]
) -> Iterable[Problem]:
    if not standing or any(row.study_version_id == version.id for row in standing):
        return
    study = definitions.of_version(tx, version.id)
    before = definitions.of_version(tx, standing[-1].study_version_id)
    if any(one.version == version.version for one in before.earlier):
        yield Problem(
            f"{study.id} {study.version}",
            f"it was taken in before version {before.version}, which this site uses",
            "take it in as a version of its own",
            Wrong.OLDER_VERSION,
        )
        return
    where = f"{study.id} {study.version}, amendments.renames"
    for name in empty_renames(before, study):
        yield Problem(
            where,
            f"{name!r} stands for no visit",
            "give an id of the version before, and one of this",
            Wrong.NAMELESS,
            name,
        )
    # Whom the last one did not move (new patients, re-consent) go from their own to this one.
    planning = releases.planning_at(tx, site.id) - {standing[-1].study_version_id}
    for older in (*(definitions.of_version(tx, one) for one in sorted(planning)), before):
        yield from _with_names(older, study, where)


def _with_names(before: Study, study: Study, where: str) -> Iterable[Problem]:
    for one in lost(before, study):
        yield Problem(
            where,
            f"{one.name} of version {before.version} is not there any more",
            f"write {one.name}: drop, or the id that it has now",
            Wrong.GONE,
            one.name,
        )
    for fault in name_faults(before, study):
        yield name_problem(fault, where, before)


def name_problem(fault: NameFault, where: str, before: Study) -> Problem:
    """The same as a sentence; `where` is the table of renames."""
    name = fault.name
    match fault.fault:
        case Fault.STILL_THERE:
            what, instead = f"{name!r} is given up or renamed, and is still there", "give the new visit another id"
            return Problem(where, what, instead, Wrong.STILL_THERE, name)
        case Fault.TWO_IN_ONE:
            what, instead = f"two visits would be called {name!r}", "rename one of them, and drop the other"
            return Problem(where, what, instead, Wrong.TWO_IN_ONE, name)
        case Fault.NEEDED:
            what = f"the {name} of version {before.version} is not there any more"
            return Problem(where.partition(",")[0], what, "keep it, as patients may have it", Wrong.NEEDED, name)
        case _:
            assert_never(fault.fault)


def sites_of(tx: Tx, study: StudyRow, numbers: Sequence[str]) -> tuple[SiteRow, ...]:
    """The sites of these numbers; all of the study where none is given.

    Raises:
        ProblemError: one of them is none, or there is none.
    """
    known = {site.number: site for site in sites.sites(tx, study.id)}
    problems = [
        Problem("site", f"{number!r} is not a site of {study.code}", nearest(number, known))
        for number in numbers
        if number not in known
    ]
    if not known:
        problems.append(Problem("site", f"{study.code} has no site yet", "add one with sitebell site add"))
    if problems:
        raise ProblemError(*problems)
    return tuple(known[number] for number in numbers or known)
