"""The Bot API is as strict as Telegram's, and in the parameters a little stricter."""

import httpx
import pytest

from tests.phones import PLAIN_HTTP, Phone, Phones
from tests.simulator.conftest import RawApi
from tests.simulators import RunningSimulator

YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


def keyboard(rows: int, columns: int) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "b", "callback_data": "d"}] * columns] * rows}


def test_a_wrong_token_is_unauthorized(simulator: RunningSimulator) -> None:
    reply = httpx.get(f"{simulator.url}/bot1000000001:wrong/getMe", trust_env=False, verify=PLAIN_HTTP)

    assert (reply.status_code, reply.json()) == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})


def test_an_unknown_method_is_not_found(raw: RawApi) -> None:
    assert raw.refusal("sendCarrierPigeon") == (404, "Not Found")


def test_method_names_are_found_in_any_case(raw: RawApi) -> None:
    assert raw.call("GETME").json()["ok"]


def test_parameters_may_stand_in_the_address_in_json_and_in_forms(raw: RawApi, amina: Phone) -> None:
    chat = str(amina.person_id)

    assert raw.get("sendMessage", chat_id=chat, text="12").json()["result"]["text"] == "12"
    assert raw.call("sendMessage", chat_id=amina.person_id, text="12").json()["ok"]
    assert raw.post_form(
        "sendMessage", chat_id=chat, text="true", reply_markup='{"force_reply": true}', disable_notification="True"
    ).json()["ok"]


def test_an_unknown_parameter_is_named_and_refused(raw: RawApi, amina: Phone) -> None:
    code, reason = raw.refusal("sendMessage", chat_id=amina.person_id, text="a", txt="b")

    assert code == 400
    assert 'unknown parameter "txt"' in reason


def test_a_parameter_that_the_simulator_does_not_carry_out_is_refused(raw: RawApi, amina: Phone) -> None:
    _, reason = raw.refusal("sendMessage", chat_id=amina.person_id, text="<b>a</b>", parse_mode="HTML")

    assert "parse_mode" in reason


def test_a_missing_parameter_is_named(raw: RawApi, amina: Phone) -> None:
    assert raw.refusal("sendMessage", chat_id=amina.person_id) == (400, 'Bad Request: parameter "text" is required')


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "message text is empty"), ("  \n", "message text is empty"), ("x" * 4097, "message is too long")],
)
def test_a_text_has_1_to_4096_characters(raw: RawApi, amina: Phone, text: str, reason: str) -> None:
    assert (400, f"Bad Request: {reason}") == raw.refusal("sendMessage", chat_id=amina.person_id, text=text)


def test_a_text_of_4096_characters_passes(raw: RawApi, amina: Phone) -> None:
    assert raw.call("sendMessage", chat_id=amina.person_id, text="x" * 4096).json()["ok"]


def test_an_entity_may_not_reach_beyond_the_text(raw: RawApi, amina: Phone) -> None:
    entities = [{"type": "bold", "offset": 3, "length": 2}]

    assert raw.call("sendMessage", chat_id=amina.person_id, text="ab🔔c", entities=entities).status_code == 200
    assert raw.refusal("sendMessage", chat_id=amina.person_id, text="abcd", entities=entities)[0] == 400


@pytest.mark.parametrize(("data", "is_taken"), [("a" * 64, True), ("a" * 65, False), ("", False), ("日" * 22, False)])
def test_callback_data_has_1_to_64_bytes(raw: RawApi, amina: Phone, data: str, is_taken: bool) -> None:  # noqa: FBT001 - a case of the table
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": data}]]}

    reply = raw.call("sendMessage", chat_id=amina.person_id, text="a", reply_markup=markup).json()

    assert reply["ok"] is is_taken
    assert is_taken or reply["description"] == "Bad Request: BUTTON_DATA_INVALID"


@pytest.mark.parametrize(("rows", "columns", "status"), [(12, 8, 200), (1, 9, 400), (13, 8, 400), (100, 1, 200)])
def test_a_keyboard_has_at_most_100_buttons_and_8_a_row(
    raw: RawApi, amina: Phone, rows: int, columns: int, status: int
) -> None:
    reply = raw.call("sendMessage", chat_id=amina.person_id, text="a", reply_markup=keyboard(rows, columns))

    assert status == reply.status_code


@pytest.mark.parametrize(
    "button",
    [
        {"text": "no action"},
        {"text": "two", "callback_data": "a", "url": "https://board.example"},
        {"text": " ", "callback_data": "a"},
        {"text": "bad link", "url": "http://localhost/x"},
        {"text": "bad link", "url": "not a link"},
        {"text": "unknown field", "callback_data": "a", "colour": "red"},
    ],
)
def test_a_wrong_button_is_refused(raw: RawApi, amina: Phone, button: dict[str, str]) -> None:
    markup = {"inline_keyboard": [[button]]}

    assert raw.refusal("sendMessage", chat_id=amina.person_id, text="a", reply_markup=markup)[0] == 400


