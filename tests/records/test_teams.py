"""Teams, absences, closings, assignments: who is there on a day, and when each may be written to."""

from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import absences, assignments, closings, people, schema, sites, teams
from records.people import person_by_id, set_reachable
from records.teams import PersonTime
from tests.records.cast import NOW, join
from trial.people import Role
from trial.tasks import SiteFunction

MONDAY = date(2026, 3, 2)
FRIDAY = date(2026, 3, 6)
DAY = timedelta(days=1)
UNSET = PersonTime(hours=None, quiet=None, daily_cap=None, digest_on=None, next_digest_at=None)


@pytest.fixture
def team(records, cast):
    with records.begin() as tx:
        join(tx, cast, cast.amina)
        join(tx, cast, cast.berta, role=Role.INVESTIGATOR)
    return cast


def away(records, person_id, *, first=MONDAY, last=FRIDAY, cover=None):
    with records.begin() as tx:
        return absences.add_absence(tx, person_id, first=first, last=last, cover_id=cover, recorded_at=NOW)


def absent_on(records, person_id, day):
    with records.read() as tx:
        found = absences.absences_of(tx, [person_id], today=day).get(person_id, ())
        return any(one.covers(day) for one in found)


def test_a_team_is_everybody_of_each_site_with_their_time_and_their_absences(records, team):
    away(records, team.amina, cover=team.berta)
    with records.begin() as tx:
        teams.set_hours(tx, team.berta, hours=(time(9), time(16, 30)), quiet=(time(12), time(13)))
        teams.set_daily_cap(tx, team.berta, 3)
    with records.read() as tx:
        (amina, berta) = sorted(
            teams.team_at(tx, [team.site], today=MONDAY)[team.site], key=lambda mate: mate.person_id != team.amina
        )

    assert (amina.person_id, amina.membership.role, amina.can_be_told) == (team.amina, Role.COORDINATOR, True)
    assert amina.time == UNSET
    assert [(one.first, one.last, one.cover_id) for one in amina.absences] == [(MONDAY, FRIDAY, team.berta)]
    assert (berta.membership.role, berta.language, berta.absences) == (Role.INVESTIGATOR, "ja", ())
    assert berta.time == PersonTime((time(9), time(16, 30)), (time(12), time(13)), 3, None, None)


def test_a_team_costs_two_statements_however_many_sites(records, team, count_statements):
    with records.begin() as tx:
        more = [
            sites.add_site(
                tx,
                study_id=team.study,
                number=str(number),
                name="Site",
                country="DE",
                region=None,
                zone="Europe/Berlin",
                disclosure="code",
                rings_from=MONDAY,
            )
            for number in range(5)
        ]
    with records.read() as tx, count_statements(tx) as statements:
        teams.team_at(tx, [team.site, *more], today=MONDAY)

    assert len(statements) == 2


def test_nobody_is_asked_for_where_there_is_no_site(records, team, count_statements):
    with records.read() as tx, count_statements(tx) as statements:
        assert teams.team_at(tx, [], today=MONDAY) == {}

    assert statements == []


def test_whoever_blocked_the_bot_is_in_the_team_and_cannot_be_told(records, team):
    with records.begin() as tx:
        set_reachable(tx, team.amina, reachable=False)
        mates = teams.team_at(tx, [team.site], today=MONDAY)[team.site]

    assert {team.amina: False, team.berta: True} == {mate.person_id: mate.can_be_told for mate in mates}


def test_the_office_is_a_team_of_its_own(records, team):
    with records.begin() as tx:
        join(tx, team, team.berta, role=Role.MANAGER, at_office=True)
        office = teams.office_team(tx, team.study, today=MONDAY)
        site = teams.team_at(tx, [team.site], today=MONDAY)[team.site]

    assert [(team.berta, Role.MANAGER)] == [(mate.person_id, mate.membership.role) for mate in office]
    assert len(site) == 2


def test_an_absence_ends_after_its_last_day(records, team):
    away(records, team.amina)

    assert [absent_on(records, team.amina, day) for day in (MONDAY - DAY, MONDAY, FRIDAY, FRIDAY + DAY)] == [
        False,
        True,
        True,
        False,
    ]


def test_whoever_comes_back_earlier_is_there_from_that_day_on(records, team):
    absence = away(records, team.amina)
    with records.begin() as tx:
        assert absences.end_absence(tx, absence, back_on=FRIDAY - DAY)
        assert not absences.end_absence(tx, absence, back_on=FRIDAY)  # they are back already

    assert [absent_on(records, team.amina, FRIDAY - n * DAY) for n in (2, 1)] == [True, False]


