"""The first page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

import charts
from charts import Picture
from locales.board import BoardWords, board_words
from office.board.overview import Overview, overview
from records.office_items import ItemRow
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.messages import ItemKind
from trial.moments import Instant, local_day
from trial.returns import RETURN_LINE, Age
from web.board.desk import BoardDesk
from web.board.late import NudgeNote, lines_of, note_of
from web.board.pages import page
from web.board.visitors import Door, Visitor

ITEMS_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An office item as a line."""

    words: str
    site: SiteRow | None
    since: str
    address: str


def overview_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    async def show(request: Request) -> Response:
        visitor = await door.visitor(request)
        viewer = visitor.viewer

        def read(tx: Tx, now: Instant, elapsed: Instant) -> tuple[Overview, NudgeNote | None]:
            board = overview(tx, desk.studies, viewer, now=now, elapsed=elapsed)
            return board, note_of(tx, desk.studies, viewer, request.query_params, now=now)

        board, note = await desk.read(read)
        return await desk.make(lambda: _page(visitor, board, note))

    return router


def _page(visitor: Visitor, board: Overview, note: NudgeNote | None) -> Response:
    words = board_words(visitor.viewer.language)
    sites = {one.site.id: one.site for one in board.sites}
    return page(
        "board/overview.html",
        visitor.viewer,
        csrf=visitor.csrf,
        board=board,
        first=lines_of(board.first, visitor.viewer),
        note=note,
        line=RETURN_LINE,
        ages=_ages(board, words),
        returns=_returns(board, words),
        items=[_waiting(item, sites, words) for item in board.items[:ITEMS_SHOWN]],
        more=max(0, len(board.items) - ITEMS_SHOWN),
    )


def _ages(board: Overview, words: BoardWords) -> Picture:
    classes = tuple(charts.Age(words.age(age), board.ages[age]) for age in Age)
    return charts.ages(classes, _in_words([(one.label, words.number(one.count)) for one in classes]))


def _returns(board: Overview, words: BoardWords) -> Picture:
    """The sites furthest behind, by number."""
    shares = tuple(
        charts.Share(
            label=f"{one.site.number} {one.site.country}",
            share=float(one.returns.rate or 0),
            words=words.rate(one.returns),
            below=one.returns.below_the_line,
        )
        for one in board.behind
    )
    return charts.returns_by_site(
        shares, _in_words([(one.label, one.words) for one in shares]), line=float(RETURN_LINE)
    )


def _in_words(pairs: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f"{label}: {said}" for label, said in pairs)


def _waiting(item: ItemRow, sites: Mapping[UUID, SiteRow], words: BoardWords) -> _Waiting:
    site = None if item.site_id is None else sites.get(item.site_id)
    zone = zone_of(site.zone) if site is not None else zone_of("UTC")
    return _Waiting(words.item(item.kind), site, words.day(local_day(item.opened_at, zone)), _address(item, site))


def _address(item: ItemRow, site: SiteRow | None) -> str:
    if item.patient_id is not None:
        return f"/patients/{item.patient_id}"
    if item.kind in {ItemKind.NOTICE_UNKNOWN, ItemKind.TICK_MISSING, ItemKind.OUTAGE}:
        return "/notices"
    return "/sites" if site is None else f"/sites/{site.number}"
