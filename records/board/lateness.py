"""Open tasks that are late, or due soon, in the order of their urgency: the database finds, sorts and counts them.

What is late is judged by each site's own date, and what is overdue by the study's tolerance for the kind of task, in the
working days of that site. The rules for that are worked out before (`office/board/late.py`) and go along as one small table.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from records.bulk import Among, ForMany
from records.schema import OPEN_FIRM, patient, task, visit, word
from records.transaction import Tx
from trial.tasks import SiteFunction, TaskKind

_POSTGRESQL: Final = "postgresql"


class Which(StrEnum):
    """Which tasks; the words stand in addresses."""

    PAST = "past"  # late and overdue, but for what is from before Sitebell
    LATE = "late"  # of them those that the study still tolerates
    OVERDUE = "overdue"  # and those that it does not
    DUE = "due"  # open, and due today or in the six days after
    EARLIER = "earlier"  # late, from before Sitebell: nobody is rung about it


@dataclass(frozen=True, slots=True)
class LateRule:
    """What makes a task of this kind late at this site, for patients of this study version; dates local there.

    Late: its last day lies before `today`; overdue: it is `overdue_until` or before. This week ends with `week`.
    """

    site_id: UUID
    version_id: UUID
    kind: TaskKind
    today: date
    week: date
    overdue_until: date
    rings_from: date


@dataclass(frozen=True, slots=True)
class SpecialRule:
    """Another tolerance, of one task of one visit: its name, and the visit's id in the study file."""

    site_id: UUID
    version_id: UUID
    definition: str
    name: str
    overdue_until: date


@dataclass(frozen=True, slots=True)
class LateRules:
    """Everything that is late is judged by one of `usual`; how long it is tolerated, by one of `special` where it has one."""

    usual: Sequence[LateRule]
    special: Sequence[SpecialRule] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """Whose tasks are asked for, in terms of what the records hold: by function, unless somebody else is assigned."""

    functions: frozenset[tuple[UUID, SiteFunction]]  # of sites
    assigned: frozenset[tuple[UUID, SiteFunction]]  # of patients
    others: frozenset[tuple[UUID, SiteFunction]]  # of patients who are assigned to somebody else


