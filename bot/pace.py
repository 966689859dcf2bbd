"""How fast we may send: Telegram allows about one message a second in a chat, with short bursts, and thirty overall."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

CHAT_BURST = 5.0
CHAT_PER_S = 1.0
OVERALL_BURST = 25.0
OVERALL_PER_S = 25.0
_CHATS_REMEMBERED = 10_000


class Bucket:
    """A token bucket in monotonic seconds."""

    def __init__(self, burst: float, per_s: float, at_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._tokens = burst
        self._at_s = at_s

    def take(self, at_s: float) -> float:
        """Takes one token and says how many seconds to wait before it may be used."""
        self._tokens = min(self._burst, self._tokens + (at_s - self._at_s) * self._per_s) - 1
        self._at_s = at_s
        return max(0.0, -self._tokens / self._per_s)


class Pace:
    """Holds requests back until they are within the limits. A flood wait of the server holds its chat, or everything."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._overall = Bucket(OVERALL_BURST, OVERALL_PER_S, monotonic_s())
        self._chats: OrderedDict[UUID, Bucket] = OrderedDict()

    async def turn(self, chat: UUID) -> None:
        """Returns when a request to this chat may go out; a chat is named by whom it belongs to."""
        at_s = self._monotonic_s()
        bucket = self._chats.pop(chat, None) or Bucket(CHAT_BURST, CHAT_PER_S, at_s)
        self._chats[chat] = bucket
        if len(self._chats) > _CHATS_REMEMBERED:
            self._chats.popitem(last=False)
        wait_s = max(bucket.take(at_s), self._overall.take(at_s))
        if wait_s:
            await asyncio.sleep(wait_s)
