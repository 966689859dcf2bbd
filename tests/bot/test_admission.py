"""What of a raw update may be stored: through `admit`, and read back by python-telegram-bot."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Update, User
from telegram.ext import CommandHandler

from bot.admission import (
    AdmissionContext,
    Admitted,
    Command,
    Membership,
    Press,
    Sender,
    SenderIds,
    Text,
    Tombstone,
    admit,
    who_sent,
)
from trial.guard import Finding, GuardContext
from trial.messages import Refused

AMINA, GROUP, SITEBELL = 4_711_001, -100_123, 99
TOKEN = "kq3Zt-invite_token-0123456789abcdef"
CANARY = "canary"

COORDINATOR = Sender(UUID(int=1), claims_invite=False, invite_token_hash=None, language="ja")
STRANGER = Sender(None, claims_invite=False, invite_token_hash=None, language="en")
INVITED = replace(STRANGER, invite_token_hash=sha256(TOKEN.encode()).digest())
CLAIMING = replace(STRANGER, claims_invite=True)

ASKED = AdmissionContext(
    guard=GuardContext(
        countries=("JP",), subject_id=r"\d{3}-\d{3}", allowed=frozenset({"302"}), today=date(2026, 3, 14)
    ),
    awaits_text=True,
    bot_username="sitebell_bot",
)
NOT_ASKED = replace(ASKED, awaits_text=False)

Fields = dict[str, object]


def person(user_id: int = AMINA) -> Fields:
    return {
        "id": user_id,
        "is_bot": False,
        "first_name": f"{CANARY} first",
        "last_name": f"{CANARY} last",
        "username": f"{CANARY}_username",
        "language_code": "ja",
    }


def private_chat(chat_id: int = AMINA) -> Fields:
    return {"id": chat_id, "type": "private", "first_name": f"{CANARY} first", "username": f"{CANARY}_username"}


def group_chat() -> Fields:
    return {"id": GROUP, "type": "supergroup", "title": f"{CANARY} title"}


def message(**fields: object) -> Fields:
    return {"message_id": 17, "date": 1_773_480_000, "chat": private_chat(), "from": person(), **fields}


def update(kind: str = "message", **fields: object) -> Fields:
    return {"update_id": 500, kind: message(**fields)}


def press(data: object = "1d-abc", **fields: object) -> Fields:
    query = {"id": "8812", "from": person(), "chat_instance": f"{CANARY} instance", "data": data}
    shown = message(**{"from": {**person(SITEBELL), "is_bot": True}}, text=f"{CANARY} card", reply_markup={"x": CANARY})
    return {"update_id": 501, "callback_query": {**query, "message": shown, **fields}}


def membership(status: str, chat: Fields | None = None) -> Fields:
    def member(state: str) -> Fields:
        return {"status": state, "user": {**person(SITEBELL), "is_bot": True}, "until_date": 0}

    change = {"chat": chat or private_chat(), "from": person(), "date": 1_773_480_000}
    return {
        "update_id": 502,
        "my_chat_member": {**change, "old_chat_member": member("member"), "new_chat_member": member(status)},
    }


def read_back(admitted: Admitted) -> Update:
    """As the worker reads it: sealed as JSON, opened, parsed by the library."""
    read = Update.de_json(json.loads(json.dumps(admitted.stored)), None)
    assert read is not None
    return read


def sitebell() -> Bot:
    bot = Bot("1:test")
    bot._bot_user = User(SITEBELL, "Sitebell", is_bot=True, username="sitebell_bot")
    return bot


# --- presses ----------------------------------------------------------------------------------------------------------


def test_a_press_in_the_own_chat_is_admitted_without_the_message_around_it():
    admitted = admit(press(), COORDINATOR, NOT_ASKED)
    query = read_back(admitted).callback_query

    assert isinstance(admitted, Press)
    assert admitted.fingerprint == "callback:8812"
    assert query is not None
    assert query.message is not None
    assert (query.id, query.data, query.from_user.id, query.message.message_id) == ("8812", "1d-abc", AMINA, 17)
    assert CANARY not in json.dumps(admitted.stored)


def test_a_press_on_a_message_too_old_to_show_is_admitted():
    shown = {"message_id": 17, "date": 0, "chat": private_chat()}
    query = read_back(admit(press(message=shown), COORDINATOR, NOT_ASKED)).callback_query

    assert query is not None
    assert query.message is not None
    assert query.message.message_id == 17


def test_a_press_of_a_chat_that_claims_an_invite_is_admitted():
    assert isinstance(admit(press(), CLAIMING, NOT_ASKED), Press)


def test_a_press_of_a_stranger_is_not():
    stone = admit(press(), STRANGER, NOT_ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.refusal, stone.ids.callback_id) == ("stranger", Refused.STRANGER, "8812")


@pytest.mark.parametrize(
    "shown",
    [None, message(chat=group_chat()), message(chat=private_chat(AMINA + 1)), {**message(), "message_id": None}],
    ids=["no message", "a group", "another person", "no message id"],
)
def test_a_press_from_another_chat_keeps_its_callback_id_for_a_toast(shown):
    stone = admit(press(message=shown), COORDINATOR, NOT_ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.ids.callback_id, stone.refusal) == ("foreign_button", "8812", None)


@pytest.mark.parametrize("data", [None, "", "x" * 65, "25 March", "山田", 7])
def test_a_press_that_no_button_of_ours_sends_keeps_nothing(data):
    stone = admit(press(data), COORDINATOR, NOT_ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.ids.callback_id) == ("unknown_button", "8812")


# --- commands and invites ---------------------------------------------------------------------------------------------


def started(admitted: Admitted) -> list[str] | None:
    """The arguments that the library's own handler finds."""
    handler = CommandHandler("start", lambda _update, _context: None)  # type: ignore[arg-type,return-value]
    found = handler.check_update(Update.de_json(json.loads(json.dumps(admitted.stored)), sitebell()))
    return found[0] if isinstance(found, tuple) else None


