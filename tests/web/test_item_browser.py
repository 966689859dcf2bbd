"""The item's page in a real browser, 390 px wide: it fits, can be read, and is answered by keyboard alone, without a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from locales import languages
from tests.web.conftest import ItemSite
from trial.answers import AnswerKind

Scheme = Literal["light", "dark"]
PHONE: ViewportSize = {"width": 390, "height": 844}
READABLE = 4.5

# Every element that shows words of its own, with the contrast to what lies behind it.
CONTRASTS = """
() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = rgb(text).slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((rgb(colour)[3] ?? 1) === 1) return colour;
    }
    throw new Error("no background");
  };
  const own = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.body.querySelectorAll("*")].filter(own).map((element) => {
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    return [element.textContent.trim().slice(0, 40), (one + 0.05) / (other + 0.05)];
  });
}
"""


@pytest.fixture(scope="module")
def browser(chromium_path: str, chromium_arguments: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=chromium_arguments)
        yield started
        started.close()


@contextmanager
def phone(browser: Browser, item: ItemSite, *, scheme: Scheme = "light", language: str = "en") -> Iterator[Page]:
    """A phone at a fresh link; whatever the page complains of fails the test."""
    who = item.person if language == "en" else item.trial.enrolled("Chie", language=language)
    opened = browser.new_page(viewport=PHONE, color_scheme=scheme)
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(item.address + item.link(person=who))
    yield opened
    opened.close()
    assert wrong == []


def unfold(page: Page) -> None:
    """Opens all that is folded, what lies in it, too."""
    while page.locator("details:not([open]) > summary:visible").count():
        page.locator("details:not([open]) > summary:visible").first.click()


def fits(page: Page) -> None:
    page.wait_for_load_state()  # with its style sheet
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    dim = [(words, ratio) for words, ratio in page.evaluate(CONTRASTS) if ratio < READABLE]
    assert dim == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", languages())
def test_it_fits_a_phone_and_can_be_read(browser: Browser, item: ItemSite, scheme: Scheme, language: str) -> None:
    with phone(browser, item, scheme=scheme, language=language) as page:
        fits(page)
        page.get_by_role("button").click()
        expect(page.locator("h1")).to_have_text("DREAM · 417-001")
        unfold(page)
        fits(page)
        small = [
            box
            for one in page.locator("button:visible, summary:visible, label.radio:visible").all()
            if (box := one.bounding_box()) is not None and box["height"] < 44
        ]
        assert small == []
        page.locator("form:has(input[value=done]) button[name=day]").first.click()
        expect(page.locator(".receipt")).to_be_visible()
        fits(page)


def test_it_is_answered_by_keyboard_alone(browser: Browser, item: ItemSite) -> None:
    with phone(browser, item) as page:
        for key in ("Tab", "Enter"):  # the one button of the link
            page.keyboard.press(key)
        expect(page.locator("h1")).to_have_text("DREAM · 417-001")
        for key in ("Tab", "Enter", "Tab", "Enter"):  # "Booked" unfolds, and its first day is today
            page.keyboard.press(key)
        expect(page.locator(".receipt")).to_contain_text("booked for Mon 2 Mar")

    assert [one.kind for one in item.said()] == [AnswerKind.BOOKED]


def test_the_browser_itself_refuses_a_day_that_cannot_be(browser: Browser, item: ItemSite) -> None:
    with phone(browser, item) as page:
        page.get_by_role("button").click()
        page.locator("summary", has_text="✅ Done").click()
        typed = page.locator("details[open] input[type=date]").first
        typed.fill("2026-03-03")
        page.locator("details[open] button.record").first.click()

        assert typed.evaluate("field => field.validity.rangeOverflow")
    assert item.said() == ()


def test_what_was_not_recorded_is_read_first(browser: Browser, item: ItemSite) -> None:
    with phone(browser, item) as page:
        page.get_by_role("button").click()
        page.locator("summary", has_text="✅ Done").click()
        page.locator("details[open] input[type=date]").first.fill("2026-03-02")
        item.trial.says(
            item.person, item.trial.task(item.patient, "baseline_imaging"), AnswerKind.DONE, day="2026-03-02"
        )
        page.locator("details[open] button.record").first.click()

        expect(page.locator(".note")).to_be_focused()
        expect(page.locator(".note")).to_contain_text("Already recorded by Amina")
