"""A bot whose requests are answered at once, in this process: the network is no part of what is measured."""

import json

from telegram import Bot
from telegram.request import BaseRequest

TOKEN = "1527:offline"  # a form that the library takes; it opens nothing
ITSELF = {"id": 1527, "is_bot": True, "first_name": "Sitebell", "username": "sitebell_bot"}


class _AnsweredAtOnce(BaseRequest):
    """Says yes to everything."""

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Opens nothing."""

    async def shutdown(self) -> None:
        """Has nothing to close."""

    async def do_request(self, url: str, *_: object, **__: object) -> tuple[int, bytes]:
        result = ITSELF if url.endswith("/getMe") else True
        return 200, json.dumps({"ok": True, "result": result}).encode()


def offline_bot() -> Bot:
    return Bot(TOKEN, request=_AnsweredAtOnce(), get_updates_request=_AnsweredAtOnce())
