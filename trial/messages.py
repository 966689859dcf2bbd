"""Everything that Sitebell says, as typed facts. `locales/` turns them into words; nothing here is text for people.

A message names only what may leave the house: study, site number, pseudonym, labels of the study file, dates, counts and
the names of our own users. There is no field that a patient's name or number could stand in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from trial.answers import AnswerKind, HelpKind, LeavingKind
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
    WHICH_HELP = "which_help"
    IS_IT_THERE = "is_it_there"  # a claimed upload that nobody has seen in the archive, or that is queried
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
    working_days_left: int | None = None  # from today to the window's end, both counted; None when past or unknown
    days_off: tuple[date, ...] = ()  # weekdays off between today and the window's end: public holidays, site closing
    covering: str | None = None  # the colleague for whom the reader stands in
    place: tuple[int, int] | None = None  # within a digest: which of how many
    asked_for_help: HelpKind | None = None  # somebody asked for help; the ladder waits until the office has looked at it
    query: str | None = None  # what the trial office asks about an upload, in its own words, passed by the guard
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
    asked: Labels | None = None  # the study's own question for a fact
    working_days_left: int | None = None
    days_off: tuple[date, ...] = ()
    covering: str | None = None
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


# --- digests ----------------------------------------------------------------------------------------------------------


class DigestKind(StrEnum):
    """Why a digest goes out."""

    WEEKLY = "weekly"
    HAND_OVER = "hand_over"  # to whoever covers for somebody away, on the first day
    OVERFLOW = "overflow"  # what was more than a day's share yesterday
    RELEASE = "release"  # what waited while sending was held


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One visit of the digest, worst first. `late` and `left` count days; at most one of them is there."""

    code: str
    visit: Labels
    standing: Standing  # of the task that is worst
    due: date | None
    late: int | None
    left: int | None


@dataclass(frozen=True, slots=True)
class Digest:
    """The overview: one line of counts, then the worst lines; the rest is gone through in the same message."""

    why: DigestKind
    site_number: str
    study: str
    items: int
    late: int
    closing: int  # the window ends within a week
    opening: int  # the window opens within a week
    to_upload: int
    lines: tuple[DigestLine, ...]
    of: str | None = None  # whose items they are, for a hand-over
    until: date | None = None  # the last day of that absence
    kind: Literal["digest"] = "digest"


# --- the site's own questions -----------------------------------------------------------------------------------------


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


class WhyTold(StrEnum):
    """Why somebody was told about a task."""

    RESPONSIBLE = "responsible"
    COVERS = "covers"
    TAKES_OVER = "takes_over"  # the responsible person cannot be told
    COLLEAGUE = "colleague"
    BACKUP = "backup"
    INVESTIGATOR = "investigator"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class WhyThis:
    """`/why`: the rule, the protocol version, the dates, and who else was told."""

    study: str
    version: str
    code: str
    visit: Labels
    task: Labels | None
    step: str  # Step
    why: WhyTold
    instead_of: str | None  # name of our user
    rule: str  # as the study file has it: `closes + 3wd`
    unverified: bool
    opens: date | None
    due: date | None
    closes: date | None
    others: tuple[str, ...]  # names of our users who were told about it, too
    kind: Literal["why_this"] = "why_this"


@dataclass(frozen=True, slots=True)
class NothingToExplain:
    """`/why` without a reminder to explain."""

    kind: Literal["nothing_to_explain"] = "nothing_to_explain"


@dataclass(frozen=True, slots=True)
class Gap:
    """The silent line after an outage: what was pressed or written meanwhile may not have arrived."""

    kind: Literal["gap"] = "gap"


# --- the trial office -------------------------------------------------------------------------------------------------


class ItemKind(StrEnum):
    """What the trial office has to look at."""

    HELP = "help"
    LEAVING = "leaving"
    NOBODY_REACHABLE = "nobody_reachable"
    BLOCKED = "blocked"
    INVITE_UNUSED = "invite_unused"
    SITE_SILENT = "site_silent"
    TICK_MISSING = "tick_missing"
    OUTSIDE_WINDOW = "outside_window"
    CLAIM_UNSEEN = "claim_unseen"
    NOTICE_UNKNOWN = "notice_unknown"
    OUTAGE = "outage"
    LADDER_ENDED = "ladder_ended"  # the manager's step of a late task


@dataclass(frozen=True, slots=True)
class OfficeItem:
    """One thing for the trial office. `name` is one of our users, `days` how long it has been so."""

    what: ItemKind
    site_number: str | None
    code: str | None = None
    visit: Labels | None = None
    name: str | None = None
    days: int | None = None
    help: HelpKind | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OfficeNews:
    """To the trial manager: what came up since the last news, told once. `more` were left out."""

    study: str
    items: tuple[OfficeItem, ...]
    more: int
    kind: Literal["office_news"] = "office_news"


