"""One site's page, and its first week as a rehearsal."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

import charts
from charts import Picture
from locales import languages
from locales.board import BoardWords, board_words
from locales.board_places import short_month
from office.board.site import SitePage, site_page
from office.board.trend import MonthReturns
from office.board.viewer import Viewer
from office.disclosure import Disclosure
from office.dry_run import dry_run
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action
from trial.moments import Instant
from trial.people import Role
from trial.problems import ProblemError
from trial.returns import RETURN_LINE
from trial.tasks import SiteFunction
from web.board.desk import BoardDesk
from web.board.late import LateLine, NudgeNote, lines_of, note_of
from web.board.pages import missing, page
from web.board.visitors import Door, Visitor

DONE: Final = frozenset({"added", "revoked", "closed", "opened", "disclosure", "earlier", "held"})
"""What may stand behind `?done=`: a closed few."""


def site_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get("/sites/{number}")
    async def show(request: Request, number: str) -> Response:
        visitor = await door.visitor(request)
        return await shown(desk, visitor, number, asked=request.query_params)

    @router.get("/sites/{number}/first-week")
    async def first_week(request: Request, number: str) -> Response:
        visitor = await door.visitor(request)
        viewer, site = visitor.viewer, visitor.viewer.site(number)
        if site is None or not viewer.may(Action.RECORD, site):
            return missing(viewer, csrf=visitor.csrf)
        try:
            told = await desk.rehearse(
                lambda records, now, elapsed: dry_run(
                    records, desk.studies, study_code=viewer.study.code, site_number=number, now=now, elapsed=elapsed
                )
            )
        except ProblemError:
            told = None  # since an outage nothing is sent at all
        return page("board/first_week.html", viewer, csrf=visitor.csrf, site=site, told=told)

    return router


async def shown(
    desk: BoardDesk,
    visitor: Visitor,
    number: str,
    *,
    asked: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    """The page, with what the address asks for; or with what was wrong in a form (field and closed word), and what had been
    given in it.
    """
    viewer, address = visitor.viewer, asked or {}

    def read(tx: Tx, now: Instant, elapsed: Instant) -> tuple[SitePage | None, NudgeNote | None]:
        found = site_page(tx, desk.studies, viewer, number, now=now, elapsed=elapsed)
        return found, note_of(tx, desk.studies, viewer, address, now=now)

    found, note = await desk.read(read)
    if found is None:
        return missing(viewer, csrf=visitor.csrf)
    done = address.get("done", "")
    return await desk.make(
        lambda: page(
            "board/site.html",
            viewer,
            csrf=visitor.csrf,
            status=422 if wrong else 200,
            found=found,
            zone=zone_of(found.site.zone),
            line_at=RETURN_LINE,
            trend=_trend(found.trend, board_words(viewer.language)),
            lines=_lines(found, viewer),
            note=note,
            done=done if done in DONE else "",
            wrong=wrong or {},
            given=given or {},
            roles=(Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR),
            functions=tuple(SiteFunction),
            languages=languages(),
            levels=tuple(Disclosure),
            may_admit=viewer.may(Action.ADMIT, found.site),
            may_record=viewer.may(Action.RECORD, found.site),
            may_confirm=viewer.may(Action.CONFIRM, found.site),
            may_manage=viewer.may(Action.MANAGE, found.site),
            may_hold=viewer.may(Action.HOLD, found.site),
            begins=found.site.rings_from > found.clock.today,
        )
    )


def _lines(found: SitePage, viewer: Viewer) -> tuple[LateLine, ...]:
    """What is late, the worst first, and then what is due."""
    if found.late is None or found.due is None:
        return ()
    return lines_of((*found.late.rows, *found.due.rows), viewer)


def _trend(months: Sequence[MonthReturns], words: BoardWords) -> Picture | None:
    """None where nothing was due in a year."""
    if all(one.returns.rate is None for one in months):
        return None
    drawn = tuple(
        charts.Month(
            label=short_month(words.voice, one.month),
            share=None if one.returns.rate is None else float(one.returns.rate),
            in_time=one.in_time / one.returns.due if one.returns.due else 0.0,
            below=one.returns.below_the_line,
        )
        for one in months
    )
    said = "; ".join(
        f"{words.month(one.month)}: {words.rate(one.returns)}" for one in months if one.returns.rate is not None
    )
    return charts.returns_by_month(drawn, said, line=float(RETURN_LINE))
