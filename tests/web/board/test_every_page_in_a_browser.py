"""Every page of the board in a real browser: broad and narrow, light and dark, in every language, by the same few demands.

The pages come from the application: one that has no address in the table below fails here. Pictures of all of them are in
`artefacts/board/`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from locales import languages
from office.answers import record_answer
from office.people import set_language
from office.study_files import read_study
from records import people, plans
from scheduler.outages import release
from tests.databases import Place
from tests.released import amendment
from tests.web.board.doors import COOKIE, Doors, doors_of
from tests.web.board.whole_trial import Whole, routes_of, whole_trial
from trial.answers import AnswerKind, Said, Via

PICTURES: Final = Path(__file__).resolve().parents[3] / "artefacts" / "board"
SHOWN_WITHIN_MS: Final = 2_000
PATIENCE_MS: Final = 60_000  # how fast this machine is today is judged nowhere else
NARROW: Final = 390
BROAD: Final = 1280
HEIGHTS: Final = {NARROW: 844, BROAD: 900}

# Words that are cut off by their own button, as [words, how much is missing].
CLIPPED: Final = """
() => [...document.querySelectorAll("button, summary, input[type=submit], a.button, nav a")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).display !== "inline")
  .map((one) => [one.textContent.trim(), one.scrollWidth - one.clientWidth])
