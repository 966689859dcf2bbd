"""Takes the pictures of the documents from a running demo: `make pictures`.

It starts the demo in a folder of its own, waits until its year was lived, signs in by the link that the demo prints, looks
at each view in Chromium, writes `docs/pictures/`, and ends what it started. A machine without `fonts-noto-cjk` and
`fonts-noto-color-emoji` shows boxes in place of Japanese and of signs.
"""

import base64
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.needs import CHROMIUM_ARGUMENTS, CHROMIUM_MISSING, find_chromium

CHECKOUT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = CHECKOUT / "docs" / "pictures"

LIVING_MAX_S: Final = 900.0
"""A demo's year on however slow a machine."""
END_S: Final = 30.0
PATIENCE_MS: Final = 30_000
QUALITY: Final = 82
"""Of WebP, of 100: text stays sharp, and a picture far below 150 kB."""

BOARD_LINK: Final = re.compile(r"The board: (\S+/sign-in/\S+) ")
SILENT_SITE: Final = "512"
STORY: Final = "302-005"
ENGLISH: Final = 302_001
GERMAN: Final = 104_001
FRENCH: Final = 704_001
JAPANESE: Final = 417_001
"""Of the demo's world: a site that stopped answering, a patient whose course is short, and coordinators' phones."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running demo is. `link` signs in to the board, once."""

    link: str
    phones: str

    @property
    def board(self) -> str:
        return self.link.partition("/sign-in/")[0]


@dataclass(frozen=True, slots=True)
class View:
    """One picture: what is opened in a window of this size (in CSS pixels), and the part of it that is taken, if not all."""

    name: str
    width: int
    height: int
    opened: Callable[[Page, Addresses], Locator | None]
    scale: float = 1.0


def _overview(page: Page, at: Addresses) -> None:
    page.goto(f"{at.board}/")


def _late(page: Page, at: Addresses) -> None:
    page.goto(f"{at.board}/late?state=overdue")
    # Below the filters, where the first rows are.
    page.locator("main table").first.evaluate("one => window.scrollTo(0, one.getBoundingClientRect().top - 8)")


def _story(page: Page, at: Addresses) -> None:
    page.goto(f"{at.board}/patients?site={STORY[:3]}")
    page.get_by_role("link", name=STORY, exact=True).click()
    log = page.get_by_role("heading", name="Communication log")
    log.evaluate("one => window.scrollTo(0, one.getBoundingClientRect().top + window.scrollY - 24)")


def _silent(page: Page, at: Addresses) -> None:
    page.goto(f"{at.board}/sites/{SILENT_SITE}")


def _chat_of(person: int) -> Callable[[Page, Addresses], Locator]:
    def opened(page: Page, at: Addresses) -> Locator:
        return _phone_of(person, page, at)

    return opened


def _phones(page: Page, at: Addresses) -> None:
    _phone_of(ENGLISH, page, at)


def _phone_of(person: int, page: Page, at: Addresses) -> Locator:
    page.goto(f"{at.phones}?person={person}")
    expect(page.locator("#messages button").last).to_be_visible()
    return page.locator("#phone")


def _timeline(page: Page, at: Addresses) -> Locator:
    dated = ("--event", "first_registration=2027-02-01", "--done", "baseline_imaging=2027-01-27")
    with tempfile.TemporaryDirectory() as folder:
        drawing = Path(folder) / "timeline.svg"
        drawing.write_text(
            _study("preview", *dated, "--country", "DE", "--today", "2027-03-01", "--format", "svg"), encoding="utf-8"
        )
        return _opened(drawing, page)


def _sandbox(page: Page, at: Addresses) -> Locator:
    with tempfile.TemporaryDirectory() as folder:
        drawing = Path(folder) / "sandbox.svg"
        _study("sandbox", "--patients", "100", "--years", "2", "--from", "2027-01-04", "--picture", str(drawing))
        return _opened(drawing, page)