def test_nobody_is_written_to_who_has_not_started_the_bot(raw: RawApi, phones: Phones) -> None:
    stranger = phones.person("Berta")

    assert raw.refusal("sendMessage", chat_id=stranger.person_id, text="a") == (400, "Bad Request: chat not found")
    assert raw.refusal("sendMessage", chat_id="@berta", text="a") == (400, "Bad Request: chat not found")


def test_a_member_of_a_common_group_is_not_written_to_first(raw: RawApi, phones: Phones, amina: Phone) -> None:
    berta = phones.person("Berta")
    amina.create_group("Site 302", berta)

    assert raw.refusal("sendMessage", chat_id=berta.person_id, text="a") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )


def test_who_has_blocked_the_bot_is_not_reached(raw: RawApi, amina: Phone) -> None:
    amina.block()

    assert raw.refusal("sendMessage", chat_id=amina.person_id, text="a") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    amina.start()
    assert raw.call("sendMessage", chat_id=amina.person_id, text="a").json()["ok"]


def test_a_deleted_account_is_not_reached(raw: RawApi, amina: Phone) -> None:
    amina.deactivate()

    assert raw.refusal("sendMessage", chat_id=amina.person_id, text="a") == (403, "Forbidden: user is deactivated")


def test_a_message_is_edited_in_place(raw: RawApi, amina: Phone) -> None:
    sent = raw.call("sendMessage", chat_id=amina.person_id, text="a", reply_markup=YES).json()["result"]

    raw.result("editMessageText", chat_id=amina.person_id, message_id=sent["message_id"], text="b")

    assert (amina.latest().text, amina.latest().labels, amina.latest().edited) == ("b", [], True)


def test_an_edit_that_changes_nothing_is_refused(raw: RawApi, amina: Phone) -> None:
    sent = raw.call("sendMessage", chat_id=amina.person_id, text="a", reply_markup=YES).json()["result"]
    same = {"chat_id": amina.person_id, "message_id": sent["message_id"], "reply_markup": YES}

    assert raw.refusal("editMessageText", text="a", **same)[1].startswith("Bad Request: message is not modified: ")
    assert raw.refusal("editMessageReplyMarkup", **same)[1].startswith("Bad Request: message is not modified: ")


def test_only_the_bot_s_own_messages_are_edited(raw: RawApi, amina: Phone) -> None:
    amina.type("mine")
    typed = amina.messages()[-1].message_id

    def refused(message_id: int) -> tuple[int, str]:
        return raw.refusal("editMessageText", chat_id=amina.person_id, message_id=message_id, text="b")

    assert refused(typed) == (400, "Bad Request: message can't be edited")
    assert refused(999) == (400, "Bad Request: message to edit not found")


def test_a_message_is_deleted_within_48_hours(raw: RawApi, phones: Phones, amina: Phone) -> None:
    first, second = (
        raw.call("sendMessage", chat_id=amina.person_id, text=text).json()["result"]["message_id"] for text in "ab"
    )

    assert raw.result("deleteMessage", chat_id=amina.person_id, message_id=first) is True
    phones.advance(seconds=48 * 3600)

    assert raw.refusal("deleteMessage", chat_id=amina.person_id, message_id=first) == (
        400,
        "Bad Request: message to delete not found",
    )
    assert raw.refusal("deleteMessage", chat_id=amina.person_id, message_id=second) == (
        400,
        "Bad Request: message can't be deleted",
    )


def test_what_a_person_typed_can_be_deleted_from_the_chat(raw: RawApi, amina: Phone) -> None:
    amina.type("a name that must not stay")

    raw.result("deleteMessage", chat_id=amina.person_id, message_id=amina.messages()[-1].message_id)

    assert [message.text for message in amina.messages()] == ["/start"]


def test_several_messages_are_deleted_and_unknown_ones_skipped(raw: RawApi, amina: Phone) -> None:
    amina.type("a")
    amina.type("b")
    ids = [message.message_id for message in amina.messages()]

    assert raw.result("deleteMessages", chat_id=amina.person_id, message_ids=[*ids, 999]) is True
    assert amina.messages() == []


def test_a_press_is_answered_once_and_within_150_seconds(raw: RawApi, phones: Phones, amina: Phone) -> None:
    raw.result("sendMessage", chat_id=amina.person_id, text="a", reply_markup=YES)
    first, second = amina.press("Yes"), amina.press("Yes")
    too_old = (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )

    assert raw.refusal("answerCallbackQuery", callback_query_id=first, text="x" * 201)[0] == 400
    assert raw.result("answerCallbackQuery", callback_query_id=first, text="x" * 200) is True
    assert too_old == raw.refusal("answerCallbackQuery", callback_query_id=first)
    phones.advance(seconds=150)
    assert too_old == raw.refusal("answerCallbackQuery", callback_query_id=second)
    assert too_old == raw.refusal("answerCallbackQuery", callback_query_id="1")


