"""Logs: one JSON line an event, on standard error, with ids and closed words only.

Four fences against a leak: values may only stand under the keys listed here and only as plain words and numbers; of an exception
the class and the place are kept, never the text, also of one that ends the process; of a library's line only its own fixed words;
and every line passes a filter that knows what a bot token looks like. httpx logs each address with the token at INFO, so it
speaks from WARNING on.
"""

import logging
import re
import sys
import threading
from collections.abc import Iterator, MutableMapping
from types import TracebackType

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "error", "count", "attempt", "outcome", "kind", "state", "step",
        "notice", "inbox", "task", "reminder", "seconds", "host", "port", "revision", "version", "token_number",
        "reason", "where", "exit_code", "demo", "update_kind", "left",
    },
)  # fmt: skip
_TOKEN = re.compile(r"\d{3,}:[A-Za-z0-9_-]{20,}")


def start_logging(level: str) -> None:
    """Structured logs from here on; called once, by the process that starts."""
    shared = (
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[
            *shared,
            class_of_exception,
            only_allowed_keys,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=(*shared, class_of_exception, fixed_words, only_allowed_keys),
            # A library's line is its template: what would be filled in may be anybody's words.
            use_get_message=False,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                plain_values,
                redact,
                structlog.processors.JSONRenderer(),
            ],
        ),
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # python-telegram-bot logs answers that it cannot read, whole. All that it raises ends in `bot/channel.py`.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    sys.excepthook = _log_the_end
    threading.excepthook = _log_the_end_of_a_thread
    sys.unraisablehook = _log_what_nobody_can_catch


def only_allowed_keys(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Drop what no log line of ours has a place for, and say that it was dropped."""
    dropped = [key for key in event if key not in ALLOWED and not key.startswith("_")]
    for key in dropped:
        del event[key]
    if dropped:
        event["left"] = f"{len(dropped)} fields left out"
    return event


def class_of_exception(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """A traceback may quote what a person wrote: keep the class and the place, never the text."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    problem = info[1] if isinstance(info, tuple) and len(info) > 1 else info
    if isinstance(problem, BaseException):
        event["error"], event["where"] = told(problem)
    event.pop("stack_info", None)
    return event


def told(problem: BaseException) -> tuple[str, str]:
    """The classes of an exception and of all that it gathers, and where each was raised: all that may be said of it."""
    leaves = tuple(_leaves(problem))
    return ", ".join(type(one).__name__ for one in leaves), "; ".join(_place(one.__traceback__) for one in leaves)


def _leaves(problem: BaseException) -> Iterator[BaseException]:
    if isinstance(problem, BaseExceptionGroup):
        for one in problem.exceptions:
            yield from _leaves(one)
    else:
        yield problem


def _place(traceback: TracebackType | None) -> str:
    frames = []
    while traceback is not None:
        frames.append(f"{traceback.tb_frame.f_code.co_name}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(frames[-6:])


def fixed_words(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Of a library's line its name and the first line of its template; asyncio puts whole exceptions into the others."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def plain_values(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Of what is neither a word nor a number only its kind: how it shows itself is not ours to decide."""
    for key, value in event.items():
        if not isinstance(value, str | int | float | bool | None):
            event[key] = type(value).__name__
    return event


def redact(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Whatever looks like a bot token goes, wherever it stands."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _TOKEN.sub("[token]", value)
    return event


# --- what ends a process ----------------------------------------------------------------------------------------------

_log = structlog.get_logger()


def tell_the_end(problem: BaseException) -> None:
    """Say that a mistake of ours ends this process: in the log where there is one, else in a sentence on standard error."""
    if structlog.is_configured():
        _log.critical("process_ended", exc_info=problem)
        return
    kind, place = told(problem)
    sys.stderr.write(f"Sitebell made a mistake of its own and stopped: {kind} at {place}.\n")


def _log_the_end(_kind: type[BaseException], problem: BaseException, _traceback: TracebackType | None) -> None:
    if not isinstance(problem, KeyboardInterrupt):
        tell_the_end(problem)


def _log_the_end_of_a_thread(ended: threading.ExceptHookArgs) -> None:
    _log.critical("thread_ended", exc_info=ended.exc_value)


def _log_what_nobody_can_catch(lost: "sys.UnraisableHookArgs") -> None:
    _log.error("exception_lost", exc_info=lost.exc_value)
