"""Everything that Sitebell says, as typed facts. `locales/` turns them into words; nothing here is text for people.

A message names only what may leave the house: study, site number, pseudonym, labels of the study file, dates, counts and
the names of our own users. There is no field that a patient's name or number could stand in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from trial.answers import AnswerKind, LeavingKind
from trial.guard import Finding
from trial.labels import Labels
from trial.people import Role
from trial.tasks import TaskKind

# --- the card of a visit ----------------------------------------------------------------------------------------------


class Phase(StrEnum):
    """Before, during or after the window: the same facts in another tone."""

    BEFORE = "before"  # planned for
    DURING = "during"  # is it booked?
    AFTER = "after"  # what happened?


class Standing(StrEnum):
    """How one task stands, as the card shows it."""

    WAITING = "waiting"  # its date is not known yet
    SCHEDULED = "scheduled"  # not open yet
    DUE = "due"
    LATE = "late"
    BOOKED = "booked"
    PLANNED = "planned"  # by the trial office: the site has booked no such day
    DONE = "done"
    CLAIMED = "claimed"  # the site says uploaded; nobody has seen it in the archive yet
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
    WRITE_REASON = "write_reason"
    WHY_LEFT = "why_left"
    CONFIRM_LEFT = "confirm_left"
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
    kind: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class Nudge:
    """A short reply to the card: one more about this."""

    site_number: str
    study: str
    code: str
    visit: Labels
    tasks: tuple[Labels, ...]
    phase: Phase
    days_left: int | None
    days_late: int | None
    asking: Asking
    kind: Literal["nudge"] = "nudge"


# --- joining and leaving ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InviteQuestion:
    """You are ..., coordinator at site ..., language ...: is that right?"""

    name: str
    role: Role
    study: str
    site_number: str | None
    site_name: str | None
    language: str
    kind: Literal["invite_question"] = "invite_question"


@dataclass(frozen=True, slots=True)
class InviteLanguage:
    """Which language shall I write in?"""

    kind: Literal["invite_language"] = "invite_language"


@dataclass(frozen=True, slots=True)
class InviteInvalid:
    """The constant answer to a link that is unknown, used, expired or held by another chat."""

    kind: Literal["invite_invalid"] = "invite_invalid"


@dataclass(frozen=True, slots=True)
class InviteDeclined:
    """Thank you, nobody was enrolled; the trial office has been told."""

    kind: Literal["invite_declined"] = "invite_declined"


@dataclass(frozen=True, slots=True)
class TestTask:
    """A harmless first task: teaches the button and proves that messages arrive."""

    name: str
    kind: Literal["test_task"] = "test_task"


@dataclass(frozen=True, slots=True)
class TestTaskDone:
    kind: Literal["test_task_done"] = "test_task_done"


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """One screen: what is stored, who sees it, what never to write, an acknowledgement is not a signature."""

    study: str
    kind: Literal["privacy_notice"] = "privacy_notice"


@dataclass(frozen=True, slots=True)
class PersonEnrolled:
    """To the trial manager, with one-tap revoke."""

    name: str
    role: Role
    site_number: str | None
    kind: Literal["person_enrolled"] = "person_enrolled"


@dataclass(frozen=True, slots=True)
class PersonKept:
    """The manager's note after "that is right"."""

    name: str
    kind: Literal["person_kept"] = "person_kept"


@dataclass(frozen=True, slots=True)
class PersonRevoked:
    """The manager's note after revoking."""

    name: str
    kind: Literal["person_revoked"] = "person_revoked"


@dataclass(frozen=True, slots=True)
class InviteRefused:
    """To the trial manager: whoever opened the link said that they are somebody else."""

    name: str
    site_number: str | None
    kind: Literal["invite_refused"] = "invite_refused"


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """To the person revoked."""

    study: str
    kind: Literal["access_ended"] = "access_ended"


