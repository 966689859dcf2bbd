"""Who may do what: every role, action, place and day."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID

import pytest

from trial.access import Action, Actor, Membership, may, may_for_themselves, may_join
from trial.people import Role

STUDY, OTHER_STUDY, SITE, OTHER_SITE, PERSON = (UUID(int=number) for number in range(1, 6))
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)

AT_THEIR_SITE = {
    Role.COORDINATOR: {Action.SEE, Action.ANSWER, Action.UNDO, Action.COVER},
    Role.INVESTIGATOR: {Action.SEE, Action.ANSWER, Action.UNDO, Action.COVER, Action.CONFIRM},
    Role.MANAGER: set(Action),
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
