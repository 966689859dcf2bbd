"""Patients by a table: everything that is wrong is found before anything is written, and all rows are added or none."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from office.board.viewer import viewer_of
from office.patient_table import MOST_ROWS, DryRun, add_all, dry_run
from records import patients
from tests.office.vocabulary import Trial
from trial.people import Role
from trial.problems import ProblemError, Wrong

HEAD = "site,code,event:first_registration,event:second_registration,fact:lesion_left_in_place,held:baseline_imaging"


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


def looked_at(trial: Trial, person, *lines: str, head: str = HEAD) -> DryRun:
    with trial.records.read() as tx:
        viewer = viewer_of(tx, person, now=trial.clock.now())
        assert viewer is not None
        return dry_run(tx, trial.studies, viewer, "\n".join((head, *lines)), now=trial.clock.now())


def found(tried: DryRun) -> list[tuple[int, str, Wrong | None]]:
    return [(one.line, one.column, one.problem.wrong) for one in tried.problems]


def everybody(trial: Trial) -> list[str]:
    with trial.records.read() as tx:
        return sorted(row.code for row in patients.patients(tx))


def test_a_table_without_a_problem_writes_nothing_until_it_is_asked_to(trial: Trial, manager):
    tried = looked_at(trial, manager, "417,417-001,2026-02-16,,,2026-02-10", "501,501-001,2026-03-02,,,")

    assert (found(tried), len(tried.rows), everybody(trial)) == ([], 2, [])
    trial.does(add_all, trial.studies, tried.rows, by=manager)
    assert everybody(trial) == ["417-001", "501-001"]
    assert [row.actor for row in trial.audited("patient.added")] == [str(manager)] * 2
    assert trial.audit_holds()


def test_every_problem_is_shown_with_its_line_and_column(trial: Trial, manager):
    trial.patient("417-009", first_registration="2026-02-16")
    tried = looked_at(
        trial,
        manager,
        "417,417-001,2026-02-16,2026-02-10,,",  # the second registration before the first
        "417,Smith,2026-02-16,,,",  # no code
        "999,417-002,2026-02-16,,,",  # no such site
        "417,417-003,16.02.2026,,,",  # no ISO date
        "417,417-004,2027-02-16,,,",  # in the future
        "417,417-005,,,,",  # not registered
        "417,417-006,2026-02-16,,maybe,",  # no such value
        "417,417-009,2026-02-16,,,",  # there already
        "417,417-007,2026-02-16,,,2026-03-10",  # held in the future
        "417,417-008,2026-02-16,,,2025-01-01",  # held long before its window
        ",,2026-02-16,,,",
    )

    assert found(tried) == [
        (2, "event:second_registration", Wrong.BEFORE),
        (3, "code", Wrong.CODE_FORM),
        (4, "site", Wrong.UNKNOWN),
        (5, "event:first_registration", Wrong.UNREADABLE),
        (6, "event:first_registration", Wrong.FUTURE),
        (7, "event:first_registration", Wrong.MISSING),
        (8, "fact:lesion_left_in_place", Wrong.UNKNOWN),
        (9, "code", Wrong.CODE_TAKEN),
        (10, "held:baseline_imaging", Wrong.FUTURE),
        (11, "held:baseline_imaging", Wrong.BEFORE_REGISTRATION),
        (12, "site", Wrong.MISSING),
        (12, "code", Wrong.MISSING),
    ]
    assert everybody(trial) == ["417-009"]


def test_the_same_code_twice_names_the_line_before(trial: Trial, manager):
    tried = looked_at(trial, manager, "417,417-001,2026-02-16,,,", "417,417-001,2026-02-16,,,")

    assert [(one.line, one.problem.wrong, one.problem.about) for one in tried.problems] == [(3, Wrong.TWICE, "2")]


@pytest.mark.parametrize(
    ("head", "wrong"),
    [
        ("site,event:first_registration", (1, "code", Wrong.NO_COLUMN)),
        ("site,code,code", (1, "code", Wrong.TWO_COLUMNS)),
        ("site,code,event:operation", (1, "event:operation", Wrong.UNKNOWN_COLUMN)),
        ("site,code,name", (1, "name", Wrong.UNKNOWN_COLUMN)),
    ],
)
def test_a_head_that_is_not_understood_stops_at_the_head(trial: Trial, manager, head, wrong):
    assert found(looked_at(trial, manager, "417,417-001,2026-02-16", head=head)) == [wrong]


def test_what_a_spreadsheet_makes_of_it_is_read(trial: Trial, manager):
    with trial.records.read() as tx:
        viewer = viewer_of(tx, manager, now=trial.clock.now())
        text = "\ufeffsite;code;event:first_registration\r\n417;417-001;2026-02-16\r\n;;\r\n"
        tried = dry_run(tx, trial.studies, viewer, text, now=trial.clock.now())

    assert (found(tried), len(tried.rows)) == ([], 1)


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (['417,"417-001'], (2, "", Wrong.UNREADABLE_CSV)),
        ([], (1, "", Wrong.MISSING)),
        (["417,417-001,2026-02-16,,,,,"], (2, "", Wrong.UNFIT)),
        (["417,417-001,2026-02-16"] * (MOST_ROWS + 1), (MOST_ROWS + 2, "", Wrong.TOO_MANY)),
    ],
)
def test_a_table_that_is_none_is_refused_as_a_whole(trial: Trial, manager, lines, wrong):
    assert found(looked_at(trial, manager, *lines)) == [wrong]


def test_one_row_that_went_wrong_meanwhile_leaves_nothing_of_the_others(trial: Trial, manager):
    tried = looked_at(trial, manager, "417,417-001,2026-02-16,,,", "417,417-002,2026-02-16,,,")
    trial.patient("417-002", first_registration="2026-02-16")

    with pytest.raises(ProblemError):
        trial.does(add_all, trial.studies, tried.rows, by=manager)
    assert everybody(trial) == ["417-002"]


def test_a_site_s_own_people_add_nobody(trial: Trial):
    amina = trial.enrolled("Amina", role=Role.INVESTIGATOR)

    assert found(looked_at(trial, amina, "417,417-001,2026-02-16,,,")) == [(2, "site", Wrong.UNKNOWN)]


CELL = st.text(alphabet="ab14-0:;,\"'\n\t=é月 ", max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=7), max_size=5), quoted=st.booleans())
def test_whatever_is_pasted_is_read_or_refused_at_a_line_and_never_fails(trial: Trial, manager, rows, quoted):
    """Nothing is written, so one trial serves all examples."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    pasted = text.getvalue() if quoted else "\n".join(",".join(row) for row in rows)
    tried = looked_at(trial, manager, pasted)

    assert all(one.line >= 1 for one in tried.problems)
    assert tried.rows or tried.problems
