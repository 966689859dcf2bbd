"""What people type on the command line, read into values or answered with one sentence."""

from collections.abc import Iterable
from datetime import date

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
