"""The board's sites: the worst first, whom to call, how it went, and only what is one's own."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import closings
from office.board.site import SitePage, site_page
from office.board.sites import sites_page
from office.board.trend import MONTHS, last_months
from office.board.viewer import Viewer, viewer_of
from office.disclosure import set_disclosure
from office.earlier import ask_about_earlier
from office.inviting import invite_to
from office.people import revoke_person
from office.sites import NewSite, add_site_to
from records.studies import study_by_code
from scheduler.watching import watch
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.people import SITE_STAFF, Role
from trial.problems import ProblemError
from trial.responsibility import WhyTold
from trial.returns import Returns


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def tomoko(trial: Trial):
    return trial.enrolled("Tomoko", site="501")


def seen_by(trial: Trial, person: UUID) -> Viewer:
    found = trial.asks(viewer_of, person)
    assert found is not None
    return found


def sites_of(trial: Trial, person: UUID, **filters: str):
    return trial.asks(sites_page, trial.studies, seen_by(trial, person), **filters)


def site_of(trial: Trial, person: UUID, number: str = "417") -> SitePage | None:
    with trial.records.read() as tx:
        return site_page(tx, trial.studies, seen_by(trial, person), number, **trial.times)


def watched(trial: Trial) -> None:
    watch(trial.records, trial.studies, **trial.times)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_silent_site_comes_first_with_its_working_days(trial: Trial, manager, amina, tomoko):
    trial.patient("417-001", first_registration="2026-03-02")
    answered = trial.patient("501-001", site="501", first_registration="2026-03-02")
    trial.live_until("2026-03-24 12:00")
    trial.says(tomoko, trial.task(answered, "baseline_imaging"), AnswerKind.DONE, day="2026-03-05")
    trial.live_until("2026-03-25 12:00")
    watched(trial)

    first, second = sites_of(trial, manager).lines

    assert (first.site.number, second.site.number) == ("417", "501")
    assert first.silence is not None
    assert first.silence.since == date(2026, 3, 2)
    assert first.silence.working_days == 17
    assert (first.heard_on, second.heard_on) == (None, date(2026, 3, 24))
    assert second.silence is None


def test_where_nobody_can_be_told_comes_before_what_is_late(trial: Trial, manager, amina):
    late = trial.patient("417-001", first_registration="2026-01-05")
    trial.patient("501-001", site="501", first_registration="2026-03-02")
    assert trial.task(late, "baseline_imaging").closes < date(2026, 3, 2)

    lines = sites_of(trial, manager).lines

    assert [(one.site.number, one.reachable, one.people) for one in lines] == [("501", 0, 0), ("417", 1, 1)]
    assert lines[1].figures.late > 0


def test_who_cannot_be_reached_is_counted_of_how_many(trial: Trial, manager, amina):
    trial.out_of_reach(trial.enrolled("Berta"))
    trial.invited("Clara")
    trial.enrolled("Dora", role=Role.MONITOR)

    (line,) = sites_of(trial, manager, country="DE").lines

    assert (line.reachable, line.people) == (1, 3)


def test_each_sees_the_sites_that_are_theirs(trial: Trial, manager, amina, tomoko):
    assert [one.site.number for one in sites_of(trial, amina).lines] == ["417"]
    assert [one.site.number for one in sites_of(trial, manager, country="JP").lines] == ["501"]
    assert sites_of(trial, manager, country="FR").lines == ()
    assert sites_of(trial, tomoko).countries == ("JP",)
    assert site_of(trial, amina, "501") is None
    assert site_of(trial, manager, "999") is None


# --- one site ---------------------------------------------------------------------------------------------------------


def test_the_clock_there_its_hours_and_the_next_day_off(trial: Trial, manager):
    trial.forward_to("2026-03-27 09:00")
    with trial.records.begin() as tx:
        site = seen_by(trial, manager).sites[0]
        closings.close_site(tx, trial.studies, site, date(2026, 4, 1), date(2026, 4, 1), by=manager, **trial.times)

    working, closed = site_of(trial, manager), site_of(trial, manager, "501")

    assert working is not None
    assert closed is not None
    assert (working.clock.works, closed.clock.works) == (True, True)  # 09:00 in Berlin is 17:00 in Tokyo
    assert (working.clock.next_off, working.clock.off_by_site) == (date(2026, 4, 1), True)
    assert (closed.clock.next_off, closed.clock.off_by_site) == (date(2026, 4, 29), False)
    trial.forward_to("2026-03-27 09:01")
    later = site_of(trial, manager, "501")
    assert later is not None
    assert not later.clock.works


def test_whom_to_call_first_is_named_with_the_reason(trial: Trial, manager, amina):
    berta = trial.enrolled("Berta", role=Role.INVESTIGATOR)
    found = site_of(trial, manager)
    assert found is not None
    assert found.call_first is not None
    assert (found.call_first.person.name, found.call_first.why) == ("Amina", WhyTold.RESPONSIBLE)

    trial.revoked("Amina")

    found = site_of(trial, manager)
    assert found is not None
    assert found.call_first is not None
    assert found.call_first.person.id == berta


def test_open_tasks_and_last_words_only_for_who_may_see_patients(trial: Trial, manager, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.BOOKED, day="2026-03-05")
    administrator = trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR)

    seen, unseen = site_of(trial, amina), site_of(trial, administrator)

    assert seen is not None
    assert unseen is not None
    assert [(one.code, one.word.kind, one.word.by) for one in seen.said] == [
        ("417-001", AnswerKind.BOOKED, "Amina"),
    ]
    assert seen.due is not None
    assert {row.called.task.code for row in seen.due.rows} == {"417-001"}
    assert (unseen.late, unseen.due, unseen.said, unseen.earlier) == (None, None, (), ())
    assert unseen.line.figures.due_this_week == seen.line.figures.due_this_week > 0


def test_what_is_from_before_sitebell_can_be_picked_by_the_office(trial: Trial, manager, amina):
    patient = trial.patient("417-001", first_registration="2025-08-01")
    before = site_of(trial, manager)
    assert before is not None
    (one,) = before.earlier
    assert (one.patient_id, one.code) == (patient, "417-001")
    assert one.tasks == before.line.figures.earlier > 0

    trial.does(ask_about_earlier, trial.studies, patient, by=manager)

    after = site_of(trial, manager)
    assert after is not None
    assert after.earlier == ()
    theirs = site_of(trial, amina)
    assert theirs is not None
    assert theirs.earlier == ()


# --- the trend --------------------------------------------------------------------------------------------------------


def test_a_month_counts_what_had_its_last_day_in_it_and_what_was_said_in_time(trial: Trial, manager, amina):
    first, second, third = (trial.patient(f"417-00{number}", first_registration="2026-03-02") for number in (1, 2, 3))
    hold = trial.task(first, "baseline_imaging")
    assert hold.closes is not None
    assert hold.closes.month == 3
    trial.says(amina, hold, AnswerKind.DONE, day="2026-03-02")
    trial.forward_to("2026-03-31 12:00")
    trial.says(amina, trial.task(second, "baseline_imaging"), AnswerKind.DONE, day="2026-03-03")
    trial.says(amina, trial.task(third, "baseline_imaging"), AnswerKind.NOT_DONE, text="scanner out of order")

    found = site_of(trial, manager)

    assert found is not None
    march = found.trend[-1]
    assert march.month == date(2026, 3, 1)
    assert march.returns == found.line.figures.returns
    assert (march.returns.received, march.returns.unobtainable, march.in_time) == (2, 1, 1)


def test_what_the_office_entered_is_received_and_not_in_time(trial: Trial, manager):
    trial.patient("417-001", first_registration="2026-02-02", held={"baseline_imaging": "2026-02-03"})

    found = site_of(trial, manager)

    assert found is not None
    february = found.trend[-2]
    assert february.returns.received == 1
    assert february.in_time == 0


def test_all_months_together_are_the_sites_figures_where_everything_ended_in_them(trial: Trial, manager, amina):
    for number, day in enumerate(("2025-09-01", "2025-11-03", "2026-01-05", "2026-02-02"), start=1):
        trial.patient(f"417-00{number}", first_registration=day, held={"baseline_imaging": day})
    trial.forward_to("2026-08-31 12:00")

    found = site_of(trial, manager)

    assert found is not None
    together = sum((one.returns for one in found.trend), Returns())
    assert replace(together) == found.line.figures.returns
    assert together.overdue > 0


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 12, 31)))
def test_the_months_of_a_trend_are_a_year_that_ends_now(today: date):
    months = last_months(today)

    assert len(months) == MONTHS
    assert months[-1] == today.replace(day=1)
    assert all((later - earlier).days in {28, 29, 30, 31} for earlier, later in pairwise(months))
    assert {one.day for one in months} == {1}


# --- changing ---------------------------------------------------------------------------------------------------------


def study(trial: Trial):
    with trial.records.read() as tx:
        found = study_by_code(tx, "DREAM")
    assert found is not None
    return found


NEW = NewSite("611", "Houston", "US", "TX", "America/Chicago", "code")


def test_a_manager_adds_a_site_and_answers_for_its_disclosure(trial: Trial, manager):
    trial.does(add_site_to, study(trial), NEW, chosen_by=manager, by=manager)

    found = site_of(trial, manager, "611")
    assert found is not None
    assert found.disclosure_by == "Manager A"
    assert found.site.rings_from == date(2026, 3, 2)
    assert trial.audit_holds()


def test_everything_that_is_wrong_with_a_new_site_is_told_at_once(trial: Trial, manager):
    wrong = NewSite("417", "", "XX", None, "Europe/Nowhere", "loud")

    with pytest.raises(ProblemError) as refused:
        trial.does(add_site_to, study(trial), wrong, chosen_by=manager, by=manager)

    fields = {problem.where for problem in refused.value.problems}
    assert fields == {"site number", "site name", "country", "time zone", "disclosure"}


def test_nobody_else_adds_a_site(trial: Trial):
    for role in set(Role) - {Role.MANAGER}:
        other = trial.enrolled(f"Some {role}", site="417" if role in SITE_STAFF else None, role=role)

        with pytest.raises(ProblemError):
            trial.does(add_site_to, study(trial), NEW, chosen_by=other, by=other)


def test_the_page_on_which_a_site_is_added_is_no_sites_number(trial: Trial, manager):
    with pytest.raises(ProblemError):
        trial.does(add_site_to, study(trial), replace(NEW, number="new"), chosen_by=manager, by=manager)


def test_only_who_may_admit_invites(trial: Trial, manager, amina):
    site = seen_by(trial, manager).sites[0]
    words = {"role": Role.COORDINATOR, "name": "Berta", "language": "en"}

    made = trial.does(invite_to, study(trial), site, by=manager, **words)

    assert trial.joins(made.token, chat=4711) == "en"
    for other in (amina, trial.enrolled("Monitor A", site=None, role=Role.MONITOR)):
        with pytest.raises(ProblemError):
            trial.does(invite_to, study(trial), site, by=other, **words)


def test_access_ends_with_a_reason_in_the_audit_log_and_never_ones_own(trial: Trial, manager, amina, tomoko):
    with pytest.raises(ProblemError):
        trial.does(revoke_person, trial.studies, amina, reason=" ", by=manager)
    with pytest.raises(ProblemError):
        trial.does(revoke_person, trial.studies, amina, reason="call +49 170 1234567", by=manager)
    for person, by in ((manager, manager), (amina, tomoko), (amina, amina)):
        assert trial.does(revoke_person, trial.studies, person, reason="left", by=by) == "not_allowed"

    trial.does(revoke_person, trial.studies, amina, reason="left the department", by=manager)

    assert trial.person(amina).revoked_at is not None
    assert trial.does(revoke_person, trial.studies, amina, reason="again", by=manager) == "closed"
    assert len(trial.audited("person.revoked")) == 1
    assert trial.audit_holds()


def test_an_investigator_answers_for_the_disclosure_of_their_own_site(trial: Trial, manager):
    investigator = trial.enrolled("Investigator I", role=Role.INVESTIGATOR)
    site = seen_by(trial, manager).sites[0]

    trial.does(set_disclosure, site, "task-only", by=investigator)

    found = site_of(trial, manager)
    assert found is not None
    assert (found.site.disclosure, found.disclosure_by) == ("task-only", "Investigator I")
