"""What a reply says, as far as its words go: typed clauses, judged by `trial.replies.meaning.understand` and by nothing else.

Made by `locales.replies`, the only place that knows the words of a language.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from trial.answers import LeavingKind


class Act(StrEnum):
    """What somebody does about a task, whether or not it is done already."""

    FINISH = "finish"  # done, completed: of whatever is meant
    PERFORM = "perform"  # an examination or an operation takes place
    UPLOAD = "upload"
    SEND = "send"
    BOOK = "book"
    PLAN = "plan"  # planned, booked for: the day lies ahead, whatever it is of
    REMIND = "remind"  # later
    NOT_APPLICABLE = "not_applicable"


class Mark(StrEnum):
    """How a clause is said."""

    PAST = "past"
    FUTURE = "future"
    NEGATED = "negated"
    NOT_YET = "not_yet"
    HEDGED = "hedged"  # I think, perhaps, should have
    ASKED = "asked"  # a question
    CONDITIONAL = "conditional"
    CORRECTED = "corrected"  # no, instead, I mean


class Thing(StrEnum):
    """What a clause is about, where it names no task by its label."""

    VISIT = "visit"
    SCAN = "scan"  # the examination, or its images
    IMAGES = "images"
    REPORT = "report"


class Quantity(StrEnum):
    """How many of the things that fit."""

    BOTH = "both"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class DayMention:
    """A day as it was written.

    `days` are all days that the words can mean, local at the site; none where they name a time but no day ("last week").
    `inferred`: the year, month or week is not in the words. `relative`: it counts from today (yesterday, 3 days ago), as
    nobody names the day of an examination. `unusual`: days in the order of numbers that is not used at the site.
    """

    days: tuple[date, ...]
    inferred: bool = False
    relative: bool = False
    unusual: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing said. `tasks` are names within a visit (`upload_ct`), `values` ids of the study file.

    `echo`: what the clause before it said was done, for "CT uploaded on Monday, MRI today". `unknown`: some of its words
    are not known, so nothing may be done on its word.
    """

    acts: frozenset[Act] = frozenset()
    marks: frozenset[Mark] = frozenset()
    codes: frozenset[str] = frozenset()
    visits: frozenset[UUID] | None = None  # those that a label fits; None: no label of a visit was named
    tasks: frozenset[str] = frozenset()
    things: frozenset[Thing] = frozenset()
    quantities: frozenset[Quantity] = frozenset()
    mentions: tuple[DayMention, ...] = ()
    values: frozenset[str] = frozenset()
    leaving: LeavingKind | None = None
    help: bool = False
    unknown: bool = False
    echo: frozenset[Act] = frozenset()

    @property
    def named(self) -> bool:
        """Whether it says what it is about."""
        return bool(self.codes or self.tasks or self.things or self.quantities or self.visits is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole reply: what it says, without what is only polite."""

    clauses: tuple[Clause, ...]

    @property
    def whole(self) -> bool:
        """Whether every word of it is known."""
        return not any(clause.unknown for clause in self.clauses)

    @property
    def heard(self) -> bool:
        """Whether it says anything about a task, beside days."""
        return any(
            clause.acts or clause.marks or clause.named or clause.values or clause.help or clause.leaving
            for clause in self.clauses
        )