def test_a_stranger_with_an_open_invite_is_admitted_and_the_token_is_not_stored():
    admitted = admit(update(text=f"/start {TOKEN}"), INVITED, NOT_ASKED)

    assert isinstance(admitted, Command)
    assert started(admitted) == [sha256(TOKEN.encode()).hexdigest()]
    assert TOKEN not in json.dumps(admitted.stored)


def test_a_stranger_with_a_dead_or_another_invite_is_not():
    for sender, text in ((STRANGER, f"/start {TOKEN}"), (INVITED, f"/start {TOKEN}x")):
        stone = admit(update(text=text), sender, NOT_ASKED)

        assert isinstance(stone, Tombstone)
        assert (stone.kind, stone.refusal) == ("dead_invite", Refused.STRANGER)


def test_a_command_keeps_its_name_and_loses_what_stands_behind_it():
    for text in ("/start", "/start@sitebell_bot", "/start hello there"):
        admitted = admit(update(text=text), COORDINATOR, NOT_ASKED)

        assert isinstance(admitted, Command)
        assert started(admitted) == []


def test_of_a_site_that_is_not_theirs_only_the_mark_is_kept():
    for text, kept in (
        ("/site 302", "/site 302"),
        ("/site 999", "/site ?"),
        ("/site  Leuven", "/site ?"),
        ("/site", "/site"),
    ):
        admitted = admit(update(text=text), COORDINATOR, NOT_ASKED)

        assert isinstance(admitted, Command)
        assert admitted.payload["message"]["text"] == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/board", "/board"),
        ("/board 472913", "/board 472913"),
        ("/BOARD  472 913 ", "/BOARD 472913"),
        ("/board 47291", "/board ?"),
        ("/board a b", "/board ?"),
        ("/board -72913", "/board ?"),
        ("/board ４７２９１３", None),
        ("/board 472913 and more", None),
        ("/board 4729130", None),
        ("/patient 472913", None),
        ("/today 472913", None),
    ],
)
def test_of_a_browser_s_number_six_digits_are_kept_and_nothing_else(text: str, kept: str | None):
    admitted = admit(update(text=text), COORDINATOR, NOT_ASKED)

    if kept is None:
        # Anywhere else a long number is what the guard takes it for.
        assert isinstance(admitted, Tombstone)
        assert text.partition(" ")[2] not in str(admitted.stored)
    else:
        assert isinstance(admitted, Command)
        assert admitted.payload["message"]["text"] == kept


def test_a_personal_detail_behind_a_command_is_blocked():
    stone = admit(update(text="/help born 25.03.1964"), COORDINATOR, NOT_ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.delete, stone.findings) == ("blocked_text", True, (Finding.BIRTH_DATE,))


def test_a_command_for_another_bot_is_not_ours():
    stone = admit(update(text="/start@another_bot"), COORDINATOR, NOT_ASKED)

    assert isinstance(stone, Tombstone)
    assert stone.kind == "foreign_command"


def test_a_command_of_a_stranger_is_refused():
    for text in ("/start", "/help"):
        stone = admit(update(text=text), CLAIMING, NOT_ASKED)

        assert isinstance(stone, Tombstone)
        assert stone.refusal is Refused.STRANGER


# --- texts ------------------------------------------------------------------------------------------------------------


