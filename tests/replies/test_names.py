"""Names of months and weekdays stay those of their language, whatever was read before in the process."""

import json
import subprocess
import sys

import pytest

from locales.replies.names import Habits, Order, habits

ASK = """
import json, sys
from babel.dates import format_date
from babel import Locale
from datetime import date
from locales.replies.names import month_names, weekday_names
languages = sys.argv[1:]
for language in languages:
    # What turns other languages' stand-alone names into this one's, in Babel 2.18.
    list(Locale.parse(language).months["stand-alone"]["wide"].items())
    format_date(date(2026, 3, 12), "LLLL cccc", locale=language)
print(json.dumps({one: [dict(month_names(one)), dict(weekday_names(one))] for one in sorted(languages)}))
"""
LANGUAGES = ["ja", "fr", "de", "en", "nl", "it", "es", "sv", "cs", "el"]


def asked(languages: list[str]) -> dict[str, list[dict[str, int]]]:
    done = subprocess.run([sys.executable, "-c", ASK, *languages], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def after_each_other():
    return asked(LANGUAGES)


def test_japanese_read_first_changes_no_name_of_another_language(after_each_other):
    assert after_each_other == asked(LANGUAGES[::-1])


@pytest.mark.parametrize(
    ("language", "month"), [("fr", "mars"), ("de", "marz"), ("en", "march"), ("nl", "maart"), ("it", "marzo")]
)
def test_a_month_has_its_own_name_after_japanese(after_each_other, language, month):
    assert after_each_other[language][0][month] == 3


def test_japanese_counts_its_months_and_names_its_weekdays(after_each_other):
    assert after_each_other["ja"][0] == {}
    assert after_each_other["ja"][1]["金曜日"] == 4


@pytest.mark.parametrize(
    ("language", "country", "orders"),
    [
        ("en", "US", {Order.MONTH_FIRST}),
        ("en", "GB", {Order.DAY_FIRST}),
        ("ja", "JP", {Order.MONTH_FIRST}),
        ("de", "DE", {Order.DAY_FIRST}),
        ("fr", "BE", {Order.DAY_FIRST}),
        ("sv", "SE", {Order.DAY_FIRST}),
        ("en", "CA", set(Order)),
        ("en", "ZA", set(Order)),
        ("en", "DE", set(Order)),
        ("en", "JP", set(Order)),
        ("en", None, set(Order)),
    ],
)
def test_the_order_of_numbers_is_known_only_where_it_is_the_only_one(language, country, orders):
    assert habits(language, country).orders == orders


def test_an_unknown_country_has_no_habit():
    assert habits("en", "ZZ") == Habits(frozenset(Order), year_first=False)
