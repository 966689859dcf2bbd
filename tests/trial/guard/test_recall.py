"""The guard's figures: at least 99.5 % of R2-R5 details are stopped, at most 1 % of harmless replies."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import pytest

from tests.trial.guard.numbers import (
    PHONE_COUNTRIES,
    TODAY,
    birth_date_written,
    digits,
    in_a_sentence,
    in_another_script,
    national_numbers,
    phone_number,
    seeded,
    spaced,
)
from tests.trial.guard.replies import HARMLESS, harmless_reply
from trial.guard import Finding, GuardContext, judge

SUBJECT_ID = r"\d{3}-\d{3}"
RECALL_MIN = 0.995
FALSE_ALARMS_MAX = 0.01


def context(*countries: str) -> GuardContext:
    return GuardContext(
        countries=countries or ("DE",),
        subject_id=SUBJECT_ID,
        allowed=frozenset({"302", "1527", "EORTC-1527", "fu_6mo"}),
        today=TODAY,
    )


SITES = (context("JP"), context("DE", "FR"), context("US"), context("FR", "JP", "US"))


def missed(texts: Sequence[tuple[str, GuardContext]]) -> list[str]:
    return [text for text, where in texts if not judge(text, where)]


def test_national_numbers_are_stopped_and_called_so():
    random = seeded(1527)
    written = [
        (scheme, in_a_sentence(random, spaced(random, number)), random.choice(SITES))
        for _ in range(25)
        for scheme, number in national_numbers(random).items()
    ]
    named = Counter(scheme for scheme, text, where in written if Finding.NATIONAL_NUMBER in judge(text, where))

    assert len(missed([(text, where) for _, text, where in written])) <= (1 - RECALL_MIN) * len(written)
    assert {scheme for scheme, _, _ in written if named[scheme] < 0.9 * 25} == set()


@pytest.mark.parametrize("country", PHONE_COUNTRIES)
def test_phone_numbers_of_the_site_are_stopped(country):
    random = seeded(country)
    texts = [(in_a_sentence(random, phone_number(random, country)), context(country)) for _ in range(40)]

    assert missed(texts) == []


@pytest.mark.parametrize(
    "written",
    [birth_date_written, lambda random: in_another_script(random, birth_date_written(random))],
    ids=["latin digits", "other scripts"],
)
def test_birth_dates_are_stopped_and_called_so(written: Callable[[Random], str]):
    random = seeded(1964)
    texts = [(in_a_sentence(random, written(random)), random.choice(SITES)) for _ in range(1000)]
    unnamed = [text for text, where in texts if Finding.BIRTH_DATE not in judge(text, where)]

    assert len(missed(texts)) <= (1 - RECALL_MIN) * len(texts)
    assert len(unnamed) <= (1 - RECALL_MIN) * len(texts), unnamed[:10]


def test_long_numbers_are_stopped():
    random = seeded(6)
    written = (spaced(random, digits(random, random.randint(6, 14))) for _ in range(1000))
    texts = [
        (in_a_sentence(random, number), random.choice(SITES))
        for number in written
        if not re.fullmatch(SUBJECT_ID, number)
    ]

    assert len(missed(texts)) <= (1 - RECALL_MIN) * len(texts), missed(texts)


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language in HARMLESS for text in HARMLESS[language]]
)
def test_an_ordinary_reply_passes(language, text):
    where = context({"en": "US", "ja": "JP", "fr": "FR", "de": "DE", "nl": "NL", "sv": "SE"}[language], "DE")

    assert judge(text, where) == ()


def test_harmless_replies_pass():
    random = seeded(302)
    stopped = [
        (text, found)
        for text, where in ((harmless_reply(random), random.choice(SITES)) for _ in range(1500))
        if (found := judge(text, where))
    ]

    assert len(stopped) <= FALSE_ALARMS_MAX * 1500, stopped[:10]
