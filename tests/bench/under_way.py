"""A trial in its third year: patients at every point of their course, most of what was due answered, some of it late.

Patients are copies as in `filled.py`; what their tasks came to is set afterwards, in the shares that are named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from records import schema
from records.database import Records
from tests.bench.filled import MOVED_IN, PLACES, Copies, analyse
from tests.office.vocabulary import Trial
from trial.tasks import TaskState

BEGAN: Final = "2024-01-08"
TODAY: Final = MOVED_IN.date()
SITES: Final = 30
COURSES: Final[tuple[Mapping[str, int], ...]] = (
    {"first_registration": 420, "second_registration": 330, "surgery": 300},
    {"first_registration": 800, "second_registration": 700, "surgery": 660},
    {"first_registration": 100},
)
"""How many days ago these patients had what; every other one is a copy of them, some days later."""

LATER_DAYS: Final = range(100)

NOT_DONE_ONE_IN: Final = 40
LATE_ONE_IN: Final = 20
"""Of what was due: one in so many was not done, or is still open; the rest is done."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What a benchmark of the board has to know. `late` counts tasks."""

    manager: UUID
    tasks: int
    late: int


def fill_under_way(records: Records, *, tasks: int) -> UnderWay:
    """Fills an empty, migrated database with at least so many tasks."""
    trial = Trial(records, start=MOVED_IN, rings_from=BEGAN)
    site_ids = []
    for number in range(100, 100 + SITES):
        country, zone = PLACES[number % len(PLACES)]
        site_ids.append(trial.site(str(number), f"Place {number}", country, zone, rings_from=BEGAN))
        trial.enrolled("Amina", site=str(number))
    manager = trial.manager()
    models = [_model(trial, place, course) for place, course in enumerate(COURSES)]
    copies = Copies(records, tuple(site_ids))
    for model in models:
        copies.add(model, -(-tasks // len(models) // copies.tasks_of(model)), by_days=LATER_DAYS)
    return UnderWay(manager, *_answer(records))


def _model(trial: Trial, place: int, course: Mapping[str, int]) -> UUID:
    events = {event: (TODAY - timedelta(days=days)).isoformat() for event, days in course.items()}
    return trial.patient(f"000-00{place}", site="100", facts={"lesion_left_in_place": "yes"}, **events)


def _answer(records: Records) -> tuple[int, int]:
    """Every task that is past its last day came to something; how many tasks there are, and how many are late."""
    task = schema.task
    past = sa.and_(task.c.closes < TODAY, task.c.firm == sa.true())
    with records.begin() as tx:
        rows = tx.connection.execute(sa.select(task.c.id).where(past).order_by(task.c.id)).scalars().all()
        states: dict[TaskState, list[UUID]] = {TaskState.DONE: [], TaskState.NOT_DONE: []}
        for place, task_id in enumerate(rows):
            if place % NOT_DONE_ONE_IN == 1:
                states[TaskState.NOT_DONE].append(task_id)
            elif place % LATE_ONE_IN:
                states[TaskState.DONE].append(task_id)
        for state, ids in states.items():
            statement = (
                sa.update(task)
                .where(task.c.id == sa.bindparam("one"))
                .values(state=state.value, next_step=None, next_attention_at=None)
            )
            tx.connection.execute(statement, [{"one": one} for one in ids])
        every = tx.connection.execute(sa.select(sa.func.count()).select_from(task)).scalar_one()
    analyse(records)
    return every, len(rows) - sum(map(len, states.values()))
