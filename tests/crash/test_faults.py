"""One fault at a time against the running service: what Telegram, the network and other people do on a bad day."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from app import service
from app.service import LeaseLost
from bot import pace
from bot.buttons import ChooseReason, Say, encode
from office.health import Health, health
from records import leases, schema
from simulator.limits import Limits
from simulator.serving import listening_socket
from tests.databases import Place
from tests.persons import Person
from tests.phones import ChatMessage
from tests.simulators import RunningSimulator, running_simulator, simulator_process
from tests.trials import Trial, running_trial
from trial.answers import AnswerKind
from trial.moments import local_day, zone
from trial.tasks import SiteFunction

START, ZONE = "2027-04-12 08:00", "Asia/Tokyo"
MORNING = "2027-04-12 08:30"
CODE = "417-003"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path, limits=Limits(enabled=False)) as running:
        yield running


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram's limits are off in this simulator, so nobody has to keep to them."""
    monkeypatch.setattr(pace, "CHAT_BURST", 1_000.0)
    monkeypatch.setattr(pace, "OVERALL_BURST", 1_000.0)
    # Two ticks come before a lost lease is noticed.
    monkeypatch.setattr(service, "RENEW_EVERY_S", 2.2)


@pytest.fixture
async def trial(place: Place, simulator: RunningSimulator) -> AsyncIterator[Trial]:
    """On each engine in turn."""
    async with running_trial(place, simulator, at=START, zone=ZONE) as running:
        yield running


@pytest.fixture
async def quick(sqlcipher_place: Place, simulator: RunningSimulator) -> AsyncIterator[Trial]:
    """On the embedded database."""
    async with running_trial(sqlcipher_place, simulator, at=START, zone=ZONE) as running:
        yield running


def two_uploads(trial: Trial) -> None:
    """A patient whose CT and MRI of Friday ring on Monday morning."""
    trial.patient(CODE, site="417", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})


def uploaded(trial: Trial, task_id: UUID) -> str:
    """The data of the button that says: uploaded today."""
    return encode(Say(task_id, AnswerKind.UPLOADED, local_day(trial.clock.now(), zone(ZONE))))


def task(trial: Trial, name: str) -> UUID:
    """The task of this name of Friday's visit: later ones have their uploads, too."""
    wanted = (
        sa.select(schema.task.c.id)
        .join(schema.visit, schema.visit.c.id == schema.task.c.visit_id)
        .where(schema.visit.c.occurrence == "baseline_imaging", schema.task.c.name == name)
    )
    with trial.records.read() as tx:
        return UUID(str(tx.connection.scalars(wanted).one()))


def answers(trial: Trial) -> list[tuple[str, str]]:
    """What people answered: the task's name and the kind of answer."""
    wanted = (
        sa.select(schema.task.c.name, schema.answer.c.kind)
        .join(schema.task, schema.task.c.id == schema.answer.c.task_id)
        .where(schema.answer.c.person_id.is_not(None))
        .order_by(schema.answer.c.received_at)
    )
    with trial.records.read() as tx:
        return [(row.name, row.kind) for row in tx.connection.execute(wanted)]


def outcomes(trial: Trial) -> list[str]:
    """What came of the attempts to send cards, in order."""
    wanted = (
        sa.select(schema.delivery.c.outcome)
        .join(schema.notice, schema.notice.c.id == schema.delivery.c.notice_id)
        .where(schema.notice.c.kind == "card")
        .order_by(schema.delivery.c.started_at, schema.delivery.c.attempt)
    )
    with trial.records.read() as tx:
        return list(tx.connection.scalars(wanted))


def standing(trial: Trial) -> Health:
    return health(trial.records, elapsed=trial.clock.elapsed())


def cards(person: Person) -> list[ChatMessage]:
    return [one for one in person.shown() if CODE in one.text]


# --- what comes in ----------------------------------------------------------------------------------------------------

UNPARSABLE: tuple[dict[str, object], ...] = (
    {"callback_query": "not an object"},
    {"callback_query": {"id": 5, "from": [], "data": {}}},
    {"message": {"message_id": "seven", "chat": {"id": None}, "date": "yesterday", "text": ["x"]}},
    {"message": None},
    {"something_new": {"of": "a later Bot API"}},
    {},
)


@pytest.mark.parametrize("broken", UNPARSABLE)
async def test_an_unparsable_update_among_good_ones_holds_nobody_up(quick: Trial, broken: dict[str, object]) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    await quick.forward_to(MORNING, zone=ZONE)

    amina.press(data=uploaded(quick, task(quick, "upload_ct")))
    quick.simulator.phones.inject(broken)
    await amina.taps("", data=uploaded(quick, task(quick, "upload_mri")))

    assert answers(quick) == [("upload_ct", "uploaded"), ("upload_mri", "uploaded")]
    assert standing(quick).inbox_failed == 0
    assert standing(quick).inbox_open == 0


