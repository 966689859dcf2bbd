r"""The form of patients' codes: a small part of regular expressions that is quick whatever stands in a file.

Plain signs, `\d`, classes such as `[A-Z0-9]`, groups, `|`, `?`, `{3}` and `{1,6}`. Nothing repeats without end, and
everything that may vary is counted: a pattern that could hold up whoever matches a code with it is refused. The same
reading shows whether codes could hold initials or a date of birth, which no code should.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from string import ascii_letters, digits

LONGEST_CODE = 40
MOST_FORMS = 2_000
"""So many ways to read a pattern at most; what a file can make a match cost is bounded by it."""

LETTERS = frozenset(ascii_letters)
DIGITS = frozenset(digits)
PLAIN = LETTERS | DIGITS | frozenset("-_/# ")
SOME = 5
"""A place that takes this many letters is free for initials; fewer are marks of the study's own, such as [RP]."""

FEWEST_INITIALS = 2
MOST_INITIALS = 4
"""More letters than these in a row can be a name."""

COUNT = re.compile(r"\{(\d{1,2})(?:,(\d{1,2}))?\}")
CLASS_PART = re.compile(r"\\d|([A-Za-z0-9])-([A-Za-z0-9])|\\?([A-Za-z0-9_/# .-])")

Signs = frozenset[str]
Form = tuple[Signs, ...]
"""One way to read a pattern: for each place the signs that it takes."""


class BadPattern(ValueError):
    """The message is the end of a sentence that says what would be right."""


def forms_of(pattern: str) -> tuple[Form, ...]:
    """Every form that a code of this pattern can have.

    Raises:
        BadPattern: it uses more than this part of regular expressions, or varies too much.
    """
    reader = _Reader(pattern)
    forms = reader.alternatives()
    if reader.rest:
        raise BadPattern(f"nothing can be read from {reader.rest[0]!r} on: close every bracket once")
    return tuple(forms)


def initials_in(forms: tuple[Form, ...]) -> bool:
    """Whether codes could hold somebody's initials: two letters in a row, or more, that the study does not fix."""
    return _most_free(forms, lambda signs: bool(signs & LETTERS)) >= FEWEST_INITIALS


def name_in(forms: tuple[Form, ...]) -> bool:
    """Whether codes could hold a name: five places in a row, or more, that take any letter and nothing else."""
    return _most_free(forms, lambda signs: signs <= LETTERS) > MOST_INITIALS


def birth_in(forms: tuple[Form, ...]) -> bool:
    """Whether codes could hold a year or a date of birth: four, six or eight digits in a row that allow for one."""
    return any(_could_be_birth(run) for form in forms for run in _runs(form, lambda signs: signs <= DIGITS))


def _most_free(forms: tuple[Form, ...], fits: Callable[[Signs], bool]) -> int:
    return max(
        (sum(len(signs & LETTERS) >= SOME for signs in run) for form in forms for run in _runs(form, fits)), default=0
    )


YEARS = frozenset(str(year) for year in range(1920, 2030))
SHORT_YEARS = frozenset(f"{year:02d}" for year in range(100))
MONTHS = frozenset(f"{month:02d}" for month in range(1, 13))
DAYS = frozenset(f"{day:02d}" for day in range(1, 32))
BIRTHS = (
    (YEARS,),
    (SHORT_YEARS, MONTHS, DAYS),
    (DAYS, MONTHS, SHORT_YEARS),
    (MONTHS, DAYS, SHORT_YEARS),
    (YEARS, MONTHS, DAYS),
    (DAYS, MONTHS, YEARS),
    (MONTHS, DAYS, YEARS),
)
"""How years and dates of birth are written in digits."""


def _could_be_birth(run: Form) -> bool:
    return any(_fits(run, parts) for parts in BIRTHS)


def _fits(run: Form, parts: tuple[frozenset[str], ...]) -> bool:
    lengths = [len(min(part)) for part in parts]
    if sum(lengths) != len(run):
        return False
    place = 0
    for part, length in zip(parts, lengths, strict=True):
        if not any(all(sign in run[place + step] for step, sign in enumerate(text)) for text in part):
            return False
        place += length
    return True


