"""Settings: read once, all problems at once, and no secret shown."""

import dataclasses
from pathlib import Path

import pytest

from app.settings import SETTINGS, Settings, settings_from
from trial.problems import ProblemError

HOME = Path("somebody")
SECRET = "Canary-Secret"
MISSPELT = "TELEGRAM_TOKN"  # without its beginning: what code names in full has to be a setting


def given(**environment: str) -> Settings:
    return settings_from({f"SITEBELL_{name}": value for name, value in environment.items()}, home=HOME)


def refused(**environment: str) -> list[str]:
    """The sentences, one a problem."""
    with pytest.raises(ProblemError) as raised:
        given(**environment)
    return [str(problem) for problem in raised.value.problems]


def test_without_any_setting_everything_has_a_value_that_works():
    settings = given()

    assert settings.telegram_api == "https://api.telegram.org"
    assert (settings.web_host, settings.web_port, settings.simulator_port) == ("127.0.0.1", 8080, 8081)
    assert settings.database_url == "sqlite:///sitebell.db"
    assert settings.key_file == HOME / ".config" / "sitebell" / "key"
    assert settings.telegram_token == ""


def test_every_problem_is_told_at_once():
    problems = refused(
        WEB_PORT="eighty",
        SIMULATOR_PORT="65536",
        LOG_LEVEL="loud",
        TELEGRAM_API="ftp://host",
        TELEGRAM_LOCAL_SERVER="true",
        DATABASE_URL="mysql://host/db",
        WEB_HOST="0.0.0.0",  # noqa: S104 - to be refused
        **{MISSPELT: "x"},
    )

    assert sorted(problem.partition(":")[0] for problem in problems) == [
        "SITEBELL_DATABASE_URL",
        "SITEBELL_LOG_LEVEL",
        "SITEBELL_SIMULATOR_PORT",
        "SITEBELL_TELEGRAM_API",
        "SITEBELL_TELEGRAM_LOCAL_SERVER",
        f"SITEBELL_{MISSPELT}",
        "SITEBELL_WEB_HOST",
        "SITEBELL_WEB_PORT",
    ]
    assert all("; " in problem and problem.endswith(".") for problem in problems), problems


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_setting_can_come_from_a_file_without_its_last_line_end(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("123456:abc\n")

    assert given(TELEGRAM_TOKEN_FILE=str(file)).telegram_token == "123456:abc"


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.name not in {"SITEBELL_KEY", "SITEBELL_KEY_FILE"}])
def test_every_setting_has_its_file(tmp_path: Path, setting):
    file = tmp_path / "value"
    file.write_text("0" if setting.name.endswith("_PORT") else setting.default or "https://host/path")
    settings_from({f"{setting.name}_FILE": str(file)}, home=HOME)

    (problem,) = refused(**{f"{setting.name.removeprefix('SITEBELL_')}_FILE": str(tmp_path / "missing")})
    assert problem.startswith(f"{setting.name}_FILE: cannot be read;")


def test_a_value_and_a_file_at_once_are_refused_without_choosing(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text(SECRET)
    (problem,) = refused(TELEGRAM_TOKEN=SECRET, TELEGRAM_TOKEN_FILE=str(file))

    assert problem == "SITEBELL_TELEGRAM_TOKEN: is set, and SITEBELL_TELEGRAM_TOKEN_FILE too; set one of the two."


def test_a_file_that_is_no_text_is_refused_without_a_word_of_it(tmp_path: Path):
    file = tmp_path / "token"
    file.write_bytes(b"\xff\xfe" + SECRET.encode())
    (problem,) = refused(TELEGRAM_TOKEN_FILE=str(file))

    assert problem == "SITEBELL_TELEGRAM_TOKEN_FILE: cannot be read; name a text file that this user may read."


def test_a_folder_is_no_file(tmp_path: Path):
    (problem,) = refused(TELEGRAM_TOKEN_FILE=str(tmp_path))

    assert problem.startswith("SITEBELL_TELEGRAM_TOKEN_FILE: cannot be read;")


def test_the_key_file_is_a_path_and_its_content_is_not_read():
    assert given(KEY_FILE="somewhere/key").key_file == Path("somewhere/key")
    assert given(KEY_FILE="somewhere/key").key == ""


# --- unknown names ----------------------------------------------------------------------------------------------------


def test_a_misspelt_setting_is_refused():
    assert refused(**{MISSPELT: "x"}) == [
        f"SITEBELL_{MISSPELT}: is no setting of Sitebell; `sitebell settings` lists them all."
    ]


def test_the_tests_own_settings_and_other_programs_are_left_alone():
    settings_from({"SITEBELL_TEST_WITHOUT": "browser", "PATH": "/bin", "PTB_TIMEDELTA": "1"}, home=HOME)


# --- where plain http may go ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_the_web_edge_listens_on_this_machine_without_more(host):
    assert given(WEB_HOST=host).web_host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "sitebell.example", "localhost.example"])  # noqa: S104 - to be refused
