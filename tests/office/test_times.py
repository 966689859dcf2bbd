"""When people and sites work, who answers for whom, and what may stand in a chat."""

from datetime import date, datetime, time
from uuid import uuid4

import pytest

from office import assigning, closings, disclosure, hours
from office.named import site_named, study_named
from office.sites import add_site, listed_sites
from records.teams import WorksIn
from tests.office.vocabulary import BERLIN, Trial
from trial.answers import AnswerKind
from trial.hours import BadHours
from trial.messages import HoursQuestion
from trial.people import Role
from trial.problems import ProblemError
from trial.tasks import SiteFunction


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina")


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def site(trial: Trial):
    """Site 417, as it is when a test asks."""

    def found():
        with trial.records.read() as tx:
            return site_named(tx, study_named(tx, "DREAM"), "417")

    return found


# --- a person's -------------------------------------------------------------------------------------------------------


def test_until_somebody_sets_them_the_sites_hours_hold(trial: Trial, amina, site):
    before = trial.asks(hours.hours_question, amina)
    trial.does(closings.set_site_hours, site(), (time(7), time(15)), by=None)

    assert before == HoursQuestion(first="08:30", last="17:00", quiet=None, weekly=False)
    assert trial.asks(hours.hours_question, amina) == HoursQuestion("07:00", "15:00", None, weekly=False)


def test_a_reminder_waits_for_its_persons_own_hours(trial: Trial, amina):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    shown = trial.does(hours.set_hours, amina, hours=(time(13), time(16)), quiet=(time(13), time(14)), by=amina)
    trial.forward_to("2026-03-03 10:00")
    trial.tick()

    assert shown == HoursQuestion("13:00", "16:00", ("13:00", "14:00"), weekly=False)
    (row,) = trial.reminders(task_id=trial.task(patient, "baseline_imaging").id)
    assert row.not_before == datetime(2026, 3, 3, 14, 0, tzinfo=BERLIN)
    assert trial.audit_holds()


@pytest.mark.parametrize(
    ("own", "quiet"), [((time(5), time(9)), None), ((time(9), time(9)), None), (None, (time(7), time(18)))]
)
def test_hours_that_leave_nothing_are_refused(trial: Trial, amina, own, quiet):
    with pytest.raises(BadHours):
        trial.does(hours.set_hours, amina, hours=own, quiet=quiet, by=amina)
    assert trial.audited("person.hours") == []


def test_the_digest_has_a_weekday_or_there_is_none(trial: Trial, amina):
    weekly = trial.does(hours.set_digest_on, amina, 2, by=amina)
    wednesday = trial.next_due()
    each = trial.does(hours.set_digest_on, amina, None, by=amina)

    assert (weekly.weekly, each.weekly) == (True, False)
    assert wednesday == datetime(2026, 3, 4, 8, 30, tzinfo=BERLIN)
    assert trial.next_due() is None


def test_only_the_trial_office_has_a_clock_of_its_own(trial: Trial, amina, manager):
    trial.does(hours.set_works_in, manager, WorksIn("Asia/Tokyo", "JP"), by=manager)

    with pytest.raises(ProblemError, match="the site's clock"):
        trial.does(hours.set_works_in, amina, WorksIn("Asia/Tokyo", "JP"), by=None)
    with pytest.raises(ProblemError, match="time zone"):
        trial.does(hours.set_works_in, manager, WorksIn("Asia/Tokio", "JP"), by=manager)
    with trial.records.read() as tx:
        assert hours.time_of(tx, manager).works_in == WorksIn("Asia/Tokyo", "JP")


def test_everybody_sets_their_own_and_the_trial_office_anybodys(trial: Trial, amina, manager):
    berta = trial.enrolled("Berta")

    with pytest.raises(ProblemError, match="trial office"):
        trial.does(hours.set_daily_cap, amina, 3, by=berta)
    trial.does(hours.set_daily_cap, amina, 3, by=manager)
    trial.does(hours.set_daily_cap, manager, 3, by=manager)
    with pytest.raises(ProblemError, match="from 1 to 50"):
        trial.does(hours.set_daily_cap, amina, 0, by=amina)
    with pytest.raises(ProblemError, match="no such weekday"):
        trial.does(hours.set_digest_on, amina, 7, by=amina)
    with pytest.raises(ProblemError, match="nobody of this id"):
        trial.does(hours.set_digest_on, uuid4(), 1, by=None)


# --- a site's ---------------------------------------------------------------------------------------------------------


def test_a_closed_site_moves_its_alarms_and_an_open_one_moves_them_back(trial: Trial, amina, site):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    before = trial.task(patient, "reevaluation_imaging").next_attention_at
    assert before is not None
    opens = before.astimezone(BERLIN).date()

    trial.does(closings.close_site, trial.studies, site(), opens, opens, by=None)
    moved = trial.task(patient, "reevaluation_imaging").next_attention_at
    (closing,) = trial.asks(closings.closings_of, site())
    (taken_back,) = trial.does(closings.open_site, trial.studies, site(), opens, by=None)

    assert moved is not None
    assert moved.astimezone(BERLIN).date() > opens
    assert (closing.first, closing.last) == (opens, opens)
    assert taken_back.id == closing.id
    assert trial.task(patient, "reevaluation_imaging").next_attention_at == before
    assert trial.audit_holds()


def test_a_promise_is_kept_when_a_site_closes(trial: Trial, amina, site):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.LATER, until="2026-03-10")
    before = trial.task(patient, "baseline_imaging")

    trial.does(closings.close_site, trial.studies, site(), date(2026, 4, 6), date(2026, 4, 8), by=None)

    assert trial.task(patient, "baseline_imaging") == before


