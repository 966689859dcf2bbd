"""Inviting somebody: the form's answer is a page with the link, and it is shown this once."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import segno
from fastapi.responses import Response
from markupsafe import Markup

from locales import languages
from office.inviting import Invitation, invite_to, link_of
from records.sites import SiteRow
from records.teams import WorksIn
from scheduler.definitions import zone_of
from trial.people import Role
from trial.problems import ProblemError
from trial.tasks import SiteFunction
from web.board.desk import BoardDesk
from web.board.pages import page
from web.board.visitors import Visitor
from web.forms import Form

_FIELDS: Final = {
    "name": "name",
    "language": "language",
    "role": "role",
    "site": "role",
    "functions": "functions",
    "time zone": "zone",
    "country": "country",
    "region": "region",
}
"""Which field a problem is about."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was wrong in the form: fields, each with a closed word."""

    fields: Mapping[str, str]


async def invited(
    desk: BoardDesk, visitor: Visitor, form: Form, site: SiteRow | None, roles: tuple[Role, ...]
) -> Response | Wrong:
    """Invites to this site, or to the trial office, in one of these roles: the page with the link, or what is wrong."""
    viewer, bot = visitor.viewer, desk.bot_name()
    wrong: dict[str, str] = {}
    if not bot:
        wrong["name"] = "no_bot"  # without the bot's name there is no link, and so nobody is invited
    if form["role"] not in set(roles):
        wrong["role"] = "form"
    if form["language"] not in languages():
        wrong["language"] = "form"
    works_in = _works_in(form)
    if form["role"] == Role.MANAGER and works_in is None:
        wrong["zone"] = "form"
    if wrong:
        return Wrong(wrong)
    try:
        invitation = await desk.write(
            lambda tx, now, elapsed: invite_to(
                tx,
                viewer.study,
                site,
                role=Role(form["role"]),
                name=" ".join(form["name"].split()),
                language=form["language"],
                functions=frozenset(one for one in SiteFunction if form[f"function_{one.value}"]),
                works_in=works_in if site is None else None,
                by=viewer.person_id,
                now=now,
                elapsed=elapsed,
            )
        )
    except ProblemError as refused:
        return Wrong({_FIELDS.get(problem.where, "name"): "form" for problem in refused.problems})
    return _invitation(visitor, form, site, invitation, bot)


def _works_in(form: Form) -> WorksIn | None:
    """Where somebody of the trial office works; None where it is not said."""
    if not form["zone"] or not form["country"]:
        return None
    return WorksIn(form["zone"], form["country"], form["region"].strip() or None)


def _invitation(visitor: Visitor, form: Form, site: SiteRow | None, made: Invitation, bot: str) -> Response:
    link = link_of(bot, made.token)
    return page(
        "board/invitation.html",
        visitor.viewer,
        csrf=visitor.csrf,
        site=site,
        name=" ".join(form["name"].split()),
        role=Role(form["role"]),
        spoken=form["language"],
        link=link,
        bot=bot,
        token=made.token,
        qr=_qr(link),
        until=made.expires_at,
        zone=zone_of("UTC" if site is None else site.zone),
    )


def _qr(link: str) -> Markup:
    """The link as a picture. Dark on light in either look: cameras read it so."""
    out = io.BytesIO()
    segno.make(link, micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        light="#fff",
        dark="#000",
        svgclass=None,
        lineclass=None,
    )
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - drawn by the library from a link of ours
