"""What is late, as the trial office reads it: which tasks, in which order, whose, and for whose eyes."""

from datetime import date
from uuid import UUID

import pytest

from office import assigning
from office.board import late
from office.board.late import LateFilters, LatePage, late_page, late_row, worst
from office.board.viewer import Viewer, viewer_of
from records.board.lateness import Which
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.people import Role
from trial.tasks import SiteFunction, TaskKind


@pytest.fixture
def boss(trial: Trial) -> UUID:
    """Site 417 with two overdue visits and one that is just late, 501 with one; and the trial manager."""
    trial.enrolled("Amina")
    trial.enrolled("Tomoko", site="501", language="ja")
    for code, registered in (("417-001", "2026-01-12"), ("417-002", "2026-01-05"), ("417-003", "2026-02-26")):
        trial.patient(code, first_registration=registered)
    trial.patient("501-001", site="501", first_registration="2026-01-19")
    return trial.manager()


def viewer(trial: Trial, person: UUID) -> Viewer:
    found = trial.asks(viewer_of, person)
    assert found is not None
    return found


def page_of(trial: Trial, person: UUID, filters: LateFilters | None = None, **more: object) -> LatePage:
    return trial.asks(late_page, trial.studies, viewer(trial, person), filters or LateFilters(), **more)


def codes(page: LatePage) -> list[str]:
    return [row.called.task.code for row in page.rows]


def test_overdue_stands_before_late_and_what_ended_first_before_the_rest(trial: Trial, boss: UUID):
    page = page_of(trial, boss)

    assert codes(page) == ["417-002", "417-001", "501-001", "417-003"]
    assert [row.which for row in page.rows] == [Which.OVERDUE, Which.OVERDUE, Which.OVERDUE, Which.LATE]
    assert [row.days for row in page.rows] == [56, 49, 42, 4]
    assert (page.tally.found, page.tally.of) == (4, 4)


def test_each_list_has_its_own_rows(trial: Trial, boss: UUID):
    trial.patient("417-004", first_registration="2026-03-02")
    found = {which: codes(page_of(trial, boss, LateFilters(which))) for which in Which}

    assert found == {
        Which.PAST: ["417-002", "417-001", "501-001", "417-003"],
        Which.OVERDUE: ["417-002", "417-001", "501-001"],
        Which.LATE: ["417-003"],
        Which.DUE: ["417-004"],
        Which.EARLIER: [],
    }


def test_what_fell_due_before_a_site_began_is_a_list_of_its_own(trial: Trial, boss: UUID):
    trial.site("302", "Lyon", "FR", "Europe/Paris", rings_from="2026-03-01")
    trial.patient("302-001", site="302", first_registration="2026-01-12")

    assert codes(page_of(trial, boss, LateFilters(Which.EARLIER))) == ["302-001"]
    assert "302-001" not in codes(page_of(trial, boss))


def test_each_site_s_own_date_says_what_is_late(trial: Trial, boss: UUID):
    trial.patient("417-009", first_registration="2026-03-02")
    trial.patient("501-009", site="501", first_registration="2026-03-02")
    trial.forward_to("2026-03-02 23:00")  # in Tokyo it is the third already

    assert codes(page_of(trial, boss))[-1] == "501-009"
    assert codes(page_of(trial, boss, LateFilters(Which.DUE))) == ["417-009"]


def test_a_row_says_whom_to_call_and_what_was_said_last(trial: Trial, boss: UUID):
    trial.tick()
    before = page_of(trial, boss).rows[0].called
    assert before.responsible_id is not None
    task = trial.task(before.task.patient_id, "baseline_imaging")
    trial.says(before.responsible_id, task, AnswerKind.BOOKED, day="2026-03-06")
    called = page_of(trial, boss).rows[0].called

    assert (called.responsible, called.told_name) == ("Amina", "Amina")
    assert called.told is not None
    assert called.told.notice_state == "waiting"
    assert called.last is not None
    assert (called.last.kind, called.last.day, called.last.by) == (AnswerKind.BOOKED, date(2026, 3, 6), "Amina")
    assert called.said_at == trial.clock.now()
    assert called.task.next_step == "later"
    assert called.next_at is not None


def test_filters_are_kept_together(trial: Trial, boss: UUID):
    seen = viewer(trial, boss)
    tokyo = seen.site("501")

    assert codes(page_of(trial, boss, LateFilters(site=tokyo))) == ["501-001"]
    assert codes(page_of(trial, boss, LateFilters(country="DE"))) == ["417-002", "417-001", "417-003"]
    assert codes(page_of(trial, boss, LateFilters(kind=TaskKind.UPLOAD))) == []
    assert codes(page_of(trial, boss, LateFilters(Which.LATE, country="JP"))) == []


def test_a_person_s_list_has_what_they_are_responsible_for(trial: Trial, boss: UUID):
    first = page_of(trial, boss).rows[0].called.task
    amina = page_of(trial, boss).rows[0].called.responsible_id
    berta = trial.enrolled("Berta")
    for function in SiteFunction:
        trial.does(assigning.assign, first.patient_id, function, berta, by=boss)
    everybody = [(row.called.task.code, row.called.responsible_id) for row in page_of(trial, boss).rows]

    for person in (amina, berta):
        mine = page_of(trial, boss, LateFilters(person=person))
        assert codes(mine) == [code for code, responsible in everybody if responsible == person]
        assert mine.tally.found == len(mine.rows)


def test_a_long_list_comes_in_pages_that_miss_nothing(trial: Trial, boss: UUID):
    whole = codes(page_of(trial, boss))
    pages = [page_of(trial, boss, page=number, limit=3) for number in (1, 2, 3)]

    assert [code for page in pages for code in codes(page)] == whole
    assert [(page.first, page.last, page.goes_on) for page in pages[:2]] == [(1, 3, True), (4, 4, False)]


def test_nobody_sees_rows_of_another_site(trial: Trial, boss: UUID):
    berta = trial.enrolled("Berta", site="501")
    foreign = page_of(trial, boss).rows[0].called.task.id

    assert codes(page_of(trial, berta)) == ["501-001"]
    assert trial.asks(late_row, trial.studies, viewer(trial, berta), foreign) is None
    assert codes(page_of(trial, berta, LateFilters(site=viewer(trial, boss).site("417")))) == []


def test_who_runs_sitebell_sees_no_patient(trial: Trial, boss: UUID):
    administrator = trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR)

    assert page_of(trial, administrator).rows == ()
    assert trial.asks(worst, trial.studies, viewer(trial, administrator), limit=8) == ()


def test_reading_takes_as_many_queries_for_many_rows_as_for_few(trial: Trial, boss: UUID):
    def queries(limit: int) -> int:
        seen = viewer(trial, boss)
        with trial.records.read() as tx:
            count = 0
            execute = tx.connection.execute

            def counting(*given: object, **more: object) -> object:
                nonlocal count
                count += 1
                return execute(*given, **more)

            tx.connection.execute = counting  # type: ignore[method-assign]  # a count, no fake
            late.late_page(tx, trial.studies, seen, LateFilters(), limit=limit, now=trial.clock.now())
        return count

    assert queries(4) <= queries(1)
