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
    office: bool = False  # the reader is of the trial office
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
