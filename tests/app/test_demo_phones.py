"""The demo's people join by their phones, also after the service was killed in the middle of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo_phones import DemoPhones, Owner
from records import people
from simulator.limits import Limits
from tests.databases import Place
from tests.simulators import RunningSimulator, running_simulator
from tests.trials import has_buttons, running_trial
from trial.people import Role

OFFICE = Owner(1_000, "Trial manager", "en", "Europe/Brussels", "Trial office", None, Role.MANAGER)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path, limits=Limits(enabled=False)) as running:
        yield running


@pytest.mark.parametrize("left_standing", [0, 1, 2])
async def test_questions_of_an_earlier_life_do_not_stand_in_the_way(
    sqlcipher_place: Place, simulator: RunningSimulator, left_standing: int
):
    async with running_trial(sqlcipher_place, simulator, at="2027-04-12 09:00", zone="Europe/Brussels") as trial:
        phones = DemoPhones(simulator.url)
        await phones.own([OFFICE])
        phone = simulator.phones.phone(OFFICE.id)
        for life in range(left_standing):
            # Killed before the question was answered: the next life invites anew, and this question leads nowhere.
            phone.start(trial.invitation(OFFICE.name, site=None))
            await asyncio.to_thread(
                simulator.phones.wait_until,
                lambda life=life: len([one for one in phone.messages() if has_buttons(2)(one)]) > life,
            )

        async with asyncio.timeout(10):
            await phones.join(OFFICE, trial.invitation(OFFICE.name, site=None))

        with trial.records.read() as tx:
            person = people.person_by_chat(tx, OFFICE.id)
        assert person is not None
        assert person.name == OFFICE.name
