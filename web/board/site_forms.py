"""What is changed on a site's page, and adding a site."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from office.closings import close_site, open_site
from office.disclosure import Disclosure, set_disclosure
from office.earlier import ask_about_earlier
from office.sites import NewSite, add_site_to
from records import patients
from records.sites import SiteRow
from records.transaction import Tx
from trial.access import Action
from trial.calendars import known_countries
from trial.moments import Instant, zone_names
from trial.problems import ProblemError
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.site import shown
from web.board.visitors import Door, Visitor
from web.forms import Form

_FIELDS: Final = {
    "site number": "number",
    "site name": "name",
    "country": "country",
    "region": "region",
    "time zone": "zone",
    "disclosure": "disclosure",
}
"""Which field a problem is about."""
NEW: Final = ("number", "name", "country", "region", "zone", "disclosure", "rings_from")


def site_form_routes(desk: BoardDesk, door: Door) -> APIRouter:
    forms = _Forms(desk, door)
    router = APIRouter()
    router.add_api_route("/sites/new", forms.new, methods=["GET"])
    router.add_api_route("/sites/new", forms.add, methods=["POST"])
    router.add_api_route("/sites/{number}/close", forms.close, methods=["POST"])
    router.add_api_route("/sites/{number}/open", forms.reopen, methods=["POST"])
    router.add_api_route("/sites/{number}/disclosure", forms.disclose, methods=["POST"])
    router.add_api_route("/sites/{number}/earlier", forms.ask_earlier, methods=["POST"])
    return router


class _Forms:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    # --- a new site ---------------------------------------------------------------------------------------------------

    async def new(self, request: Request) -> Response:
        visitor = await self._door.visitor(request)
        if not visitor.viewer.may_in_study(Action.RECORD):
            return missing(visitor.viewer, csrf=visitor.csrf)
        return self._new_page(visitor, {}, {})

    async def add(self, request: Request) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, given = visitor.viewer, {name: form[name].strip() for name in NEW}
        if not viewer.may_in_study(Action.RECORD):
            return missing(viewer, csrf=visitor.csrf)
        wrong = self._wrong_page(given["disclosure"])
        if given["rings_from"] and form.day("rings_from") is None:
            wrong["rings_from"] = "rings_from"
        new = NewSite(
            number=given["number"],
            name=given["name"],
            country=given["country"],
            region=given["region"] or None,
            zone=given["zone"],
            disclosure=given["disclosure"],
            rings_from=form.day("rings_from"),
        )
        if not wrong:
            try:
                await self._desk.write(
                    lambda tx, now, elapsed: add_site_to(
                        tx,
                        viewer.study,
                        new,
                        chosen_by=viewer.person_id,
                        by=viewer.person_id,
                        now=now,
                        elapsed=elapsed,
                    )
                )
            except ProblemError as refused:
                wrong = {_FIELDS.get(problem.where, "number"): "form" for problem in refused.problems}
        if wrong:
            return self._new_page(visitor, given, wrong)
        return _on_to(f"/sites/{new.number}?done=added")

    def _new_page(self, visitor: Visitor, given: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
        return page(
            "board/site_new.html",
            visitor.viewer,
            csrf=visitor.csrf,
            status=422 if wrong else 200,
            given=given,
            wrong=wrong,
            countries=known_countries(),
            zones=zone_names(),
            levels=tuple(Disclosure),
        )

    def _wrong_page(self, level: str) -> dict[str, str]:
        """Where chats name nothing, an item is answered on its page: phones have to reach it."""
        unreachable = level == Disclosure.TASK_ONLY and not self._desk.item_pages()
        return {"disclosure": "no_pages"} if unreachable else {}

    # --- a site that is there -----------------------------------------------------------------------------------------

    async def close(self, request: Request, number: str) -> Response:
        def change(tx: Tx, site: SiteRow, form: Form, by: UUID, now: Instant, elapsed: Instant) -> None:
            first = form.day("first") or date.min
            last = (form.day("last") or date.min) if form["last"] else first
            close_site(tx, self._desk.studies, site, first, last, by=by, now=now, elapsed=elapsed)

        return await self._changed(request, number, Action.RECORD, change, done="closed", field="closing")

    async def reopen(self, request: Request, number: str) -> Response:
        def change(tx: Tx, site: SiteRow, form: Form, by: UUID, now: Instant, elapsed: Instant) -> None:
            open_site(tx, self._desk.studies, site, form.day("day") or date.min, by=by, now=now, elapsed=elapsed)

        return await self._changed(request, number, Action.RECORD, change, done="opened", field="closing")

    async def disclose(self, request: Request, number: str) -> Response:
        def change(tx: Tx, site: SiteRow, form: Form, by: UUID, now: Instant, elapsed: Instant) -> None:
            set_disclosure(tx, site, form["disclosure"], by=by, now=now, elapsed=elapsed)

        def look(form: Form) -> Mapping[str, str]:
            return self._wrong_page(form["disclosure"])

        return await self._changed(
            request, number, Action.CONFIRM, change, done="disclosure", field="disclosure", look=look
        )

    async def ask_earlier(self, request: Request, number: str) -> Response:
        def change(tx: Tx, site: SiteRow, form: Form, by: UUID, now: Instant, elapsed: Instant) -> None:
            patient_id = form.identity("patient")
            patient = None if patient_id is None else patients.standing_of(tx, patient_id)
            if patient is not None and patient.site_id == site.id:
                ask_about_earlier(tx, self._desk.studies, patient.id, by=by, now=now, elapsed=elapsed)

        return await self._changed(request, number, Action.RECORD, change, done="earlier", field="earlier")

    async def _changed(
        self,
        request: Request,
        number: str,
        action: Action,
        change: Callable[[Tx, SiteRow, Form, UUID, Instant, Instant], None],
        *,
        done: str,
        field: str,
        look: Callable[[Form], Mapping[str, str]] | None = None,
    ) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, site = visitor.viewer, visitor.viewer.site(number)
        if site is None or not viewer.may(action, site):
            return missing(viewer, csrf=visitor.csrf)
        wrong = {} if look is None else dict(look(form))
        if not wrong:
            try:
                await self._desk.write(lambda tx, now, elapsed: change(tx, site, form, viewer.person_id, now, elapsed))
            except ProblemError:
                wrong = {field: "form"}
        if wrong:
            return await shown(self._desk, visitor, number, wrong=wrong, given=form.fields)
        return _on_to(f"/sites/{number}?done={done}")


def _on_to(path: str) -> Response:
    return RedirectResponse(path, 303, headers=HEADERS)
