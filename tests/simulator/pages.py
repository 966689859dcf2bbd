"""The phones' page in a real browser, and what it complains of."""

from playwright.sync_api import Browser, Page


def open_page(
    browser: Browser, address: str, *, width: int = 1280, height: int = 900, dark: bool = False
) -> tuple[Page, list[str]]:
    """A page, and everything that went wrong on it: scripts, the content policy, failed requests."""
    page = browser.new_page(
        viewport={"width": width, "height": height}, reduced_motion="reduce", color_scheme="dark" if dark else "light"
    )
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.goto(address)
    return page, wrong
