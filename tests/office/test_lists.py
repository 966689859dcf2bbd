"""What people ask for by command."""

from datetime import date
from uuid import uuid4

import pytest

from office import lists
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.messages import (
    ListKind,
    NoSuchSite,
    NothingToExplain,
    OverdueList,
    SiteBrief,
    Standing,
    StudyBrief,
    TaskList,
    WhichPatient,
    WhyThis,
)
from trial.people import Role
from trial.responsibility import WhyTold
from trial.tasks import SiteFunction


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def berta(trial: Trial, amina):
    return trial.enrolled("Berta", functions=frozenset({SiteFunction.IMAGING}))


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def patients(trial: Trial, amina, berta):
    """Late, due, and opening this week. It is Tuesday, 3 March."""
    trial.forward_to("2026-03-03 10:00")
    return {
        "late": trial.patient("417-001", first_registration="2026-02-20"),
        "due": trial.patient("417-002", first_registration="2026-03-03"),
        "coming": trial.patient("417-003", first_registration="2025-12-28", held={"baseline_imaging": "2025-12-28"}),
    }


def shown(found: TaskList) -> list[tuple[str, str, Standing]]:
    return [(line.code, line.visit["en"], line.standing) for line in found.lines]


def test_today_has_what_is_open_the_worst_first_with_who_is_responsible(trial: Trial, amina, patients):
    found = trial.asks(lists.today, trial.studies, amina)

    assert isinstance(found, TaskList)
    assert (found.which, found.site_number, found.study, found.more) == (ListKind.TODAY, "417", "DREAM", 0)
    assert shown(found)[0] == ("417-003", "Baseline CT and MRI", Standing.LATE)
    assert ("417-001", "Baseline CT and MRI", Standing.LATE) in shown(found)
    assert shown(found)[-1] == ("417-002", "Baseline CT and MRI", Standing.DUE)
    assert {line.responsible for line in found.lines} == {"Berta"}