"""

# What scrolls sideways: the page itself, or what sticks out of it.
TOO_BROAD: Final = """
() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.body.querySelectorAll("*")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
  .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`).slice(0, 5)
"""

AXE: Final = """
() => axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`))
"""

# What nobody can use on paper.
PRESSED: Final = """
() => [...document.querySelectorAll("main button, main input, main select, main textarea, nav a")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility()).length
"""

# Everything that stands folded away, where there is something.
UNFOLD: Final = """
() => [...document.querySelectorAll("details:not([open])")].map((one) => { one.open = true; }).length
"""

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Variant:
    width: int
    scheme: Scheme
    language: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}-{self.language}"


def variants() -> tuple[Variant, ...]:
    """English in light, broad and narrow; the others in the dark: Japanese broad, those with longer words where room is least."""
    others = [Variant(BROAD if code == "ja" else NARROW, "dark", code) for code in languages() if code != "en"]
    return (Variant(BROAD, "light", "en"), Variant(NARROW, "light", "en"), *others)


@dataclass(slots=True)
class Shown:
    """The whole trial behind its doors, in one browser."""

    whole: Whole
    doors: Doors
    browser: Browser

    @contextmanager
    def window(self, variant: Variant) -> Iterator[tuple[BrowserContext, list[str]]]:
        """A browser in which the trial manager has signed in, and what it complains of meanwhile."""
        manager = self.whole.people["Manager A"]
        self.doors.trial.does(set_language, manager, language=variant.language, by=manager)
        context = self.browser.new_context(
            viewport={"width": variant.width, "height": HEIGHTS[variant.width]},
            color_scheme=variant.scheme,
            locale=variant.language,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        with self.doors.as_(manager) as http:
            context.add_cookies([{"name": COOKIE, "value": http.cookies[COOKIE], "url": self.doors.address}])
        wrong: list[str] = []

        def heard(said: ConsoleMessage) -> None:
            if said.type in {"error", "warning"}:
                wrong.append(f"console: {said.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((f"{self.doors.address}/", "data:")):
                wrong.append(f"asked elsewhere: {request.url}")

        context.on("console", heard)
        context.on("weberror", lambda error: wrong.append(f"error: {error.error}"))
        context.on("request", asked)
        yield context, wrong
        context.close()

    def addresses(self) -> dict[str, str]:
        """A real address of each page."""
        patients = self.whole.patients
        plain = (
            "/",
            "/late",
            "/uploads",
            "/holds",
            "/patients",
            "/patients/new",
            "/patients/table",
            "/sites",
            "/sites/new",
            "/people",
            "/protocol",
            "/protocol/new",
            "/notices",
            "/items",
            "/me",
        )
        return {
            **{address: address for address in plain},
            "/patients/{patient}": f"/patients/{patients['417-006']}",
            "/protocol/{version}": f"/protocol/{self.whole.version}",
            "/sites/{number}": "/sites/417",
            "/sites/{number}/first-week": "/sites/611/first-week",
            "/sign-in/{token}": self.doors.link(self.whole.people["Manager A"]),
        }


WITHOUT_SIGNING_IN: Final = frozenset({"/sign-in"})
NO_PAGES: Final = frozenset({"/live", "/static/{name}", "/sign-in/number"})
"""Nothing that somebody reads: a stream, files, and what a script asks for."""


@pytest.fixture(scope="module")
def shown(
    chromium_path: str, chromium_arguments: list[str], migrated_sqlcipher: Place, tmp_path_factory
) -> Iterator[Shown]:
    with (
        whole_trial(migrated_sqlcipher, tmp_path_factory.mktemp("whole")) as whole,
        doors_of(whole.trial) as doors,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_arguments)
        yield Shown(whole, doors, browser)
        browser.close()


def test_every_page_has_an_address_here(shown: Shown):
    pages = {
        address for method, address in routes_of(shown.whole.trial) if method == "GET" and not address.endswith(".csv")
    }

    assert set(shown.addresses()) | WITHOUT_SIGNING_IN | NO_PAGES == pages


@pytest.mark.parametrize("variant", variants(), ids=lambda one: one.name)
def test_a_page_is_quiet_fits_and_can_be_used_by_everybody(shown: Shown, variant: Variant):
    found: dict[str, list[str]] = {}
    addresses = shown.addresses()
    with shown.window(variant) as (context, wrong):
        page = context.new_page()
        for route, address in addresses.items():
            found[route] = looked_at(shown, page, route, address, variant) + wrong
            wrong.clear()
        context.clear_cookies()
        found["/sign-in"] = looked_at(shown, page, "/sign-in", "/sign-in", variant) + wrong

    assert {route: problems for route, problems in found.items() if problems} == {}


def looked_at(shown: Shown, page: Page, route: str, address: str, variant: Variant) -> list[str]:
    """Opens a page, takes its picture, and says what is wrong with it."""
    answer = page.goto(shown.doors.address + address)
    assert answer is not None
    problems = [] if answer.status == 200 else [f"status {answer.status}"]
    assert page.locator("html").get_attribute("lang") == variant.language
    return problems + wrong_with(page, route, variant)


def wrong_with(page: Page, route: str, variant: Variant) -> list[str]:
    """What is wrong with the page as it stands, with everything unfolded; pictures of it."""
    page.screenshot(path=picture_of(route, variant.name), full_page=True)
    if page.evaluate(UNFOLD) and variant.scheme == "light":
        page.screenshot(path=picture_of(route, f"{variant.name}-unfolded"), full_page=True)
    problems = fit(page)
    page.evaluate(AXE_SCRIPT)
    problems += [f"axe: {one}" for one in page.evaluate(AXE)]
    if variant == variants()[0]:
        page.emulate_media(media="print")
        page.screenshot(path=picture_of(route, "print"), full_page=True)
        problems += [f"print: {one}" for one in (*fit(page), *([] if page.evaluate(PRESSED) == 0 else ["a form"]))]
        page.emulate_media(media="screen")
    return problems


def fit(page: Page) -> list[str]:
    broad = [f"too broad: {one}" for one in page.evaluate(TOO_BROAD)]
    return broad + [f"clipped: {json.dumps(one, ensure_ascii=False)}" for one in page.evaluate(CLIPPED)]


def picture_of(route: str, name: str) -> Path:
    plain = route.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "overview"
    return PICTURES / f"{plain}-{name}.png"


# --- what only a form or a moment leads to ----------------------------------------------------------------------------


def test_an_invitation_and_a_refused_one_fit_too(shown: Shown):
    narrow = Variant(NARROW, "light", "en")
    with shown.window(narrow) as (context, _):
        page = context.new_page()
        page.goto(f"{shown.doors.address}/people")
        page.locator("main form[action='/people/invite'] input[name=name]").fill("Monitor B")
        page.get_by_role("button", name="Make the invitation").click()
        expect(page.locator("#wrong-zone")).to_be_visible()  # a manager, from nowhere
        refused = wrong_with(page, "/people-refused", narrow)
        page.locator("main form[action='/people/invite'] select[name=role]").select_option("monitor")
        page.get_by_role("button", name="Make the invitation").click()
        expect(page.get_by_role("heading", name="Invitation for Monitor B")).to_be_visible()
        made = wrong_with(page, "/invitation", narrow)

    assert (refused, made) == ([], [])


def test_the_first_week_of_a_site_fits_too_once_messages_are_sent_again(shown: Shown):
    whole = shown.whole
    assert whole.trial.does(release, whole.outage, whole.people["Manager A"]) is not None
    for variant in (Variant(BROAD, "light", "en"), Variant(NARROW, "light", "en")):
        with shown.window(variant) as (context, wrong):
            page = context.new_page()
            page.goto(f"{shown.doors.address}/sites/611/first-week")
            expect(page.get_by_text("Houston person").first).to_be_visible()

            assert wrong_with(page, "/sites/611/first-week-sent", variant) + wrong == []


def test_a_file_that_is_refused_and_a_draft_fit_too_and_the_draft_can_be_kept(shown: Shown, tmp_path: Path):
    narrow = Variant(NARROW, "dark", "de")
    wrong, table = tmp_path / "falsch.yaml", tmp_path / "plan.csv"
    wrong.write_text(amendment().replace("ends: all", "ends: everything"))
    table.write_text("Visit,When,Window\nBaseline,Day 0,\nWeek 4,sometime,\n")
    with shown.window(narrow) as (context, _):
        page = context.new_page()
        page.goto(f"{shown.doors.address}/protocol")
        page.get_by_role("link", name="Studiendatei aufnehmen").press("Enter")
        page.get_by_label("Die Datei").set_input_files(wrong)
        page.get_by_role("button", name="Aufnehmen").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("es wurde nichts geschrieben")
        page.wait_for_load_state()
        refused = wrong_with(page, "/protocol-refused", narrow)
        page.get_by_label("Die Datei").set_input_files(table)
        page.get_by_role("button", name="Prüfen").press("Enter")
        with page.expect_download() as saved:
            page.get_by_role("link", name="Entwurf herunterladen").press("Enter")
        kept, name = read_study(saved.value.path()), saved.value.suggested_filename
        draft = wrong_with(page, "/protocol-draft", narrow)

    assert (refused, draft) == ([], [])
    assert name == "plan.yaml"
    assert kept.open_questions


def test_a_consent_is_recorded_by_keyboard(shown: Shown):
    broad = Variant(BROAD, "dark", "fr")
    with shown.window(broad) as (context, _):
        page = context.new_page()
        page.goto(f"{shown.doors.address}/patients/{shown.whole.patients['417-006']}")
        page.get_by_text("Enregistrer un consentement à un amendement").press("Enter")
        page.locator("#consent-version").select_option(label="2.0")
        page.locator("#consent-day").fill("2030-01-01")
        page.locator("#consent-day").press("Enter")
        expect(page.locator("#consent-day-wrong")).to_be_visible()
        refused = wrong_with(page, "/consent-refused", broad)
        page.locator("#consent-day").fill("2026-03-10")
        page.locator("#consent-day").press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("Le consentement a été enregistré.")

    assert refused == []


# --- news -------------------------------------------------------------------------------------------------------------


def answers_elsewhere(shown: Shown, code: str, kind: AnswerKind, day: str) -> None:
    """Somebody of the site answers, and another process writes it down."""
    whole = shown.whole
    task = whole.trial.task(whole.patients[code], "baseline_imaging")
    with whole.place.opened() as records, records.begin() as tx:
        place, actor = plans.visit_place(tx, task.visit_id), people.actor(tx, whole.people["Berta"])
        assert place is not None
        assert actor is not None
        record_answer(
            tx,
            whole.trial.studies,
            place,
            actor,
            task_id=task.id,
            kind=kind,
            said=Said(day=date.fromisoformat(day)),
            via=Via.BUTTON,
            again_at=None,
            **whole.trial.times,
        )


def listening(page: Page, address: str) -> str:
    """Opens a page, waits until it hears of changes, and gives what it says."""
    with page.expect_response(lambda answer: answer.url.endswith("/live")):
        page.goto(address)
    return page.locator("main").inner_text()


CHANGED: Final = "before => document.querySelector('main').innerText !== before"


def test_what_another_process_records_stands_on_the_open_page_within_two_seconds(shown: Shown):
    with shown.window(Variant(BROAD, "light", "en")) as (context, wrong):
        page = context.new_page()
        before = listening(page, f"{shown.doors.address}/")

        answers_elsewhere(shown, "417-001", AnswerKind.DONE, "2026-01-20")

        page.wait_for_function(CHANGED, arg=before, timeout=SHOWN_WITHIN_MS)
        expect(page.get_by_role("status")).to_have_text("Brought up to date")
        assert wrong == []


def test_nothing_is_torn_from_under_somebody_who_writes(shown: Shown):
    with shown.window(Variant(BROAD, "light", "en")) as (context, wrong):
        writing, beside = context.new_page(), context.new_page()
        before = listening(beside, f"{shown.doors.address}/")
        listening(writing, f"{shown.doors.address}/people")
        writing.evaluate(UNFOLD)
        field = writing.locator("main form[method=post] input[name=name]")
        field.fill("Monitor B")
        writing.evaluate("document.querySelector('main').firstElementChild.dataset.mark = 'the same'")

        answers_elsewhere(shown, "417-002", AnswerKind.DONE, "2026-03-06")

        beside.wait_for_function(CHANGED, arg=before)
        expect(field).to_have_value("Monitor B")
        expect(writing.locator("main [data-mark]")).to_have_count(1)
        assert wrong == []
