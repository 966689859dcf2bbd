"""Documents are tested like code: they name every setting, every word, every decision, and link to what exists."""

import re
from pathlib import PurePosixPath

import pytest

from app.settings import SETTINGS
from tests.house import rules
from tests.house.checkout import files
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


def settings_table() -> str:
    rows = [f"| `{setting.name}` | {setting.purpose} | {default_of(setting.default)} |" for setting in SETTINGS]
    return "\n".join(["| setting | what it is for | default |", "|---|---|---|", *rows]) + "\n"


def default_of(value: str) -> str:
    return f"`{value}`" if value else ""


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
    # Where this fails: the program's own words belong into docs/settings.md, as they are shown here.
    assert settings_table() in files()["docs/settings.md"]


def test_every_setting_that_code_knows_is_documented():
    code = [text for name, text in files().items() if PurePosixPath(name).suffix in {".py", ".toml", ""}]
    named = frozenset().union(*map(rules.settings_named, code))
    documented = frozenset().union(*map(rules.settings_named, documents().values()))

    assert named - documented == set()


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_link_between_documents_leads_somewhere(name):
    here = PurePosixPath(name).parent
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", documents()[name])
    broken = [target for target in targets if normal(here / target) not in files() and target != "LICENSE"]

    assert broken == []


def test_every_document_is_found_from_the_list_of_all():
    pages = {name.removeprefix("docs/") for name in documents() if name.startswith("docs/") and name.count("/") == 1}

    assert {name for name in pages - {"README.md"} if f"]({name})" not in files()["docs/README.md"]} == set()


def normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
