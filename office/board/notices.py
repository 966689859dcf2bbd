"""Messages that may not have arrived, silences of our own, and signs of life: what the trial office looks at to trust the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from office.board.viewer import Viewer
from office.releasing import would_be_told
from records import listings, outages, outbox, people
from records.board import notices
from records.board.notices import Place, TroubledRow
from records.outages import OutageRow
from records.outbox import TAMPERED, NoticeKind, NoticeState, Outcome
from records.pulses import pulses
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.access import Action
from trial.labels import Labels
from trial.moments import Instant
from trial.occurrences import label_of

NOTICES_MOST: Final = 1_000
"""Further back nobody looks one by one: `sitebell doctor` counts them all."""
OUTAGES_SHOWN: Final = 10


class Why(StrEnum):
    """Why a message is on this list."""

    NO_ANSWER = "no_answer"  # it left twice, and nobody said what came of it
    UNREACHABLE = "unreachable"  # the chat is blocked or gone
    REFUSED = "refused"  # it was not taken as it was
    TAMPERED = "tampered"  # what was stored of it does not open
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One message. `name` None: a stranger. `code`, `visit` and `patient_id` only for whoever may see the patient."""

    id: UUID
    kind: NoticeKind
    state: NoticeState
    why: Why
    site: SiteRow | None
    at: Instant
    visit: Labels | None
    patient_id: UUID | None
    looked_at: Instant | None
    may_look: bool
    name: str | None = field(repr=False)
    code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Life:
    """How long ago each loop gave its last sign of life, by elapsed time; None: never."""

    tick: timedelta | None
    receive: timedelta | None
    waiting: int
    oldest_unsent: timedelta | None


@dataclass(frozen=True, slots=True)
class OwnSilence:
    """A silence of our own. `released_by` is one of our people; None also where it was somebody of another study."""

    outage: OutageRow
    released_by: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """`lines` as they were asked for; `new`: how many of all nobody has looked at. `told`: how many would get a digest on
    release; None: nothing is held. `may_release`: this viewer may release it.
    """

    lines: tuple[NoticeLine, ...]
    new: int
    total: int
    silences: tuple[OwnSilence, ...]
    told: int | None
    may_release: bool
    life: Life


def notices_page(
    tx: Tx, studies: Definitions, viewer: Viewer, *, seen: bool, now: Instant, elapsed: Instant
) -> NoticesPage:
    """`seen`: also those at which somebody has looked."""
    everything = notice_lines(tx, studies, viewer)
    new = tuple(one for one in everything if one.looked_at is None)
    whole = viewer.may_in_study(Action.OVERSEE)
    return NoticesPage(
        lines=everything if seen else new,
        new=len(new),
        total=len(everything),
        silences=_silences(tx, viewer) if whole else (),
        told=would_be_told(tx, now=now) if whole else None,
        may_release=viewer.may_in_study(Action.MANAGE),
        life=_life(tx, elapsed=elapsed),
    )


def notice_lines(tx: Tx, studies: Definitions, viewer: Viewer) -> tuple[NoticeLine, ...]:
    """Those about the viewer's sites or for their people, the latest first."""
    rows = notices.troubled(tx, limit=NOTICES_MOST)
    places = notices.places_of(tx, {row.person_id for row in rows if row.person_id is not None})
    found = [(row, site) for row in rows for theirs, site in [_theirs(viewer, row, places)] if theirs]
    ids = [row.id for row, _ in found]
    outcomes, looked = notices.last_outcomes(tx, ids), notices.looked_at(tx, ids)
    names = people.names_of(tx, {row.person_id for row, _ in found if row.person_id is not None})
    lines = [
        NoticeLine(
            id=row.id,
            kind=row.kind,
            state=row.state,
            why=_why(row, outcomes.get(row.id)),
            site=site,
            at=row.settled_at or row.created_at,
            visit=None,
            patient_id=None,
            looked_at=looked.get(row.id),
            may_look=_may_look(viewer, row, site),
            name=None if row.person_id is None else names.get(row.person_id),
            code=None,
        )
        for row, site in found
    ]
    return _with_patients(tx, studies, viewer, lines, [row for row, _ in found])


def _theirs(viewer: Viewer, row: TroubledRow, places: Mapping[UUID, Sequence[Place]]) -> tuple[bool, SiteRow | None]:
    """Whether a notice is this viewer's to know of, and at which of their sites."""
    sites = {site.id: site for site in viewer.sites}
    if row.site_id is not None:
        return row.site_id in sites, sites.get(row.site_id)
    if row.person_id is None:
        return viewer.may_in_study(Action.OVERSEE), None
    held = [place for place in places.get(row.person_id, ()) if place.study_id == viewer.study.id]
    mine = [sites[place.site_id] for place in held if place.site_id in sites]
    of_office = any(place.site_id is None for place in held) and viewer.may_in_study(Action.OVERSEE)
    return bool(mine) or of_office, mine[-1] if mine else None


def _may_look(viewer: Viewer, row: TroubledRow, site: SiteRow | None) -> bool:
    if site is not None:
        return viewer.may(Action.MANAGE, site)
    return row.person_id is not None and viewer.may_in_study(Action.MANAGE)


def _why(row: TroubledRow, outcome: Outcome | None) -> Why:
    if row.state is NoticeState.UNKNOWN:
        return Why.NO_ANSWER
    if row.because == TAMPERED:
        return Why.TAMPERED
    return {Outcome.UNREACHABLE: Why.UNREACHABLE, Outcome.REFUSED: Why.REFUSED}.get(
        outcome or Outcome.ACCEPTED, Why.OTHER
    )


def _with_patients(
    tx: Tx, studies: Definitions, viewer: Viewer, lines: Sequence[NoticeLine], rows: Sequence[TroubledRow]
) -> tuple[NoticeLine, ...]:
    """Names the visit of each notice, for whoever may see its patient."""
    seen = {site.id for site in viewer.seen}
    visits = {row.visit_id for row in rows if row.visit_id is not None and row.site_id in seen}
    tasks = {task.visit_id: task for task in listings.tasks_of_visits(tx, visits)}
    found = []
    for line, row in zip(lines, rows, strict=True):
        task = None if row.visit_id is None else tasks.get(row.visit_id)
        if task is None:
            found.append(line)
            continue
        label = label_of(studies.of_version(tx, task.study_version_id), task.occurrence)
        found.append(replace(line, visit=label or {"en": task.occurrence}, patient_id=task.patient_id, code=task.code))
    return tuple(found)


def _silences(tx: Tx, viewer: Viewer) -> tuple[OwnSilence, ...]:
    found = outages.latest_outages(tx, limit=OUTAGES_SHOWN)
    return tuple(OwnSilence(one, _name(tx, one.released_by, viewer)) for one in found)


def _name(tx: Tx, person_id: UUID | None, viewer: Viewer) -> str | None:
    """None also for somebody of another study: it is one bot for all of them, but not one office."""
    if person_id is None or all(held.study_id != viewer.study.id for held in people.memberships_of(tx, person_id)):
        return None
    person = people.person_by_id(tx, person_id)
    return None if person is None else person.name


def _life(tx: Tx, *, elapsed: Instant) -> Life:
    signs, standing = pulses(tx), outbox.standing(tx, elapsed=elapsed)
    ages = {name: elapsed - sign.at for name, sign in signs.items()}
    oldest = None if standing.oldest_due is None else elapsed - standing.oldest_due
    return Life(ages.get("tick"), ages.get("receive"), standing.waiting, oldest)