def _study(command: str, *arguments: str) -> str:
    """What a command about the demo's study prints."""
    called = [sys.executable, "-m", "app.main", "study", command, "studies/dream.yaml", *arguments]
    return subprocess.run(called, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout


def _opened(drawing: Path, page: Page) -> Locator:
    page.goto(drawing.as_uri())
    return page.locator("svg").first


VIEWS: Final = (
    View("overview", 1280, 900, _overview),
    View("late-phone", 390, 800, _late, scale=1.5),
    View("story", 1100, 960, _story),
    View("silent-site", 1280, 800, _silent),
    View("phone-german", 430, 900, _chat_of(GERMAN), scale=1.5),
    View("phone-french", 430, 900, _chat_of(FRENCH), scale=1.5),
    View("phone-japanese", 430, 900, _chat_of(JAPANESE), scale=1.5),
    View("phones", 1280, 860, _phones),
    View("study-timeline", 1160, 420, _timeline),
    View("study-sandbox", 1160, 760, _sandbox),
)


def path_of(view: View) -> Path:
    return FOLDER / f"{view.name}.webp"


def main() -> int:
    """Take all pictures.

    Returns:
        the exit code: 0, or 69 where there is no Chromium, or the demo did not come up.
    """
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write(f"{CHROMIUM_MISSING}\n")
        return 69
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _demo(Path(folder)) as said, sync_playwright() as playwright:
        at = _until_ready(said)
        if at is None:
            return 69
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGUMENTS))
        _take_all(browser, at)
        browser.close()
    return 0


# --- the demo ---------------------------------------------------------------------------------------------------------


@contextmanager
def _demo(folder: Path) -> Iterator["queue.SimpleQueue[str]"]:
    """A demo in this folder, and what it says, line by line; it is ended at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SITEBELL_")}
    web, phones = _free_ports()
    environment |= {"HOME": str(folder), "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    environment |= {"SITEBELL_WEB_PORT": str(web), "SITEBELL_SIMULATOR_PORT": str(phones)}
    running = subprocess.Popen(
        [sys.executable, "-m", "app.main", "demo"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    said.put(f"phones: http://127.0.0.1:{phones}/")
    listening = threading.Thread(target=_pass_on, args=(running, said), daemon=True)
    listening.start()
    try:
        yield said
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(END_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        listening.join()


def _pass_on(running: "subprocess.Popen[str]", said: "queue.SimpleQueue[str]") -> None:
    assert running.stdout is not None
    for line in running.stdout:
        said.put(line)
    said.put("")


def _until_ready(said: "queue.SimpleQueue[str]") -> Addresses | None:
    """Where the demo is, once its board can be opened; None: it ended before, or took too long."""
    ends_at = time.monotonic() + LIVING_MAX_S
    phones = said.get().removeprefix("phones: ")
    print("the demo's year is being lived; it takes some minutes", flush=True)
    told: list[str] = []
    while (left := ends_at - time.monotonic()) > 0:
        try:
            line = said.get(timeout=left)
        except queue.Empty:
            break
        if found := BOARD_LINK.search(line):
            return Addresses(found[1], phones)
        if not line:
            break
        told.append(line)
    sys.stderr.write("".join(["the demo did not come up; it said:\n", *told[-8:]]))
    return None


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


# --- the pictures -----------------------------------------------------------------------------------------------------


def _take_all(browser: Browser, at: Addresses) -> None:
    signed_in = _context(browser, VIEWS[0])
    page = signed_in.new_page()
    page.goto(at.link)
    page.locator("main form button").click()
    page.wait_for_url(f"{at.board}/")
    cookies = signed_in.cookies()
    signed_in.close()
    for view in VIEWS:
        context = _context(browser, view)
        context.add_cookies(cookies)
        page = context.new_page()
        _take(page, view.opened(page, at), view)
        context.close()
        print(f"{path_of(view).relative_to(CHECKOUT)} {path_of(view).stat().st_size // 1000} kB", flush=True)


def _context(browser: Browser, view: View) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=view.scale,
        color_scheme="light",
        locale="en",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def _take(page: Page, part: Locator | None, view: View) -> None:
    """Playwright itself writes no WebP; the browser does."""
    box = None if part is None else part.bounding_box()
    asked: dict[str, object] = {"format": "webp", "quality": QUALITY}
    if box is not None:
        asked["clip"] = {**box, "scale": 1}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    path_of(view).write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    sys.exit(main())
