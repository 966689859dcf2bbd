"""Finds mentions of days in a spelled text: a closed grammar over CLDR's names and a language's own patterns."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from locales.replies import calendar
from locales.replies.lexicon import Lexicon, lexicon
from locales.replies.names import Habits, month_names, weekday_names
from locales.replies.spelling import at_edge
from trial.replies.said import DayMention

_SEPARATOR = r"(?P<between>[./-]) ?"
_NO_DOT = r"(?P<between>[/-]) ?"
_NUMBER_BEFORE = re.compile(r"[0-9][./-]?$")
_NUMBER_AFTER = re.compile(r"[./-]?[0-9]")
_WEEKS = {"week_before_last": -2, "week_last": -1, "this": 0, "week_this": 0, "week_next": 1, "week_after_next": 2}
_MONTHS = {"day_of_last_month": -1, "day_of_this_month": 0, "day_of_next_month": 1}
_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1, "before_yesterday": -2, "after_tomorrow": 2}


@dataclass(frozen=True, slots=True)
class Near:
    """What a day is read against."""

    today: date
    habits: Habits


Reader = Callable[[re.Match[str], Near], DayMention | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to write a day; `read` returns None where the numbers make no date."""

    pattern: re.Pattern[str]
    read: Reader


@dataclass(frozen=True, slots=True)
class DayRules:
    """All ways to write a day in one language."""

    dates: tuple[Rule, ...]
    weekdays: tuple[Rule, ...]  # in words: alone, last, next
    weekday_before: re.Pattern[str] | None  # "Thursday, " before a date
    weekday_after: re.Pattern[str] | None  # " (Thu)" behind one
    weekday_numbers: Mapping[str, int]
    clock: re.Pattern[str]

    def mention_at(self, text: str, place: int, near: Near) -> tuple[int, DayMention] | None:
        """The longest mention of a day that begins here, and where it ends."""
        found = [*self._with_weekday(text, place, near), *_matches(self.weekdays, text, place, near)]
        return max(found, key=lambda one: one[0], default=None)

    def clock_at(self, text: str, place: int) -> int | None:
        """Where a time of day that begins here ends."""
        match = self.clock.match(text, place)
        return match.end() if match and _apart(text, place, match.end()) else None

    def _with_weekday(self, text: str, place: int, near: Near) -> Iterator[tuple[int, DayMention]]:
        before = self.weekday_before.match(text, place) if self.weekday_before and at_edge(text, place) else None
        start = before.end() if before else place
        for end, mention in _matches(self.dates, text, start, near):
            if before and not mention.days:
                continue  # "Friday last week" is no date behind a weekday
            said = (
                calendar.on_weekday(mention, self.weekday_numbers[before["weekday"]], near.today) if before else mention
            )
            after = self.weekday_after.match(text, end) if self.weekday_after and mention.days else None
            if after and at_edge(text, after.end()):
                name = after["weekday"] or after["short"]
                yield after.end(), calendar.on_weekday(said, self.weekday_numbers[name], near.today)
            yield end, said