def test_a_holiday_before_the_end_leaves_fewer_working_days(trial: Trial, amina, site):
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-06-02 10:00")  # a Tuesday; the window ends on Monday, 8 June
    visit = trial.task(patient, "reevaluation_imaging").visit_id
    usual = trial.card(amina, visit)

    trial.does(closings.close_site, trial.studies, site(), date(2026, 6, 4), date(2026, 6, 5), by=None)

    closed = trial.card(amina, visit)
    assert (usual.days_left, usual.working_days_left, usual.days_off) == (6, 4, ())
    assert (closed.working_days_left, closed.days_off) == (2, (date(2026, 6, 4), date(2026, 6, 5)))


def test_a_closing_that_cannot_be_is_refused(trial: Trial, amina, site):
    for first, last, sentence in (
        (date(2026, 4, 2), date(2026, 4, 1), "before its first"),
        (date(2026, 2, 1), date(2026, 3, 1), "before today"),
        (date(2026, 4, 1), date(2027, 4, 1), "longer than 350 days"),
    ):
        with pytest.raises(ProblemError, match=sentence):
            trial.does(closings.close_site, trial.studies, site(), first, last, by=None)
    with pytest.raises(ProblemError, match="not closed"):
        trial.does(closings.open_site, trial.studies, site(), date(2026, 4, 1), by=None)
    with pytest.raises(ProblemError, match="only the trial office"):
        trial.does(closings.close_site, trial.studies, site(), date(2026, 4, 1), date(2026, 4, 1), by=amina)


# --- who answers for whom ---------------------------------------------------------------------------------------------


def test_the_one_who_is_assigned_is_rung(trial: Trial, amina):
    berta = trial.enrolled("Berta")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.does(assigning.assign, patient, SiteFunction.IMAGING, berta, by=None)
    trial.forward_to("2026-03-03 10:00")
    trial.tick()

    assert {row.person_id for row in trial.reminders()} == {berta}
    trial.does(assigning.assign, patient, SiteFunction.IMAGING, None, by=None)
    assert len(trial.audited("patient.assigned")) == 2
    assert trial.audit_holds()


def test_nobody_of_another_site_is_assigned_and_no_coordinator_assigns(trial: Trial, amina):
    tomoko = trial.enrolled("Tomoko", site="501")
    patient = trial.patient("417-001", first_registration="2026-03-02")

    with pytest.raises(ProblemError, match="does not work"):
        trial.does(assigning.assign, patient, SiteFunction.IMAGING, tomoko, by=None)
    with pytest.raises(ProblemError, match="only the trial office"):
        trial.does(assigning.assign, patient, SiteFunction.IMAGING, amina, by=amina)
    with pytest.raises(ProblemError, match="there is none"):
        trial.does(assigning.assign, uuid4(), SiteFunction.IMAGING, amina, by=None)


# --- what may stand in a chat -----------------------------------------------------------------------------------------


def test_disclosure_is_chosen_by_a_named_person_who_answers_for_it(trial: Trial, amina, manager, site):
    investigator = trial.enrolled("Coordinator I", role=Role.INVESTIGATOR)

    with pytest.raises(ProblemError, match="cannot answer for it"):
        trial.does(disclosure.set_disclosure, site(), "code", by=amina)
    assert trial.does(disclosure.set_disclosure, site(), "code", by=investigator)
    assert site().disclosure_by == investigator
    assert not trial.does(disclosure.set_disclosure, site(), "code", by=investigator)
    assert trial.does(disclosure.set_disclosure, site(), "code", by=manager)
    assert trial.audit_holds()


def test_a_level_that_there_is_not_is_said(trial: Trial, manager, site):
    with pytest.raises(ProblemError, match="is no level"):
        trial.does(disclosure.set_disclosure, site(), "names", by=manager)


def test_a_new_site_says_who_answers_for_its_disclosure(trial: Trial, manager):
    place = {"name": "Hamburg", "country": "DE", "zone_name": "Europe/Berlin", "disclosure": "task-only"}
    add_site(trial.records, study_code="DREAM", number="502", **place, chosen_by="Manager A", **trial.stamp)

    listed = {one.site.number: (one.site.disclosure, one.chosen_by) for one in listed_sites(trial.records)}

    assert listed["502"] == ("task-only", "Manager A")
    assert listed["417"] == ("code", None)


def test_nobody_who_is_not_of_the_trial_office_answers_for_a_new_site(trial: Trial, amina):
    place = {"name": "Hamburg", "country": "DE", "zone_name": "Europe/Berlin", "disclosure": "code"}
    with pytest.raises(ProblemError, match="nobody of this name"):
        add_site(trial.records, study_code="DREAM", number="502", **place, chosen_by="Amina", **trial.stamp)

    assert "502" not in {one.site.number for one in listed_sites(trial.records)}


# --- functions --------------------------------------------------------------------------------------------------------


def test_a_function_goes_to_another_person(trial: Trial, amina, site):
    berta = trial.enrolled("Berta")
    trial.patient("417-001", first_registration="2026-03-02")

    trial.does(assigning.set_functions, site(), berta, {SiteFunction.IMAGING}, by=None)
    trial.forward_to("2026-03-03 10:00")
    trial.tick()

    assert {row.person_id for row in trial.reminders()} == {berta}
    assert len(trial.audited("person.functions")) == 1
    assert trial.audit_holds()


def test_only_the_trial_office_says_who_answers_for_what(trial: Trial, amina, site):
    tomoko = trial.enrolled("Tomoko", site="501")

    with pytest.raises(ProblemError, match="only the trial office"):
        trial.does(assigning.set_functions, site(), amina, {SiteFunction.IMAGING}, by=amina)
    with pytest.raises(ProblemError, match="does not work at the site"):
        trial.does(assigning.set_functions, site(), tomoko, {SiteFunction.IMAGING}, by=None)
