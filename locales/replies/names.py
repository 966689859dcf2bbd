"""Names of months and weekdays, and the order of numbers, as CLDR has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

from locales.replies.spelling import spelled


class Order(StrEnum):
    """Which number comes first in a date of two numbers."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True)
class Habits:
    """How dates are written at a site by readers of one language.

    `orders`: more than one where both are usual, and then a date that can be read both ways is not read at all.
    `year_first`: a year of two digits may stand first.
    """

    orders: frozenset[Order]
    year_first: bool


@cache
def month_names(language: str) -> Mapping[str, int]:
    """Month by its names in running text, wide and abbreviated, as `spelled`; none for a language that counts them."""
    return _named(language, "months")


@cache
def weekday_names(language: str) -> Mapping[str, int]:
    """Weekday (0 = Monday) by its names, as `spelled`; one of a single character counts only in brackets."""
    return _named(language, "days")


def _named(language: str, what: str) -> Mapping[str, int]:
    # Only the names of running text ("format"). Babel 2.18 resolves an alias to the stand-alone names once and keeps the
    # outcome in what all languages share: after Japanese, French stand-alone months are Japanese in that process. Each
    # language brings its own "format" names, so no alias can reach them from another language. A language that bends month
    # names lists its other forms in its own file.
    names = getattr(Locale.parse(language, sep="-"), what)["format"]
    return {
        spelled(str(name)).rstrip("."): int(number)
        for width in ("wide", "abbreviated")
        for number, name in names[width].items()
        if not any(character.isdigit() for character in str(name))
    }


@cache
def habits(language: str, country: str | None) -> Habits:
    """How a reader of this language writes dates at a site in this country (ISO 3166 alpha-2).

    The country's habit alone counts where the language is at home there. Elsewhere the reader may keep to either.
    """
    base = language.split("-", maxsplit=1)[0]
    spoken = get_official_languages(country, de_facto=True) if country else ()
    at_home = [Locale.parse(f"{one}_{country}") for one in spoken if _known(f"{one}_{country}")]
    read: list[Locale] = at_home or [Locale.parse(base)]
    orders = frozenset().union(*map(_orders, read)) if base in spoken else frozenset(Order)
    return Habits(orders, year_first=any(_year_first(locale) for locale in read))


def _known(name: str) -> bool:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _orders(locale: Locale) -> frozenset[Order]:
    pattern = _date_pattern(locale)
    if _year_first(locale) and not _year_first(Locale.parse(locale.language)):
        # The country adopted ISO dates (Canada, South Africa): what people write without a year follows either habit.
        return frozenset(Order)
    if _year_first(locale):
        pattern = str(locale.datetime_skeletons["Md"].pattern)
    month_first = pattern.lower().index("m") < pattern.index("d")
    return frozenset({Order.MONTH_FIRST if month_first else Order.DAY_FIRST})


def _year_first(locale: Locale) -> bool:
    return _date_pattern(locale).lower().lstrip("'g ").startswith("y")


def _date_pattern(locale: Locale) -> str:
    return str(locale.date_formats["short"].pattern)
