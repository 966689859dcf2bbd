"""Where Sitebell refuses to work: one sentence, an exit code that is not 0, and everything as it was."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.main import MISCONFIGURED
from records.key_providers import new_key_text
from records.migrations import upgrade
from tests.app.homes import Home
from tests.databases import SET_UP, Place
from tests.simulators import running_simulator

TOKEN = "7700112233:Canary-Token-0000000000000000000000000"  # a test's own
MISSPELT = "TELEGRAM_TOKN"
NEWER = "UPDATE alembic_version SET version_num = '9999'"


def lose_the_key(home: Home, _place: Place) -> None:
    home.key.unlink()


def bring_another_key(home: Home, _place: Place) -> None:
    home.write_key(new_key_text())


def bring_what_is_no_key(home: Home, _place: Place) -> None:
    home.write_key("Canary-Key")


def open_the_key_to_others(home: Home, _place: Place) -> None:
    home.key.chmod(0o640)


def put_the_key_beside_the_data(home: Home, place: Place) -> None:
    home.key = home.key.rename(place.data_dir / "key")
    home.set(KEY_FILE=str(home.key))


def change_by_a_newer_sitebell(_home: Home, place: Place) -> None:
    with place.opened() as records, records.begin() as tx:
        tx.connection.execute(sa.text(NEWER))


def damage_the_file(_home: Home, place: Place) -> None:
    place.path.write_bytes(b"Canary-Key" * 1000)


def lose_the_files_key(_home: Home, place: Place) -> None:
    Path(f"{place.path}.key").unlink()


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong with an installation, and what the sentence about it says."""

    make: Callable[[Home, Place], None]
    sentence: str


WRONGS = (
    Wrong(lose_the_key, "There is no key file {key}; put the key back there"),
    Wrong(bring_another_key, "is not the one that this database was closed with"),
    Wrong(bring_what_is_no_key, "What stands in {key} is not a key"),
    Wrong(open_the_key_to_others, "has mode 0640, so others may use it"),
    Wrong(put_the_key_beside_the_data, "The key file {key} lies in the data folder"),
    Wrong(change_by_a_newer_sitebell, "The database is at revision 9999, which this Sitebell does not know"),
    Wrong(damage_the_file, "The key does not open"),
    Wrong(lose_the_files_key, "is not beside the database; restore it together with the database"),
)
COMMANDS = (("run",), ("migrate",), ("doctor",), ("audit", "verify"), ("export", "answers", "--out", "answers.csv"))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.make.__name__)
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_written(
    office: Home, sqlcipher_place: Place, wrong: Wrong, words
):
    office.set(TELEGRAM_TOKEN=TOKEN)
    wrong.make(office, sqlcipher_place)
    before = office.files()
    said = office(*words)

    assert (said.code, said.out) == (MISCONFIGURED, "")
    assert wrong.sentence.format(key=office.key) in said.err
    assert said.err.count("\n") == 1
    assert said.err.endswith(".\n")
    assert "Traceback" not in said.err
    assert "Canary" not in said.err
    assert office.files() == before


# --- a first start that is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("run",), ("demo",), ("migrate",), ("keys", "create")], ids=" ".join)
def test_a_key_meant_for_the_data_folder_is_refused_before_anything_is_made(home: Home, words):
    home.set(KEY_FILE=str(home.data / "key"), **({"TELEGRAM_TOKEN": TOKEN} if words == ("run",) else {}))
    said = home(*words)

    assert said.code == MISCONFIGURED
    assert said.everything.startswith(f"The key file {home.data / 'key'} lies in the data folder {home.data}:")
    assert said.everything.count("\n") == 1
    assert home.files() == {}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"KEY": "Canary-Key"}, "What stands in SITEBELL_KEY is not a key"),
        ({"KEY_COMMAND": "false Canary-Key"}, "The key command did not give a key (CalledProcessError)"),
        ({"KEY_COMMAND": "no-such-program-anywhere Canary-Key"}, "The key command did not give a key"),
        ({"KEY_COMMAND": "echo Canary-Key"}, "What stands in the key command is not a key"),
        ({"KEY_COMMAND": "'"}, "The key command did not give a key (ValueError)"),
    ],
)
@pytest.mark.parametrize("words", [("run",), ("migrate",)], ids=" ".join)
def test_a_key_that_is_none_makes_nothing_and_is_not_quoted(home: Home, words, settings, sentence):
    home.set(TELEGRAM_TOKEN=TOKEN, **settings)
    said = home(*words)

    assert (said.code, said.out) == (MISCONFIGURED, "")
    assert sentence in said.err
    assert "Canary" not in said.err
    assert home.files() == {}


def test_every_wrong_setting_is_told_at_once_and_nothing_is_made(home: Home):
    home.set(WEB_PORT="eighty", LOG_LEVEL="loud", **{MISSPELT: TOKEN})
    said = home("run")

    assert (said.code, said.out) == (2, "")
    assert [line.partition(":")[0] for line in said.err.splitlines()] == [
        f"SITEBELL_{MISSPELT}",
        "SITEBELL_WEB_PORT",
        "SITEBELL_LOG_LEVEL",
    ]
    assert "Canary" not in said.err
    assert home.files() == {}


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def test_a_server_that_does_not_answer_is_named_without_its_password(home: Home):
    home.write_key(new_key_text())
    home.set(TELEGRAM_TOKEN=TOKEN, DATABASE_URL="postgresql://user:Canary-Word@127.0.0.1:9/sitebell")
    before = home.files()
    said = home("doctor")

    assert said.code == MISCONFIGURED
    assert said.err == "PostgreSQL at 127.0.0.1, database sitebell does not answer (OperationalError).\n"
    assert home.files() == before


