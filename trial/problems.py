"""What is wrong with something that a person gave us, and what would be right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. Never holds a patient's code, a name or a date of a patient's course."""

    where: str  # file, line and path; or the field
    what: str
    instead: str  # what would be right

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.instead.rstrip('.')}."


class ProblemError(Exception):
    """Bad input of a person, with all its problems: the command line prints each and ends with 2."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


SHOWN_AT_MOST = 20


def nearest(word: str, valid: Iterable[str]) -> str:
    """The end of a sentence that names what is valid: the nearest word, and all of them where they are few.

    `did you mean surgery (valid: death, registration, surgery)`
    """
    known = sorted(set(valid))
    if not known:
        return "there is none to choose from"
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if len(known) > SHOWN_AT_MOST:
        return f"did you mean {close[0]}" if close else f"there are {len(known)}, from {known[0]} to {known[-1]}"
    shown = ", ".join(known)
    return f"did you mean {close[0]} (valid: {shown})" if close else f"valid: {shown}"
