"""The way of the scans, from due to verified, and the claims that wait for somebody to look."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

import charts
from charts import Picture
from locales.board import BoardWords, board_words
from locales.board_lists import funnel_words
from office import claims
from office.board.uploads import WAITING, Funnel, UploadFilters, UploadPage, UploadRow, upload_page, upload_rows
from office.board.viewer import Viewer
from office.claims import Checked
from office.judging import Refusal
from records.board.uploads import Stage
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action
from trial.moments import Instant
from trial.problems import ProblemError, Wrong
from web.board.desk import BoardDesk
from web.board.late import identity, page_number
from web.board.pages import HEADERS, missing, page
from web.board.sessions import same_site
from web.board.tables import Columns, exported
from web.board.visitors import Door, Visitor

ADDRESS: Final = "/uploads"
_ALL: Final = "all"
_WAITING: Final = "waiting"
_LISTS: Final[Mapping[str, frozenset[Stage]]] = {
    _WAITING: WAITING,
    **{stage.value: frozenset({stage}) for stage in Stage},
    _ALL: frozenset(Stage),
}
_DONE: Final = frozenset({"verified", "queried", "closed"})

COLUMNS: Final[Columns[UploadRow]] = {
    "study": lambda row: row.called.site.study_code,
    "site": lambda row: row.called.site.number,
    "site_name": lambda row: row.called.site.name,
    "country": lambda row: row.called.site.country,
    "patient": lambda row: row.called.task.code,
    "visit": lambda row: row.called.task.occurrence,
    "task": lambda row: row.called.task.name,
    "stage": lambda row: row.stage.value,
    "days": lambda row: row.days,
    "unseen": lambda row: "yes" if row.unseen else "no",
    "uploaded_on": lambda row: None if row.claim is None else row.claim.said.day,
    "claimed_by": lambda row: row.claimed_by,
    "claimed_at": lambda row: None if row.claim is None else row.claim.answered_at,
    "checked_by": lambda row: row.checked_by,
    "checked_at": lambda row: row.checked_at,
    "query": lambda row: row.query,
    "responsible": lambda row: row.called.responsible,
}


@dataclass(frozen=True, slots=True)
class UploadLine:
    """A row as it is shown, in its site's time; `wrong`: why the words of a query were not taken."""

    row: UploadRow
    zone: ZoneInfo
    wrong: Wrong | None


@dataclass(frozen=True, slots=True)
class _Refused:
    """A query whose words were not taken, of this claim."""

    answer_id: UUID
    wrong: Wrong


def uploads_routes(desk: BoardDesk, door: Door) -> APIRouter:
    pages = _Pages(desk, door)
    router = APIRouter()
    router.add_api_route(ADDRESS, pages.show, methods=["GET"])
    router.add_api_route(f"{ADDRESS}.csv", pages.rows, methods=["GET"])
    router.add_api_route(ADDRESS + "/{answer_id}/verify", pages.verify, methods=["POST"])
    router.add_api_route(ADDRESS + "/{answer_id}/query", pages.query, methods=["POST"])
    return router


class _Pages:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def show(self, request: Request) -> Response:
        return await self._shown(await self._door.visitor(request), request.query_params)

    async def rows(self, request: Request) -> Response:
        visitor = await self._door.visitor(request)
        wanted = filters_of(request.query_params, visitor.viewer)
        if wanted is None or not visitor.viewer.seen:
            return missing(visitor.viewer, csrf=visitor.csrf)
        return await exported(
            self._desk,
            visitor,
            "uploads",
            COLUMNS,
            lambda tx, viewer, now, _elapsed: upload_rows(tx, self._desk.studies, viewer, wanted, now=now),
            filters=_asked(wanted),
        )

    async def verify(self, request: Request, answer_id: str) -> Response:
        """Somebody has seen the images in the archive."""
        visitor, form = await self._door.posted(request)
        viewer, about = visitor.viewer, identity(answer_id)
        if about is None:
            return missing(viewer, csrf=visitor.csrf)
        outcome = await self._desk.write(
            lambda tx, now, elapsed: claims.verify(
                tx, self._desk.studies, about, viewer.person_id, now=now, elapsed=elapsed
            )
        )
        return _answered(visitor, outcome, form["back"])

    async def query(self, request: Request, answer_id: str) -> Response:
        """The archive does not show them, or the central reader asks: the site is asked, with these words if there are any."""
        visitor, form = await self._door.posted(request)
        viewer, about = visitor.viewer, identity(answer_id)
        if about is None:
            return missing(viewer, csrf=visitor.csrf)
        words = " ".join(form["words"].split()) or None

        def ask(tx: Tx, now: Instant, elapsed: Instant) -> Checked | Refusal:
            return claims.query(tx, self._desk.studies, about, viewer.person_id, words, now=now, elapsed=elapsed)

        try:
            outcome = await self._desk.write(ask)
        except ProblemError as refused:
            # The form again, with the reason beside the field; what the guard stopped is not said back.
            wrong = next((one.wrong for one in refused.problems if one.wrong is not None), Wrong.GUARDED)
            asked = dict(parse_qsl(urlsplit(_own(form["back"])).query))
            return await self._shown(visitor, asked, _Refused(about, wrong))
        return _answered(visitor, outcome, form["back"])

    async def _shown(self, visitor: Visitor, asked: Mapping[str, str], refused: _Refused | None = None) -> Response:
        viewer = visitor.viewer
        wanted, number = filters_of(asked, viewer), page_number(asked)
        if wanted is None or not viewer.seen:
            return missing(viewer, csrf=visitor.csrf)
        found = await self._desk.read(
            lambda tx, now, _elapsed: upload_page(tx, self._desk.studies, viewer, wanted, page=number, now=now)
        )
        return await self._desk.make(lambda: _page(visitor, asked, wanted, number, found, refused))


