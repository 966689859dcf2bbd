"""What is on hold, as the board says it: on rows, on the pages of sites and patients, and in a list of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from office.board.viewer import Viewer
from office.holds import HoldLine, hold_lines
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from scheduler.holds import standing
from trial.access import Action
from trial.holds import HoldScope, TaskPlace, covers
from trial.moments import Instant, local_day


@dataclass(frozen=True, slots=True)
class HoldNotes:
    """The holds that stand somewhere of these sites, to be found for what a page shows."""

    lines: tuple[HoldLine, ...]
    now: Instant

    def of_task(self, place: TaskPlace, zone: str) -> HoldLine | None:
        """Of the holds that keep a task quiet today the one that lasts longest."""
        today = local_day(self.now, zone_of(zone))
        found = [line for line in self.lines if covers(line.what, place, today)]
        return max(found, key=lambda line: (line.what.until, line.row.placed_at), default=None)

    def of_site(self, site: SiteRow) -> tuple[HoldLine, ...]:
        """What is on hold at a site as a whole, or of every patient there."""
        wide = {HoldScope.STUDY, HoldScope.TASKS}
        return tuple(
            line
            for line in self.lines
            if line.what.scope in wide or (line.what.scope is HoldScope.SITE and line.what.site_id == site.id)
        )

    def of_patient(self, patient_id: UUID, site: SiteRow) -> tuple[HoldLine, ...]:
        """What keeps something about a patient quiet."""
        own = (line for line in self.lines if line.what.patient_id == patient_id)
        return (*own, *self.of_site(site))


@dataclass(frozen=True, slots=True)
class HoldsPage:
    """`lines`: what stands first. `may_hold_study`: a kind of task and the study, too; `may_lift`: by the hold."""

    lines: tuple[HoldLine, ...]
    may_hold_study: bool
    may_lift: frozenset[UUID]

    @property
    def standing(self) -> tuple[HoldLine, ...]:
        return tuple(line for line in self.lines if line.stands)

    @property
    def over(self) -> tuple[HoldLine, ...]:
        return tuple(line for line in self.lines if not line.stands)


def hold_notes(tx: Tx, study_id: UUID, where: Sequence[SiteRow], *, now: Instant) -> HoldNotes:
    """What stands. Mostly nothing does, and then nothing is opened."""
    if not standing(tx, now=now):
        return HoldNotes((), now)
    return HoldNotes(tuple(line for line in hold_lines(tx, study_id, where, now=now) if line.stands), now)


def holds_page(tx: Tx, viewer: Viewer, *, now: Instant) -> HoldsPage:
    """What stands and what stood, of the sites whose patients this viewer may see."""
    lines = hold_lines(tx, viewer.study.id, viewer.seen, now=now)
    return HoldsPage(
        lines=lines,
        may_hold_study=viewer.may_in_study(Action.HOLD),
        may_lift=frozenset(line.row.id for line in _liftable(viewer, lines)),
    )


def _liftable(viewer: Viewer, lines: Iterable[HoldLine]) -> Iterable[HoldLine]:
    for line in lines:
        whole = line.site is None and viewer.may_in_study(Action.HOLD)
        if line.stands and (whole or (line.site is not None and viewer.may(Action.HOLD, line.site))):
            yield line
