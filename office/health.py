"""How the service is: signs of life, and what waits. For `/healthz` and `sitebell doctor`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from records import inbox, outbox
from records.database import Records
from records.pulses import Pulse, pulses

TICK_LATE = timedelta(seconds=90)
RECEIVE_LATE = timedelta(seconds=120)
SEND_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Health:
    """Ages in seconds, None where there was no sign of life yet. `problems` are closed words."""

    ok: bool
    demo: bool
    tick_age_s: float | None
    receive_age_s: float | None
    oldest_unsent_s: float | None
    inbox_open: int
    inbox_failed: int
    notices_unknown: int
    notices_failed: int
    problems: tuple[str, ...]


def health(records: Records, *, elapsed: datetime) -> Health:
    """The state now. A loop that is late makes it not ok; single failed notices are shown and do not."""
    with records.read() as tx:
        signs = pulses(tx)
        incoming = inbox.standing(tx)
        outgoing = outbox.standing(tx, elapsed=elapsed)
    tick, receive = _age(signs.get("tick"), elapsed), _age(signs.get("receive"), elapsed)
    unsent = None if outgoing.oldest_due is None else elapsed - outgoing.oldest_due
    late = (
        ("tick_late", tick is None or tick > TICK_LATE),
        ("receive_late", receive is None or receive > RECEIVE_LATE),
        ("send_late", unsent is not None and unsent > SEND_LATE),
    )
    problems = tuple(word for word, is_late in late if is_late)
    return Health(
        ok=not problems,
        demo=records.demo,
        tick_age_s=_seconds(tick),
        receive_age_s=_seconds(receive),
        oldest_unsent_s=_seconds(unsent),
        inbox_open=incoming.open,
        inbox_failed=incoming.failed,
        notices_unknown=outgoing.unknown,
        notices_failed=outgoing.failed,
        problems=problems,
    )


def _age(sign: Pulse | None, elapsed: datetime) -> timedelta | None:
    return None if sign is None else elapsed - sign.at


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else round(age.total_seconds(), 1)