def test_an_absence_called_off_before_it_began_never_was(records, team):
    absence = away(records, team.amina, cover=team.berta)
    with records.begin() as tx:
        absences.end_absence(tx, absence, back_on=MONDAY)

        assert absences.absences_of(tx, [team.amina], today=MONDAY - DAY) == {}
        assert absences.hand_overs_to(tx, team.berta) == ()


def test_an_absence_that_ends_before_it_begins_is_refused(records, team):
    with pytest.raises(ValueError, match="before it begins"):
        away(records, team.amina, first=FRIDAY, last=MONDAY)


def test_what_is_open_is_handed_over_once(records, team):
    covered = away(records, team.amina, cover=team.berta)
    away(records, team.berta)  # nobody stands in, so there is nobody to hand over to
    with records.begin() as tx:
        before = absences.hand_overs_to(tx, team.berta)
        first, second = (absences.mark_handed_over(tx, covered, at=NOW) for _ in range(2))
        after = absences.hand_overs_to(tx, team.berta)

    assert [covered] == [one.id for one in before]
    assert after == ()
    assert (first, second) == (True, False)


def test_a_closing_is_read_until_it_is_over_or_removed(records, cast):
    with records.begin() as tx:
        week = closings.add_closing(tx, cast.site, first=MONDAY, last=FRIDAY, recorded_at=NOW)
        day = closings.add_closing(tx, cast.site, first=FRIDAY + 3 * DAY, last=FRIDAY + 3 * DAY, recorded_at=NOW)
        both = closings.closings_at(tx, [cast.site], since=FRIDAY)[cast.site]
        later = closings.closings_at(tx, [cast.site], since=FRIDAY + DAY)[cast.site]
        removed = [closings.remove_closing(tx, day, at=NOW) for _ in range(2)]
        none = closings.closings_at(tx, [cast.site], since=FRIDAY + DAY)

    assert [week, day] == [one.id for one in both]
    assert [day] == [one.id for one in later]
    assert removed == [True, False]
    assert none == {}


def test_a_patient_has_one_responsible_person_for_a_function_on_a_day(records, cast):
    imaging, data = SiteFunction.IMAGING, SiteFunction.DATA
    with records.begin() as tx:
        assignments.assign(tx, patient_id=cast.patient, function=imaging, person_id=cast.amina, since=MONDAY)
        assignments.assign(tx, patient_id=cast.patient, function=data, person_id=cast.amina, since=MONDAY)
        assignments.assign(tx, patient_id=cast.patient, function=imaging, person_id=cast.berta, since=FRIDAY)
        found = assignments.assignments_of(tx, [cast.patient], today=MONDAY)[cast.patient]

    def on(day):
        return {one.function: one.person_id for one in found if one.valid_on(day)}

    assert {imaging: cast.amina, data: cast.amina} == on(FRIDAY - DAY)
    assert {imaging: cast.berta, data: cast.amina} == on(FRIDAY)
    assert on(MONDAY - DAY) == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(since=st.lists(st.integers(0, 20), min_size=1, max_size=6), ended=st.none() | st.integers(0, 20))
def test_whoever_was_assigned_last_is_responsible_from_then_on_and_never_two(records, cast, since, ended):
    with records.begin() as tx:
        tx.connection.execute(schema.assignment.delete())
        for number, days in enumerate(since):
            assignments.assign(
                tx,
                patient_id=cast.patient,
                function=SiteFunction.DATA,
                person_id=cast.amina if number % 2 else cast.berta,
                since=MONDAY + days * DAY,
            )
        if ended is not None:
            assignments.end_assignment(tx, cast.patient, SiteFunction.DATA, until=MONDAY + ended * DAY)
        found = assignments.assignments_of(tx, [cast.patient], today=MONDAY).get(cast.patient, ())

    for days in range(25):
        valid = [one.person_id for one in found if one.valid_on(MONDAY + days * DAY)]
        assert len(valid) <= 1
        if days >= since[-1] and (ended is None or days <= ended):
            assert valid == [cast.berta if len(since) % 2 else cast.amina]
        if ended is not None and days > ended:
            assert valid == []


