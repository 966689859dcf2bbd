"""Days as people write them are the days that they mean, or one question."""

import re
from datetime import date, timedelta

import pytest
from babel import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from locales.replies.scenes import SCENES, TODAY
from tests.replies.reading import actions, days, outcome, question
from trial.replies.meaning import Ask, Clear, Question

NEAR = st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400))
WIDE = st.dates(date(1900, 1, 1), date(2199, 12, 31))
SAYING = {"de": "hochgeladen am {}", "en": "uploaded {}", "fr": "déposé le {}", "ja": "{}にアップロードしました"}
BOOKING = {"de": "gebucht für {}", "en": "booked for {}", "fr": "rendez-vous pris pour le {}", "ja": "{}に予約しました"}
PLACES = [
    ("de", "DE"),
    ("de", "AT"),
    ("de", "US"),
    ("de", "JP"),
    ("en", "US"),
    ("en", "GB"),
    ("en", "DE"),
    ("en", "JP"),
    ("fr", "FR"),
    ("fr", "BE"),
    ("fr", "CA"),
    ("fr", "JP"),
    ("ja", "JP"),
]


@pytest.mark.parametrize(
    ("language", "country"),
    [("de", "DE"), ("de", "AT"), ("de", "CH"), ("en", "US"), ("en", "GB"), ("fr", "FR"), ("fr", "CH"), ("ja", "JP")],
)
@pytest.mark.parametrize("length", ["short", "medium", "long", "full"])
@given(day=NEAR)
def test_a_day_as_cldr_writes_it_is_that_day_or_a_question(day, language, country, length):
    written = format_date(day, length, locale=Locale(language, country))
    found = outcome(SAYING[language].format(written), language=language, country=country)

    assert isinstance(found, Clear | Ask)
    assert days(found) <= {day}
    if date(2026, 3, 11) <= day <= TODAY and length != "short":
        assert isinstance(found, Clear) or day == date(2026, 3, 11)


@pytest.mark.parametrize(("language", "country"), PLACES)
@given(day=WIDE, other=WIDE)
def test_a_numeric_day_is_never_another_one_than_its_numbers_can_mean(day, other, language, country):
    for written in (f"{day.day}/{day.month}", f"{day.day}.{day.month}.{day.year}", f"{day.month}/{day.day}/{day:%y}"):
        for scene, sentence in (("upload", SAYING[language]), ("visit", BOOKING[language])):
            found = outcome(sentence.format(written), scene, language=language, country=country, today=other)
            numbers = {int(number) % 100 for number in re.findall("[0-9]+", written)}

            assert all({one.day, one.month} <= numbers for one in days(found))


@given(day=NEAR)
def test_a_japanese_era_date_is_read_by_its_era(day):
    if day >= date(2019, 5, 1):
        written = f"令和{day.year - 2018}年{day.month}月{day.day}日にアップロードしました"

        assert days(outcome(written, language="ja")) <= {day}


@pytest.mark.parametrize("today", [TODAY + timedelta(days=step) for step in range(7)])
@pytest.mark.parametrize("name", ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
def test_a_weekday_is_one_of_the_last_seven_days(today, name):
    found = days(outcome(f"uploaded on {name}", today=today))

    assert all(day.strftime("%A") == name and timedelta(0) < today - day < timedelta(days=7) for day in found)


@pytest.mark.parametrize(
    ("today", "said", "wanted"),
    [
        (date(2026, 3, 21), "done last Friday", None),  # Saturday: yesterday, or a week ago
        (date(2026, 3, 18), "done last Friday", date(2026, 3, 13)),
        (date(2026, 3, 20), "done on Friday", None),  # today, or a week ago
        (date(2026, 3, 18), "done Friday last week", date(2026, 3, 13)),
        (date(2026, 3, 22), "done Monday last week", None),  # Sunday: does the week end or begin with it?
    ],
)
def test_a_weekday_that_may_be_two_days_is_asked_about(today, said, wanted):
    found = outcome(said, "visit", today=today)

    assert days(found) == ({wanted} if wanted else set())
    assert (question(found) == Question.WHICH_DAY) is (wanted is None)


def test_the_order_of_numbers_is_that_of_the_site():
    assert days(outcome("uploaded 3/12", country="US")) == {date(2026, 3, 12)}
    assert days(outcome("uploaded 12/3", country="GB")) == {date(2026, 3, 12)}
    assert days(outcome("3/12にアップロードしました", language="ja")) == {date(2026, 3, 12)}


def test_an_order_that_leads_out_of_the_window_while_the_other_stays_inside_is_asked_about():
    found = outcome("done 12/3", "visit", country="US")

    assert isinstance(found, Ask)
    assert found.question is Question.WHICH_DAY
    assert found.days == (date(2025, 12, 3), date(2026, 3, 12))


@pytest.mark.parametrize(
    "written", ["12/3", "12.3.", "12/03/2026", "12/03/26", "12 mars", "12 MARS 2026", "jeudi 12 mars", "jeu. 12/3"]
)
@pytest.mark.parametrize("country", ["FR", "BE", "CH"])
def test_a_french_day_stands_before_its_month(written, country):
    for article in ("", "le "):
        found = outcome(f"déposé {article}{written}", language="fr", country=country)

        assert days(found) == {date(2026, 3, 12)}


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("fait avant-hier", date(2026, 3, 16)),
        ("fait avant hier", date(2026, 3, 16)),
        ("fait aujourd\u2019hui", date(2026, 3, 18)),
        ("fait ce jour", date(2026, 3, 18)),
        ("fait vendredi dernier", date(2026, 3, 13)),
        ("fait lundi matin", date(2026, 3, 16)),
        ("fait il y a trois jours", date(2026, 3, 15)),
        ("fait le 12", date(2026, 3, 12)),
        ("fait le 9 mars à 10h30", date(2026, 3, 9)),
        ("fait le 1er mars", date(2026, 3, 1)),
        ("fait le 6 févr.", date(2026, 2, 6)),
        ("fait il y a 8 jours", None),  # a week, or eight days
        ("fait lundi dernier", None),  # the day before yesterday, or that of the week before
        ("fait mercredi", None),  # today is one
        ("fait la semaine dernière", None),
    ],
)
def test_a_french_day_in_words_is_that_day_or_a_question(said, wanted):
    found = outcome(said, "visit", language="fr")

    assert days(found) == ({wanted} if wanted else set())
    assert (question(found) == Question.WHICH_DAY) is (wanted is None)


