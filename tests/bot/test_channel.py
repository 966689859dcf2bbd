"""The channel over HTTP: what each failure of the network or of Telegram means for a message."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channel import Channel, Key
from bot.identity import new_bot
from locales import Span, Text
from records.outbox import Outcome
from simulator.limits import Limits
from tests.phones import Phone
from tests.simulators import RunningSimulator, running_simulator

HELLO = Text("Site 417 · 1 item", (Span(0, 8),))
KEYS = ((Key("Uploaded", "1.-"), Key("Later", "1.-")),)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path, limits=Limits(enabled=False)) as running:
        yield running


@pytest.fixture
def amina(simulator: RunningSimulator) -> Phone:
    phone = simulator.phones.person("Amina", language="ja")
    phone.start("")
    return phone


@pytest.fixture
async def channel(simulator: RunningSimulator) -> AsyncIterator[Channel]:
    bot = new_bot(simulator.token, simulator.api)
    await bot.initialize()
    yield Channel(bot)
    await bot.shutdown()


async def test_a_message_arrives_with_its_buttons_and_bold_words(channel: Channel, amina: Phone) -> None:
    result = await channel.send(amina.person_id, HELLO, KEYS)

    assert result.outcome is Outcome.ACCEPTED
    assert amina.latest().message_id == result.message_id
    assert amina.latest().labels == ["Uploaded", "Later"]
    assert amina.latest().raw["entities"] == [{"type": "bold", "offset": 0, "length": 8}]


async def test_an_edit_that_changes_nothing_is_success(channel: Channel, amina: Phone) -> None:
    sent = await channel.send(amina.person_id, HELLO, KEYS)
    assert sent.message_id is not None

    assert (await channel.edit(amina.person_id, sent.message_id, HELLO, KEYS)).outcome is Outcome.NOT_MODIFIED
    assert (await channel.edit(amina.person_id, sent.message_id, HELLO, ())).outcome is Outcome.ACCEPTED


async def test_an_edit_of_a_message_that_is_gone_says_so(channel: Channel, amina: Phone) -> None:
    result = await channel.edit(amina.person_id, 4711, HELLO, ())

    assert (result.outcome, result.error) == (Outcome.REFUSED, "message_gone")


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("cut_before", Outcome.AMBIGUOUS),
        ("cut_after", Outcome.AMBIGUOUS),
        ("truncated", Outcome.AMBIGUOUS),
        ("500", Outcome.SERVER_ERROR),
        ("502", Outcome.SERVER_ERROR),
    ],
)
async def test_a_broken_answer_is_judged_by_whether_the_message_may_have_gone_out(
    channel: Channel, simulator: RunningSimulator, amina: Phone, kind: str, outcome: Outcome
) -> None:
    simulator.phones.fault(kind, "sendMessage")

    assert (await channel.send(amina.person_id, HELLO, ())).outcome is outcome


async def test_a_flood_says_how_long_to_wait(channel: Channel, simulator: RunningSimulator, amina: Phone) -> None:
    simulator.phones.fault("429", "sendMessage", retry_after=17)

    result = await channel.send(amina.person_id, HELLO, ())

    assert (result.outcome, result.retry_after) == (Outcome.FLOOD, timedelta(seconds=17))


async def test_somebody_who_blocked_the_bot_is_unreachable(channel: Channel, amina: Phone) -> None:
    amina.block()

    assert (await channel.send(amina.person_id, HELLO, ())).outcome is Outcome.UNREACHABLE


async def test_a_chat_that_there_is_not_is_unreachable(channel: Channel) -> None:
    assert (await channel.send(4711, HELLO, ())).outcome is Outcome.UNREACHABLE


async def test_a_server_that_is_not_there_has_taken_nothing(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as gone:
        bot = new_bot(gone.token, gone.api)

    result = await Channel(bot).send(1, HELLO, ())

    assert result.outcome is Outcome.NOT_SENT
    await bot.shutdown()


async def test_the_answer_to_a_press_that_telegram_forgot_is_no_error(
    channel: Channel, amina: Phone, simulator: RunningSimulator
) -> None:
    await channel.send(amina.person_id, HELLO, KEYS)
    query = amina.press("Later")
    simulator.phones.advance(seconds=200)

    await channel.answer_press(str(query), "recorded")
