"""The demo around the phones, in a real browser: its clock, what happened meanwhile, the way to the board, and the tour."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.phones import Phone
from tests.simulator.conftest import RawApi
from tests.simulator.demo_service import SECRET, DemoService, demo_service
from tests.simulator.pages import open_page
from tests.simulators import RunningSimulator, running_simulator

ANSWERS = {
    "inline_keyboard": [
        [{"text": "Done", "callback_data": "done"}, {"text": "Booked", "callback_data": "booked"}],
        [{"text": "Later", "callback_data": "later"}],
    ]
}


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo with three people: one has a card to answer, one leaves everything unread, one hears of it in the trial office."""

    service: DemoService
    simulator: RunningSimulator
    raw: RawApi
    reader: Phone
    silent: Phone
    office: Phone
    card: int

    def tell(self, phone: Phone, text: str, **more: object) -> int:
        sent = self.raw.call("sendMessage", chat_id=phone.person_id, text=text, **more).json()
        return int(sent["result"]["message_id"])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with (
        demo_service() as service,
        running_simulator(tmp_path, clock_url=service.url, clock_secret=SECRET) as simulator,
    ):
        raw = RawApi(simulator)
        person = simulator.phones.person
        office = person("Manager A", place="Trial office", note="Trial manager", time_zone="Europe/Brussels")
        reader = person("Coordinator B", place="302 Leuven", note="Coordinator", time_zone="Europe/Brussels")
        silent = person(
            "コーディネーターC", place="417 Osaka", note="Coordinator", language="ja", time_zone="Asia/Tokyo"
        )
        for phone in (office, reader, silent):
            phone.start()
        sent = raw.call("sendMessage", chat_id=reader.person_id, text="Is it booked?", reply_markup=ANSWERS).json()
        made = Demo(service, simulator, raw, reader, silent, office, sent["result"]["message_id"])
        for number in range(7):
            made.tell(silent, f"Reminder {number}")
        yield made
        raw.http.close()


def told(wrong: list[str]) -> list[str]:
    """What a page complained of, but for the event stream that ends with it."""
    return [what for what in wrong if "/phone/api/events" not in what]


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
        expect(page.locator("#about")).to_contain_text("1年分のメッセージを準備しています。")
        expect(page.get_by_role("button", name="開始")).to_be_hidden()
        simulator.phones.call("POST", "/progress", json={"day": "2026-04-01"})
        expect(page.locator("#clock-now")).to_have_text("A year of the trial is being lived: April 2026")
        simulator.phones.call("POST", "/progress", json={"day": None})
        expect(page.locator("#clock-now")).to_contain_text("12 Apr 2027, 08:30 Tokyo")
        expect(page.get_by_role("button", name="Next thing due")).to_be_enabled()
        assert wrong == []
        page.close()


def test_who_was_told_what_meanwhile_stands_there_and_opens_the_chat(browser: Browser, demo: Demo) -> None:
    def week() -> None:
        demo.tell(demo.office, "Trial office: 2 new items\n\n• Site 417: no answer\n• Site 302: late")
        demo.tell(demo.silent, "Once more")
        demo.raw.call("editMessageText", chat_id=demo.reader.person_id, message_id=demo.card, text="Due today")

    demo.service.meanwhile = week
    page, wrong = open_page(browser, f"{demo.simulator.url}/?person={demo.reader.person_id}")
    expect(page.locator("#meanwhile")).to_contain_text("Move the clock on")
    page.get_by_role("button", name="A week on").click()
    lines = page.locator("#meanwhile-list button")

    expect(page.locator("#meanwhile-count")).to_have_text("3 people")
    expect(lines.nth(0)).to_contain_text("Trial office · 1 new")
    expect(lines.nth(0).locator(".point")).to_have_text(["• Site 417: no answer", "• Site 302: late"])
    expect(lines.nth(1)).to_contain_text("302 Leuven · 1 changed")
    lines.nth(2).click()
    expect(page.locator(".words").last).to_have_text("Once more")
    assert told(wrong) == []
    page.close()


def test_while_the_clock_moves_the_page_says_so_and_nothing_moves_it_twice(browser: Browser, demo: Demo) -> None:
    page, wrong = open_page(browser, f"{demo.simulator.url}/?person={demo.reader.person_id}")
    demo.service.meanwhile = demo.service.hold
    page.get_by_role("button", name="A day on").click()
    expect(page.get_by_role("progressbar", name="Moving the clock")).to_be_visible()
    page.get_by_role("button", name="A week on").press("Enter")
    expect(page.get_by_role("button", name="A week on")).to_have_attribute("aria-disabled", "true")
    demo.service.go_on()
    expect(page.get_by_role("progressbar", name="Moving the clock")).to_be_hidden()
    expect(page.locator("#clock-now")).to_contain_text("13 Apr 2027")

    expect(page.get_by_role("button", name="A week on")).to_have_attribute("aria-disabled", "false")
    assert told(wrong) == []
    page.close()


def test_the_board_opens_in_a_tab_of_its_own(browser: Browser, demo: Demo) -> None:
    page, _ = open_page(browser, demo.simulator.url)
    button = page.get_by_role("button", name="Open the board")
    with page.expect_popup() as early:
        button.click()
    expect(page.locator("#clock-problem")).to_contain_text("still moving in")
    if not early.value.is_closed():
        early.value.wait_for_event("close")

    demo.service.board = demo.service.url.replace("/demo/clock", "/sign-in/once")
    with page.expect_popup() as opened:
        button.click()
    opened.value.wait_for_url("**/sign-in/once")
    assert opened.value.evaluate("window.opener") is None
    expect(page.locator("#clock-problem")).to_be_hidden()
    page.close()


