"""The service's demo clock, relayed: shown, moved, and stamped on every message."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.phones import NotAllowed, Phones
from tests.simulator.conftest import RawApi
from tests.simulator.demo_service import SECRET, DemoService, demo_service
from tests.simulators import RunningSimulator, running_simulator


@pytest.fixture
def service() -> Iterator[DemoService]:
    with demo_service() as running:
        yield running


@pytest.fixture
def in_demo(tmp_path: Path, service: DemoService) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path, clock_url=service.url, clock_secret=SECRET) as running:
        yield running


def test_the_clock_is_relayed_and_moved(in_demo: RunningSimulator) -> None:
    phones = in_demo.phones

    assert phones.call("GET", "/demo-clock") == {
        "now": "2027-04-11T23:30:00+00:00",
        "next": "2027-04-12T23:30:00+00:00",
        "what": "417-003: liver MRI at 12 months",
    }
    assert (
        (moved := phones.call("POST", "/demo-clock/next"))["now"],
        moved["next"],
    ) == ("2027-04-12T23:30:00+00:00", None)


@pytest.mark.parametrize(("how", "now"), [("day", "2027-04-12T23:30:00+00:00"), ("week", "2027-04-18T23:30:00+00:00")])
def test_the_clock_is_moved_a_day_or_a_week_on(in_demo: RunningSimulator, how: str, now: str) -> None:
    assert in_demo.phones.call("POST", f"/demo-clock/{how}")["now"] == now


def test_a_message_is_dated_by_the_demo_and_aged_by_real_time(in_demo: RunningSimulator) -> None:
    amina = in_demo.phones.person("Amina")
    amina.start()
    raw = RawApi(in_demo)
    sent = raw.call("sendMessage", chat_id=amina.person_id, text="a").json()["result"]
    raw.http.close()

    assert {"2027-04-11T23:30:00+00:00"} == {message.raw["shown_at"] for message in amina.messages()}
    assert not amina.latest().raw["sent_at"].startswith("2027-04-11")
    assert sent["date"] > 0


def test_what_is_sent_while_the_clock_moves_is_dated_by_each_of_its_steps(
    service: DemoService, in_demo: RunningSimulator
) -> None:
    amina = in_demo.phones.person("Amina")
    amina.start()
    raw = RawApi(in_demo)

    def steps() -> None:
        for day in (14, 15, 16):
            service.moments[0] = f"2027-04-{day}T06:30:00+00:00"
            raw.call("sendMessage", chat_id=amina.person_id, text=str(day))

    service.meanwhile = steps
    in_demo.phones.call("POST", "/demo-clock/week")
    raw.http.close()

    told = {message.text: message.raw["shown_at"] for message in amina.messages() if message.from_bot}
    assert told == {str(day): f"2027-04-{day}T06:30:00+00:00" for day in (14, 15, 16)}


def test_a_silent_service_holds_up_nobody(tmp_path: Path) -> None:
    with running_simulator(tmp_path, clock_url="http://127.0.0.1:9/demo/clock") as simulator:
        amina = simulator.phones.person("Amina")
        amina.start()

        assert [message.text for message in amina.messages()] == ["/start"]
        with pytest.raises(NotAllowed, match=r"502.*does not answer"):
            simulator.phones.call("GET", "/demo-clock")


@pytest.mark.parametrize(
    ("now", "status", "reason"),
    [("2027-04-12T08:00", 200, "without its zone"), ("soon", 200, "not a clock"), ("", 503, "answered 503")],
)
def test_a_wrong_answer_is_said_plainly(
    service: DemoService, in_demo: RunningSimulator, now: str, status: int, reason: str
) -> None:
    service.moments, service.status = [now], status

    with pytest.raises(NotAllowed, match=f"502.*{reason}"):
        in_demo.phones.call("GET", "/demo-clock")


def test_a_service_that_is_starting_is_waited_for(tmp_path: Path) -> None:
    with demo_service() as before:
        port = int(before.url.split(":")[2].partition("/")[0])
    with (
        running_simulator(tmp_path, clock_url=before.url, clock_secret=SECRET) as simulator,
        ThreadPoolExecutor() as pool,
    ):
        asked = pool.submit(simulator.phones.call, "GET", "/demo-clock?timeout=30")
        with demo_service(port):
            assert asked.result()["now"] == "2027-04-11T23:30:00+00:00"


def test_a_link_to_the_board_is_handed_on_when_there_is_one(service: DemoService, in_demo: RunningSimulator) -> None:
    with pytest.raises(NotAllowed, match=r"409.*still moving in"):
        in_demo.phones.call("POST", "/board-link")
    service.board = "http://127.0.0.1:8080/sign-in/once"

    assert in_demo.phones.call("POST", "/board-link") == {"url": service.board}


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "file:///etc/passwd", "once"])
def test_a_link_that_opens_no_page_is_not_handed_on(
    service: DemoService, in_demo: RunningSimulator, wrong: str
) -> None:
    service.board = wrong

    with pytest.raises(NotAllowed, match=r"502.*not one to a page"):
        in_demo.phones.call("POST", "/board-link")


def test_without_an_address_there_is_no_clock(phones: Phones) -> None:
    assert phones.call("GET", "/bot")["has_demo_clock"] is False
    for method, path in (("GET", "/demo-clock"), ("POST", "/board-link")):
        with pytest.raises(NotAllowed, match="404"):
            phones.call(method, path)
