"""Rule 4: a full date five to 115 years back may be a birth date; near dates are what a trial talks about.

A date that can be read in several ways (day first, month first, year of an era) is near if any habitual reading is.
Only full dates count: "March 2019" tells when an earlier operation was, "25 March 1964" tells who somebody is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from trial.guard.folding import Span, blank, fold
from trial.guard.months import months_of

OLDEST_YEARS = 115
NEAR_YEARS = 5
PLANNED_YEARS = 20  # how far ahead a date with a four-digit year may lie
PLANNED_YEARS_SHORT = 3  # and with a two-digit year: beyond it, 19xx is meant

_YEAR_FIRST_COUNTRIES = frozenset({"CA", "CN", "HU", "JP", "KR", "LT", "MN", "SE", "TW"})
_HIJRI_COUNTRIES = frozenset({"SA"})
_PERSIAN_COUNTRIES = frozenset({"AF", "IR"})
_BEFORE_ERA = {
    "明": 1867, "m": 1867, "大": 1911, "t": 1911, "昭": 1925, "s": 1925,
    "平": 1988, "h": 1988, "令": 2018, "r": 2018, "民": 1911,
}  # fmt: skip
"""The year before an era's first, by the era's first character (Japan, and 民国 of Taiwan)."""
_ERAS_WITHOUT_NAME = ((2018, 99), (1988, 31), (1925, 64))
"""A bare "39年3月25日" in Japan is a year of one of these: the year before the era's first, and its last year."""