@pytest.mark.parametrize(
    "written",
    [
        "12.3.",
        "12.3",
        "12. 3.",
        "12.03.2026",
        "12.3.26",
        "12. März",
        "12. Mrz. 2026",
        "12. Maerz",
        "Do., 12.3.",
        "Donnerstag, den 12. März",
    ],
)
@pytest.mark.parametrize("country", ["DE", "AT", "CH", "US", "JP"])
def test_a_german_day_with_dots_is_day_and_month_wherever_the_site_is(written, country):
    for article in ("", "am "):
        found = outcome(f"hochgeladen {article}{written}", language="de", country=country)

        assert days(found) == {date(2026, 3, 12)}


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from(["DE", "US", "JP"]))
def test_a_german_day_with_dots_is_never_read_the_other_way_round(day, country):
    for scene in ("upload", "visit"):
        for verb in ("hochgeladen", "durchgeführt", "gebucht"):
            found = days(outcome(f"am {day.day}.{day.month}. {verb}", scene, language="de", country=country))

            assert {(one.day, one.month) for one in found} <= {(day.day, day.month)}


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("vorgestern", date(2026, 3, 16)),
        ("heute früh", date(2026, 3, 18)),
        ("heute morgen", date(2026, 3, 18)),
        ("letzten Freitag", date(2026, 3, 13)),
        ("am vergangenen Samstag", date(2026, 3, 14)),
        ("am Montag", date(2026, 3, 16)),
        ("Freitag letzter Woche", date(2026, 3, 13)),
        ("vor zwei Tagen", date(2026, 3, 16)),
        ("am 12.", date(2026, 3, 12)),
        ("am Freitag, den 13.", date(2026, 3, 13)),
        ("am 9. März um 14.30 Uhr", date(2026, 3, 9)),
        ("am Mittwoch", None),  # today is one
        ("letzten Montag", None),  # the day before yesterday, or that of the week before
        ("am Freitag, den 12.3.", None),  # a Thursday
        ("letzte Woche", None),
        ("am Morgen", None),
    ],
)
def test_a_german_day_in_words_is_that_day_or_a_question(said, wanted):
    found = outcome(f"{said} durchgeführt", "visit", language="de")

    assert days(found) == ({wanted} if wanted else set())
    assert (question(found) == Question.WHICH_DAY) is (wanted is None)


def test_a_reader_away_from_home_may_keep_to_either_order():
    found = outcome("done 3/12", "visit", country="DE")

    assert isinstance(found, Ask)
    assert found.days == (date(2025, 12, 3), date(2026, 3, 12))


@pytest.mark.parametrize(
    "written", ["8/3/12", "26/3/12", "R8.3.12", "令和8年3月12日", "8年3月12日", "令和八年三月十二日"]
)
def test_a_short_year_in_japan_is_a_year_of_the_era_or_stands_first(written):
    assert days(outcome(f"{written}にアップロードしました", language="ja")) == {date(2026, 3, 12)}


def test_around_new_year_the_year_is_the_near_one():
    january = date(2026, 1, 5)
    uploads = SCENES["visit"]

    assert days(outcome("done 30 December", uploads, today=january)) == {date(2025, 12, 30)}
    assert days(outcome("booked for 2 January", uploads, today=date(2025, 12, 30))) == {date(2026, 1, 2)}


def test_a_leap_day_is_read_in_a_leap_year_and_in_no_other():
    assert days(outcome("done 29 February", "visit", today=date(2028, 3, 1))) == {date(2028, 2, 29)}
    assert actions(outcome("done 29 February", "visit", today=date(2026, 3, 1))) == ()


def test_the_first_and_last_day_of_the_window_lie_inside_it():
    found = [outcome(f"done on {day} March 2026", "visit", today=date(2026, 3, 31)) for day in (3, 4, 31)]

    assert [action.outside_window for one in found for action in actions(one)] == [True, False, False]


@pytest.mark.parametrize("today", [date(1900, 1, 1), date(2199, 12, 31)])
def test_the_ends_of_the_calendar_are_no_trap(today):
    for said in ("uploaded on the 12th", "uploaded last Friday", "uploaded 12/3", "remind me in 99 days"):
        assert outcome(said, today=today)
