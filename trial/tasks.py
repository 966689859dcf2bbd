"""A task: one thing that a site must do for a visit. The unit that is due, rung, answered, late, overdue."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial.labels import Labels


class SiteFunction(StrEnum):
    """Who at the site is responsible for a kind of task."""

    COORDINATION = "coordination"
    IMAGING = "imaging"
    SURGERY = "surgery"
    PATHOLOGY = "pathology"
    DATA = "data"


class TaskKind(StrEnum):
    """What has to be done; decides the question on the card and which answers fit."""

    HOLD = "hold"  # hold the visit (or the operation); answered with the day it took place
    UPLOAD = "upload"  # upload one examination's images
    SEND = "send"  # send a form or a report
    EVENT = "event"  # tell the date of an awaited event that no visit records
    FACT = "fact"  # tell a fact that the plan depends on


class TaskState(StrEnum):
    """Where a task stands. What is late or overdue is computed for a day, never stored."""

    OPEN = "open"
    DONE = "done"  # answered done, uploaded (a claim) or stated
    NOT_DONE = "not_done"
    NOT_APPLICABLE = "not_applicable"
    PAUSED = "paused"  # patient no longer followed, to be confirmed
    CANCELLED = "cancelled"  # the plan no longer wants it; the reason is recorded


class VisitStatus(StrEnum):
    """How far a visit's dates can be relied on."""

    FIRM = "firm"  # counts from an event that happened
    PROVISIONAL = "provisional"  # counts from an estimate or a plan: heads-up only, never late
    ASK_FIRST = "ask first"  # a fact that decides whether it takes place is not known


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task as the plan wants it, for one patient.

    `opens`, `due` and `closes` are local dates at the site, inclusive; None where the date that they count from is not
    known yet (an upload before the scan took place): such a task stands on the card and rings nobody.
    """

    occurrence: str  # of its visit: `fu_6mo`
    name: str  # within the visit: `hold`, `upload_ct`
    kind: TaskKind
    label: Labels
    function: SiteFunction
    ladder: str  # name of the ladder in the study file
    firm: bool
    opens: date | None
    due: date | None
    closes: date | None

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when dates move or the protocol is amended."""
        return self.occurrence, self.name
