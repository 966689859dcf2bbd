"""Patients who leave: what a site may say at once, and what investigator or manager confirm it as afterwards. Pure."""

from trial.answers import LeavingKind
from trial.study import Study

ATTEMPTS_FOR_LOST = 1
"""A patient is lost to follow-up only after so many logged attempts to reach them. There is no official number, and a
protocol that asks for more says so in its own words; one is the least that makes it more than a guess.
"""


def event_for(study: Study, kind: LeavingKind) -> str | None:
    """The event of the study that this kind is recorded as; what the event ends, the study file says."""
    return next((event.name for event in study.events.values() if event.leaving is kind), None)


def kinds_offered_to_site(study: Study) -> tuple[LeavingKind, ...]:
    """What somebody at a site can choose from, in this order. From what consent was withdrawn is asked when it is
    confirmed: who takes the call rarely knows, and is not to guess.
    """
    operated = event_for(study, LeavingKind.NOT_OPERATED) is not None
    return (
        LeavingKind.DEATH,
        LeavingKind.WITHDRAWN,
        LeavingKind.LOST,
        LeavingKind.TRANSFERRED,
        *((LeavingKind.NOT_OPERATED,) if operated else ()),
        LeavingKind.OTHER,
    )


def kinds_to_confirm(study: Study) -> tuple[LeavingKind, ...]:
    """What investigator or manager can confirm: the kinds that the study has an event for."""
    return tuple(kind for kind in LeavingKind if event_for(study, kind) is not None)


def attempts_missing(kind: LeavingKind, logged: int) -> int:
    """How many logged attempts to reach the patient are missing before this kind can be confirmed."""
    return max(0, ATTEMPTS_FOR_LOST - logged) if kind is LeavingKind.LOST else 0
