"""What a button says; what it does is the press that it carries."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial.answers import HelpKind, LeavingKind
from trial.labels import Labels


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
    CONTEST = "contest"  # what the trial office took down for the site
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
    IS_THERE = "is_there"  # the same, where nobody has looked yet
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
    MEANT = "meant"  # what a plain reply may be about, in `words`, where it is open what it says of it
    OPEN_ITEM = "open_item"  # task-only sites: asks for the one-time link to one item's page
    TO_THE_PAGE = "to_the_page"  # and this is that link
    TO_THE_BOARD = "to_the_board"  # a one-time link that signs its reader in
    LET_IN = "let_in"  # the browser that shows the number is in front of me
    KEEP_OUT = "keep_out"


@dataclass(frozen=True, slots=True)
class ButtonText:
    """A button's words. `words` alone, or behind the kind's own text: "Uploaded: CT"."""

    kind: ButtonKind
    day: date | None = None
    words: Labels | None = None
    leaving: LeavingKind | None = None
    language: str | None = None
    help: HelpKind | None = None
