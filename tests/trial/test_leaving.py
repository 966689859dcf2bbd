"""Patients who leave: what a site can say, and what it is confirmed as."""

import pytest

from tests.trial.vocabulary import dream, study_with
from trial.answers import LeavingKind
from trial.leaving import ATTEMPTS_FOR_LOST, attempts_missing, event_for, kinds_offered_to_site, kinds_to_confirm


def test_a_site_never_has_to_say_from_what_consent_was_withdrawn():
    offered = kinds_offered_to_site(dream())

    assert LeavingKind.WITHDRAWN in offered
    assert not {LeavingKind.WITHDRAWN_FROM_VISITS, LeavingKind.WITHDRAWN_FROM_EVERYTHING} & set(offered)


def test_not_operated_is_offered_where_the_study_operates():
    assert LeavingKind.NOT_OPERATED in kinds_offered_to_site(dream())
    assert LeavingKind.NOT_OPERATED not in kinds_offered_to_site(study_with())


def test_whatever_happened_a_site_can_say_that_a_patient_left():
    assert kinds_offered_to_site(study_with()) == (
        LeavingKind.DEATH,
        LeavingKind.WITHDRAWN,
        LeavingKind.LOST,
        LeavingKind.TRANSFERRED,
        LeavingKind.OTHER,
    )


def test_only_what_the_study_has_an_event_for_can_be_confirmed():
    study = study_with(events="  gone: {label: Gone, ends: visits, leaving: lost}")

    assert kinds_to_confirm(study) == (LeavingKind.LOST,)
    assert event_for(study, LeavingKind.LOST) == "gone"
    assert event_for(study, LeavingKind.DEATH) is None


def test_lost_is_confirmed_after_an_attempt_that_was_logged():
    assert [attempts_missing(LeavingKind.LOST, logged) for logged in range(3)] == [ATTEMPTS_FOR_LOST, 0, 0]


@pytest.mark.parametrize("kind", [kind for kind in LeavingKind if kind is not LeavingKind.LOST])
def test_nothing_else_needs_an_attempt(kind):
    assert attempts_missing(kind, 0) == 0
