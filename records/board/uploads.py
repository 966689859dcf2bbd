"""Scans on their way: due, taken, claimed as uploaded, verified or queried. The database finds, counts and sorts them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Among, ForMany
from records.columns import Moment
from records.schema import OPEN_FIRM, UPLOAD_TASK, answer, claim_check, task, word
from records.transaction import Tx
from trial.answers import AnswerKind
from trial.claims import ClaimCheckKind, ClaimState
from trial.moments import Instant
from trial.tasks import TaskKind, TaskState

DATES_AT_ONCE: Final = 3
"""So many local dates there are at one moment, from UTC-12 to UTC+14."""


class Stage(StrEnum):
    """How far the scans of an examination have come. Each is at one stage; the words stand in addresses."""

    DUE = "due"  # the visit's day has come, and nobody has said that it was held
    HELD = "held"  # the visit was held, and nothing is uploaded
    CLAIMED = "claimed"  # the site says so, and nobody has seen it
    QUERIED = "queried"
    VERIFIED = "verified"

    @property
    def waits(self) -> bool:
        """Whether somebody of the trial office has to look at it."""
        return self in {Stage.CLAIMED, Stage.QUERIED}


@dataclass(frozen=True, slots=True)
class Upload:
    """The scans of one examination. `answer_id` and what follows: of the claim, where there is one."""

    task_id: UUID
    site_id: UUID
    stage: Stage
    answer_id: UUID | None
    claimed_at: Instant | None


@dataclass(frozen=True, slots=True)
class StageCount:
    site_id: UUID
    stage: Stage
    count: int


_hold = task.alias("hold")
_claim = answer.alias("claim")
_undoing = answer.alias("undoing")
_later = answer.alias("later")
_taking_back = answer.alias("taking_back")
_check = claim_check.alias("check_of_it")
_after = claim_check.alias("after_it")
_LOOKED: Final = (word(ClaimCheckKind.VERIFIED.value), word(ClaimCheckKind.QUERIED.value))

# The last answer that claims the upload and was not taken back.
_IS_CLAIM: Final = sa.and_(
    _claim.c.task_id == task.c.id,
    _claim.c.kind == word(AnswerKind.UPLOADED.value),
    ~sa.exists().where(_undoing.c.undoes == _claim.c.id),
    ~sa.exists().where(
        _later.c.task_id == _claim.c.task_id,
        _later.c.kind == word(AnswerKind.UPLOADED.value),
        _later.c.answered_at > _claim.c.answered_at,
        ~sa.exists().where(_taking_back.c.undoes == _later.c.id),
    ),
)
# The last check of it by somebody; that nobody looked says nothing about where it stands.
_IS_LAST_CHECK: Final = sa.and_(
    _check.c.answer_id == _claim.c.id,
    _check.c.kind.in_(_LOOKED),
    ~sa.exists().where(_after.c.answer_id == _check.c.answer_id, _after.c.kind.in_(_LOOKED), _after.c.at > _check.c.at),
)
_DONE: Final = word(TaskState.DONE.value)
_STILL: Final = (word(TaskState.OPEN.value), word(TaskState.NOT_DONE.value))


_CLAIMED_STAGE: Final = sa.case(
    (_check.c.kind == word(ClaimCheckKind.VERIFIED.value), word(Stage.VERIFIED.value)),
    (_check.c.kind == word(ClaimCheckKind.QUERIED.value), word(Stage.QUERIED.value)),
    else_=word(Stage.CLAIMED.value),
)
_NO_CLAIM: Final = (
    sa.cast(sa.null(), sa.Uuid).label("answer_id"),
    sa.type_coerce(sa.cast(sa.null(), sa.BigInteger), Moment).label("answered_at"),
)
_OPEN_HOLD: Final = sa.and_(_hold.c.state == word(TaskState.OPEN.value), _hold.c.firm == sa.true())
_OF_ITS_VISIT: Final = sa.and_(_hold.c.visit_id == task.c.visit_id, _hold.c.kind == word(TaskKind.HOLD.value))


def _due(among: Among) -> sa.Select[*tuple[Any, ...]]:
    """A visit's own day says when its scans are due; the index over what has begun finds such visits."""
    day_came = sa.or_(
        *(
            sa.and_(among(_hold.c.site_id, f"sites_{slot}"), _hold.c.due <= sa.bindparam(f"day_{slot}"))
            for slot in range(DATES_AT_ONCE)
        )
    )
    return (
        sa.select(task.c.id, task.c.site_id, word(Stage.DUE.value).label("stage"), *_NO_CLAIM, _hold.c.due.label("day"))
        .select_from(_hold)
        .join(task, _OF_ITS_VISIT)
        .where(_OPEN_HOLD, among(_hold.c.site_id, "sites"), _hold.c.opens <= sa.bindparam("latest"), day_came)
        .where(UPLOAD_TASK, task.c.state.in_(_STILL))
    )


