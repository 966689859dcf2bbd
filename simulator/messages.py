"""Messages as they are kept, and as the Bot API shows them."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from simulator.database import Database
from simulator.objects import (
    ApiObject,
    Chat,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    MessageOriginUser,
    User,
)
from simulator.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says: text, or media with the text as its caption.

    `markup` is the whole reply_markup; only an inline keyboard is shown with the message.
    """

    text: str | None = None
    entities: tuple[MessageEntity, ...] = ()
    media: dict[str, Any] | None = None
    markup: ApiObject | None = None
    link_preview: LinkPreviewOptions | None = None
    reply_to: int | None = None
    forward_origin: MessageOriginUser | None = None
    is_protected: bool = False
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """Times are Unix seconds in real time; `shown_at` is ISO, in the demo's time when there is a demo."""

    message_id: int
    chat_id: int
    sender_id: int
    sent_at: float
    shown_at: str
    text: str | None
    entities: list[dict[str, Any]]
    media: dict[str, Any] | None
    markup: dict[str, Any] | None
    link_preview: dict[str, Any] | None
    reply_to: int | None
    forward_origin: dict[str, Any] | None
    is_protected: bool
    is_silent: bool
    edited_at: float | None
    deleted_at: float | None
    update_id: int | None

    @property
    def inline_keyboard(self) -> list[list[dict[str, Any]]]:
        return list((self.markup or {}).get("inline_keyboard", []))

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "StoredMessage":
        def parsed(column: str) -> Any:
            return None if row[column] is None else json.loads(row[column])

        return cls(
            message_id=row["message_id"],
            chat_id=row["chat_id"],
            sender_id=row["sender_id"],
            sent_at=row["sent_at"],
            shown_at=row["shown_at"],
            text=row["text"],
            entities=parsed("entities"),
            media=parsed("media"),
            markup=parsed("markup"),
            link_preview=parsed("link_preview"),
            reply_to=row["reply_to"],
            forward_origin=parsed("forward_origin"),
            is_protected=bool(row["protected"]),
            is_silent=bool(row["silent"]),
            edited_at=row["edited_at"],
            deleted_at=row["deleted_at"],
            update_id=row["update_id"],
        )


def _json(value: ApiObject | None) -> str | None:
    return None if value is None else json.dumps(value.wire(), ensure_ascii=False)


def _json_entities(entities: tuple[MessageEntity, ...]) -> str:
    return json.dumps([entity.wire() for entity in entities])


class Messages:
    def __init__(self, database: Database, roster: Roster) -> None:
        self._database = database
        self._roster = roster

    def add(self, chat_id: int, sender_id: int, content: Content, *, sent_at: float, shown_at: str) -> StoredMessage:
        message_id = self._database.insert(
            "INSERT INTO message (chat_id, sender_id, sent_at, shown_at, text, entities, media, markup, link_preview,"
            " reply_to, forward_origin, protected, silent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            chat_id,
            sender_id,
            sent_at,
            shown_at,
            content.text,
            _json_entities(content.entities),
            None if content.media is None else json.dumps(content.media, ensure_ascii=False),
            _json(content.markup),
            _json(content.link_preview),
            content.reply_to,
            _json(content.forward_origin),
            int(content.is_protected),
            int(content.is_silent),
        )
        return self.stored(message_id)

    def stored(self, message_id: int) -> StoredMessage:
        return StoredMessage.from_row(self._database.rows("SELECT * FROM message WHERE message_id = ?", message_id)[0])

    def find(self, chat_id: int, message_id: int) -> StoredMessage | None:
        """A message that is still there."""
        row = self._database.row(
            "SELECT * FROM message WHERE chat_id = ? AND message_id = ? AND deleted_at IS NULL", chat_id, message_id
        )
        return None if row is None else StoredMessage.from_row(row)

    def in_chat(self, chat_id: int, *, after: int = 0, limit: int = 200) -> list[StoredMessage]:
        """The newest messages after a message id, oldest first, deleted ones among them."""
        rows = self._database.rows(
            "SELECT * FROM (SELECT * FROM message WHERE chat_id = ? AND message_id > ? ORDER BY message_id DESC LIMIT ?)"
            " ORDER BY message_id",
            chat_id,
            after,
            limit,
        )
        return [StoredMessage.from_row(row) for row in rows]

    def change_text(
        self,
        message_id: int,
        text: str,
        entities: tuple[MessageEntity, ...],
        *,
        at: float,
    ) -> None:
        self._database.write(
            "UPDATE message SET text = ?, entities = ?, edited_at = ? WHERE message_id = ?",
            text,
            _json_entities(entities),
            at,
            message_id,
        )

    def change_markup(self, message_id: int, markup: InlineKeyboardMarkup | None) -> None:
        """Telegram does not call a message edited whose buttons alone changed."""
        self._database.write("UPDATE message SET markup = ? WHERE message_id = ?", _json(markup), message_id)

    def link_update(self, message_id: int, update_id: int | None) -> None:
        self._database.write("UPDATE message SET update_id = ? WHERE message_id = ?", update_id, message_id)

    def delete(self, message_id: int, *, at: float) -> None:
        self._database.write("UPDATE message SET deleted_at = ? WHERE message_id = ?", at, message_id)

    def mark_read(self, person_id: int, chat_id: int, message_id: int) -> None:
        self._database.write(
            "INSERT INTO read_mark VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET message_id ="
            " max(message_id, excluded.message_id)",
            person_id,
            chat_id,
            message_id,
        )

    def read_up_to(self, person_id: int, chat_id: int) -> int:
        row = self._database.row(
            "SELECT message_id FROM read_mark WHERE person_id = ? AND chat_id = ?", person_id, chat_id
        )
        return 0 if row is None else int(row["message_id"])

    def unread(self, person_id: int, chat_id: int) -> int:
        row = self._database.row(
            "SELECT count(*) AS n FROM message WHERE chat_id = ? AND message_id > ? AND sender_id <> ?"
            " AND deleted_at IS NULL",
            chat_id,
            self.read_up_to(person_id, chat_id),
            person_id,
        )
        return 0 if row is None else int(row["n"])

    def chat(self, chat_id: int) -> Chat:
        return self._roster.person(chat_id).chat() if chat_id > 0 else self._roster.group(chat_id).chat()

    def wire(self, stored: StoredMessage, bot: User, *, with_reply: bool = True) -> Message:
        """The message as the Bot API shows it; what it replies to is shown one step deep."""
        sender = bot if stored.sender_id == bot.id else self._roster.person(stored.sender_id).user()
        replied = self.find(stored.chat_id, stored.reply_to) if with_reply and stored.reply_to else None
        entities = stored.entities or None
        has_media = stored.media is not None
        return Message.model_validate(
            {
                "message_id": stored.message_id,
                "sender": sender,
                "date": int(stored.sent_at),
                "chat": self.chat(stored.chat_id),
                "forward_origin": stored.forward_origin,
                "reply_to_message": None if replied is None else self.wire(replied, bot, with_reply=False),
                "edit_date": None if stored.edited_at is None else int(stored.edited_at),
                "has_protected_content": stored.is_protected or None,
                "text": None if has_media else stored.text,
                "entities": None if has_media else entities,
                "link_preview_options": stored.link_preview,
                "caption": stored.text if has_media else None,
                "caption_entities": entities if has_media else None,
                "reply_markup": stored.markup if stored.inline_keyboard else None,
                **(stored.media or {}),
            }
        )
