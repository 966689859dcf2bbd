from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from trial.access import Action, Actor, Membership, may
from trial.people import STUDY_WIDE, Role

STUDY, OTHER_STUDY = UUID(int=1), UUID(int=2)
SITE, OTHER_SITE = UUID(int=3), UUID(int=4)
TODAY = date(2026, 3, 2)


def somebody(role: Role, *, site: UUID | None = SITE, since: date = TODAY, until: date | None = None, revoked=False):
    held = Membership(STUDY, site, role, frozenset(), since, until)
    return Actor(UUID(int=9), (held,), revoked)


def may_answer(actor: Actor, *, study: UUID = STUDY, site: UUID | None = SITE, today: date = TODAY) -> bool:
    return may(actor, Action.ANSWER, study_id=study, site_id=site, today=today)


def test_a_coordinator_answers_at_their_own_site_alone():
    amina = somebody(Role.COORDINATOR)

    assert may_answer(amina)
    assert not may_answer(amina, site=OTHER_SITE)
    assert not may_answer(amina, study=OTHER_STUDY)
    assert not may_answer(amina, site=None)


def test_a_manager_answers_for_every_site_of_their_study():
    manager = somebody(Role.MANAGER, site=None)

    assert may_answer(manager)
    assert may_answer(manager, site=OTHER_SITE)
    assert may_answer(manager, site=None)
    assert not may_answer(manager, study=OTHER_STUDY)


def test_only_a_manager_or_an_administrator_admits_people():
    for role in Role:
        actor = somebody(role, site=None if role in STUDY_WIDE else SITE)
        admits = role in {Role.MANAGER, Role.ADMINISTRATOR}
        assert may(actor, Action.ADMIT, study_id=STUDY, site_id=SITE, today=TODAY) == admits


def test_a_membership_holds_from_its_first_to_its_last_day():
    amina = somebody(Role.COORDINATOR, since=TODAY, until=TODAY + timedelta(days=1))

    days = [TODAY + timedelta(days=offset) for offset in (-1, 0, 1, 2)]
    assert [may_answer(amina, today=day) for day in days] == [False, True, True, False]


@given(role=st.sampled_from(Role), action=st.sampled_from(Action), site=st.sampled_from([None, SITE, OTHER_SITE]))
def test_whoever_was_revoked_may_nothing(role, action, site):
    actor = somebody(role, site=None, revoked=True)

    assert not may(actor, action, study_id=STUDY, site_id=site, today=TODAY)