@dataclass(frozen=True, slots=True)
class FoundTask:
    task_id: UUID
    overdue: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tasks were meant, and how many are open now or will be this week."""

    found: int
    of: int


def tasks_found(
    tx: Tx,
    which: Which,
    rules: LateRules,
    *,
    duty: Duty | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[FoundTask, ...]:
    """These tasks of followed patients, the most urgent first: overdue before late, and what ended first before the rest;
    of what is due, what is due first.
    """
    if not rules.usual:
        return ()
    paged = {} if limit is None else {"at_most": limit, "from_row": offset}
    question = _listing(which, of_somebody=duty is not None, paged=limit is not None, special=bool(rules.special))
    rows = question.rows(tx, rules, duty, paged)
    return tuple(FoundTask(row.id, bool(row.overdue)) for row in rows)


def tally(tx: Tx, which: Which, rules: LateRules, *, duty: Duty | None = None, found: int | None = None) -> Tally:
    """How many there are, of how many. `found`: the first of the two, where it is known already."""
    if not rules.usual:
        return Tally(0, 0)
    if found is None:
        question = _count(which, of_somebody=duty is not None, special=bool(rules.special))
        (counted,) = question.rows(tx, rules, duty, {})
        found = counted.number
    # How many there are in all hangs on no tolerance.
    (begun,) = _count(None, of_somebody=duty is not None, special=False).rows(tx, rules, duty, {})
    return Tally(found, begun.number)


# --- statements -------------------------------------------------------------------------------------------------------

_SILENT: Final = task.c.next_step.is_(None)


class _Question:
    """One question in the words of each engine, with the rules as a table of its own."""

    def __init__(self, which: Which | None, *, of_somebody: bool, counted: bool, paged: bool, special: bool) -> None:
        def build(rules: sa.CTE, others: sa.CTE) -> ForMany:
            def built(among: Among) -> sa.Select[*tuple[Any, ...]]:
                return _built(
                    rules,
                    others if special else None,
                    among,
                    which,
                    of_somebody=of_somebody,
                    counted=counted,
                    paged=paged,
                )

            return ForMany(built)

        self._special = special
        self._of_arrays = build(_of_json("rules", _FIELDS), _of_json("special", _SPECIAL_FIELDS))
        self._of_values = build(_of_sqlite("rules", _FIELDS), _of_sqlite("special", _SPECIAL_FIELDS))

    def rows(
        self, tx: Tx, rules: LateRules, duty: Duty | None, given: dict[str, int]
    ) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        values: dict[str, object] = {
            "rules": json.dumps([_written(rule) for rule in rules.usual]),
            "sites": list({rule.site_id for rule in rules.usual}),
            "latest": max(rule.today for rule in rules.usual),
            "furthest": max(rule.week for rule in rules.usual),
            **given,
        }
        if self._special:
            values["special"] = json.dumps([_special_written(rule) for rule in rules.special])
        if duty is not None:
            values |= {"functions": _pairs(duty.functions), "assigned": _pairs(duty.assigned)}
            values["others"] = _pairs(duty.others)
        question = self._of_arrays if tx.dialect == _POSTGRESQL else self._of_values
        return question.rows(tx.connection, values).all()


@cache
def _listing(which: Which, *, of_somebody: bool, paged: bool, special: bool) -> _Question:
    return _Question(which, of_somebody=of_somebody, counted=False, paged=paged, special=special)


@cache
def _count(which: Which | None, *, of_somebody: bool, special: bool) -> _Question:
    return _Question(which, of_somebody=of_somebody, counted=True, paged=False, special=special)


def _built(
    rules: sa.CTE,
    special: sa.CTE | None,
    among: Among,
    which: Which | None,
    *,
    of_somebody: bool,
    counted: bool,
    paged: bool,
) -> sa.Select[*tuple[Any, ...]]:
    tolerated: sa.ColumnElement[date] = rules.c.overdue_until
    if special is not None:
        tolerated = sa.func.coalesce(special.c.overdue_until, tolerated)
    overdue = task.c.closes <= tolerated
    columns: tuple[sa.ColumnElement[Any], ...] = (
        (sa.func.count().label("number"),) if counted else (task.c.id, overdue.label("overdue"))
    )
    found = (
        sa.select(*columns)
        .select_from(task)
        .join(patient, patient.c.id == task.c.patient_id)
        .join(
            rules,
            sa.and_(
                rules.c.site_id == task.c.site_id,
                rules.c.version_id == patient.c.study_version_id,
                rules.c.kind == task.c.kind,
            ),
        )
        .where(OPEN_FIRM, among(task.c.site_id, "sites"), patient.c.state == word("followed"))
        .where(*_meant(which, rules, overdue))
    )
    if special is not None:
        found = found.join(visit, visit.c.id == task.c.visit_id).outerjoin(
            special,
            sa.and_(
                special.c.site_id == task.c.site_id,
                special.c.version_id == patient.c.study_version_id,
                special.c.definition == visit.c.definition,
                special.c.name == task.c.name,
            ),
        )
    if of_somebody:
        found = found.where(_theirs())
    if not counted:
        first = (task.c.due, task.c.closes) if which is Which.DUE else (overdue.desc(), task.c.closes, task.c.due)
        found = found.order_by(*first, task.c.id)
    return found.limit(sa.bindparam("at_most")).offset(sa.bindparam("from_row")) if paged else found


def _meant(which: Which | None, rules: sa.CTE, overdue: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[bool], ...]:
    # The bare dates let the index end where nothing can be meant; the rule of each site then says it exactly.
    past = (task.c.closes < sa.bindparam("latest"), task.c.closes < rules.c.today)
    earlier = sa.and_(_SILENT, task.c.due < rules.c.rings_from)
    match which:
        case None:
            return (task.c.opens <= sa.bindparam("furthest"), task.c.opens <= rules.c.week)
        case Which.PAST:
            return (*past, sa.not_(earlier))
        case Which.LATE:
            return (*past, sa.not_(earlier), sa.not_(overdue))
        case Which.OVERDUE:
            return (*past, sa.not_(earlier), overdue)
        case Which.DUE:
            return (task.c.due <= sa.bindparam("furthest"), task.c.due.between(rules.c.today, rules.c.week))
        case Which.EARLIER:
            return (*past, earlier)


def _theirs() -> sa.ColumnElement[bool]:
    of_site, of_patient = (sa.tuple_(one, task.c.function) for one in (task.c.site_id, task.c.patient_id))
    return sa.or_(
        of_patient.in_(sa.bindparam("assigned", expanding=True)),
        sa.and_(
            of_site.in_(sa.bindparam("functions", expanding=True)),
            of_patient.not_in(sa.bindparam("others", expanding=True)),
        ),
    )


def _pairs(found: Collection[tuple[UUID, SiteFunction]]) -> list[tuple[UUID, str]]:
    return [(one, function.value) for one, function in sorted(found)]


# --- the rules as a table ---------------------------------------------------------------------------------------------

_FIELDS: Final[dict[str, sa.types.TypeEngine[Any]]] = {
    "site_id": sa.Uuid(),
    "version_id": sa.Uuid(),
    "kind": sa.Text(),
    "today": sa.Date(),
    "week": sa.Date(),
    "overdue_until": sa.Date(),
    "rings_from": sa.Date(),
}


_SPECIAL_FIELDS: Final[dict[str, sa.types.TypeEngine[Any]]] = {
    "site_id": sa.Uuid(),
    "version_id": sa.Uuid(),
    "definition": sa.Text(),
    "name": sa.Text(),
    "overdue_until": sa.Date(),
}


def _written(rule: LateRule) -> dict[str, str]:
    return {
        "site_id": rule.site_id.hex,  # as SQLite keeps it, and PostgreSQL reads it
        "version_id": rule.version_id.hex,
        "kind": rule.kind.value,
        "today": rule.today.isoformat(),
        "week": rule.week.isoformat(),
        "overdue_until": rule.overdue_until.isoformat(),
        "rings_from": rule.rings_from.isoformat(),
    }


def _special_written(rule: SpecialRule) -> dict[str, str]:
    return {
        "site_id": rule.site_id.hex,
        "version_id": rule.version_id.hex,
        "definition": rule.definition,
        "name": rule.name,
        "overdue_until": rule.overdue_until.isoformat(),
    }


def _of_json(name: str, fields: dict[str, sa.types.TypeEngine[Any]]) -> sa.CTE:
    given = sa.cast(sa.bindparam(name, type_=sa.Text), postgresql.JSONB)
    table = sa.func.jsonb_to_recordset(given).table_valued(
        *(sa.column(field, kind) for field, kind in fields.items()), name=f"given_{name}"
    )
    return sa.select(*table.render_derived(with_types=True).c).cte(name).prefix_with("MATERIALIZED")


def _of_sqlite(name: str, fields: dict[str, sa.types.TypeEngine[Any]]) -> sa.CTE:
    given = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value", name=f"given_{name}")
    columns = (
        sa.type_coerce(sa.func.json_extract(given.c.value, f"$.{field}"), kind).label(field)
        for field, kind in fields.items()
    )
    return sa.select(*columns).cte(name).prefix_with("MATERIALIZED")
