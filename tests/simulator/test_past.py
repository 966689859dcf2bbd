"""Chats that were before these phones: handed over in bulk, shown with their own dates, and pressed like any others."""

from pathlib import Path
from typing import Any

import pytest

from tests.phones import NotAllowed, Phones
from tests.simulator.conftest import RawApi
from tests.simulators import RunningSimulator, running_simulator

AMINA = 302_001


def message(message_id: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "chat": AMINA,
        "from_bot": True,
        "text": text,
        "at": "2026-03-02T07:30:00+00:00",
        **more,
    }


def hand_over(phones: Phones, *messages: dict[str, Any], read_up_to: int = 0, blocked: bool = False) -> None:
    chat = {"person": AMINA, "read_up_to": read_up_to, "blocked": blocked}
    phones.call("POST", "/past", json={"chats": [chat], "messages": list(messages)})


CARD = message(
    7,
    "Site 302: one item",
    entities=[{"type": "bold", "offset": 0, "length": 8}],
    keyboard=[[{"text": "Yes", "callback_data": "yes"}, {"text": "No", "callback_data": "no"}]],
    edited_at="2026-03-03T09:00:00+00:00",
    protected=True,
)


def test_the_past_is_shown_with_its_dates_and_what_was_read(phones: Phones) -> None:
    amina = phones.person("Amina", person_id=AMINA)
    typed = message(9, "done yesterday", from_bot=False, reply_to=7)
    hand_over(phones, CARD, typed, message(12, "Thank you"), read_up_to=9)

    shown = amina.messages()
    assert [(one.message_id, one.from_bot, one.unread) for one in shown] == [
        (7, True, False),
        (9, False, False),
        (12, True, True),
    ]
    assert {one.raw["shown_at"][:19] for one in shown} == {"2026-03-02T07:30:00"}
    assert shown[0].labels == ["Yes", "No"]
    assert shown[0].edited
    assert shown[1].reply_to == 7


def test_what_comes_after_goes_on_behind_it(simulator: RunningSimulator) -> None:
    amina = simulator.phones.person("Amina", person_id=AMINA)
    hand_over(simulator.phones, CARD)
    raw = RawApi(simulator)
    sent = raw.call("sendMessage", chat_id=AMINA, text="new").json()["result"]
    changed = raw.call("editMessageText", chat_id=AMINA, message_id=7, text="changed").json()
    raw.http.close()

    assert sent["message_id"] > 7
    assert changed["ok"]
    assert amina.messages()[0].text == "changed"


def test_a_card_of_the_past_is_pressed(simulator: RunningSimulator) -> None:
    amina = simulator.phones.person("Amina", person_id=AMINA)
    hand_over(simulator.phones, CARD)
    amina.press("No", amina.messages()[0])

    (update,) = [one for one in simulator.phones.updates() if one["kind"] == "callback_query"]
    assert update["body"]["callback_query"]["data"] == "no"
    assert update["body"]["callback_query"]["message"]["message_id"] == 7


def test_handed_over_twice_it_is_there_once_and_what_came_since_stays(simulator: RunningSimulator) -> None:
    amina = simulator.phones.person("Amina", person_id=AMINA)
    hand_over(simulator.phones, CARD)
    raw = RawApi(simulator)
    raw.call("sendMessage", chat_id=AMINA, text="since")
    raw.http.close()
    hand_over(simulator.phones, CARD)

    assert [one.text for one in amina.messages()] == ["Site 302: one item", "since"]


def test_who_has_blocked_the_bot_has_it_blocked(phones: Phones) -> None:
    phones.person("Amina", person_id=AMINA)
    hand_over(phones, CARD, blocked=True)

    (amina,) = phones.people()
    assert (amina["started"], amina["blocked"]) == (True, True)


@pytest.mark.parametrize("chat", [AMINA, 5])
def test_nobody_gets_a_chat_who_has_no_phone(phones: Phones, chat: int) -> None:
    if chat != AMINA:
        phones.person("Amina", person_id=AMINA)

    with pytest.raises(NotAllowed, match=r"404|409"):
        hand_over(phones, {**CARD, "chat": chat})
    assert [person["last_text"] for person in phones.people()] in ([], [None])


def test_a_time_without_its_zone_is_refused(phones: Phones) -> None:
    phones.person("Amina", person_id=AMINA)

    with pytest.raises(NotAllowed, match="422"):
        hand_over(phones, {**CARD, "at": "2026-03-02T07:30:00"})


def test_which_day_is_being_lived_is_told_until_it_is_done(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as simulator:
        phones = simulator.phones
        before = phones.call("GET", "/progress")
        phones.call("POST", "/progress", json={"day": "2026-03-01"})
        during = phones.call("GET", "/progress")
        phones.call("POST", "/progress", json={"day": None})

        assert [before["day"], during["day"], phones.call("GET", "/progress")["day"]] == [None, "2026-03-01", None]
