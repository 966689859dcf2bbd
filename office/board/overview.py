"""The first page: what is due, late and overdue, how much came back, whom to call first, and what is silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from office.board.holds import hold_notes
from office.board.late import LateRow, worst
from office.board.standing import SiteFigures, figures_of, furthest_behind
from office.board.viewer import Viewer
from office.holds import HoldLine
from records import office_items, pulses
from records.office_items import ItemRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.access import Action
from trial.messages import ItemKind
from trial.moments import Instant
from trial.returns import Age, Returns

CALLED_FIRST: Final = 8
"""Tasks on the first page: a morning's calls."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of the viewer's sites together and one by one; `items`: what waits for the trial office: silent sites, the longest first, then the newest."""

    today: date
    sites: tuple[SiteFigures, ...]  # by number
    due_this_week: int
    late: int
    overdue: int
    earlier: int
    oldest: SiteFigures | None  # where something is late longest
    ages: Mapping[Age, int]
    returns: Returns
    first: tuple[LateRow, ...]  # to be called about, the most urgent first
    items: tuple[ItemRow, ...]
    holds: tuple[HoldLine, ...]  # that stand, the soonest over first
    last_tick: timedelta | None  # since the scheduler looked last, by elapsed time

    @property
    def followed(self) -> int:
        return sum(one.followed for one in self.sites)

    @property
    def behind(self) -> tuple[SiteFigures, ...]:
        """The sites whose returns are drawn."""
        return furthest_behind(self.sites)


def overview(tx: Tx, studies: Definitions, viewer: Viewer, *, now: Instant, elapsed: Instant) -> Overview:
    """The overview of what is this viewer's."""
    ordered = tuple(figures_of(tx, studies, viewer.sites, now=now).values())
    tick = pulses.pulses(tx).get("tick")
    return Overview(
        today=viewer.today,
        sites=ordered,
        due_this_week=sum(one.due_this_week for one in ordered),
        late=sum(one.late for one in ordered),
        overdue=sum(one.overdue for one in ordered),
        earlier=sum(one.earlier for one in ordered),
        oldest=max((one for one in ordered if one.oldest_days), key=lambda one: one.oldest_days or 0, default=None),
        ages=_together(ordered),
        returns=sum((one.returns for one in ordered), Returns()),
        first=worst(tx, studies, viewer, limit=CALLED_FIRST, now=now),
        items=_items(tx, viewer),
        holds=hold_notes(tx, viewer.study.id, viewer.seen, now=now).lines if viewer.seen else (),
        last_tick=None if tick is None else elapsed - tick.at,
    )


def _together(sites: Sequence[SiteFigures]) -> Mapping[Age, int]:
    return {age: sum(one.ages[age] for one in sites) for age in Age}


def _items(tx: Tx, viewer: Viewer) -> tuple[ItemRow, ...]:
    """Those of their sites; what belongs to no site is for whoever manages the study."""
    mine = {site.id for site in viewer.sites if viewer.may(Action.MANAGE, site)}
    whole = viewer.may_in_study(Action.MANAGE)
    found = [
        item
        for item in office_items.open_items(tx, viewer.study.id)
        if (item.site_id in mine) or (item.site_id is None and whole)
    ]
    # From a silent site nothing will come by itself: somebody has to call, first where it has been so longest.
    silent = sorted((one for one in found if one.kind is ItemKind.SITE_SILENT), key=lambda item: item.opened_at)
    others = sorted(
        (one for one in found if one.kind is not ItemKind.SITE_SILENT), key=lambda item: item.opened_at, reverse=True
    )
    return (*silent, *others)