def _answered(visitor: Visitor, outcome: Checked | Refusal, back: str) -> Response:
    match outcome:
        case Checked():
            done = outcome.kind.value
        case Refusal.CLOSED:
            done = "closed"
        case _:
            return missing(visitor.viewer, csrf=visitor.csrf)
    parts = urlsplit(_own(back))
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "done"]
    return RedirectResponse(f"{parts.path}?{urlencode([*kept, ('done', done)])}", 303, headers=HEADERS)


def _own(back: str) -> str:
    return same_site(back) or ADDRESS


def _page(
    visitor: Visitor,
    asked: Mapping[str, str],
    wanted: UploadFilters,
    number: int,
    found: UploadPage,
    refused: _Refused | None,
) -> Response:
    viewer = visitor.viewer
    words = board_words(viewer.language)
    done = asked.get("done")
    return page(
        "board/uploads.html",
        viewer,
        csrf=visitor.csrf,
        status=200 if refused is None else 422,
        found=found,
        lines=[_line(row, refused) for row in found.rows],
        wanted=wanted,
        lists=tuple(_LISTS),
        shown=_name_of(wanted.stages),
        drawing=_drawn(found.funnel, words),
        countries=sorted({site.country for site in viewer.seen}),
        done=done if done in _DONE and refused is None else None,
        back=address_of(wanted, number),
        of_stage=lambda name: address_of(UploadFilters(_LISTS[name], wanted.site, wanted.country)),
        before=address_of(wanted, number - 1) if number > 1 else None,
        after=address_of(wanted, number + 1) if found.goes_on else None,
        rows_as_csv=address_of(wanted, ending=".csv"),
        may_export=viewer.may_somewhere(Action.EXPORT),
    )


def _line(row: UploadRow, refused: _Refused | None) -> UploadLine:
    about_it = refused is not None and row.claim is not None and row.claim.id == refused.answer_id
    return UploadLine(row, zone_of(row.called.site.zone), refused.wrong if refused is not None and about_it else None)


def _drawn(funnel: Funnel, words: BoardWords) -> Picture:
    """The counts as parts of all that was due; each says of how many it is."""
    steps = (
        ("due", funnel.due, funnel.due),
        ("held", funnel.held, funnel.due),
        ("claimed", funnel.claimed, funnel.held),
        ("verified", funnel.verified, funnel.claimed),
        ("queried", funnel.queried, funnel.claimed),
    )
    drawn = tuple(
        charts.Step(
            label=funnel_words(words.voice, name),
            share=float(Fraction(count, funnel.due)) if funnel.due else 0.0,
            words=words.number(count) if name == "due" else words.part(count, of),
            waits=name == "queried",
        )
        for name, count, of in steps
    )
    return charts.funnel(drawn, "; ".join(f"{one.label}: {one.words}" for one in drawn))


# --- what the address says --------------------------------------------------------------------------------------------


def filters_of(asked: Mapping[str, str], viewer: Viewer) -> UploadFilters | None:
    """What an address asks for; None: it names something that is not there for this viewer."""
    stages = _LISTS.get(asked.get("stage") or _WAITING)
    site = next((one for one in viewer.seen if one.number == asked.get("site")), None)
    country = asked.get("country") or None
    if stages is None or (asked.get("site") and site is None):
        return None
    if country not in {None, *(one.country for one in viewer.seen)}:
        return None
    return UploadFilters(stages, site, country)


def address_of(wanted: UploadFilters, number: int = 1, *, ending: str = "") -> str:
    """The address of a page of the list, or with an ending of all its rows."""
    pairs = _asked(wanted) | ({"page": str(number)} if number > 1 else {})
    return f"{ADDRESS}{ending}" + (f"?{urlencode(pairs)}" if pairs else "")


def _asked(wanted: UploadFilters) -> dict[str, str]:
    name = _name_of(wanted.stages)
    asked = {
        "stage": "" if name == _WAITING else name,
        "site": "" if wanted.site is None else wanted.site.number,
        "country": wanted.country or "",
    }
    return {name: value for name, value in asked.items() if value}


def _name_of(stages: frozenset[Stage]) -> str:
    return next(name for name, meant in _LISTS.items() if meant == stages)