def test_an_empty_database_is_not_migrated_behind_the_back_of_others_on_it(home: Home, postgresql_url: str):
    home.write_key(new_key_text())
    home.set(DATABASE_URL=postgresql_url)
    said = home("doctor")

    assert (said.code, said.err) == (MISCONFIGURED, "The database is empty; `sitebell migrate` fills it.\n")
    assert home("migrate").code == 0
    assert home("doctor").code == 1  # it opens; only the service does not run


def test_a_newer_postgresql_is_left_alone(home: Home, postgresql_url: str):
    home.write_key(new_key_text())
    home.set(DATABASE_URL=postgresql_url)
    home("migrate")
    with psycopg.connect(postgresql_url) as connection:
        connection.execute(NEWER)
    said = [home("migrate"), home("doctor")]

    assert [one.code for one in said] == [MISCONFIGURED, MISCONFIGURED]
    assert all("revision 9999, which this Sitebell does not know" in one.err for one in said)


# --- the demo and Telegram (decision 0012) ----------------------------------------------------------------------------


@pytest.fixture
def demo_home(home: Home, sqlcipher_place: Place) -> Home:
    """Somebody with the demo's database and its key."""
    sqlcipher_place.path.unlink()
    Path(f"{sqlcipher_place.path}.key").unlink()
    upgrade(sqlcipher_place.url, keys=sqlcipher_place.keys, data_dir=sqlcipher_place.data_dir, demo=True, now=SET_UP)
    home.furnish(sqlcipher_place)
    return home


@pytest.mark.parametrize("api", ["https://api.telegram.org", "https://192.0.2.7:8443", "https://127.0.0.1.example"])
@pytest.mark.parametrize(
    "words", [("run",), ("serve",), ("doctor",), ("export", "answers"), ("serve", "--demo")], ids=" ".join
)
def test_the_demos_database_never_meets_telegram(demo_home: Home, api, words):
    demo_home.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API=api)
    before = demo_home.files()
    said = demo_home(*words)

    assert (said.code, said.out) in {(2, ""), (MISCONFIGURED, "")}
    assert "demo" in said.err
    assert "Canary" not in said.err
    assert demo_home.files() == before


def test_the_demos_database_is_not_run_as_real_work_whatever_is_said_about_the_server(demo_home: Home):
    demo_home.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:9", TELEGRAM_LOCAL_SERVER="yes")
    before = demo_home.files()
    said = demo_home("run")

    assert said.code == MISCONFIGURED
    assert said.err == "This database belongs to the demo; use another data folder or another database.\n"
    assert demo_home.files() == before


def test_without_a_token_the_office_works_on_the_demo_by_naming_its_folder(demo_home: Home):
    assert demo_home("export", "answers").code == 0
    assert demo_home("site", "list").code == 0


@pytest.mark.parametrize("words", [("doctor",), ("export", "answers"), ("site", "list"), ("serve",)], ids=" ".join)
def test_real_work_meets_no_server_on_this_machine_that_nobody_vouched_for(office: Home, words):
    office.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:9")
    before = office.files()
    said = office(*words)

    assert (said.code, said.out) == (2, "")
    assert "SITEBELL_TELEGRAM_API: is on this machine, and this database holds real work;" in said.err
    assert "set SITEBELL_TELEGRAM_LOCAL_SERVER=yes if it is your own Bot API server." in said.err
    assert office.files() == before


def test_real_work_meets_the_operators_own_server_once_it_is_vouched_for(office: Home):
    office.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:9", TELEGRAM_LOCAL_SERVER="yes")

    assert office("site", "list").code == 0


def test_the_demo_does_not_start_on_a_database_of_real_work(office: Home):
    before = office.files()
    said = office("demo")

    assert said.code == MISCONFIGURED
    assert said.err == "This database is not the demo's; use another data folder or another database.\n"
    assert office.files() == before


def test_the_demo_does_not_start_with_a_token(home: Home):
    home.set(TELEGRAM_TOKEN=TOKEN)
    said = home("demo")

    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "SITEBELL_TELEGRAM_TOKEN: is set, and the demo can never meet Telegram; "
        "unset it for the demo, or start `sitebell run`.\n"
    )
    assert home.files() == {}


# --- a token that Telegram refuses ------------------------------------------------------------------------------------


def test_a_token_that_telegram_does_not_know_ends_the_service_for_good(office: Home, tmp_path: Path, logged):
    office.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_LOCAL_SERVER="yes", WEB_PORT="0")
    with running_simulator(tmp_path) as simulator:
        office.set(TELEGRAM_API=simulator.api)
        said = office("serve")

    assert said.code == MISCONFIGURED
    assert said.out == (
        "sitebell: Telegram does not know this bot token: check SITEBELL_TELEGRAM_TOKEN, or ask BotFather for a new one.\n"
    )
    assert "Canary" not in said.everything + logged.text
