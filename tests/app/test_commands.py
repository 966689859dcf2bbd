"""The commands as somebody at a terminal meets them."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.settings import SETTINGS
from records import schema
from records.pulses import beat
from scheduler.clock import SystemClock
from tests.app.homes import CHECKOUT, MANAGER, Home, Said, contents, in_use
from tests.databases import Place
from tests.simulators import running_simulator

CODE = "417-973"
SITE = ("site", "add", "--by", MANAGER, "--number", "417", "--name", "Osaka", "--country", "JP", "--zone", "Asia/Tokyo")
PATIENT = ("patient", "add", "--site", "417", "--code", CODE)


# --- settings ---------------------------------------------------------------------------------------------------------


def test_settings_are_listed_with_what_they_are_for_and_no_secret(home: Home):
    home.set(TELEGRAM_TOKEN="Canary-Secret", KEY_COMMAND="Canary-Secret", WEB_PORT="8099")
    home.set(DATABASE_URL="postgresql://user:Canary-Secret@host/db")
    said = home("settings")

    assert said.code == 0
    assert "Canary-Secret" not in said.everything
    assert all(f"{setting.name} = " in said.out and setting.purpose in said.out for setting in SETTINGS)
    assert "SITEBELL_TELEGRAM_TOKEN = set (not shown)" in said.out
    assert "SITEBELL_WEB_PORT = 8099" in said.out


def test_a_key_file_is_no_key_in_the_environment(home: Home):
    said = home("settings")

    assert f"SITEBELL_KEY_FILE = {home.key}" in said.out
    assert "SITEBELL_KEY = not set" in said.out


# --- the first steps --------------------------------------------------------------------------------------------------


def test_what_losing_the_key_means_is_said_before_it_is_made(home: Home):
    said = home("keys", "create")

    assert said.code == 0
    assert said.out.index("nobody can open the database") < said.out.index(f"Created: {home.key}")
    assert f"{home.key.stat().st_mode & 0o777:o}" == "600"


def test_what_losing_the_key_means_is_said_even_when_making_it_fails(home: Home):
    home.key.parent.touch()  # a file where a folder has to be
    said = home("keys", "create")

    assert said.code != 0
    assert "nobody can open the database" in said.out
    assert "Created" not in said.out
    assert "Traceback" not in said.err


def test_a_key_that_is_there_is_never_overwritten(home: Home):
    home("keys", "create")
    before = home.files()
    said = home("keys", "create")

    assert said.code == 78
    assert said.err == f"{home.key} exists already and was left alone.\n"
    assert "nobody can open" not in said.out
    assert home.files() == before


def test_migrating_makes_the_database_and_the_second_time_changes_nothing(home: Home):
    home("keys", "create")
    first = home("migrate")
    before = home.files()
    second = home("migrate")

    assert (first.code, first.out) == (0, "The database was made, at revision 0006.\n")
    assert (second.code, second.out) == (0, "The database is at revision 0006 already; nothing was changed.\n")
    assert home.files() == before
    assert {"data", "data/sitebell.db", "data/sitebell.db.key"} <= set(before)


def test_without_a_token_nothing_is_run_and_nothing_is_made():
    """As a process of its own: what the shell sees."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SITEBELL_")}
    ended = subprocess.run(
        [sys.executable, "-m", "app.main", "run"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "SITEBELL_TELEGRAM_TOKEN: is not set; give the token that BotFather made for your bot, "
        "or try `sitebell demo`, which needs none.\n"
    )


# --- doctor -----------------------------------------------------------------------------------------------------------


def lives(place: Place, *, ago: timedelta = timedelta(0)) -> None:
    """Every loop gave its sign of life so long ago."""
    with place.opened() as records, records.begin() as tx:
        for loop in ("tick", "receive"):
            beat(tx, loop, SystemClock().elapsed() - ago)


def test_the_doctor_finds_nothing_where_all_is_well(office: Home, sqlcipher_place: Place):
    lives(sqlcipher_place)
    said = office("doctor")

    assert (said.code, said.err) == (0, "")
    assert all(line.startswith("ok ") for line in said.out.splitlines()), said.out
    assert "service: ticking, receiving and sending" in said.out
    assert "ok    The audit log holds: 3 entries" in said.out


def test_the_doctor_sees_that_the_service_has_stopped(office: Home, sqlcipher_place: Place):
    lives(sqlcipher_place, ago=timedelta(minutes=3))
    said = office("doctor")

    assert said.code == 1
    worries = [line.removeprefix("LOOK ").strip() for line in said.out.splitlines() if line.startswith("LOOK")]
    assert worries == [
        "the metronome has not ticked for over 90 seconds: is the service running?",
        "no updates were fetched from Telegram for over two minutes",
    ]


def test_the_doctor_sees_a_database_that_somebody_wrote_into(office: Home, sqlcipher_place: Place):
    lives(sqlcipher_place)
    tamper(sqlcipher_place, sa.update(schema.audit).values(action="nothing.happened"))
    said = office("doctor")

    assert said.code == 1
    assert "LOOK  The audit log does NOT hold: 3 found, first entry 1" in said.out
    assert "Traceback" not in said.err


# --- the audit trail --------------------------------------------------------------------------------------------------


def tamper(place: Place, statement: sa.Update) -> None:
    """Change a row behind Sitebell's back."""
    with place.opened() as records, records.begin() as tx:
        tx.connection.execute(statement)


def test_an_audit_trail_that_holds_ends_with_0_and_a_changed_entry_with_1_and_its_place(
    office: Home, sqlcipher_place: Place
):
    office(*SITE, "--disclosure", "code")
    whole = office("audit", "verify")
    tamper(sqlcipher_place, sa.update(schema.audit).where(schema.audit.c.sequence == 4).values(action="site.removed"))
    broken = office("audit", "verify")

    assert (whole.code, whole.err) == (0, "")
    assert whole.out.startswith("The audit log holds: 5 entries, head 5:")
    assert broken.code == 1
    assert broken.out.startswith("The audit log does NOT hold: ")
    assert broken.err.startswith("entry 4: ")


def test_a_record_that_was_changed_is_told_in_a_sentence_without_what_it_held(office: Home, sqlcipher_place: Place):
    office(*SITE, "--disclosure", "code")
    in_use(sqlcipher_place)
    office(*PATIENT, "--event", "first_registration=2026-03-02")
    tamper(sqlcipher_place, sa.update(schema.patient_event).values(sealed=b"\x01" * 60))
    said = office("patient", "event", "--code", CODE, "--event", "second_registration", "--happened", "2026-06-08")

    assert said.code == 1
    assert said.err.startswith("The records do not hold: a sealed value of patient_event ")
    assert said.err.endswith("; `sitebell audit verify` tells more.\n")
    assert CODE not in said.everything


def test_answers_are_exported_as_a_table(office: Home):
    said = office("export", "answers")

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("study,site,patient,occurrence,")


# --- what was typed wrongly -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (
            (
                "site",
                "add",
                "--by",
                MANAGER,
                "--number",
                "4 1",
                "--name",
                "",
                "--country",
                "JPN",
                "--zone",
                "Tokyo",
                "--disclosure",
                "all",
            ),
            ("country", "time zone", "site number", "site name", "disclosure"),
        ),
        ((*SITE[:-3], "XX", "--zone", "Asia/Tokio", "--disclosure", "code"), ("country", "time zone", "site number")),
        ((*SITE, "--region", "Osaka", "--disclosure", "code"), ("region", "site number")),
        ((*SITE, "--disclosure", "code"), ("site number",)),
        ((*SITE, "--disclosure", "code", "--study", "DREEM"), ("study",)),
        ((*SITE, "--disclosure", "code", "--number", "418", "--by", "Amina"), ("name",)),
        ((*SITE, "--disclosure", "task-only"), ("SITEBELL_WEB_URL",)),
        (("patient", "add", "--site", "9", "--code", CODE), ("site",)),
        ((*PATIENT, "--event", "first_registration=2026-13-01"), ("event first_registration",)),
        ((*PATIENT, "--event", "first_registration=31.3.2026"), ("event first_registration",)),
        ((*PATIENT, "--event", "first_registration=2126-03-02"), ("event first_registration",)),
        (
            (*PATIENT, "--event", "first_registration=2026-03-02", "--event", "operation=2026-06-02"),
            ("event operation",),
        ),
        (
            (*PATIENT, "--event", "first_registration=2026-06-02", "--event", "surgery=2026-03-02"),
            ("event surgery",),
        ),
        ((*PATIENT, "--event", "first_registration=2026-03-02", "--fact", "lesion=big"), ("fact lesion",)),
        ((*PATIENT, "--event", "first_registration"), ("event",)),
        ((*PATIENT[:-1], f"{CODE}-Amina", "--event", "first_registration=2026-03-02"), ("patient code",)),
        ((*PATIENT[:-1], f"{CODE}-Amina"), ("event first_registration", "patient code")),
        (("patient", "event", "--code", CODE, "--event", "surgery", "--happened", "2026-03-02"), ("patient",)),
        (("patient", "fact", "--code", CODE, "--fact", "lesion_left_in_place", "--value", "no"), ("patient",)),
    ],
)
def test_every_wrong_field_is_named_with_what_would_be_right_and_nothing_is_half_written(
    office: Home, sqlcipher_place: Place, words, fields
):
    office(*SITE, "--disclosure", "code")
    in_use(sqlcipher_place)
    with sqlcipher_place.opened() as records:
        before = contents(records)
    said = office(*words)
    with sqlcipher_place.opened() as records:
        after = contents(records)

    assert_refused(said, fields)
    assert after == before