def test_a_text_that_was_asked_for_and_passes_the_guard_is_admitted():
    replied = {**message(), "message_id": 16, "text": f"{CANARY} question"}
    admitted = admit(
        update(text="MRIは来週です\u202e", reply_to_message=replied, quote={"text": CANARY}), COORDINATOR, ASKED
    )
    read = read_back(admitted).message

    assert isinstance(admitted, Text)
    assert admitted.fingerprint == f"message:{AMINA}:17"
    assert read is not None
    assert read.reply_to_message is not None
    assert (read.text, read.reply_to_message.message_id) == ("MRIは来週です", 16)
    assert CANARY not in json.dumps(admitted.stored)


def test_a_text_that_nobody_asked_for_is_not_stored():
    stone = admit(update(text="uploaded yesterday"), COORDINATOR, NOT_ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.refusal, stone.delete) == ("unasked_text", Refused.UNREADABLE_TEXT, False)


@pytest.mark.parametrize("kind", ["message", "edited_message"])
@pytest.mark.parametrize("context", [ASKED, NOT_ASKED], ids=["asked", "not asked"])
def test_a_text_that_the_guard_stops_is_deleted_and_not_stored(kind, context):
    stone = admit(update(kind, text="MRN 4821337 昭和39年3月25日"), COORDINATOR, context)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.delete, stone.refusal) == ("blocked_text", True, None)
    assert stone.findings == (Finding.BIRTH_DATE, Finding.LONG_NUMBER)
    assert stone.ids.message_id == 17
    assert "4821337" not in json.dumps(stone.stored)


def test_a_guard_that_breaks_or_is_slow_blocks():
    broken = replace(ASKED, guard=replace(ASKED.guard, subject_id="("))
    seconds = iter((0.0, 1.0))
    slow = replace(ASKED, stopwatch=lambda: next(seconds))

    for context, failure in ((broken, "error"), (slow, "TooSlow")):
        stone = admit(update(text="uploaded"), COORDINATOR, context)

        assert isinstance(stone, Tombstone)
        assert (stone.kind, stone.delete) == ("blocked_text", True)
        assert (stone.findings, stone.guard_failure) == ((Finding.GUARD_FAILED,), failure)


def test_half_a_character_is_blocked():
    stone = admit(json.loads(json.dumps(update(text="ok \ud83d"))), COORDINATOR, ASKED)

    assert isinstance(stone, Tombstone)
    assert stone.findings == (Finding.GUARD_FAILED,)


def test_an_edited_message_changes_nothing_and_each_edit_is_told_apart():
    stones = [admit(update("edited_message", text="oh no", edit_date=at), COORDINATOR, ASKED) for at in (1, 2)]

    assert [stone.fingerprint for stone in stones] == [f"message:{AMINA}:17:1", f"message:{AMINA}:17:2"]
    assert all(isinstance(stone, Tombstone) and stone.refusal is Refused.EDITED for stone in stones)


# --- media, strangers, groups -----------------------------------------------------------------------------------------

LARGE = [{"file_id": CANARY, "file_unique_id": CANARY, "width": 1, "height": 1}]
FILE: Fields = {"file_id": CANARY, "file_name": f"{CANARY}.dcm"}


@pytest.mark.parametrize(
    ("kind", "content", "deleted"),
    [
        ("photo", {"photo": LARGE, "caption": CANARY}, True),
        ("document", {"document": FILE}, True),
        ("voice", {"voice": FILE}, True),
        ("video", {"video": FILE}, True),
        ("contact", {"contact": {"phone_number": CANARY, "first_name": CANARY}}, True),
        ("location", {"location": {"latitude": 1.5, "longitude": 2.5}}, True),
        ("poll", {"poll": {"question": CANARY}}, True),
        ("sticker", {"sticker": FILE}, False),
        ("dice", {"dice": {"emoji": "x", "value": 1}}, False),
        ("forwarded", {"text": CANARY, "forward_origin": {"type": "hidden_user", "sender_user_name": CANARY}}, True),
        ("via_bot", {"text": CANARY, "via_bot": person(SITEBELL)}, True),
        ("unknown_content", {"hologram": {"of": CANARY}}, True),
    ],
)
def test_media_are_refused_by_their_kind_alone(kind, content, deleted):
    stone = admit(update(**content), COORDINATOR, ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.refusal, stone.delete) == (kind, Refused.MEDIA, deleted)
    assert CANARY not in json.dumps(stone.stored)


def test_a_service_message_is_nobody_s_answer():
    stone = admit(update(pinned_message=message(text=CANARY)), COORDINATOR, ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.refusal) == ("service", None)


