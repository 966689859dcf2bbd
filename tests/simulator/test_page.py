"""The phone in a real browser: choose a person, read, press, type. Any console error fails the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.phones import Phone, Phones
from tests.simulator.conftest import RawApi
from tests.simulator.demo_service import SECRET, demo_service
from tests.simulators import RunningSimulator, running_simulator

YES_LATER = {
    "inline_keyboard": [[{"text": "実施済み", "callback_data": "done"}, {"text": "後で", "callback_data": "later"}]]
}


@pytest.fixture(scope="module")
def browser(chromium_path: str, chromium_arguments: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=chromium_arguments)
        yield started
        started.close()


def open_page(browser: Browser, address: str, *, width: int = 1280, height: int = 900) -> tuple[Page, list[str]]:
    """A page, and everything that went wrong on it: scripts, the content policy, failed requests."""
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.goto(address)
    return page, wrong


@pytest.fixture
def page(browser: Browser, simulator: RunningSimulator) -> Iterator[Page]:
    opened, wrong = open_page(browser, simulator.url)
    yield opened
    opened.close()
    # Closing ends the event stream; that is the one request that does not come to its end.
    assert [what for what in wrong if not what.endswith("/phone/api/events")] == []


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


def test_the_demo_s_clock_is_shown_moved_and_its_trouble_told(browser: Browser, tmp_path: Path) -> None:
    with (
        demo_service() as service,
        running_simulator(tmp_path, clock_url=service.url, clock_secret=SECRET) as simulator,
    ):
        amina = simulator.phones.person("Amina", language="ja", time_zone="Asia/Tokyo")
        amina.start()
        page, _ = open_page(browser, simulator.url)
        expect(page.locator(".day")).to_have_text("4月12日(月)")
        expect(page.locator("#clock-now")).to_contain_text("12 Apr 2027, 08:30 Tokyo")
        expect(page.locator("#clock-next")).to_contain_text("417-003: liver MRI at 12 months")
        page.get_by_role("button", name="Next thing due").click()
        expect(page.locator("#clock-now")).to_contain_text("13 Apr 2027, 08:30 Tokyo")
        page.get_by_role("button", name="A day on").click()
        expect(page.locator("#clock-now")).to_contain_text("14 Apr 2027, 08:30 Tokyo")
        page.get_by_role("button", name="A week on").click()
        expect(page.locator("#clock-now")).to_contain_text("21 Apr 2027, 08:30 Tokyo")
        amina.type("tomorrow")
        expect(page.locator(".day").last).to_have_text("4月21日(水)")
        service.moments.append("2027-04-14T23:30:00+00:00")
        service.status = 503
        page.reload()
        expect(page.locator("#clock-problem")).to_contain_text("the service answered 503")
        page.close()


def test_while_a_year_is_lived_the_page_says_which_month(browser: Browser, tmp_path: Path) -> None:
    with (
        demo_service() as service,
        running_simulator(tmp_path, clock_url=service.url, clock_secret=SECRET) as simulator,
    ):
        simulator.phones.person("Amina", language="ja", time_zone="Asia/Tokyo")
        simulator.phones.call("POST", "/progress", json={"day": "2026-03-01"})
        page, wrong = open_page(browser, simulator.url)
        expect(page.locator("#clock-now")).to_have_text("A year of the trial is being lived: March 2026")
        expect(page.get_by_role("button", name="Next thing due")).to_be_disabled()
        simulator.phones.call("POST", "/progress", json={"day": "2026-04-01"})
        expect(page.locator("#clock-now")).to_have_text("A year of the trial is being lived: April 2026")
        simulator.phones.call("POST", "/progress", json={"day": None})
        expect(page.locator("#clock-now")).to_contain_text("12 Apr 2027, 08:30 Tokyo")
        expect(page.get_by_role("button", name="Next thing due")).to_be_enabled()
        assert wrong == []
        page.close()


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
