"""Logs hold ids and closed words, whatever is handed to them."""

import asyncio
import gc
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.logs import ALLOWED
from bot.channel import Channel
from bot.identity import new_bot
from locales import Text
from tests.app.conftest import Lines

CHECKOUT = Path(__file__).resolve().parents[2]
CANARY = "Canary-Text"
TOKEN = "7700112233:Canary-Token-0000000000000000000000000"  # a test's own

log = structlog.get_logger()


def throw(problem: Exception) -> NoReturn:
    raise problem from LookupError(CANARY)


def raised(problem: Exception) -> Exception:
    """The same, with a traceback and a cause."""
    with pytest.raises(type(problem)) as caught:
        throw(problem)
    return caught.value


# --- keys and values --------------------------------------------------------------------------------------------------


def test_a_line_is_json_with_its_event_its_level_and_its_time(logged: Lines):
    log.info("notice_attempted", notice="0190", attempt=2)

    assert logged.last["timestamp"].endswith("Z")
    assert {**logged.last, "timestamp": ""} == {
        "event": "notice_attempted",
        "level": "info",
        "timestamp": "",
        "notice": "0190",
        "attempt": 2,
    }


@pytest.mark.parametrize(
    "key", ["text", "name", "chat_id", "code", "payload", "exception", "url", "user", "positional"]
)
def test_a_key_that_no_line_has_a_place_for_is_left_out_and_the_line_says_so(logged: Lines, key):
    log.warning("update_not_handled", inbox="0190", **{key: CANARY})

    assert CANARY not in logged.text
    assert (logged.last["inbox"], logged.last["left"]) == ("0190", "1 fields left out")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1).filter(lambda key: key not in ALLOWED))
def test_whatever_a_key_is_called_only_the_listed_ones_pass(logged: Lines, key):
    log.info("x", **{key: CANARY})

    assert CANARY not in logged.text


@pytest.mark.parametrize("value", [ValueError(CANARY), [CANARY], {"text": CANARY}, (CANARY,), Path(CANARY)])
def test_what_is_neither_word_nor_number_shows_only_its_kind(logged: Lines, value):
    log.info("x", reason=value)

    assert CANARY not in logged.text
    assert logged.last["reason"] == type(value).__name__


# --- exceptions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["instance", "tuple", "current", "method"])
def test_an_exception_keeps_its_class_and_its_place_and_nothing_else(logged: Lines, how):
    try:
        throw(ValueError(CANARY))
    except ValueError as problem:
        match how:
            case "instance":
                log.critical("x", exc_info=problem)
            case "tuple":
                log.critical("x", exc_info=(ValueError, problem, problem.__traceback__))
            case "current":
                log.critical("x", exc_info=True)
            case "method":
                log.exception("x")

    assert CANARY not in logged.text
    assert logged.last["error"] == "ValueError"
    assert logged.last["where"].startswith("test_an_exception_keeps_its_class_and_its_place_and_nothing_else:")
    assert "left" not in logged.last


def test_of_a_group_every_exception_is_told(logged: Lines):
    group = ExceptionGroup(CANARY, [raised(ValueError(CANARY)), ExceptionGroup(CANARY, [raised(KeyError(CANARY))])])
    log.error("x", exc_info=group)

    assert CANARY not in logged.text
    assert logged.last["error"] == "ValueError, KeyError"


def test_a_stack_is_not_written(logged: Lines):
    log.error("x", stack_info=True)
    logging.getLogger("somewhere").error("x", stack_info=True)

    assert "stack" not in logged.text


def test_an_exception_that_ends_a_thread_is_told_by_its_class(logged: Lines):
    def fail() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert CANARY not in logged.text
    assert (logged.last["event"], logged.last["error"]) == ("thread_ended", "ValueError")


