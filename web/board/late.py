"""Late and overdue tasks, and the button that has somebody asked again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from office.board.late import LateFilters, LatePage, LateRow, late_page, late_row, late_rows
from office.board.staff import Somebody, staff
from office.board.viewer import Viewer
from office.judging import Refusal
from office.nudging import AskedAgain, NotAsked, NotNudged, nudge
from records.board.lateness import Which
from records.transaction import Tx
from scheduler.alarms import HELP
from scheduler.definitions import Definitions, zone_of
from trial.access import Action
from trial.moments import Instant, local_day
from trial.study import NUDGE
from trial.tasks import TaskKind
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.sessions import same_site
from web.board.tables import Columns, exported
from web.board.visitors import Door, Visitor

ADDRESS: Final = "/late"
PAGES_MOST: Final = 100_000

_ASKED: Final = "asked"
_WAITS: Final = "waits"
_OUTCOMES: Final = frozenset({_ASKED, _WAITS, *NotNudged})

COLUMNS: Final[Columns[LateRow]] = {
    "study": lambda row: row.called.site.study_code,
    "site": lambda row: row.called.site.number,
    "site_name": lambda row: row.called.site.name,
    "country": lambda row: row.called.site.country,
    "patient": lambda row: row.called.task.code,
    "visit": lambda row: row.called.task.occurrence,
    "task": lambda row: row.called.task.name,
    "kind": lambda row: row.called.task.kind.value,
    "state": lambda row: row.which.value,
    "days": lambda row: row.days,
    "first_day": lambda row: row.called.task.opens,
    "due": lambda row: row.called.task.due,
    "last_day": lambda row: row.called.task.closes,
    "responsible": lambda row: row.called.responsible,
    "last_answer": lambda row: None if row.called.last is None else row.called.last.kind.value,
    "last_answer_day": lambda row: None if row.called.last is None else row.called.last.day,
    "last_answer_by": lambda row: None if row.called.last is None else row.called.last.by,
    "last_answer_at": lambda row: row.called.said_at,
    "told_last": lambda row: row.called.told_name,
    "told_step": lambda row: None if row.called.told is None else row.called.told.step,
    "told_state": lambda row: None if row.called.told is None else row.called.told.notice_state or "waiting",
    "told_at": lambda row: None if row.called.told is None else row.called.told.at,
    "next_step": lambda row: row.called.task.next_step,
    "next_at": lambda row: row.called.next_at,
    "on_hold_until": lambda row: None if row.called.on_hold is None else row.called.on_hold.what.until,
    "on_hold_because": lambda row: None if row.called.on_hold is None else row.called.on_hold.row.reason,
    "claimed_scans": lambda row: None if row.called.claim is None else row.called.claim.value,
}


@dataclass(frozen=True, slots=True)
class LateLine:
    """A row as it is shown: in its site's time, with a button where this viewer may have somebody asked again, and can.

    `nudged`: somebody of the trial office has done so today.
    """

    row: LateRow
    zone: ZoneInfo
    nudge: bool
    nudged: bool


@dataclass(frozen=True, slots=True)
class NudgeNote:
    """What became of a nudge, and the task that it was about."""

    outcome: str
    line: LateLine


@dataclass(frozen=True, slots=True)
class _Shown:
    page: LatePage
    staff: Sequence[Somebody]
    note: NudgeNote | None


def late_routes(desk: BoardDesk, door: Door) -> APIRouter:
    router = APIRouter()

    @router.get(ADDRESS)
    async def show(request: Request) -> Response:
        visitor = await door.visitor(request)
        viewer = visitor.viewer
        wanted, number = filters_of(request.query_params, viewer), page_number(request.query_params)
        if wanted is None or not viewer.seen:
            return missing(viewer, csrf=visitor.csrf)

        def read(tx: Tx, now: Instant, _elapsed: Instant) -> _Shown:
            return _Shown(
                late_page(tx, desk.studies, viewer, wanted, page=number, now=now),
                staff(tx, viewer, now=now),
                note_of(tx, desk.studies, viewer, request.query_params, now=now),
            )

        shown = await desk.read(read)
        return await desk.make(lambda: _page(visitor, wanted, number, shown))

    @router.get(f"{ADDRESS}.csv")
    async def rows(request: Request) -> Response:
        visitor = await door.visitor(request)
        wanted = filters_of(request.query_params, visitor.viewer)
        if wanted is None or not visitor.viewer.seen:
            return missing(visitor.viewer, csrf=visitor.csrf)
        return await exported(
            desk,
            visitor,
            "late",
            COLUMNS,
            lambda tx, viewer, now, _elapsed: late_rows(tx, desk.studies, viewer, wanted, now=now),
            filters=_asked(wanted),
        )

    @router.post(ADDRESS + "/{task_id}/nudge")
    async def ask_again(request: Request, task_id: str) -> Response:
        visitor, form = await door.posted(request)
        viewer, about = visitor.viewer, identity(task_id)
        if about is None:
            return missing(viewer, csrf=visitor.csrf)
        outcome = await desk.write(
            lambda tx, now, elapsed: nudge(tx, desk.studies, about, viewer.person_id, now=now, elapsed=elapsed)
        )
        if isinstance(outcome, Refusal):
            return missing(viewer, csrf=visitor.csrf)
        return RedirectResponse(_back(form["back"], _word(outcome), about), 303, headers=HEADERS)

    return router


def _page(visitor: Visitor, wanted: LateFilters, number: int, shown: _Shown) -> Response:
    viewer, found = visitor.viewer, shown.page
    return page(
        "board/late.html",
        viewer,
        csrf=visitor.csrf,
        found=found,
        lines=lines_of(found.rows, viewer),
        wanted=wanted,
        lists=tuple(Which),
        kinds=tuple(TaskKind),
        countries=sorted({site.country for site in viewer.seen}),
        staff=shown.staff,
        note=shown.note,
        back=address_of(wanted, number),
        before=address_of(wanted, number - 1) if number > 1 else None,
        after=address_of(wanted, number + 1) if found.goes_on else None,
        rows_as_csv=address_of(wanted, ending=".csv"),
        may_export=viewer.may_somewhere(Action.EXPORT),
    )


def lines_of(rows: Sequence[LateRow], viewer: Viewer) -> tuple[LateLine, ...]:
    """Rows as `_late_rows.html` shows them."""
    return tuple(_line(row, viewer) for row in rows)


def _line(row: LateRow, viewer: Viewer) -> LateLine:
    site, told = row.called.site, row.called.told
    zone = zone_of(site.zone)
    nudged = told is not None and told.step == NUDGE and told.announced_due == local_day(viewer.now, zone)
    quiet = row.called.task.next_step == HELP or row.called.on_hold is not None
    can = row.which is not Which.EARLIER and not quiet and not nudged
    return LateLine(row, zone, can and viewer.may(Action.MANAGE, site), nudged)


# --- what the address says --------------------------------------------------------------------------------------------


def filters_of(asked: Mapping[str, str], viewer: Viewer) -> LateFilters | None:
    """What an address asks for; None: it names something that is not there for this viewer."""
    given = {name: value for name in ("state", "site", "country", "person", "kind") if (value := asked.get(name))}
    site = next((one for one in viewer.seen if one.number == given.get("site")), None)
    try:
        wanted = LateFilters(
            which=Which(given.get("state", Which.PAST)),
            site=site,
            country=given.get("country"),
            person=UUID(given["person"]) if "person" in given else None,
            kind=TaskKind(given["kind"]) if "kind" in given else None,
        )
    except ValueError:
        return None
    if ("site" in given and site is None) or wanted.country not in {None, *(one.country for one in viewer.seen)}:
        return None
    return wanted


def identity(text: str) -> UUID | None:
    """The id that stands in an address; None: it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def address_of(wanted: LateFilters, number: int = 1, *, ending: str = "") -> str:
    """The address of a page of the list, or with an ending of all its rows."""
    pairs = _asked(wanted) | ({"page": str(number)} if number > 1 else {})
    return f"{ADDRESS}{ending}" + (f"?{urlencode(pairs)}" if pairs else "")