def test_strangers_are_refused_and_their_pictures_taken_out():
    text, picture = (admit(update(**content), STRANGER, ASKED) for content in ({"text": "hello"}, {"photo": LARGE}))

    assert isinstance(text, Tombstone)
    assert isinstance(picture, Tombstone)
    assert (text.refusal, text.delete) == (Refused.STRANGER, False)
    assert (picture.refusal, picture.delete) == (Refused.STRANGER, True)


@pytest.mark.parametrize("kind", ["message", "channel_post"])
@pytest.mark.parametrize("sender", [COORDINATOR, STRANGER, INVITED], ids=["coordinator", "stranger", "invited"])
def test_groups_are_refused_whoever_speaks(kind, sender):
    stone = admit(update(kind, chat=group_chat(), text=f"/start {TOKEN}"), sender, ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.refusal, stone.delete) == ("group", Refused.GROUP, False)


def test_other_bots_are_not_answered():
    stone = admit(update(**{"from": {**person(), "is_bot": True}}, text="hello"), STRANGER, ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.refusal) == ("bot", None)


def test_blocking_and_unblocking_are_admitted():
    for status, read_as in (("kicked", "kicked"), ("left", "kicked"), ("member", "member")):
        admitted = admit(membership(status), COORDINATOR, NOT_ASKED)
        change = read_back(admitted).my_chat_member

        assert isinstance(admitted, Membership)
        assert change is not None
        assert (change.chat.id, str(change.new_chat_member.status)) == (AMINA, read_as)
        assert CANARY not in json.dumps(admitted.stored)


def test_being_taken_into_a_group_is_refused_once_and_being_thrown_out_is_not_answered():
    arrived, left = (admit(membership(status, group_chat()), COORDINATOR, ASKED) for status in ("member", "left"))

    assert isinstance(arrived, Tombstone)
    assert isinstance(left, Tombstone)
    assert (arrived.kind, arrived.refusal, left.refusal) == ("group_membership", Refused.GROUP, None)


# --- anything at all --------------------------------------------------------------------------------------------------

