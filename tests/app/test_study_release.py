"""From a study file to a site that uses it, and on to its amendment: what a study builder and two managers type."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from office.inviting import invite
from scheduler.clock import SystemClock
from tests.app.homes import Home, contents
from tests.databases import Place
from trial.people import Role

STUDIES = Path(__file__).parents[2] / "studies"
FIRST = """\
format: visitplan/1
study: {id: TRY, title: A study to try, version: "1.0", subject_id: '\\d{3}-\\d{3}'}
events:
  registration: {label: Registration, required: true}
  surgery: {label: Surgery, estimate: registration + 6w}
  death: {label: Death, ends: all}
visits:
  - id: fu
    label: "Follow-up {offset}"
    when: surgery
    repeat: every 3mo until 12mo
    window: -14d .. +14d
    tasks: [{id: upload, label: Upload the scan, due: visit + 5wd}]
"""
SECOND = (
    FIRST.replace('"1.0"', '"2.0"').replace("every 3mo", "every 4mo")
    + """\
amendments:
  - {version: "1.0", active: {default: 2026-01-05}}
  - version: "2.0"
    active: {default: null}
    changes: Every four months instead of three
    renames: {fu_3mo: drop, fu_6mo: drop, fu_9mo: drop}
"""
)
SITE = ("--site", "417")


@pytest.fixture
def office(home: Home, sqlcipher_place: Place) -> Home:
    """Somebody at a terminal with an empty database and both files."""
    home.furnish(sqlcipher_place)
    (home.folder / "one.yaml").write_text(FIRST)
    (home.folder / "two.yaml").write_text(SECOND)
    return home


@pytest.fixture
def begun(office: Home, sqlcipher_place: Place) -> Home:
    return begins(office, sqlcipher_place, "one.yaml")


def begins(office: Home, sqlcipher_place: Place, file: str) -> Home:
    """The study was taken in, two managers were invited, and there is a site."""
    typed(office, "study", "add", file)
    clock = SystemClock()
    with sqlcipher_place.opened() as records:
        for name in ("Manager A", "Manager B"):
            invite(
                records,
                study_code=None,
                site_number=None,
                role=Role.MANAGER,
                name=name,
                language="en",
                by=None,
                now=clock.now(),
                elapsed=clock.elapsed(),
            )
    typed(
        office, "site", "add", "--number", "417", "--name", "Osaka", "--country", "JP", "--zone", "Asia/Tokyo",
        "--disclosure", "code", "--by", "Manager A",
    )  # fmt: skip
    return office


def typed(office: Home, *words: str) -> str:
    said = office(*words)
    assert said.code == 0, said.everything
    return said.out


def releases(office: Home, *more: str, by: str = "Manager B", day: str = "2026-01-05") -> str:
    return typed(office, "study", "release", *SITE, "--from", day, "--approved-on", "2025-12-01", "--by", by, *more)


def test_a_file_that_is_taken_in_rings_nobody_until_a_second_person_releases_it(begun: Home):
    patient = ("patient", "add", *SITE, "--code", "417-001", "--event", "registration=2026-02-02")

    assert "not released" in typed(begun, "study", "versions")
    assert "no version of TRY was released for it by today" in begun(*patient).err
    told = releases(begun, "--prepared-by", "Manager A")

    assert re.fullmatch(
        r"TRY 1\.0 is released for site 417 from 2026-01-05 on; SHA-256 of its dates [0-9a-f]{64}\.\n", told
    )
    assert typed(begun, *patient) == "The patient was added and planned.\n"
    assert "  site 417 from 2026-01-05, approved on 2025-12-01\n" in typed(begun, "study", "versions")


@pytest.mark.parametrize("name", ["dream", "new_epoc", "celim2", "asac", "dia_panc", "mdacc_capox"])
def test_a_study_with_numbers_that_no_source_backs_is_never_released(office: Home, sqlcipher_place: Place, name: str):
    (office.folder / "published.yaml").write_bytes((STUDIES / f"{name}.yaml").read_bytes())
    begins(office, sqlcipher_place, "published.yaml")
    said = office(
        "study", "release", *SITE, "--from", "2026-01-05", "--approved-on", "2025-12-01",
        "--by", "Manager B", "--prepared-by", "Manager A",
    )  # fmt: skip

    assert (said.code, said.out) == (2, "")
    assert "of its entries are backed by no source" in said.err
    assert "not released" in typed(office, "study", "versions")


def test_nobody_stands_for_the_first_file_of_a_study_before_it_is_there(office: Home):
    said = office("study", "add", "one.yaml", "--by", "Manager A")

    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "by: TRY is new here, and nobody can have been invited to it yet; add the file without --by; "
        "study release --prepared-by names who stands for it.\n"
    )


def test_the_hash_of_a_release_is_that_of_the_table_that_was_looked_at(begun: Home):
    table = begun("study", "dates", *SITE, "--from", "2026-01-05")
    told = releases(begun, "--prepared-by", "Manager A")

    assert table.out.splitlines()[0] == "kind,occurrence,status,target,earliest,latest,tasks"
    assert ",fu_3mo,firm,2026-05-16,2026-05-02,2026-05-30,upload due 2026-05-22" in table.out.splitlines()
    assert table.err.removeprefix("SHA-256 ").strip() in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "prepared by: it is not known who stands for this file"),
        (("--prepared-by", "Manager B"), "released by: the same person stands for the file"),
        (("--prepared-by", "Manager A", "--version", "9.9"), "version: TRY has no version '9.9'"),
        (("--prepared-by", "Somebody"), "name: nobody of this name has access there"),
        (("--prepared-by", "Manager A", "--site", "9"), "site: '9' is not a site of TRY"),
    ],
)
def test_what_speaks_against_a_release_is_said_and_nothing_is_written(
    begun: Home, sqlcipher_place: Place, words: tuple[str, ...], says: str
):
    with sqlcipher_place.opened() as records:
        before = contents(records)
    said = begun(
        "study", "release", *SITE, "--from", "2026-01-05", "--approved-on", "2025-12-01", "--by", "Manager B", *words
    )
    with sqlcipher_place.opened() as records:
        after = contents(records)

    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert after == before


def test_two_versions_are_compared_by_the_dates_they_give(office: Home):
    told = typed(office, "study", "diff", "one.yaml", "two.yaml", "--registered", "2026-01-05")

    assert told.splitlines() == [
        "Dates that are other ones, for patients registered on 2026-01-05:",
        "  every patient",
        "    fu_3mo  2026-05-16 (2026-05-02 to 2026-05-30) -> not there",
        "    fu_4mo  not there -> 2026-06-16 (2026-06-02 to 2026-06-30)",
        "    fu_6mo  2026-08-16 (2026-08-02 to 2026-08-30) -> not there",
        "    fu_8mo  not there -> 2026-10-16 (2026-10-02 to 2026-10-30)",
        "    fu_9mo  2026-11-16 (2026-11-02 to 2026-11-30) -> not there",
    ]


def test_what_is_lost_without_a_word_is_told(office: Home):
    (office.folder / "two.yaml").write_text(SECOND.replace("fu_3mo: drop, ", ""))
    told = typed(office, "study", "diff", "one.yaml", "two.yaml")

    assert told.splitlines()[0] == (
        "NOT SAID  fu_3mo is not there any more: give it a line in amendments.renames, or it cannot be released."
    )


def test_what_a_version_cannot_do_to_the_one_before_it_is_told(office: Home):
    (office.folder / "two.yaml").write_text(
        SECOND.replace("fu_9mo: drop", "fu_9mo: fu_12mo").replace("  death:", "  died:")
    )
    told = typed(office, "study", "diff", "one.yaml", "two.yaml")

    assert told.splitlines()[:2] == [
        "NOT SO  two visits would be called 'fu_12mo': rename one of them, and drop the other.",
        "NOT SO  the event death of version 1.0 is not there any more: keep it, as patients may have it.",
    ]


def test_an_amendment_is_shown_for_the_patients_of_a_site_and_changes_nothing(begun: Home, sqlcipher_place: Place):
    releases(begun, "--prepared-by", "Manager A")
    today = SystemClock().now().date()
    typed(
        begun, "patient", "add", *SITE, "--code", "417-001", "--event", f"registration={today - timedelta(days=9)}",
        "--event", f"surgery={today - timedelta(days=1)}",
    )  # fmt: skip
    with sqlcipher_place.opened() as records:
        before = contents(records)
    words = ("study", "diff", "one.yaml", "two.yaml", *SITE, "--from", f"{today + timedelta(days=2)}")
    shown = json.loads(typed(begun, *words, "--json"))[1]
    told = typed(begun, *words)
    with sqlcipher_place.opened() as records:
        after = contents(records)

    assert after == before
    assert (shown["patients"], shown["moved"]) == (1, 1)
    about = told.splitlines()[-9:]
    assert about[0].endswith("1 of 1 patients would be planned by it.")
    assert about[1] == "Dates of theirs: 2 new, 0 moved, 3 withdrawn, 0 renamed. Reminders that begin anew: 0."
    assert about[2].split() == ["patient", "what", "visit", "tasks", "due", "before", "due", "after", "told"]
    assert [line[: line.index("(") - 12].split() for line in about[3:-1]] == [
        ["417-001", "withdrawn", "fu_3mo", "hold,", "upload"],
        ["417-001", "new", "fu_4mo", "hold,", "upload", "-"],
        ["417-001", "withdrawn", "fu_6mo", "hold,", "upload"],
        ["417-001", "new", "fu_8mo", "hold,", "upload", "-"],
        ["417-001", "withdrawn", "fu_9mo", "hold,", "upload"],
    ]
    assert told.endswith("Nothing was changed.\n")


def test_two_studies_are_not_two_versions(office: Home):
    (office.folder / "two.yaml").write_text(SECOND.replace("id: TRY", "id: OTHER"))

    assert "it is a version of OTHER, not of TRY" in office("study", "diff", "one.yaml", "two.yaml").err


def test_a_consent_is_recorded_once(begun: Home):
    releases(begun, "--prepared-by", "Manager A")
    typed(begun, "patient", "add", *SITE, "--code", "417-001", "--event", "registration=2026-02-02")
    typed(begun, "study", "add", "two.yaml", "--by", "Manager A")
    words = ("patient", "consent", "--code", "417-001", "--version", "2.0", "--on", "2026-03-02", "--by", "Manager B")

    assert typed(begun, *words) == "Recorded; 2.0 does not change how the patient is planned today.\n"
    assert "the consent to 2.0 is on record" in begun(*words).err


def test_a_file_that_is_no_study_is_told_with_all_that_is_wrong(office: Home):
    (office.folder / "two.yaml").write_text("format: visitplan/1\n")

    said = office("study", "diff", "one.yaml", "two.yaml")

    assert said.code == 2
    assert said.err.splitlines()
    assert all(line.startswith("two.yaml") for line in said.err.splitlines())


def test_a_release_that_was_a_mistake_is_taken_back(begun: Home):
    releases(begun, "--prepared-by", "Manager A", day="2027-01-05")
    words = ("study", "withdraw-release", *SITE, "--version", "1.0", "--by", "Manager B", "--reason", "Wrong day.")

    assert typed(begun, *words) == "TRY 1.0 is not used at site 417 from 2027-01-05 on after all.\n"
    assert "not released" in typed(begun, "study", "versions")
    assert "version 1.0 is not released for it; there is nothing to take back." in begun(*words).err
    releases(begun, "--prepared-by", "Manager A")
