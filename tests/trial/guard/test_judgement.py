import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trial.guard import LENGTH_MAX, Finding, GuardContext, Judgement, judge, judge_or_block
from trial.guard.folding import fold
from trial.guard.months import months_of

GERMANY = GuardContext(
    countries=("DE",), subject_id=r"\d{3}-\d{3}", allowed=frozenset({"302"}), today=date(2026, 3, 14)
)
JAPAN = replace(GERMANY, countries=("JP", "DE"))
AMERICA = replace(GERMANY, countries=("US",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BSN 123456782", Finding.NATIONAL_NUMBER),
        ("SSN 219099999", Finding.NATIONAL_NUMBER),
        ("AB 12 34 56 C", Finding.NATIONAL_NUMBER),
        ("DE89 3704 0044 0532 0130 00 bezahlt", Finding.NATIONAL_NUMBER),
        ("+49 (0)30 / 1234567", Finding.PHONE_NUMBER),
        ("tel 0049301234567", Finding.PHONE_NUMBER),
        ("030/123 45 67", Finding.PHONE_NUMBER),
        ("amina@example.org", Finding.ADDRESS_OF_A_PERSON),
        ("amina (at) klinik", Finding.ADDRESS_OF_A_PERSON),
        ("frag @berta_k", Finding.ADDRESS_OF_A_PERSON),
        ("siehe t.me/berta", Finding.ADDRESS_OF_A_PERSON),
        ("https://pacs.example/1", Finding.ADDRESS_OF_A_PERSON),
        ("www.example.org", Finding.ADDRESS_OF_A_PERSON),
        ("25. 3. 64", Finding.BIRTH_DATE),
        ("25.III.1964", Finding.BIRTH_DATE),
        ("the 25th of March '64", Finding.BIRTH_DATE),
        ("25 March 64", Finding.BIRTH_DATE),
        ("1964. március 25.", Finding.BIRTH_DATE),
        ("25 tháng 3 năm 1964", Finding.BIRTH_DATE),
        ("25 มีนาคม 2507", Finding.BIRTH_DATE),
        ("25 במרץ 1964", Finding.BIRTH_DATE),
        ("٢٥/٠٣/١٩٦٤", Finding.BIRTH_DATE),
        ("昭和三十九年三月二十五日", Finding.BIRTH_DATE),
        ("平成元年3月25日生まれ", Finding.BIRTH_DATE),
        ("39年3月25日", Finding.BIRTH_DATE),
        ("民國53年3月25日", Finding.BIRTH_DATE),
        ("14122002", Finding.BIRTH_DATE),
        ("1342/01/05", Finding.BIRTH_DATE),
        ("born in 1964", Finding.BIRTH_DATE),
        ("MRN 4821337", Finding.LONG_NUMBER),
        ("MRN A48213", Finding.LONG_NUMBER),
        ("カルテ番号は48213", Finding.LONG_NUMBER),
        ("accession 20260312001", Finding.LONG_NUMBER),
        ("四八二一三三七", Finding.LONG_NUMBER),
        ("1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", Finding.LONG_NUMBER),
        ("12-34-56", Finding.LONG_NUMBER),
        ("12 302 456", Finding.LONG_NUMBER),
        ("12302-014", Finding.LONG_NUMBER),
        ("0" * 299, Finding.LONG_NUMBER),
    ],
)
def test_a_personal_detail_is_stopped_by_its_class(text, found):
    assert found in judge(text, GERMANY)


def test_a_japanese_phone_number_typed_with_full_width_marks_is_stopped():
    assert Finding.PHONE_NUMBER in judge("０９０ー１２３４ー５６７８", JAPAN)


def test_an_american_phone_number_is_stopped_though_it_starts_like_a_subject():
    assert judge("call (302) 555-0142", AMERICA) != ()
    assert judge("302-555-0142", AMERICA) != ()


def test_the_five_years_end_on_the_day():
    assert judge("14.03.2021", GERMANY) == (Finding.BIRTH_DATE,)
    assert judge("15.03.2021", GERMANY) == ()


def test_a_leap_day_has_a_fifth_birthday_too():
    leap_day = replace(GERMANY, today=date(2028, 2, 29))

    assert judge("28.02.2023", leap_day) == (Finding.BIRTH_DATE,)
    assert judge("01.03.2023", leap_day) == ()


def test_an_ambiguous_date_is_read_as_the_site_writes_dates():
    assert judge("26/03/12", JAPAN) == ()
    assert judge("26/03/12", GERMANY) == (Finding.BIRTH_DATE,)


