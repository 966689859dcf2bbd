"""`sitebell run` and `sitebell demo`: the supervising parents; and the children that they start."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from app.demo import Demo, live_the_year
from app.demo_history import is_begun, is_made
from app.demo_phones import DemoPhones
from app.logs import start_logging
from app.service import Service
from app.settings import Settings
from app.supervision import Child, module, supervise
from app.wiring import (
    check_meeting,
    clock_of,
    demo_settings,
    key_provider,
    prepare,
    read_settings,
)
from bot.identity import TokenRefused
from locales import languages
from records.database import Records, open_records
from records.engines import sqlite_path
from scheduler.clock import SystemClock
from trial.moments import use_pinned_zones
from trial.problems import Problem, ProblemError

MISCONFIGURED = 78


def register(cli: typer.Typer) -> None:
    cli.command("run")(run)
    cli.command("demo")(demo)
    cli.command("serve", hidden=True)(serve)


def run() -> None:
    """Serve real work: speak to Telegram with SITEBELL_TELEGRAM_TOKEN, start again whatever dies."""
    settings = read_settings()
    if not settings.telegram_token:
        raise ProblemError(
            Problem(
                "SITEBELL_TELEGRAM_TOKEN",
                "is not set",
                "give the token that BotFather made for your bot, or try `sitebell demo`, which needs none",
            ),
        )
    prepare(settings, demo=False, clock=SystemClock())
    say(f"health: http://{settings.web_host}:{settings.web_port}/healthz")
    sys.exit(supervise([_service(dict(os.environ))], say))


def demo() -> None:
    """Try it: DREAM with a dozen sites on this machine, phones in the browser, a clock that can be moved."""
    settings = demo_settings(read_settings())
    prepare(settings, demo=True, clock=SystemClock())
    environment = {
        # Whoever tries the demo reads its phones, not its log.
        "SITEBELL_LOG_LEVEL": "warning",
        **os.environ,
        "SITEBELL_DEMO_CONTROL": secrets.token_urlsafe(24),
    }
    clock_url = f"http://{settings.web_host}:{settings.web_port}/demo/clock"
    simulator = module(
        "The phones",
        "simulator",
        "--host",
        "127.0.0.1",
        "--port",
        str(settings.simulator_port),
        "--file",
        str(settings.data_dir / "phones.db"),
        "--token",
        settings.telegram_token,
        "--clock-url",
        clock_url,
        env=environment,
    )
    say("the demo runs on this machine and nothing leaves it; Ctrl-C ends it, what was done stays.")
    say(f"health: http://{settings.web_host}:{settings.web_port}/healthz")
    sys.exit(supervise([simulator, _service(environment, "--demo")], say))


def serve(*, demo: Annotated[bool, typer.Option(help="With the demo's database and phones.")] = False) -> None:
    """The service itself, one life of it. Started by `run` and `demo`."""
    settings = read_settings()
    if demo:
        settings = demo_settings(settings)
    start_logging(settings.log_level)
    use_pinned_zones()
    languages()  # a broken catalogue is found now, not on somebody's phone
    records = _demo_records(settings) if demo else _open(settings, demo=False)
    try:
        check_meeting(settings, demo=records.demo)
        clock = clock_of(records)
        asyncio.run(_live(settings, records, clock))
    except* TokenRefused as refused:
        say(str(refused.exceptions[0]))
        sys.exit(MISCONFIGURED)
    finally:
        records.close()


def _open(settings: Settings, *, demo: bool) -> Records:
    return open_records(settings.database_url, keys=key_provider(settings), data_dir=settings.data_dir, demo=demo)


def _demo_records(settings: Settings) -> Records:
    """The demo's records; where there is nothing in them yet, a year of its trial is lived first."""
    if is_made(settings.database_url, data_dir=settings.data_dir):
        records = _open(settings, demo=True)
        if is_begun(records):
            return records
        records.close()
    asyncio.run(live_the_year(settings, key_provider(settings), DemoPhones(settings.telegram_api), SystemClock()))
    return _open(settings, demo=True)


async def _live(settings: Settings, records: Records, clock: SystemClock) -> None:
    service = Service(settings, records, clock)
    if not records.demo:
        await service.run()
        return
    folder = sqlite_path(settings.database_url, data_dir=settings.data_dir).parent
    demo = Demo(records, clock, DemoPhones(settings.telegram_api), folder)
    await demo.hand_over()
    async with asyncio.TaskGroup() as both:
        inviting = both.create_task(_invite(demo, service))
        await service.run()
        inviting.cancel()


async def _invite(demo: Demo, service: Service) -> None:
    """Invitations wait at the phones, and the trial manager's way to the board is said."""
    await demo.leave_invitations()
    link = await service.demo_board_link()
    if link is not None:
        say(f"The board: {link} (as the trial manager, once, for ten minutes)")


def _service(environment: Mapping[str, str], *words: str) -> Child:
    return module("Sitebell", "app.main", "serve", *words, env=environment)


def say(sentence: str) -> None:
    sys.stdout.write(f"sitebell: {sentence}\n")
    sys.stdout.flush()
