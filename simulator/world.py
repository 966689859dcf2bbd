"""Everything one simulator is made of, put together once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from simulator.changes import Changes
from simulator.clock import Clock, iso
from simulator.database import Database
from simulator.faults import Faults
from simulator.journal import Journal
from simulator.limits import Limits, RateLimiter
from simulator.messages import Messages
from simulator.objects import User
from simulator.roster import Roster
from simulator.updates import Updates

# Opens nothing anywhere: this token is worth something only to a simulator on the same machine.
DEMO_TOKEN = "1000000001:simulator-on-this-machine-only-00000"  # noqa: S105 - see the line above
DEMO_USERNAME = "sitebell_demo_bot"
DEMO_NAME = "Sitebell"


class UnusableToken(ValueError):
    """A token is `number:letters`, as BotFather gives them."""


@dataclass(frozen=True, slots=True)
class BotAccount:
    token: str = field(default=DEMO_TOKEN, repr=False)
    username: str = DEMO_USERNAME
    first_name: str = DEMO_NAME

    def __post_init__(self) -> None:
        number, colon, secret = self.token.partition(":")
        if not (number.isascii() and number.isdigit() and colon and secret) or len(self.token.split()) != 1:
            raise UnusableToken("a bot token has the form 123456789:letters-and-digits")

    @property
    def id(self) -> int:
        return int(self.token.partition(":")[0])

    def is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())


class World:
    def __init__(
        self,
        file: Path,
        bot: BotAccount,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.bot = bot
        self.clock = clock or Clock()
        self.changes = Changes()
        self.faults = Faults()
        self.limiter = RateLimiter(limits or Limits())
        self.database = Database(file)
        self.journal = Journal(self.database, self.clock, self.changes)
        self.roster = Roster(self.database)
        self.messages = Messages(self.database, self.roster)
        self.updates = Updates(self.database, self.clock, self.journal)
        self.started_at = self.clock.now()
        self.demo_now: Callable[[], str | None] = lambda: None
        self.lived: date | None = None  # the day of a demo's past that is being lived just now

    def bot_user(self) -> User:
        return User(
            id=self.bot.id,
            is_bot=True,
            first_name=self.database.setting("name:") or self.bot.first_name,
            username=self.bot.username,
        )

    def shown_now(self) -> str:
        """The time that people see: the demo's when there is a demo, else the real one."""
        return self.demo_now() or iso(self.clock.now())

    def close(self) -> None:
        self.changes.close()
        self.database.close()
