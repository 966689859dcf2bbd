"""The service's demo clock, relayed to the phone's page: what time it is there, what is due next, and a way to the board."""

import asyncio
import http.client
import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

CONTROL_HEADER = "X-Sitebell-Demo"
BOARD_LINK = "/demo/board-link"
READ_TIMEOUT_S = 2.0
# Moving on sends whatever falls due on the way, so the answer may take its time.
NEXT_TIMEOUT_S = 120.0
WEEK_TIMEOUT_S = 600.0
# A message that arrives is dated by the demo's clock; asking it must not hold up the message.
STAMP_TIMEOUT_S = 0.5
STAMP_PAUSE_S = 0.2
PAUSE_AFTER_FAILURE_S = 5.0


class DemoClockUnavailable(Exception):
    """The service did not answer, or not as agreed; the text says what happened."""


class DemoClockSilent(DemoClockUnavailable):
    """Nobody listens there, or nobody answered in time: it may be starting."""


class NotOnThisMachine(ValueError):
    """An address that does not stay on this machine."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and cannot be anything else."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class DemoMoment:
    """`now` and `next` are ISO instants; `what` is a sentence about what is due then."""

    now: str
    next: str | None
    what: str


class DemoClock:
    """Reads and moves the clock at one loopback address."""

    def __init__(self, url: str | None, secret: str) -> None:
        parts = urlsplit(url or "")
        if url and (parts.scheme != "http" or not is_loopback(parts.hostname or "")):
            raise NotOnThisMachine("the demo clock's address must be http:// on this machine")
        self._parts = parts if url else None
        self._secret = secret
        self._last_now: str | None = None
        self._ask_after = 0.0
        self._moving = 0

    @property
    def is_there(self) -> bool:
        return self._parts is not None

    def last_now(self) -> str | None:
        return self._last_now

    async def read(self, timeout_s: float = READ_TIMEOUT_S) -> DemoMoment:
        return await self._ask("GET", "", timeout_s)

    async def next(self) -> DemoMoment:
        """Move the demo to the next thing due; the service sends on the way."""
        return await self._move("/next", NEXT_TIMEOUT_S)

    async def day(self) -> DemoMoment:
        """Move the demo a day on, through everything that is due meanwhile."""
        return await self._move("/day", NEXT_TIMEOUT_S)

    async def week(self) -> DemoMoment:
        """Move the demo a week on, through everything that is due meanwhile."""
        return await self._move("/week", WEEK_TIMEOUT_S)

    async def board_link(self) -> str | None:
        """An address that signs in to the demo's board, once; None while the demo is not ready for it.

        Raises DemoClockUnavailable when the service does not answer as agreed.
        """
        body = await self._fetch("POST", BOARD_LINK, READ_TIMEOUT_S)
        url = _parsed(body, "a link").get("url")
        if url is None:
            return None
        if urlsplit(str(url)).scheme not in {"http", "https"}:
            raise DemoClockUnavailable("the service's link is not one to a page")
        return str(url)

    async def refresh(self) -> None:
        """Learn the demo's time for a message that arrives now; the last known one serves when that fails."""
        elapsed = asyncio.get_running_loop().time()
        # While it moves, a day may pass between two messages: each asks, and waits for the answer.
        if self._parts is None or (not self._moving and elapsed < self._ask_after):
            return
        self._ask_after = elapsed + STAMP_PAUSE_S
        try:
            await self.read(READ_TIMEOUT_S if self._moving else STAMP_TIMEOUT_S)
        except DemoClockUnavailable:
            self._ask_after = elapsed + PAUSE_AFTER_FAILURE_S

    async def _move(self, below: str, timeout_s: float) -> DemoMoment:
        self._moving += 1
        try:
            return await self._ask("POST", below, timeout_s)
        finally:
            self._moving -= 1

    async def _ask(self, method: str, below: str, timeout_s: float) -> DemoMoment:
        path = self._parts.path.rstrip("/") + below if self._parts else ""
        moment = _moment(await self._fetch(method, path, timeout_s))
        self._last_now = moment.now
        return moment

    async def _fetch(self, method: str, path: str, timeout_s: float) -> bytes:
        try:
            return await asyncio.to_thread(self._exchange, method, path, timeout_s)
        except (OSError, http.client.HTTPException) as error:
            raise DemoClockSilent(f"the service does not answer ({type(error).__name__})") from error

    def _exchange(self, method: str, path: str, timeout_s: float) -> bytes:
        if self._parts is None:
            raise DemoClockUnavailable("there is no demo clock")
        connection = http.client.HTTPConnection(self._parts.hostname or "", self._parts.port or 80, timeout=timeout_s)
        try:
            headers = {CONTROL_HEADER: self._secret, "Content-Length": "0"}
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            body = response.read(100_000)
        finally:
            connection.close()
        if response.status != 200:
            raise DemoClockUnavailable(f"the service answered {response.status}")
        return body


def _parsed(body: bytes, what: str) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise DemoClockUnavailable(f"the service's answer is not {what}") from error
    if not isinstance(answer, dict):
        raise DemoClockUnavailable(f"the service's answer is not {what}")
    return answer


def _moment(body: bytes) -> DemoMoment:
    answer = _parsed(body, "a clock")
    try:
        now, following, what = answer["now"], answer.get("next"), answer.get("what") or ""
        for instant in (now, *([following] if following is not None else [])):
            if datetime.fromisoformat(instant).tzinfo is None:
                raise DemoClockUnavailable("the service gave a time without its zone")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DemoClockUnavailable("the service's answer is not a clock") from error
    return DemoMoment(now=now, next=following, what=str(what))
