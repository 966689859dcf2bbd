"""What people do with their phones: start, type, press, send, edit, forward, block."""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from simulator.checks import MAX_TEXT, command_entities, utf16_length
from simulator.clock import iso
from simulator.errors import ImpossibleAction
from simulator.messages import Content, StoredMessage
from simulator.objects import (
    CallbackQuery,
    Chat,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberUpdated,
    Contact,
    Document,
    InaccessibleMessage,
    InlineKeyboardMarkup,
    Location,
    MessageOriginUser,
    PhotoSize,
    Sticker,
    Voice,
)
from simulator.roster import Group, Person
from simulator.world import World

MAX_START_PAYLOAD = 64
MediaKind = Literal["photo", "document", "voice", "sticker", "contact", "location"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of an action; update_id is None when the bot does not get to see it."""

    message_id: int
    update_id: int | None


@dataclass(frozen=True, slots=True)
class Pressed:
    callback_query_id: str
    update_id: int | None


@dataclass(frozen=True, slots=True)
class Button:
    """Which button: by its data (any data, also of a button never shown), or by row and column from 0."""

    data: str | None = None
    row: int = 0
    column: int = 0


class Phone:
    """One person's hands. Raises ImpossibleAction for what no phone would let them do."""

    def __init__(self, world: World, person_id: int) -> None:
        self._world = world
        self._person_id = person_id
        self.person  # noqa: B018 - an unknown id is refused at once

    @property
    def person(self) -> Person:
        return self._world.roster.person(self._person_id)

    # Speaking

    def start(self, payload: str = "") -> Sent:
        """Press START, also after blocking; a deep link adds its payload."""
        _check_payload(payload)
        if self.person.blocked:
            self.unblock()
        return self.type(f"/start {payload}".rstrip(), None, opens_chat=True)

    def receive_invitation(self, payload: str) -> None:
        """A link to the bot that came another way; it waits until START is pressed."""
        _check_payload(payload)
        self._world.roster.invite(self._person_id, payload)
        self._world.journal.add("invitation", chat_id=self._person_id)

    def type(
        self,
        text: str,
        chat_id: int | None,
        *,
        reply_to: int | None = None,
        opens_chat: bool = False,
    ) -> Sent:
        kept = text.strip()
        if not 1 <= utf16_length(kept) <= MAX_TEXT:
            raise ImpossibleAction("a text has 1 to 4096 characters")
        chat = self._chat(chat_id, opens_chat=opens_chat)
        return self._say(chat, Content(text=kept, entities=command_entities(kept), reply_to=reply_to))

    def send_media(self, kind: MediaKind, chat_id: int | None, *, caption: str | None, file_name: str | None) -> Sent:
        """A picture, a file, a recording and so on; only its description exists."""
        media = _described(kind, self.person, file_name)
        return self._say(self._chat(chat_id), Content(text=caption or None, media=media))

    def edit(self, message_id: int, text: str, chat_id: int | None) -> Sent:
        stored = self._own(message_id, self._chat(chat_id))
        if stored.media is not None or not text.strip():
            raise ImpossibleAction("only a text is edited, and into another text")
        world = self._world
        kept = text.strip()
        world.messages.change_text(message_id, kept, command_entities(kept), at=world.clock.now())
        changed = world.messages.stored(message_id)
        body = world.messages.wire(changed, world.bot_user()).wire()
        update_id = world.updates.add("edited_message", body) if self._is_seen(changed) else None
        world.journal.add("edited", chat_id=changed.chat_id, message_id=message_id, person_id=self._person_id)
        return Sent(message_id, update_id)

    def delete(self, message_id: int, chat_id: int | None) -> None:
        """Telegram does not tell a bot about it."""
        stored = self._own(message_id, self._chat(chat_id))
        self._world.messages.delete(message_id, at=self._world.clock.now())
        self._world.journal.add("deleted", chat_id=stored.chat_id, message_id=message_id, person_id=self._person_id)

    def forward(
        self, message_id: int, from_chat_id: int | None, to_chat_id: int, *, with_buttons: bool
    ) -> StoredMessage:
        """Show a message in another chat of any person or group here.

        Telegram drops the buttons on the way; with_buttons keeps them, for a client that does not.
        A forward into one's own chat with the bot reaches the bot; one into another person's does not,
        but that person can then press its buttons.
        """
        world = self._world
        source = self._visible(message_id, self._chat(from_chat_id))
        if source.is_protected:
            raise ImpossibleAction("this message is protected from forwarding")
        target = world.messages.chat(to_chat_id)
        sender = world.bot_user() if source.sender_id == world.bot.id else world.roster.person(source.sender_id).user()
        keyboard = {"inline_keyboard": source.inline_keyboard} if with_buttons and source.inline_keyboard else None
        content = Content(
            text=source.text,
            media=source.media,
            markup=None if keyboard is None else InlineKeyboardMarkup.model_validate(keyboard),
            forward_origin=MessageOriginUser(date=int(source.sent_at), sender_user=sender),
        )
        if target.id == self._person_id or target.type == "group":
            return world.messages.stored(self._say(self._chat(target.id), content).message_id)
        stored = world.messages.add(
            target.id, self._person_id, content, sent_at=world.clock.now(), shown_at=world.shown_now()
        )
        world.journal.add("forwarded", chat_id=target.id, message_id=stored.message_id, person_id=self._person_id)
        return stored

    def _say(self, chat: Person | Group, content: Content) -> Sent:
        world = self._world
        if content.reply_to is not None:
            self._visible(content.reply_to, chat)
        stored = world.messages.add(
            chat.id, self._person_id, content, sent_at=world.clock.now(), shown_at=world.shown_now()
        )
        body = world.messages.wire(stored, world.bot_user()).wire()
        update_id = world.updates.add("message", body) if self._is_seen(stored) else None
        world.messages.link_update(stored.message_id, update_id)
        world.messages.mark_read(self._person_id, chat.id, stored.message_id)
        world.journal.add(
            "said",
            chat_id=chat.id,
            message_id=stored.message_id,
            person_id=self._person_id,
            text=content.text,
            update_id=update_id,
        )
        return Sent(stored.message_id, update_id)

    def _is_seen(self, message: StoredMessage) -> bool:
        """In groups a bot sees commands, replies to it and mentions, unless it is an administrator."""
        world = self._world
        if message.chat_id > 0:
            return message.chat_id == self._person_id
        group = world.roster.group(message.chat_id)
        if not group.bot_is_member or group.bot_sees_all:
            return group.bot_is_member
        text = message.text or ""
        replied = world.messages.find(message.chat_id, message.reply_to) if message.reply_to else None
        is_reply_to_bot = replied is not None and replied.sender_id == world.bot.id
        return text.startswith("/") or f"@{world.bot.username}" in text or is_reply_to_bot

    # Pressing

    def press(self, message_id: int, button: Button, chat_id: int | None) -> Pressed:
        """Press a button. With data given, any message id will do: so are old and foreign presses made."""
        world = self._world
        chat = self._chat(chat_id)
        stored = world.messages.find(chat.id, message_id)
        data = button.data if button.data is not None else self._shown_data(stored, button)
        callback_query_id = str(secrets.randbelow(9 * 10**18) + 10**18)
        shown = (
            InaccessibleMessage(chat=world.messages.chat(chat.id), message_id=message_id)
            if stored is None
            else world.messages.wire(stored, world.bot_user())
        )
        query = CallbackQuery(
            id=callback_query_id,
            sender=self.person.user(),
            message=shown,
            chat_instance=str(chat.id * 7919),
            data=data,
        )
        update_id = world.updates.add("callback_query", query.wire())
        world.database.insert(
            "INSERT INTO press (callback_query_id, person_id, chat_id, message_id, data, pressed_at, update_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            callback_query_id,
            self._person_id,
            chat.id,
            message_id,
            data,
            world.clock.now(),
            update_id,
        )
        world.journal.add(
            "pressed",
            chat_id=chat.id,
            message_id=message_id,
            person_id=self._person_id,
            callback_query_id=callback_query_id,
            data=data,
            update_id=update_id,
        )
        return Pressed(callback_query_id, update_id)

    @staticmethod
    def _shown_data(stored: StoredMessage | None, button: Button) -> str:
        if stored is None:
            raise ImpossibleAction("this message is not there, or not any more")
        try:
            pressed = stored.inline_keyboard[button.row][button.column]
        except IndexError:
            raise ImpossibleAction(f"there is no button in row {button.row}, column {button.column}") from None
        data = pressed.get("callback_data")
        if not isinstance(data, str):
            raise ImpossibleAction("this button opens a link; it is not reported to the bot")
        return data

    # The account

    def block(self) -> None:
        if not self.person.started:
            raise ImpossibleAction("there is no chat to block yet")
        if not self.person.blocked:
            self._world.roster.set_blocked(self._person_id, blocked=True)
            self._tell_membership("blocked")

    def unblock(self) -> None:
        if self.person.blocked:
            self._world.roster.set_blocked(self._person_id, blocked=False)
            self._tell_membership("unblocked")

    def deactivate(self) -> None:
        self._world.roster.deactivate(self._person_id)
        self._world.journal.add("deactivated", chat_id=self._person_id, person_id=self._person_id)

    def _tell_membership(self, what: str) -> None:
        world = self._world
        bot = world.bot_user()
        member, banned = ChatMemberMember(user=bot), ChatMemberBanned(user=bot)
        is_blocked = what == "blocked"
        changed = ChatMemberUpdated(
            chat=self.person.chat(),
            sender=self.person.user(),
            date=int(world.clock.now()),
            old_chat_member=member if is_blocked else banned,
            new_chat_member=banned if is_blocked else member,
        )
        update_id = world.updates.add("my_chat_member", changed.wire())
        world.journal.add(what, chat_id=self._person_id, person_id=self._person_id, update_id=update_id)

    def create_group(self, title: str, members: list[int], *, bot_sees_all: bool) -> Group:
        """A group of this person and others, with the bot in it."""
        world = self._world
        group = world.roster.add_group(title, [self._person_id, *members], bot_sees_all=bot_sees_all)
        bot = world.bot_user()
        changed = ChatMemberUpdated(
            chat=group.chat(),
            sender=self.person.user(),
            date=int(world.clock.now()),
            old_chat_member=ChatMemberLeft(user=bot),
            new_chat_member=ChatMemberMember(user=bot),
        )
        update_id = world.updates.add("my_chat_member", changed.wire())
        world.journal.add("group made", chat_id=group.id, person_id=self._person_id, update_id=update_id)
        return group

    # What this phone may touch

    def _chat(self, chat_id: int | None, *, opens_chat: bool = False) -> Person | Group:
        person = self.person
        if person.deactivated:
            raise ImpossibleAction("this account was deleted")
        if chat_id is None or chat_id == person.id:
            if person.blocked:
                raise ImpossibleAction("this person has blocked the bot; unblock it first")
            if opens_chat:
                self._world.roster.mark_started(person.id)
            elif not person.started:
                raise ImpossibleAction("press START first")
            return person
        group = self._world.roster.find_group(chat_id)
        if group is None or person.id not in group.members:
            raise ImpossibleAction("this person is not in that chat")
        return group

    def _visible(self, message_id: int, chat: Person | Group) -> StoredMessage:
        stored = self._world.messages.find(chat.id, message_id)
        if stored is None:
            raise ImpossibleAction(f"there is no message {message_id} in this chat")
        return stored

    def _own(self, message_id: int, chat: Person | Group) -> StoredMessage:
        stored = self._visible(message_id, chat)
        if stored.sender_id != self._person_id:
            raise ImpossibleAction("only one's own message")
        return stored

    # What this phone shows

    def chats(self) -> list[dict[str, Any]]:
        world = self._world
        chats: list[Chat] = [self.person.chat(), *(group.chat() for group in world.roster.groups_of(self._person_id))]
        return [{**chat.wire(), "unread": world.messages.unread(self._person_id, chat.id)} for chat in chats]

    def messages(self, chat_id: int | None, *, after: int, limit: int) -> list[dict[str, Any]]:
        """Newest last. Deleted ones keep their place but not their content."""
        world = self._world
        shown_chat = self._person_id if chat_id is None else chat_id
        if shown_chat != self._person_id and self._person_id not in world.roster.group(shown_chat).members:
            raise ImpossibleAction("this person is not in that chat")
        read_up_to = world.messages.read_up_to(self._person_id, shown_chat)
        return [
            self._shown(stored, read_up_to) for stored in world.messages.in_chat(shown_chat, after=after, limit=limit)
        ]

    def _shown(self, stored: StoredMessage, read_up_to: int) -> dict[str, Any]:
        world = self._world
        is_deleted = stored.deleted_at is not None
        is_from_bot = stored.sender_id == world.bot.id
        replied = None if stored.reply_to is None else world.messages.find(stored.chat_id, stored.reply_to)
        return {
            "message_id": stored.message_id,
            "chat_id": stored.chat_id,
            "from_bot": is_from_bot,
            "sender_id": stored.sender_id,
            "sender_name": world.bot_user().first_name if is_from_bot else self._name(stored.sender_id),
            "sent_at": iso(stored.sent_at),
            "shown_at": stored.shown_at,
            "text": None if is_deleted else stored.text,
            "entities": [] if is_deleted else stored.entities,
            "media": None if is_deleted else stored.media,
            "keyboard": [] if is_deleted else stored.inline_keyboard,
            "force_reply": bool((stored.markup or {}).get("force_reply")),
            "placeholder": (stored.markup or {}).get("input_field_placeholder"),
            "reply_to": stored.reply_to,
            "reply_text": None if replied is None else replied.text or "",
            "forwarded": stored.forward_origin is not None,
            "edited": stored.edited_at is not None,
            "deleted": is_deleted,
            "protected": stored.is_protected,
            "silent": stored.is_silent,
            "unread": stored.sender_id != self._person_id and stored.message_id > read_up_to,
            "taken": world.updates.was_confirmed(stored.update_id),
        }

    def _name(self, person_id: int) -> str:
        found = self._world.roster.find_person(person_id)
        return "" if found is None else found.first_name


def _described(kind: MediaKind, sender: Person, file_name: str | None) -> dict[str, Any]:
    file_id = secrets.token_urlsafe(18)
    unique_id = file_id[:12]
    match kind:
        case "photo":
            size = PhotoSize(file_id=file_id, file_unique_id=unique_id, width=1280, height=960, file_size=180_000)
            return {"photo": [size.wire()]}
        case "document":
            document = Document(
                file_id=file_id, file_unique_id=unique_id, file_name=file_name or "document.pdf", file_size=90_000
            )
            return {"document": document.wire()}
        case "voice":
            return {"voice": Voice(file_id=file_id, file_unique_id=unique_id, duration=7, file_size=14_000).wire()}
        case "sticker":
            sticker = Sticker(file_id=file_id, file_unique_id=unique_id, width=512, height=512, emoji="👍")
            return {"sticker": sticker.wire()}
        case "contact":
            contact = Contact(phone_number="+15550100", first_name=sender.first_name, user_id=sender.id)
            return {"contact": contact.wire()}
        case "location":
            return {"location": Location(latitude=0.0, longitude=0.0).wire()}


def _check_payload(payload: str) -> None:
    if len(payload) > MAX_START_PAYLOAD or not all(c.isascii() and (c.isalnum() or c in "_-") for c in payload):
        raise ImpossibleAction("a start payload has at most 64 characters of A-Z, a-z, 0-9, _ and -")
