"""Who only looks is rung for nothing: no cards, no digests, no news, no place in anybody's ladder."""

import pytest

from office.assigning import assign, set_functions
from office.disclosure import names_nothing, set_disclosure
from office.hours import set_works_in
from office.named import NobodyThere, site_named, study_named, workplace_of
from office.people import judge_newcomer
from office.teams import team_of
from records import patients, people, sites
from records.teams import WorksIn
from scheduler.digesting import homes_of
from scheduler.last_look import IN_HOURS
from scheduler.there import managers, there
from tests.office.vocabulary import Trial
from trial.messages import Help, PrivacyNotice
from trial.people import Role
from trial.problems import ProblemError
from trial.tasks import SiteFunction

READERS = [
    (Role.MONITOR, "417"),
    (Role.MONITOR, None),
    (Role.AUDITOR, None),
    (Role.ADMINISTRATOR, None),
]
every_reader = pytest.mark.parametrize(("role", "site"), READERS, ids=str)
HARMLESS = {"privacy_notice", "help"}


@every_reader
def test_whoever_only_looks_is_told_nothing_however_late_it_gets(trial: Trial, role: Role, site: str | None):
    reader = trial.enrolled("Reader R", role=role, site=site, digest_on=0)
    trial.enrolled("Amina")
    trial.patient("417-001", first_registration="2026-03-02")

    trial.live_until("2026-06-30 12:00")

    assert {notice.kind for notice in trial.notices(person_id=reader)} == {"message"}
    assert set(trial.messages(reader)) == HARMLESS
    assert trial.reminders(person_id=reader) == []


@every_reader
def test_a_site_where_somebody_only_looks_has_nobody_to_tell(trial: Trial, role: Role, site: str | None):
    trial.manager()
    reader = trial.enrolled("Reader R", role=role, site=site)
    trial.patient("417-001", first_registration="2026-03-02")

    trial.live_until("2026-04-01 12:00")

    assert trial.reminders(person_id=reader) == []
    with trial.records.read() as tx:
        place = site_named(tx, study_named(tx, "DREAM"), "417")
        assert there(tx, [place.id], now=trial.clock.now())[place.id].colleagues == ()
        team = team_of(tx, place, now=trial.clock.now())
        assert (team.present, team.reachable) == ((), ())
        assert homes_of(tx, [reader], now=trial.clock.now()) == {}
        assert reader not in {one.person_id for one in managers(tx, place.study_id, now=trial.clock.now())}
        with pytest.raises(NobodyThere):
            workplace_of(tx, reader, now=trial.clock.now())


def test_of_who_joins_the_managers_hear_and_nobody_else(trial: Trial):
    manager = trial.manager()
    auditor = trial.enrolled("Auditor B", role=Role.AUDITOR, site=None)
    monitor = trial.enrolled("Monitor C", role=Role.MONITOR, site="417")

    trial.enrolled("Amina")

    assert trial.messages(manager).count("person_enrolled") == 3
    assert not {"person_enrolled", "office_news"} & {*trial.messages(auditor), *trial.messages(monitor)}
    assert IN_HOURS  # what managers hear waits for their hours


@every_reader
def test_whoever_only_looks_has_no_practice_item_and_reads_what_there_is(trial: Trial, role: Role, site: str | None):
    reader = trial.enrolled("Reader R", role=role, site=site)

    assert trial.said_to(reader) == [PrivacyNotice(study="DREAM"), Help(study="DREAM", office=False, at_site=False)]


def test_at_a_site_whose_chats_name_nothing_a_monitor_s_names_no_study(trial: Trial):
    with trial.records.begin() as tx:
        site = site_named(tx, study_named(tx, "DREAM"), "417")
        sites.set_disclosure(tx, site.id, "task-only", by=None, at=trial.clock.now())
    reader = trial.enrolled("Monitor C", role=Role.MONITOR, site="417")

    assert trial.said_to(reader) == [PrivacyNotice(study=""), Help(study="", office=False, at_site=False)]
    with trial.records.read() as tx:
        assert names_nothing(tx, reader, today=trial.clock.now().date())


