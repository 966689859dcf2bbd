"""The composition root: settings become keys, records, clocks. The only place that reads the environment."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.settings import Settings, is_loopback, settings_from
from bot.identity import TokenRefused, username
from records.database import Records, open_records
from records.deployments import clock_offset
from records.key_providers import (
    LOSING_IT,
    KeyCommand,
    KeyCredential,
    KeyFile,
    KeyProvider,
    KeyText,
    check_place,
    create_key_file,
)
from records.migrations import upgrade
from scheduler.clock import Clock, SystemClock
from trial.moments import use_pinned_zones
from trial.problems import Problem, ProblemError

DEMO_TOKEN = "1000000001:DEMO-" + "0" * 30
DEMO_FOLDER = Path(".sitebell/demo")
ANSWER_WITHIN_S = 10.0


def read_settings() -> Settings:
    """The settings of this process."""
    return settings_from(os.environ, home=Path.home())


def demo_settings(settings: Settings) -> Settings:
    """The same, turned to the demo: its own folder and key, and phones on this machine instead of Telegram.

    Raises:
        ProblemError: the demo was pointed at something that is not its own.
    """
    if settings.telegram_token not in {"", DEMO_TOKEN}:
        raise ProblemError(
            Problem(
                "SITEBELL_TELEGRAM_TOKEN",
                "is set, and the demo can never meet Telegram",
                "unset it for the demo, or start `sitebell run`",
            ),
        )
    if not is_loopback(settings.web_host):
        raise ProblemError(
            Problem("SITEBELL_WEB_HOST", "listens beyond this machine", "leave it at 127.0.0.1 for the demo"),
        )
    return replace(
        settings,
        telegram_token=DEMO_TOKEN,
        telegram_api=f"http://127.0.0.1:{settings.simulator_port}",
        data_dir=DEMO_FOLDER / "data" if "SITEBELL_DATA_DIR" not in os.environ else settings.data_dir,
        key_file=DEMO_FOLDER / "key" if "SITEBELL_KEY_FILE" not in os.environ else settings.key_file,
    )


def key_provider(settings: Settings) -> KeyProvider:
    """Where the key-encrypting key comes from: the most explicit source that is set."""
    if settings.key:
        return KeyText(settings.key)
    if settings.key_command:
        return KeyCommand(settings.key_command)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and not settings.key_file.exists():
        return KeyCredential(Path(credentials))
    return KeyFile(settings.key_file, outside=(settings.data_dir,))


def check_meeting(settings: Settings, *, demo: bool) -> None:
    """The demo's data and clock never meet Telegram itself, and real data never meets the phones (decision 0012).

    Raises:
        ProblemError: they would.
    """
    if demo and not settings.api_on_loopback:
        raise ProblemError(
            Problem(
                "SITEBELL_TELEGRAM_API",
                "is not on this machine, and this database belongs to the demo",
                "use another database for real work; the demo opens only with its own phones on loopback",
            ),
        )
    if not demo and settings.api_on_loopback and not settings.telegram_local_server:
        raise ProblemError(
            Problem(
                "SITEBELL_TELEGRAM_API",
                "is on this machine, and this database holds real work",
                "set SITEBELL_TELEGRAM_LOCAL_SERVER=yes if it is your own Bot API server",
            ),
        )


def prepare(settings: Settings, *, demo: bool, clock: Clock) -> None:
    """Make what is not there yet: on a first start the key, with what losing it means said before; then migrate.

    A demo's database is made whole by its service, a year of its trial in it (`app/demo_history.py`). PostgreSQL is migrated by `sitebell migrate` alone: there may be others on it.

    Raises:
        RecordsError: one sentence.
    """
    provider = key_provider(settings)
    if isinstance(provider, KeyFile) and not provider.path.exists() and not database_exists(settings):
        check_place(provider.path, outside=provider.outside)
        if not demo:
            sys.stderr.write(LOSING_IT.format(path=provider.path) + "\n")
        create_key_file(provider.path, outside=provider.outside)
    if settings.database_url.startswith("sqlite:") and (not demo or database_exists(settings)):
        upgrade(settings.database_url, keys=provider, data_dir=settings.data_dir, demo=demo, now=clock.elapsed())
    # Last: who is refused finds everything as it was.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def database_exists(settings: Settings) -> bool:
    """Whether something is there that a new key would not open."""
    if settings.database_url.startswith("sqlite:///"):
        return (settings.data_dir / settings.database_url.removeprefix("sqlite:///")).exists()
    return True


@dataclass(frozen=True, slots=True)
class Office:
    """What a command works with."""

    settings: Settings
    records: Records
    clock: SystemClock

    @property
    def bot_username(self) -> str:
        """The bot's name, asked of Telegram (of the phones, in the demo).

        Raises:
            ProblemError: it did not answer, or does not know the token.
        """
        return asyncio.run(_username(self.settings))


@contextmanager
def command_records() -> Iterator[Office]:
    """The records for one command, opened and closed again; the demo's when there is nothing else here."""
    settings = read_settings()
    use_pinned_zones()
    if not settings.telegram_token and not database_exists(settings) and (DEMO_FOLDER / "data").exists():
        settings = demo_settings(settings)
    records = open_records(settings.database_url, keys=key_provider(settings), data_dir=settings.data_dir)
    try:
        if records.demo and not settings.telegram_token:
            # Its folder was named and nothing else: without a token it can only be about the demo's own phones.
            settings = demo_settings(settings)
        check_meeting(settings, demo=records.demo)
        yield Office(settings, records, clock_of(records))
    finally:
        records.close()


async def _username(settings: Settings) -> str:
    if not settings.telegram_token:
        raise ProblemError(
            Problem("SITEBELL_TELEGRAM_TOKEN", "is not set", "a link needs the bot's name: give the bot's token")
        )
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await username(settings.telegram_token, settings.telegram_api)
    except TimeoutError:
        raise ProblemError(
            Problem("Telegram", "did not answer", "a link needs the bot's name: try again when it can be reached")
        ) from None
    except TokenRefused as refused:
        raise ProblemError(Problem("SITEBELL_TELEGRAM_TOKEN", "is refused by Telegram", "check it")) from refused


def clock_of(records: Records) -> SystemClock:
    """The clock of this deployment: shifted only where it is a demo."""
    with records.read() as tx:
        return SystemClock(clock_offset(tx))
