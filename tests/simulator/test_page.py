"""The phone in a real browser: choose a person, read, press, type. Any console error fails the test."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.phones import Phone, Phones
from tests.simulator.conftest import RawApi
from tests.simulator.pages import open_page
from tests.simulators import RunningSimulator

YES_LATER = {
    "inline_keyboard": [[{"text": "実施済み", "callback_data": "done"}, {"text": "後で", "callback_data": "later"}]]
}


@pytest.fixture
def page(browser: Browser, simulator: RunningSimulator) -> Iterator[Page]:
    opened, wrong = open_page(browser, simulator.url)
    yield opened
    opened.close()
    # Closing ends the event stream; that is the one request that does not come to its end.
    assert [what for what in wrong if "/phone/api/events" not in what] == []


def send(raw: RawApi, amina: Phone, text: str, **more: object) -> int:
    return int(raw.call("sendMessage", chat_id=amina.person_id, text=text, **more).json()["result"]["message_id"])


def choose(page: Page, name: str) -> None:
    page.locator("#people").get_by_role("button", name=name).click()
    expect(page.locator("#owner")).to_have_text(name)


def test_a_person_is_chosen_reads_presses_and_types(page: Page, raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.person("Berta", note="coordinator, site 302").start()
    card = send(raw, amina, "🔔 施設417\nDREAM · 417-003", reply_markup=YES_LATER)
    choose(page, "Amina")

    expect(page.locator(".bubble .words").last).to_contain_text("DREAM · 417-003")
    page.get_by_role("button", name="実施済み").click()
    query = phones.wait_until(lambda: phones.accepted("pressed"))[0]
    expect(page.locator(".key[aria-busy=true]")).to_have_text("実施済み")
    raw.result("answerCallbackQuery", callback_query_id=query["callback_query_id"], text="記録しました")
    expect(page.locator("#toast")).to_have_text("記録しました")
    raw.result("editMessageText", chat_id=amina.person_id, message_id=card, text="✅ 記録しました")
    expect(page.locator(".message").last).to_contain_text("編集済み")
    page.get_by_role("textbox", name="メッセージ").fill("3月1日に実施")
    page.keyboard.press("Enter")
    expect(page.locator(".message.mine").last).to_contain_text("3月1日に実施")

    assert (query["data"], amina.messages()[-1].text) == ("done", "3月1日に実施")
    assert [one["unread"] for one in phones.people() if one["id"] == amina.person_id] == [0]


def test_an_alert_is_shown_until_it_is_closed(page: Page, raw: RawApi, phones: Phones, amina: Phone) -> None:
    send(raw, amina, "a", reply_markup=YES_LATER)
    choose(page, "Amina")
    page.get_by_role("button", name="後で").click()
    (query,) = phones.wait_until(lambda: phones.accepted("pressed"))
    raw.result("answerCallbackQuery", callback_query_id=query["callback_query_id"], text="Stop", show_alert=True)

    expect(page.get_by_role("dialog")).to_contain_text("Stop")
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_invitation_that_came_by_letter_waits_behind_start(page: Page, phones: Phones) -> None:
    berta = phones.person("Berta")
    berta.receive_invitation("one-time-token")
    choose(page, "Berta")

    expect(page.locator("#letter")).to_contain_text("An invitation for you has arrived")
    page.get_by_role("button", name="START").click()
    expect(page.locator(".message.mine").last).to_contain_text("/start one-time-token")

    assert [one["invitation"] for one in phones.people() if one["id"] == berta.person_id] == [None]


def test_an_invitation_shows_also_where_its_phone_is_open_already(page: Page, phones: Phones) -> None:
    berta = phones.person("Berta")
    choose(page, "Berta")
    expect(page.locator("#about")).to_contain_text("No messages here yet")

    berta.receive_invitation("one-time-token")

    expect(page.locator("#letter")).to_contain_text("An invitation for you has arrived")


def test_an_invitation_link_leads_to_start(page: Page, phones: Phones) -> None:
    berta = phones.person("Berta")
    choose(page, "Berta")
    link = page.get_by_label("Open an invitation link")
    link.fill("https://t.me/another_bot?start=abc")
    link.press("Enter")
    expect(page.locator("#invitation-problem")).to_contain_text("another bot")
    link.fill("https://t.me/sitebell_demo_bot?start=one-time_TOKEN")
    link.press("Enter")
    page.get_by_role("button", name="START").click()
    expect(page.locator(".message.mine")).to_contain_text("/start one-time_TOKEN")

    assert [message.text for message in berta.messages()] == ["/start one-time_TOKEN"]


def test_a_direct_link_opens_the_invitation_in_the_person_s_language(
    browser: Browser, simulator: RunningSimulator, phones: Phones, amina: Phone
) -> None:
    page, wrong = open_page(browser, f"{simulator.url}/start/{amina.person_id}?payload=abc")
    page.get_by_role("button", name="開始").click()
    expect(page.locator(".message.mine").last).to_contain_text("/start abc")
    expect(page.locator("#phone")).to_have_attribute("lang", "ja")

    assert wrong == []
    page.close()


def test_a_message_is_answered_edited_and_forwarded_by_keyboard_and_menu(
    page: Page, raw: RawApi, phones: Phones, amina: Phone
) -> None:
    berta = phones.person("Berta")
    card = send(raw, amina, "Question", reply_markup=YES_LATER)
    choose(page, "Amina")

    def menu(text: str, action: str) -> None:
        message = page.locator(f".message:has(.words:text-is('{text}'))")
        message.hover()
        message.get_by_role("button", name="その他").click()
        page.get_by_role("menuitem", name=action).click()

    menu("Question", "返信")
    page.keyboard.type("Answer")
    page.keyboard.press("Enter")
    expect(page.locator(".message.mine .quote")).to_have_text("Question")
    menu("Answer", "編集")
    page.keyboard.press("Control+A")
    page.keyboard.type("Better answer")
    page.keyboard.press("Enter")
    expect(page.locator(".message.mine").last).to_contain_text("Better answer")
    menu("Question", "転送")
    page.get_by_label("ボタンも残す").check()
    page.get_by_role("dialog").get_by_role("button", name="Berta").click()
    (copied,) = phones.wait_until(berta.messages)

    assert amina.messages()[-1].reply_to == card
    assert (copied.text, copied.labels) == ("Question", ["実施済み", "後で"])


def test_blocking_offers_a_new_start(page: Page, amina: Phone, phones: Phones) -> None:
    choose(page, "Amina")
    page.locator("#more").click()
    page.get_by_role("menuitem").click()
    page.get_by_role("button", name="再開").click()
    expect(page.get_by_role("textbox", name="メッセージ")).to_be_visible()

    assert [line["kind"] for line in phones.updates()] == ["message", "my_chat_member", "my_chat_member", "message"]


def test_text_is_shown_as_text_and_styles_as_styles(page: Page, raw: RawApi, amina: Phone) -> None:
    text = "🔔 <b>not bold</b> bold"
    send(raw, amina, text, entities=[{"type": "bold", "offset": 19, "length": 4}])
    choose(page, "Amina")

    expect(page.locator(".words").last).to_have_text(text)
    expect(page.locator(".words b")).to_have_text("bold")


def test_a_narrow_screen_is_the_phone_and_nothing_scrolls_sideways(
    browser: Browser, simulator: RunningSimulator, phones: Phones, amina: Phone
) -> None:
    page, wrong = open_page(browser, simulator.url, width=390, height=844)
    expect(page.locator("#phone")).to_be_hidden()
    page.get_by_role("button", name="Amina").click()
    expect(page.get_by_role("button", name="Amina")).to_be_hidden()

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("#phone").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.get_by_role("button", name="Back to the list of people").click()
    expect(page.get_by_role("button", name="Amina")).to_be_focused()
    assert wrong == []
    page.close()


def test_a_long_place_leaves_the_send_button_on_the_phone(page: Page, phones: Phones) -> None:
    phones.person("Amina", place="31 Llanfairpwllgwyngyll, University Hospital, Department of Surgery").start()
    choose(page, "Amina")

    phone, send_button = page.locator("#phone").bounding_box(), page.locator("#send").bounding_box()

    assert phone is not None
    assert send_button is not None
    assert send_button["x"] + send_button["width"] <= phone["x"] + phone["width"]


def test_people_stand_by_their_place_and_are_found_by_name_place_and_language(page: Page, phones: Phones) -> None:
    phones.person("Berta", place="302 Leuven", time_zone="Europe/Brussels", note="Coordinator")
    phones.person("Carla", place="417 Osaka", language="ja", time_zone="Asia/Tokyo", note="Investigator")
    phones.person("Dora", place="302 Leuven", time_zone="Europe/Brussels", note="Investigator")
    people = page.locator("#people")

    expect(people.get_by_role("heading")).to_have_text([re.compile("302 Leuven"), re.compile("417 Osaka")])
    expect(people.locator("section").first.locator("strong")).to_have_text(["Berta", "Dora"])
    for written, found in (
        ("osaka", ["Carla"]),
        ("japanese", ["Carla"]),
        ("leuven investigator", ["Dora"]),
        ("", None),
    ):
        page.get_by_label("Find a person").fill(written)
        expect(people.locator("strong")).to_have_text(found or ["Berta", "Dora", "Carla"])
    page.get_by_label("Find a person").fill("nobody at all")
    expect(page.locator("#nobody")).to_have_text("Nobody here is like that.")


def test_who_has_something_new_or_an_invitation_is_found_at_once(
    page: Page, raw: RawApi, phones: Phones, amina: Phone
) -> None:
    phones.person("Berta").receive_invitation("one-time-token")
    phones.person("Carla").start()
    choose(page, "Carla")
    send(raw, amina, "Something new")
    page.get_by_role("button", name="Unread 1").click()
    expect(page.locator("#people strong")).to_have_text(["Amina"])
    expect(page.locator("#people .last")).to_have_text("Something new")
    page.get_by_role("button", name="Invited 1").click()

    expect(page.locator("#people strong")).to_have_text(["Berta"])


def test_the_list_is_walked_through_by_arrow_keys(page: Page, phones: Phones) -> None:
    phones.person("Berta")
    phones.person("Carla")
    expect(page.locator("#people strong")).to_have_text(["Berta", "Carla"])
    page.get_by_label("Find a person").press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator("#owner")).to_have_text("Carla")
    expect(page.get_by_role("button", name="Carla")).to_be_focused()


def test_what_is_unread_stands_below_a_line_and_the_way_down_counts_it(
    page: Page, raw: RawApi, phones: Phones, amina: Phone
) -> None:
    phones.person("Berta").start()
    choose(page, "Berta")
    send(raw, amina, "read before")
    amina.read(amina.latest())
    for number in range(3):
        send(raw, amina, f"news {number}\n" + "a line\n" * 20)
    choose(page, "Amina")

    expect(page.locator(".unread-line + .message, .unread-line + .day + .message")).to_contain_text("news 0")
    expect(page.locator("#below")).to_have_text("3")
    page.get_by_role("button", name="最新のメッセージへ").click()
    expect(page.get_by_role("button", name="最新のメッセージへ")).to_be_hidden()
    assert [one["unread"] for one in phones.people() if one["id"] == amina.person_id] == [0]


def a_year_of_messages(phones: Phones, amina: Phone) -> None:
    """The last of them answers the first."""

    def past(message_id: int, **more: Any) -> dict[str, Any]:
        day = f"2026-{1 + message_id // 28:02}-{1 + message_id % 28:02}T07:30:00+00:00"
        return {
            "message_id": message_id,
            "chat": amina.person_id,
            "from_bot": True,
            "text": f"news {message_id}",
            "at": day,
            **more,
        }

    messages = [*(past(number) for number in range(1, 299)), past(299, text="about the first", reply_to=1)]
    chat = {"person": amina.person_id, "read_up_to": 299}
    phones.call("POST", "/past", json={"chats": [chat], "messages": messages})


def test_a_year_of_messages_is_reached_by_scrolling_and_by_a_quote(page: Page, phones: Phones, amina: Phone) -> None:
    a_year_of_messages(phones, amina)
    choose(page, "Amina")

    expect(page.locator(".message").last).to_contain_text("about the first")
    assert page.locator(".message").count() < 100
    page.get_by_role("button", name="news 1", exact=True).click()
    expect(page.locator("[data-message='1']")).to_be_in_viewport()
    expect(page.locator(".message")).to_have_count(299)


HOLD_MESSAGES_UNTIL_PEOPLE_WERE_READ = """() => {
  const real = window.fetch;
  let release;
  const held = new Promise((resume) => { release = resume; });
  window.fetch = async (address, ...more) => {
    if (address.includes("limit=210")) await held;
    const answer = await real(address, ...more);
    if (address.endsWith("/people")) setTimeout(release, 50);
    return answer;
  };
}"""


def test_a_quote_is_found_though_somebody_else_comes_meanwhile(page: Page, phones: Phones, amina: Phone) -> None:
    a_year_of_messages(phones, amina)
    choose(page, "Amina")
    expect(page.locator(".message").last).to_contain_text("about the first")
    page.evaluate(HOLD_MESSAGES_UNTIL_PEOPLE_WERE_READ)

    page.get_by_role("button", name="news 1", exact=True).click()
    phones.person("Berta").start()

    expect(page.locator("[data-message='1']")).to_be_in_viewport()


def test_who_has_blocked_the_bot_is_marked_and_told(page: Page, amina: Phone) -> None:
    choose(page, "Amina")
    amina.block()

    expect(page.get_by_role("button", name="Amina")).to_contain_text("blocked")
    expect(page.locator("#blocked")).to_have_text("このボットをブロックしています。メッセージは届きません。")
    page.locator("#more").click()
    page.get_by_role("menuitem", name="ブロックを解除").click()
    expect(page.locator("#blocked")).to_be_hidden()
    expect(page.get_by_role("textbox", name="メッセージ")).to_be_visible()


def test_the_bot_s_commands_are_behind_the_menu_and_in_what_it_writes(page: Page, raw: RawApi, amina: Phone) -> None:
    raw.result("setMyCommands", commands=[{"command": "today", "description": "What is open today"}])
    send(raw, amina, "More with /today, not with /nothing or a/today")
    choose(page, "Amina")
    page.get_by_role("button", name="メニュー").click()
    page.get_by_role("button", name="/today What is open today").click()
    expect(page.locator(".message.mine").last).to_contain_text("/today")
    page.get_by_role("log").get_by_role("button", name="/today").first.click()
    expect(page.locator(".message.mine")).to_have_count(3)

    assert [message.text for message in amina.messages() if not message.from_bot] == ["/start", "/today", "/today"]


def test_links_lead_out_by_http_and_by_nothing_else(page: Page, raw: RawApi, amina: Phone) -> None:
    send(raw, amina, "See https://board.example/a?b=c. Or this.", entities=[])
    wrong = [{"type": "text_link", "offset": 0, "length": 4, "url": "javascript:alert(1)"}]
    # Telegram refuses such a link; a page that trusts what it is given would be the second mistake.
    raw.call("sendMessage", chat_id=amina.person_id, text="Evil", entities=wrong)
    choose(page, "Amina")

    expect(page.locator(".words a")).to_have_text(["https://board.example/a?b=c"])
    expect(page.locator(".words a")).to_have_attribute("rel", "noopener noreferrer")


def test_a_double_click_and_a_right_click_lead_to_an_answer(page: Page, raw: RawApi, amina: Phone) -> None:
    send(raw, amina, "Question")
    choose(page, "Amina")
    bubble = page.locator(".message").last.locator(".bubble")
    bubble.dblclick()
    expect(page.locator("#context-text")).to_have_text("Question")
    page.keyboard.press("Escape")
    expect(page.locator("#context")).to_be_hidden()
    bubble.click(button="right")
    page.get_by_role("menuitem", name="返信").click()
    page.keyboard.type("Answer")
    page.keyboard.press("Enter")
    expect(page.locator(".message.mine").last).to_contain_text("Answer")

    assert amina.messages()[-1].reply_to == amina.messages()[-2].message_id


def test_a_picture_that_the_bot_sent_is_seen_with_its_words_below(page: Page, raw: RawApi, amina: Phone) -> None:
    drawn = page.locator("#people").screenshot()
    sent = raw.http.post(
        f"{raw.address}/sendPhoto",
        data={"chat_id": amina.person_id, "caption": "📋 全体"},
        files={"photo": ("chart.png", drawn, "image/png")},
    )
    assert sent.json()["ok"], sent.json()
    choose(page, "Amina")

    bubble = page.locator(".message").last
    expect(bubble.locator(".words")).to_have_text("📋 全体")
    expect(bubble.locator("img")).to_have_js_property("complete", value=True)
    assert bubble.locator("img").evaluate("one => one.naturalWidth") > 100


def test_the_page_itself_never_scrolls_however_long_its_parts_are(
    page: Page, raw: RawApi, phones: Phones, amina: Phone
) -> None:
    a_year_of_messages(phones, amina)
    for number in range(24):
        person = phones.person(f"Person {number}", note="coordinator")
        person.start()
        send(raw, person, "unread")
    choose(page, "Amina")
    expect(page.locator("#people").get_by_role("button", name="Person 23")).to_be_attached()
    page.get_by_role("button", name="news 1", exact=True).click()
    expect(page.locator("[data-message='1']")).to_be_in_viewport()

    assert page.evaluate("document.scrollingElement.scrollHeight - innerHeight") == 0
    assert page.evaluate("document.scrollingElement.scrollTop + document.body.scrollTop") == 0
