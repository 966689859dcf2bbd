"""The card of a visit, and the nudge below it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from trial.answers import AnswerKind, HelpKind, LeavingKind, TakenDown, Via
from trial.labels import Labels
from trial.tasks import TaskKind


class Phase(StrEnum):
    """Before, during or after the window: the same facts in another tone."""

    BEFORE = "before"  # planned for
    DURING = "during"  # is it booked?
    AFTER = "after"  # what happened?


class Standing(StrEnum):
    """How one task stands, as the card shows it."""

    WAITING = "waiting"  # its date is not known yet
    SCHEDULED = "scheduled"  # not open yet, or its dates are not certain
    DUE = "due"
    EARLIER = "earlier"  # fell due before its site began: it rings nobody
    LATE = "late"
    BOOKED = "booked"
    PLANNED = "planned"  # by the trial office: the site has booked no such day
    DONE = "done"
    CLAIMED = "claimed"  # the site says uploaded; nobody has seen it in the archive yet
    VERIFIED = "verified"  # somebody has seen it there
    QUERIED = "queried"  # the archive does not show it, or the central reader asks again
    STATED = "stated"
    NOT_DONE = "not_done"
    NOT_APPLICABLE = "not_applicable"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CardTask:
    """One line of the card. `day` is the day booked, done or uploaded; `due` the last day for it."""

    label: Labels
    kind: TaskKind
    standing: Standing
    due: date | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class LastWord:
    """The last answer given about this visit."""

    kind: AnswerKind
    by: str  # the name of our user
    said_on: date
    day: date | None = None
    words: Labels | None = None  # a coded reason, a fact's value
    text: str | None = None  # a reason in their own words, passed by the guard
    leaving: LeavingKind | None = None
    task_kind: TaskKind | None = None  # what it was about: a visit is held, a report is sent, an event takes place
    help: HelpKind | None = None
    outside_window: bool = False  # the day said lies outside the window: taken, marked, shown to the manager
    told: TakenDown | None = None  # the trial office took it down; then `via` says how
    via: Via | None = None


class Asking(StrEnum):
    """The one question under the card."""

    IS_IT_PLANNED = "is_it_planned"
    IS_IT_BOOKED = "is_it_booked"
    WAS_IT_DONE = "was_it_done"
    IS_IT_UPLOADED = "is_it_uploaded"
    IS_IT_SENT = "is_it_sent"
    WHICH_DATE = "which_date"  # when did the event happen
    WHICH_VALUE = "which_value"  # a fact
    WHICH_DAY = "which_day"  # after done, booked, uploaded: today, yesterday, pick
    UNTIL_WHEN = "until_when"
    WHICH_REASON = "which_reason"
    WHICH_OTHER = "which_other"
    WHICH_TASK = "which_task"  # not done, not applicable: which of several
    WRITE_REASON = "write_reason"
    WHY_LEFT = "why_left"
    CONFIRM_LEFT = "confirm_left"
    WHICH_HELP = "which_help"
    IS_IT_THERE = "is_it_there"  # a claimed upload that is queried: the archive does not show it, or somebody asks
    IS_IT_REALLY_THERE = "is_it_really_there"  # a claimed upload that nobody has seen in time, and nobody asks about
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was understood from the last press, for the person who pressed."""

    answer: LastWord
    task: Labels | None
    at: str  # local wall time HH:MM of the reader
    undo_possible: bool


@dataclass(frozen=True, slots=True)
class Card:
    """The standing message of one visit to one person. Dates are local at the site; windows inclusive."""

    site_number: str
    open_tasks: int
    study: str
    code: str
    visit: Labels
    firm: bool
    phase: Phase
    opens: date | None
    due: date | None
    closes: date | None
    days_left: int | None  # calendar days until the window closes, 0 = closes today; None when past or unknown
    days_late: int | None  # days since the window closed; None unless past
    tasks: tuple[CardTask, ...]
    last: LastWord | None
    receipt: Receipt | None
    asking: Asking
    about: Labels | None  # the task that the question is about, where the card has several
    asked: Labels | None = None  # the study's own question for a fact
    safety_line: bool = False  # this is not a safety report
    working_days_left: int | None = None  # after today, the window's last day counted; None when past or unknown
    days_off: tuple[date, ...] = ()  # weekdays off after today until the window's end: public holidays, site closing
    covering: str | None = None  # the colleague for whom the reader stands in
    place: tuple[int, int] | None = None  # within a digest: which of how many
    asked_for_help: HelpKind | None = (
        None  # somebody asked for help; the ladder waits until the office has looked at it
    )
    query: str | None = None  # what the trial office asks about an upload, in its own words, passed by the guard
    on_hold: date | None = None  # the last day on which the trial office lets it be: nothing rings until then
    kind: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """How much time is left, or how long the last day is past. Today is not counted, the last day is; 0 is the last day."""

    days_left: int | None = None
    days_late: int | None = None
    working_days_left: int | None = None
    days_off: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class NudgeTask:
    """A task of a nudge; `time` where it is not the one that the nudge names above."""

    label: Labels
    time: TimeLeft | None = None


@dataclass(frozen=True, slots=True)
class Nudge:
    """A short reply to the card: one more about this."""

    site_number: str
    study: str
    code: str
    visit: Labels
    tasks: tuple[NudgeTask, ...]
    phase: Phase
    days_left: int | None
    days_late: int | None
    asking: Asking
    asked: Labels | None = None  # the study's own question for a fact
    working_days_left: int | None = None
    days_off: tuple[date, ...] = ()
    covering: str | None = None
    kind: Literal["nudge"] = "nudge"


class ItemState(StrEnum):
    """What a task-only card says about its item: no more than whether somebody has to do something."""

    OPEN = "open"
    READY = "ready"  # the link to its page has just been made
    CLOSED = "closed"
    PAUSED = "paused"
    WAITING = "waiting"  # for the trial office, which was asked for help


@dataclass(frozen=True, slots=True)
class TaskOnlyCard:
    """The card, or the nudge below it, where a chat names no study, code, visit or date: a button opens the page."""

    site_number: str
    open_tasks: int
    state: ItemState
    again: bool = False  # a nudge: one more note about the card that it replies to
    covering: str | None = None  # the colleague for whom the reader stands in
    place: tuple[int, int] | None = None  # within a digest: which of how many
    kind: Literal["task_only_card"] = "task_only_card"