@pytest.mark.parametrize("under_new_id", [False, True])
async def test_the_same_update_twice_is_one_answer(quick: Trial, *, under_new_id: bool) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    await quick.forward_to(MORNING, zone=ZONE)
    await amina.taps("", data=uploaded(quick, task(quick, "upload_ct")))
    press = quick.simulator.phones.updates()[-1]

    quick.simulator.phones.repeat(press["update_id"], under_new_id=under_new_id)
    await amina.taps("", data=uploaded(quick, task(quick, "upload_mri")))  # it came after the repeat

    assert answers(quick) == [("upload_ct", "uploaded"), ("upload_mri", "uploaded")]


async def test_two_presses_at_once_are_one_answer(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="417")
    berta = await trial.joins("Berta", site="417")
    two_uploads(trial)
    await trial.forward_to(MORNING, zone=ZONE)
    data = uploaded(trial, task(trial, "upload_ct"))

    amina.press(data=data)
    berta.press(data=data)
    first, second = await amina.expects_toast(), await berta.expects_toast()

    assert answers(trial) == [("upload_ct", "uploaded")]
    assert first.text != second.text


async def test_an_answer_to_a_task_closed_meanwhile_changes_nothing_and_says_so(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="417")
    berta = await trial.joins("Berta", site="417")
    two_uploads(trial)
    await trial.forward_to(MORNING, zone=ZONE)
    ct = task(trial, "upload_ct")
    await amina.taps("", data=uploaded(trial, ct))

    line = await berta.taps("", data=encode(ChooseReason(ct, AnswerKind.NOT_DONE)))

    assert line
    assert answers(trial) == [("upload_ct", "uploaded")]


# --- what goes out ----------------------------------------------------------------------------------------------------