def _asked(wanted: LateFilters) -> dict[str, str]:
    asked = {
        "state": "" if wanted.which is Which.PAST else wanted.which.value,
        "site": "" if wanted.site is None else wanted.site.number,
        "country": wanted.country or "",
        "person": "" if wanted.person is None else str(wanted.person),
        "kind": "" if wanted.kind is None else wanted.kind.value,
    }
    return {name: value for name, value in asked.items() if value}


def page_number(asked: Mapping[str, str]) -> int:
    """The page that an address asks for; the first where it says none."""
    number = asked.get("page", "")
    return min(max(1, int(number)), PAGES_MOST) if number.isascii() and number.isdecimal() and len(number) < 7 else 1


# --- what became of a nudge -------------------------------------------------------------------------------------------


def note_of(
    tx: Tx, studies: Definitions, viewer: Viewer, asked: Mapping[str, str], *, now: Instant
) -> NudgeNote | None:
    """What the address says became of a nudge, about a task that this viewer may see."""
    outcome, task_id = asked.get("done", ""), identity(asked.get("task", ""))
    if task_id is None or outcome not in _OUTCOMES:
        return None
    row = late_row(tx, studies, viewer, task_id, now=now)
    return None if row is None else NudgeNote(outcome, replace(_line(row, viewer), nudge=False))


def _word(outcome: AskedAgain | NotAsked) -> str:
    match outcome:
        case AskedAgain():
            return _ASKED if outcome.now else _WAITS
        case NotAsked():
            return outcome.why.value
        case _:
            assert_never(outcome)


def _back(path: str, outcome: str, task_id: UUID) -> str:
    """The page that the button stood on, with what became of it."""
    parts = urlsplit(same_site(path) or ADDRESS)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"done", "task"}]
    return f"{parts.path}?{urlencode([*kept, ('done', outcome), ('task', str(task_id))])}"