def test_nobody_who_only_looks_can_be_made_responsible(trial: Trial):
    monitor = trial.enrolled("Monitor C", role=Role.MONITOR, site="417")
    patient = trial.patient("417-001", first_registration="2026-03-02")
    with trial.records.read() as tx:
        found = patients.patient_by_id(tx, patient)
        assert found is not None
        site = site_named(tx, study_named(tx, "DREAM"), "417")

    with pytest.raises(ProblemError):
        trial.does(assign, patient, SiteFunction.IMAGING, monitor, by=None)
    with pytest.raises(ProblemError):
        trial.does(set_functions, site, monitor, {SiteFunction.IMAGING}, by=None)


@pytest.mark.parametrize(
    ("role", "site", "functions", "says"),
    [
        (Role.AUDITOR, "417", frozenset(), "an auditor belongs to all sites"),
        (Role.ADMINISTRATOR, "417", frozenset(), "an administrator belongs to all sites"),
        (Role.MANAGER, "417", frozenset(), "a manager belongs to all sites"),
        (Role.COORDINATOR, None, frozenset(), "a coordinator belongs to a site"),
        (Role.INVESTIGATOR, None, frozenset(), "an investigator belongs to a site"),
        (Role.MONITOR, "417", frozenset({SiteFunction.IMAGING}), "a monitor answers for nothing at a site"),
    ],
)
def test_an_invitation_says_where_a_role_belongs(trial: Trial, role, site, functions, says):
    with pytest.raises(ProblemError, match=says):
        trial.invited("Person P", role=role, site=site, functions=functions)


def test_a_new_link_under_a_known_name_gives_no_other_role(trial: Trial):
    trial.enrolled("Person P", role=Role.AUDITOR, site=None)

    with pytest.raises(ProblemError, match="in another role"):
        trial.invited("Person P", role=Role.MANAGER, site=None)
    assert trial.invited("Person P", role=Role.AUDITOR, site=None).token


def test_an_administrator_lets_people_in_and_out_and_a_monitor_does_not(trial: Trial):
    administrator = trial.enrolled("Administrator D", role=Role.ADMINISTRATOR, site=None)
    monitor = trial.enrolled("Monitor C", role=Role.MONITOR, site=None)
    amina = trial.enrolled("Amina")

    assert not trial.does(judge_newcomer, manager_id=monitor, person_id=amina, revoke=True)
    assert trial.person(amina).revoked_at is None
    assert trial.does(judge_newcomer, manager_id=administrator, person_id=amina, revoke=True)
    assert trial.person(amina).revoked_at is not None


def test_somebody_who_works_at_one_site_and_looks_at_another_is_rung_where_they_work(trial: Trial):
    amina = trial.enrolled("Amina", site="501")
    with trial.records.begin() as tx:
        site = site_named(tx, study_named(tx, "DREAM"), "417")
        (held,) = people.memberships_of(tx, amina)
        looks = type(held)(held.study_id, site.id, Role.MONITOR, frozenset(), held.since, None)
        people.add_membership(tx, amina, looks)
    trial.patient("417-001", first_registration="2026-03-02")
    here = trial.patient("501-001", site="501", first_registration="2026-03-02")

    trial.live_until("2026-04-01 12:00")

    mine = {task.id for task in trial.tasks(here).values()}
    assert {one.task_id for one in trial.reminders(person_id=amina)} <= mine
    assert trial.reminders(person_id=amina)


def test_whoever_belongs_to_all_sites_says_where_they_work(trial: Trial):
    auditor = trial.enrolled("Auditor B", role=Role.AUDITOR, site=None)

    trial.does(set_works_in, auditor, WorksIn("Europe/Brussels", "BE"), by=None)


def test_whoever_comes_to_the_office_may_act_at_once_where_it_is_still_yesterday(trial: Trial):
    trial.forward_to("2026-03-03 05:00")  # ten in the evening of the second in Houston
    manager = trial.manager("Manager A")
    trial.site("601", "Houston", "US", "America/Chicago")

    with trial.records.begin() as tx:
        houston = site_named(tx, study_named(tx, "DREAM"), "601")
        changed = set_disclosure(tx, houston, "task-only", by=manager, **trial.times)

    assert changed
