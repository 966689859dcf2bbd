"""Away with a colleague who stands in, and back again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from office import away
from office.away import Stander
from tests.office.vocabulary import Trial
from trial.messages import AwayCover, AwaySet, BackAgain, CoverAsked
from trial.problems import ProblemError
from trial.tasks import SiteFunction

FRIDAY = date(2026, 3, 6)


@pytest.fixture
def amina(trial: Trial):
    return trial.enrolled("Amina", digest_on=0, functions=frozenset({SiteFunction.IMAGING}))


@pytest.fixture
def berta(trial: Trial, amina):
    return trial.enrolled("Berta", digest_on=0)


@pytest.fixture
def hold(trial: Trial, amina, berta):
    """Amina answers for the scans of one patient. It is Tuesday, 3 March."""
    patient = trial.patient("417-001", first_registration="2026-03-02")
    trial.forward_to("2026-03-03 10:00")
    return trial.task(patient, "baseline_imaging")


def test_the_cover_is_told_who_is_away_until_when(trial: Trial, amina, berta, hold):
    told = trial.does(away.set_away, amina, FRIDAY, berta, by=amina)

    assert told == AwaySet(first=date(2026, 3, 3), last=FRIDAY, cover="Berta", items=1)
    assert trial.said_to(berta)[-1] == CoverAsked(name="Amina", first=date(2026, 3, 3), last=FRIDAY)
    # Whoever asks later is not told of another number.
    assert trial.asks(away.away_now, amina) == replace(told, items=0)
    assert trial.audit_holds()


def test_reminders_go_to_the_cover_and_her_card_says_for_whom(trial: Trial, amina, berta, hold):
    trial.does(away.set_away, amina, FRIDAY, berta, by=amina)

    trial.tick()

    assert {row.person_id for row in trial.reminders(task_id=hold.id)} == {berta}
    assert trial.card(berta, hold.visit_id).covering == "Amina"
    assert trial.card(amina, hold.visit_id).covering is None


def test_the_cover_gets_one_digest_of_what_is_open(trial: Trial, amina, berta, hold):
    trial.tick()
    trial.does(away.set_away, amina, FRIDAY, berta, by=amina)

    trial.live_until("2026-03-03 17:00")

    assert [row.person_id for row in trial.notices(kind="digest")] == [berta]


def test_nobody_waits_up_for_the_news(trial: Trial, amina, berta):
    trial.forward_to("2026-03-03 22:00")

    trial.does(away.set_away, amina, FRIDAY, berta, by=amina)

    row = trial.notices(person_id=berta, kind="message")[-1]
    assert row.hold_until - trial.clock.elapsed() == timedelta(hours=10, minutes=30)


def test_the_last_word_holds(trial: Trial, amina, berta):
    trial.does(away.set_away, amina, date(2026, 3, 20), None, by=amina)

    told = trial.does(away.set_away, amina, FRIDAY, berta, by=amina)

    assert trial.asks(away.away_now, amina) == told
    trial.forward_to("2026-03-09 10:00")
    assert trial.asks(away.away_now, amina) is None


def test_an_absence_can_lie_ahead(trial: Trial, amina, berta, hold):
    trial.does(away.set_away, amina, date(2026, 3, 13), berta, first=date(2026, 3, 9), by=amina)

    assert trial.asks(away.away_now, amina) is None
    trial.forward_to("2026-03-09 09:00")
    assert trial.asks(away.away_now, amina) is not None


def test_coming_back_earlier_ends_it_today(trial: Trial, amina, berta, hold):
    trial.does(away.set_away, amina, FRIDAY, berta, by=amina)

    back = trial.does(away.back, amina, by=amina)
    trial.tick()

    assert back == BackAgain()
    assert trial.asks(away.away_now, amina) is None
    assert {row.person_id for row in trial.reminders(task_id=hold.id)} == {amina}
    assert trial.does(away.back, amina, by=amina) is None
    assert trial.audit_holds()


def test_colleagues_who_are_there_and_can_be_told_stand_in(trial: Trial, amina, berta):
    clara, dora = trial.enrolled("Clara"), trial.enrolled("Dora")
    trial.invited("Emma")
    trial.enrolled("Tomoko", site="501")
    trial.out_of_reach(dora)
    trial.does(away.set_away, clara, FRIDAY, None, by=clara)

    offered = trial.asks(away.standers_in, amina, first=date(2026, 3, 3), last=FRIDAY)

    assert offered == (Stander(berta, "Berta"),)


def test_who_stands_in_is_asked_with_the_days(trial: Trial, amina):
    assert trial.asks(away.cover_question, amina, FRIDAY) == AwayCover(first=date(2026, 3, 2), last=FRIDAY)


@pytest.mark.parametrize(
    ("last", "first", "sentence"),
    [
        (date(2026, 3, 1), None, "lies before the first"),
        (date(2026, 3, 9), date(2026, 3, 10), "lies before the first"),
        (date(2027, 3, 1), None, "longer than 350 days"),
    ],
)
def test_days_that_cannot_be_are_refused(trial: Trial, amina, last, first, sentence):
    with pytest.raises(ProblemError, match=sentence):
        trial.does(away.set_away, amina, last, None, first=first, by=amina)
    assert trial.audited("absence.added") == []


def test_only_a_colleague_who_is_there_can_stand_in(trial: Trial, amina, berta):
    tomoko = trial.enrolled("Tomoko", site="501")
    trial.does(away.set_away, berta, FRIDAY, None, by=berta)

    for cover, sentence in ((amina, "no colleague"), (tomoko, "no colleague"), (berta, "away then")):
        with pytest.raises(ProblemError, match=sentence):
            trial.does(away.set_away, amina, FRIDAY, cover, by=amina)


def test_colleagues_say_it_for_each_other_and_other_sites_do_not(trial: Trial, amina, berta):
    tomoko = trial.enrolled("Tomoko", site="501")

    with pytest.raises(ProblemError, match="same site"):
        trial.does(away.set_away, amina, FRIDAY, None, by=tomoko)
    assert trial.does(away.set_away, amina, FRIDAY, None, by=berta).cover is None
    with pytest.raises(ProblemError, match="same site"):
        trial.does(away.back, amina, by=tomoko)


def test_whoever_belongs_to_no_site_has_no_absence(trial: Trial):
    manager = trial.manager()

    with pytest.raises(ProblemError, match="work at no site"):
        trial.does(away.set_away, manager, FRIDAY, None, by=manager)
    assert trial.asks(away.away_now, manager) is None
