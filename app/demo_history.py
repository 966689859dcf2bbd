"""The demo's past: a year of its trial, lived by the real engine before the first start (decision 0015).

It is made in a folder of its own and moved into place when it is whole. Whoever is killed in the middle leaves that folder,
and the next start begins anew.
"""

import gc
import json
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import structlog

from app.demo_world import SEED, STUDY, script
from bot.channel import Key
from locales import languages
from office.study_files import read_study
from records import studies
from records.database import Records
from records.engines import sqlite_path
from records.key_providers import KeyProvider
from records.lived import open_lived, put_in_place
from records.migrations import upgrade
from records.pulses import beat
from rehearsal.chats import ChatMessage
from rehearsal.life import Lived, live
from scheduler.clock import Clock
from scheduler.watching import TICK

log = structlog.get_logger()

MAKING: Final = "being-made"
PAST: Final = "past.json"
"""The chats, until the phones have them."""


def spoken() -> Collection[str]:
    """The languages that there are and that the study has approved."""
    return frozenset(languages()) & frozenset(read_study(STUDY).languages)


def is_made(url: str, *, data_dir: Path) -> bool:
    """Whether there is a database at all."""
    path = sqlite_path(url, data_dir=data_dir)
    return path.exists() and path.stat().st_size > 0


def is_begun(records: Records) -> bool:
    """Whether there is a demo to go on with: a study is in it, from whatever Sitebell."""
    with records.read() as tx:
        return bool(studies.studies(tx))


def make_history(url: str, *, keys: KeyProvider, data_dir: Path, clock: Clock, lived: Callable[[date], None]) -> None:
    """Lives the year up to now and puts it into place: the database, its key, and the chats beside them.

    `lived` is told of each new day. Nothing is there before everything is.
    """
    target = sqlite_path(url, data_dir=data_dir)
    making = target.parent / MAKING
    # What somebody left who was killed in the middle is of no use to anybody.
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700, parents=True)
    made = f"sqlite:///{target.name}"
    upgrade(made, keys=keys, data_dir=making, demo=True, now=clock.elapsed())
    records = open_lived(made, keys=keys, data_dir=making, seed=SEED)
    try:
        with _without_looking_for_garbage():
            past = live(records, script(spoken()), ends_at=clock.now(), seed=SEED, lived=lived)
        with records.begin() as tx:
            # It took some seconds, which are no outage.
            beat(tx, TICK, clock.elapsed())
        records.commit()
    finally:
        records.close()
    (making / PAST).write_text(json.dumps(as_handed_over(past), ensure_ascii=False), encoding="utf-8")
    put_in_place(making / target.name, target, beside=(PAST,))
    shutil.rmtree(making)
    log.info("demo_lived")


@contextmanager
def _without_looking_for_garbage() -> Iterator[None]:
    """A year is made once and kept: the collector would look through all of it again and again."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# --- the chats, as the phones take them -------------------------------------------------------------------------------


def as_handed_over(past: Lived) -> dict[str, Any]:
    """The chats of the year as `POST /phone/api/past` wants them."""
    messages = [_message(one) for one in past.chats.everything()]
    begun = {message["chat"] for message in messages}
    return {
        "chats": [
            {"person": chat, "read_up_to": read_up_to, "blocked": chat in past.chats.blocked}
            for chat, read_up_to in past.read_up_to.items()
            if chat in begun
        ],
        "messages": messages,
    }


def _message(one: ChatMessage) -> dict[str, Any]:
    return {
        "message_id": one.message_id,
        "chat": one.chat,
        "from_bot": one.from_bot,
        "text": one.text.text,
        "entities": [{"type": "bold", "offset": span.offset, "length": span.length} for span in one.text.bold],
        "keyboard": [[{"text": key.text, **_what(key)} for key in row] for row in one.keyboard],
        "at": one.at.isoformat(),
        "edited_at": None if one.edited_at is None else one.edited_at.isoformat(),
        "reply_to": one.reply_to,
        "protected": one.protected,
    }


def _what(key: Key) -> dict[str, str]:
    return {"url": key.page} if key.page else {"callback_data": key.data}