OTHER_KINDS = {
    "edited_channel_post": message(chat=group_chat(), text=CANARY),
    "business_connection": {"id": CANARY, "user": person(), "user_chat_id": 1, "date": 1, "is_enabled": True},
    "business_message": message(text=CANARY, business_connection_id=CANARY),
    "edited_business_message": message(text=CANARY, business_connection_id=CANARY),
    "deleted_business_messages": {"business_connection_id": CANARY, "chat": private_chat(), "message_ids": [1]},
    "guest_message": message(text=CANARY),
    "message_reaction": {"chat": private_chat(), "message_id": 1, "user": person(), "date": 1, "new_reaction": []},
    "message_reaction_count": {"chat": group_chat(), "message_id": 1, "date": 1, "reactions": []},
    "inline_query": {"id": "1", "from": person(), "query": CANARY, "offset": ""},
    "chosen_inline_result": {"result_id": "1", "from": person(), "query": CANARY},
    "shipping_query": {"id": "1", "from": person(), "invoice_payload": CANARY, "shipping_address": {"city": CANARY}},
    "pre_checkout_query": {
        "id": "1",
        "from": person(),
        "currency": "EUR",
        "total_amount": 1,
        "invoice_payload": CANARY,
    },
    "purchased_paid_media": {"from": person(), "paid_media_payload": CANARY},
    "poll": {"id": "1", "question": CANARY, "options": []},
    "poll_answer": {"poll_id": "1", "user": person(), "option_ids": []},
    "chat_member": {"chat": group_chat(), "from": person(), "date": 1},
    "chat_join_request": {"chat": group_chat(), "from": person(), "user_chat_id": 1, "date": 1, "bio": CANARY},
    "chat_boost": {"chat": group_chat(), "boost": {"boost_id": CANARY}},
    "removed_chat_boost": {"chat": group_chat(), "boost_id": CANARY, "remove_date": 1},
    "managed_bot": {"user": person(), "bot": person(SITEBELL)},
    "telepathy": {"thought": CANARY},
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_kind_that_we_do_not_serve_leaves_a_tombstone(kind):
    stone = admit({"update_id": 503, kind: OTHER_KINDS[kind]}, COORDINATOR, ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.refusal is None) == (kind != "edited_channel_post")
    assert stone.update_id == 503
    assert CANARY not in json.dumps(stone.stored) + stone.kind + stone.fingerprint


def test_every_kind_of_update_in_the_bot_api_is_tried(shared_folder):
    specification = json.loads((shared_folder / "spec" / "telegram-bot-api.json").read_text(encoding="utf-8"))
    kinds = {one["name"] for one in specification["types"]["Update"]["fields"]} - {"update_id"}
    tried = {"message", "edited_message", "channel_post", "callback_query", "my_chat_member", *OTHER_KINDS}

    assert kinds - tried == set()


@pytest.mark.parametrize(
    ("raw", "shape"),
    [
        (None, ("NoneType",)),
        ([], ("list",)),
        ({}, ("dict",)),
        ({"update_id": "7", "message": {}}, ("dict", "message:dict")),
        ({"update_id": True, "message": CANARY}, ("dict", "message:str")),
        ({"update_id": 7, "message": [CANARY]}, ("dict", "message:list")),
        ({"update_id": 7, "message": {"text": CANARY}}, ("dict", "message:dict")),
        ({"update_id": 7, "message": {}, "callback_query": {}}, ("dict", "message:dict", "callback_query:dict")),
        ({"update_id": 7, "callback_query": {"id": 7}}, ("dict", "callback_query:dict")),
        (update(date=10**30, text=CANARY), ("dict", "message:dict")),
    ],
)
def test_an_unparsable_update_leaves_its_number_and_the_names_of_types(raw, shape):
    stone = admit(raw, COORDINATOR, ASKED)

    assert isinstance(stone, Tombstone)
    assert (stone.kind, stone.shape) == ("unparsable", shape)
    assert CANARY not in json.dumps(stone.stored)


def test_the_sender_is_told_by_numbers_and_an_invite_token():
    assert who_sent(update(text=f"/start {TOKEN}")) == SenderIds(AMINA, AMINA, TOKEN, "ja")
    assert who_sent(press()) == SenderIds(AMINA, AMINA, None, "ja")
    assert who_sent(membership("kicked")) == SenderIds(AMINA, AMINA, None, "ja")
    assert who_sent(update(text="/start two words")).invite_token is None
    assert who_sent("nonsense") == SenderIds(None, None, None)


def test_nothing_of_an_update_shows_when_it_is_printed():
    for admitted in (admit(press(), COORDINATOR, ASKED), admit(update(text="hello"), COORDINATOR, ASKED)):
        assert str(AMINA) not in repr(admitted)
        assert "hello" not in repr(admitted)


WORDS = st.text(max_size=8).map(lambda text: f"{CANARY}{text}")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
SENDERS = st.sampled_from([COORDINATOR, STRANGER, INVITED, CLAIMING])


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def changed(value: object, path: tuple[object, ...], change: Callable[[object], object]) -> object:
    if not path:
        return change(value)
    copy = deepcopy(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], change)  # type: ignore[index]
    return copy


TEMPLATES = [
    update(text="uploaded yesterday"),
    update(text=f"/start {TOKEN}", entities=[{"type": "bot_command", "offset": 0, "length": 6}]),
    update(text="ok", reply_to_message=message(text=CANARY), quote={"text": CANARY}),
    update("edited_message", text="ok", edit_date=5),
    update(photo=LARGE, caption=CANARY),
    update(chat=group_chat(), text="ok"),
    press(),
    membership("kicked"),
]


@given(JSON, SENDERS)
def test_any_json_is_taken_and_leaves_nothing(raw, sender):
    who_sent(raw)

    assert CANARY not in json.dumps(admit(raw, sender, ASKED).stored)


@given(st.data(), st.sampled_from(TEMPLATES), SENDERS, st.sampled_from([ASKED, NOT_ASKED]))
def test_an_update_with_anything_anywhere_leaks_nothing_and_stays_readable(data, template, sender, context):
    path = data.draw(st.sampled_from(places(template)))
    anything = data.draw(JSON)
    raw = changed(template, path, lambda _before: anything)
    admitted = admit(raw, sender, context)
    stored = json.dumps(admitted.stored)
    allowed = path[-1:] in {("text",), ("data",), ("id",)}

    assert allowed or CANARY not in stored
    assert TOKEN not in stored
    assert admitted == admit(raw, sender, context)
    assert who_sent(raw) == who_sent(raw)
    if not isinstance(admitted, Tombstone):
        assert read_back(admitted).effective_user is not None


@given(st.data(), st.sampled_from(TEMPLATES), st.dictionaries(WORDS, JSON, min_size=1, max_size=3))
def test_fields_that_we_do_not_know_are_dropped(data, template, unknown):
    path = data.draw(st.sampled_from(places(template)))
    raw = changed(template, path, lambda before: {**before, **unknown} if isinstance(before, dict) else before)

    assert CANARY not in json.dumps(admit(raw, COORDINATOR, ASKED).stored)
