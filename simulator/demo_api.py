"""The demo's clock and the way to its board, under `/phone/api/`; documented in `simulator.phone_api`."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from simulator.changes import Changes
from simulator.demo_clock import DemoClock, DemoClockSilent, DemoMoment

AGAIN_S = 0.5


def add_demo(router: APIRouter, demo: DemoClock, changes: Changes) -> None:
    def there() -> DemoClock:
        if not demo.is_there:
            raise HTTPException(404, "there is no demo clock")
        return demo

    @router.get("/demo-clock")
    async def demo_clock(timeout: Annotated[float, Query(ge=0, le=600)] = 0) -> dict[str, Any]:  # noqa: ASYNC109 - a query parameter
        return asdict(await _patiently(there(), changes, timeout))

    @router.post("/demo-clock/next")
    async def next_thing_due() -> dict[str, Any]:
        return asdict(await there().next())

    @router.post("/demo-clock/day")
    async def one_day_on() -> dict[str, Any]:
        return asdict(await there().day())

    @router.post("/demo-clock/week")
    async def one_week_on() -> dict[str, Any]:
        return asdict(await there().week())

    @router.post("/board-link")
    async def board_link() -> dict[str, str]:
        url = await there().board_link()
        if url is None:
            raise HTTPException(409, "the demo's people are still moving in; its board opens in a moment")
        return {"url": url}


async def _patiently(demo: DemoClock, changes: Changes, patience_s: float) -> DemoMoment:
    """A browser writes each failed request to its console; one that waits fails only when it must."""
    ends_at = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            return await demo.read()
        except DemoClockSilent:
            if asyncio.get_running_loop().time() >= ends_at or changes.closed:
                raise
        await changes.wait(AGAIN_S)
