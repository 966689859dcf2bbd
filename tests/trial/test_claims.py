"""Claimed uploads: where one stands, and when one that nobody has seen comes back."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.trial.vocabulary import day
from trial.calendars import WorkingCalendar
from trial.claims import ClaimCheck, ClaimCheckKind, ClaimState, NextLook, UnseenStep, claim_state, next_look
from trial.moments import CalendarOffset

JAPAN = WorkingCalendar("JP")
FIVE_DAYS = CalendarOffset.parse("5wd")
CLAIMED_ON = day("2026-04-27")  # a Monday, two days before Golden Week


def check(kind: ClaimCheckKind, on: str = "2026-05-12") -> ClaimCheck:
    return ClaimCheck(kind, day(on))


def look(*checks: ClaimCheck, unseen_after: CalendarOffset | None = FIVE_DAYS) -> NextLook | None:
    return next_look(CLAIMED_ON, checks, unseen_after=unseen_after, calendar=JAPAN)


def test_a_claim_is_what_the_site_says_until_somebody_has_looked():
    assert ClaimState.CLAIMED is claim_state(())
    assert ClaimState.CLAIMED is claim_state([check(ClaimCheckKind.UNSEEN)])


def test_the_last_one_who_looked_says_where_a_claim_stands():
    verified, queried = check(ClaimCheckKind.VERIFIED), check(ClaimCheckKind.QUERIED)

    assert ClaimState.VERIFIED is claim_state([queried, verified])
    assert ClaimState.QUERIED is claim_state([verified, queried, check(ClaimCheckKind.UNSEEN)])


def test_an_unseen_claim_comes_back_to_the_site_after_working_days_and_not_over_golden_week():
    assert NextLook(day("2026-05-08"), UnseenStep.ASK_SITE) == look()


def test_then_it_comes_to_the_manager_and_rests():
    asked = check(ClaimCheckKind.UNSEEN, "2026-05-08")
    told = check(ClaimCheckKind.UNSEEN, "2026-05-15")

    assert NextLook(day("2026-05-15"), UnseenStep.TELL_MANAGER) == look(asked)
    assert look(asked, told) is None


def test_a_claim_that_somebody_has_looked_at_does_not_come_back():
    assert look(check(ClaimCheckKind.VERIFIED)) is None
    assert look(check(ClaimCheckKind.QUERIED)) is None


def test_a_study_that_does_not_ask_has_none_come_back():
    assert look(unseen_after=None) is None


@given(
    claimed_on=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    asked_on=st.none() | st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    after=st.sampled_from(["1wd", "5wd", "7d", "1mo"]).map(CalendarOffset.parse),
)
def test_a_look_falls_on_a_working_day_and_never_too_early(claimed_on, asked_on, after):
    checks = [] if asked_on is None else [ClaimCheck(ClaimCheckKind.UNSEEN, asked_on)]
    found = next_look(claimed_on, checks, unseen_after=after, calendar=JAPAN)

    assert found is not None
    assert JAPAN.is_working(found.day)
    assert found.day >= after.add_to(asked_on or claimed_on, JAPAN)