def test_a_long_burst_to_one_chat_is_slowed_down(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.limits(chat_burst=3, chat_rate=0.5)
    replies = [raw.call("sendMessage", chat_id=amina.person_id, text="a") for _ in range(4)]

    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 2",
        "parameters": {"retry_after": 2},
    }
    phones.advance(seconds=2)
    assert raw.call("sendMessage", chat_id=amina.person_id, text="a").status_code == 200


def test_a_slow_chat_does_not_hold_up_another(raw: RawApi, phones: Phones, amina: Phone) -> None:
    berta = phones.person("Berta")
    berta.start()
    phones.limits(chat_burst=1, chat_rate=0.01)

    assert [
        raw.call("sendMessage", chat_id=chat, text="a").status_code
        for chat in (amina.person_id, amina.person_id, berta.person_id)
    ] == [200, 429, 200]


def test_all_chats_together_have_a_limit_too(raw: RawApi, phones: Phones) -> None:
    people = [phones.person(name) for name in ("Amina", "Berta", "Carol")]
    for person in people:
        person.start()
    phones.limits(overall_burst=2, overall_rate=0.01)

    assert [raw.call("sendMessage", chat_id=one.person_id, text="a").status_code for one in people] == [200, 200, 429]


def test_the_real_limits_are_on_by_default(raw: RawApi, amina: Phone) -> None:
    codes = [raw.call("sendMessage", chat_id=amina.person_id, text="a").status_code for _ in range(40)]

    assert codes[:20] == [200] * 20
    assert 429 in codes


def test_a_reply_quotes_a_message_of_the_chat(raw: RawApi, amina: Phone) -> None:
    amina.type("question")
    asked = amina.messages()[-1].message_id
    reply = {"chat_id": amina.person_id, "text": "answer"}

    sent = raw.call("sendMessage", reply_parameters={"message_id": asked}, **reply).json()["result"]

    assert sent["reply_to_message"]["text"] == "question"
    assert raw.refusal("sendMessage", reply_parameters={"message_id": 999}, **reply)[0] == 400
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    assert raw.call("sendMessage", reply_parameters=lenient, **reply).json()["ok"]


def test_a_webhook_is_refused_in_plain_words(raw: RawApi) -> None:
    code, reason = raw.refusal("setWebhook", url="https://bot.example/hook")

    assert (code, "delivers no webhooks" in reason) == (400, True)


def test_commands_are_kept_by_scope_and_language(raw: RawApi) -> None:
    help_ja = [{"command": "help", "description": "ヘルプ"}]
    raw.result("setMyCommands", commands=help_ja, language_code="ja")

    assert help_ja == raw.result("getMyCommands", language_code="ja")
    assert raw.result("getMyCommands") == []
    assert raw.refusal("setMyCommands", commands=[{"command": "Help me", "description": "a"}])[0] == 400
    assert raw.refusal("setMyCommands", commands=[], scope={"type": "chat"})[0] == 400


def test_the_bot_leaves_a_group_and_is_out(raw: RawApi, amina: Phone) -> None:
    group = amina.create_group("Everybody")

    assert raw.result("leaveChat", chat_id=group) is True
    assert raw.refusal("sendMessage", chat_id=group, text="a")[0] == 403
    assert raw.refusal("leaveChat", chat_id=amina.person_id)[0] == 400


def test_after_log_out_nothing_works_for_ten_minutes(raw: RawApi, phones: Phones) -> None:
    raw.result("logOut")

    assert raw.refusal("getMe") == (400, "Bad Request: Logged out")
    phones.advance(seconds=600)
    assert raw.call("getMe").json()["ok"]


def test_close_waits_ten_minutes(raw: RawApi, phones: Phones) -> None:
    assert raw.refusal("close")[0] == 429
    phones.advance(seconds=601)
    assert raw.result("close") is True


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("text/plain", b"chat_id=1"),
        ("application/x-www-form-urlencoded", b"text=\xff\xfe"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\nx\r\n--b--"),
    ],
)
def test_an_unreadable_body_is_a_bad_request(simulator: RunningSimulator, content_type: str, body: bytes) -> None:
    url = f"{simulator.url}/bot{simulator.token}/sendMessage"

    reply = httpx.post(url, content=body, headers={"Content-Type": content_type}, trust_env=False, verify=PLAIN_HTTP)

    assert (reply.status_code, reply.json()["error_code"]) == (400, 400)
