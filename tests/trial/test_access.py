"""Who may do what: every role, action, place and day."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.access import READING, Action, Actor, Membership, may, may_for_themselves, may_join
from trial.people import SITE_STAFF, STUDY_WIDE, Role

STUDY, OTHER_STUDY, SITE, OTHER_SITE, PERSON = (UUID(int=number) for number in range(1, 6))
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)

AT_THEIR_SITE = {
    Role.COORDINATOR: {Action.SEE, Action.OVERSEE, Action.EXPORT, Action.ANSWER, Action.UNDO, Action.COVER},
    Role.INVESTIGATOR: {
        Action.SEE,
        Action.OVERSEE,
        Action.EXPORT,
        Action.ANSWER,
        Action.UNDO,
        Action.COVER,
        Action.CONFIRM,
    },
    Role.MONITOR: {Action.SEE, Action.OVERSEE, Action.EXPORT},
    Role.AUDITOR: {Action.SEE, Action.OVERSEE, Action.EXPORT, Action.AUDIT},
    Role.ADMINISTRATOR: {Action.OVERSEE, Action.ADMIT, Action.UNBLIND},
    Role.MANAGER: set(Action) - {Action.UNBLIND},
}
"""Written down here once more on purpose: a right that somebody gains or loses is to be seen in two places."""

VALIDITY = {
    "holds": (TODAY, None, True),
    "ends today": (TODAY - DAY, TODAY, True),
    "ended": (TODAY - DAY, TODAY - DAY, False),
    "begins tomorrow": (TODAY + DAY, None, False),
}


@pytest.mark.parametrize("action", Action)
def test_every_role_may_what_the_table_says_where_and_when_it_holds(action):
    places = product(
        Role, (SITE, None), (STUDY, OTHER_STUDY), (SITE, OTHER_SITE, None), VALIDITY.values(), (True, False)
    )
    for role, held_at, study, site, (since, until, valid), revoked in places:
        held = Membership(STUDY, held_at, role, frozenset(), since, until)
        covers_the_place = study == STUDY and (held_at is None or site == held_at)
        expected = valid and not revoked and covers_the_place and action in AT_THEIR_SITE[role]

        actor = Actor(PERSON, (held,), revoked=revoked)
        assert expected == may(actor, action, study_id=study, site_id=site, today=TODAY), (role, held_at, site)


@pytest.mark.parametrize("role", Role)
def test_what_is_somebody_s_own_is_theirs_alone_whatever_the_role(role):
    held = (Membership(STUDY, None, role, frozenset(), TODAY, None),)
    other = UUID(int=6)

    allowed = [
        may_for_themselves(Actor(PERSON, held, revoked=revoked), owner=owner)
        for revoked, owner in product((False, True), (PERSON, other, None))
    ]

    assert allowed == [True, False, False, False, False, False]


def test_an_invitation_is_answered_by_the_chat_that_opened_its_link_alone():
    mine, theirs = UUID(int=7), UUID(int=8)

    assert may_join(invitation=mine, opened=mine)
    assert not may_join(invitation=theirs, opened=mine)
    assert not may_join(invitation=theirs, opened=None)


def test_a_right_held_at_one_site_is_no_right_at_another():
    """A coordinator here and an investigator there confirms there alone."""
    actor = Actor(
        PERSON,
        (
            Membership(STUDY, SITE, Role.COORDINATOR, frozenset(), TODAY, None),
            Membership(STUDY, OTHER_SITE, Role.INVESTIGATOR, frozenset(), TODAY, None),
        ),
        revoked=False,
    )

    assert not may(actor, Action.CONFIRM, study_id=STUDY, site_id=SITE, today=TODAY)
    assert may(actor, Action.CONFIRM, study_id=STUDY, site_id=OTHER_SITE, today=TODAY)


@given(st.sampled_from(sorted(set(Role) - {Role.ADMINISTRATOR})), st.sampled_from((None, SITE, OTHER_SITE)))
def test_whoever_has_a_blinded_role_besides_stays_blinded(role, site):
    unblinded = Membership(STUDY, None, Role.ADMINISTRATOR, frozenset(), TODAY, None)
    blinded = Membership(STUDY, site, role, frozenset(), TODAY, None)
    alone, both = (Actor(PERSON, held, revoked=False) for held in ((unblinded,), (unblinded, blinded)))

    assert may(alone, Action.UNBLIND, study_id=STUDY, site_id=SITE, today=TODAY)
    assert not may(both, Action.UNBLIND, study_id=STUDY, site_id=SITE, today=TODAY)


# --- whatever somebody holds, and however much of it ------------------------------------------------------------------

DAYS = st.integers(-2, 2).map(lambda days: TODAY + days * DAY)
STUDIES, SITES = (STUDY, OTHER_STUDY), (SITE, OTHER_SITE)


def held_by(roles, *, sites=(None, *SITES)):
    """Memberships of these roles, in any place and time."""
    return st.lists(
        st.builds(
            Membership,
            st.sampled_from(STUDIES),
            st.sampled_from(sites),
            st.sampled_from(sorted(roles)),
            st.just(frozenset()),
            DAYS,
            st.none() | DAYS,
        ),
        max_size=6,
    ).map(lambda several: Actor(PERSON, tuple(several), revoked=False))


ANYWHERE = [(study, site) for study in STUDIES for site in (None, *SITES)]


@given(held_by({Role.MONITOR, Role.AUDITOR}))
def test_a_monitor_or_an_auditor_never_changes_anything(actor):
    changing = set(Action) - READING

    assert not [
        (action, study, site)
        for action in changing
        for study, site in ANYWHERE
        if may(actor, action, study_id=study, site_id=site, today=TODAY)
    ]


@given(held_by(set(SITE_STAFF) | {Role.MONITOR}, sites=(SITE,)))
def test_nobody_at_a_site_sees_another(actor):
    elsewhere = [(study, site) for study, site in ANYWHERE if site != SITE]

    assert not [
        (action, study, site)
        for action in Action
        for study, site in elsewhere
        if may(actor, action, study_id=study, site_id=site, today=TODAY)
    ]


@given(held_by(set(Role)))
def test_whoever_may_anything_in_a_place_holds_something_there_today(actor):
    for action, (study, site) in product(Action, ANYWHERE):
        if may(actor, action, study_id=study, site_id=site, today=TODAY):
            assert any(
                one.study_id == study and one.site_id in {None, site} and one.valid_on(TODAY)
                for one in actor.memberships
            )


@given(held_by({Role.ADMINISTRATOR}))
def test_an_administrator_sees_no_patient(actor):
    about_patients = set(Action) - {Action.OVERSEE, Action.ADMIT, Action.UNBLIND}

    assert not [
        action
        for action in about_patients
        for study, site in ANYWHERE
        if may(actor, action, study_id=study, site_id=site, today=TODAY)
    ]


def test_every_role_is_of_a_site_or_of_the_study_and_a_monitor_of_either():
    assert SITE_STAFF | STUDY_WIDE | {Role.MONITOR} == set(Role)
    assert not SITE_STAFF & STUDY_WIDE