def test_a_near_date_inside_a_longer_number_is_no_excuse():
    assert judge("2026-03-12-4821", GERMANY) != ()
    assert judge("02/03/24/05/26", GERMANY) != ()


@pytest.mark.parametrize(
    "text",
    [
        "302-014は済",
        "(302-014)",
        "302-014/302-017",
        "302-014,302-017.",
        "302-014 302-017",
        "site 302 12/03",
        "302, 302",
    ],
)
def test_subjects_and_sites_of_the_study_pass_in_any_neighbourhood(text):
    assert judge(text, GERMANY) == ()


def test_an_anchored_subject_pattern_means_the_same():
    assert judge("302-014 done", replace(GERMANY, subject_id=r"^\d{3}-\d{3}$")) == ()


def test_a_text_of_300_characters_is_read_and_a_longer_one_is_not():
    assert judge("a" * LENGTH_MAX, GERMANY) == ()
    assert judge("a" * (LENGTH_MAX + 1), GERMANY) == (Finding.TOO_LONG,)
    assert judge("ﷺ" * LENGTH_MAX, GERMANY) == (Finding.TOO_LONG,)


def test_findings_come_once_and_in_their_order():
    assert judge("amina@example.org, born 25.03.1964, MRN 4821337, 4821338, @berta", GERMANY) == (
        Finding.ADDRESS_OF_A_PERSON,
        Finding.BIRTH_DATE,
        Finding.LONG_NUMBER,
    )


def test_a_guard_that_breaks_blocks_and_names_only_the_class_of_what_broke():
    broken = replace(GERMANY, subject_id="(")

    assert judge_or_block("uploaded", broken) == Judgement((Finding.GUARD_FAILED,), "error")
    assert judge_or_block(["no", "text"], GERMANY) == Judgement((Finding.GUARD_FAILED,), "NotText")


def test_a_guard_that_is_slow_blocks():
    def stopwatch(step: float) -> Iterator[float]:
        return (index * step for index in count())

    quick, slow = stopwatch(0.049), stopwatch(0.051)

    assert judge_or_block("uploaded", GERMANY, stopwatch=lambda: next(quick)) == Judgement(())
    assert judge_or_block("uploaded", GERMANY, stopwatch=lambda: next(slow)) == Judgement(
        (Finding.GUARD_FAILED,), "TooSlow"
    )


@given(st.text(max_size=320))
def test_no_text_breaks_the_guard(text):
    judgement = judge_or_block(text, JAPAN)

    assert judgement.failure is None
    assert judgement.findings == judge(text, JAPAN)


@given(st.text(alphabet="0123456789 ./-()+年月日:,~昭和RS@ab"))
def test_no_mix_of_digits_and_marks_breaks_the_guard(text):
    assert judge_or_block(text, JAPAN).failure is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@example("14430110")
@given(st.from_regex(r"[a-z]{0,12} ?[0-9]{6,12}", fullmatch=True).filter(lambda text: text[-8:-6] not in {"20", "19"}))
def test_six_digits_in_a_row_never_pass_unless_they_are_a_near_date(text):
    digits = "".join(filter(str.isdigit, text))
    near_date = len(digits) == 8 and any(digits[at : at + 2] == "20" for at in (0, 4))

    assert near_date or judge(text, GERMANY) != ()


LANGUAGES = "en fr de nl it es sv pt da nb fi is et lv lt pl cs sk sl hr hu ro bg el ga mt ru uk sr sr_Latn tr ar ar_LB he hi th id"


# Babel 2.18 resolves an alias of its data once and keeps the result in what the languages share: after Japanese dates were
# written in a process, French stand-alone months are Japanese there. A process of its own has seen no other language.
ASK_CLDR = """
import json, sys
from babel import Locale
print(json.dumps({
    language: [
        [month, name]
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for month, name in Locale.parse(language).months[context][width].items()
    ]
    for language in sys.argv[1:]
}))
"""


@pytest.fixture(scope="module")
def cldr_months():
    asked = subprocess.run(
        [sys.executable, "-c", ASK_CLDR, *LANGUAGES.split()], capture_output=True, text=True, check=True
    )
    return json.loads(asked.stdout)


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_every_month_name_of_cldr_is_known(language, cldr_months):
    unknown = [
        name
        for month, name in cldr_months[language]
        if not any(month in months_of(word) for word in fold(name).split())
    ]

    assert unknown == []
