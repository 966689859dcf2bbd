"""Polite refusals and short notes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from trial.guard import Finding


class Refused(StrEnum):
    """Why something that came in was not taken. Always polite, never quoting it."""

    STRANGER = "stranger"  # not enrolled
    GROUP = "group"  # only private chats
    MEDIA = "media"  # photo, document, voice, contact, location, ...
    UNREADABLE_TEXT = "unreadable_text"  # text that belongs to no question: use the buttons of the card
    DAY_CANNOT_BE = "day_cannot_be"  # a day in a text that the trial's own rules do not take
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


class Kept(StrEnum):
    """What does not stand in a chat that names no study, code, visit or date."""

    LIST = "list"  # a list of patients, or of one patient's visits
    NOTHING_OPEN = "nothing_open"  # and so there is nothing to keep back
    WORDS = "words"  # an answer in words: what was understood could not be repeated here
    HELP_CLOSED = "help_closed"  # the office has looked at what was asked for
    LEAVING = "leaving"  # whether a patient is followed is to be confirmed
    LEAVING_CONFIRMED = "leaving_confirmed"
    LEAVING_TAKEN_BACK = "leaving_taken_back"


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Stands for what would name a patient, and says where to turn instead."""

    what: Kept
    site_number: str | None = None
    kind: Literal["kept_out"] = "kept_out"


@dataclass(frozen=True, slots=True)
class Help:
    study: str  # empty where the chat names no study
    office: bool = False  # the reader is of the trial office
    at_site: bool = True  # and has a site, whose cards come to them
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
