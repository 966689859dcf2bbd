"""The Bot API's objects, as far as this server reads or writes them.

Field names and meanings: https://core.telegram.org/bots/api, checked against the machine-readable
specification in the tests. Unknown fields are refused, so that a mistake of the service shows here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

EntityType = Literal[
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
]


class ApiObject(BaseModel):
    """One object of the Bot API."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def wire(self) -> dict[str, Any]:
        """As it goes over the wire: Telegram's names, nothing that is absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class User(ApiObject):
    id: int
    is_bot: bool
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    can_join_groups: bool | None = None
    can_read_all_group_messages: bool | None = None
    supports_inline_queries: bool | None = None
    can_connect_to_business: bool | None = None
    has_main_web_app: bool | None = None


class Chat(ApiObject):
    id: int
    type: Literal["private", "group"]
    title: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class MessageEntity(ApiObject):
    type: EntityType
    offset: Annotated[int, Field(ge=0)]
    length: Annotated[int, Field(ge=1)]
    url: str | None = None
    language: str | None = None


class CopyTextButton(ApiObject):
    text: Annotated[str, Field(min_length=1, max_length=256)]


class InlineKeyboardButton(ApiObject):
    text: str
    style: str | None = None
    url: str | None = None
    callback_data: str | None = None
    copy_text: CopyTextButton | None = None


class InlineKeyboardMarkup(ApiObject):
    inline_keyboard: list[list[InlineKeyboardButton]]


class ReplyKeyboardRemove(ApiObject):
    remove_keyboard: Literal[True]
    selective: bool | None = None


class ForceReply(ApiObject):
    force_reply: Literal[True]
    input_field_placeholder: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    selective: bool | None = None


class LinkPreviewOptions(ApiObject):
    is_disabled: bool | None = None
    url: str | None = None
    prefer_small_media: bool | None = None
    prefer_large_media: bool | None = None
    show_above_text: bool | None = None


class ReplyParameters(ApiObject):
    message_id: int
    chat_id: int | None = None
    allow_sending_without_reply: bool | None = None


class BotCommand(ApiObject):
    command: str
    description: str


class BotCommandScope(ApiObject):
    """Every scope in one; which fields it needs depends on its type."""

    type: Literal[
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    ] = "default"
    chat_id: int | None = None
    user_id: int | None = None


class PhotoSize(ApiObject):
    file_id: str
    file_unique_id: str
    width: int
    height: int
    file_size: int | None = None


class Document(ApiObject):
    file_id: str
    file_unique_id: str
    file_name: str | None = None
    mime_type: str | None = None
    file_size: int | None = None


class Voice(ApiObject):
    file_id: str
    file_unique_id: str
    duration: int
    mime_type: str | None = None
    file_size: int | None = None


class Sticker(ApiObject):
    file_id: str
    file_unique_id: str
    type: Literal["regular"] = "regular"
    width: int
    height: int
    is_animated: bool = False
    is_video: bool = False
    emoji: str | None = None
    file_size: int | None = None


class Contact(ApiObject):
    phone_number: str
    first_name: str
    last_name: str | None = None
    user_id: int | None = None


class Location(ApiObject):
    latitude: float
    longitude: float


class MessageOriginUser(ApiObject):
    type: Literal["user"] = "user"
    date: int
    sender_user: User


class Message(ApiObject):
    message_id: int
    sender: User = Field(alias="from")
    date: int
    chat: Chat
    forward_origin: MessageOriginUser | None = None
    reply_to_message: "Message | None" = None
    edit_date: int | None = None
    has_protected_content: bool | None = None
    text: str | None = None
    entities: list[MessageEntity] | None = None
    link_preview_options: LinkPreviewOptions | None = None
    photo: list[PhotoSize] | None = None
    document: Document | None = None
    voice: Voice | None = None
    sticker: Sticker | None = None
    contact: Contact | None = None
    location: Location | None = None
    caption: str | None = None
    caption_entities: list[MessageEntity] | None = None
    reply_markup: InlineKeyboardMarkup | None = None


class InaccessibleMessage(ApiObject):
    chat: Chat
    message_id: int
    date: Literal[0] = 0


class CallbackQuery(ApiObject):
    id: str
    sender: User = Field(alias="from")
    message: Message | InaccessibleMessage
    chat_instance: str
    data: str


class ChatMemberMember(ApiObject):
    status: Literal["member"] = "member"
    user: User


class ChatMemberLeft(ApiObject):
    status: Literal["left"] = "left"
    user: User


class ChatMemberBanned(ApiObject):
    status: Literal["kicked"] = "kicked"
    user: User
    until_date: int = 0


class ChatMemberUpdated(ApiObject):
    chat: Chat
    sender: User = Field(alias="from")
    date: int
    old_chat_member: ChatMemberMember | ChatMemberLeft | ChatMemberBanned
    new_chat_member: ChatMemberMember | ChatMemberLeft | ChatMemberBanned


class WebhookInfo(ApiObject):
    url: str
    has_custom_certificate: bool
    pending_update_count: int
    allowed_updates: list[str] | None = None


class BotName(ApiObject):
    name: str


class BotDescription(ApiObject):
    description: str


class BotShortDescription(ApiObject):
    short_description: str


class AcceptedGiftTypes(ApiObject):
    unlimited_gifts: bool = False
    limited_gifts: bool = False
    unique_gifts: bool = False
    premium_subscription: bool = False
    gifts_from_channels: bool = False


class ChatFullInfo(ApiObject):
    id: int
    type: Literal["private", "group"]
    title: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    accent_color_id: int = 0
    max_reaction_count: int = 11
    accepted_gift_types: AcceptedGiftTypes = AcceptedGiftTypes()
