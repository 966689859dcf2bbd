"""Five published schedules, against dates worked out by hand; what their publications leave open keeps them from release."""

import re
from collections.abc import Iterator, Mapping

import pytest

from office.study_files import document_of, read_study
from tests.studies.test_dream import CHECKOUT
from tests.studies.test_expected_dates import previewed

PUBLISHED = ("asac", "celim2", "dia_panc", "mdacc_capox", "new_epoc")
OFFSET = re.compile(r"\d+(d|w|mo|y|wd)\b")
WORDS = {"label", "hold", "ask", "note", "source", "title", "short"}


def file_of(name):
    return CHECKOUT / "studies" / f"{name}.yaml"


def targets(name, options, *, status="firm"):
    """`3mo 2026-08-29` of each visit, by visit; only those of this status."""
    found = {}
    for occurrence, row_status, target, *_ in previewed(file_of(name), options):
        visit, _, offset = occurrence.rpartition("_")
        if row_status == status:
            found.setdefault(visit if offset[:1].isdigit() else occurrence, []).append(target)
    return found


def windows(name, options):
    return {row[0]: tuple(row[2:5]) for row in previewed(file_of(name), options)}


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_says_where_it_comes_from_and_can_never_be_released(name):
    study = read_study(file_of(name))

    assert study.title["en"].endswith(" (from the publication, not the protocol)")
    assert len(study.unverified) >= 5
    assert len(file_of(name).read_text(encoding="utf-8").splitlines()) < 100


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_number_has_a_source_or_is_marked(name):
    document = document_of(file_of(name).read_text(encoding="utf-8"), name)

    assert list(unmarked({part: node for part, node in document.items() if part != "study"}, marked=False)) == []


def unmarked(node: object, *, marked: bool) -> Iterator[str]:
    """Offsets that stand in no entry with a source or a mark."""
    match node:
        case Mapping():
            inside = marked or bool({"source", "unverified"} & node.keys())
            for key, part in node.items():
                if key not in WORDS:
                    yield from unmarked(part, marked=inside)
        case list():
            for part in node:
                yield from unmarked(part, marked=marked)
        case str() if OFFSET.search(node) and not marked:
            yield node


# --- New EPOC ---------------------------------------------------------------------------------------------------------

OPERATED = "--event randomisation=2026-01-31 --event chemo_end=2026-04-25 --event surgery=2026-05-29"


def test_new_epoc_follows_an_operated_patient_until_progression():
    course = f"{OPERATED} --event treatment_end=2026-10-01 --event progression=2027-03-15"

    assert targets("new_epoc", course) == {
        "surgery": ["2026-05-23"],
        "adjuvant": ["2026-07-10"],
        "imaging": ["2026-08-29", "2026-11-29", "2027-02-28"],  # the next, 29 May, comes after progression
        "qol_baseline": ["2026-01-31"],
        "qol_on_chemo": ["2026-04-25", "2026-07-18"],  # the next, 10 October, comes after treatment
        "qol_end": ["2026-10-01"],
        "qol": [
            *("2027-01-01", "2027-04-01", "2027-07-01", "2027-10-01"),
            *("2028-04-01", "2028-10-01", "2029-04-01", "2029-10-01"),
            *("2030-04-01", "2030-10-01", "2031-04-01", "2031-10-01"),
        ],
    }


def test_new_epoc_operates_two_to_six_weeks_after_chemotherapy_and_treats_on_four_to_eight_after_that():
    found = windows("new_epoc", OPERATED)

    assert found["surgery"] == ("2026-05-23", "2026-05-09", "2026-06-06")
    assert found["adjuvant"] == ("2026-07-10", "2026-06-26", "2026-07-24")


def test_new_epoc_images_for_two_years_every_three_months_and_for_three_every_six():
    assert targets("new_epoc", OPERATED)["imaging"] == [
        *(
            "2026-08-29",
            "2026-11-29",
            "2027-02-28",
            "2027-05-29",
            "2027-08-29",
            "2027-11-29",
            "2028-02-29",
            "2028-05-29",
        ),
        *("2028-11-29", "2029-05-29", "2029-11-29", "2030-05-29", "2030-11-29", "2031-05-29"),
    ]


def test_new_epoc_leaves_a_patient_in_peace_who_is_not_operated():
    course = "--event randomisation=2026-01-31 --event chemo_end=2026-04-25 --event not_operated=2026-05-11"

    assert targets("new_epoc", course) == {"qol_baseline": ["2026-01-31"], "qol_on_chemo": ["2026-04-25"]}