@cache
def day_rules(language: str) -> DayRules:
    """The ways to write a day in a language that has a file of words."""
    words = lexicon(language)
    weekdays = {**weekday_names(language), **words.weekday_names}
    # One character is a weekday in brackets alone: (月), while 月 is a month everywhere else.
    named = _alternatives(name for name in weekdays if len(name) > 1)
    short = _alternatives(weekdays)
    alone = _alternatives(name for name in weekdays if len(name) > 1 and name not in words.ambiguous_weekdays)
    return DayRules(
        dates=tuple(_date_rules(words, {**month_names(language), **words.month_names})),
        weekdays=tuple(_weekday_rules(words, weekdays, alone)),
        weekday_before=re.compile(rf"(?P<weekday>{named})\.?,? ") if weekdays else None,
        weekday_after=re.compile(rf" ?(?:,? ?(?P<weekday>{named})\.?|\((?P<short>{short})\.?\))") if weekdays else None,
        weekday_numbers=weekdays,
        clock=re.compile(
            "|".join(
                [r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?", *map(_clock, sorted(words.clock, key=len, reverse=True))]
            )
        ),
    )


def _matches(rules: Iterable[Rule], text: str, place: int, near: Near) -> Iterator[tuple[int, DayMention]]:
    for rule in rules:
        match = rule.pattern.match(text, place)
        if match and _apart(text, place, match.end()) and (mention := rule.read(match, near)) is not None:
            yield match.end(), mention


def _apart(text: str, start: int, end: int) -> bool:
    """Whether this is no piece of a longer word, number or range."""
    if not at_edge(text, start) or not at_edge(text, end):
        return False
    numeric_start, numeric_end = text[start].isdigit(), text[end - 1].isdigit()
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return not (numeric_start and _NUMBER_BEFORE.search(before)) and not (numeric_end and _NUMBER_AFTER.match(after))


def _date_rules(words: Lexicon, months: Mapping[str, int]) -> Iterator[Rule]:
    yield from _numeric_rules(words)
    yield from _signed_rules(words)
    if months:
        yield from _named_rules(words, months)
    yield from _word_rules(words)


def _numeric_rules(words: Lexicon) -> Iterator[Rule]:
    era = max(words.eras.values(), default=None)

    def full(match: re.Match[str], _near: Near) -> DayMention | None:
        return calendar.exactly(int(match["y"]), int(match["m"]), int(match["d"]))

    def triple(match: re.Match[str], near: Near) -> DayMention | None:
        return calendar.three_numbers((int(match["a"]), int(match["b"]), int(match["c"])), near.habits, era=era)

    def pair(match: re.Match[str], near: Near) -> DayMention | None:
        return calendar.two_numbers(int(match["a"]), int(match["b"]), near.habits, near.today)

    def dotted(match: re.Match[str], near: Near) -> DayMention | None:
        day, month = int(match["d"]), int(match["m"])
        if year := match["y"] or match["apart"]:
            return calendar.exactly(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return calendar.one_of(calendar.yearless(month, day, near.today), inferred=True)

    article = _article(words)
    separator = _NO_DOT if words.dotted_day_first else _SEPARATOR
    yield _rule(rf"{article}(?P<y>[0-9]{{4}}){_SEPARATOR}(?P<m>[0-9]{{1,2}})(?P=between) ?(?P<d>[0-9]{{1,2}})", full)
    yield _rule(rf"{article}(?P<y>20[0-9]{{2}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})", full)
    yield _rule(
        rf"{article}(?P<a>[0-9]{{1,2}}){separator}(?P<b>[0-9]{{1,2}})(?P=between) ?(?P<c>[0-9]{{4}}|[0-9]{{2}})", triple
    )
    yield _rule(rf"{article}(?P<a>[0-9]{{1,2}})/(?P<b>[0-9]{{1,2}})", pair)
    if words.dotted_day_first:
        year = r"(?:\.(?P<y>[0-9]{4}|[0-9]{2})|\. (?P<apart>[0-9]{4})|\.)?"
        yield _rule(rf"{article}(?P<d>[0-9]{{1,2}})\. ?(?P<m>[0-9]{{1,2}}){year}", dotted)
    else:
        yield _rule(rf"{article}(?P<a>[0-9]{{1,2}})\. ?(?P<b>[0-9]{{1,2}})\.?", pair)
    if words.eras:
        eras = _alternatives(words.eras)

        def of_era(match: re.Match[str], _near: Near) -> DayMention | None:
            return calendar.exactly(words.eras[match["era"]] + int(match["y"]), int(match["m"]), int(match["d"]))

        yield _rule(
            rf"(?P<era>{eras})[. ]?(?P<y>[0-9]{{1,2}}){_SEPARATOR}(?P<m>[0-9]{{1,2}})(?P=between) ?(?P<d>[0-9]{{1,2}})",
            of_era,
        )


def _signed_rules(words: Lexicon) -> Iterator[Rule]:
    """Numbers each with its own sign behind it: 令和8年3月12日, 3月12日."""
    if words.signs is None:
        return
    year, month, day = map(re.escape, words.signs)
    newest = max(words.eras.values(), default=None)

    def with_year(match: re.Match[str], _near: Near) -> DayMention | None:
        numbers = int(match["y"]), int(match["m"]), int(match["d"])
        if match["era"]:
            return calendar.exactly(words.eras[match["era"]] + numbers[0], *numbers[1:])
        if len(match["y"]) == 4:
            return calendar.exactly(*numbers)
        return calendar.counted_year(*numbers, era=newest)

    def yearless(match: re.Match[str], near: Near) -> DayMention | None:
        return calendar.one_of(calendar.yearless(int(match["m"]), int(match["d"]), near.today), inferred=True)

    eras = _alternatives(words.eras) or "(?!)"
    month_day = rf"(?P<m>[0-9]{{1,2}}) ?{month} ?(?P<d>[0-9]{{1,2}}) ?{day}"
    yield _rule(rf"(?:(?P<era>{eras})[. ]?)?(?P<y>[0-9]{{4}}|[0-9]{{1,2}}) ?{year} ?{month_day}", with_year)
    yield _rule(month_day, yearless)
    yield _rule(rf"(?:[0-9]{{1,4}} ?{year} ?)?[0-9]{{1,2}} ?{month}", lambda _match, _near: calendar.NO_DAY)


def _named_rules(words: Lexicon, months: Mapping[str, int]) -> Iterator[Rule]:
    """A month in letters: 12 March, Mar 12th 2026, 12-Mar-26."""
    name = rf"(?P<month>{_alternatives(months)})\.?"
    ordinal = rf"(?:{_alternatives(words.ordinals)})?" if words.ordinals else ""
    between = rf"(?:(?:{_alternatives(words.between)}) )?" if words.between else ""
    day = rf"(?P<d>[0-9]{{1,2}}){ordinal}"
    year = r"(?P<y>(?:19|20)[0-9]{2})"

    def read(match: re.Match[str], near: Near) -> DayMention | None:
        written = match.groupdict()
        month, number = months[match["month"]], int(match["d"])
        if year := written.get("y"):
            return calendar.exactly(int(year), month, number)
        if short := written.get("short"):
            return calendar.exactly(2000 + int(short), month, number)
        return calendar.one_of(calendar.yearless(month, number, near.today), inferred=True)

    yield _rule(rf"{_article(words)}{day}\.?[ -]?{between}{name}(?:,? ?-?{year}|(?: ?'|-)(?P<short>[0-9]{{2}}))?", read)
    yield _rule(rf"{name}[ -]?(?:the )?{day}(?:,? {year}|,? ?'(?P<short>[0-9]{{2}}))?", read)
    yield _rule(rf"{name}(?: {year})?", lambda _match, _near: calendar.NO_DAY)


def _article(words: Lexicon) -> str:
    return rf"(?:(?:{_alternatives(words.articles)}) )?" if words.articles else ""


def _word_rules(words: Lexicon) -> Iterator[Rule]:
    for heading, away in _WORDS.items():
        if words.days[heading]:
            yield _rule(_alternatives(words.days[heading]), _away(away))
    if words.days["no_day"]:
        yield _rule(_alternatives(words.days["no_day"]), lambda _match, _near: calendar.NO_DAY)
    number = "|".join(["[0-9]{1,2}", *map(re.escape, words.numbers)])
    ordinal = _alternatives(words.ordinals)
    for heading, templates in words.counted.items():
        for template in templates:
            pattern = re.escape(template).replace(r"\{n\}", f"(?P<n>{number})").replace(r"\{th\}", f"(?:{ordinal})")
            yield _rule(pattern, _counted(heading, words.numbers))


def _weekday_rules(words: Lexicon, weekdays: Mapping[str, int], named: str) -> Iterator[Rule]:
    for heading, templates in words.weekdays.items():
        for template in templates:
            pattern = re.escape(template).replace(r"\{weekday\}", rf"(?P<weekday>{named})\.?")
            yield _rule(pattern, _weekday(heading, weekdays))


def _away(days: int) -> Reader:
    def read(_match: re.Match[str], near: Near) -> DayMention | None:
        return DayMention((near.today + timedelta(days=days),), relative=True)

    return read


def _counted(heading: str, numbers: Mapping[str, int]) -> Reader:
    def read(match: re.Match[str], near: Near) -> DayMention | None:
        number = numbers.get(match["n"]) or int(match["n"])
        match heading:
            case "days_ago":
                return DayMention((near.today - timedelta(days=number),), relative=True)
            case "in_days":
                return DayMention((near.today + timedelta(days=number),), relative=True)
            case "day_of_month":
                return calendar.day_of_month(number, near.today)
            case _:
                return calendar.day_of_other_month(number, _MONTHS[heading], near.today)

    return read


def _weekday(heading: str, weekdays: Mapping[str, int]) -> Reader:
    def read(match: re.Match[str], near: Near) -> DayMention | None:
        weekday = weekdays[match["weekday"]]
        match heading:
            case "bare":
                return calendar.weekday_about(weekday, near.today)
            case "last":
                return calendar.last_weekday(weekday, near.today)
            case "next":
                return calendar.next_weekday(weekday, near.today)
            case _:
                return calendar.weekday_of_week(weekday, _WEEKS[heading], near.today)

    return read


def _clock(template: str) -> str:
    return re.escape(template).replace(r"\{h\}", "[0-2]?[0-9]").replace(r"\{m\}", "[0-5]?[0-9]")


def _rule(pattern: str, read: Reader) -> Rule:
    return Rule(re.compile(pattern), read)


def _alternatives(names: Iterable[str]) -> str:
    """The names as one pattern, the longest first, so that "sept" is not read as "sep"."""
    return "|".join(map(re.escape, sorted(set(names), key=lambda name: (-len(name), name))))
