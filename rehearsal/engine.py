"""The real service below its event loop: it rings, groups, composes, sends and takes presses by a clock that is moved.

What Sitebell does is Sitebell's own: the use cases that `app/service.py` calls in their order, what `bot/sender.py` does with
one notice, what `bot/reception.py` and `bot/conversation.py` do with an update. Only network, loop and waiting are left out.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Final, TypedDict
from uuid import UUID

from bot.channel import Result
from bot.composing import Drop, Send, outgoing
from bot.conversation import Conversation
from bot.reception import Reception
from bot.sender import settle
from bot.turns import Reaction
from records import held, inbox, leases, outbox
from records.database import Records
from records.inbox import InboxEntry
from records.leases import Lease
from records.outbox import Claim, NoticeKind
from records.pulses import beat
from records.sealing import Json
from records.upcoming import upcoming
from rehearsal.chats import Chats
from scheduler import outages, watching
from scheduler.amending import amend_due
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from scheduler.digesting import digest_due
from scheduler.grouping import group_waiting
from scheduler.last_look import put_off
from scheduler.ringing import look, ring_due
from trial.moments import Instant, instant

AT_ONCE: Final = 100
IN_FLIGHT: Final = 50
LEASE: Final = timedelta(days=36_500)
BOT: Final = 1_000_000_001
UNHURRIED: Final = timedelta(hours=20)
"""So long the sender of a rehearsal leaves what presses set off: whatever changes on a card or a digest meanwhile is one edit.
What rings is sent at once, and everything that waits goes with it.
"""

Sent = Callable[[Claim, Send, int], None]
"""Told of every new message that arrived: its notice, what it says, its id."""


class Times(TypedDict):
    """The two clocks, as use cases ask for them."""

    now: Instant
    elapsed: Instant


class Engine:
    """One deployment's service. `arrived` is told of each new message in a chat."""

    def __init__(
        self, records: Records, clock: FixedClock, chats: Chats, studies: Definitions, *, arrived: Sent
    ) -> None:
        self.records = records
        self.clock = clock
        self.chats = chats
        self.studies = studies
        self._arrived = arrived
        self._conversation = Conversation(records, clock, studies)
        self._reception = Reception(studies, bot_username=lambda: "", stopwatch=lambda: 0.0)
        self._updates = count(1)
        self._lease: Lease | None = None

    @property
    def now(self) -> Instant:
        return self.clock.now()

    @property
    def times(self) -> Times:
        return {"now": self.clock.now(), "elapsed": self.clock.elapsed()}

    # --- its life -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """As a process starts: it takes the lease, notes for how long there was none, and takes back what was under way."""
        with self.records.begin() as tx:
            self._lease = leases.acquire(
                tx,
                leases.SERVICE,
                "rehearsal",
                elapsed=self.clock.elapsed(),
                ttl=LEASE,
                holder_is_dead=lambda _holder: True,
            )
        outages.note_gap(self.records, **self.times)
        self.beat()
        with self.records.begin() as tx:
            outbox.recover(tx, token=self._token, **self.times)

    def stop(self) -> None:
        """As a process ends: its last sign of life, and the lease is anybody's."""
        self.beat()
        if self._lease is not None:
            with self.records.begin() as tx:
                leases.release(tx, self._lease, elapsed=self.clock.elapsed())
        self._lease = None

    def beat(self) -> None:
        """The sign of life that a service gives every ten seconds."""
        with self.records.begin() as tx:
            beat(tx, watching.TICK, self.clock.elapsed())

    @property
    def _token(self) -> int:
        if self._lease is None:
            raise RuntimeError("nothing is sent before the start")
        return self._lease.token

    # --- its loops ----------------------------------------------------------------------------------------------------

    def next_moment(self) -> Instant | None:
        """When something is due next, or what waits is sent."""
        with self.records.read() as tx:
            coming = upcoming(tx)
        if coming.leaves is None:
            return coming.rings
        leaves = instant(self.clock.now() + (coming.leaves - self.clock.elapsed()) + UNHURRIED)
        return leaves if coming.rings is None else min(coming.rings, leaves)

    def catch_up(self) -> None:
        """Rings what is due by now and sends what may leave."""
        self._ring()
        self._send()

    def watch(self) -> None:
        """The hourly look at what the trial office has to know."""
        watching.watch(self.records, self.studies, **self.times)

    def _ring(self) -> None:
        due = look(self.records, now=self.clock.now())
        if due.versions:
            while amend_due(self.records, self.studies, **self.times, limit=AT_ONCE):
                continue
            due = look(self.records, now=self.clock.now())
        if due.tasks:
            while ring_due(self.records, self.studies, **self.times, limit=AT_ONCE).tasks >= AT_ONCE:
                continue
        if due.reminders:
            while group_waiting(self.records, **self.times, limit=AT_ONCE) >= AT_ONCE:
                continue
        if due.digests:
            while digest_due(self.records, **self.times, limit=AT_ONCE) >= AT_ONCE:
                continue

    def _send(self) -> None:
        edited: set[tuple[UUID | None, UUID | None]] = set()
        while claims := self._claim():
            for claim in claims:
                card = (claim.person_id, claim.visit_id)
                if claim.kind is NoticeKind.EDIT and card in edited:
                    # Nothing has happened since this card was shown a moment ago.
                    with self.records.begin() as tx:
                        outbox.drop(tx, claim, "nothing_changed", now=self.clock.now())
                    continue
                self._deliver(claim)
                if claim.kind is NoticeKind.EDIT:
                    edited.add(card)
                else:
                    edited.discard(card)

    def _claim(self) -> tuple[Claim, ...]:
        with self.records.read() as tx:
            leaves = held.first_waiting(tx)
        if leaves is None or leaves > self.clock.elapsed():
            return ()
        with self.records.begin() as tx:
            return outbox.claim(tx, elapsed=self.clock.elapsed(), token=self._token, limit=IN_FLIGHT)

    def _deliver(self, claim: Claim) -> None:
        now, elapsed = self.clock.now(), self.clock.elapsed()
        with self.records.begin() as tx:
            if put_off(tx, claim, now=now, elapsed=elapsed):
                return
            what = outgoing(tx, self.studies, claim, now=now, elapsed=elapsed)
            if isinstance(what, Drop):
                outbox.drop(tx, claim, what.because, now=now)
                return
            if not outbox.hand_over(tx, claim):
                return
            # A channel in this process answers at once: no transaction is open while a request is under way.
            result: Result = self.chats.carry(what, now=now)
            settle(tx, claim, what, result, started=elapsed, now=now, elapsed=elapsed)
        if isinstance(what, Send) and what.replaces is None and result.message_id is not None:
            self._arrived(claim, what, result.message_id)

    # --- what people do with their phones -----------------------------------------------------------------------------

    def press(self, chat: int, message_id: int, data: str) -> Reaction | None:
        """A press of this chat's owner; the short line that answers it, None where it was not taken."""
        update = next(self._updates)
        entry = self._receives(
            update,
            "callback_query",
            {
                "id": str(update),
                "from": _owner(chat),
                "chat_instance": "",
                "message": {"message_id": message_id, "date": self._date(), "chat": _private(chat)},
                "data": data,
            },
        )
        return None if entry is None else self._conversation.press(entry, chat, message_id, data)

    def types(self, chat: int, words: str, *, reply_to: int | None = None) -> None:
        """Somebody writes in plain words."""
        body = self._says(chat, words, reply_to)
        entry = self._receives(next(self._updates), "message", body)
        if entry is not None:
            self._conversation.text(entry, chat, words, reply_to)

    def commands(self, chat: int, name: str) -> None:
        """Somebody writes a command that names nothing."""
        entry = self._receives(next(self._updates), "message", self._says(chat, f"/{name}", None))
        if entry is not None:
            self._conversation.command(entry, chat, "", name=name)

    def opens_link(self, chat: int, token: str) -> None:
        """Somebody presses Start on a one-time link; the chat shows the command without it, as Telegram's does."""
        body = {**self._says(chat, "/start", None), "text": f"/start {token}"}
        entry = self._receives(next(self._updates), "message", body)
        if entry is not None and entry.payload is not None:
            message = entry.payload["message"]
            words = str(message["text"]) if isinstance(message, dict) else ""
            self._conversation.start(entry, chat, words.partition(" ")[2])

    def blocks(self, chat: int) -> None:
        """Somebody blocks the bot."""
        self.chats.blocked.add(chat)
        bot: Json = {"id": BOT, "is_bot": True, "first_name": ""}
        body: dict[str, Json] = {
            "chat": _private(chat),
            "from": _owner(chat),
            "date": self._date(),
            "old_chat_member": {"status": "member", "user": bot},
            "new_chat_member": {"status": "kicked", "user": bot, "until_date": 0},
        }
        entry = self._receives(next(self._updates), "my_chat_member", body)
        if entry is not None:
            self._conversation.reachable(entry, chat, False)

    def _says(self, chat: int, words: str, reply_to: int | None) -> dict[str, Json]:
        message_id = self.chats.typed(chat, words, now=self.now, reply_to=reply_to)
        body: dict[str, Json] = {
            "message_id": message_id,
            "date": self._date(),
            "chat": _private(chat),
            "from": _owner(chat),
            "text": words,
        }
        if reply_to is not None:
            body["reply_to_message"] = {"message_id": reply_to, "date": self._date(), "chat": _private(chat)}
        return body

    def _receives(self, update: int, kind: str, body: Mapping[str, Json]) -> InboxEntry | None:
        """Takes an update in as the receiver does; what was admitted of it, None where a tombstone is all that is left."""
        now, elapsed = self.clock.now(), self.clock.elapsed()
        with self.records.begin() as tx:
            self._reception.take_in(tx, [{"update_id": update, kind: dict(body)}], now=now, elapsed=elapsed)
        with self.records.read() as tx:
            return next(iter(inbox.open_entries(tx, elapsed=elapsed, limit=1)), None)

    def _date(self) -> int:
        return int(self.clock.now().timestamp())


def _owner(chat: int) -> Json:
    return {"id": chat, "is_bot": False, "first_name": ""}


def _private(chat: int) -> Json:
    return {"id": chat, "type": "private"}
