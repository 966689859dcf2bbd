"""The one deployment that a database belongs to: who it is, whether it is the demo, how far its clock was moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from records.errors import OtherDeployment
from records.schema import deployment
from records.transaction import Tx

_DEPLOYMENT = sa.select(deployment.c.id, deployment.c.demo, deployment.c.clock_offset_s)


@dataclass(frozen=True, slots=True)
class Deployment:
    """`clock_offset` is trial time minus elapsed time; zero but in the demo."""

    id: UUID
    demo: bool
    clock_offset: timedelta


def read_deployment(connection: sa.Connection) -> Deployment:
    row = connection.execute(_DEPLOYMENT).one()
    return Deployment(id=row.id, demo=row.demo, clock_offset=timedelta(seconds=row.clock_offset_s))


def clock_offset(tx: Tx) -> timedelta:
    return read_deployment(tx.connection).clock_offset


def set_clock_offset(tx: Tx, offset: timedelta, *, at: datetime, recorded_at: datetime) -> None:
    """Move the demo's clock; whole seconds. `at` is trial time as it was.

    Raises:
        OtherDeployment: this is not the demo: its clock is the clock on the wall.
        ValueError: this would be backwards.
    """
    before = read_deployment(tx.connection)
    if not before.demo:
        raise OtherDeployment("Only the demo's clock can be moved, and this database is not the demo's.")
    if offset < before.clock_offset:
        raise ValueError("trial time does not run backwards")
    seconds = offset // timedelta(seconds=1)
    tx.connection.execute(deployment.update().where(deployment.c.demo).values(clock_offset_s=seconds))
    tx.audit(
        "clock.moved",
        table=deployment,
        object_id=before.id,
        by=None,
        at=at,
        recorded_at=recorded_at,
        before={"clock_offset_s": before.clock_offset // timedelta(seconds=1)},
        after={"clock_offset_s": seconds},
    )
