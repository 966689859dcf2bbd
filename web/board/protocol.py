"""The protocol's versions: who uses which, what one gives and would move; the forms that release it for a site, or take the
release back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from locales.board import board_words
from locales.board_patients import problem_words, wrong_words
from office.board.moves import MovedVisit
from office.board.protocol import VersionLine, VersionPage, protocol_page, version_page
from office.board.viewer import Viewer
from office.releases import Released, Wanted, release
from office.withdrawing import withdraw_release
from records import studies
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action
from trial.date_table import Kind
from trial.moments import DateOutOfRange, Instant
from trial.occurrences import label_of, task_label_of
from trial.problems import ProblemError, Wrong
from trial.study import Study
from web.board.desk import BoardDesk
from web.board.pages import HEADERS, missing, page
from web.board.patient import identity
from web.board.visitors import Door, Visitor
from web.forms import Form

ADDRESS: Final = "/protocol"


@dataclass(frozen=True, slots=True)
class _Back:
    """A form that came back: what stood in it, what is wrong with a field, and what speaks against the release."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


def protocol_routes(desk: BoardDesk, door: Door) -> APIRouter:
    pages = _Pages(desk, door)
    router = APIRouter()
    router.add_api_route(ADDRESS, pages.show, methods=["GET"])
    router.add_api_route(ADDRESS + "/{version}", pages.show_version, methods=["GET"])
    router.add_api_route(ADDRESS + "/{version}/release", pages.release, methods=["POST"])
    router.add_api_route(ADDRESS + "/{version}/withdraw", pages.withdraw, methods=["POST"])
    return router


