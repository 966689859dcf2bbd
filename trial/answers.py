"""Answers: what a person said about a task. Immutable records, not electronic signatures (decision 0008)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AnswerKind(StrEnum):
    """What was said."""

    BOOKED = "booked"  # with the date it is booked for
    DONE = "done"  # with the date it took place
    UPLOADED = "uploaded"  # with the date of the upload: a claim, not proof
    STATED = "stated"  # the value of a fact that was asked for
    NOT_DONE = "not_done"  # with a reason
    NOT_APPLICABLE = "not_applicable"  # with a reason
    LATER = "later"  # remind me on a date
    NO_LONGER_FOLLOWED = "no_longer_followed"  # with a kind: death, withdrawal, lost, other
    NEED_HELP = "need_help"  # the ladder waits until the trial office has looked at it
    UNDO = "undo"  # takes one earlier answer back


class Via(StrEnum):
    """How it reached us."""

    BUTTON = "button"
    REPLY = "reply"
    LINK = "link"
    COMMAND_LINE = "command_line"
    BOARD = "board"  # by the trial office, as a correction
    PHONE = "phone"  # taken down by the trial office
    EMAIL = "email"  # taken down by the trial office


class LeavingKind(StrEnum):
    """Why a patient is no longer followed. Confirmed afterwards by investigator or manager."""

    DEATH = "death"
    WITHDRAWN = "withdrawn"  # told by a site; from what is asked when it is confirmed
    WITHDRAWN_FROM_VISITS = "withdrawn_from_visits"
    WITHDRAWN_FROM_EVERYTHING = "withdrawn_from_everything"
    LOST = "lost"  # to follow-up, after attempts that were logged
    TRANSFERRED = "transferred"
    NOT_OPERATED = "not_operated"
    OTHER = "other"


class HelpKind(StrEnum):
    """What somebody needs before they can answer."""

    PORTAL_DOWN = "portal_down"
    QUERY = "query"  # about this visit or task
    CALL_ME = "call_me"


TAKEN_DOWN = frozenset({Via.PHONE, Via.EMAIL})
"""What a site told the trial office, which then recorded it in the site's place."""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """Who of a site told the trial office, and on which local day; `Via` says how. The person who recorded it is another."""

    by: str  # a name or role in words, passed by the guard
    on: date


@dataclass(frozen=True, slots=True)
class Said:
    """What was said beside the kind. Dates are local at the site; `reason` and `value` are ids of the study file."""

    day: date | None = None  # booked for, done, uploaded
    reason: str | None = None
    text: str | None = None  # a reason in their own words, passed by the guard
    until: date | None = None
    value: str | None = None
    leaving: LeavingKind | None = None
    help: HelpKind | None = None
