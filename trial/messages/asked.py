"""What people at a site ask for, and what they are told of it: lists, absences, hours, reasons."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from trial.answers import AnswerKind
from trial.labels import Labels
from trial.messages.cards import Standing
from trial.messages.digests import DigestKind
from trial.responsibility import WhyTold
from trial.tasks import TaskKind


class ListKind(StrEnum):
    """A list that a command asks for."""

    TODAY = "today"
    WEEK = "week"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class ListLine:
    """One task of a list; `responsible` is the name of our user."""

    code: str
    visit: Labels
    task: Labels | None
    standing: Standing
    opens: date | None
    due: date | None
    closes: date | None
    responsible: str | None
    on_hold: date | None = None  # the last day on which the trial office lets it be


@dataclass(frozen=True, slots=True)
class TaskList:
    """`/today`, `/week`, `/patient`: whose tasks stand how. `more` were left out."""

    which: ListKind
    site_number: str | None
    study: str
    today: date
    lines: tuple[ListLine, ...]
    more: int
    code: str | None = None  # the patient asked for
    kind: Literal["task_list"] = "task_list"


@dataclass(frozen=True, slots=True)
class WhichPatient:
    """Which patient? Asked when `/patient` names none that there is."""

    study: str
    kind: Literal["which_patient"] = "which_patient"


@dataclass(frozen=True, slots=True)
class Meant:
    """One thing that a plain reply may have meant: the answer, of what, and its day, as far as they are known.

    `words`: what tells it from the others, on its button. `press`: what a tap on it does, as its button spells it. `code`,
    `visit` and `tasks` say in full what it is about, for the question that offers it alone.
    """

    words: Labels
    press: str
    answer: AnswerKind | None = None
    day: date | None = None
    code: str = ""
    visit: Labels | None = None
    tasks: tuple[Labels, ...] = ()
    task_kind: TaskKind | None = None


@dataclass(frozen=True, slots=True)
class WhichMeant:
    """Which of these does the reply mean? Its buttons say them; one alone is to be confirmed."""

    choices: tuple[Meant, ...]
    kind: Literal["which_meant"] = "which_meant"


@dataclass(frozen=True, slots=True)
class AwayUntil:
    """Until when are you away? The buttons are days."""

    kind: Literal["away_until"] = "away_until"


@dataclass(frozen=True, slots=True)
class AwayCover:
    """Who stands in for you? The buttons are colleagues."""

    first: date
    last: date
    kind: Literal["away_cover"] = "away_cover"


@dataclass(frozen=True, slots=True)
class AwaySet:
    """You are away from a day to a day, both inclusive; `cover` None: nobody stands in."""

    first: date
    last: date
    cover: str | None
    items: int  # open tasks that go to the cover
    kind: Literal["away_set"] = "away_set"


@dataclass(frozen=True, slots=True)
class CoverAsked:
    """To the cover: a colleague is away, and their reminders come to you."""

    name: str
    first: date
    last: date
    kind: Literal["cover_asked"] = "cover_asked"


@dataclass(frozen=True, slots=True)
class BackAgain:
    """The absence has ended."""

    kind: Literal["back_again"] = "back_again"


@dataclass(frozen=True, slots=True)
class HoursQuestion:
    """`/quiet`: when may I write to you? Times are local wall times HH:MM."""

    first: str
    last: str
    quiet: tuple[str, str] | None
    weekly: bool  # what is not urgent comes in the Monday digest; False: each thing by itself
    kind: Literal["hours_question"] = "hours_question"


@dataclass(frozen=True, slots=True)
class LanguageQuestion:
    """`/language`: which language?"""

    kind: Literal["language_question"] = "language_question"


@dataclass(frozen=True, slots=True)
class WhyThis:
    """`/why`: the rule, the protocol version, the dates, and who else was told.

    Told by a step of the ladder, which has a `rule`, or by a digest of a kind: then step and rule are empty. Where the chat names nothing, study, code and visit are empty and there are no dates.
    """

    study: str
    version: str
    code: str
    visit: Labels
    task: Labels | None
    step: str  # Step; empty where a digest told it
    why: WhyTold
    instead_of: str | None  # name of our user
    rule: str  # as the study file has it: `closes + 3wd`
    unverified: bool
    opens: date | None
    due: date | None
    closes: date | None
    others: tuple[str, ...]  # names of our users who were told about it, too
    digest: DigestKind | None = None
    until: date | None = None  # the last day on which its reader stands in
    kind: Literal["why_this"] = "why_this"


@dataclass(frozen=True, slots=True)
class NothingToExplain:
    """`/why` without a reminder to explain."""

    kind: Literal["nothing_to_explain"] = "nothing_to_explain"


@dataclass(frozen=True, slots=True)
class Gap:
    """The silent line after an outage: what was pressed or written meanwhile may not have arrived."""

    kind: Literal["gap"] = "gap"
