"""What fell due before a site had Sitebell, and was done back then: the trial office takes it down from its own lists."""

import random
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from office import claims
from office.answers import Recorded, record_answer
from records import people, plans
from records.database import Records
from rehearsal.engine import Times
from scheduler.definitions import Definitions
from trial.answers import AnswerKind, Said, Via
from trial.tasks import TaskKind, TaskState

_KINDS: Final = {TaskKind.UPLOAD: AnswerKind.UPLOADED, TaskKind.SEND: AnswerKind.DONE}


def take_down(
    records: Records,
    studies: Definitions,
    patient_id: UUID,
    *,
    before: date,
    known: float,
    by: UUID,
    office: UUID | None,
    chance: random.Random,
    times: Times,
) -> None:
    """Records what was uploaded and sent for a patient before this day, said by `by` of the site, and found by the office.

    `known`: the share that the office's lists know about; the others stay open as from before, and ring nobody.
    """
    with records.begin() as tx:
        tasks = [task for task in plans.tasks_of_patient(tx, patient_id) if task.state is TaskState.OPEN]
        actor = people.actor(tx, by)
        for task in sorted(tasks, key=lambda task: (task.occurrence, task.name)):
            kind = _KINDS.get(task.kind)
            due = task.due is not None and task.firm and task.due < before
            if kind is None or actor is None or not due or chance.random() >= known:
                continue
            place = plans.visit_place(tx, task.visit_id)
            if place is None:
                continue
            said = record_answer(
                tx,
                studies,
                place,
                actor,
                task_id=task.id,
                kind=kind,
                said=Said(day=(task.due or before) - timedelta(days=chance.randint(0, 2))),
                via=Via.COMMAND_LINE,
                **times,
            )
            if isinstance(said, Recorded) and kind is AnswerKind.UPLOADED:
                claims.verify(tx, studies, said.answer_id, office, **times)