@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 900, False), (390, 844, True)])
def test_the_tour_leads_from_a_card_to_the_board(
    browser: Browser, demo: Demo, width: int, height: int, *, dark: bool
) -> None:
    demo.service.board = demo.service.url.replace("/demo/clock", "/sign-in/once")
    demo.service.meanwhile = lambda: demo.tell(demo.office, "Trial office: 1 new item")
    page, wrong = open_page(browser, demo.simulator.url, width=width, height=height, dark=dark)
    tour, title, onward = page.locator("#tour"), page.locator("#tour-title"), page.locator("#tour-next")
    page.get_by_role("button", name="Start the tour").click()

    expect(tour).to_contain_text("Step 1 of 7")
    expect(tour).to_contain_text("Coordinator B at 302 Leuven")
    page.locator("#people").get_by_role("button", name="Coordinator B").click()
    expect(title).to_have_text("Read the card")
    expect(page.locator("#pointer")).to_be_visible()
    onward.click()
    expect(title).to_have_text("Answer it")
    page.get_by_role("button", name="Later").click()
    demo.raw.call("editMessageText", chat_id=demo.reader.person_id, message_id=demo.card, text="Recorded: later")
    expect(tour).to_contain_text("The card changes where it stands")
    onward.click()
    page.locator("#move-week").click()
    expect(title).to_have_text("Who was told what")
    expect(page.locator("#meanwhile-list")).to_contain_text("Trial office: 1 new item")
    onward.click()
    expect(tour).to_contain_text("コーディネーターC at 417 Osaka leaves everything unread: 7 messages")
    onward.click()
    with page.expect_popup():
        page.get_by_role("button", name="Open the board").click()
    expect(title).to_have_text("What each of them gets")
    onward.click()
    expect(tour).to_be_hidden()
    expect(page.get_by_role("button", name="Tour", exact=True)).to_be_focused()
    assert told(wrong) == []
    page.close()


def test_the_tour_goes_on_by_its_own_button_and_back_and_escape_ends_it(browser: Browser, demo: Demo) -> None:
    page, _ = open_page(browser, f"{demo.simulator.url}/?person={demo.office.person_id}")
    page.get_by_role("button", name="Tour", exact=True).click()
    expect(page.locator("#tour")).to_be_focused()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Open it").press("Enter")
    expect(page.locator("#tour-title")).to_have_text("Read the card")
    expect(page.locator("#owner")).to_have_text("Coordinator B")
    page.get_by_role("button", name="Back", exact=True).press("Enter")
    expect(page.locator("#tour-title")).to_have_text("Everybody here has a phone")
    page.keyboard.press("Escape")

    expect(page.locator("#tour")).to_be_hidden()
    expect(page.locator("#pointer")).to_be_hidden()
    page.close()


def test_the_tour_is_offered_once_and_not_to_who_asks_for_somebody(browser: Browser, demo: Demo) -> None:
    def opened(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        expect(page.locator("#clock-now")).to_contain_text("2027")
        return page

    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        asked = opened(f"{demo.simulator.url}/?person={demo.reader.person_id}")
        asked.close()
        first = opened(demo.simulator.url)
        first.get_by_role("button", name="Not now").click()
        expect(first.locator("#tour")).to_be_hidden()
        again = opened(demo.simulator.url)
        kept = again.evaluate("localStorage.getItem('sitebell-tour')")

        assert kept == "offered"
        expect(again.locator("#tour")).to_be_hidden()


def test_a_tour_without_a_card_says_what_is_missing(browser: Browser, tmp_path: Path) -> None:
    with (
        demo_service() as service,
        running_simulator(tmp_path, clock_url=service.url, clock_secret=SECRET) as simulator,
    ):
        amina = simulator.phones.person("Amina")
        amina.start()
        page, _ = open_page(browser, f"{simulator.url}/?person={amina.person_id}")
        page.get_by_role("button", name="Tour", exact=True).click()
        expect(page.locator("#toast")).to_contain_text("The tour needs somebody with a card to answer")
        expect(page.locator("#tour")).to_be_hidden()
        page.close()


def test_when_the_year_was_lived_somebody_with_news_is_shown(browser: Browser, demo: Demo) -> None:
    phones = demo.simulator.phones
    newcomer = phones.person("Coordinator D", place="611 Houston")
    phones.call("POST", "/progress", json={"day": "2026-03-01"})
    page, wrong = open_page(browser, demo.simulator.url)
    expect(page.locator("#owner")).to_have_text("Coordinator B")
    demo.reader.read(demo.reader.latest())
    news = {
        "message_id": 90,
        "chat": newcomer.person_id,
        "from_bot": True,
        "text": "News of a year",
        "at": "2027-04-11T07:30:00+00:00",
    }
    phones.call("POST", "/progress", json={"day": None})
    phones.call("POST", "/past", json={"chats": [{"person": newcomer.person_id}], "messages": [news]})

    expect(page.locator("#owner")).to_have_text("Coordinator D")
    expect(page.locator(".words")).to_have_text("News of a year")
    assert told(wrong) == []
    page.close()


def test_a_service_that_is_still_starting_is_waited_for(browser: Browser, tmp_path: Path) -> None:
    with demo_service() as gone:
        address = gone.url
    with running_simulator(tmp_path, clock_url=address, clock_secret=SECRET) as simulator:
        simulator.phones.person("Amina").start()
        page, _ = open_page(browser, simulator.url)
        expect(page.locator("#clock-now")).to_have_text("Sitebell is starting")
        expect(page.locator("#clock-problem")).to_be_hidden()
        page.close()
