"""The door in a real browser: a computer goes on by itself once its number was approved, a phone opens its link."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, doors_of

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser(chromium_path: str, chromium_arguments: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=chromium_arguments)
        yield started
        started.close()


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@contextmanager
def opened(browser: Browser, address: str, size: ViewportSize, *, language: str = "en") -> Iterator[Page]:
    """A page of its own; whatever it complains of fails the test."""
    page = browser.new_page(viewport=size, locale=language)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    page.close()
    assert wrong == []


def fits(page: Page, size: ViewportSize) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_computer_shows_a_number_and_goes_on_by_itself(browser: Browser, doors: Doors):
    manager = doors.trial.manager()
    with opened(browser, f"{doors.address}/me", DESK) as page:
        page.get_by_role("button", name="Show a number").click()
        said = page.locator(".code").inner_text()
        assert said.startswith("/board ")
        fits(page, DESK)

        doors.approve(said.removeprefix("/board "), manager)

        # Nobody presses anything here: the page asks, and is led to what was wanted.
        expect(page.get_by_role("heading", name="Manager A")).to_be_visible()
        assert page.url == f"{doors.address}/me"
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_a_computer_that_was_refused_is_told_without_a_touch(browser: Browser, doors: Doors):
    manager = doors.trial.manager()
    with opened(browser, f"{doors.address}/sign-in", DESK) as page:
        page.get_by_role("button", name="Show a number").click()

        doors.refuse(page.locator(".code").inner_text().removeprefix("/board "), manager)

        expect(page.get_by_text("this browser is not theirs")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_phone_opens_its_link_with_one_tap(browser: Browser, doors: Doors, language: str):
    person = doors.trial.enrolled("Person P", language=language)
    with opened(browser, doors.address + doors.link(person), PHONE, language=language) as page:
        assert page.locator("html").get_attribute("lang") == language
        fits(page, PHONE)
        page.locator("main button").focus()
        page.keyboard.press("Enter")

        expect(page.locator("body[data-live]")).to_be_visible()
        assert page.url == f"{doors.address}/"
