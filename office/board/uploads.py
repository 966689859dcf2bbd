"""The way of the scans: how many are due, taken, claimed, verified and queried, and which claims wait for the trial office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from office.board.called import Called, called
from office.board.viewer import Viewer
from records import answers, claims, people
from records.answers import AnswerRow
from records.board import uploads
from records.board.uploads import Stage, StageCount, Upload
from records.claims import CheckRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of, zone_of
from trial.access import Action
from trial.claims import ClaimCheckKind
from trial.moments import Instant, local_day

AT_MOST: Final = 50
"""Rows on a page."""

WAITING: Final = frozenset(stage for stage in Stage if stage.waits)
_CHUNK: Final = 500  # rows that are read together for a file


@dataclass(frozen=True, slots=True)
class UploadFilters:
    """Which uploads: at these stages, of a site or a country; None: of all."""

    stages: frozenset[Stage] = WAITING
    site: SiteRow | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many uploads have come so far; each number is part of the one before it, but for the queried, which were claimed."""

    due: int
    held: int
    claimed: int
    verified: int
    queried: int

    @property
    def waiting(self) -> int:
        """Claimed, and not verified: somebody has to look, or the site has to answer."""
        return self.claimed - self.verified


@dataclass(frozen=True, slots=True)
class UploadRow:
    """The scans of one examination. What follows `days` is of the claim; `unseen`: nobody has looked in the study's time."""

    called: Called
    stage: Stage
    days: int  # since it was claimed; else since it was due
    claim: AnswerRow | None = field(repr=False)
    claimed_by: str | None = field(repr=False)
    unseen: bool
    checked_at: Instant | None
    checked_by: str | None = field(repr=False)
    query: str | None = field(repr=False)
    may_check: bool


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Some rows of the list, from the `first` on; `found`: how many there are of them."""

    funnel: Funnel
    rows: tuple[UploadRow, ...]
    first: int
    found: int

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def goes_on(self) -> bool:
        return self.last < self.found


def upload_page(
    tx: Tx, definitions: Definitions, viewer: Viewer, filters: UploadFilters, *, page: int = 1, now: Instant
) -> UploadPage:
    """The funnel of the sites that are asked for, and a page of the list."""
    today = _today(viewer, filters, now)
    counts = uploads.stages_at(tx, today)
    offset = (page - 1) * AT_MOST
    found = uploads.uploads_at(tx, today, filters.stages, limit=AT_MOST, offset=offset)
    return UploadPage(
        funnel=funnel_of(counts),
        rows=_rows(tx, definitions, viewer, found, today, now=now),
        first=offset + 1,
        found=sum(one.count for one in counts if one.stage in filters.stages),
    )


def upload_rows(
    tx: Tx, definitions: Definitions, viewer: Viewer, filters: UploadFilters, *, now: Instant
) -> tuple[UploadRow, ...]:
    """Every row of the list."""
    today = _today(viewer, filters, now)
    found = uploads.uploads_at(tx, today, filters.stages)
    return tuple(
        row
        for start in range(0, len(found), _CHUNK)
        for row in _rows(tx, definitions, viewer, found[start : start + _CHUNK], today, now=now)
    )


def funnel_of(counts: Sequence[StageCount]) -> Funnel:
    """Each stage with all that came further."""
    at = {stage: sum(one.count for one in counts if one.stage is stage) for stage in Stage}
    claimed = at[Stage.CLAIMED] + at[Stage.QUERIED] + at[Stage.VERIFIED]
    held = at[Stage.HELD] + claimed
    return Funnel(at[Stage.DUE] + held, held, claimed, verified=at[Stage.VERIFIED], queried=at[Stage.QUERIED])


def _today(viewer: Viewer, filters: UploadFilters, now: Instant) -> dict[UUID, date]:
    return {
        site.id: local_day(now, zone_of(site.zone))
        for site in viewer.seen
        if (filters.site is None or site.id == filters.site.id)
        and (filters.country is None or site.country == filters.country)
    }


def _rows(
    tx: Tx,
    definitions: Definitions,
    viewer: Viewer,
    found: Sequence[Upload],
    today: Mapping[UUID, date],
    *,
    now: Instant,
) -> tuple[UploadRow, ...]:
    sites = {site.id: site for site in viewer.seen}
    around = called(tx, definitions, sites, [one.task_id for one in found], now=now)
    said = answers.answers_by_ids(tx, {one.answer_id for one in found if one.answer_id is not None})
    checks = claims.checks_of_tasks(tx, {one.task_id for one in found if one.answer_id is not None})
    looked = {one.answer_id: _last_look(checks.get(one.task_id, ()), one.answer_id) for one in found}
    wanted = {one.person_id for one in said.values()} | {one.person_id for one in looked.values() if one is not None}
    names = people.names_of(tx, {one for one in wanted if one is not None})
    may_check = {site.id: viewer.may(Action.VERIFY, site) for site in viewer.seen}

    def name(person_id: UUID | None) -> str | None:
        return None if person_id is None else names.get(person_id)

    def row(one: Upload) -> UploadRow:
        at = around[one.task_id]
        claim = None if one.answer_id is None else said.get(one.answer_id)
        look = looked[one.answer_id]
        since = at.task.closes or at.task.due if claim is None else local_day(claim.answered_at, zone_of(at.site.zone))
        return UploadRow(
            called=at,
            stage=one.stage,
            days=0 if since is None else max(0, (today[one.site_id] - since).days),
            claim=claim,
            claimed_by=None if claim is None else name(claim.person_id),
            unseen=one.stage is Stage.CLAIMED and _unseen(tx, definitions, at, since, today[one.site_id]),
            checked_at=None if look is None else look.at,
            checked_by=None if look is None else name(look.person_id),
            query=look.words if look is not None and one.stage is Stage.QUERIED else None,
            may_check=may_check[one.site_id] and one.stage.waits,
        )

    return tuple(row(one) for one in found)


def _last_look(checks: Sequence[CheckRow], answer_id: UUID | None) -> CheckRow | None:
    """The last check of this claim by somebody; that nobody looked in time is none."""
    looks = (one for one in checks if one.answer_id == answer_id and one.kind is not ClaimCheckKind.UNSEEN)
    return max(looks, key=lambda one: one.at, default=None)


def _unseen(tx: Tx, definitions: Definitions, at: Called, since: date | None, today: date) -> bool:
    """Whether the study's days have passed in which somebody should have seen it."""
    after = definitions.of_version(tx, at.task.study_version_id).claims_unseen_after
    if after is None or since is None:
        return False
    return after.add_to(since, calendar_of(at.site.country, at.site.region)) <= today
