"""The words of the board's pages: their templates ask the catalogue, and dates and numbers come as CLDR writes them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent

from locales.answers import SIGNS, standing_word
from locales.office import ITEMS
from locales.voices import Voice, voice_for
from trial.labels import Labels
from trial.messages import ItemKind, Standing
from trial.returns import Age, Returns


@dataclass(frozen=True, slots=True)
class BoardWords:
    """One language's words for pages. What a page says beside its template comes from here."""

    voice: Voice

    @property
    def language(self) -> str:
        return self.voice.language

    @property
    def locale(self) -> Locale:
        return self.voice.locale

    @property
    def catalogue(self) -> NullTranslations:
        """What templates and their Python translate with: `gettext` and its relatives."""
        return self.voice.catalogue

    # --- what the chat says, too --------------------------------------------------------------------------------------

    def label(self, labels: Labels) -> str:
        """Words of the study file."""
        return self.voice.label(labels)

    def item(self, kind: ItemKind) -> str:
        """What waits for the trial office."""
        return self.voice.word(ITEMS[kind])

    def standing(self, standing: Standing) -> str:
        """How a task stands, as lists in the chat say it."""
        return standing_word(self.voice, standing)

    def sign(self, standing: Standing) -> str:
        """The sign that carries the same without colour."""
        return SIGNS[standing]

    # --- dates and numbers --------------------------------------------------------------------------------------------

    def day(self, day: date) -> str:
        """A short date with its year, for tables: 12 Apr 2027."""
        return format_date(day, "medium", locale=self.locale)

    def short_day(self, day: date) -> str:
        """A date where the year is clear: 12 Apr."""
        return format_skeleton("MMMd", day, locale=self.locale)

    def long_day(self, day: date) -> str:
        """A page's heading: Monday, 12 April 2027."""
        return format_date(day, "full", locale=self.locale)

    def month(self, day: date) -> str:
        return format_skeleton("yMMM", day, locale=self.locale)

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """Date and time on the wall of that zone, 24 hours: 12 Apr 2027, 08:30."""
        local = at.astimezone(zone)
        return self._joined(format_date(local.date(), "medium", locale=self.locale), f"{local:%H:%M}")

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        return f"{at.astimezone(zone):%H:%M}"

    def lasting(self, length: timedelta) -> str:
        """About how long: 8 seconds, 3 days."""
        return str(format_timedelta(length, locale=self.locale, threshold=1.5))

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def percent(self, value: Fraction) -> str:
        """Whole per cent, rounded down: 79.9 % is not 80 %."""
        return format_percent(int(value * 100) / 100, locale=self.locale)

    def age(self, age: Age) -> str:
        """A class of age: 8–30, > 90."""
        if age.last is None:
            return f"> {self.number(age.value - 1)}"
        return f"{self.number(age.value)}–{self.number(age.last)}"

    def rate(self, returns: Returns) -> str:
        """A return rate with what it is of: 86 % · 168 of 195."""
        rate = "–" if returns.rate is None else self.percent(returns.rate)
        of = self.voice.say(
            "%(received)s of %(due)s", received=self.number(returns.received), due=self.number(returns.due)
        )
        return f"{rate} · {of}"

    def rate_in_figures(self, returns: Returns) -> str:
        """The same without a word, for pictures: 86 % · 168/195."""
        rate = "–" if returns.rate is None else self.percent(returns.rate)
        return f"{rate} · {self.number(returns.received)}/{self.number(returns.due)}"

    def part(self, count: int, of: int) -> str:
        """A count with what it is of: 86 % · 168 of 195."""
        return self.rate(Returns(received=count, overdue=of - count))

    def country(self, code: str) -> str:
        return str(self.locale.territories.get(code, code))

    def _joined(self, day: str, time: str) -> str:
        return f"{day} {time}" if self.language == "ja" else f"{day}, {time}"


def board_words(language: str) -> BoardWords:
    """The words of a language, or of its base language.

    A page is read years later, and shows days of several: each date has its year.

    Raises:
        UnknownLanguage: neither has a catalogue.
    """
    return BoardWords(replace(voice_for(language), years=True))
