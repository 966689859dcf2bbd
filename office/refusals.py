"""Why something was refused, as a sentence for whoever types commands."""

from collections.abc import Mapping
from typing import Final, TypeVar

from office.judging import Refusal
from trial.problems import Problem, ProblemError

Done = TypeVar("Done")

_SENTENCES: Final[Mapping[Refusal, tuple[str, str]]] = {
    Refusal.UNKNOWN: ("there is none", "check what you gave"),
    Refusal.NOT_ALLOWED: ("this person has no right to do so", "name a manager, or an investigator of the site"),
    Refusal.CLOSED: ("it was done before, or does not stand any more", "see how it stands now"),
    Refusal.FUTURE_DAY: ("the day lies in the future", "give the day on which it happened"),
    Refusal.BEFORE_REGISTRATION: (
        "the day lies before the registration, or an event that it follows",
        "check the date",
    ),
    Refusal.UNFIT: ("it does not fit", "check what you gave against the study file"),
    Refusal.TOO_LATE_TO_UNDO: ("ten minutes have passed", "correct it in the way that its own command has"),
    Refusal.ALREADY_UNDONE: ("it was taken back before", "see how it stands now"),
}


def or_problem(where: str, outcome: Done | Refusal, *, unfit: str | None = None) -> Done:
    """What was done.

    Raises:
        ProblemError: it was refused. `unfit` is what would be right where it did not fit.
    """
    if not isinstance(outcome, Refusal):
        return outcome
    what, instead = _SENTENCES[outcome]
    if outcome is Refusal.UNFIT and unfit is not None:
        instead = unfit
    raise ProblemError(Problem(where, what, instead))
