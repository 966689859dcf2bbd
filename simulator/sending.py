"""What the bot does in chats: send, edit, delete, answer a press."""

import secrets
from collections.abc import Sequence
from typing import Any

from simulator.checks import MAX_ANSWER_TEXT, MAX_CAPTION, checked_keyboard, checked_markup, checked_text
from simulator.errors import Refused, bad_request, forbidden, too_many_requests
from simulator.messages import Content, StoredMessage
from simulator.methods import (
    AnswerCallbackQuery,
    ChatId,
    DeleteMessage,
    DeleteMessages,
    EditMessageReplyMarkup,
    EditMessageText,
    GetChat,
    InputFile,
    LeaveChat,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
)
from simulator.objects import ChatFullInfo, Document, Message, MessageEntity, PhotoSize, ReplyParameters
from simulator.pictures import png_measures
from simulator.roster import Group, Person
from simulator.updates import PRESS_LIFETIME_S
from simulator.world import World

DELETABLE_FOR_S = 48 * 3600
STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


class Sending:
    def __init__(self, world: World) -> None:
        self._world = world

    # Who may be reached

    def _known_chat(self, chat_id: ChatId) -> Person | Group:
        """A chat that the bot has met.

        Raises:
            Refused: 400 when it has not, 403 when it is no longer let in.
        """
        found: Person | Group | None = None
        if isinstance(chat_id, int):
            roster = self._world.roster
            found = roster.find_person(chat_id) if chat_id > 0 else roster.find_group(chat_id)
        match found:
            case Group(bot_is_member=False):
                raise forbidden("bot was kicked from the group chat")
            case Group():
                return found
            case Person(deactivated=True, started=True):
                raise forbidden("user is deactivated")
            case Person(blocked=True):
                raise forbidden("bot was blocked by the user")
            case Person(started=True):
                return found
            case Person() if any(group.bot_is_member for group in self._world.roster.groups_of(found.id)):
                raise forbidden("bot can't initiate conversation with a user")
            case _:
                raise bad_request("chat not found")

    # Sending

    def send_message(self, call: SendMessage) -> Message:
        chat = self._known_chat(call.chat_id)
        content = Content(
            text=checked_text(call.text, call.entities),
            entities=tuple(call.entities),
            markup=checked_markup(call.reply_markup),
            link_preview=call.link_preview_options,
            reply_to=self._reply_to(chat.id, call.reply_parameters),
            is_protected=call.protect_content,
            is_silent=call.disable_notification,
        )
        return self._send("sendMessage", chat, content)

    def send_photo(self, call: SendPhoto) -> Message:
        upload = self._uploaded("photo", call.photo)
        width, height = png_measures(upload.content)
        file_id = secrets.token_urlsafe(18)
        self._world.database.write("INSERT INTO picture VALUES (?, ?)", file_id, upload.content)
        picture = PhotoSize(
            file_id=file_id, file_unique_id=file_id[:12], width=width, height=height, file_size=upload.size
        )
        return self._send_file("sendPhoto", call, call.caption_entities, {"photo": [picture.wire()]})

    def send_document(self, call: SendDocument) -> Message:
        file_id = secrets.token_urlsafe(18)
        upload = self._uploaded("document", call.document)
        document = Document(file_id=file_id, file_unique_id=file_id[:12], file_name=upload.name, file_size=upload.size)
        return self._send_file("sendDocument", call, call.caption_entities, {"document": document.wire()})

    @staticmethod
    def _uploaded(name: str, given: InputFile | str) -> InputFile:
        if isinstance(given, str) or not given.size:
            raise bad_request(f'parameter "{name}" must be a file that comes with the call and is not empty')
        return given

    def _send_file(
        self,
        method: str,
        call: SendPhoto | SendDocument,
        entities: Sequence[MessageEntity],
        media: dict[str, Any],
    ) -> Message:
        chat = self._known_chat(call.chat_id)
        content = Content(
            text=checked_text(call.caption, entities, limit=MAX_CAPTION) if call.caption else None,
            entities=tuple(entities),
            media=media,
            markup=checked_markup(call.reply_markup),
            reply_to=self._reply_to(chat.id, call.reply_parameters),
            is_protected=call.protect_content,
            is_silent=call.disable_notification,
        )
        return self._send(method, chat, content)

    def _reply_to(self, chat_id: int, reply: ReplyParameters | None) -> int | None:
        if reply is None:
            return None
        if reply.chat_id is not None and reply.chat_id != chat_id:
            raise bad_request("this server knows replies within one chat only")
        if self._world.messages.find(chat_id, reply.message_id) is not None:
            return reply.message_id
        if reply.allow_sending_without_reply:
            return None
        raise bad_request("message to be replied not found")

    def _send(self, method: str, chat: Person | Group, content: Content) -> Message:
        world = self._world
        wait_s = world.limiter.take(chat.id, is_group=isinstance(chat, Group), elapsed=world.clock.elapsed())
        if wait_s:
            raise too_many_requests(wait_s)
        stored = world.messages.add(
            chat.id, world.bot.id, content, sent_at=world.clock.now(), shown_at=world.shown_now()
        )
        world.journal.add(
            method,
            chat_id=chat.id,
            message_id=stored.message_id,
            text=stored.text,
            entities=stored.entities,
            keyboard=stored.inline_keyboard,
            reply_to=stored.reply_to,
        )
        return world.messages.wire(stored, world.bot_user())

    def send_chat_action(self, call: SendChatAction) -> bool:
        chat = self._known_chat(call.chat_id)
        self._world.journal.add("sendChatAction", chat_id=chat.id, action=call.action)
        return True

    # Editing and deleting

    def _own_message(self, chat_id: ChatId, message_id: int) -> StoredMessage:
        chat = self._known_chat(chat_id)
        stored = self._world.messages.find(chat.id, message_id)
        if stored is None:
            raise bad_request("message to edit not found")
        if stored.sender_id != self._world.bot.id or stored.forward_origin is not None:
            raise bad_request("message can't be edited")
        return stored

    def edit_message_text(self, call: EditMessageText) -> Message:
        stored = self._own_message(call.chat_id, call.message_id)
        if stored.media is not None:
            raise bad_request("there is no text in the message to edit")
        text = checked_text(call.text, call.entities)
        entities = tuple(call.entities)
        keyboard = checked_keyboard(call.reply_markup)
        wire_keyboard = [] if keyboard is None else keyboard.wire()["inline_keyboard"]
        is_same_text = (text, [entity.wire() for entity in entities]) == (stored.text, stored.entities)
        if is_same_text and wire_keyboard == stored.inline_keyboard:
            raise bad_request(NOT_MODIFIED)
        if not is_same_text:
            self._world.messages.change_text(stored.message_id, text, entities, at=self._world.clock.now())
        self._world.messages.change_markup(stored.message_id, keyboard)
        return self._edited("editMessageText", stored.message_id)

    def edit_message_reply_markup(self, call: EditMessageReplyMarkup) -> Message:
        stored = self._own_message(call.chat_id, call.message_id)
        keyboard = checked_keyboard(call.reply_markup)
        if ([] if keyboard is None else keyboard.wire()["inline_keyboard"]) == stored.inline_keyboard:
            raise bad_request(NOT_MODIFIED)
        self._world.messages.change_markup(stored.message_id, keyboard)
        return self._edited("editMessageReplyMarkup", stored.message_id)

    def _edited(self, method: str, message_id: int) -> Message:
        world = self._world
        stored = world.messages.stored(message_id)
        world.journal.add(
            method,
            chat_id=stored.chat_id,
            message_id=message_id,
            text=stored.text,
            entities=stored.entities,
            keyboard=stored.inline_keyboard,
        )
        return world.messages.wire(stored, world.bot_user())

    def _deletable(self, chat: Person | Group, message_id: int) -> StoredMessage:
        stored = self._world.messages.find(chat.id, message_id)
        if stored is None:
            raise bad_request("message to delete not found")
        is_foreign = isinstance(chat, Group) and stored.sender_id != self._world.bot.id
        if is_foreign or self._world.clock.now() - stored.sent_at >= DELETABLE_FOR_S:
            raise bad_request("message can't be deleted")
        return stored

    def delete_message(self, call: DeleteMessage) -> bool:
        chat = self._known_chat(call.chat_id)
        self._delete("deleteMessage", self._deletable(chat, call.message_id))
        return True

    def delete_messages(self, call: DeleteMessages) -> bool:
        """Those that cannot be found or deleted are skipped, as the Bot API documents it."""
        chat = self._known_chat(call.chat_id)
        for message_id in call.message_ids:
            try:
                stored = self._deletable(chat, message_id)
            except Refused:
                continue
            self._delete("deleteMessages", stored)
        return True

    def _delete(self, method: str, stored: StoredMessage) -> None:
        self._world.messages.delete(stored.message_id, at=self._world.clock.now())
        self._world.journal.add(method, chat_id=stored.chat_id, message_id=stored.message_id)

    # Presses

    def answer_callback_query(self, call: AnswerCallbackQuery) -> bool:
        world = self._world
        if call.text is not None and len(call.text) > MAX_ANSWER_TEXT:
            raise bad_request("MESSAGE_TOO_LONG")
        now = world.clock.now()
        answered = world.database.write(
            "UPDATE press SET answered_at = ?, text = ?, show_alert = ?, url = ?"
            " WHERE callback_query_id = ? AND answered_at IS NULL AND pressed_at > ?",
            now,
            call.text,
            int(call.show_alert),
            call.url,
            call.callback_query_id,
            now - PRESS_LIFETIME_S,
        )
        if not answered:
            raise bad_request(STALE_QUERY)
        press = world.database.rows("SELECT * FROM press WHERE callback_query_id = ?", call.callback_query_id)[0]
        world.journal.add(
            "answerCallbackQuery",
            chat_id=press["chat_id"],
            message_id=press["message_id"],
            person_id=press["person_id"],
            callback_query_id=call.callback_query_id,
            text=call.text,
            show_alert=call.show_alert,
            url=call.url,
        )
        return True

    # Chats

    def get_chat(self, call: GetChat) -> ChatFullInfo:
        return ChatFullInfo.model_validate(self._known_chat(call.chat_id).chat().wire())

    def leave_chat(self, call: LeaveChat) -> bool:
        chat = self._known_chat(call.chat_id)
        if isinstance(chat, Person):
            raise bad_request("chat member status can't be changed in private chats")
        self._world.roster.bot_leaves(chat.id)
        self._world.journal.add("leaveChat", chat_id=chat.id)
        return True