@pytest.mark.parametrize(
    "address", ["", "http://sitebell.example", "https://", "sitebell.example", "https://host:port"]
)
def test_beyond_this_machine_it_needs_the_https_address_of_a_proxy(host, address):
    (problem,) = refused(WEB_HOST=host, WEB_URL=address)

    assert problem.startswith("SITEBELL_WEB_HOST: listens beyond this machine over plain http; set SITEBELL_WEB_URL")
    assert given(WEB_HOST=host, WEB_URL="https://sitebell.example/").web_url == "https://sitebell.example"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8081", "http://[::1]:8081", "http://localhost:8081/", "https://bots.example"]
)
def test_the_bot_api_is_https_or_on_this_machine(address):
    assert given(TELEGRAM_API=address).telegram_api == address.rstrip("/")


@pytest.mark.parametrize("address", ["http://api.telegram.org", "http://192.0.2.7:8081", "http://127.0.0.1.example"])
def test_the_token_never_goes_over_plain_http_to_elsewhere(address):
    (problem,) = refused(TELEGRAM_API=address, TELEGRAM_TOKEN=SECRET)

    assert problem.startswith("SITEBELL_TELEGRAM_API: would send the bot's token over plain http;")
    assert SECRET not in problem


@pytest.mark.parametrize("address", ["api.telegram.org", "https://", "http://[bad", "http://127.0.0.1:port", "ftp://h"])
def test_a_bot_api_that_is_no_address_is_refused_in_a_sentence(address):
    (problem,) = refused(TELEGRAM_API=address)

    assert problem.startswith("SITEBELL_TELEGRAM_API: is no address;")


@pytest.mark.parametrize(
    ("address", "on_loopback"),
    [
        ("http://127.0.0.1:8081", True),
        ("https://localhost", True),
        ("https://api.telegram.org", False),
        # The user part of an address is not its host.
        ("https://127.0.0.1@bots.example", False),
        ("https://127.0.0.1.example", False),
    ],
)
def test_what_is_on_this_machine_is_told_by_the_host_alone(address, on_loopback):
    assert given(TELEGRAM_API=address).api_on_loopback is on_loopback


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_value_shows_when_settings_are_printed():
    settings = given(
        TELEGRAM_TOKEN=SECRET,
        KEY=SECRET,
        KEY_COMMAND=SECRET,
        DATABASE_URL=f"postgresql://user:{SECRET}@host/db",
        DEMO_CONTROL=SECRET,
    )

    for shown in (repr(settings), str(settings), f"{settings}", f"{settings!r}", repr([settings])):
        assert SECRET not in shown
    assert all(field.name in repr(settings) for field in dataclasses.fields(settings))


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://user:{SECRET}@host/db",
        f"postgresql+other://user:{SECRET}@host/db",
        f"postgresql://user:{SECRET}@host:{SECRET}/db",
        f"postgresql://user:{SECRET}@[host/db",
        SECRET,
    ],
)
def test_a_database_address_that_is_none_is_refused_without_its_password(url):
    (problem,) = refused(DATABASE_URL=url)

    assert problem.startswith("SITEBELL_DATABASE_URL: is the address of neither of the two databases;")
    assert SECRET not in problem


@pytest.mark.parametrize("name", ["TELEGRAM_TOKEN", "KEY", "KEY_COMMAND", "DEMO_CONTROL", "DATABASE_URL"])
def test_what_opens_something_is_marked_as_secret(name):
    assert next(setting for setting in SETTINGS if setting.name == f"SITEBELL_{name}").secret