def test_an_exception_that_ends_the_process_is_told_by_its_class():
    dies = (
        "from app.logs import start_logging; start_logging('info')\n"
        f"class Closing:\n def __del__(self): raise LookupError({CANARY!r})\n"
        "Closing()\n"
        f"raise ExceptionGroup({CANARY!r}, [ValueError({CANARY!r}), KeyError({CANARY!r})])"
    )
    ended = subprocess.run([sys.executable, "-c", dies], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert CANARY not in ended.stderr
    assert '"error": "LookupError"' in ended.stderr
    assert '"error": "ValueError, KeyError"' in ended.stderr


# --- the token --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["event", "reason", "error", "where", "host", "left"])
def test_a_token_is_taken_out_wherever_it_stands(logged: Lines, key):
    line = {"event": "x"} | {key: f"https://host/bot{TOKEN}/getUpdates"}
    log.info(**line)

    assert "Canary" not in logged.text
    assert logged.last[key] == "https://host/bot[token]/getUpdates"


def test_a_token_in_a_librarys_line_is_taken_out(logged: Lines):
    logging.getLogger("somewhere").warning("asked https://host/bot" + TOKEN + "/getMe")  # noqa: G003 - as a careless library would

    assert "Canary" not in logged.text
    assert logged.last["event"] == "asked https://host/bot[token]/getMe"


# --- libraries --------------------------------------------------------------------------------------------------------


def test_of_a_librarys_line_only_its_fixed_words_are_kept(logged: Lines):
    logging.getLogger("somewhere").warning(
        "could not read %s of %s\nbecause of this", CANARY, 77001122334, extra={"text": CANARY}
    )

    assert CANARY not in logged.text
    assert "77001122334" not in logged.text
    assert (logged.last["event"], logged.last["logger"]) == ("could not read %s of %s", "somewhere")


def test_a_librarys_exception_keeps_its_class_and_its_place(logged: Lines):
    try:
        throw(ValueError(CANARY))
    except ValueError:
        logging.getLogger("somewhere").exception("it failed")

    assert CANARY not in logged.text
    assert (logged.last["event"], logged.last["error"]) == ("it failed", "ValueError")


async def test_a_task_whose_exception_nobody_took_is_told_without_its_text(logged: Lines):
    async def fail() -> None:
        raise ValueError(CANARY)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()

    assert CANARY not in logged.text
    assert (logged.last["event"], logged.last["error"]) == ("Task exception was never retrieved", "ValueError")


@pytest.mark.parametrize(
    "library", ["httpx", "httpcore.http11", "apscheduler.scheduler", "alembic.runtime.migration", "uvicorn.access"]
)
def test_libraries_that_talk_much_are_quiet(logged: Lines, library):
    logging.getLogger(library).info(CANARY)

    assert logged.text == ""


@pytest.mark.parametrize("library", ["telegram.Bot", "telegram.ext.Application", "telegram.request.BaseRequest"])
def test_what_telegrams_library_logs_itself_is_not_written_at_all(logged: Lines, library):
    logging.getLogger(library).error("cannot parse: %s", CANARY, exc_info=raised(ValueError(CANARY)))

    assert logged.text == ""


class Answering(httpx.AsyncBaseTransport):
    """A Bot API that answers every request with this."""

    def __init__(self, status: int, body: str) -> None:
        self._status = status
        self._body = body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self._status, text=self._body, request=request)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, f'{{"ok": true, "result": {{"text": "{CANARY}"'),
        (400, f'{{"ok": false, "error_code": 400, "description": "Bad Request: {CANARY} {TOKEN}"}}'),
        (403, f'{{"ok": false, "error_code": 403, "description": "Forbidden: {CANARY}"}}'),
        (502, f"<html>{CANARY} https://host/bot{TOKEN}/sendMessage</html>"),
        (200, f"<html>{CANARY}</html>"),
    ],
)
async def test_an_answer_of_telegrams_that_cannot_be_used_leaves_none_of_its_words(logged: Lines, status, body):
    bot = new_bot(TOKEN, "http://127.0.0.1:9")
    request = bot.request
    request._client = httpx.AsyncClient(transport=Answering(status, body), trust_env=False)
    result = await Channel(bot).send(77001122334, Text(CANARY, ()), ())
    log.info("notice_attempted", outcome=result.outcome.value, error=result.error)

    assert "Canary" not in logged.text
    assert "77001122334" not in logged.text
    assert "Canary" not in repr(result)