def _held(among: Among) -> sa.Select[*tuple[Any, ...]]:
    """An upload has its dates from the day on which its visit was held."""
    return (
        sa.select(task.c.id, task.c.site_id, word(Stage.HELD.value).label("stage"), *_NO_CLAIM, task.c.due.label("day"))
        .select_from(task)
        .join(_hold, _OF_ITS_VISIT)
        .where(OPEN_FIRM, among(task.c.site_id, "sites"), task.c.opens <= sa.bindparam("latest"))
        .where(UPLOAD_TASK, _hold.c.state == _DONE)
    )


def _never(among: Among) -> sa.Select[*tuple[Any, ...]]:
    """Taken, and the site says that they will never be uploaded."""
    return (
        sa.select(task.c.id, task.c.site_id, word(Stage.HELD.value).label("stage"), *_NO_CLAIM, task.c.due.label("day"))
        .select_from(task)
        .join(_hold, _OF_ITS_VISIT)
        .where(UPLOAD_TASK, among(task.c.site_id, "sites"), task.c.state == word(TaskState.NOT_DONE.value))
        .where(_hold.c.state == _DONE)
    )


def _claimed(among: Among) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            task.c.id,
            task.c.site_id,
            _CLAIMED_STAGE.label("stage"),
            _claim.c.id.label("answer_id"),
            _claim.c.answered_at,
            task.c.due.label("day"),
        )
        .select_from(task)
        .outerjoin(_claim, _IS_CLAIM)
        .outerjoin(_check, _IS_LAST_CHECK)
        .where(UPLOAD_TASK, among(task.c.site_id, "sites"), task.c.state == _DONE)
    )


_PARTS: Final[Mapping[Stage, tuple[Callable[[Among], sa.Select[*tuple[Any, ...]]], ...]]] = {
    Stage.DUE: (_due,),
    Stage.HELD: (_held, _never),
    Stage.CLAIMED: (_claimed,),
    Stage.QUERIED: (_claimed,),
    Stage.VERIFIED: (_claimed,),
}


def _counted(among: Among) -> sa.Select[*tuple[Any, ...]]:
    each = sa.union_all(_due(among), _held(among), _never(among)).subquery("each")
    return sa.select(each.c.site_id, each.c.stage, sa.func.count().label("number")).group_by(
        each.c.site_id, each.c.stage
    )


_NOT_CLAIMED: Final = ForMany(_counted)
_DONE_AT: Final = ForMany(
    lambda among: (
        sa.select(task.c.site_id, sa.func.count().label("number"))
        .where(UPLOAD_TASK, among(task.c.site_id, "sites"), task.c.state == _DONE)
        .group_by(task.c.site_id)
    )
)
# From the checks to their tasks: what nobody has looked at needs no look.
_LOOKED_AT: Final = ForMany(
    lambda among: (
        sa.select(task.c.site_id, _check.c.kind, sa.func.count().label("number"))
        .select_from(_check)
        .join(_claim, _IS_LAST_CHECK)
        .join(task, _IS_CLAIM)
        .where(UPLOAD_TASK, among(task.c.site_id, "sites"), task.c.state == _DONE)
        .group_by(task.c.site_id, _check.c.kind)
    )
)