_JOINER = r" ?[./-] ?|, ?| "
_NUMERIC = re.compile(rf"(?<![0-9])(?=([0-9]{{1,4}})({_JOINER})([0-9]{{1,2}})({_JOINER})([0-9]{{1,4}})(?![0-9]))")
_COMPACT = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])")
_YEAR_SIGN, _MONTH_SIGN, _DAY_SIGN = "年|년", "月|월", "日|일|号"
_SIGNED = re.compile(
    rf"(?<![0-9])([0-9]{{1,4}}) ?(?:{_YEAR_SIGN}) ?([0-9]{{1,2}}) ?(?:{_MONTH_SIGN}) ?([0-9]{{1,2}})(?![0-9])"
    rf"(?: ?(?:{_DAY_SIGN}))?"
)
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|民[国國]|[明大昭平令]|taisho|showa|heisei|reiwa|(?<![a-z0-9])[mtshr](?=\.?[0-9]))[. ]?([0-9]{1,3})"
    r"(?: ?年 ?|[./-])([0-9]{1,2})(?: ?月 ?|[./-])([0-9]{1,2})(?![0-9])(?: ?日)?"
)
_VIETNAMESE = re.compile(r"(?<![0-9])([0-9]{1,2}) ?(?:thang|/) ?([0-9]{1,2}),? ?nam ?([0-9]{4})(?![0-9])")
# Kana, ideographs and Hangul stand beside month names of other scripts without a space: 患者はJune 9.
_LETTER = r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_WORD = re.compile(rf"{_LETTER}+(?:\.{_LETTER}+)*")
_DAY_BEFORE = re.compile(
    r"(?<![0-9])([0-9]{1,2})(?:st|nd|rd|th|er|ste|de|e|a|o|:e|-го)?[.,)]?[ .\-/]*(?:(?:de|of|d['’]|da|di|ta|ng|na|an)[ .]*)?$"
)
_YEAR_BEFORE = re.compile(r"(?<![0-9])([0-9]{4})\.?(?: ?[mг]\.)?[ .,\-/]*$")
_YEAR_AFTER = re.compile(
    r"(?P<joiner>[ .,\-/]*)(?:(?:del?|do|of|г|nam|year)[ .]*)?(?P<short>['’]?)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
_DAY_YEAR_AFTER = re.compile(
    r"[ .\-/]*(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?P<joiner> ?, ?|[ \-/]+)(?P<short>['’]?)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
_DAY_AFTER = re.compile(r"[ .\-/]*([0-9]{1,2})(?![0-9])")
_LINE_ENDS = re.compile(r" ?(?:$|[.;:!?)\]。])")
_REACH = 16  # characters either side of a month name in which its day and year stand

_RANGE_BEFORE = re.compile(r"(?<![0-9./-])(?:[0-2]?[0-9]|3[01])\.? ?[-~&+/] ?$")
_DIGIT_JOINED_BEFORE = re.compile(r"[0-9][./-]$")
_DIGIT_JOINED_AFTER = re.compile(r"[./-][0-9]")

_BIRTH_WORDS = re.compile(
    "|".join(
        fold(words)
        for words in (
            r"\b(?:birth|born|dob|d\.o\.b|yob|geb\.|geburt|geboren|geboorte|naissance|nascita|nascid|nascimento|nacid|nacim)",
            r"\b(?:fodd|fodels|fød|syntyn|syntym|urodz|narozen|naroden|rođen|rojen|szulet|nascut|gimim|gime|dzim|sundi)",
            r"\bn[ée]e? le |\bnat[oa] il |рожд|роден|народж|γεννη|doğum|dogum|sinh ngày|ngày sinh|tanggal lahir",
            r"生年月日|生まれ|誕生|出生|생년월일|출생|วันเกิด|مواليد|الميلاد|תאריך לידה|जनम",
        )
    )
)
_FOUR_DIGIT_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


class Age(Enum):
    """How a date lies to today."""

    NEAR = auto()
    OLD = auto()
    NEITHER = auto()


@dataclass(frozen=True, slots=True)
class DatesRead:
    """The text with every date explained away, and whether one of them may be a birth date."""

    text: str
    birth_date: bool


@dataclass(frozen=True, slots=True)
class _Found:
    span: Span
    age: Age
    strict: bool  # part of a longer number if digits are joined to it


def read_dates(text: str, *, today: date, countries: tuple[str, ...]) -> DatesRead:
    """Explain the dates of a folded text: first those whose shape is surest."""
    reader = _Reader(today, countries)
    birth = bool(_BIRTH_WORDS.search(text)) and any(
        NEAR_YEARS < today.year - int(year) <= OLDEST_YEARS for year in _FOUR_DIGIT_YEAR.findall(text)
    )
    for find in (reader.with_signs, reader.with_month_names, reader.numeric):
        for found in _standing_alone(text, list(find(text))):
            birth = birth or found.age is Age.OLD
            text = blank(text, found.span)
    return DatesRead(text, birth)


def _standing_alone(text: str, all_found: list[_Found]) -> Iterator[_Found]:
    """Those that are not a piece of a longer number. A range (12-14/03/2026) counts as a whole."""
    alone = [found for found in all_found if not found.strict or not _overlaps(found, all_found)]
    without = text
    for found in alone:
        without = blank(without, found.span)
    for found in alone:
        start, end = found.span
        if not found.strict:
            yield found
        elif _DIGIT_JOINED_AFTER.match(without, end):
            continue
        elif days := _RANGE_BEFORE.search(without, max(0, start - 6), start):
            yield _Found((days.start(), end), found.age, strict=True)
        elif not _DIGIT_JOINED_BEFORE.search(without, max(0, start - 2), start):
            yield found


def _overlaps(one: _Found, all_found: list[_Found]) -> bool:
    return any(other is not one and other.span[0] < one.span[1] and one.span[0] < other.span[1] for other in all_found)


@dataclass(frozen=True, slots=True)
class _Reader:
    today: date
    countries: tuple[str, ...]

    def age(self, year: int, month: int, day: int, *, planned_years: int = PLANNED_YEARS) -> Age:
        try:
            read = date(year, month, day)
        except ValueError:
            return Age.NEITHER
        if _years_before(self.today, NEAR_YEARS) < read <= _years_before(self.today, -planned_years):
            return Age.NEAR
        if _years_before(self.today, OLDEST_YEARS) <= read < self.today:
            return Age.OLD
        return Age.NEITHER

    def best(self, ages: Iterable[Age]) -> Age:
        seen = set(ages)
        return next((age for age in (Age.NEAR, Age.OLD) if age in seen), Age.NEITHER)

    def with_signs(self, text: str) -> Iterator[_Found]:
        """昭和39年3月25日, S39.3.25, 1964年3月25日, 25 tháng 3 năm 1964."""
        taken = text
        for found in _ERA.finditer(text):
            age = self.age(_BEFORE_ERA[found[1][0]] + int(found[2]), int(found[3]), int(found[4]))
            if age is not Age.NEITHER:
                taken = blank(taken, found.span())
                yield _Found(found.span(), age, strict=False)
        for found in _SIGNED.finditer(taken):
            month, day = int(found[2]), int(found[3])
            if len(found[1]) == 4:
                age = self.best(self.age(year, month, day) for year in self.gregorian(int(found[1])))
            else:
                age = self.short_year(found[1], month, day)
            yield _Found(found.span(), age, strict=False)
        for found in _VIETNAMESE.finditer(text):
            yield _Found(found.span(), self.age(int(found[3]), int(found[2]), int(found[1])), strict=False)

    def with_month_names(self, text: str) -> Iterator[_Found]:
        for word in _WORD.finditer(text):
            if months := months_of(word[0]):
                yield from self._around(text, word.span(), months)

    def _around(self, text: str, word: Span, months: frozenset[int]) -> Iterator[_Found]:
        start, end = word
        left = max(0, start - _REACH)
        day_before = _DAY_BEFORE.search(text[left:start])
        year_before = _YEAR_BEFORE.search(text[left:start])
        if day_before and (after := _YEAR_AFTER.match(text, end)):
            yield from self._named(text, (left + day_before.start(), after.end()), int(day_before[1]), months, after)
        elif year_before and (day_after := _DAY_AFTER.match(text, end)):
            ages = [self.age(y, m, int(day_after[1])) for y in self.gregorian(int(year_before[1])) for m in months]
            yield _Found((left + year_before.start(), day_after.end()), self.best(ages), strict=False)
        elif after := _DAY_YEAR_AFTER.match(text, end):
            yield from self._named(text, (start, after.end()), int(after["day"]), months, after)
        elif (after := _YEAR_AFTER.match(text, end)) and len(after["year"]) == 4:
            yield _Found((start, after.end()), Age.NEITHER, strict=False)  # "March 2026": no full date

    def _named(self, text: str, span: Span, day: int, months: frozenset[int], after: re.Match[str]) -> Iterator[_Found]:
        year = after["year"]
        if len(year) == 4:
            age = self.best(self.age(y, m, day) for y in self.gregorian(int(year)) for m in months)
        else:
            # "12 March 10 images" is no date of 2010: two digits need an apostrophe, a tight joiner or the line's end.
            if not (after["short"] or after["joiner"] in {"-", ".", "/"} or _LINE_ENDS.match(text, after.end())):
                return
            age = self.best(self.short_year(year, m, day) for m in months)
        if age is not Age.NEITHER:
            yield _Found(span, age, strict=False)

    def numeric(self, text: str) -> Iterator[_Found]:
        for found in _NUMERIC.finditer(text):
            first, joiner, middle, joiner_after, last = (part.strip() for part in found.groups())
            span = (found.start(1), found.end(5))
            same = joiner == joiner_after
            if same and len(first) == 4 and len(last) <= 2:
                age = self.full_year(int(first), (int(middle), int(last)))
            elif len(last) == 4 and len(first) <= 2 and (same or _ends_with_year(text, span[0], joiner_after)):
                age = self.full_year(int(last), (int(middle), int(first)))
            elif same and joiner in set("./-") and len(first) <= 2 and len(last) <= 2:
                age = self.short_numeric(first, int(middle), last, joiner)
            else:
                continue
            if age is not Age.NEITHER:
                yield _Found(span, age, strict=age is Age.NEAR or len(first) + len(last) < 5)
        for found in _COMPACT.finditer(text):
            run = found[0]
            # Years of our own calendar only: eight digits are too often a record number to try them all.
            ages = [self.age(int(run[:4]), int(m), int(d)) for m, d in ((run[4:6], run[6:]), (run[6:], run[4:6]))]
            ages += [self.age(int(run[4:]), int(m), int(d)) for m, d in ((run[2:4], run[:2]), (run[:2], run[2:4]))]
            if (age := self.best(ages)) is not Age.NEITHER:
                yield _Found(found.span(), age, strict=True)

    def full_year(self, year: int, month_and_day: tuple[int, int]) -> Age:
        """Month and day in either order."""
        one, other = month_and_day
        return self.best(self.age(y, m, d) for y in self.gregorian(year) for m, d in ((one, other), (other, one)))

    def short_numeric(self, first: str, middle: int, last: str, joiner: str) -> Age:
        habitual: list[Age] = []
        unusual: list[Age] = []
        if len(last) == 2:
            habitual += [self.short_year(last, middle, int(first)), self.short_year(last, int(first), middle)]
        if len(first) == 2 or self.countries[:1] == ("JP",):
            year_first = self.short_year(first, middle, int(last))
            writes_so = self.countries[:1] and self.countries[0] in _YEAR_FIRST_COUNTRIES
            (habitual if writes_so or joiner == "-" else unusual).append(year_first)
        if Age.NEAR in habitual:
            return Age.NEAR
        return Age.OLD if Age.OLD in habitual or Age.OLD in unusual else self.best(unusual)

    def short_year(self, year: str, month: int, day: int) -> Age:
        short = int(year)
        years = [2000 + short, 1900 + short] if len(year) == 2 else []
        if self.countries[:1] == ("JP",):
            years += [before + short for before, last in _ERAS_WITHOUT_NAME if 1 <= short <= last]
        return self.best(self.age(y, month, day, planned_years=PLANNED_YEARS_SHORT) for y in years)

    def gregorian(self, year: int) -> tuple[int, ...]:
        """Gregorian years that a four-digit year may mean: Buddhist, Hijri and Persian years are years before ours."""
        if 2400 <= year <= 2700:
            return (year - 543,)
        if 1300 <= year <= 1500:
            hijri = int(year * 0.970224 + 621.57)
            if _HIJRI_COUNTRIES.intersection(self.countries):
                return (hijri, hijri + 1)
            if _PERSIAN_COUNTRIES.intersection(self.countries):
                return (year + 621, year + 622)
            return (hijri,)  # elsewhere either calendar gives a year long past
        return (year,)


def _ends_with_year(text: str, start: int, joiner: str) -> bool:
    """Day and month tight, the year behind a space or comma: 25/3 1964. Not the end of 2026-01-05 with 2026 behind it."""
    return joiner in {"", ","} and not _DIGIT_JOINED_BEFORE.search(text, max(0, start - 2), start)


def _years_before(day: date, years: int) -> date:
    """29 February falls back to the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
