"""The simulator stays on this machine, keeps its token to itself, and says plainly what is wrong."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from simulator.demo_clock import DemoClock, NotOnThisMachine
from simulator.serving import NotLoopback, listening_socket
from simulator.world import DEMO_TOKEN, BotAccount, UnusableToken
from tests.phones import PLAIN_HTTP, Phones
from tests.simulators import CHECKOUT, FILE_NAME, RunningSimulator, running_simulator, simulator_process


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104 - that is what is refused
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(NotLoopback):
        listening_socket(host, 0)


def test_a_refused_address_ends_the_process_with_one_sentence(tmp_path: Path) -> None:
    ended = started("--host", "0.0.0.0", "--port", "0", "--file", str(tmp_path / "s"))  # noqa: S104 - that is what is refused

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "not a loopback address" in ended.stderr


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but long enough to look at" * 50)
    before = other.read_bytes()

    ended = started("--port", "0", "--file", str(other))

    assert (2, before) == (ended.returncode, other.read_bytes())
    assert "not a simulator file" in ended.stderr


@pytest.mark.parametrize(
    "wrong", [["--file", "no-such-folder/s"], ["--file", ":memory:", "--clock-url", "http://a.example"]]
)
def test_what_cannot_be_used_ends_the_process_with_one_sentence(wrong: list[str]) -> None:
    ended = started("--port", "0", *wrong)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)


def test_a_taken_port_is_named() -> None:
    with listening_socket("127.0.0.1", 0) as taken, pytest.raises(OSError, match=r"port \d+: Address already in use"):
        listening_socket("127.0.0.1", taken.getsockname()[1])


def test_a_demo_clock_elsewhere_is_refused() -> None:
    for address in ("https://127.0.0.1/x", "http://service.example/x", "http://192.0.2.1/x"):
        with pytest.raises(NotOnThisMachine):
            DemoClock(address, "")


@pytest.mark.parametrize("token", ["", "abc", "12:", ":x", "12:with space", "1²:x"])
def test_a_token_without_its_form_is_refused(token: str) -> None:
    with pytest.raises(UnusableToken) as refused:
        BotAccount(token)

    assert "with space" not in str(refused.value)


def test_the_token_is_in_no_output(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulator", "--port", "0", "--file", str(tmp_path / "s")]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    url = first.removeprefix("phone: ").strip()
    httpx.get(f"{url}bot{DEMO_TOKEN}/getMe", trust_env=False, verify=PLAIN_HTTP)
    httpx.get(f"{url}bot{DEMO_TOKEN}/nothing", trust_env=False, verify=PLAIN_HTTP)
    process.terminate()
    output = first + process.communicate()[0]

    assert output.startswith("phone: http://127.0.0.1:")
    assert DEMO_TOKEN.partition(":")[2] not in output
    assert DEMO_TOKEN not in repr(BotAccount())


def test_a_process_ends_soon_while_somebody_polls(tmp_path: Path) -> None:
    with (
        simulator_process(tmp_path) as simulator,
        httpx.stream("GET", f"{simulator.url}/phone/api/events", trust_env=False, verify=PLAIN_HTTP) as events,
    ):
        assert next(events.iter_lines()) == "retry: 1000"
        assert simulator.process is not None
        simulator.process.terminate()

        assert simulator.process.wait(timeout=10) in {0, -15}


def test_the_event_stream_begins_where_it_is_asked_to(simulator: RunningSimulator, phones: Phones) -> None:
    phones.person("Amina")
    begun = phones.call("GET", "/wait?after=-1")["n"]
    phones.person("Berta")
    address = f"{simulator.url}/phone/api/events?after={begun}"
    with httpx.stream("GET", address, trust_env=False, verify=PLAIN_HTTP) as events:
        lines = events.iter_lines()
        first = next(line for line in lines if line.startswith("id: "))

    assert first == f"id: {begun + 1}"


@pytest.mark.parametrize("host", ["service.example", "192.0.2.1:80"])
def test_a_name_that_is_not_this_machine_is_refused(simulator: RunningSimulator, host: str) -> None:
    reply = httpx.get(f"{simulator.url}/phone/api/people", headers={"Host": host}, trust_env=False, verify=PLAIN_HTTP)

    assert reply.status_code == 421


def test_a_page_of_another_site_cannot_act(simulator: RunningSimulator, phones: Phones) -> None:
    def posted(origin: str) -> int:
        url = f"{simulator.url}/phone/api/people"
        reply = httpx.post(
            url, json={"first_name": "Carol"}, headers={"Origin": origin}, trust_env=False, verify=PLAIN_HTTP
        )
        return reply.status_code

    assert posted("https://elsewhere.example") == 403
    assert posted("null") == 403
    assert phones.people() == []
    assert posted(simulator.url) == 200


def test_every_answer_carries_the_strict_policy(simulator: RunningSimulator) -> None:
    policy = httpx.get(simulator.url, trust_env=False, verify=PLAIN_HTTP).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_direct_link_leads_to_the_person_with_the_invitation(simulator: RunningSimulator, phones: Phones) -> None:
    amina = phones.person("Amina")

    reply = httpx.get(f"{simulator.url}/start/{amina.person_id}?payload=abc-1", trust_env=False, verify=PLAIN_HTTP)

    assert f"/?person={amina.person_id}&start=abc-1" == reply.headers["location"]
    assert httpx.get(f"{simulator.url}/start/1?payload=a", trust_env=False, verify=PLAIN_HTTP).status_code == 404


def test_a_file_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as simulator:
        simulator.phones.person("Amina", person_id=42, note="nurse").start()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as older:
        older.executescript("ALTER TABLE person DROP COLUMN place; DROP TABLE picture; PRAGMA user_version = 1;")

    with running_simulator(tmp_path) as simulator:
        (kept,) = simulator.phones.people()
        simulator.phones.person("Amina", person_id=42, place="302 Leuven")
        (moved,) = simulator.phones.people()

    assert (kept["id"], kept["note"], kept["place"], kept["started"]) == (42, "nurse", "", True)
    assert moved["place"] == "302 Leuven"
