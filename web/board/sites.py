"""The list of sites."""

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from office.board.sites import SiteLine, site_lines, sites_page
from trial.access import Action
from trial.returns import RETURN_LINE
from web.board.desk import BoardDesk
from web.board.pages import page
from web.board.tables import Columns, exported
from web.board.visitors import Door

ADDRESS: Final = "/sites"

COLUMNS: Final[Columns[SiteLine]] = {
    "site": lambda line: line.site.number,
    "name": lambda line: line.site.name,
    "country": lambda line: line.site.country,
    "rings_from": lambda line: line.site.rings_from,
    "patients": lambda line: line.figures.patients,
    "followed": lambda line: line.figures.followed,
    "due_this_week": lambda line: line.figures.due_this_week,
    "late": lambda line: line.figures.late,
    "overdue": lambda line: line.figures.overdue,
    "from_before_sitebell": lambda line: line.figures.earlier,
    "oldest_days_late": lambda line: line.figures.oldest_days,
    "received": lambda line: line.figures.returns.received,
    "unobtainable": lambda line: line.figures.returns.unobtainable,
    "was_due": lambda line: line.figures.returns.due,
    "last_answer": lambda line: line.heard_on,
    "silent_since": lambda line: None if line.silence is None else line.silence.since,
    "silent_working_days": lambda line: None if line.silence is None else line.silence.working_days,
    "people": lambda line: line.people,
    "people_reachable": lambda line: line.reachable,
}


def sites_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get(ADDRESS)
    async def show(request: Request) -> Response:
        visitor = await door.visitor(request)
        viewer, country = visitor.viewer, request.query_params.get("country") or None
        found = await desk.read(
            lambda tx, now, _elapsed: sites_page(tx, desk.studies, viewer, country=country, now=now)
        )
        return page(
            "board/sites.html",
            viewer,
            csrf=visitor.csrf,
            found=found,
            line_at=RETURN_LINE,
            rows_as_csv=f"{ADDRESS}.csv" + (f"?{urlencode({'country': country})}" if country else ""),
            may_export=viewer.may_somewhere(Action.EXPORT),
            may_add=viewer.may_in_study(Action.RECORD),
        )

    @router.get(f"{ADDRESS}.csv")
    async def rows(request: Request) -> Response:
        visitor = await door.visitor(request)
        country = request.query_params.get("country") or None
        return await exported(
            desk,
            visitor,
            "sites",
            COLUMNS,
            lambda tx, viewer, now, _elapsed: site_lines(
                tx,
                desk.studies,
                viewer,
                [site for site in viewer.sites if country in {None, site.country}],
                now=now,
            ),
            filters={"country": country} if country else {},
        )

    return router
