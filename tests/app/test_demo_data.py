"""A demo that is there already: begun by an older Sitebell, or left by somebody who was killed before the phones knew it all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from app.demo import Demo
from app.demo_history import PAST, is_begun, is_made
from app.demo_phones import DemoPhones
from app.demo_world import PLAYERS, STUDY
from app.service import Service
from office.studies import import_document, import_study
from records import studies
from scheduler.clock import FixedClock
from simulator.limits import Limits
from tests.app.lived import ENDS, LIVING_MAX_S, ONE_YEAR, URL, LivedDemo
from tests.databases import Place
from tests.phones import ChatMessage, Phone
from tests.simulators import RunningSimulator, running_simulator
from tests.trials import Trial, TrialClock, settings_for
from trial.moments import at_local, zone

pytestmark = [pytest.mark.xdist_group(ONE_YEAR), pytest.mark.timeout(LIVING_MAX_S)]

WAITING = {104_002, 402_002, 704_002}
NOBODY = "http://127.0.0.1:1"
OTHER_STUDY = STUDY.with_name("celim2.yaml")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path, limits=Limits(enabled=False)) as running:
        yield running


async def test_a_demo_that_was_begun_by_an_older_sitebell_goes_on_as_it_was(sqlcipher_place: Place):
    clock = FixedClock(at_local(date(2027, 4, 12), time(8, 0), zone("Asia/Tokyo")))
    older = STUDY.read_text(encoding="utf-8") + "\n# as it was\n"
    with sqlcipher_place.opened() as records:
        times = {"now": clock.now(), "elapsed": clock.elapsed()}
        begun = import_document(records, older, STUDY.name, by=None, **times)
        # Nothing is asked of the phones: they have what they had.
        demo = Demo(records, clock, DemoPhones(NOBODY), sqlcipher_place.data_dir)
        await demo.hand_over()
        await demo.leave_invitations()

        assert is_begun(records)
        with records.read() as tx:
            (study,) = studies.studies(tx)
            versions = [one.id for one in studies.versions(tx, study.id)]
    assert versions == [begun.version_id]


def test_a_database_without_a_study_is_no_demo_yet(sqlcipher_place: Place, tmp_path: Path):
    assert not is_made(URL, data_dir=tmp_path)
    (tmp_path / "sitebell.db").touch()
    assert not is_made(URL, data_dir=tmp_path)
    with sqlcipher_place.opened() as records:
        assert not is_begun(records)


async def move_in(lived: LivedDemo, simulator: RunningSimulator) -> None:
    """Beside a study that somebody has taken in to try: the demo's own people are those of its own study."""
    records, clock = lived.open(), FixedClock(ENDS)
    try:
        import_study(records, OTHER_STUDY, by=None, now=clock.now(), elapsed=clock.elapsed())
        demo = Demo(records, clock, DemoPhones(simulator.url), lived.data)
        await demo.hand_over()
        await demo.leave_invitations()
    finally:
        records.close()


async def test_the_phones_show_the_year(lived_demo: LivedDemo, simulator: RunningSimulator, tmp_path: Path):
    lived = lived_demo.copied_to(tmp_path / "demo")
    past = lived.past()
    await move_in(lived, simulator)
    there = {person["id"]: person for person in simulator.phones.people()}

    assert not (lived.data / PAST).exists()
    assert set(there) == {player.chat for player in PLAYERS}
    assert {chat for chat, person in there.items() if person["invitation"]} == WAITING
    assert {chat for chat, person in there.items() if person["blocked"]} == {512_002}
    # Whoever answers has read what came; who is silent has not.
    assert there[302_001]["unread"] <= 3 < there[512_001]["unread"]
    for chat in (302_001, 417_001, 512_001):
        shown = {one.message_id: (one.text, one.from_bot) for one in simulator.phones.phone(chat).messages()}
        assert shown == {
            one["message_id"]: (one["text"], one["from_bot"]) for one in past["messages"] if one["chat"] == chat
        }


async def test_handing_the_year_over_twice_is_doing_it_once(
    lived_demo: LivedDemo, simulator: RunningSimulator, tmp_path: Path
):
    lived = lived_demo.copied_to(tmp_path / "demo")
    past = lived.past()
    await move_in(lived, simulator)
    first = simulator.phones.phone(302_001).messages()
    await DemoPhones(simulator.url).hand_over(past)

    assert [one.raw for one in simulator.phones.phone(302_001).messages()] == [one.raw for one in first]


@asynccontextmanager
async def serving(lived: LivedDemo, simulator: RunningSimulator) -> AsyncIterator[Trial]:
    """The service, a minute after the year ended."""
    place = Place(URL, lived.keys, lived.data)
    records, clock = lived.open(), TrialClock()
    clock.shift_to(ENDS + timedelta(minutes=1) - clock.now())
    settings = replace(settings_for(place, simulator), telegram_token=simulator.token, web_port=0)
    trial = Trial(place, simulator, clock, records, Service(settings, records, clock))
    await trial.start()
    try:
        yield trial
    finally:
        await trial.stop()
        records.close()


def newest_card(phone: Phone) -> ChatMessage:
    return next(one for one in reversed(phone.messages()) if one.buttons)


async def test_a_press_on_a_card_of_the_year_is_taken_and_the_card_changes_in_its_place(
    lived_demo: LivedDemo, simulator: RunningSimulator, tmp_path: Path
):
    lived = lived_demo.copied_to(tmp_path / "demo")
    await move_in(lived, simulator)
    phone = simulator.phones.phone(704_001)
    before = newest_card(phone)
    async with serving(lived, simulator):
        await asyncio.to_thread(phone.press, 0, before)

        def changed() -> ChatMessage | None:
            now = next(one for one in phone.messages() if one.message_id == before.message_id)
            return now if (now.text, now.labels) != (before.text, before.labels) else None

        after = await asyncio.to_thread(simulator.phones.wait_until, changed)

    assert after.message_id == before.message_id
