"""What people can do with their phones, and what the bot gets to see of it."""

from typing import Any

import pytest

from tests.phones import NotAllowed, Phone, Phones
from tests.simulator.conftest import RawApi

YES_NO = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "y"}, {"text": "No", "callback_data": "n"}],
        [{"text": "The board", "url": "https://board.example"}],
    ]
}


def newest(raw: RawApi) -> dict[str, Any]:
    return raw.call("getUpdates").json()["result"][-1]  # type: ignore[no-any-return] # JSON


def test_a_person_is_found_again_by_id(phones: Phones) -> None:
    phones.person("Amina", person_id=42, note="nurse")
    phones.person("Amina", person_id=42, note="coordinator", time_zone="Asia/Tokyo")

    assert [(one["id"], one["note"], one["time_zone"]) for one in phones.people()] == [
        (42, "coordinator", "Asia/Tokyo")
    ]


def test_people_say_where_they_work_and_what_they_were_told_last(raw: RawApi, phones: Phones) -> None:
    berta = phones.person("Berta", place="302 Leuven")
    berta.start()
    (before,) = phones.people()
    raw.result("sendMessage", chat_id=berta.person_id, text="News")
    (after,) = phones.people()

    assert (before["place"], before["last_text"], before["last_is_own"]) == ("302 Leuven", "/start", True)
    assert (after["last_text"], after["last_is_own"]) == ("News", False)


def test_a_reply_shows_what_it_is_about_as_long_as_that_is_there(raw: RawApi, amina: Phone) -> None:
    raw.result("sendMessage", chat_id=amina.person_id, text="Question")
    question = amina.latest().message_id
    amina.type("Answer", reply_to=question)
    before = amina.messages()[-1].raw["reply_text"]
    raw.result("deleteMessage", chat_id=amina.person_id, message_id=question)

    assert (before, amina.messages()[-1].raw["reply_text"]) == ("Question", None)


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Base"}, {"language": "english language"}, {"person_id": -1}])
def test_a_person_who_cannot_be_is_refused(phones: Phones, wrong: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed, match="422"):
        phones.person("Amina", **wrong)


def test_nobody_speaks_before_start(phones: Phones) -> None:
    with pytest.raises(NotAllowed, match="press START first"):
        phones.person("Amina").type("hello")


def test_an_invitation_link_s_payload_reaches_the_bot(raw: RawApi, phones: Phones) -> None:
    phones.person("Amina").start("AZaz09_-")
    message = newest(raw)["message"]

    assert message["text"] == "/start AZaz09_-"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert (message["chat"]["type"], message["from"]["language_code"]) == ("private", "en")


@pytest.mark.parametrize("payload", ["x" * 65, "with space", "ü"])
def test_a_payload_that_telegram_would_not_carry_is_refused(phones: Phones, payload: str) -> None:
    with pytest.raises(NotAllowed, match="start payload"):
        phones.person("Amina").start(payload)


def test_a_press_carries_its_data_and_the_whole_message(raw: RawApi, amina: Phone) -> None:
    raw.result("sendMessage", chat_id=amina.person_id, text="Done?", reply_markup=YES_NO)
    query_id = amina.press("No")
    query = newest(raw)["callback_query"]

    assert (query_id, "n") == (query["id"], query["data"])
    assert (query["message"]["text"], query["message"]["reply_markup"]) == ("Done?", YES_NO)


def test_a_button_that_is_not_there_cannot_be_pressed(raw: RawApi, amina: Phone) -> None:
    sent = raw.call("sendMessage", chat_id=amina.person_id, text="Done?", reply_markup=YES_NO).json()["result"]

    def pressing(**where: object) -> str:
        with pytest.raises(NotAllowed) as refused:
            amina.phones.call("POST", f"/people/{amina.person_id}/press", json=where)
        return str(refused.value)

    assert "no button in row 4" in pressing(message_id=sent["message_id"], row=4)
    assert "opens a link" in pressing(message_id=sent["message_id"], row=1)
    assert "not there" in pressing(message_id=999)


def test_a_stale_press_names_a_message_that_is_gone(raw: RawApi, amina: Phone) -> None:
    amina.press(message=999, data="old")
    query = newest(raw)["callback_query"]

    assert (query["data"], query["message"]["date"], query["message"]["message_id"]) == ("old", 0, 999)


