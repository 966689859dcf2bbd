"""The versions of a study's protocol as the board shows them: who uses which, what one gives, what it would move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from office.amendments import what_it_moves
from office.board.consents import ConsentsToVersion, consents_to_version
from office.board.moves import MovesToRead, to_read
from office.board.viewer import Viewer
from office.consents import asks
from office.releases import dates_of, hash_of, problems_with_version, table_text
from office.withdrawing import may_be_withdrawn
from records import people, releases, studies
from records.database import Records
from records.releases import ReleaseRow
from records.sites import SiteRow
from records.studies import StudyVersionRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.there import site_time
from trial.access import Action
from trial.date_table import Kind
from trial.moments import Instant
from trial.problems import Problem
from trial.study import Study


@dataclass(frozen=True, slots=True)
class Use:
    """A version at a site. `approved_on` None: it was in use there before releases were kept."""

    site: SiteRow
    active_from: date
    approved_on: date | None
    begun: bool
    prepared_by: str = field(repr=False)
    released_by: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VersionLine:
    id: UUID
    version: str
    sha256: str
    imported_at: Instant
    prepared_by: str = field(repr=False)  # empty: nobody was named
    study: Study
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version, and what it gives and moves at the chosen site from the chosen day; None where it cannot be told.

    `choices`: the viewer's sites for which it was not released; `colleagues`: who may stand for the file, where nobody does;
    `consents`: at the sites for which it was released, and the chosen one; `against`: what has to change in the file before
    it is released there; `may_be_withdrawn`: its release there plans nobody yet; `stands_for_it`: the viewer took the file in, so
    that somebody else releases it.
    """

    line: VersionLine
    choices: tuple[SiteRow, ...]
    site: SiteRow | None
    first_day: date | None
    dates: tuple[Kind, ...]
    dates_sha256: str
    moves: MovesToRead | None
    consents: ConsentsToVersion | None
    against: tuple[Problem, ...]
    colleagues: tuple[tuple[UUID, str], ...]
    may_release: bool
    may_be_withdrawn: bool
    stands_for_it: bool


def protocol_page(tx: Tx, definitions: Definitions, viewer: Viewer) -> tuple[VersionLine, ...]:
    """Every version, the newest first; where it is used, of the sites that are the viewer's."""
    versions = studies.versions(tx, viewer.study.id)
    every = releases.of_study(tx, viewer.study.id)
    names = _names(tx, versions, every)
    return tuple(_line(definitions.of_version(tx, row.id), row, every, viewer, names) for row in reversed(versions))


def version_page(
    records: Records,
    definitions: Definitions,
    viewer: Viewer,
    version_id: UUID,
    *,
    site_number: str | None,
    first_day: date | None,
    now: Instant,
    elapsed: Instant,
) -> VersionPage | None:
    """One version; None: there is none of this id in the viewer's study.

    Raises:
        DateOutOfRange: a date falls outside years 1900-2200.
    """
    with records.read() as tx:
        row = studies.version(tx, version_id)
        if row is None or row.study_id != viewer.study.id:
            return None
        every = releases.of_study(tx, viewer.study.id)
        line = _line(definitions.of_version(tx, row.id), row, every, viewer, _names(tx, [row], every))
        used = {one.site_id for one in every if one.study_version_id == row.id}
        office = people.people_at(tx, viewer.study.id, None)
    choices = tuple(site for site in viewer.sites if site.id not in used)
    likely = choices or viewer.sites
    site = next((one for one in viewer.sites if one.number == site_number), likely[0] if likely else None)
    use = next((one for one in line.uses if one.site == site), None)
    day = None if site is None else _first_day(line.study, site, use, first_day, now=now)
    with records.read() as tx:
        asked = [one for one in viewer.seen if one.id in used or one == site]
        # Whoever sees no patient is told no number of them either.
        consents = consents_to_version(tx, definitions, row, asked) if asked else None
        against = () if site not in choices or site is None else problems_with_version(tx, definitions, row, site)
        withdrawable = site is not None and may_be_withdrawn(tx, row, site)
    kinds = () if site is None or day is None else dates_of(line.study, site, first_day=day)
    moves = None
    if site is not None and day is not None and (use is None or not use.begun) and viewer.may(Action.SEE, site):
        moves = _moves(records, row, line.study, site, day, now=now, elapsed=elapsed)
    return VersionPage(
        line=line,
        choices=choices,
        site=site,
        first_day=day,
        dates=kinds,
        dates_sha256=hash_of(table_text(kinds)) if kinds else "",
        moves=moves,
        consents=consents,
        against=against,
        colleagues=tuple((one.id, one.name) for one in office if one.revoked_at is None and one.id != viewer.person_id),
        may_release=viewer.may_in_study(Action.RELEASE),
        may_be_withdrawn=withdrawable,
        stands_for_it=row.imported_by == viewer.person_id,
    )


def _moves(
    records: Records,
    row: StudyVersionRow,
    study: Study,
    site: SiteRow,
    day: date,
    *,
    now: Instant,
    elapsed: Instant,
) -> MovesToRead:
    """A version that moves nobody without a consent is looked at as if everybody had given it: else nothing is seen of it."""
    consented = asks(study)
    moves = what_it_moves(
        records, site, row.document, active_from=day, now=now, elapsed=elapsed, as_if_consented=consented
    )
    with records.read() as tx:
        given = releases.consented_to(tx, row.id) if consented else frozenset()
    awaiting = frozenset(line.patient_id for line in moves.lines) - given if consented else frozenset()
    return to_read(moves, study, awaiting=awaiting)


def _first_day(study: Study, site: SiteRow, use: Use | None, asked: date | None, *, now: Instant) -> date:
    """That of the release there while it waits for it; else as asked, as the study file has it, or today at the site."""
    if use is not None and (asked is None or not use.begun):
        return use.active_from
    if asked is not None:
        return asked
    today = site_time(site).today(now)
    own = study.amendment
    planned = None if own is None else own.first_day_at(site.number)
    return today if planned is None else max(planned, today)


def _names(tx: Tx, versions: Sequence[StudyVersionRow], every: Sequence[ReleaseRow]) -> Mapping[UUID | None, str]:
    wanted = {row.imported_by for row in versions} | {
        person for row in every for person in (row.prepared_by, row.released_by)
    }
    named = people.names_of(tx, [one for one in wanted if one is not None])
    return {one: named.get(one, "") if one is not None else "" for one in wanted}


def _line(
    study: Study,
    row: StudyVersionRow,
    every: Sequence[ReleaseRow],
    viewer: Viewer,
    names: Mapping[UUID | None, str],
) -> VersionLine:
    theirs = {site.id: site for site in viewer.sites}
    return VersionLine(
        id=row.id,
        version=row.version,
        sha256=row.sha256,
        imported_at=row.imported_at,
        prepared_by=names.get(row.imported_by, ""),
        study=study,
        uses=tuple(
            Use(
                theirs[one.site_id],
                one.active_from,
                one.approved_on,
                begun=one.applied_at is not None,
                prepared_by=names.get(one.prepared_by, ""),
                released_by=names.get(one.released_by, ""),
            )
            for one in sorted(
                (one for one in every if one.study_version_id == row.id and one.site_id in theirs),
                key=lambda one: theirs[one.site_id].number,
            )
        ),
    )
