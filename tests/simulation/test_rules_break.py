"""Each rule of the simulation can fail: Sitebell is broken on purpose, and the simulation names the rule."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.databases import Place
from tests.simulation.rules import Broken, Rule
from tests.simulation.sabotages import NOBODY_ANSWERS, SABOTAGES, Sabotage
from tests.simulation.world import World


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda one: one.name)
def test_what_is_broken_on_purpose_is_found(
    sqlcipher_place: Place, monkeypatch: pytest.MonkeyPatch, sabotage: Sabotage
) -> None:
    world = World(sqlcipher_place, sabotage.scale, seed=1)
    sabotage.breaks(monkeypatch, world)
    try:
        with pytest.raises(Broken) as broken:
            world.run()
    finally:
        world.close()

    assert broken.value.rule is sabotage.rule
    assert "SITEBELL_TEST_SOAK_SEED=1 " in str(broken.value)


def test_an_outbox_that_nobody_empties_is_found(sqlcipher_place: Place) -> None:
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


def test_every_rule_is_broken_at_least_once() -> None:
    assert set(Rule) == {sabotage.rule for sabotage in SABOTAGES}
