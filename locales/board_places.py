"""Words about sites, people and what waits, for the board's templates: what has one word for each of a closed few."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date

from locales.answers import HELP, LEAVING
from locales.catalogues import language_name
from locales.joining import ROLES
from locales.voices import Phrase, Voice, phrase
from trial.answers import HelpKind, LeavingKind
from trial.people import Role
from trial.tasks import SiteFunction

_FUNCTIONS: Mapping[SiteFunction, Phrase] = {
    SiteFunction.COORDINATION: phrase("site function", "coordination"),
    SiteFunction.IMAGING: phrase("site function", "imaging"),
    SiteFunction.SURGERY: phrase("site function", "surgery"),
    SiteFunction.PATHOLOGY: phrase("site function", "pathology"),
    SiteFunction.DATA: phrase("site function", "data"),
}


def place_words(voice: Voice) -> Mapping[str, Callable[..., Any]]:
    """The filters of these words."""

    def role(one: Role) -> str:
        return voice.word(ROLES[one])

    def function(one: SiteFunction) -> str:
        return voice.word(_FUNCTIONS[one])

    def leaving(one: LeavingKind) -> str:
        return voice.word(LEAVING[one])

    def wanted_help(one: HelpKind) -> str:
        return voice.word(HELP[one])

    return {
        "role": role,
        "function": function,
        "leaving": leaving,
        "wanted_help": wanted_help,
        "language_name": language_name,
        "listed": voice.listed,
    }


def short_month(voice: Voice, day: date) -> str:
    """A month under a column, as short as the language has it."""
    return str(format_date(day, "LLL", locale=voice.locale)).rstrip(".")[:4]
