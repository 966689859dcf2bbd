"""The phones' page by the same few demands, broad and narrow, light and dark: for a screen reader, for a finger, for the eye.

Pictures are in `artefacts/phones/`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from tests.phones import Phone
from tests.simulator.conftest import RawApi
from tests.simulator.demo_service import SECRET, demo_service
from tests.simulator.pages import open_page
from tests.simulators import RunningSimulator, running_simulator

PICTURES: Final = Path(__file__).resolve().parents[2] / "artefacts" / "phones"
NARROW: Final = 390
BROAD: Final = 1280
CARD: Final = "🔔 施設417 · 確認のお願い 1件\nDREAM · 417-003\n肝MRI（12か月）\n\n検査は実施されましたか？"
KEYBOARD: Final = {
    "inline_keyboard": [
        [{"text": "✅ 実施済み", "callback_data": "done"}, {"text": "📅 予約済み", "callback_data": "booked"}],
        [{"text": "⏰ 後で", "callback_data": "later"}, {"text": "ボード", "url": "https://board.example"}],
    ]
}

AXE: Final = """
() => axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`))
"""
# What sticks out of the window, and what a finger would miss.
TOO_BROAD: Final = """
() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.body.querySelectorAll("*")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
  .map((one) => `${one.tagName} ${one.id} ${one.className}`)
"""
TOO_SMALL: Final = """
() => [...document.querySelectorAll("button, a, input, select, summary")]
  .filter((one) => one.checkVisibility({opacityProperty: true}) && !one.closest(".words"))
  .map((one) => [one.id || one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24).map(([name, box]) => `${name} ${box.width}x${box.height}`)
"""


@dataclass(frozen=True, slots=True)
class Trial:
    simulator: RunningSimulator
    raw: RawApi
    amina: Phone


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """Somebody with a chat of everything that there is, somebody with an invitation, somebody who has blocked the bot."""
    with (
        demo_service() as service,
        running_simulator(tmp_path, clock_url=service.url, clock_secret=SECRET) as simulator,
    ):
        person = simulator.phones.person
        raw = RawApi(simulator)
        raw.result("setMyCommands", commands=[{"command": "today", "description": "今日の項目"}])
        amina = person(
            "コーディネーターA", place="417 Osaka", note="Coordinator", language="ja", time_zone="Asia/Tokyo"
        )
        amina.start()
        card = raw.call("sendMessage", chat_id=amina.person_id, text=CARD, reply_markup=KEYBOARD).json()["result"]
        amina.type("3月1日に実施しました", reply_to=card["message_id"])
        amina.send_media("photo", caption="画像")
        amina.delete(amina.messages()[-1])
        amina.read(amina.latest())
        to_amina = {"chat_id": amina.person_id, "reply_markup": KEYBOARD}
        raw.result(
            "sendMessage", text="再度のお知らせ", reply_parameters={"message_id": card["message_id"]}, **to_amina
        )
        raw.result("editMessageText", message_id=card["message_id"], text=f"{CARD}（変更）", **to_amina)
        person("Koordination B", place="104 Berlin", note="Coordinator", language="de").receive_invitation("once")
        person("Coordinatrice C", place="704 Lyon", note="Coordinator", language="fr").start()
        blocking = person("Coordinator D", place="512 Leeds", note="Investigator")
        blocking.start()
        blocking.block()
        yield Trial(simulator, raw, amina)
        raw.http.close()


def demand(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    page.evaluate(AXE_SCRIPT)

    assert page.evaluate(AXE) == [], name
    assert page.evaluate(TOO_BROAD) == [], name
    assert page.evaluate(TOO_SMALL) == [], name


@pytest.mark.parametrize("width", [BROAD, 1000, NARROW])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_view_is_for_everybody(browser: Browser, trial: Trial, width: int, *, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    page, wrong = open_page(
        browser, trial.simulator.url, width=width, height=844 if width == NARROW else 900, dark=dark
    )

    def view(name: str) -> None:
        demand(page, f"{width}-{scheme}-{name}")

    people = page.locator("#people")
    expect(page.locator("#tour")).to_be_visible()
    view("offer")
    page.get_by_role("button", name="Start the tour").click()
    expect(page.locator("#pointer")).to_be_visible()
    view("tour")
    page.keyboard.press("Escape")

    def choose(name: str) -> None:
        people.get_by_role("button", name=name).click()
        expect(page.locator("#owner")).to_have_text(name)

    def back() -> None:
        if width == NARROW:
            page.get_by_role("button", name="Back to the list of people").click()

    choose("Coordinatrice C")
    trial.raw.result("sendMessage", chat_id=trial.amina.person_id, text=CARD, reply_markup=KEYBOARD)
    back()
    choose("コーディネーターA")
    expect(page.locator(".unread-line")).to_be_visible()
    view("chat")
    page.locator("#commands-button").click()
    expect(page.locator("#commands")).to_be_visible()
    view("commands")
    page.keyboard.press("Escape")
    page.locator(".message .bubble").nth(1).click(button="right")
    expect(page.get_by_role("menu")).to_be_visible()
    view("menu")
    page.keyboard.press("Escape")
    for name, shown in (("Koordination B", "letter"), ("Coordinator D", "blocked")):
        back()
        choose(name)
        expect(page.locator(f"#{shown}")).to_be_visible()
        view(shown)
    page.get_by_role("button", name="A week on").click()
    expect(page.locator("#clock-now")).to_contain_text("2027")
    if width != BROAD:
        page.locator("#meanwhile summary").click()
    expect(page.locator("#meanwhile-none")).to_be_visible()
    # The clock's buttons are dim while it moves; then they count as buttons again.
    expect(page.locator("#move-next")).to_have_attribute("aria-disabled", "false")
    view("meanwhile")

    assert [what for what in wrong if "/phone/api/events" not in what] == []
    page.close()
