"""How tasks stand on a day: from the plan, from what was said about them, and from what was found of a claim."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, assert_never
from uuid import UUID

from records import claims, patients
from records.answers import AnswerRow
from records.claims import CheckRow
from records.patients import EventRow
from records.transaction import Tx
from trial.answers import AnswerKind
from trial.claims import ClaimCheck, ClaimCheckKind, ClaimState, claim_state
from trial.ladder import TaskDates
from trial.messages import Standing
from trial.occurrences import EVENT, definition_of
from trial.study import Study
from trial.tasks import TaskKind, TaskState
from trial.timeline import Certainty

DATES_THE_EVENT: Final = frozenset({TaskKind.HOLD, TaskKind.EVENT})


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed upload: the answer that says so, and where it stands.

    `asked_again`: the office asks about it, or nobody has seen it in time. `query`: the office's own words.
    """

    answer: AnswerRow
    state: ClaimState
    asked_again: bool
    query: str | None = field(default=None, repr=False)


def claim_of(said: Sequence[AnswerRow], checks: Sequence[CheckRow]) -> Claim | None:
    """The claim that stands for a task; `said` are its standing answers, the last one last."""
    answer = next((one for one in reversed(said) if one.kind is AnswerKind.UPLOADED), None)
    if answer is None:
        return None
    about = [check for check in checks if check.answer_id == answer.id]
    state = claim_state([ClaimCheck(check.kind, check.at.date()) for check in about])
    unseen = any(check.kind is ClaimCheckKind.UNSEEN for check in about)
    return Claim(
        answer,
        state,
        asked_again=state is ClaimState.QUERIED or (state is ClaimState.CLAIMED and unseen),
        query=about[-1].words if state is ClaimState.QUERIED else None,
    )


def claims_of(
    tx: Tx, tasks: Mapping[UUID, tuple[TaskKind, TaskState]], said: Sequence[AnswerRow]
) -> Mapping[UUID, Claim]:
    """The claims among these tasks, in one read; `said` are standing answers about any of them."""
    claimed = [
        task_id for task_id, (kind, state) in tasks.items() if kind is TaskKind.UPLOAD and state is TaskState.DONE
    ]
    checks = claims.checks_of_tasks(tx, claimed)
    found = {
        task_id: claim_of([one for one in said if one.task_id == task_id], checks.get(task_id, ()))
        for task_id in claimed
    }
    return {task_id: claim for task_id, claim in found.items() if claim is not None}


def standing_of(
    kind: TaskKind,
    state: TaskState,
    dates: TaskDates,
    today: date,
    *,
    said: Sequence[AnswerRow] = (),
    planned: date | None = None,
    claim: Claim | None = None,
) -> Standing:
    """How a task stands on this day; `said` are its standing answers, the last one last, `planned` the office's day."""
    match state:
        case TaskState.OPEN:
            return _open_standing(dates, said, planned, today)
        case TaskState.DONE:
            return _done_standing(kind, claim)
        case TaskState.NOT_DONE:
            return Standing.NOT_DONE
        case TaskState.NOT_APPLICABLE:
            return Standing.NOT_APPLICABLE
        case TaskState.PAUSED:
            return Standing.PAUSED
        case TaskState.CANCELLED:
            return Standing.CANCELLED
        case _:
            assert_never(state)


def _done_standing(kind: TaskKind, claim: Claim | None) -> Standing:
    match kind:
        case TaskKind.UPLOAD:
            return Standing.CLAIMED if claim is None else _CLAIMED[claim.state]
        case TaskKind.FACT:
            return Standing.STATED
        case TaskKind.HOLD | TaskKind.SEND | TaskKind.EVENT:
            return Standing.DONE
        case _:
            assert_never(kind)


_CLAIMED: Final[Mapping[ClaimState, Standing]] = {
    ClaimState.CLAIMED: Standing.CLAIMED,
    ClaimState.VERIFIED: Standing.VERIFIED,
    ClaimState.QUERIED: Standing.QUERIED,
}


def _open_standing(dates: TaskDates, said: Sequence[AnswerRow], planned: date | None, today: date) -> Standing:
    if dates.due is None:
        return Standing.WAITING
    if planned is not None and planned >= today:
        return Standing.PLANNED
    booked = next((one.said.day for one in reversed(said) if one.kind is AnswerKind.BOOKED), None)
    if planned is None and booked is not None and booked >= today:
        return Standing.BOOKED
    if not dates.firm or (dates.opens is not None and today < dates.opens):
        return Standing.SCHEDULED
    if dates.closes is not None and today > dates.closes:
        return Standing.LATE
    return Standing.DUE


def planned_by_office(tx: Tx, study: Study, patient_id: UUID, occurrence: str) -> date | None:
    """The day that the trial office has planned for the event of this visit; None where the site's own word holds."""
    if event_of(study, occurrence) is None:
        return None
    return planned_among(study, patients.known_of(tx, patient_id).events, occurrence)


def event_of(study: Study, occurrence: str) -> str | None:
    """The event that an occurrence records or asks for."""
    kind, _, name = occurrence.partition(":")
    definition = definition_of(study, occurrence)
    return name if kind == EVENT else None if definition is None else definition.records


def planned_among(study: Study, events: Iterable[EventRow], occurrence: str) -> date | None:
    """The same, of events that were read already."""
    event = event_of(study, occurrence)
    known = next((one for one in events if one.event == event), None)
    by_office = known is not None and known.certainty == Certainty.PLANNED and known.answer_id is None
    return known.day if known is not None and by_office else None
