"""Labelled moments at which the service dies: the classes of the product, each with a death wish at one place.

Only a child of the test uses these; the product has no crash points.
"""

import os
import signal
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import httpx

from app import service
from bot.buttons import Press
from bot.channel import Result
from bot.composing import Delete, Send, Strip
from bot.conversation import Conversation
from bot.receiver import Receiver
from bot.reception import Toasted
from bot.sender import Sender
from bot.turns import Reaction, Turn
from records.inbox import InboxEntry
from records.outbox import Claim
from records.people import Speaker
from trial.moments import Instant


class Point(StrEnum):
    """Where to die. Each is passed many times in a life; the first time counts."""

    FETCHED = "fetched"  # updates are here and not stored
    STORED = "stored"  # updates are stored and not confirmed
    ANSWERED = "answered"  # an answer is written and not committed
    HANDLED = "handled"  # an answer is committed and the person not told
    RUNG = "rung"  # reminders are there with their notices, and nobody was woken
    GROUPED = "grouped"  # reminders that were held back have their notices, and nobody was woken
    CLAIMED = "claimed"  # a notice is claimed and not composed
    COMPOSED = "composed"  # a notice is composed and not sent
    SENT = "sent"  # Telegram has it and the records do not know
    SETTLED = "settled"  # the records know it


class Death:
    """Comes when this process passes its point. `hasty`: updates are confirmed before they are stored, a flaw to be found."""

    def __init__(self) -> None:
        self.point: Point | None = None
        self.hasty = False

    def passes(self, point: Point) -> None:
        if point is self.point:
            os.kill(os.getpid(), signal.SIGKILL)


DEATH = Death()


def mortal(point: Point, *, hasty: bool = False) -> type[service.Service]:
    """The service that dies when it comes to this point. Changes `app.service` in this process, which has one death."""
    DEATH.point, DEATH.hasty = point, hasty
    parts = {"Receiver": MortalReceiver, "Conversation": MortalConversation, "Sender": MortalSender}
    for name, part in parts.items():
        setattr(service, name, part)
    return MortalService


class MortalReceiver(Receiver):
    async def _fetch(self, client: httpx.AsyncClient) -> list[Any]:
        updates = await super()._fetch(client)
        if DEATH.hasty and updates:
            self._offset, self._poll_s = updates[-1]["update_id"] + 1, 0
            updates += await super()._fetch(client)
        if updates:
            DEATH.passes(Point.FETCHED)
        return updates

    def _store(self, updates: Sequence[object]) -> tuple[Toasted, ...]:
        toasts = super()._store(updates)
        if updates:
            DEATH.passes(Point.STORED)
        return toasts


class MortalConversation(Conversation):
    def press(self, entry: InboxEntry, chat: int, message_id: int | None, data: str) -> Reaction:
        reaction = super().press(entry, chat, message_id, data)
        DEATH.passes(Point.HANDLED)
        return reaction

    def _pressed(self, turn: Turn, speaker: Speaker, chat: int, message_id: int | None, meant: Press) -> Reaction:
        reaction = super()._pressed(turn, speaker, chat, message_id, meant)
        DEATH.passes(Point.ANSWERED)
        return reaction


class MortalSender(Sender):
    def _claim(self, limit: int) -> tuple[Claim, ...]:
        claims = super()._claim(limit)
        if claims:
            DEATH.passes(Point.CLAIMED)
        return claims

    async def _hand_over(self, what: Send | Delete | Strip) -> Result:
        DEATH.passes(Point.COMPOSED)
        result = await super()._hand_over(what)
        DEATH.passes(Point.SENT)
        return result

    def _settle(self, claim: Claim, what: Send | Delete | Strip, result: Result, started: Instant) -> None:
        super()._settle(claim, what, result, started)
        DEATH.passes(Point.SETTLED)


class MortalService(service.Service):
    def _ring(self, limit: int) -> int:
        rung = super()._ring(limit)
        if rung:
            DEATH.passes(Point.RUNG)
        return rung

    def _group(self, limit: int) -> int:
        grouped = super()._group(limit)
        if grouped:
            DEATH.passes(Point.GROUPED)
        return grouped
