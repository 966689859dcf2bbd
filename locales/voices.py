"""A voice says things in one language: messages of its catalogue, dates and numbers as CLDR writes them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from locales.catalogues import catalogued, translations
from locales.texts import FIRST_STRONG_ISOLATE, POP_ISOLATE, one_line
from trial.labels import Labels, label_in

# English goes to Europe, Japan and the United States: day before month, the month always in letters. The country of
# Japanese decides that weeks begin on Sunday, those of German and French that they begin on Monday.
_DATE_LOCALES = {"de": "de-DE", "en": "en-GB", "fr": "fr-FR", "ja": "ja-JP"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words without parameters; the context tells the translator where they stand."""

    context: str
    words: str


def phrase(context: str, words: str) -> Phrase:
    """A phrase in a table. The extractor finds it by this name."""
    return Phrase(context, words)


@dataclass(frozen=True, slots=True)
class Voice:
    """One language. `years`: whether dates are written with their year."""

    language: str
    locale: Locale
    catalogue: NullTranslations
    years: bool = False

    def say(self, words: str, /, **parameters: str | date) -> str:
        """A message with named placeholders, translated."""
        return self.catalogue.gettext(words) % self._written(parameters)

    def say_count(self, one: str, many: str, /, *, count: int, **parameters: str | date) -> str:
        """A message about a number of things, in the plural form that the language wants; has `%(count)s`."""
        written = self._written(parameters) | {"count": self.number(count)}
        return self.catalogue.ngettext(one, many, count) % written

    def word(self, words: Phrase) -> str:
        return self.catalogue.pgettext(words.context, words.words) % {}

    def label(self, labels: Labels) -> str:
        """Words of the study file, in this language or in English."""
        return self.isolated(one_line(label_in(labels, self.language)))

    def isolated(self, value: str) -> str:
        """In a right-to-left language a code or a name keeps its own direction; elsewhere nothing is added."""
        if self.locale.text_direction != "rtl" or value.startswith(FIRST_STRONG_ISOLATE):
            return value
        return f"{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}"

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def listed(self, items: Iterable[str]) -> str:
        """Names or days in a row, joined as the language does it: "A, B and C"."""
        return format_list([self.isolated(item) for item in items], locale=self.locale)

    def for_dates(self, days: Iterable[date | None]) -> "Voice":
        """The same voice, with years where these dates lie in more than one, or it says them anyway."""
        return replace(self, years=self.years or len({day.year for day in days if day is not None}) > 1)

    def day(self, day: date) -> str:
        """A short date with its weekday: Mon 12 Apr, 4月12日(月)."""
        return self._dated("yMMMEd" if self.years else "MMMEd", day)

    def short_day(self, day: date) -> str:
        """A date without its weekday: 12 Apr, 4月12日."""
        return self._dated("MMMd", day)

    def month(self, day: date) -> str:
        return self._dated("yMMMM", day)

    def month_name(self, day: date) -> str:
        return format_date(day, "LLL", locale=self.locale)

    def day_number(self, day: date) -> str:
        return format_date(day, "d", locale=self.locale)

    def weekday(self, day: date) -> str:
        return str(get_day_names("short", "stand-alone", locale=self.locale)[day.weekday()])

    def _dated(self, skeleton: str, day: date) -> str:
        return format_skeleton(skeleton, day, locale=self.locale)

    def _written(self, parameters: dict[str, str | date]) -> dict[str, str]:
        return {
            name: self.isolated(self.day(value) if isinstance(value, date) else value)
            for name, value in parameters.items()
        }


@cache
def voice_for(language: str) -> Voice:
    """The voice of a language, or of its base language.

    Raises:
        UnknownLanguage: neither has a catalogue.
        BrokenCatalogue: a catalogue is not whole.
    """
    known = catalogued(language)
    return Voice(known, Locale.parse(_DATE_LOCALES.get(known, known), sep="-"), translations(known))