@pytest.mark.parametrize(
    "words", [("--site", "9"), (), ("--site", "417", "--role", "manager"), ("--site", "417", "--study", "DREEM")]
)
def test_nobody_is_invited_to_where_there_is_nothing(office: Home, sqlcipher_place: Place, tmp_path: Path, words):
    office(*SITE, "--disclosure", "code")
    with sqlcipher_place.opened() as records:
        before = contents(records)
    with running_simulator(tmp_path) as simulator:
        office.set(TELEGRAM_TOKEN=simulator.token, TELEGRAM_API=simulator.api, TELEGRAM_LOCAL_SERVER="yes")
        said = office("invite", "--name", "Amina", *words)
    with sqlcipher_place.opened() as records:
        after = contents(records)

    assert_refused(said, ("study",) if "--study" in words else ("site",))
    assert "Amina" not in said.err
    assert after == before


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ((), ("zone",)),
        (("--zone", "Asia/Tokyo"), ("country",)),
        (("--zone", "Asia/Tokio", "--country", "JAPAN"), ("country", "time zone")),
    ],
)
def test_a_manager_is_invited_with_the_clock_they_work_by(
    office: Home, sqlcipher_place: Place, tmp_path: Path, words: tuple[str, ...], fields: tuple[str, ...]
):
    with sqlcipher_place.opened() as records:
        before = contents(records)
    with running_simulator(tmp_path) as simulator:
        office.set(TELEGRAM_TOKEN=simulator.token, TELEGRAM_API=simulator.api, TELEGRAM_LOCAL_SERVER="yes")
        said = office("invite", "--name", "Manager B", "--role", "manager", *words)
    with sqlcipher_place.opened() as records:
        after = contents(records)

    assert_refused(said, fields)
    assert after == before


