"""How one visit stands in the grid of patients and visits: EORTC's states, and what EORTC has no word for. Pure.

Source: EORTC Data Timeliness, June 2018 (present, due, overdue, not applicable). The table in docs/glossary.md maps a task's
follow-up state to them; a visit with several tasks stands as the one that is worst off.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from trial.follow_up import FollowUp


class CellState(StrEnum):
    """A visit's state, the worst first. Four are EORTC's; what it has no word for is marked."""

    OVERDUE = "overdue"
    DUE = "due"
    NOT_YET = "not_yet"  # nothing is expected so far: EORTC lists no form
    UNOBTAINABLE = "unobtainable"  # will never come, and stays in the denominator: EORTC has no word for it
    PRESENT = "present"
    NOT_APPLICABLE = "na"


class CellNote(StrEnum):
    """What a trial manager asks next about a cell."""

    LATE = "late"  # past its last day, within what the study tolerates
    CLAIMED = "claimed"  # said to be uploaded; no second source confirms it
    QUERIED = "queried"  # claimed, and asked about
    EARLIER = "earlier"  # late since before its site began with Sitebell
    PAUSED = "paused"  # the patient is no longer followed, to be confirmed


@dataclass(frozen=True, slots=True)
class CellTask:
    """One task of the visit. `follow_up` None: it does not count. `note` is what holds of this task alone."""

    follow_up: FollowUp | None
    note: CellNote | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A visit's state, with the note that explains it."""

    state: CellState
    note: CellNote | None = None


_RANKS = {state: rank for rank, state in enumerate(CellState)}


def cell_of(tasks: Iterable[CellTask]) -> Cell:
    """The state of a visit with these tasks. The first of those that are worst off gives the note; no task: nothing counts."""
    found = [Cell(_state(task), task.note) for task in tasks]
    return min(found, key=lambda cell: (_RANKS[cell.state], cell.note is None), default=Cell(CellState.NOT_APPLICABLE))


def _state(task: CellTask) -> CellState:
    match task.follow_up:
        case FollowUp.OVERDUE:
            return CellState.OVERDUE
        case FollowUp.EXPECTED:
            return CellState.DUE
        case FollowUp.RECEIVED:
            # A claim is present once a second source confirms it.
            return CellState.DUE if task.note in {CellNote.CLAIMED, CellNote.QUERIED} else CellState.PRESENT
        case FollowUp.SCHEDULED:
            return CellState.NOT_YET
        case FollowUp.UNOBTAINABLE:
            return CellState.UNOBTAINABLE
        case None:
            return CellState.NOT_APPLICABLE
        case _:
            assert_never(task.follow_up)
