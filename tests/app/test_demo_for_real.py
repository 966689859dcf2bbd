"""`sitebell demo` as somebody starts it: a parent, the phones and the service, killed in every way."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from tests.app.lived import LIVING_MAX_S, ONE_YEAR, LivedDemo
from tests.phones import PLAIN_HTTP, Phones

T = TypeVar("T")
START_S = 30.0
BACK_S = 60.0
LIVES_S = 120.0  # everybody has a phone by then, on however busy a machine
END_S = 15.0


class Demo:
    """A running `sitebell demo` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        web, phones = _free_ports(2)
        self.phones_url = f"http://127.0.0.1:{phones}"
        self.output = folder / "output.txt"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SITEBELL_")}
        environment |= {
            "HOME": str(folder),
            "SITEBELL_WEB_PORT": str(web),
            "SITEBELL_SIMULATOR_PORT": str(phones),
            "SITEBELL_LOG_LEVEL": "info",
        }
        with self.output.open("a") as output:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "app.main", "demo"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{web}", timeout=5, verify=PLAIN_HTTP, trust_env=False)

    def is_well(self) -> bool:
        try:
            return self._http.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def signs_in_by(self, link: str) -> bool:
        """Whether a browser gets to the board by this link."""
        with httpx.Client(timeout=5, verify=PLAIN_HTTP, trust_env=False, follow_redirects=True) as browser:
            page = browser.post(link)
        return page.status_code == 200 and "Trial manager" in page.text

    def child(self, module: str) -> int | None:
        """The process id of the part that runs this module."""
        for pid in self.children():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended since its parent named it
            if module in words:
                return pid
        return None

    def children(self) -> list[int]:
        parent = self.parent.pid
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

    def until_well(self, within_s: float, *, instead_of: int | None = None) -> int:
        """The service's process id, once it is there, is another one than that, and is well."""

        def service() -> int | None:
            found = self.child("app.main")
            return found if found != instead_of and found is not None and self.is_well() else None

        return self.until(service, within_s)

    def until_ready(self, within_s: float) -> None:
        """Until everybody in the demo has joined by their phones."""
        self.until(lambda: '"demo_ready"' in self.output.read_text() or None, within_s)

    def until(self, found: Callable[[], T | None], within_s: float) -> T:
        ends_at = time.monotonic() + within_s
        while time.monotonic() < ends_at:
            answer = found()
            if answer is not None:
                return answer
            try:
                # The only thing worth waking up for early: the parent is gone.
                self.parent.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        pytest.fail(f"not within {within_s} s; it said:\n{self.output.read_text()[-3000:]}")

    def close(self) -> None:
        self._http.close()
        self.parent.kill()
        self.parent.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def end_within(pids: list[int], seconds: float) -> bool:
    """Whether all these processes end in time; woken by the kernel, one after the other."""
    ends_at = time.monotonic() + seconds
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ready, _, _ = select.select([handle], [], [], max(0.0, ends_at - time.monotonic()))
        os.close(handle)
        if not ready:
            return False
    return True


pytestmark = [pytest.mark.xdist_group(ONE_YEAR), pytest.mark.timeout(LIVING_MAX_S)]


@pytest.fixture
def demo(tmp_path: Path, lived_demo: LivedDemo) -> Iterator[Demo]:
    """A demo whose year was lived already."""
    folder = tmp_path / ".sitebell" / "demo"
    lived_demo.copied_to(folder / "data").write_key(folder / "key")
    running = Demo(tmp_path)
    yield running
    running.close()


@pytest.fixture
def fresh_demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo in an empty folder."""
    running = Demo(tmp_path)
    yield running
    running.close()


def test_a_killed_service_is_back_and_a_signal_ends_everything(demo: Demo):
    service = demo.until_well(START_S)
    os.kill(service, signal.SIGKILL)
    demo.until_well(BACK_S, instead_of=service)
    demo.until_ready(START_S)
    children = demo.children()

    assert len(children) == 2
    with Phones(demo.phones_url) as phones:
        assert {person["place"] for person in phones.people()} >= {"Trial office", "417 Osaka"}
        assert len(phones.phone(704_001).messages()) > 20
        assert [person["first_name"] for person in phones.people() if person["invitation"]] != []
    links = re.findall(r"^sitebell: The board: (\S+/sign-in/[\w-]{32}) ", demo.output.read_text(), re.MULTILINE)
    assert demo.signs_in_by(links[-1])
    assert not demo.signs_in_by(links[-1])  # once
    demo.parent.send_signal(signal.SIGTERM)
    assert demo.parent.wait(END_S) == 0
    assert end_within(children, 0.0)
    said = demo.output.read_text()
    assert "sitebell: Sitebell ended (signal 9); it starts again in 0.2 s." in said
    assert "Traceback" not in said
    assert "chat_not_found" not in said
    assert (demo.folder / ".sitebell" / "demo" / "key").stat().st_mode & 0o077 == 0


def test_when_the_parent_is_killed_its_parts_end_by_themselves(demo: Demo):
    demo.until_well(START_S)
    children = demo.children()
    demo.parent.kill()
    demo.parent.wait()

    assert len(children) == 2
    assert end_within(children, END_S)


def test_who_is_killed_while_the_year_is_lived_leaves_nothing_half_made(fresh_demo: Demo):
    data = fresh_demo.folder / ".sitebell" / "demo" / "data"

    def lives() -> str | None:
        try:
            with Phones(fresh_demo.phones_url) as phones:
                return phones.call("GET", "/progress")["day"] or None
        except httpx.TransportError:
            return None

    fresh_demo.until(lives, LIVES_S)
    service = fresh_demo.child("app.main")
    assert service is not None
    os.kill(service, signal.SIGKILL)
    made = {path.name.partition("-")[0] for path in data.iterdir()}

    # The next one begins anew, in the folder that was left.
    fresh_demo.until(lambda: fresh_demo.child("app.main") not in {None, service} or None, BACK_S)
    fresh_demo.until(lambda: fresh_demo.output.read_text().count("it starts again") == 1 or None, BACK_S)
    assert made == {"being", "phones.db"}
    fresh_demo.parent.send_signal(signal.SIGTERM)
    assert fresh_demo.parent.wait(END_S) == 0
