"""The digest: what a person has to do, worst first, in one message."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from trial.labels import Labels
from trial.messages.cards import Standing


class DigestKind(StrEnum):
    """Why a digest goes out."""

    WEEKLY = "weekly"
    HAND_OVER = "hand_over"  # to whoever covers for somebody away, on the first day
    OVERFLOW = "overflow"  # what was more than a day's share yesterday
    RELEASE = "release"  # what waited while sending was held
    ASKED = "asked"  # what somebody asked for where a chat takes no list


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One visit of the digest, worst first. `late` and `left` count days; at most one of them is there.

    What is left is counted as on the card: `working_days_left` and `days_off` are those of `left`.
    """

    code: str
    visit: Labels
    standing: Standing  # of the task that is worst
    due: date | None
    late: int | None
    left: int | None
    working_days_left: int | None = None
    days_off: tuple[date, ...] = ()


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


@dataclass(frozen=True, slots=True)
class TaskOnlyDigest:
    """The overview where a chat names no study, code, visit or date: counts alone."""

    why: DigestKind
    site_number: str
    items: int
    late: int
    closing: int
    opening: int
    to_upload: int
    of: str | None = None  # whose items they are, for a hand-over
    kind: Literal["task_only_digest"] = "task_only_digest"
