"""Settings, read once from the environment. Each may also be given as `..._FILE`, the path of a file that holds the value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from trial.problems import Problem, ProblemError

TELEGRAM = "https://api.telegram.org"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table: what it is for, and what stands when it is not set."""

    name: str
    purpose: str
    default: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("SITEBELL_TELEGRAM_TOKEN", "the bot's token; without it `make run` starts the demo", "", secret=True),
    Setting("SITEBELL_TELEGRAM_API", "base address of the Bot API server", TELEGRAM),
    Setting(
        "SITEBELL_TELEGRAM_LOCAL_SERVER",
        "`yes` when the Bot API on loopback is the operator's own server, not the simulator",
        "no",
    ),
    Setting("SITEBELL_DATA_DIR", "folder of the database and its backups", ".sitebell/data"),
    Setting(
        "SITEBELL_DATABASE_URL",
        "`sqlite:///PATH` (always encrypted; a relative path lies in the data folder) or `postgresql://...`",
        "sqlite:///sitebell.db",
        secret=True,
    ),
    Setting("SITEBELL_KEY_FILE", "file with the key-encrypting key, mode 0600, outside the data folder", ""),
    Setting("SITEBELL_KEY", "the key-encrypting key itself, base64, where a file is not possible", "", secret=True),
    Setting("SITEBELL_KEY_COMMAND", "command that prints the key-encrypting key, base64", "", secret=True),
    Setting("SITEBELL_WEB_HOST", "address that the web edge listens on; plain http on loopback only", "127.0.0.1"),
    Setting("SITEBELL_WEB_PORT", "port that the web edge listens on", "8080"),
    Setting(
        "SITEBELL_WEB_URL",
        "https address of the proxy in front; needed for any other host, and for what phones open: the board and the pages "
        "of `task-only` sites",
        "",
    ),
    Setting("SITEBELL_SIMULATOR_PORT", "port of the demo's phones", "8081"),
    Setting(
        "SITEBELL_DEMO_CONTROL", "secret between the demo and its phones; made anew at each start", "", secret=True
    ),
    Setting("SITEBELL_LOG_LEVEL", "`debug`, `info`, `warning` or `error`", "info"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Secrets do not show when it is printed."""

    telegram_token: str
    telegram_api: str
    telegram_local_server: bool
    data_dir: Path
    database_url: str
    key_file: Path
    key: str
    key_command: str
    web_host: str
    web_port: int
    web_url: str
    simulator_port: int
    demo_control: str
    log_level: str

    def __repr__(self) -> str:
        return f"Settings({', '.join(field.name for field in fields(self))})"

    @property
    def api_on_loopback(self) -> bool:
        """Whether the Bot API is on this machine: the only kind that the demo may meet."""
        return is_loopback(_scheme_and_host(self.telegram_api)[1])

    def pages(self, port: int) -> str:
        """Where people open an item's page, with the port that the web edge listens on; empty: nobody's phone can.

        Phones on this machine, as the demo's, reach it by itself.
        """
        if self.web_url:
            return self.web_url
        return self.board(port) if self.api_on_loopback and not self.telegram_local_server else ""

    def board(self, port: int) -> str:
        """Where a browser opens the board, if only one on this machine, with the port that the web edge listens on."""
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return self.web_url or f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _scheme_and_host(address: str) -> tuple[str, str]:
    """Both empty where it is no address at all."""
    try:
        parts = urlsplit(address)
        port = parts.port  # reading it is what finds one that is no number
    except ValueError:
        return "", ""
    return ("", "") if port == 0 else (parts.scheme, parts.hostname or "")


def settings_from(
    environment: Mapping[str, str], *, home: Path, read: Callable[[Path], str] = Path.read_text
) -> Settings:
    """The settings of this environment.

    Raises:
        ProblemError: every setting that cannot be used, all at once.
    """
    problems: list[Problem] = []
    values = {setting.name: _value(setting, environment, read, problems) for setting in SETTINGS}
    known = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
    problems += [
        Problem(name, "is no setting of Sitebell", "`sitebell settings` lists them all")
        for name in environment
        if name.startswith("SITEBELL_") and name not in known and not name.startswith("SITEBELL_TEST_")
    ]
    web_port = _port("SITEBELL_WEB_PORT", values, problems)
    simulator_port = _port("SITEBELL_SIMULATOR_PORT", values, problems)
    _check_web(values, problems)
    _check_words(values, problems)
    data_dir = Path(values["SITEBELL_DATA_DIR"]).expanduser()
    database_url = values["SITEBELL_DATABASE_URL"]
    # A file's path may hold anything; of a server's address only the form is looked at here.
    is_file = database_url.startswith("sqlite:///")
    if not is_file and _scheme_and_host(database_url)[0] != "postgresql":
        problems.append(
            Problem(
                "SITEBELL_DATABASE_URL",
                "is the address of neither of the two databases",
                "use sqlite:///PATH or postgresql://USER@HOST/DATABASE",
            ),
        )
    if problems:
        raise ProblemError(*problems)
    key_file = values["SITEBELL_KEY_FILE"]
    return Settings(
        telegram_token=values["SITEBELL_TELEGRAM_TOKEN"],
        telegram_api=values["SITEBELL_TELEGRAM_API"].rstrip("/"),
        telegram_local_server=values["SITEBELL_TELEGRAM_LOCAL_SERVER"] == "yes",
        data_dir=data_dir,
        database_url=database_url,
        key_file=Path(key_file).expanduser() if key_file else home / ".config" / "sitebell" / "key",
        key=values["SITEBELL_KEY"],
        key_command=values["SITEBELL_KEY_COMMAND"],
        web_host=values["SITEBELL_WEB_HOST"],
        web_port=web_port,
        web_url=values["SITEBELL_WEB_URL"].rstrip("/"),
        simulator_port=simulator_port,
        demo_control=values["SITEBELL_DEMO_CONTROL"],
        log_level=values["SITEBELL_LOG_LEVEL"],
    )


def _value(
    setting: Setting,
    environment: Mapping[str, str],
    read: Callable[[Path], str],
    problems: list[Problem],
) -> str:
    # SITEBELL_KEY_FILE is a setting of its own: the path matters there, not only the content.
    by_file = None if setting.name == "SITEBELL_KEY" else environment.get(f"{setting.name}_FILE")
    direct = environment.get(setting.name)
    if by_file and direct:
        problems.append(
            Problem(setting.name, f"is set, and {setting.name}_FILE too", "set one of the two"),
        )
    if by_file:
        try:
            return read(Path(by_file)).strip()
        except (OSError, UnicodeDecodeError):
            problems.append(
                Problem(f"{setting.name}_FILE", "cannot be read", "name a text file that this user may read")
            )
            return setting.default
    return direct or setting.default


def _port(name: str, values: Mapping[str, str], problems: list[Problem]) -> int:
    text = values[name]
    if text.isascii() and text.isdigit() and 0 <= int(text) <= 65535:
        return int(text)
    problems.append(Problem(name, f"is no port: {text!r}", "use a number from 0 to 65535"))
    return 0


def _check_web(values: Mapping[str, str], problems: list[Problem]) -> None:
    scheme, host = _scheme_and_host(values["SITEBELL_WEB_URL"])
    if not is_loopback(values["SITEBELL_WEB_HOST"]) and not (scheme == "https" and host):
        problems.append(
            Problem(
                "SITEBELL_WEB_HOST",
                "listens beyond this machine over plain http",
                "set SITEBELL_WEB_URL to the https address of the proxy in front, or listen on 127.0.0.1",
            ),
        )
    scheme, host = _scheme_and_host(values["SITEBELL_TELEGRAM_API"])
    if not host or scheme not in {"http", "https"}:
        problems.append(
            Problem("SITEBELL_TELEGRAM_API", "is no address", f"give one such as the default, {TELEGRAM}"),
        )
    elif scheme == "http" and not is_loopback(host):
        problems.append(
            Problem(
                "SITEBELL_TELEGRAM_API",
                "would send the bot's token over plain http",
                f"use https, or http on loopback; the default is {TELEGRAM}",
            ),
        )


def _check_words(values: Mapping[str, str], problems: list[Problem]) -> None:
    choices = {
        "SITEBELL_TELEGRAM_LOCAL_SERVER": ("yes", "no"),
        "SITEBELL_LOG_LEVEL": ("debug", "info", "warning", "error"),
    }
    problems += [
        Problem(name, f"is {values[name]!r}", f"use one of {', '.join(words)}")
        for name, words in choices.items()
        if values[name] not in words
    ]
