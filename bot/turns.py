"""One turn of the conversation: an open transaction, its two times, and what a press is answered with."""

from dataclasses import dataclass
from datetime import date

from records.transaction import Tx
from trial.messages import Toast
from trial.moments import Instant


class HandledBefore(Exception):
    """Another process handled this update; nothing was done a second time."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One transaction of the conversation, with its two times."""

    tx: Tx
    now: Instant
    elapsed: Instant


@dataclass(frozen=True, slots=True)
class Reaction:
    """The short line that answers a press, and in which language.

    `by` and `on`: who had recorded the same already, and on which day. `menu`: the commands that this chat's menu offers,
    or their language, have changed.
    """

    toast: Toast
    language: str = "en"
    by: str | None = None
    on: date | None = None
    menu: bool = False

    @property
    def alert(self) -> bool:
        """What somebody must not miss stands in a box instead of a passing line."""
        return self.toast in {Toast.NOT_YOURS, Toast.FUTURE_DAY, Toast.BEFORE_REGISTRATION, Toast.TOO_LATE_TO_UNDO}
