"""Templates become pages: one environment for each language, with the words of its catalogue."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from charts import Picture
from locales.board import BoardWords, board_words
from locales.board_lists import list_words
from locales.board_places import place_words
from office.board.viewer import Viewer
from trial.access import Action

FOLDER: Final = Path(__file__).resolve().parent.parent / "templates"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}


def page(template: str, viewer: Viewer, *, csrf: str, status: int = 200, **content: object) -> HTMLResponse:
    """A page for somebody who has signed in, in their language."""
    return HTMLResponse(
        rendered(template, viewer.language, viewer=viewer, csrf=csrf, **content), status, headers=HEADERS
    )


def missing(viewer: Viewer, *, csrf: str) -> HTMLResponse:
    """What is not there, or not theirs: the same for both."""
    return page("board/missing.html", viewer, csrf=csrf, status=404)


def plain_page(template: str, language: str, *, status: int = 200, **content: object) -> HTMLResponse:
    """A page for somebody whom we do not know, or not yet."""
    return HTMLResponse(rendered(template, language, viewer=None, csrf="", **content), status, headers=HEADERS)


def rendered(template: str, language: str, **content: object) -> str:
    """The template's text in a language, or in its base language.

    Raises:
        UnknownLanguage: neither has a catalogue.
    """
    return _environment(board_words(language).language).get_template(template).render(content)


@cache
def _environment(language: str) -> Environment:
    words = board_words(language)
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = words.catalogue
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        catalogue.gettext,
        catalogue.ngettext,
        newstyle=True,
        pgettext=catalogue.pgettext,
        npgettext=catalogue.npgettext,
    )
    environment.filters.update(_filters(words))
    environment.globals.update({"words": words, "Action": Action, "drawn": drawn})
    return environment


def _filters(words: BoardWords) -> Mapping[str, Any]:
    def day(value: date | None) -> str:
        return "" if value is None else words.day(value)

    def moment(value: datetime, zone: ZoneInfo) -> str:
        return words.moment(value, zone)

    def lasting(value: timedelta) -> str:
        return words.lasting(value)

    def percent(value: Fraction | None) -> str:
        return "–" if value is None else words.percent(value)

    return {
        "day": day,
        "short_day": words.short_day,
        "long_day": words.long_day,
        "month": words.month,
        "moment": moment,
        "time": words.time,
        "lasting": lasting,
        "number": words.number,
        "percent": percent,
        "label": words.label,
        "country": words.country,
        "standing": words.standing,
        "sign": words.sign,
        "item": words.item,
        **place_words(words.voice),
        **list_words(words.voice),
    }


def drawn(picture: Picture) -> Markup:
    """A picture of ours, set into the page. The library writes the SVG and escapes every word in it."""
    return Markup(picture.svg)  # noqa: S704 - see the line above
