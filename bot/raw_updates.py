"""Reading a raw update, which may be anything that JSON can say. Nothing here raises on its input.

The lists are the Bot API's own field names, as of Bot API 10. Source: core.telegram.org/bots/api (Update, Message).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from trial.messages import Refused

KINDS = (
    "message", "edited_message", "callback_query", "my_chat_member", "channel_post", "edited_channel_post",
    "business_connection", "business_message", "edited_business_message", "deleted_business_messages", "guest_message",
    "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "chat_member", "chat_join_request",
    "chat_boost", "removed_chat_boost", "managed_bot",
)  # fmt: skip
CHAT_KINDS = frozenset({"message", "edited_message", "channel_post", "edited_channel_post"})

UNKNOWN_KIND = "unknown_kind"

_FORWARDED = (
    "forward_origin", "forward_from", "forward_from_chat", "forward_sender_name", "forward_date", "is_automatic_forward",
)  # fmt: skip
_BY_ANOTHER_BOT = ("via_bot", "guest_bot_caller_user", "guest_bot_caller_chat", "sender_business_bot")
_MAY_HOLD_DETAILS = (
    "photo", "document", "voice", "video", "contact", "location", "venue", "audio", "animation", "video_note",
    "live_photo", "paid_media", "story", "poll", "checklist", "rich_message", "caption", "users_shared", "chat_shared",
    "web_app_data", "passport_data", "external_reply",
)  # fmt: skip
_HARMLESS_MEDIA = ("sticker", "dice", "game", "gift", "unique_gift", "invoice", "giveaway")
_SERVICE = (
    "pinned_message", "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
    "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
    "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "successful_payment",
    "refunded_payment", "gift_upgrade_sent", "connected_website", "write_access_allowed", "proximity_alert_triggered",
    "boost_added", "chat_background_set", "checklist_tasks_done", "checklist_tasks_added",
    "direct_message_price_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
    "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created",
    "giveaway_winners", "giveaway_completed", "managed_bot_created", "paid_message_price_changed", "poll_option_added",
    "poll_option_deleted", "suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined",
    "suggested_post_paid", "suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
    "video_chat_participants_invited",
)  # fmt: skip

_ID_MAX = 2**53  # Telegram's ids have at most 52 bits
_DATE_MAX = 2**32
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,32}))?(?:\s+(.*))?", re.DOTALL)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")

TEXT, SERVICE = "text", "service"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds (a closed word), how it is refused, and whether it may hold a person's details and must go."""

    kind: str
    refusal: Refused | None = None
    delete: bool = False


def content_of(message: Mapping[str, object]) -> Content:
    """What a message holds, told by its fields alone: media are never looked into."""

    def has(*names: str) -> bool:
        return any(message.get(name) not in (None, False) for name in names)

    if has(*_FORWARDED):
        return Content("forwarded", Refused.MEDIA, delete=True)
    if has(*_BY_ANOTHER_BOT):
        return Content("via_bot", Refused.MEDIA, delete=True)
    if held := next((name for name in _MAY_HOLD_DETAILS if has(name)), None):
        return Content(held, Refused.MEDIA, delete=True)
    if held := next((name for name in _HARMLESS_MEDIA if has(name)), None):
        return Content(held, Refused.MEDIA)
    if isinstance(message.get("text"), str):
        return Content(TEXT)
    if has(*_SERVICE):
        return Content(SERVICE)
    return Content("unknown_content", Refused.MEDIA, delete=True)  # a kind of message newer than this list


def kind_of(raw: object) -> str | None:
    """The one kind of an update; None when it cannot be told."""
    known = [kind for kind in KINDS if kind in object_in(raw)]
    if not known and integer_in(object_in(raw).get("update_id")) is not None:
        return UNKNOWN_KIND
    return known[0] if len(known) == 1 else None


def object_in(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def integer_in(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _ID_MAX else None


def date_in(value: object) -> int | None:
    date = integer_in(value)
    return date if date is not None and 0 <= date < _DATE_MAX else None


def printable_in(value: object) -> str | None:
    return value if isinstance(value, str) and _PRINTABLE.fullmatch(value) else None


def is_unicode(text: str) -> bool:
    """Half a surrogate pair is valid JSON, but no text that could be stored."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def invite_token_in(text: object) -> str | None:
    command = COMMAND.fullmatch(text) if isinstance(text, str) else None
    if command is None or command[1] != "start" or command[3] is None:
        return None
    return command[3] if _TOKEN.fullmatch(command[3]) else None


def language_in(value: object) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None