async def test_a_flood_wait_is_kept_and_then_the_card_comes_once(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    quick.simulator.phones.fault("429", "sendMessage", retry_after=40)

    await quick.forward_to(MORNING, zone=ZONE)
    await quick.waits(timedelta(seconds=35))
    assert cards(amina) == []
    await quick.waits(timedelta(seconds=6))

    assert len(cards(amina)) == 1
    assert outcomes(quick) == ["flood", "accepted"]


@pytest.mark.parametrize("kind", ["500", "502"])
async def test_a_server_error_is_tried_again_and_the_card_comes_once(quick: Trial, kind: str) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    quick.simulator.phones.fault(kind, "sendMessage", count=3)

    await quick.forward_to(MORNING, zone=ZONE)
    for seconds in (2, 3, 5):
        await quick.waits(timedelta(seconds=seconds))

    assert len(cards(amina)) == 1
    assert outcomes(quick) == [*["server_error"] * 3, "accepted"]


async def test_a_connection_cut_before_the_server_took_the_message_leaves_one_card(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    quick.simulator.phones.fault("cut_before", "sendMessage")

    await quick.forward_to(MORNING, zone=ZONE)
    await quick.waits(timedelta(seconds=2))

    assert len(cards(amina)) == 1
    assert outcomes(quick) == ["ambiguous", "accepted"]


@pytest.mark.parametrize("kind", ["cut_after", "truncated"])
async def test_an_answer_lost_after_the_server_took_the_message_costs_one_copy(quick: Trial, kind: str) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    quick.simulator.phones.fault(kind, "sendMessage")

    await quick.forward_to(MORNING, zone=ZONE)
    await quick.waits(timedelta(seconds=2))

    assert len(cards(amina)) == 2
    assert outcomes(quick) == ["ambiguous", "accepted"]
    assert standing(quick).notices_unknown == 0


async def test_two_lost_answers_leave_the_notice_unknown_and_shown_and_it_is_not_sent_again(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    quick.simulator.phones.fault("cut_after", "sendMessage", count=2)

    await quick.forward_to(MORNING, zone=ZONE)
    await quick.waits(timedelta(seconds=2))
    await quick.waits(timedelta(hours=1))

    assert len(cards(amina)) == 2
    assert outcomes(quick) == ["ambiguous", "ambiguous"]
    assert standing(quick).notices_unknown == 1


async def test_a_press_on_the_copy_that_nobody_knows_of_counts_and_the_card_stands_there(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    quick.simulator.phones.fault("cut_after", "sendMessage")
    await quick.forward_to(MORNING, zone=ZONE)
    await quick.waits(timedelta(seconds=2))
    copy, card = cards(amina)

    await amina.taps("", copy, data=uploaded(quick, task(quick, "upload_ct")))
    await quick.waits(timedelta(seconds=2))

    assert answers(quick) == [("upload_ct", "uploaded")]
    shown = {one.message_id: one for one in cards(amina)}
    assert shown[copy.message_id].edited
    assert shown[card.message_id].buttons == []


# --- who is there -----------------------------------------------------------------------------------------------------


async def test_a_card_whose_question_was_answered_before_it_went_out_does_not_ring(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    berta = await quick.joins("Berta", site="417")
    quick.patient(CODE, site="417", first_registration="2027-04-12")
    quick.simulator.phones.fault("500", "sendMessage", count=2)
    await quick.forward_to(MORNING, zone=ZONE)

    await amina.taps(
        "", data=encode(Say(task(quick, "hold"), AnswerKind.DONE, local_day(quick.clock.now(), zone(ZONE))))
    )
    await quick.waits(timedelta(seconds=3))

    assert answers(quick) == [("hold", "done")]
    assert cards(berta) == []


async def test_a_second_poller_is_logged_and_does_not_end_the_service(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    two_uploads(quick)
    await quick.forward_to(MORNING, zone=ZONE)

    with capture_logs() as logged:
        # Somebody else asks with our token: the server ends our request with 409.
        async with httpx.AsyncClient(trust_env=False, verify=False) as other:  # noqa: S501 - plain http on loopback
            await other.post(f"{quick.simulator.bot_url}{quick.simulator.token}/getUpdates", json={"timeout": 0})
        await amina.taps("", data=uploaded(quick, task(quick, "upload_ct")))

    assert [line["reason"] for line in logged if line["event"] == "updates_not_fetched"] == ["conflict"]
    assert answers(quick) == [("upload_ct", "uploaded")]


async def test_what_could_not_be_said_is_shown_and_goes_to_a_colleague(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", functions=frozenset({SiteFunction.IMAGING}))
    berta = await quick.joins("Berta", site="417")
    two_uploads(quick)
    amina.deactivate()  # Telegram tells nobody; the next message is refused

    await quick.forward_to(MORNING, zone=ZONE)
    await quick.settled()

    assert standing(quick).notices_failed == 1
    assert len(cards(berta)) == 1


async def test_what_waits_for_somebody_who_blocks_the_bot_goes_to_a_colleague(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417", functions=frozenset({SiteFunction.IMAGING}))
    berta = await quick.joins("Berta", site="417")
    two_uploads(quick)

    amina.block()
    await quick.taken_in(quick.simulator.phones.updates()[-1]["update_id"])
    await quick.forward_to(MORNING, zone=ZONE)

    assert len(cards(berta)) == 1
    assert standing(quick).notices_failed == 0


async def test_without_telegram_the_service_stays_and_goes_on_when_it_is_there(
    sqlcipher_place: Place, tmp_path: Path
) -> None:
    with listening_socket("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
    nowhere = RunningSimulator(f"http://127.0.0.1:{port}", "1000000001:simulator-on-this-machine-only-00000", None)  # type: ignore[arg-type] # there is no phone yet
    tried = asyncio.Event()

    def listen(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        if event["event"] == "telegram_not_reached":
            tried.set()
        return event

    with capture_logs(processors=[listen]) as logged:
        async with running_trial(sqlcipher_place, nowhere, at=START, zone=ZONE) as trial:
            assert trial.running is not None
            await tried.wait()
            with simulator_process(tmp_path, port=port) as simulator:
                trial.simulator = simulator
                phone = simulator.phones.person("Amina")
                phone.start()
                reply = await phone.expects(lambda message: message.from_bot, timeout_s=20)
            assert not trial.running.done()

    assert reply.text
    assert {"updates_not_fetched", "telegram_not_reached"} <= {line["event"] for line in logged}


async def test_a_service_that_lost_its_lease_sends_nothing_more_and_ends_itself(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="417")
    two_uploads(trial)
    with trial.records.begin() as tx:
        taken = leases.acquire(
            tx,
            leases.SERVICE,
            "another/process/1/1",
            elapsed=trial.clock.elapsed(),
            ttl=timedelta(seconds=15),
            holder_is_dead=lambda _: True,
        )
    assert taken is not None

    trial.clock.shift_to(trial.clock.offset + timedelta(hours=1))
    assert trial.running is not None
    with pytest.raises(BaseExceptionGroup) as ended:
        await trial.running
    trial.running = None

    assert ended.group_contains(LeaseLost)
    assert cards(amina) == []
    assert standing(trial).oldest_unsent_s is not None  # it was rung, and waits for whoever has the lease
