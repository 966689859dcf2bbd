"""Everybody who takes part, inviting to the trial office, and ending somebody's access."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from locales import languages
from office.board.people import PersonLine, Reach, people_page
from office.board.viewer import Viewer
from office.judging import Refusal
from office.people import revoke_person
from scheduler.definitions import zone_of
from trial.access import Action
from trial.calendars import known_countries
from trial.moments import zone_names
from trial.people import Role
from trial.problems import ProblemError
from web.board.desk import BoardDesk
from web.board.invitations import Wrong, invited
from web.board.late import identity
from web.board.pages import HEADERS, missing, page
from web.board.site import shown as site_shown
from web.board.tables import Columns, exported
from web.board.visitors import Door, Visitor
from web.forms import Form

ADDRESS: Final = "/people"
OFFICE_ROLES: Final = (Role.MANAGER, Role.MONITOR, Role.AUDITOR, Role.ADMINISTRATOR)
SITE_ROLES: Final = (Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR)
DONE: Final = frozenset({"revoked"})

COLUMNS: Final[Columns[PersonLine]] = {
    "name": lambda line: line.name,
    "role": lambda line: line.role.value,
    "site": lambda line: None if line.site is None else line.site.number,
    "functions": lambda line: " ".join(line.functions),
    "language": lambda line: line.language,
    "since": lambda line: line.since,
    "until": lambda line: line.until,
    "reached": lambda line: line.reach.value,
    "away_until": lambda line: None if line.away is None else line.away.until,
    "cover": lambda line: None if line.away is None else line.away.cover,
    "last_answer": lambda line: line.heard_on,
}


def people_routes(desk: BoardDesk, door: Door) -> APIRouter:
    people = _People(desk, door)
    router = APIRouter()
    router.add_api_route(ADDRESS, people.show, methods=["GET"])
    router.add_api_route(f"{ADDRESS}.csv", people.rows, methods=["GET"])
    router.add_api_route(f"{ADDRESS}/invite", people.invite, methods=["POST"])
    router.add_api_route(ADDRESS + "/{person}/revoke", people.revoke, methods=["POST"])
    router.add_api_route("/sites/{number}/invite", people.invite_to_site, methods=["POST"])
    return router


class _People:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def show(self, request: Request) -> Response:
        return await self._page(request, await self._door.visitor(request))

    async def _page(
        self,
        request: Request,
        visitor: Visitor,
        *,
        wrong: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Response:
        viewer, (site, reach) = visitor.viewer, _filters(request)
        if not _is_theirs(viewer, site):
            return missing(viewer, csrf=visitor.csrf)
        found = await self._desk.read(
            lambda tx, now, elapsed: people_page(tx, viewer, site=site, reach=reach, now=now, elapsed=elapsed)
        )
        pairs = {"site": site, "reach": reach}
        done = request.query_params.get("done", "")
        return page(
            "board/people.html",
            viewer,
            csrf=visitor.csrf,
            status=422 if wrong else 200,
            found=found,
            zone=zone_of("UTC"),
            reaches=tuple(Reach),
            rows_as_csv=f"{ADDRESS}.csv?{urlencode({name: value for name, value in pairs.items() if value})}",
            may_export=viewer.may_somewhere(Action.EXPORT),
            roles=OFFICE_ROLES,
            languages=languages(),
            countries=known_countries() if found.may_invite else (),
            zones=zone_names() if found.may_invite else (),
            done=done if done in DONE else "",
            wrong=wrong or {},
            given=given or {},
        )

    async def rows(self, request: Request) -> Response:
        visitor, (site, reach) = await self._door.visitor(request), _filters(request)
        if not _is_theirs(visitor.viewer, site):
            return missing(visitor.viewer, csrf=visitor.csrf)
        pairs = {"site": site or "", "reach": reach or ""}
        return await exported(
            self._desk,
            visitor,
            "people",
            COLUMNS,
            lambda tx, viewer, now, elapsed: (
                people_page(tx, viewer, site=site, reach=reach, now=now, elapsed=elapsed).lines
            ),
            filters={name: value for name, value in pairs.items() if value},
        )

    # --- inviting -----------------------------------------------------------------------------------------------------

    async def invite(self, request: Request) -> Response:
        visitor, form = await self._door.posted(request)
        if not visitor.viewer.may_in_study(Action.ADMIT):
            return missing(visitor.viewer, csrf=visitor.csrf)
        done = await invited(self._desk, visitor, form, None, OFFICE_ROLES)
        if isinstance(done, Wrong):
            return await self._page(request, visitor, wrong=done.fields, given=form.fields)
        return done

    async def invite_to_site(self, request: Request, number: str) -> Response:
        visitor, form = await self._door.posted(request)
        site = visitor.viewer.site(number)
        if site is None or not visitor.viewer.may(Action.ADMIT, site):
            return missing(visitor.viewer, csrf=visitor.csrf)
        done = await invited(self._desk, visitor, form, site, SITE_ROLES)
        if isinstance(done, Wrong):
            return await site_shown(self._desk, visitor, number, wrong=done.fields, given=form.fields)
        return done

    # --- ending access ------------------------------------------------------------------------------------------------

    async def revoke(self, request: Request, person: str) -> Response:
        """From the page of a site, or from that of everybody: `at` is the site's number."""
        visitor, form = await self._door.posted(request)
        viewer, site, person_id = visitor.viewer, visitor.viewer.site(form["at"]), identity(person)
        if person_id is None:
            return missing(viewer, csrf=visitor.csrf)
        try:
            done = await self._desk.write(
                lambda tx, now, elapsed: revoke_person(
                    tx,
                    self._desk.studies,
                    person_id,
                    reason=form["reason"],
                    by=viewer.person_id,
                    now=now,
                    elapsed=elapsed,
                )
            )
        except ProblemError:
            return await self._refused(request, visitor, form, person_id, None if site is None else site.number)
        if isinstance(done, Refusal) and done is not Refusal.CLOSED:
            return missing(viewer, csrf=visitor.csrf)
        back = ADDRESS if site is None else f"/sites/{site.number}"
        return RedirectResponse(f"{back}?done=revoked", 303, headers=HEADERS)

    async def _refused(
        self, request: Request, visitor: Visitor, form: Form, person_id: UUID, number: str | None
    ) -> Response:
        wrong = {f"reason-{person_id}": "form"}
        if number is None:
            return await self._page(request, visitor, wrong=wrong, given=form.fields)
        return await site_shown(self._desk, visitor, number, wrong=wrong, given=form.fields)


def _is_theirs(viewer: Viewer, site: str | None) -> bool:
    """Whether the site that the address names is one of theirs; it may name none."""
    return site is None or viewer.site(site) is not None


def _filters(request: Request) -> tuple[str | None, Reach | None]:
    reach = request.query_params.get("reach", "")
    return request.query_params.get("site") or None, Reach(reach) if reach in set(Reach) else None
