"""Who is told, at which step, and who stands in for whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.moments import instant
from trial.people import Role
from trial.responsibility import Absence, Colleague, Told, WhyTold, call_first, responsible, whom
from trial.study import Step
from trial.tasks import SiteFunction

TODAY = date(2026, 3, 2)
LONG_AGO = date(2024, 1, 8)
AMINA, BERTA, CLARA, DORA, EVA, MANAGER_A, MANAGER_B = (UUID(int=number) for number in range(1, 8))
IMAGING, COORDINATION = SiteFunction.IMAGING, SiteFunction.COORDINATION
NOBODY: frozenset[UUID] = frozenset()
FOR_WHOEVER_SHOULD_ANSWER = (Step.HEADS_UP, Step.WINDOW_OPEN, Step.DUE, Step.LATE)


def works(
    person: UUID,
    *functions: SiteFunction,
    role: Role = Role.COORDINATOR,
    since: date = LONG_AGO,
    can_be_told: bool = True,
    away: bool = False,
    cover: UUID | None = None,
) -> Colleague:
    absences = (Absence(TODAY - timedelta(days=1), TODAY + timedelta(days=5), cover),) if away else ()
    return Colleague(person, role, frozenset(functions), since, can_be_told, absences)


def told(step: Step, *team: Colleague, assigned=None, before=NOBODY, managers=(MANAGER_B, MANAGER_A)):
    return whom(step, IMAGING, team, managers, assigned=assigned, today=TODAY, told_before=before)


def responsible_of(*team: Colleague, assigned=None):
    return responsible(IMAGING, team, assigned=assigned, today=TODAY)


# --- the one responsible person ---------------------------------------------------------------------------------------


def test_whoever_is_assigned_is_responsible():
    assert responsible_of(works(AMINA, IMAGING), works(BERTA), assigned=BERTA) == BERTA


def test_an_assignment_to_somebody_who_has_left_the_site_counts_no_more():
    assert responsible_of(works(AMINA, IMAGING), assigned=BERTA) == AMINA


def test_of_those_with_the_function_the_longest_there_is_responsible():
    newcomer = works(AMINA, IMAGING, since=TODAY)

    assert responsible_of(newcomer, works(BERTA, IMAGING), works(CLARA, COORDINATION)) == BERTA


def test_of_two_who_joined_on_one_day_the_first_of_them_is_responsible():
    morning, noon = (instant(datetime(2026, 3, 2, hour, tzinfo=UTC)) for hour in (8, 12))
    amina = replace(works(AMINA, IMAGING), enrolled_at=noon)
    berta = replace(works(BERTA, IMAGING), enrolled_at=morning)

    assert responsible_of(amina, berta) == BERTA
    assert responsible_of(replace(works(AMINA, IMAGING), enrolled_at=None), berta) == BERTA


def test_without_anybody_of_the_function_a_coordinator_who_coordinates_is():
    assert responsible_of(works(AMINA), works(BERTA, role=Role.INVESTIGATOR), works(CLARA, COORDINATION)) == CLARA


def test_without_those_any_coordinator_is():
    assert responsible_of(works(AMINA, role=Role.INVESTIGATOR), works(BERTA, SiteFunction.DATA)) == BERTA


def test_a_membership_that_begins_tomorrow_counts_tomorrow():
    assert responsible_of(works(AMINA, IMAGING, since=TODAY + timedelta(days=1))) is None


def test_whoever_is_away_or_cannot_be_told_stays_responsible():
    assert responsible_of(works(AMINA, IMAGING, away=True), works(BERTA, IMAGING)) == AMINA
    assert responsible_of(works(AMINA, IMAGING, can_be_told=False), works(BERTA, IMAGING)) == AMINA


# --- at first ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", FOR_WHOEVER_SHOULD_ANSWER)
def test_only_the_responsible_person_is_rung_at_first(step):
    assert (Told(AMINA, WhyTold.RESPONSIBLE),) == told(step, works(AMINA, IMAGING), works(BERTA, IMAGING))


def test_the_cover_is_told_in_place_of_somebody_away():
    team = works(AMINA, IMAGING, away=True, cover=CLARA), works(BERTA, IMAGING), works(CLARA)

    assert (Told(CLARA, WhyTold.COVERS, AMINA),) == told(Step.DUE, *team)


@pytest.mark.parametrize("cover", [None, DORA, CLARA])
def test_the_next_in_order_takes_over_where_there_is_no_cover_or_none_that_is_here(cover):
    team = works(AMINA, IMAGING, away=True, cover=cover), works(BERTA, IMAGING), works(CLARA, away=True)

    assert (Told(BERTA, WhyTold.TAKES_OVER, AMINA),) == told(Step.DUE, *team)


def test_the_next_in_order_takes_over_from_somebody_who_cannot_be_told():
    team = works(AMINA, IMAGING, can_be_told=False), works(BERTA, COORDINATION)

    assert (Told(BERTA, WhyTold.TAKES_OVER, AMINA),) == told(Step.DUE, *team)


def test_with_nobody_at_the_site_nobody_is_told():
    assert told(Step.DUE) == ()
    assert told(Step.DUE, works(AMINA, IMAGING, can_be_told=False)) == ()


def test_an_absence_holds_from_its_first_to_its_last_day():
    absence = Absence(TODAY, TODAY + timedelta(days=2))
    amina = Colleague(AMINA, Role.COORDINATOR, frozenset(), LONG_AGO, True, (absence,))

    days = [TODAY + timedelta(days=number) for number in range(-1, 4)]
    assert [None, absence, absence, absence, None] == [amina.away_on(day) for day in days]


def test_of_two_absences_the_one_with_a_cover_counts():
    short, long = Absence(TODAY, TODAY, BERTA), Absence(TODAY, TODAY + timedelta(days=9))
    amina = Colleague(AMINA, Role.COORDINATOR, frozenset(), LONG_AGO, True, (long, short))

    assert short == amina.away_on(TODAY)


# --- when nobody answers ----------------------------------------------------------------------------------------------


def test_a_colleague_is_told_at_the_cover_step():
    team = works(AMINA, IMAGING), works(BERTA, IMAGING), works(CLARA, COORDINATION)

    assert (Told(BERTA, WhyTold.COLLEAGUE),) == told(Step.COVER, *team, before=frozenset({AMINA}))
    assert (Told(CLARA, WhyTold.COLLEAGUE),) == told(Step.COVER, *team, before=frozenset({AMINA, BERTA}))
    assert told(Step.COVER, *team, before=frozenset({AMINA, BERTA, CLARA})) == ()


def test_the_responsible_person_who_is_back_comes_before_a_colleague():
    team = works(AMINA, IMAGING), works(BERTA, IMAGING), works(CLARA, COORDINATION)

    assert (Told(AMINA, WhyTold.RESPONSIBLE),) == told(Step.COVER, *team, before=frozenset({BERTA}))


def test_the_cover_of_somebody_who_has_just_left_comes_before_a_colleague():
    team = works(AMINA, IMAGING, away=True, cover=CLARA), works(BERTA, IMAGING), works(CLARA)

    assert (Told(CLARA, WhyTold.COVERS, AMINA),) == told(Step.COVER, *team, before=frozenset({AMINA}))


def test_everybody_who_coordinates_and_was_not_told_is_the_backup():
    team = works(DORA, COORDINATION), works(AMINA, IMAGING), works(CLARA, COORDINATION), works(BERTA, COORDINATION)

    assert (Told(CLARA, WhyTold.BACKUP), Told(DORA, WhyTold.BACKUP)) == told(
        Step.BACKUP, *team, before=frozenset({AMINA, BERTA})
    )


def test_the_investigators_of_the_site_are_told_whether_or_not_they_were_before():
    team = works(AMINA, IMAGING), works(EVA, IMAGING, role=Role.INVESTIGATOR), works(DORA, role=Role.INVESTIGATOR)

    assert (Told(DORA, WhyTold.INVESTIGATOR), Told(EVA, WhyTold.INVESTIGATOR)) == told(
        Step.INVESTIGATOR, *team, before=frozenset({AMINA, EVA})
    )


def test_an_investigator_who_is_away_is_covered_by_whoever_was_not_told_yet():
    away = works(EVA, role=Role.INVESTIGATOR, away=True, cover=BERTA)

    assert (Told(BERTA, WhyTold.COVERS, EVA),) == told(Step.INVESTIGATOR, away, works(BERTA))
    assert told(Step.INVESTIGATOR, away, works(BERTA), before=frozenset({BERTA})) == ()


def test_at_the_end_every_manager_is_told():
    assert (Told(MANAGER_A, WhyTold.MANAGER), Told(MANAGER_B, WhyTold.MANAGER)) == told(Step.MANAGER, works(AMINA))
    assert told(Step.MANAGER, works(AMINA), managers=()) == ()


# --- whom somebody telephones -----------------------------------------------------------------------------------------


def test_a_telephone_reaches_whom_messages_do_not():
    blocked = works(AMINA, COORDINATION, can_be_told=False)

    assert call_first([works(BERTA, IMAGING), blocked], today=TODAY) == Told(AMINA, WhyTold.RESPONSIBLE)


def test_the_cover_is_called_for_somebody_away_and_an_investigator_where_no_coordinator_is_there():
    away = works(AMINA, COORDINATION, away=True, cover=BERTA)
    investigator = works(CLARA, role=Role.INVESTIGATOR)

    assert call_first([away, works(BERTA), investigator], today=TODAY) == Told(BERTA, WhyTold.COVERS, AMINA)
    assert call_first([away, investigator], today=TODAY) == Told(CLARA, WhyTold.TAKES_OVER, AMINA)
    assert call_first([away], today=TODAY) is None


# --- any team ---------------------------------------------------------------------------------------------------------

PEOPLE = [UUID(int=number) for number in range(1, 7)]
ABSENCES = st.builds(
    lambda start, days, cover: Absence(TODAY + timedelta(days=start), TODAY + timedelta(days=start + days), cover),
    st.integers(-10, 3),
    st.integers(0, 20),
    st.none() | st.sampled_from(PEOPLE),
)
TEAMS = st.lists(
    st.builds(
        Colleague,
        person_id=st.sampled_from(PEOPLE),
        role=st.sampled_from([Role.COORDINATOR, Role.INVESTIGATOR]),
        functions=st.frozensets(st.sampled_from([IMAGING, COORDINATION])),
        since=st.sampled_from([LONG_AGO, date(2025, 6, 2), TODAY, TODAY + timedelta(days=1)]),
        can_be_told=st.booleans(),
        absences=st.lists(ABSENCES, max_size=2).map(tuple),
    ),
    max_size=6,
    unique_by=lambda colleague: colleague.person_id,
)
ASSIGNED = st.none() | st.sampled_from(PEOPLE)
BEFORE = st.frozensets(st.sampled_from(PEOPLE))
AT_THE_SITE = st.sampled_from([step for step in Step if step is not Step.MANAGER])


@given(step=AT_THE_SITE, team=TEAMS, assigned=ASSIGNED, before=BEFORE)
def test_nobody_is_named_who_is_away_cannot_be_told_or_is_not_there(step, team, assigned, before):
    found = told(step, *team, assigned=assigned, before=before)
    here = {one.person_id for one in team if one.can_be_told and one.away_on(TODAY) is None and one.since <= TODAY}

    assert {one.person_id for one in found} <= here
    assert len({one.person_id for one in found}) == len(found)


@given(step=st.sampled_from(FOR_WHOEVER_SHOULD_ANSWER), team=TEAMS, assigned=ASSIGNED)
def test_exactly_one_is_told_at_first_wherever_somebody_in_the_order_is_here(step, team, assigned):
    found = told(step, *team, assigned=assigned)
    order = [
        one
        for one in team
        if one.since <= TODAY
        and (one.person_id == assigned or IMAGING in one.functions or one.role is Role.COORDINATOR)
    ]

    assert len(found) <= 1
    assert found or not any(one.is_here(TODAY) for one in order)
    if found and found[0].why is WhyTold.RESPONSIBLE:
        assert found[0].person_id == responsible_of(*team, assigned=assigned)
    elif found:
        assert found[0].instead_of == responsible_of(*team, assigned=assigned)


@given(step=st.sampled_from(Step), team=TEAMS, assigned=ASSIGNED, before=BEFORE, random=st.randoms())
def test_the_order_in_which_a_team_is_given_decides_nothing(step, team, assigned, before, random):
    shuffled = random.sample(team, len(team))

    assert responsible_of(*team, assigned=assigned) == responsible_of(*shuffled, assigned=assigned)
    assert told(step, *team, assigned=assigned, before=before) == told(
        step, *shuffled, assigned=assigned, before=before, managers=(MANAGER_A, MANAGER_B)
    )


@given(team=TEAMS, assigned=ASSIGNED)
def test_being_away_or_out_of_reach_changes_nobodys_responsibility(team, assigned):
    there = [
        Colleague(one.person_id, one.role, one.functions, one.since, can_be_told=True, absences=()) for one in team
    ]

    assert responsible_of(*there, assigned=assigned) == responsible_of(*team, assigned=assigned)


@given(step=st.sampled_from([Step.COVER, Step.BACKUP]), team=TEAMS, assigned=ASSIGNED, before=BEFORE)
def test_a_step_for_somebody_else_names_nobody_who_was_told(step, team, assigned, before):
    assert not {one.person_id for one in told(step, *team, assigned=assigned, before=before)} & before


@given(team=TEAMS, assigned=ASSIGNED)
def test_climbed_to_its_end_a_ladder_has_told_everybody_of_the_site_who_could_answer(team, assigned):
    before: frozenset[UUID] = frozenset()
    for step in Step:
        before |= {one.person_id for one in told(step, *team, assigned=assigned, before=before)}
    obliged = {
        one.person_id
        for one in team
        if one.is_here(TODAY)
        and one.since <= TODAY
        and (one.role is Role.INVESTIGATOR or COORDINATION in one.functions)
    }

    assert obliged | {MANAGER_A, MANAGER_B} <= before


@given(team=TEAMS, random=st.randoms())
def test_somebody_is_called_wherever_anybody_is_there_and_nobody_who_is_away(team, random):
    present = {one.person_id for one in team if one.since <= TODAY and one.away_on(TODAY) is None}
    found = call_first(team, today=TODAY)

    assert (found is not None) == bool(present)
    assert found is None or found.person_id in present
    assert call_first(random.sample(team, len(team)), today=TODAY) == found
