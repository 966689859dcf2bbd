"""Each rule of the simulation can fail: Sitebell is broken on purpose, and the simulation finds it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import scheduler.auditing
import scheduler.choosing
import scheduler.grouping
import scheduler.placing
import scheduler.planning
import scheduler.ringing
import scheduler.there
from records.transaction import Tx
from scheduler.alarms import Next
from scheduler.choosing import Chosen
from tests.databases import Place
from tests.simulation import running
from tests.simulation.judge import Broken, Rule
from tests.simulation.phones import Faults
from tests.simulation.places import PROMPT, SILENT
from tests.simulation.world import Scale, World
from trial.moments import instant
from trial.study import Step

SMALL = Scale(years=1.5, patients=0.4, weekly=0.0, crashes=0.0, outages=0.0)
NOBODY_ANSWERS = replace(SMALL, habits=(SILENT,))


class Forgotten(Exception):
    """The transaction is rolled back, and nobody says so."""


def found(place: Place, scale: Scale, *, seed: int = 1, before: Callable[[World], None] = lambda _: None) -> Broken:
    world = World(place, scale, seed=seed)
    before(world)
    try:
        with pytest.raises(Broken) as broken:
            world.run()
    finally:
        world.close()
    return broken.value


def test_somebody_written_to_out_of_their_hours_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    for room in (scheduler.placing, scheduler.grouping):
        monkeypatch.setattr(room, "next_permitted", lambda now, _: now)

    assert found(sqlcipher_place, SMALL).rule is Rule.IN_HOURS


def test_a_card_that_leaves_too_late_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "put_off", lambda *_, **__: False)
    scale = replace(SMALL, patients=1.0, faults=Faults(flood=0.3))

    assert found(sqlcipher_place, scale).rule is Rule.IN_HOURS


def test_a_day_with_more_than_its_share_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler.grouping, "_room", lambda _tx, readers, **_: dict.fromkeys(readers, 99))

    assert found(sqlcipher_place, replace(SMALL, caps=(1,))).rule is Rule.UNDER_CAP


def test_a_fourth_ring_without_news_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler.placing, "RINGS_WITHOUT_NEWS", 99)

    assert found(sqlcipher_place, NOBODY_ANSWERS).rule is Rule.THREE_RINGS


def test_the_wrong_person_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    asked = scheduler.choosing.whom

    def whom(step: Step, *words: Any, **more: Any) -> Any:
        return asked(Step.INVESTIGATOR if step is Step.DUE else step, *words, **more)

    monkeypatch.setattr(scheduler.choosing, "whom", whom)

    assert found(sqlcipher_place, SMALL).rule is Rule.RIGHT_PERSON


def test_an_investigator_who_hears_of_it_first_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    chosen = scheduler.ringing.choose

    def choose(step: str, *words: Any, **more: Any) -> Any:
        return chosen("investigator" if step in {"window_open", "due"} else step, *words, **more)

    monkeypatch.setattr(scheduler.ringing, "choose", choose)

    assert found(sqlcipher_place, SMALL).rule is Rule.IN_ORDER


def test_a_manager_who_hears_of_it_first_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    chosen = scheduler.ringing.choose

    def choose(step: str, *words: Any, **more: Any) -> Any:
        return Chosen("manager", ()) if step == "window_open" else chosen(step, *words, **more)

    monkeypatch.setattr(scheduler.ringing, "choose", choose)

    assert found(sqlcipher_place, SMALL).rule is Rule.IN_ORDER


def test_a_ring_about_somebody_who_has_left_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler.planning.Chart, "wanted_state", scheduler.planning.FOLLOWED)

    assert found(sqlcipher_place, replace(SMALL, patients=1.0)).rule is Rule.LEFT_SILENT


def test_a_site_that_rings_before_its_date_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    kept = scheduler.there.site_time

    def site_time(*words: Any) -> Any:
        return replace(kept(*words), rings_from=date(2000, 1, 1))

    monkeypatch.setattr(scheduler.there, "site_time", site_time)

    assert found(sqlcipher_place, replace(SMALL, patients=1.0)).rule is Rule.NOT_BEFORE


@pytest.mark.parametrize("lost", ["due", "late", "manager"])
def test_a_ladder_that_loses_a_step_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch, lost: str):
    then = scheduler.ringing._then

    def forgetful(*words: Any) -> Next:
        coming = then(*words)
        return Next(None, None) if coming.step == lost else coming

    monkeypatch.setattr(scheduler.ringing, "_then", forgetful)

    assert found(sqlcipher_place, NOBODY_ANSWERS).rule is Rule.STEPS_ACCOUNTED


def test_an_auditor_who_sees_nothing_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler.ringing, "_then", lambda *_: Next(None, None))
    monkeypatch.setattr(scheduler.auditing, "_unaccounted", lambda *_, **__: [])

    assert found(sqlcipher_place, NOBODY_ANSWERS).rule is Rule.AUDITOR_AGREES


def test_an_auditor_who_reports_what_is_not_missing_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler.auditing, "_accounted", lambda *_: frozenset[Step]())

    assert found(sqlcipher_place, NOBODY_ANSWERS).rule is Rule.AUDITOR_AGREES


def test_a_ladder_without_an_end_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    then = scheduler.ringing._then

    def endless(ring: Any, chosen: Any, now: Any) -> Next:
        coming = then(ring, chosen, now)
        return Next("manager", instant(now + timedelta(days=3))) if coming.step is None else coming

    monkeypatch.setattr(scheduler.ringing, "_then", endless)

    assert found(sqlcipher_place, NOBODY_ANSWERS).rule is Rule.LADDERS_END


def test_an_answer_that_was_taken_and_not_kept_is_found(sqlcipher_place: Place):
    def forgets(world: World) -> None:
        kept = world.running.within

        def within(act: Callable[[Tx], Any]) -> Any:
            if world.chance.random() > 0.2 or act.__qualname__ != "Acting._say.<locals>.record":
                return kept(act)
            said: list[Any] = []
            with suppress(Forgotten), world.records.begin() as tx:
                said.append(act(tx))
                raise Forgotten
            return said[0]

        world.running.within = within

    scale = replace(SMALL, years=0.5, habits=(PROMPT,))

    assert found(sqlcipher_place, scale, before=forgets).rule is Rule.ANSWERS_KEPT


def test_an_outbox_that_nobody_empties_is_found(sqlcipher_place: Place):
    world = World(sqlcipher_place, replace(NOBODY_ANSWERS, years=0.5), seed=1)
    world.run()
    world._coming.clear()
    while (moment := world._next()) > world.now:
        world.clock.wait(moment - world.now)
        world.running.tick()  # until something waits to be sent, which nobody does any more
    world.clock.wait(timedelta(hours=25))

    with pytest.raises(Broken) as broken:
        world.judge.accounts(world.running.studies)
    world.close()

    assert broken.value.rule is Rule.NOTHING_STUCK


def test_a_log_that_was_changed_is_found(sqlcipher_place: Place):
    def changes(world: World) -> None:
        ends = world.judge.ends

        def tampered() -> None:
            with world.records.begin() as tx:
                tx.connection.execute(sa.text("UPDATE audit SET action = 'nothing' WHERE sequence = 9"))
            ends()

        world.judge.ends = tampered

    assert found(sqlcipher_place, replace(SMALL, years=0.1), before=changes).rule is Rule.LOG_HOLDS


def test_a_tick_that_goes_round_in_circles_is_found(sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "TASKS_AT_MOST", (5000,))
    monkeypatch.setattr(scheduler.ringing, "_then", lambda ring, _, now: Next(ring.due.next_step, now))

    assert found(sqlcipher_place, SMALL).rule is Rule.MOVES_ON
