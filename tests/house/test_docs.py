"""Documents are tested like code: they name every setting, every word, every decision, and link to what exists."""

import re
from pathlib import PurePosixPath

import polib
import pytest

from app.settings_table import PAGE, MarksMissing, settings_table, with_table
from locales.catalogues import catalogue_path
from tests.house import rules
from tests.house.checkout import CHECKOUT, files
from trial.follow_up import FollowUp

# The first column of the design's table of words, one by one.
WORDS = (
    "Study",
    "Protocol version",
    "Event",
    "Visit",
    "Window",
    "Task",
    "Ladder",
    "Reminder",
    "Notice",
    "Card",
    "Delivery",
    "Answer",
    "Acknowledgement",
    "Claimed",
    "Verified",
    "Queried",
    "Late",
    "Overdue",
    "Follow-up state",
    "Site",
    "Person",
    "Membership",
    "Disclosure",
    "Cover",
)
DECISIONS = "docs/decisions/"


def documents() -> dict[str, str]:
    return {name: text for name, text in files().items() if name.endswith(".md")}


def decisions() -> dict[str, str]:
    return {
        name.removeprefix(DECISIONS): text
        for name, text in documents().items()
        if re.fullmatch(rf"{DECISIONS}\d{{4}}-[a-z0-9-]+\.md", name)
    }


def test_every_word_of_the_design_has_its_meaning_in_the_glossary():
    assert rules.undefined_words(files()["docs/glossary.md"], WORDS) == []


def test_the_glossary_maps_every_follow_up_state_to_the_other_vocabularies():
    rows = re.findall(r"(?m)^\| ([a-z ]+) \| .+ \| .+ \| .+ \|$", files()["docs/glossary.md"])

    assert {state.value for state in FollowUp} - set(rows) == set()


def test_every_decision_is_listed_under_its_title():
    assert rules.unlisted_decisions(files()[f"{DECISIONS}README.md"], decisions()) == []


def test_every_decision_says_what_was_considered_and_how_it_could_be_wrong():
    assert {name: missing for name, text in decisions().items() if (missing := rules.missing_parts(text))} == {}


def test_decisions_are_numbered_without_a_gap():
    assert [name[:4] for name in sorted(decisions())] == [f"{number:04}" for number in range(1, len(decisions()) + 1)]


def test_the_settings_page_says_what_the_program_reads():
    # Where this fails: python -m app.settings_table
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_table(page, settings_table())


@pytest.mark.parametrize("mark", ["<!-- The table below", "<!-- Up to here"])
def test_a_settings_page_without_a_place_for_the_table_is_refused(mark):
    page = PAGE.read_text(encoding="utf-8")

    with pytest.raises(MarksMissing):
        with_table(page.replace(mark, "<!-- "), settings_table())


def test_every_setting_that_code_knows_is_documented():
    code = [text for name, text in files().items() if PurePosixPath(name).suffix in {".py", ".toml", ""}]
    named = frozenset().union(*map(rules.settings_named, code))
    documented = frozenset().union(*map(rules.settings_named, documents().values()))

    assert named - documented == set()


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_link_between_documents_leads_somewhere(name):
    assert [target for target in targets(documents()[name]) if not leads_somewhere(name, target)] == []


def test_a_link_that_leads_nowhere_would_be_found():
    page = '[a](one.md#two) ![b](three.png) [c](#four) [d](https://example.org) <img src="five.png" alt="six">'

    assert targets(page) == ["one.md#two", "three.png", "#four", "five.png"]
    assert not leads_somewhere("README.md", "docs/board.md#no-such-place")
    assert leads_somewhere("docs/board.md", "../README.md#try-it")


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("The board", "the-board"), ("`sitebell run`, and more", "sitebell-run-and-more"), ("De l’aide", "de-laide")],
)
def test_a_heading_is_found_where_a_reader_of_markdown_puts_it(heading, anchor):
    assert anchors(f"## {heading}\n") == {anchor}


def test_every_word_of_the_board_that_the_trial_managers_page_quotes_stands_there():
    # What stands bold on that page is a word of the board, and nothing else is.
    page = " ".join(documents()["docs/for-trial-managers.md"].split())
    quoted = set(re.findall(r"\*\*(.+?)\*\*", page))
    board = {entry.msgid for entry in polib.pofile(str(catalogue_path("en")))}

    assert len(quoted) > 10
    assert quoted - board == set()


def test_every_document_is_found_from_the_list_of_all():
    pages = {name.removeprefix("docs/") for name in documents() if name.startswith("docs/") and name.count("/") == 1}

    assert {name for name in pages - {"README.md"} if f"]({name})" not in files()["docs/README.md"]} == set()


def targets(page: str) -> list[str]:
    """Where a page's links and pictures lead within the project."""
    return re.findall(r"\]\((?!https?:)([^)\s]+)\)", page) + re.findall(r'<img src="([^"]+)"', page)


def leads_somewhere(name: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    place = normal(PurePosixPath(name).parent / path) if path else name
    if not (CHECKOUT / place).exists():
        return False
    return not anchor or anchor in anchors(files()[place])


def anchors(page: str) -> set[str]:
    """The places of a page that can be linked: its headings, as GitHub writes them."""
    bare = re.sub(r"(?ms)^```.*?^```$", "", page)
    headings = re.findall(r"(?m)^#+ (.+)$", bare)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
