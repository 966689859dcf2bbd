"""The Bot API's methods that this server carries out: one model each, named after its method.

Stricter than Telegram in one way, on purpose: an unknown parameter is refused, where Telegram ignores it.
Parameters that Telegram knows and this server does not carry out (parse_mode, topics, payments) are
not declared and so refused too. Checked against the specification in the tests.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.objects import (
    ApiObject,
    BotCommand,
    BotCommandScope,
    ForceReply,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardRemove,
    ReplyParameters,
)

ReplyMarkup = InlineKeyboardMarkup | ReplyKeyboardRemove | ForceReply
ChatId = int | str
LanguageCode = Annotated[str, Field(pattern=r"^([a-z]{2})?$")]


class InputFile(ApiObject):
    """A file that came with the call. The bytes of a picture are kept, of anything else they are dropped."""

    name: str
    content: bytes = Field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)


class Method(BaseModel):
    """The parameters of one call."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GetMe(Method):
    pass


class LogOut(Method):
    pass


class Close(Method):
    pass


class GetUpdates(Method):
    offset: int = 0
    limit: int = 100
    timeout: Annotated[int, Field(ge=0)] = 0
    allowed_updates: list[str] | None = None


class SetWebhook(Method):
    url: str
    ip_address: str | None = None
    max_connections: int | None = None
    allowed_updates: list[str] | None = None
    drop_pending_updates: bool = False
    secret_token: str | None = None


class DeleteWebhook(Method):
    drop_pending_updates: bool = False


class GetWebhookInfo(Method):
    pass


class SendMessage(Method):
    chat_id: ChatId
    text: str
    entities: list[MessageEntity] = []
    link_preview_options: LinkPreviewOptions | None = None
    disable_notification: bool = False
    protect_content: bool = False
    reply_parameters: ReplyParameters | None = None
    reply_markup: ReplyMarkup | None = None


class SendPhoto(Method):
    chat_id: ChatId
    photo: InputFile | str
    caption: str | None = None
    caption_entities: list[MessageEntity] = []
    disable_notification: bool = False
    protect_content: bool = False
    reply_parameters: ReplyParameters | None = None
    reply_markup: ReplyMarkup | None = None


class SendDocument(Method):
    chat_id: ChatId
    document: InputFile | str
    caption: str | None = None
    caption_entities: list[MessageEntity] = []
    disable_content_type_detection: bool = False
    disable_notification: bool = False
    protect_content: bool = False
    reply_parameters: ReplyParameters | None = None
    reply_markup: ReplyMarkup | None = None


class SendChatAction(Method):
    chat_id: ChatId
    action: Literal[
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]


class EditMessageText(Method):
    chat_id: ChatId
    message_id: int
    text: str
    entities: list[MessageEntity] = []
    link_preview_options: LinkPreviewOptions | None = None
    reply_markup: InlineKeyboardMarkup | None = None


class EditMessageReplyMarkup(Method):
    chat_id: ChatId
    message_id: int
    reply_markup: InlineKeyboardMarkup | None = None


class DeleteMessage(Method):
    chat_id: ChatId
    message_id: int


class DeleteMessages(Method):
    chat_id: ChatId
    message_ids: Annotated[list[int], Field(min_length=1, max_length=100)]


class AnswerCallbackQuery(Method):
    callback_query_id: str
    text: str | None = None
    show_alert: bool = False
    url: str | None = None
    cache_time: Annotated[int, Field(ge=0)] = 0


class GetChat(Method):
    chat_id: ChatId


class LeaveChat(Method):
    chat_id: ChatId


class SetMyCommands(Method):
    commands: Annotated[list[BotCommand], Field(max_length=100)]
    scope: BotCommandScope = BotCommandScope()
    language_code: LanguageCode = ""


class GetMyCommands(Method):
    scope: BotCommandScope = BotCommandScope()
    language_code: LanguageCode = ""


class DeleteMyCommands(Method):
    scope: BotCommandScope = BotCommandScope()
    language_code: LanguageCode = ""


class SetMyName(Method):
    name: Annotated[str, Field(max_length=64)] = ""
    language_code: LanguageCode = ""


class GetMyName(Method):
    language_code: LanguageCode = ""


class SetMyDescription(Method):
    description: Annotated[str, Field(max_length=512)] = ""
    language_code: LanguageCode = ""


class GetMyDescription(Method):
    language_code: LanguageCode = ""


class SetMyShortDescription(Method):
    short_description: Annotated[str, Field(max_length=120)] = ""
    language_code: LanguageCode = ""


class GetMyShortDescription(Method):
    language_code: LanguageCode = ""


def method_name(model: type[Method]) -> str:
    """`SendMessage` is called as `sendMessage`."""
    return model.__name__[0].lower() + model.__name__[1:]


METHODS: dict[str, type[Method]] = {method_name(model): model for model in Method.__subclasses__()}
