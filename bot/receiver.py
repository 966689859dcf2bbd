"""The receiver: nothing is confirmed to Telegram before it is stored.

It fetches raw updates with a request object of its own, admits and commits them in one transaction, and only the next request,
which names the next offset, confirms them. It runs in no handler's way: parsing comes later, from the inbox.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import structlog

from bot.channel import Channel
from bot.identity import authorities
from bot.reception import Reception, Toasted
from bot.toasts import Toasts
from locales import toast
from records.database import Records
from records.pulses import beat
from records.threads import Threads
from scheduler.clock import Clock

log = structlog.get_logger()

POLL_S = 25
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
TOASTS_AT_ONCE = 2  # for presses that were not taken; the bot's connections are for messages


class NotFetched(Exception):
    """No updates this time. `why` is a closed word."""

    def __init__(self, why: str, *, pause_s: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.pause_s = pause_s


class Receiver:
    """Fetches updates until it is cancelled. `received` is called when something new lies in the inbox."""

    def __init__(
        self,
        records: Records,
        threads: Threads,
        clock: Clock,
        channel: Channel,
        reception: Reception,
        *,
        api: str,
        token: str,
        received: Callable[[], None],
        poll_s: int = POLL_S,
    ) -> None:
        self._records = records
        self._threads = threads
        self._clock = clock
        self._toasts = Toasts(channel, at_once=TOASTS_AT_ONCE)
        self._reception = reception
        self._address = f"{api}/bot{token}/getUpdates"
        self._received = received
        self._poll_s = poll_s
        self._heard = False
        # At the start the server says where it stands: an offset of ours could be older than its queue.
        self._offset: int | None = None

    async def run(self) -> None:
        """Fetch, store, confirm by the next fetch."""
        try:
            await self._receive()
        finally:
            await self._toasts.drain()

    async def _receive(self) -> None:
        pause_s = FIRST_PAUSE_S
        timeout = httpx.Timeout(10.0, read=self._poll_s + 10.0)
        async with httpx.AsyncClient(timeout=timeout, verify=authorities()) as client:
            while True:
                try:
                    updates = await self._fetch(client)
                except NotFetched as problem:
                    log.warning("updates_not_fetched", reason=problem.why, seconds=problem.pause_s or pause_s)
                    await asyncio.sleep(problem.pause_s or pause_s)
                    pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                    continue
                pause_s = FIRST_PAUSE_S
                self._heard = True
                toasts = await self._threads.write(self._store, updates, urgent=True)
                self._offset = _next_offset(updates, self._offset)
                if updates:
                    self._received()
                for one in toasts:
                    self._toasts.say(one.callback_id, toast(one.toast, one.language), alert=True)
                if updates and _next_offset(updates, None) is None:
                    # Nothing in this batch has a number to confirm it by: asking at once would bring it again.
                    await asyncio.sleep(LONGEST_PAUSE_S)

    def _store(self, updates: Sequence[object]) -> tuple[Toasted, ...]:
        elapsed = self._clock.elapsed()
        with self._records.begin() as tx:
            beat(tx, "receive", elapsed)
            return self._reception.take_in(tx, updates, now=self._clock.now(), elapsed=elapsed)

    async def _fetch(self, client: httpx.AsyncClient) -> list[Any]:
        # The first of a life waits for nothing: whoever looks sees at once that this process receives.
        wait_s = self._poll_s if self._heard else 0
        wanted: dict[str, object] = {"timeout": wait_s, "limit": 100, "allowed_updates": ALLOWED}
        if self._offset is not None:
            wanted["offset"] = self._offset
        try:
            answer = await client.post(self._address, json=wanted)
            content = answer.json()
        except httpx.HTTPError as problem:
            raise NotFetched(type(problem).__name__) from None
        except ValueError:
            raise NotFetched("unreadable_answer") from None
        if answer.status_code == httpx.codes.CONFLICT:
            # A second poller: theirs or ours. The lease decides which of ours works; somebody else's must be seen.
            raise NotFetched("conflict", pause_s=3.0)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise NotFetched("flood", pause_s=_retry_after_s(content))
        if answer.status_code != httpx.codes.OK or not isinstance(content, dict) or content.get("ok") is not True:
            raise NotFetched(f"http_{answer.status_code}")
        result = content.get("result")
        if not isinstance(result, list):
            raise NotFetched("unreadable_answer")
        return result


def _next_offset(updates: Sequence[object], before: int | None) -> int | None:
    """One past the last update; what carries no number cannot be confirmed by itself and goes with the others."""
    numbers = [
        update["update_id"]
        for update in updates
        if isinstance(update, dict) and isinstance(update.get("update_id"), int)
    ]
    return numbers[-1] + 1 if numbers else before


def _retry_after_s(content: object) -> float:
    if isinstance(content, dict) and isinstance(content.get("parameters"), dict):
        wait = content["parameters"].get("retry_after")
        if isinstance(wait, int | float):
            return float(wait)
    return 1.0
