"""Claimed uploads: what a site says is uploaded, and whether somebody has seen it in the archive. Pure.

Sources that disagree overwrite nothing: every check is kept, and the last word of a person is where the claim stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial.calendars import WorkingCalendar
from trial.moments import CalendarOffset


class ClaimState(StrEnum):
    """Where a claimed upload stands."""

    CLAIMED = "claimed"  # the site says so
    VERIFIED = "verified"  # somebody has seen it in the archive
    QUERIED = "queried"  # the archive does not show it, or the central reader asks again


class ClaimCheckKind(StrEnum):
    """What was found of a claim; each check is recorded once and never changed."""

    VERIFIED = "verified"
    QUERIED = "queried"
    UNSEEN = "unseen"  # nobody has seen it in time, and somebody was told so


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """One check of a claim, on a local day at the site."""

    kind: ClaimCheckKind
    day: date


class UnseenStep(StrEnum):
    """Who hears that nobody has seen an upload, one after the other and each once."""

    ASK_SITE = "ask_site"  # in the thread in which it was claimed
    TELL_MANAGER = "tell_manager"


@dataclass(frozen=True, slots=True)
class NextLook:
    """When to look at a claim again, and who hears of it if it is still unseen then."""

    day: date
    step: UnseenStep


def claim_state(checks: Sequence[ClaimCheck]) -> ClaimState:
    """Where a claim stands after these checks, the first one first."""
    state = ClaimState.CLAIMED
    for check in checks:
        match check.kind:
            case ClaimCheckKind.VERIFIED:
                state = ClaimState.VERIFIED
            case ClaimCheckKind.QUERIED:
                state = ClaimState.QUERIED
            case ClaimCheckKind.UNSEEN:
                pass  # nobody looked, so nothing is known that was not known before
    return state


def next_look(
    claimed_on: date, checks: Sequence[ClaimCheck], *, unseen_after: CalendarOffset | None, calendar: WorkingCalendar
) -> NextLook | None:
    """When a claim that nobody has seen comes back: to the site once, as long after that to the manager, then no more.

    `claimed_on` is the day on which it was said; `unseen_after` is the study's. None: somebody has looked already, the
    manager has been told, or the study does not ask. A look falls on a working day.
    """
    if unseen_after is None or claim_state(checks) is not ClaimState.CLAIMED:
        return None
    match [check.day for check in checks if check.kind is ClaimCheckKind.UNSEEN]:
        case []:
            since, step = claimed_on, UnseenStep.ASK_SITE
        case [asked_on]:
            since, step = asked_on, UnseenStep.TELL_MANAGER
        case _:
            return None
    return NextLook(calendar.on_or_after(unseen_after.add_to(since, calendar)), step)