def _runs(form: Form, fits: Callable[[Signs], bool]) -> Iterator[Form]:
    """The longest stretches of places whose signs fit."""
    for fitting, places in groupby(form, key=fits):
        if fitting:
            yield tuple(places)


@dataclass(slots=True)
class _Reader:
    """Recursive descent over one pattern."""

    rest: str
    depth: int = field(default=0)

    def alternatives(self) -> list[Form]:
        found = self.sequence()
        while self.rest.startswith("|"):
            self.rest = self.rest[1:]
            found = _bounded([*found, *self.sequence()])
        return found

    def sequence(self) -> list[Form]:
        found: list[Form] = [()]
        while self.rest and self.rest[0] not in "|)":
            part = self.part()
            least, most = self.count()
            repeated = _repeated(part, least, most)
            found = _bounded([(*before, *after) for before in found for after in repeated])
        return found

    def part(self) -> list[Form]:
        sign, self.rest = self.rest[0], self.rest[1:]
        if sign == "(":
            return self.group()
        if sign == "[":
            return [(self.signs(),)]
        if sign == "\\":
            escaped, self.rest = self.rest[:1], self.rest[1:]
            if escaped == "d":
                return [(DIGITS,)]
            if escaped and escaped in "-_/#. ":
                return [(frozenset(escaped),)]
            raise BadPattern(rf"\{escaped} is not read here: write \d for a digit, [A-Z] for a letter")
        if sign not in PLAIN:
            raise BadPattern(rf"{sign!r} is not read here: write such as [A-Z]{{2}}-\d{{3}}, with nothing without end")
        return [(frozenset(sign),)]

    def group(self) -> list[Form]:
        self.rest = self.rest.removeprefix("?:")
        self.depth += 1
        if self.depth > 4:
            raise BadPattern("the brackets are nested too deeply: four levels are the most")
        found = self.alternatives()
        self.depth -= 1
        if not self.rest.startswith(")"):
            raise BadPattern("a bracket is not closed: write )")
        self.rest = self.rest[1:]
        return found

    def signs(self) -> Signs:
        inner, closed, self.rest = self.rest.partition("]")
        found: set[str] = set()
        position = 0
        while position < len(inner):
            part = CLASS_PART.match(inner, position)
            if part is None:
                raise BadPattern(f"[{inner}] is not read here: name signs and ranges, such as [A-Z0-9]")
            first, last, single = part.groups()
            if single is not None:
                found.add(single)
            elif first is not None:
                found |= {chr(number) for number in range(ord(first), ord(last) + 1)}
            else:
                found |= DIGITS
            position = part.end()
        if not closed or not found:
            raise BadPattern("a class has no end or no sign: write such as [A-Z]")
        return frozenset(found)

    def count(self) -> tuple[int, int]:
        if self.rest.startswith("?"):
            self.rest = self.rest[1:]
            return 0, 1
        found = COUNT.match(self.rest)
        if found is None:
            return 1, 1
        self.rest = self.rest[found.end() :]
        least = int(found[1])
        most = least if found[2] is None else int(found[2])
        if most < least or most > LONGEST_CODE:
            raise BadPattern(f"{found[0]} counts backwards or beyond {LONGEST_CODE}: write such as {{1,6}}")
        return least, most


def _repeated(part: list[Form], least: int, most: int) -> list[Form]:
    found: list[Form] = []
    runs: list[Form] = [()]
    for count in range(most + 1):
        if count >= least:
            found = _bounded([*found, *runs])
        if count < most:
            runs = _bounded([(*run, *form) for run in runs for form in part])
    return found


def _bounded(forms: list[Form]) -> list[Form]:
    if len(forms) > MOST_FORMS:
        raise BadPattern("it can be read in too many ways: use fixed counts such as {3}, and fewer ? and |")
    if any(len(form) > LONGEST_CODE for form in forms):
        raise BadPattern(f"codes could be longer than {LONGEST_CODE} signs: use smaller counts")
    return forms
