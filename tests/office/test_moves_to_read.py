"""Moves as somebody reads them: every one stands in one row, under its patient, in the order of the days."""

from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from office.amendments import Move, MoveKind, Moves, TaskDays
from office.board.moves import to_read
from office.study_files import read_study
from records.sites import SiteRow
from tests.released import DREAM

STUDY = read_study(DREAM)
PATIENTS = {UUID(int=number): f"417-00{number}" for number in (1, 2)}
NOBODY = UUID(int=0)
SITE = SiteRow(
    NOBODY,
    NOBODY,
    "DREAM",
    "417",
    "Berlin",
    "DE",
    None,
    "Europe/Berlin",
    "code",
    date(2026, 1, 1),
    None,
    None,
    None,
    None,
)


def days(occurrence: str, day: int | None) -> TaskDays:
    due = None if day is None else date(2026, 1, day)
    return TaskDays(occurrence, due, due, due)


@st.composite
def moves(draw: st.DrawFn) -> tuple[Move, ...]:
    """Of each task of some visits of two patients at most one move, as they come: by code."""
    keys = st.tuples(
        st.sampled_from(sorted(PATIENTS)), st.sampled_from(["fu_6mo", "fu_12mo"]), st.sampled_from(["hold", "upload"])
    )
    day = st.none() | st.integers(1, 5)
    found = []
    for patient, occurrence, task in sorted(draw(st.sets(keys))):
        kind = draw(st.sampled_from(MoveKind))
        before = None if kind is MoveKind.NEW else days(occurrence, draw(day))
        after = None if kind is MoveKind.WITHDRAWN else days(occurrence, draw(day))
        found.append(Move(patient, PATIENTS[patient], task, kind, before, after, draw(st.booleans())))
    return tuple(found)


@settings(max_examples=60)
@given(moves())
def test_every_move_stands_in_one_row(lines: tuple[Move, ...]):
    read = to_read(Moves(SITE, date(2026, 1, 1), 2, 2, lines), STUDY, awaiting=frozenset())
    rows = [(patient.patient_id, row) for patient in read.patients for row in patient.visits]

    assert sum(read.count.values()) == len(lines)
    for line in lines:
        shown = line.after or line.before
        assert shown is not None
        holding = [
            row
            for patient, row in rows
            if patient == line.patient_id
            and row.kind is line.kind
            and shown.occurrence in row.visits
            and (line.task in row.tasks or not row.tasks)
        ]
        assert len(holding) == 1
        dated = {one.due for one in (line.before, line.after) if one is not None and one.due is not None}
        assert not dated or (holding[0].before, holding[0].after) == (line.before, line.after)
        assert holding[0].told or not line.told


@settings(max_examples=60)
@given(moves())
def test_what_has_a_day_stands_by_day_and_the_rest_at_the_end(lines: tuple[Move, ...]):
    read = to_read(Moves(SITE, date(2026, 1, 1), 2, 2, lines), STUDY, awaiting=frozenset())

    for patient in read.patients:
        first = [
            min(
                [one.due for one in (row.before, row.after) if one is not None and one.due is not None],
                default=date.max,
            )
            for row in patient.visits
        ]
        assert first == sorted(first)
