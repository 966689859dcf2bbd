"""Telegram's sending limits: one message a second to a chat, thirty a second in all, twenty a minute to a group.

Short bursts pass, as they do there; what is over gets 429 with the whole seconds to wait.
Source: core.telegram.org/bots/faq, "My bot is hitting limits". How long a burst may be is not documented; 20 is ours.
"""

import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, PositiveFloat


class Limits(BaseModel):
    """Rates are messages a second; a burst is how many may come at once after a rest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    chat_rate: PositiveFloat = 1.0
    chat_burst: PositiveFloat = 20
    group_rate: PositiveFloat = 20 / 60
    group_burst: PositiveFloat = 20
    overall_rate: PositiveFloat = 30.0
    overall_burst: PositiveFloat = 30


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float

    def wait_s(self, rate: float, burst: float, *, elapsed: float) -> float:
        """Refill, and say how many seconds are missing until one token is there."""
        self.tokens = min(burst, self.tokens + (elapsed - self.filled_at) * rate)
        self.filled_at = elapsed
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / rate


class RateLimiter:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._overall: _Bucket | None = None
        self._chats: dict[int, _Bucket] = {}

    def configure(self, limits: Limits) -> None:
        """New limits begin with full bursts."""
        self.limits = limits
        self._overall = None
        self._chats.clear()

    def take(self, chat_id: int, *, is_group: bool, elapsed: float) -> int:
        """Take one message's worth; 0 if it may go, else the whole seconds to wait, and nothing is taken."""
        limits = self.limits
        if not limits.enabled:
            return 0
        rate, burst = (limits.group_rate, limits.group_burst) if is_group else (limits.chat_rate, limits.chat_burst)
        chat = self._chats.setdefault(chat_id, _Bucket(burst, elapsed))
        if self._overall is None:
            self._overall = _Bucket(limits.overall_burst, elapsed)
        wait_s = max(
            chat.wait_s(rate, burst, elapsed=elapsed),
            self._overall.wait_s(limits.overall_rate, limits.overall_burst, elapsed=elapsed),
        )
        if wait_s > 0:
            return math.ceil(wait_s)
        chat.tokens -= 1
        self._overall.tokens -= 1
        return 0
