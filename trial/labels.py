"""Words that a study file brings along, in the languages that it was written in."""

from collections.abc import Mapping
from types import MappingProxyType

Labels = Mapping[str, str]
"""Language code -> text. English is always there."""


def labels(english: str, **others: str) -> Labels:
    """Labels from keyword arguments: `labels("Surgery", ja="手術")`."""
    return MappingProxyType({"en": english, **others})


def label_in(words: Labels, language: str) -> str:
    """The text in this language, else in its base language, else in English."""
    return words.get(language) or words.get(language.split("-", maxsplit=1)[0]) or words["en"]
