"""Signs of life: when each loop last did its work. A silent Sitebell is seen by what is missing here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from records.schema import pulse
from records.transaction import Tx
from trial.moments import Instant

_ALL: Final = sa.select(pulse.c.name, pulse.c.at, pulse.c.detail).order_by(pulse.c.name)
_VALUES: Final[dict[str, sa.BindParameter[object]]] = {
    "name": sa.bindparam("name"),
    "at": sa.bindparam("at"),
    "detail": sa.bindparam("detail"),
}
_CHANGED: Final = ("at", "detail")


def _upsert(insert: sqlite.Insert | postgresql.Insert) -> sa.Insert:
    return insert.on_conflict_do_update(
        index_elements=["name"], set_={name: insert.excluded[name] for name in _CHANGED}
    )


_BEAT: Final = {
    "sqlite": _upsert(sqlite.insert(pulse).values(_VALUES)),
    "postgresql": _upsert(postgresql.insert(pulse).values(_VALUES)),
}


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last sign of life of one loop, by the elapsed clock."""

    name: str
    at: Instant
    detail: str | None


def beat(tx: Tx, name: str, elapsed: datetime, detail: str | None = None) -> None:
    """Say that this loop did its work. `detail` is a closed word, never text of people."""
    tx.connection.execute(_BEAT[tx.dialect], {"name": name, "at": elapsed, "detail": detail})


def pulses(tx: Tx) -> dict[str, Pulse]:
    """The last sign of life of every loop that ever gave one."""
    return {
        row.name: Pulse(name=row.name, at=Instant(row.at), detail=row.detail) for row in tx.connection.execute(_ALL)
    }