def test_a_visit_is_one_line_and_an_upload_is_named_where_it_is_the_last_one(trial: Trial, amina, patients):
    both = trial.asks(lists.today, trial.studies, amina)
    trial.says(
        amina, trial.task(patients["coming"], "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-02"
    )
    one = trial.asks(lists.today, trial.studies, amina)

    assert [line.task for line in both.lines] == [None, None, None]
    assert [line.task and line.task["en"] for line in one.lines] == ["Upload MRI (with DW-MRI)", None, None]


def test_the_week_has_what_opens_in_it(trial: Trial, amina, patients):
    coming = trial.patient("417-004", first_registration="2025-12-29")
    opens = trial.task(coming, "reevaluation_imaging").opens
    assert opens == date(2026, 3, 9)

    today, week = (trial.asks(which, trial.studies, amina) for which in (lists.today, lists.week))

    label = "Re-evaluation CT and MRI after chemotherapy"
    assert ("417-004", label, Standing.SCHEDULED) not in shown(today)
    assert ("417-004", label, Standing.SCHEDULED) in shown(week)


def test_what_is_booked_is_shown_as_booked(trial: Trial, amina, patients):
    trial.says(amina, trial.task(patients["due"], "baseline_imaging"), AnswerKind.BOOKED, day="2026-03-05")

    found = trial.asks(lists.today, trial.studies, amina)

    assert shown(found)[-1] == ("417-002", "Baseline CT and MRI", Standing.BOOKED)


def test_a_patient_who_left_stands_in_no_list(trial: Trial, amina, patients):
    trial.event("417-001", "death", "2026-03-01")

    assert {line.code for line in trial.asks(lists.today, trial.studies, amina).lines} == {"417-002", "417-003"}


def test_more_than_a_screen_is_a_number(trial: Trial, amina, patients):
    for number in range(10, 25):
        trial.patient(f"417-0{number}", first_registration="2026-02-25")

    found = trial.asks(lists.today, trial.studies, amina)

    assert (len(found.lines), found.more) == (lists.MOST_LINES, 18 - lists.MOST_LINES)


def test_one_patient_is_told_whole_to_whoever_may_see_them(trial: Trial, amina, manager, patients):
    tomoko = trial.enrolled("Tomoko", site="501")

    found = trial.asks(lists.patient, trial.studies, amina, " 417-003 ")

    assert isinstance(found, TaskList)
    assert (found.which, found.code) == (ListKind.PATIENT, "417-003")
    assert found.lines[0].standing is Standing.LATE
    assert Standing.DONE in {line.standing for line in found.lines}
    assert isinstance(trial.asks(lists.patient, trial.studies, manager, "417-003"), TaskList)
    for person, code in ((tomoko, "417-003"), (amina, "417-999"), (amina, None)):
        assert trial.asks(lists.patient, trial.studies, person, code) == WhichPatient("DREAM")


def test_a_manager_sees_all_sites_and_a_stranger_nothing(trial: Trial, manager, patients):
    trial.patient("501-001", site="501", first_registration="2026-03-02")

    found = trial.asks(lists.today, trial.studies, manager)

    assert found.site_number is None
    assert {line.code for line in found.lines} == {"417-001", "417-002", "417-003", "501-001"}
    assert trial.asks(lists.today, trial.studies, uuid4()) is None
    assert trial.asks(lists.patient, trial.studies, uuid4(), "417-001") is None


# --- for the trial office ---------------------------------------------------------------------------------------------


def test_overdue_has_the_sites_where_something_is_late(trial: Trial, amina, manager, patients):
    trial.patient("501-001", site="501", first_registration="2026-03-03")
    trial.says(amina, trial.task(patients["due"], "baseline_imaging"), AnswerKind.DONE, day="2026-03-03")

    found = trial.asks(lists.overdue, manager)

    assert isinstance(found, OverdueList)
    (site,) = found.sites
    assert (site.number, site.name, site.late, site.reachable) == ("417", "Berlin", 2, 2)
    assert site.oldest_days == (date(2026, 3, 3) - date(2026, 1, 5)).days  # five working days after the scans
    assert site.last_heard == date(2026, 3, 3)


def test_a_site_brief_is_of_the_number_or_of_the_site_where_most_is_amiss(trial: Trial, manager, patients):
    worst, asked = (trial.asks(lists.site_brief, trial.studies, manager, number) for number in (None, "501"))

    assert isinstance(worst, SiteBrief)
    assert isinstance(asked, SiteBrief)
    assert (worst.site.number, worst.patients, worst.people) == ("417", 3, ("Amina", "Berta"))
    assert worst.open_tasks == len(worst.lines) == 3
    assert (asked.site.number, asked.patients, asked.lines, asked.people) == ("501", 0, (), ())
    assert trial.asks(lists.site_brief, trial.studies, manager, "999") == NoSuchSite("DREAM")


def test_the_study_in_one_screen(trial: Trial, manager, patients):
    found = trial.asks(lists.study_brief, manager)

    assert found == StudyBrief(
        study="DREAM", today=date(2026, 3, 3), patients=3, due_this_week=1, late=2, items=0, silent_sites=()
    )


def test_only_the_trial_office_sees_the_whole(trial: Trial, amina, patients):
    investigator = trial.enrolled("Coordinator I", role=Role.INVESTIGATOR)

    for person in (amina, investigator, uuid4()):
        assert trial.asks(lists.overdue, person) is None
        assert trial.asks(lists.study_brief, person) is None
        assert trial.asks(lists.site_brief, trial.studies, person, "417") is None


# --- why did I get this -----------------------------------------------------------------------------------------------


def test_why_names_the_rule_the_version_the_dates_and_who_else_was_told(trial: Trial, amina, berta):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.live_until("2026-03-06 12:00")
    hold = trial.task(patient, "baseline_imaging")

    told = trial.asks(lists.why, trial.studies, amina, task_id=hold.id)

    assert isinstance(told, WhyThis)
    assert (told.study, told.version, told.code, told.task) == ("DREAM", "1.1", "417-001", None)
    assert (told.step, told.rule, told.why) == ("cover", "closes + 3wd", WhyTold.COLLEAGUE)
    assert told.unverified
    assert (told.opens, told.closes) == (hold.opens, hold.closes)
    assert told.others == ("Berta",)


def test_there_is_nothing_to_explain_to_whoever_was_told_nothing_or_may_not_see_it(trial: Trial, amina, berta):
    trial.patient("417-001", first_registration="2026-03-02")
    assert trial.asks(lists.why, trial.studies, amina) == NothingToExplain()
    trial.live_until("2026-03-06 12:00")
    assert isinstance(trial.asks(lists.why, trial.studies, amina), WhyThis)

    trial.revoked("Amina")

    assert trial.asks(lists.why, trial.studies, amina) == NothingToExplain()
