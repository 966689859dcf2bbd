"""The service below its event loop: it ticks, sends, dies and starts again, all by the simulation's clock.

What Sitebell does is Sitebell's own: the use cases that `app/service.py` calls, in its order and portions, and what
`bot/sender.py` does with one notice. Only the network, the loop and the waiting are left out.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, TypedDict, TypeVar

import sqlalchemy as sa

from bot.channel import Result
from bot.composing import Drop, Outgoing, Send, outgoing
from bot.sender import remember
from locales import catalogue_version
from office.study_files import study_from_text
from records import leases, outbox
from records.database import Records, open_engine
from records.deployments import read_deployment
from records.key_providers import KeyText
from records.keys import read_data_keys
from records.outbox import Attempt, Claim, Outcome
from records.pulses import beat
from records.transaction import Tx
from scheduler import auditing, outages, watching
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from scheduler.digesting import digest_due
from scheduler.grouping import group_waiting
from scheduler.handing_over import not_reached
from scheduler.last_look import put_off
from scheduler.ringing import look, ring_due
from tests.databases import compile_once
from trial.moments import Instant

TASKS_AT_MOST: Final = (3, 50)
PEOPLE_AT_MOST: Final = (2, 20)
IN_FLIGHT: Final = 8
LEASE: Final = timedelta(days=36_500)

T = TypeVar("T")
Carry = Callable[[Claim, Send | None], Result]
"""Hands one message to the channel: what came of it. No message: something is deleted or loses its buttons."""


class Times(TypedDict):
    """The two clocks, as use cases ask for them."""

    now: Instant
    elapsed: Instant


class Died(BaseException):
    """The process is gone: what it has not committed never was. No `except Exception` may survive it."""


class MortalRecords(Records):
    """Records whose process may die at the last moment before a commit. Crashes of the machine are for tests/crash.

    Ids are drawn from the seed, too: who of two is asked first may hang on them.
    """

    chance: random.Random | None = None
    likely: float = 0.0
    ids: random.Random

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        with super().begin() as tx:
            yield tx
            if self.chance is not None and self.chance.random() < self.likely:
                raise Died

    def _transaction(self, connection: sa.Connection, *, writes: bool) -> Tx:
        tx = super()._transaction(connection, writes=writes)
        tx._last_id = self.ids.getrandbits(96) << 32  # else drawn from the system at the first new id
        return tx


def open_mortal(url: str, keys: KeyText, data_dir: Path, *, seed: int) -> MortalRecords:
    """The migrated SQLCipher file, opened without waiting for the disk: nothing here cuts the power."""
    engine = open_engine(url, keys=keys, data_dir=data_dir)
    sa.event.listen(engine, "connect", _do_not_wait_for_the_disk)
    with engine.connect() as connection:
        deployment, data_keys = read_deployment(connection), read_data_keys(connection, keys)
    records = MortalRecords(engine, deployment=deployment, keys=data_keys, provider=keys)
    compile_once(records)
    records.ids = random.Random(seed)  # noqa: S311 - a game
    return records


def _do_not_wait_for_the_disk(connection: sa.engine.interfaces.DBAPIConnection, *_: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()


@dataclass
class Running:
    """One deployment's service, through all its lives."""

    records: MortalRecords
    clock: FixedClock
    chance: random.Random
    carry: Carry
    settled: Callable[[Claim, Result], None]
    lives: int = 0
    studies: Definitions = field(init=False)
    _token: int = 0

    def __post_init__(self) -> None:
        self.start()

    @property
    def times(self) -> Times:
        return {"now": self.clock.now(), "elapsed": self.clock.elapsed()}

    # --- its lives ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process: a new lease token, what was in flight is taken back, and the gap is noted."""
        self.lives += 1
        likely, self.records.likely = self.records.likely, 0.0  # whoever dies while starting starts again
        self.studies = Definitions(study_from_text)
        with self.records.begin() as tx:
            taken = leases.acquire(
                tx,
                leases.SERVICE,
                f"life {self.lives}",
                elapsed=self.clock.elapsed(),
                ttl=LEASE,
                holder_is_dead=lambda _holder: True,
            )
        assert taken is not None
        self._token = taken.token
        outages.note_gap(self.records, **self.times)
        self.beat()
        with self.records.begin() as tx:
            outbox.recover(tx, token=self._token, **self.times)
        self.records.likely = likely

    def beat(self) -> None:
        """The sign of life that a service gives every ten seconds."""
        likely, self.records.likely = self.records.likely, 0.0
        with self.records.begin() as tx:
            beat(tx, watching.TICK, self.clock.elapsed())
        self.records.likely = likely

    def sure(self, act: Callable[[], T]) -> T:
        """Does this, in as many lives as it takes: a press lies in the inbox until it was handled."""
        while True:
            try:
                return act()
            except Died:
                self.beat()
                self.start()

    def within(self, act: Callable[[Tx], T]) -> T:
        """Does this in one transaction, in as many lives as it takes."""

        def once() -> T:
            with self.records.begin() as tx:
                return act(tx)

        return self.sure(once)

    # --- its loops ----------------------------------------------------------------------------------------------------

    def tick(self) -> bool:
        """Rings, groups and makes digests until nothing is due; whether anything was."""
        lives = self.lives
        return self.sure(self._tick) or self.lives > lives

    def _tick(self) -> bool:
        due = look(self.records, now=self.clock.now())
        if due.tasks:
            limit = self.chance.choice(TASKS_AT_MOST)
            while ring_due(self.records, self.studies, **self.times, limit=limit).tasks >= limit:
                continue
        if due.reminders:
            limit = self.chance.choice(TASKS_AT_MOST)
            while group_waiting(self.records, **self.times, limit=limit) >= limit:
                continue
        if due.digests:
            limit = self.chance.choice(PEOPLE_AT_MOST)
            while digest_due(self.records, **self.times, limit=limit) >= limit:
                continue
        return due.tasks or due.reminders or due.digests

    def watch(self) -> None:
        self.beat()
        self.sure(lambda: watching.watch(self.records, self.studies, **self.times))

    def audit(self) -> tuple[auditing.MissingStep, ...]:
        return auditing.missing_lately(self.records, self.studies, now=self.clock.now())

    def send(self) -> None:
        """Everything that may go out now."""
        while claims := self.sure(self._claim):
            for claim in claims:
                try:
                    self._deliver(claim)
                except Died:
                    self.beat()
                    self.start()
                    break

    def _claim(self) -> tuple[Claim, ...]:
        with self.records.begin() as tx:
            return outbox.claim(tx, elapsed=self.clock.elapsed(), token=self._token, limit=IN_FLIGHT)

    def _deliver(self, claim: Claim) -> None:
        with self.records.begin() as tx:
            if put_off(tx, claim, **self.times):
                return
            what: Outgoing = outgoing(tx, self.studies, claim, **self.times)
            if isinstance(what, Drop):
                outbox.drop(tx, claim, what.because, now=self.clock.now())
                return
            if not outbox.hand_over(tx, claim):
                return
        said = what if isinstance(what, Send) else None
        result = self.carry(claim, said)
        started = self.clock.elapsed()
        attempt = Attempt(
            outcome=result.outcome,
            started_at=started,
            finished_at=started,
            language="" if said is None else said.language,
            catalogue=catalogue_version(),
            text="" if said is None else said.text.text,
            message_id=result.message_id,
            error=result.error,
            retry_after=result.retry_after,
        )
        with self.records.begin() as tx:
            outbox.settle(tx, claim, attempt, **self.times)
            if result.outcome is Outcome.UNREACHABLE:
                not_reached(tx, claim.notice_id, now=self.clock.now())
            if said is not None:
                remember(tx, claim, said, result, **self.times)
        self.settled(claim, result)