def test_an_assignment_can_be_ended_without_another(records, cast):
    with records.begin() as tx:
        assignments.assign(tx, patient_id=cast.patient, function=SiteFunction.DATA, person_id=cast.amina, since=MONDAY)
        ended = [
            assignments.end_assignment(tx, cast.patient, SiteFunction.DATA, until=until)
            for until in (FRIDAY, FRIDAY + DAY)
        ]
        left = assignments.assignments_of(tx, [cast.patient], today=FRIDAY + DAY)

    assert ended == [True, False]
    assert left == {}


def test_a_new_person_gets_a_digest_on_mondays_unless_they_want_each_thing_by_itself(records):
    with records.begin() as tx:
        weekly = people.add_person(tx, name="Amina", language="en")
        each = people.add_person(tx, name="Berta", language="en", digest_on=None)
        times = teams.times_of(tx, [weekly, each])

    assert (times[weekly].digest_on, times[each].digest_on) == (0, None)


def test_a_digest_is_due_at_its_moment_and_then_at_the_next(records, team):
    with records.begin() as tx:
        teams.set_digest_on(tx, team.amina, 0, next_at=NOW)
        teams.set_digest_on(tx, team.berta, 4, next_at=NOW + 4 * DAY)
        early = teams.any_digest_due(tx, now=NOW - DAY)
        (due,) = teams.digests_due(tx, now=NOW, limit=9)
        teams.set_next_digest(tx, due.person_id, NOW + 7 * DAY)

        assert not early
        assert (due.person_id, due.due_at, due.can_be_told) == (team.amina, NOW, True)
        assert due.time.digest_on == 0
        assert not teams.any_digest_due(tx, now=NOW)
        assert teams.next_digest_moment(tx) == NOW + 4 * DAY


def test_whoever_wants_each_thing_by_itself_has_no_digest(records, team):
    with records.begin() as tx:
        teams.set_digest_on(tx, team.amina, 0, next_at=NOW)
        teams.set_digest_on(tx, team.amina, None, next_at=None)

        assert teams.next_digest_moment(tx) is None


def test_enrolled_people_without_a_moment_for_their_digest_are_found(records, cast):
    with records.begin() as tx:
        for person_id in (cast.amina, cast.berta):
            teams.set_digest_on(tx, person_id, 0, next_at=None)
        people.add_person(tx, name="Carla", language="en")  # not enrolled
        teams.set_next_digest(tx, cast.berta, NOW)

        assert (cast.amina,) == teams.people_without_digest_alarm(tx)


def test_there_is_no_eighth_day(records, cast):
    with records.begin() as tx, pytest.raises(ValueError, match="weekday"):
        teams.set_digest_on(tx, cast.amina, 7, next_at=NOW)


def test_a_wall_time_is_kept_to_the_minute_and_nothing_finer_is_taken(records, cast):
    with records.begin() as tx:
        teams.set_hours(tx, cast.amina, hours=(time(0), time(23, 59)), quiet=None)
        kept = teams.times_of(tx, [cast.amina])[cast.amina].hours

    assert kept == (time(0), time(23, 59))
    with pytest.raises(Exception, match="an hour and a minute"), records.begin() as tx:
        teams.set_hours(tx, cast.amina, hours=(time(8, 30, 1), time(17)), quiet=None)


def test_a_site_has_its_own_hours_and_somebody_who_chose_what_may_be_said(records, cast):
    with records.begin() as tx:
        before = sites.site_by_id(tx, cast.site)
        sites.set_hours(tx, cast.site, (time(7, 30), time(15)))
        sites.set_disclosure(tx, cast.site, "task-only", by=cast.berta, at=NOW)
        after = sites.site_by_id(tx, cast.site)
        sites.set_hours(tx, cast.site, None)
        usual = sites.site_by_id(tx, cast.site)

    assert (before.hours, before.disclosure, before.disclosure_by) == (None, "code", None)
    assert (after.hours, after.disclosure) == ((time(7, 30), time(15)), "task-only")
    assert (after.disclosure_by, after.disclosure_at) == (cast.berta, NOW)
    assert usual.hours is None


def test_hours_and_absences_leave_the_sealed_name_alone(records, team):
    with records.begin() as tx:
        teams.set_hours(tx, team.amina, hours=(time(9), time(12)), quiet=None)
        teams.set_digest_on(tx, team.amina, 2, next_at=NOW)

        assert person_by_id(tx, team.amina).name == "Amina"


def test_another_study_has_an_office_of_its_own(records, team):
    with records.begin() as tx:
        join(tx, team, team.amina, at_office=True, role=Role.MANAGER)

        assert teams.office_team(tx, tx.new_id(), today=MONDAY) == ()