@cache
def _listing(stages: frozenset[Stage], *, paged: bool) -> ForMany:
    def build(among: Among) -> sa.Select[*tuple[Any, ...]]:
        parts = dict.fromkeys(part for stage in Stage if stage in stages for part in _PARTS[stage])
        each = sa.union_all(*(part(among) for part in parts)).subquery("each")
        listed = (
            sa.select(each)
            .where(each.c.stage.in_([word(stage.value) for stage in sorted(stages)]))
            .order_by(each.c.answered_at.is_(None), each.c.answered_at, each.c.day, each.c.id)
        )
        return listed.limit(sa.bindparam("at_most")).offset(sa.bindparam("from_row")) if paged else listed

    return ForMany(build)


def stages_at(tx: Tx, today: Mapping[UUID, date]) -> tuple[StageCount, ...]:
    """How many uploads of these sites stand at each stage, on the date that it is there."""
    if not today:
        return ()
    given = _given(today)
    at: dict[tuple[UUID, Stage], int] = defaultdict(int)
    for row in _NOT_CLAIMED.rows(tx.connection, given):
        at[row.site_id, Stage(row.stage)] += row.number
    for row in _DONE_AT.rows(tx.connection, given):
        at[row.site_id, Stage.CLAIMED] += row.number
    for row in _LOOKED_AT.rows(tx.connection, given):
        at[row.site_id, Stage(row.kind)] += row.number
        at[row.site_id, Stage.CLAIMED] -= row.number
    return tuple(StageCount(site_id, stage, count) for (site_id, stage), count in at.items() if count)


def uploads_at(
    tx: Tx, today: Mapping[UUID, date], stages: frozenset[Stage], *, limit: int | None = None, offset: int = 0
) -> tuple[Upload, ...]:
    """Uploads at these stages: what is claimed first, the longest waiting before the others; then what is due, by its day."""
    if not today or not stages:
        return ()
    paged = {} if limit is None else {"at_most": limit, "from_row": offset}
    rows = _listing(stages, paged=limit is not None).rows(tx.connection, {**_given(today), **paged})
    return tuple(Upload(row.id, row.site_id, Stage(row.stage), row.answer_id, row.answered_at) for row in rows)


def _given(today: Mapping[UUID, date]) -> dict[str, object]:
    """The sites, and those of each date that it is at one of them."""
    dates = sorted(set(today.values()))
    given: dict[str, object] = {"sites": list(today), "latest": dates[-1]}
    for slot in range(DATES_AT_ONCE):
        day = dates[min(slot, len(dates) - 1)]
        given[f"day_{slot}"] = day
        given[f"sites_{slot}"] = [site_id for site_id, there in today.items() if there == day]
    return given


# --- of single visits -------------------------------------------------------------------------------------------------

_WORST: Final = (ClaimState.QUERIED, ClaimState.CLAIMED, ClaimState.VERIFIED)
_OF_VISITS: Final = ForMany(
    lambda among: (
        sa.select(task.c.visit_id, _check.c.kind)
        .select_from(task)
        .join(_claim, _IS_CLAIM)
        .outerjoin(_check, _IS_LAST_CHECK)
        .where(UPLOAD_TASK, task.c.state == _DONE, among(task.c.visit_id, "visits"))
    )
)


def claims_of_visits(tx: Tx, visit_ids: Collection[UUID]) -> Mapping[UUID, ClaimState]:
    """Where the scans of these visits stand that are claimed, the worst of each; nothing for visits without any."""
    if not visit_ids:
        return {}
    found: dict[UUID, list[ClaimState]] = {}
    for row in _OF_VISITS.rows(tx.connection, {"visits": list(visit_ids)}):
        state = ClaimState.CLAIMED if row.kind is None else ClaimState(row.kind)
        found.setdefault(row.visit_id, []).append(state)
    return {visit_id: min(states, key=_WORST.index) for visit_id, states in found.items()}