@dataclass(frozen=True, slots=True)
class PatientPaused:
    """To the trial manager: a site says that a patient is no longer followed; to be confirmed."""

    study: str
    site_number: str
    code: str
    leaving: LeavingKind
    kind: Literal["patient_paused"] = "patient_paused"


# --- polite refusals and short notes ----------------------------------------------------------------------------------


class Refused(StrEnum):
    """Why something that came in was not taken. Always polite, never quoting it."""

    STRANGER = "stranger"  # not enrolled
    GROUP = "group"  # only private chats
    MEDIA = "media"  # photo, document, voice, contact, location, ...
    UNREADABLE_TEXT = "unreadable_text"  # text that belongs to no question: use the buttons of the card
    EDITED = "edited"  # an edited message changes nothing: answer again


@dataclass(frozen=True, slots=True)
class Refusal:
    why: Refused
    kind: Literal["refusal"] = "refusal"


@dataclass(frozen=True, slots=True)
class TextBlocked:
    """The guard stopped a text: it names the class, never the text."""

    findings: tuple[Finding, ...]
    deleted: bool  # whether we could take it out of the chat
    kind: Literal["text_blocked"] = "text_blocked"


@dataclass(frozen=True, slots=True)
class Help:
    study: str
    kind: Literal["help"] = "help"


class Toast(StrEnum):
    """The short line that answers a press (200 characters at most)."""

    RECORDED = "recorded"
    UNDONE = "undone"
    ALREADY_RECORDED = "already_recorded"
    CLOSED = "closed"  # this item is closed
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    NOT_YOURS = "not_yours"  # no right, no longer enrolled, or a button from another chat
    UNKNOWN = "unknown"  # an outdated button
    FUTURE_DAY = "future_day"  # cannot have happened in the future
    BEFORE_REGISTRATION = "before_registration"
    NOTHING = "nothing"  # answered silently


Message = (
    Card
    | Nudge
    | InviteQuestion
    | InviteLanguage
    | InviteInvalid
    | InviteDeclined
    | TestTask
    | TestTaskDone
    | PrivacyNotice
    | PersonEnrolled
    | PersonKept
    | PersonRevoked
    | InviteRefused
    | AccessEnded
    | PatientPaused
    | Refusal
    | TextBlocked
    | Help
)

# --- buttons ----------------------------------------------------------------------------------------------------------


class ButtonKind(StrEnum):
    """What a button says; what it does is the press that it carries (`bot/buttons.py`)."""

    DONE = "done"
    BOOKED = "booked"
    UPLOADED = "uploaded"
    SENT = "sent"
    HAPPENED = "happened"  # an event: it took place
    PLANNED = "planned"  # an event: it is planned for
    LATER = "later"
    OTHER = "other"
    NOT_DONE = "not_done"
    NOT_APPLICABLE = "not_applicable"
    NO_LONGER_FOLLOWED = "no_longer_followed"
    UNDO = "undo"
    TODAY = "today"
    YESTERDAY = "yesterday"
    PICK = "pick"
    BACK = "back"
    TOMORROW = "tomorrow"
    NEXT_MONDAY = "next_monday"
    BEFORE_END = "before_end"  # three days before the window closes
    DAY = "day"  # a day of the month sheet, or a filler where `day` is None
    WEEKDAY = "weekday"  # head of the month sheet
    MONTH = "month"  # head line: month and year
    PREVIOUS = "previous"
    NEXT = "next"
    WORDS = "words"  # a reason or a value of the study file
    OTHER_REASON = "other_reason"
    LEAVING = "leaving"
    CONFIRM = "confirm"
    YES = "yes"
    NOT_ME = "not_me"
    CHANGE_LANGUAGE = "change_language"
    LANGUAGE = "language"
    GOT_IT = "got_it"
    REVOKE = "revoke"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class ButtonText:
    """A button's words. `words` alone, or behind the kind's own text: "Uploaded: CT"."""

    kind: ButtonKind
    day: date | None = None
    words: Labels | None = None
    leaving: LeavingKind | None = None
    language: str | None = None
