"""The bot as Telegram knows it: how it is built, and how it introduces itself."""

import asyncio
import ssl
from functools import lru_cache

import httpx
import structlog
from telegram import Bot
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

log = structlog.get_logger()

READ_TIMEOUT_S = 25.0  # a read that times out is ambiguous, so it is given time
OTHER_TIMEOUT_S = 10.0
CONNECTIONS = 16
_AGAIN_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class TokenRefused(RuntimeError):
    """Telegram does not know this bot token: check SITEBELL_TELEGRAM_TOKEN, or ask BotFather for a new one."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@lru_cache(maxsize=1)
def authorities() -> ssl.SSLContext:
    """Those whose word for a server is taken. Loading them takes tens of milliseconds: once for all clients of a process."""
    return httpx.create_ssl_context()


def new_bot(token: str, api: str) -> Bot:
    """A bot on this server's base address. Nothing is asked of the network yet."""
    return Bot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=CONNECTIONS,
            read_timeout=READ_TIMEOUT_S,
            write_timeout=OTHER_TIMEOUT_S,
            connect_timeout=OTHER_TIMEOUT_S,
            pool_timeout=OTHER_TIMEOUT_S,
            httpx_kwargs={"verify": authorities()},
        ),
        # Never used, for the receiver fetches updates itself: said here so that it loads no authorities of its own.
        get_updates_request=HTTPXRequest(connection_pool_size=1, httpx_kwargs={"verify": authorities()}),
    )


async def introduce(bot: Bot) -> None:
    """`getMe`, until it is answered: without its own name a bot does not know which commands are meant for it.

    Raises:
        TokenRefused: trying again would not help.
    """
    attempt = 0
    while True:
        try:
            await bot.initialize()
        except InvalidToken:
            raise TokenRefused from None
        except TelegramError as problem:
            wait_s = _AGAIN_AFTER_S[min(attempt, len(_AGAIN_AFTER_S) - 1)]
            attempt += 1
            log.warning("telegram_not_reached", error=type(problem).__name__, seconds=wait_s)
            await asyncio.sleep(wait_s)
        else:
            return


async def username(token: str, api: str) -> str:
    """The bot's name for invitation links.

    Raises:
        TokenRefused: Telegram does not know this token.
    """
    bot = new_bot(token, api)
    try:
        await introduce(bot)
        return bot.username
    finally:
        await bot.shutdown()