def assert_refused(said: Said, fields: tuple[str, ...]) -> None:
    """One sentence for each of these fields, and not a word more."""
    assert (said.code, said.out) == (2, "")
    lines = said.err.splitlines()
    assert tuple(line.partition(":")[0] for line in lines) == fields
    assert all("; " in line and line.endswith(".") for line in lines)
    assert "Traceback" not in said.err
    assert CODE not in said.err


def test_a_second_patient_of_one_code_is_refused_without_repeating_it(office: Home, sqlcipher_place: Place):
    office(*SITE, "--disclosure", "code")
    in_use(sqlcipher_place)
    assert office(*PATIENT, "--event", "first_registration=2026-03-02").code == 0
    with sqlcipher_place.opened() as records:
        before = contents(records)
    said = office(*PATIENT, "--event", "first_registration=2026-03-02")
    with sqlcipher_place.opened() as records:
        after = contents(records)

    assert (said.code, said.err) == (2, "patient code: DREAM has a patient of this code; give another code.\n")
    assert after == before


def test_a_file_that_is_not_there_is_named_in_a_sentence(office: Home):
    said = office("audit", "verify", "--export", "nowhere.jsonl")

    assert (said.code, said.err) == (74, "nowhere.jsonl cannot be used: No such file or directory.\n")


def test_a_mistake_of_our_own_ends_with_its_class_and_its_place_and_no_traceback(office: Home, sqlcipher_place: Place):
    tamper(sqlcipher_place, sa.update(schema.deployment).values(clock_offset_s=10**17))
    said = office("site", "list")

    assert (said.code, said.out) == (70, "")
    assert said.err.startswith("Sitebell made a mistake of its own and stopped: OverflowError at ")
    assert said.err.count("\n") == 1
