"""What people type on the command line, read into values or answered with one sentence."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from uuid import UUID

from records.teams import WorksIn
from trial.labels import Labels
from trial.problems import Problem, ProblemError


def day(where: str, text: str) -> date:
    """A date written YYYY-MM-DD.

    Raises:
        ProblemError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise ProblemError(Problem(where, f"{text!r} is no date", "write it as 2026-03-02")) from problem


def wall_time(where: str, text: str) -> time:
    """A time of day written HH:MM.

    Raises:
        ProblemError: it is none.
    """
    try:
        found = time.fromisoformat(text)
    except ValueError as problem:
        raise ProblemError(Problem(where, f"{text!r} is no time of day", "write it as 08:30")) from problem
    if found.second or found.microsecond or found.tzinfo is not None:
        raise ProblemError(Problem(where, f"{text!r} has more than hours and minutes", "write it as 08:30"))
    return found


def span(where: str, first: str | None, last: str | None) -> tuple[time, time] | None:
    """Two times of day, or None where neither is given.

    Raises:
        ProblemError: one is missing, or is none.
    """
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise ProblemError(Problem(where, "one of its two times is missing", "give both, such as 08:30 and 17:00"))
    return wall_time(where, first), wall_time(where, last)


def works_in(zone: str | None, country: str | None, region: str | None) -> WorksIn | None:
    """Where somebody of the trial office works, or None where nothing of it is given.

    Raises:
        ProblemError: the zone or the country is missing.
    """
    if zone is None and country is None and region is None:
        return None
    if zone is None or country is None:
        missing = "zone" if zone is None else "country"
        raise ProblemError(Problem(missing, "it is missing", "give both: --zone Europe/Brussels --country BE"))
    return WorksIn(zone, country, region)


def identity(where: str, text: str) -> UUID:
    """An id as a list prints it.

    Raises:
        ProblemError: it is none.
    """
    try:
        return UUID(text)
    except ValueError as problem:
        raise ProblemError(Problem(where, "this is no id", "copy one from the list")) from problem


def as_json(rows: Iterable[Mapping[str, object]]) -> str:
    """Rows for a program to read."""
    return json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False)


def in_columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """A table for a terminal, a line of headings and a line a row."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def english(labels: Labels | None) -> str:
    """What a study file calls something, for the command line."""
    return "" if labels is None else labels["en"]


def pairs(where: str, texts: Iterable[str]) -> dict[str, str]:
    """Assignments written NAME=VALUE, each name once.

    Raises:
        ProblemError: everything that is none.
    """
    found: dict[str, str] = {}
    problems = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            problems.append(Problem(where, f"{text!r} is no assignment", "write it as NAME=VALUE"))
        elif name in found:
            problems.append(Problem(where, f"{name} is given twice", "give it once"))
        else:
            found[name] = value
    if problems:
        raise ProblemError(*problems)
    return found


def choice(where: str, text: str, known: Iterable[str]) -> str:
    """One of the known words.

    Raises:
        ProblemError: it is none of them.
    """
    words = tuple(known)
    if text not in words:
        raise ProblemError(Problem(where, f"{text!r} is not known", f"valid: {', '.join(words)}"))
    return text
