"""Pictures of the documents: each is taken by `make pictures`, small, shown somewhere, and told in words to who cannot see it."""

import re
from pathlib import PurePosixPath

import pytest

from tests.house.checkout import CHECKOUT, files
from tests.pictures import FOLDER, VIEWS, path_of

MOST_BYTES = 150_000
LEAST_WORDS = 5
SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
SHOWN_SMALLER = re.compile(r'<img src="([^"]+)" alt="([^"]*)"')


def shown() -> dict[str, list[tuple[str, str]]]:
    """For each document, the path of every picture and its words."""
    pages = {name: text for name, text in files().items() if name.endswith(".md")}
    return {
        name: [(path, words) for words, path in SHOWN.findall(text)] + SHOWN_SMALLER.findall(text)
        for name, text in pages.items()
    }


def test_the_pictures_are_those_that_the_script_takes():
    assert {path.name for path in FOLDER.iterdir()} == {path_of(view).name for view in VIEWS}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_picture_is_small(view):
    assert 0 < path_of(view).stat().st_size < MOST_BYTES


def test_every_picture_is_shown_and_none_that_is_not_there():
    named = {
        (CHECKOUT / PurePosixPath(name).parent / path).resolve() for name, found in shown().items() for path, _ in found
    }

    assert named == {path_of(view) for view in VIEWS}


def test_every_picture_has_words_for_who_cannot_see_it():
    # Japanese writes no spaces: there a word counts as two characters.
    short = {
        (name, words)
        for name, found in shown().items()
        for _, words in found
        if len(words.split()) < LEAST_WORDS and len(words) < 2 * LEAST_WORDS
    }

    assert short == set()


def test_no_picture_is_shown_in_another_way():
    other = {
        name
        for name, text in files().items()
        if name.endswith(".md") and text.count("<img") != len(SHOWN_SMALLER.findall(text))
    }

    assert other == set()
