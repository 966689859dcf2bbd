"""100,000 pairs of a person and callback data, forged ones among them: none is accepted that should not be."""

from dataclasses import replace
from datetime import date

import pytest

from bot import presses
from bot.buttons import decode
from bot.presses import Press
from bot.rights import Subject, permits
from tests.bot.fuzzing import ALL_PRESSES, NOW, Crowd, Reader, Rule, tried
from trial.access import Action, Actor, may

PAIRS = 100_000
SEED = 20_270_412


def test_of_a_hundred_thousand_pairs_none_is_accepted_that_should_not_be() -> None:
    found = tried(Crowd(SEED), PAIRS, rule=permits, read=decode)

    assert found.pairs == PAIRS
    assert found.wrong[:3] == []
    assert found.refused[:3] == []
    # It has tried something: every press was both accepted and refused, and forged data came in numbers.
    names = {kind.__name__ for kind in ALL_PRESSES}
    assert set(found.accepted) == names
    assert set(found.denied) == names
    assert min(sum(found.accepted.values()), sum(found.denied.values()), found.unreadable) > PAIRS // 20


# --- and it can fail: each of these rules is broken in one place ------------------------------------------------------


def _forgives_who_was_revoked(actor: Actor, press: Press, about: Subject) -> bool:
    return permits(replace(actor, revoked=False), press, about)


def _takes_every_site_for_theirs(actor: Actor, press: Press, about: Subject) -> bool:
    return any(permits(actor, press, replace(about, site_id=one.site_id)) for one in actor.memberships)


def _takes_every_study_for_theirs(actor: Actor, press: Press, about: Subject) -> bool:
    there = tuple(replace(one, study_id=about.study_id or one.study_id) for one in actor.memberships)
    return permits(replace(actor, memberships=there), press, about)


def _forgets_when_access_ends(actor: Actor, press: Press, about: Subject) -> bool:
    endless = tuple(replace(one, until=None) for one in actor.memberships)
    return permits(replace(actor, memberships=endless), press, about)


def _forgets_when_access_begins(actor: Actor, press: Press, about: Subject) -> bool:
    at_once = tuple(replace(one, since=date.min) for one in actor.memberships)
    return permits(replace(actor, memberships=at_once), press, about)


def _goes_by_the_servers_day(actor: Actor, press: Press, about: Subject) -> bool:
    return permits(actor, press, replace(about, today=NOW.date()))


def _does_not_ask_whose_it_is(actor: Actor, press: Press, about: Subject) -> bool:
    return permits(actor, press, replace(about, owner=about.owner and actor.person_id))


def _lets_whoever_sees_it_confirm_a_leaving(actor: Actor, press: Press, about: Subject) -> bool:
    confirms = isinstance(press, presses.LeavingOn)
    return permits(actor, presses.Front(press.patient) if confirms else press, about)  # type: ignore[union-attr]


def _lets_whoever_sees_it_admit_people(actor: Actor, press: Press, about: Subject) -> bool:
    admits = isinstance(press, presses.Keep)
    return permits(actor, presses.Front(press.person) if admits else press, about)  # type: ignore[union-attr]


def _lets_whoever_sees_it_answer(actor: Actor, press: Press, about: Subject) -> bool:
    if about.study_id is None or not isinstance(press, presses.Say):
        return permits(actor, press, about)
    return may(actor, Action.SEE, study_id=about.study_id, site_id=about.site_id, today=about.today)


@pytest.mark.parametrize(
    "broken",
    [
        _forgives_who_was_revoked,
        _takes_every_site_for_theirs,
        _takes_every_study_for_theirs,
        _forgets_when_access_ends,
        _forgets_when_access_begins,
        _goes_by_the_servers_day,
        _does_not_ask_whose_it_is,
        _lets_whoever_sees_it_confirm_a_leaving,
        _lets_whoever_sees_it_admit_people,
        _lets_whoever_sees_it_answer,
    ],
    ids=lambda rule: rule.__name__.strip("_"),
)
def test_a_rule_that_is_broken_in_one_place_is_found(broken: Rule) -> None:
    assert tried(Crowd(SEED), PAIRS // 20, rule=broken, read=decode).wrong != []


@pytest.mark.parametrize(
    "lenient", [lambda data: decode(data.strip()), lambda data: decode(data.rstrip("=."))], ids=["blanks", "padding"]
)
def test_a_codec_that_reads_more_than_it_writes_is_found(lenient: Reader) -> None:
    assert tried(Crowd(SEED), PAIRS // 20, rule=permits, read=lenient).wrong != []
