"""What tests do to the simulator's world, under `/phone/api/`; documented in `simulator.phone_api`."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from simulator.clock import iso
from simulator.faults import Fault
from simulator.limits import Limits
from simulator.world import World


class NewUpdate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    update: dict[str, Any] | None = None
    repeat: int | None = None
    under_new_id: bool = False


class Advance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    advance: Annotated[float, Field(ge=0)]


def add_controls(router: APIRouter, world: World) -> None:
    _add_faults(router, world)
    _add_time_and_updates(router, world)


def _add_faults(router: APIRouter, world: World) -> None:
    @router.get("/faults")
    async def faults() -> list[dict[str, object]]:
        return world.faults.pending()

    @router.post("/faults")
    async def order_fault(fault: Fault) -> list[dict[str, object]]:
        world.faults.order(fault)
        return world.faults.pending()

    @router.delete("/faults")
    async def clear_faults() -> list[dict[str, object]]:
        world.faults.clear()
        return []

    @router.get("/limits")
    async def limits() -> Limits:
        return world.limiter.limits

    @router.post("/limits")
    async def set_limits(limits: Limits) -> Limits:
        world.limiter.configure(limits)
        return limits


def _add_time_and_updates(router: APIRouter, world: World) -> None:
    @router.post("/updates")
    async def updates(body: NewUpdate) -> dict[str, Any]:
        with world.database.transaction():
            if body.update is not None:
                return {"update_id": world.updates.inject(body.update)}
            if body.repeat is not None:
                return {"update_id": world.updates.repeat(body.repeat, under_new_id=body.under_new_id)}
        raise HTTPException(422, "give `update` or `repeat`")

    @router.get("/clock")
    async def clock() -> dict[str, str]:
        return {"now": iso(world.clock.now())}

    @router.post("/clock")
    async def advance(body: Advance) -> dict[str, str]:
        with world.database.transaction():
            world.clock.advance(body.advance)
            world.updates.expire()
            world.journal.add("clock advanced", seconds=body.advance)
        return {"now": iso(world.clock.now())}

    @router.get("/truth")
    async def truth(after: int = 0) -> dict[str, Any]:
        with world.database.transaction():
            world.updates.expire()
        presses = world.database.rows("SELECT * FROM press ORDER BY pressed_at, rowid")
        return {
            "n": world.journal.last(),
            "journal": world.journal.after(after),
            "updates": world.updates.history(),
            "presses": [dict(row) for row in presses],
        }
