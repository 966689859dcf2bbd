"""The replies that were written down before the words were, and the traps that were found since."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from locales.catalogues import catalogue_languages
from locales.replies import reply_languages
from locales.replies.examples import Sort, examples, results, table, told, understood_share
from locales.replies.scenes import SCENES
from tests.replies.reading import outcome

LANGUAGES = reply_languages()
UNDERSTOOD_MIN = 0.9
EXAMPLES_MIN = 50


def traps() -> list[dict[str, str]]:
    with Path(__file__).with_name("traps.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_words_for_every_language_that_is_written():
    assert set(catalogue_languages()) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_fifty_examples_wrong_and_mixed_ones_among_them(language):
    sorts = Counter(example.sort for example in examples(language))

    assert sorts.total() >= EXAMPLES_MIN
    assert set(sorts) == set(Sort)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_recorded_that_was_not_said(language):
    assert [result for result in results(language) if result.acted_wrongly] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_of_ten_clear_replies_are_understood(language):
    assert understood_share(results(language)) >= UNDERSTOOD_MIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_leads_where_it_was_meant_to(language):
    assert [result for result in results(language) if not result.as_wanted] == []


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: f"{trap['scene']}: {trap['text']}")
def test_a_trap_is_seen(trap):
    found = outcome(trap["text"], trap["scene"], language=trap["language"], country=trap["site"])

    assert told(found, SCENES[trap["scene"]]) == trap["got"]


def test_the_table_shows_every_example_and_the_figures():
    lines = table("ja")

    assert all(any(example.text in line for line in lines) for example in examples("ja"))
    assert any("clear ones understood; 0 recorded wrongly" in line for line in lines)
    assert len(table()) > len(lines)
