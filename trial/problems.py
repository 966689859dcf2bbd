"""What is wrong with something that a person gave us, and what would be right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """What is wrong, for pages that say it in a language of their reader's."""

    MISSING = "missing"
    UNREADABLE = "unreadable"  # no date
    TOO_LONG = "too_long"
    GUARDED = "guarded"  # stopped by the privacy guard
    UNKNOWN = "unknown"  # nothing is called so
    YEAR = "year"  # outside all years that can be meant
    FUTURE = "future"
    NOT_AHEAD = "not_ahead"  # today or before, where a day to come is meant
    TOO_FAR = "too_far"  # more than a year ahead
    BEFORE = "before"  # before what it follows: `about`
    CODE_FORM = "code_form"  # a patient's code of another form than the study's: `about`
    CODE_TAKEN = "code_taken"
    TWICE = "twice"  # the same stands on an earlier line: `about`
    NOT_PLANNED = "not_planned"  # no open visit of this patient
    HAPPENED = "happened"  # planned, although it has happened
    NOT_ALLOWED = "not_allowed"
    CLOSED = "closed"  # it does not stand as it did
    UNFIT = "unfit"
    REASON = "reason"  # a correction without one
    BEFORE_REGISTRATION = "before_registration"  # or before another event that comes first
    UNREADABLE_CSV = "unreadable_csv"
    TOO_MANY = "too_many"  # lines: `about` at most
    NO_COLUMN = "no_column"  # `about` is missing
    TWO_COLUMNS = "two_columns"
    UNKNOWN_COLUMN = "unknown_column"
    NOT_RELEASED = "not_released"  # no version of the protocol was released for the site
    UNSOURCED = "unsourced"  # `about` entries of a study file are backed by no source
    UNANSWERED = "unanswered"  # the question `about` of a study file
    NO_PREPARER = "no_preparer"  # nobody stands for a study file
    SAME_PERSON = "same_person"  # where two are needed
    RELEASED = "released"  # for this site, already
    LATER_VERSION = "later_version"  # another version is used from `about` on
    PAST = "past"  # before today, where nothing can begin any more
    NOT_APPROVED = "not_approved"  # on the day from which it is to be used
    NAMELESS = "nameless"  # `about` stands for no visit in a table of renames
    GONE = "gone"  # the visit `about` of the version before, without a word
    STILL_THERE = "still_there"  # the visit `about` is given up or renamed, and the new version has it
    TWO_IN_ONE = "two_in_one"  # two visits would be called `about`
    NEEDED = "needed"  # `about`, which patients may have: an event, a value of a fact
    OLDER_VERSION = "older_version"  # it was taken in before the one that is used there
    LEAVING = "leaving"  # it is taken back elsewhere
    OTHER_STUDY = "other_study"  # a file of the study `about`, where one of another is meant
    VERSION_TAKEN = "version_taken"  # the version `about` is another document's
    TOO_LARGE = "too_large"  # a file: `about` MB at most
    CONSENTED = "consented"  # the consent to this version is on record


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. Never holds a patient's code, a name or a date of a patient's course."""

    where: str  # file, line and path; or the field
    what: str
    instead: str  # what would be right
    wrong: Wrong | None = None
    about: str = ""  # what `wrong` names: an event, a form, a line

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
LONGEST_WORD = 60
"""A longer word is no slip of the pen; comparing it would take long."""


def nearest(word: str, valid: Iterable[str]) -> str:
    """The end of a sentence that names what is valid: the nearest word, and all of them where they are few.

    `did you mean surgery (valid: death, registration, surgery)`
    """
    known = sorted(set(valid))
    if not known:
        return "there is none to choose from"
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6) if len(word) <= LONGEST_WORD else []
    if len(known) > SHOWN_AT_MOST:
        return f"did you mean {close[0]}" if close else f"there are {len(known)}, from {known[0]} to {known[-1]}"
    shown = ", ".join(known)
    return f"did you mean {close[0]} (valid: {shown})" if close else f"valid: {shown}"
