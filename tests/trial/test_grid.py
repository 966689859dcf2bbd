"""The state of a visit in the grid, by the table of docs/glossary.md."""

import itertools

import pytest

from trial.follow_up import FollowUp
from trial.grid import Cell, CellNote, CellState, CellTask, cell_of

TABLE = (
    # follow-up state, note of the task, state of the cell
    (FollowUp.SCHEDULED, None, CellState.NOT_YET),
    (FollowUp.EXPECTED, None, CellState.DUE),
    (FollowUp.EXPECTED, CellNote.LATE, CellState.DUE),
    (FollowUp.RECEIVED, None, CellState.PRESENT),
    (FollowUp.RECEIVED, CellNote.CLAIMED, CellState.DUE),
    (FollowUp.RECEIVED, CellNote.QUERIED, CellState.DUE),
    (FollowUp.OVERDUE, None, CellState.OVERDUE),
    (FollowUp.OVERDUE, CellNote.EARLIER, CellState.OVERDUE),
    (FollowUp.UNOBTAINABLE, None, CellState.UNOBTAINABLE),
    (None, None, CellState.NOT_APPLICABLE),
    (None, CellNote.PAUSED, CellState.NOT_APPLICABLE),
)


@pytest.mark.parametrize(("follow_up", "note", "state"), TABLE)
def test_a_visit_with_one_task_stands_as_that_task(follow_up, note, state):
    assert cell_of([CellTask(follow_up, note)]) == Cell(state, note)


VISITS = (
    ("held, and its upload is due", [FollowUp.RECEIVED, FollowUp.EXPECTED], CellState.DUE),
    ("held, and its upload is overdue", [FollowUp.RECEIVED, FollowUp.OVERDUE], CellState.OVERDUE),
    ("held, one upload due and one overdue", [FollowUp.EXPECTED, FollowUp.OVERDUE], CellState.OVERDUE),
    ("to be held; uploads have no dates yet", [FollowUp.EXPECTED, FollowUp.SCHEDULED], CellState.DUE),
    ("not open yet", [FollowUp.SCHEDULED, FollowUp.SCHEDULED], CellState.NOT_YET),
    ("held, and its upload will never come", [FollowUp.RECEIVED, FollowUp.UNOBTAINABLE], CellState.UNOBTAINABLE),
    ("not held, so that there is nothing to upload", [FollowUp.UNOBTAINABLE, None], CellState.UNOBTAINABLE),
    ("held, and its upload does not apply", [FollowUp.RECEIVED, None], CellState.PRESENT),
    ("nothing of it applies", [None, None], CellState.NOT_APPLICABLE),
    ("without any task", [], CellState.NOT_APPLICABLE),
)


@pytest.mark.parametrize(("follow_ups", "state"), [(given, state) for _, given, state in VISITS])
def test_a_visit_stands_as_the_task_that_is_worst_off(follow_ups, state):
    assert cell_of([CellTask(one) for one in follow_ups]).state is state


def test_the_order_of_tasks_changes_no_state():
    everything = [CellTask(one) for one in (*FollowUp, None)]
    for length in (2, 3):
        for tasks in itertools.permutations(everything, length):
            assert cell_of(tasks).state is cell_of(sorted(tasks, key=str)).state


def test_a_note_stands_for_the_task_that_decides():
    claimed = CellTask(FollowUp.RECEIVED, CellNote.CLAIMED)

    assert cell_of([CellTask(FollowUp.OVERDUE), claimed]) == Cell(CellState.OVERDUE)
    assert cell_of([CellTask(FollowUp.RECEIVED), claimed]) == Cell(CellState.DUE, CellNote.CLAIMED)