class _Pages:
    def __init__(self, desk: BoardDesk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def show(self, request: Request) -> Response:
        visitor = await self._door.visitor(request)
        viewer = visitor.viewer
        if not viewer.may_in_study(Action.OVERSEE):
            return missing(viewer, csrf=visitor.csrf)

        def read(tx: Tx, _now: Instant, _elapsed: Instant) -> tuple[VersionLine, ...]:
            return protocol_page(tx, self._desk.studies, viewer)

        lines = await self._desk.read(read)
        return page("board/protocol.html", viewer, csrf=visitor.csrf, lines=lines, zone=zone_of("UTC"))

    async def show_version(self, request: Request, version: str) -> Response:
        visitor = await self._door.visitor(request)
        asked = Form(dict(request.query_params))
        return await self._shown(visitor, version, asked, back=_Back(), done=asked["done"])

    async def release(self, request: Request, version: str) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, version_id, site = visitor.viewer, identity(version), visitor.viewer.site(form["site"])
        if version_id is None or site is None or not viewer.may_in_study(Action.RELEASE):
            return missing(viewer, csrf=visitor.csrf)
        words = board_words(viewer.language)
        days = {name: form.day(name) for name in ("from", "approved_on")}
        errors = {
            name: wrong_words(words.voice, Wrong.UNREADABLE if form[name] else Wrong.MISSING)
            for name, day in days.items()
            if day is None
        }
        first_day, approved_on = days["from"], days["approved_on"]
        if first_day is None or approved_on is None:
            return await self._shown(visitor, version, form, back=_Back(form.fields, errors))
        try:
            done = await self._desk.write(
                lambda tx, now, elapsed: self._release(
                    tx, viewer, version_id, site, first_day, approved_on, form, now=now, elapsed=elapsed
                )
            )
        except ProblemError as wrong:
            refused = tuple(dict.fromkeys(problem_words(words.voice, one) for one in wrong.problems))
            return await self._shown(visitor, version, form, back=_Back(form.fields, refused=refused))
        if done is None:
            return missing(viewer, csrf=visitor.csrf)
        address = f"{ADDRESS}/{version}?{urlencode({'site': site.number, 'done': 'released'})}"
        return RedirectResponse(address, status_code=303, headers=HEADERS)

    def _release(
        self,
        tx: Tx,
        viewer: Viewer,
        version_id: UUID,
        site: SiteRow,
        first_day: date,
        approved_on: date,
        form: Form,
        *,
        now: Instant,
        elapsed: Instant,
    ) -> tuple[Released, ...] | None:
        row = studies.version(tx, version_id)
        if row is None or row.study_id != viewer.study.id:
            return None
        wanted = Wanted(row, site, first_day, approved_on, form.identity("prepared_by"), viewer.person_id)
        return release(tx, self._desk.studies, [wanted], demo=self._desk.records.demo, now=now, elapsed=elapsed)

    async def withdraw(self, request: Request, version: str) -> Response:
        visitor, form = await self._door.posted(request)
        viewer, version_id, site = visitor.viewer, identity(version), visitor.viewer.site(form["site"])
        if version_id is None or site is None or not viewer.may_in_study(Action.RELEASE):
            return missing(viewer, csrf=visitor.csrf)
        try:
            done = await self._desk.write(
                lambda tx, now, elapsed: self._withdraw(
                    tx, viewer, version_id, site, form["reason"], now=now, elapsed=elapsed
                )
            )
        except ProblemError as wrong:
            return await self._shown(visitor, version, form, back=_refused(viewer, form, wrong))
        if done is None:
            return missing(viewer, csrf=visitor.csrf)
        address = f"{ADDRESS}/{version}?{urlencode({'site': site.number, 'done': 'withdrawn'})}"
        return RedirectResponse(address, status_code=303, headers=HEADERS)

    def _withdraw(
        self, tx: Tx, viewer: Viewer, version_id: UUID, site: SiteRow, reason: str, *, now: Instant, elapsed: Instant
    ) -> date | None:
        row = studies.version(tx, version_id)
        if row is None or row.study_id != viewer.study.id:
            return None
        return withdraw_release(
            tx, self._desk.studies, row, site, by=viewer.person_id, reason=reason, now=now, elapsed=elapsed
        )

    async def _shown(self, visitor: Visitor, version: str, asked: Form, *, back: _Back, done: str = "") -> Response:
        viewer, version_id = visitor.viewer, identity(version)
        found: VersionPage | None = None
        if version_id is not None and viewer.may_in_study(Action.OVERSEE):
            try:
                found = await self._desk.rehearse(
                    lambda records, now, elapsed: version_page(
                        records,
                        self._desk.studies,
                        viewer,
                        version_id,
                        site_number=asked["site"] or None,
                        first_day=asked.day("from"),
                        now=now,
                        elapsed=elapsed,
                    )
                )
            except DateOutOfRange:
                return missing(viewer, csrf=visitor.csrf)
        if found is None:
            return missing(viewer, csrf=visitor.csrf)
        called = _called(found.line.study, viewer.language)
        return page(
            "board/version.html",
            viewer,
            csrf=visitor.csrf,
            status=422 if back.errors or back.refused else 200,
            found=found,
            back=back,
            done=done,
            zone=zone_of("UTC"),
            called=called,
            tasks_of=_tasks_of(called),
            kind_words=_kind_words(found.line.study, viewer.language),
            against=tuple(problem_words(board_words(viewer.language).voice, one) for one in found.against),
        )


def _refused(viewer: Viewer, form: Form, wrong: ProblemError) -> _Back:
    """What is wrong with the reason stands at its field, everything else above."""
    voice = board_words(viewer.language).voice
    errors = {one.where: problem_words(voice, one) for one in wrong.problems if one.where == "reason"}
    refused = (problem_words(voice, one) for one in wrong.problems if one.where not in errors)
    return _Back(form.fields, errors, tuple(dict.fromkeys(refused)))


def _called(study: Study, language: str) -> Callable[[str, str], str]:
    """What a visit is called, or one of its tasks, in the viewer's language; its id where nobody gave it words."""
    voice = board_words(language).voice

    def called(occurrence: str, task: str = "") -> str:
        labels = task_label_of(study, occurrence, task) if task else label_of(study, occurrence)
        return occurrence if labels is None else voice.label(labels)

    return called


def _tasks_of(called: Callable[[str, str], str]) -> Callable[[MovedVisit], str]:
    """The tasks of a visit that have a name of their own."""

    def tasks_of(moved: MovedVisit) -> str:
        visit = moved.visits[0]
        names = (called(visit, task) for task in moved.tasks)
        return "; ".join(name for name in names if name != called(visit, ""))

    return tasks_of


def _kind_words(study: Study, language: str) -> Callable[[Kind], str]:
    """A kind of patient by its facts, in the viewer's language; empty for every patient."""
    voice = board_words(language).voice

    def named(kind: Kind) -> str:
        return "; ".join(
            f"{voice.label(study.facts[fact].label)}: {voice.label(study.facts[fact].values[value])}"
            for fact, value in kind.facts.items()
        )

    return named
