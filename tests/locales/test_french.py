"""French as it is printed: spaces that do not break, the apostrophe of print, and dates that end with a full stop of their own."""

import re
from collections.abc import Iterator

import pytest

from locales.catalogues import catalogue_path, read_catalogue

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def translations() -> Iterator[str]:
    for message in read_catalogue(catalogue_path("fr"), "fr"):
        if message.id:
            yield from (message.string,) if isinstance(message.string, str) else message.string


@pytest.mark.parametrize(
    "wrong",
    [
        # No space, or one that breaks; `event:NAME` is no sentence.
        re.compile(rf"[^{NO_BREAK_SPACE}\d](?:[;?»]|:(?![A-Z]))"),
        re.compile(rf"«[^{NO_BREAK_SPACE}]"),
        re.compile(r"'"),
        re.compile(r"%\(day\)s\."),
        re.compile(r"\b[dl]’%\("),  # what stands in the place may begin with a consonant
        re.compile(r"\bde %\((name|names|site|study)\)"),  # or with a vowel
        re.compile(r"\(e\)|·e\b"),
    ],
    ids=lambda wrong: wrong.pattern,
)
def test_a_slip_of_the_pen_stands_nowhere(wrong):
    assert [words for words in translations() if wrong.search(words)] == []
