"""What a demo brings with it, under `/phone/api/`: chats that were lived before these phones were there, handed over in bulk.

Documented in `simulator.phone_api`. Whoever hands the same over twice finds the same: what has a message id of the past is
replaced by it, what came after stays.
"""

import json
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from simulator.database import MAX_ROW_ID, Database
from simulator.errors import ImpossibleAction
from simulator.objects import InlineKeyboardButton, MessageEntity
from simulator.world import World

MessageId = Annotated[int, Field(gt=0, lt=MAX_ROW_ID)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PastMessage(Body):
    """A message as it stands in its owner's private chat. Times are of the demo, with their zone."""

    message_id: MessageId
    chat: int
    from_bot: bool
    text: str
    entities: list[MessageEntity] = []
    keyboard: list[list[InlineKeyboardButton]] = []
    at: AwareDatetime
    edited_at: AwareDatetime | None = None
    reply_to: MessageId | None = None
    protected: bool = False


class PastChat(Body):
    """Whose chat it is, up to where they have read it, and whether they have blocked the bot."""

    person: int
    read_up_to: int = 0
    blocked: bool = False


class Past(Body):
    chats: list[PastChat]
    messages: list[PastMessage]


class Progress(Body):
    """The day of the trial that is being lived, while the phones wait for it; None: it is done."""

    day: date | None


def add_past(router: APIRouter, world: World) -> None:
    @router.post("/past")
    async def past(body: Past) -> dict[str, int]:
        for one in body.chats:
            world.roster.person(one.person)
        strangers = {message.chat for message in body.messages} - {one.person for one in body.chats}
        if strangers:
            raise ImpossibleAction("a message stands in a chat that was not handed over")
        with world.database.transaction():
            _put(world.database, body, bot=world.bot.id)
            world.journal.add("past", count=len(body.messages))
        return {"messages": len(body.messages)}

    @router.get("/progress")
    async def progress() -> dict[str, date | None]:
        return {"day": world.lived}

    @router.post("/progress")
    async def set_progress(body: Progress) -> dict[str, date | None]:
        world.lived = body.day
        world.journal.add("progress", day=None if body.day is None else body.day.isoformat())
        return {"day": world.lived}


def _put(database: Database, past: Past, *, bot: int) -> None:
    newest = max((message.message_id for message in past.messages), default=0)
    database.write("DELETE FROM message WHERE message_id <= ?", newest)
    for message in past.messages:
        database.write(
            "INSERT INTO message (message_id, chat_id, sender_id, sent_at, shown_at, text, entities, markup, reply_to,"
            " protected, silent, edited_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            message.message_id,
            message.chat,
            bot if message.from_bot else message.chat,
            message.at.timestamp(),
            _iso(message.at),
            message.text,
            json.dumps([entity.wire() for entity in message.entities]),
            _markup(message),
            message.reply_to,
            int(message.protected),
            None if message.edited_at is None else message.edited_at.timestamp(),
        )
    for chat in past.chats:
        database.write("UPDATE person SET started = 1, blocked = ? WHERE id = ?", int(chat.blocked), chat.person)
        database.write(
            "INSERT INTO read_mark VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET message_id = max(message_id,"
            " excluded.message_id)",
            chat.person,
            chat.person,
            chat.read_up_to,
        )


def _markup(message: PastMessage) -> str | None:
    if not message.keyboard:
        return None
    rows: list[list[dict[str, Any]]] = [[button.wire() for button in row] for row in message.keyboard]
    return json.dumps({"inline_keyboard": rows}, ensure_ascii=False)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