@dataclass(frozen=True, slots=True)
class HelpNeeded:
    """To the trial manager: somebody at a site needs help; its ladder waits."""

    study: str
    site_number: str
    code: str
    visit: Labels
    help: HelpKind
    name: str
    kind: Literal["help_needed"] = "help_needed"


@dataclass(frozen=True, slots=True)
class HelpClosed:
    """The office has looked at it; its reminders go on."""

    study: str
    code: str
    visit: Labels
    kind: Literal["help_closed"] = "help_closed"


@dataclass(frozen=True, slots=True)
class LeavingToConfirm:
    """To investigator and manager: kind and day are to be confirmed; until then everything is paused."""

    study: str
    site_number: str
    code: str
    told: LeavingKind
    told_by: str
    told_on: date
    confirming: LeavingKind | None  # chosen already; None: which kind?
    attempts: tuple[date, ...]  # logged attempts to reach the patient
    kind: Literal["leaving_to_confirm"] = "leaving_to_confirm"


@dataclass(frozen=True, slots=True)
class LeavingConfirmed:
    study: str
    site_number: str
    code: str
    leaving: LeavingKind
    day: date
    by: str
    kind: Literal["leaving_confirmed"] = "leaving_confirmed"


@dataclass(frozen=True, slots=True)
class LeavingTakenBack:
    """The patient is followed after all."""

    study: str
    site_number: str
    code: str
    by: str
    kind: Literal["leaving_taken_back"] = "leaving_taken_back"


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """One line of `/overdue`: a site, how much is late there, since when, and its last word."""

    number: str
    name: str
    late: int
    oldest_days: int | None
    last_heard: date | None
    reachable: int  # people who can be told


@dataclass(frozen=True, slots=True)
class OverdueList:
    """`/overdue`: sites by urgency."""

    study: str
    today: date
    sites: tuple[SiteStanding, ...]
    more: int
    kind: Literal["overdue_list"] = "overdue_list"


@dataclass(frozen=True, slots=True)
class SiteBrief:
    """`/site`: one site in a screen."""

    study: str
    today: date
    site: SiteStanding
    patients: int
    open_tasks: int
    people: tuple[str, ...]
    lines: tuple[ListLine, ...]
    more: int
    kind: Literal["site_brief"] = "site_brief"


@dataclass(frozen=True, slots=True)
class StudyBrief:
    """`/brief`: the whole study in a screen."""

    study: str
    today: date
    patients: int
    due_this_week: int
    late: int
    items: int  # open for the trial office
    silent_sites: tuple[str, ...]
    kind: Literal["study_brief"] = "study_brief"


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
    ASKED_FOR_HELP = "asked_for_help"
    ALREADY_CONFIRMED = "already_confirmed"


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
    | Digest
    | TaskList
    | WhichPatient
    | AwayUntil
    | AwayCover
    | AwaySet
    | CoverAsked
    | BackAgain
    | HoursQuestion
    | LanguageQuestion
    | WhyThis
    | NothingToExplain
    | Gap
    | OfficeNews
    | HelpNeeded
    | HelpClosed
    | LeavingToConfirm
    | LeavingConfirmed
    | LeavingTakenBack
    | OverdueList
    | SiteBrief
    | StudyBrief
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
    HELP = "help"
    HELP_KIND = "help_kind"  # with `help`
    UPLOADED_AGAIN = "uploaded_again"
    ALREADY_SENT = "already_sent"  # it was uploaded as said: the office looks again
    GO_THROUGH = "go_through"
    OVERVIEW = "overview"
    EARLIER_ITEM = "earlier_item"
    NEXT_ITEM = "next_item"
    UNTIL_DAY = "until_day"  # away until, this day included
    NAME = "name"  # one of our users, in `words`
    NOBODY = "nobody"
    BACK_AGAIN = "back_again"
    STILL_FOLLOWED = "still_followed"
    LOG_ATTEMPT = "log_attempt"
    LOOKED_AT = "looked_at"
    HOURS = "hours"  # `words` hold the wall times
    WEEKLY = "weekly"
    EACH_BY_ITSELF = "each_by_itself"
    WHY = "why"
    OPEN_ITEM = "open_item"  # task-only sites: the one-time link to one item's page


@dataclass(frozen=True, slots=True)
class ButtonText:
    """A button's words. `words` alone, or behind the kind's own text: "Uploaded: CT"."""

    kind: ButtonKind
    day: date | None = None
    words: Labels | None = None
    leaving: LeavingKind | None = None
    language: str | None = None
    help: HelpKind | None = None