def test_a_foreign_press_carries_the_presser(raw: RawApi, phones: Phones, amina: Phone) -> None:
    berta = phones.person("Berta")
    berta.start()
    card = raw.call("sendMessage", chat_id=amina.person_id, text="Done?", reply_markup=YES_NO).json()["result"]
    copied = amina.forward(card["message_id"], berta, with_buttons=True)
    berta.press("Yes", copied)
    query = newest(raw)["callback_query"]

    assert (berta.person_id, "y") == (query["from"]["id"], query["data"])
    assert (berta.person_id, True) == (query["message"]["chat"]["id"], "forward_origin" in query["message"])


def test_a_forward_loses_its_buttons_and_a_protected_message_stays(raw: RawApi, amina: Phone) -> None:
    card = raw.call("sendMessage", chat_id=amina.person_id, text="Done?", reply_markup=YES_NO).json()["result"]
    kept = raw.call("sendMessage", chat_id=amina.person_id, text="b", protect_content=True).json()["result"]
    amina.forward(card["message_id"], amina)

    assert "reply_markup" not in newest(raw)["message"]
    with pytest.raises(NotAllowed, match="protected"):
        amina.forward(kept["message_id"], amina)


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "sticker", "contact", "location"])
def test_media_reach_the_bot_as_descriptions(raw: RawApi, amina: Phone, kind: str) -> None:
    amina.send_media(kind, caption="see here")
    message = newest(raw)["message"]

    assert kind in message
    assert "text" not in message
    assert message["caption"] == "see here"


def test_an_edit_is_reported_and_a_deletion_is_not(raw: RawApi, amina: Phone) -> None:
    amina.type("done")
    typed = amina.messages()[-1]
    amina.edit(typed, "done yesterday")
    edited = newest(raw)
    amina.delete(typed)

    assert edited["edited_message"]["text"] == "done yesterday"
    assert edited["edited_message"]["edit_date"] >= edited["edited_message"]["date"]
    assert edited == newest(raw)


def test_in_a_group_a_bot_hears_commands_replies_and_mentions(raw: RawApi, phones: Phones, amina: Phone) -> None:
    group = amina.create_group("Site 302", phones.person("Berta"))
    said = raw.call("sendMessage", chat_id=group, text="hello").json()["result"]["message_id"]

    assert amina.type("between us", chat=group) is None
    assert amina.type("/status", chat=group) is not None
    assert amina.type("yes", chat=group, reply_to=said) is not None
    assert amina.type("@sitebell_demo_bot hello", chat=group) is not None
    assert amina.type("everything", chat=amina.create_group("All ears", bot_sees_all=True)) is not None


def test_a_stranger_does_not_speak_in_a_group(phones: Phones, amina: Phone) -> None:
    group = amina.create_group("Site 302")

    with pytest.raises(NotAllowed, match="not in that chat"):
        phones.person("Berta").type("hello", chat=group)


def test_blocking_is_reported_and_silences_the_person(raw: RawApi, amina: Phone) -> None:
    amina.block()
    change = newest(raw)["my_chat_member"]

    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    with pytest.raises(NotAllowed, match="blocked"):
        amina.type("hello")


def test_unread_messages_are_counted_until_read(raw: RawApi, phones: Phones, amina: Phone) -> None:
    for text in "ab":
        raw.result("sendMessage", chat_id=amina.person_id, text=text)

    assert [person["unread"] for person in phones.people()] == [2]
    amina.read(amina.latest())
    assert [person["unread"] for person in phones.people()] == [0]


def test_own_messages_get_their_second_tick_when_the_bot_has_them(raw: RawApi, amina: Phone) -> None:
    def taken() -> list[bool]:
        return [message.raw["taken"] for message in amina.messages()]

    before = taken()
    raw.result("getUpdates", offset=newest(raw)["update_id"] + 1)

    assert (before, taken()) == ([False], [True])


def test_the_truth_lists_accepted_calls_in_order(raw: RawApi, phones: Phones, amina: Phone) -> None:
    sent = raw.call("sendMessage", chat_id=amina.person_id, text="a").json()["result"]
    raw.refusal("sendMessage", chat_id=amina.person_id, text="")
    raw.result("editMessageText", chat_id=amina.person_id, message_id=sent["message_id"], text="b")
    raw.result("deleteMessage", chat_id=amina.person_id, message_id=sent["message_id"])
    lines = phones.accepted("sendMessage", "editMessageText", "deleteMessage")

    assert [line["what"] for line in lines] == ["sendMessage", "editMessageText", "deleteMessage"]
    assert {sent["message_id"]} == {line["message_id"] for line in lines}
    assert [line["text"] for line in lines[:2]] == ["a", "b"]


def test_what_does_not_come_is_said_with_the_chat_so_far(amina: Phone) -> None:
    with pytest.raises(TimeoutError, match="/start"):
        amina.wait_for(lambda message: "never" in message.text, timeout_s=0.05)