# --- CELIM2: two plans side by side, each with its own end ------------------------------------------------------------

SURVIVAL = [
    *("2026-06-30", "2026-09-30", "2026-12-31", "2027-03-31", "2027-06-30", "2027-09-30", "2027-12-31", "2028-03-31"),
    *("2028-09-30", "2029-03-31", "2029-09-30", "2030-03-31", "2030-09-30", "2031-03-31"),
]


def test_celim2_ends_imaging_with_progression_and_asks_for_survival_all_the_same():
    course = "--event randomisation=2026-03-31 --event resection=2026-08-31 --event progression=2027-06-30"

    assert targets("celim2", course) == {
        "response": ["2026-05-26", "2026-07-21"],  # the next, 15 September, comes after resection
        "imaging": ["2026-11-30", "2027-02-28", "2027-05-31"],
        "survival": SURVIVAL,
    }


def test_celim2_knows_of_no_imaging_where_nothing_was_resected():
    course = "--event randomisation=2026-03-31 --event not_resected=2026-09-30"

    assert targets("celim2", course) == {"response": ["2026-05-26", "2026-07-21", "2026-09-15"], "survival": SURVIVAL}


def test_celim2_wants_the_conference_within_two_weeks_of_the_imaging():
    (first, *_) = previewed(file_of("celim2"), "--event randomisation=2026-03-31 --done response_8w=2026-05-28")

    assert first == [
        *("response_8w", "firm", "2026-05-26", "2026-05-19", "2026-06-02"),
        "upload_images due 2026-06-04; conference due 2026-06-11",
    ]


# --- ASAC: each country in its rhythm ---------------------------------------------------------------------------------

YEARLY = ["2027-10-31", "2028-10-31", "2029-10-31"]


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("norway", ["2027-02-28", "2027-06-30", "2027-10-31", "2028-04-30", "2028-10-31", "2029-04-30", "2029-10-31"]),
        ("sweden", ["2027-04-30", "2027-10-31", "2028-04-30", "2028-10-31", "2029-04-30", "2029-10-31"]),
    ],
)
def test_asac_follows_patients_as_their_country_does(country, days):
    course = f"--event randomisation=2026-10-31 --fact country={country}"

    assert targets("asac", course) == {"ct": days, "yearly": YEARLY}


def test_asac_is_sure_of_what_both_countries_do_before_anybody_said_which():
    course = "--event randomisation=2026-10-31"

    assert targets("asac", course) == {
        "ct": ["2027-10-31", "2028-04-30", "2028-10-31", "2029-04-30", "2029-10-31"],
        "yearly": YEARLY,
    }
    assert targets("asac", course, status="ask first") == {"ct": ["2027-02-28", "2027-04-30", "2027-06-30"]}


# --- DIA-PANC and MDACC CapOx -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "status", "found"),
    [
        ("--fact lesion_without_histology=yes", "firm", {"paired": ["2028-02-29", "2028-05-30", "2028-11-30"]}),
        ("--fact lesion_without_histology=no", "firm", {}),
        ("", "ask first", {"paired": ["2028-02-29", "2028-05-30", "2028-11-30"]}),
    ],
)
def test_dia_panc_images_lesions_without_histology_three_times(fact, status, found):
    assert found == targets("dia_panc", f"--event inclusion=2027-11-30 {fact}", status=status)


def test_mdacc_capox_follows_in_four_rhythms():
    course = "--event registration=2026-01-05 --event chemo_end=2026-04-10 --event surgery=2026-05-15"
    found = windows("mdacc_capox", course)

    assert found["surgery"] == ("2026-05-15", "2026-05-08", "2026-05-22")
    assert found["postoperative"] == ("2026-06-19", "2026-06-12", "2026-06-26")
    assert targets("mdacc_capox", course)["fu"] == [
        *(
            "2026-08-15",
            "2026-11-15",
            "2027-02-15",
            "2027-05-15",
            "2027-08-15",
            "2027-11-15",
            "2028-02-15",
            "2028-05-15",
        ),
        *("2028-09-15", "2029-01-15", "2029-05-15"),
        *("2029-11-15", "2030-05-15", "2030-11-15", "2031-05-15"),
        *("2032-05-15", "2033-05-15", "2034-05-15", "2035-05-15", "2036-05-15"),
    ]


def test_mdacc_capox_expects_surgery_by_the_estimate_before_its_day_is_known():
    assert targets("mdacc_capox", "--event registration=2026-01-05", status="provisional")["surgery"] == ["2026-05-04"]
