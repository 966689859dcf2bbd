"""The demo's clock and the way to its board, under `/phone/api/`; documented in `simulator.phone_api`."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException

from simulator.demo_clock import DemoClock


def add_demo(router: APIRouter, demo: DemoClock) -> None:
    def there() -> DemoClock:
        if not demo.is_there:
            raise HTTPException(404, "there is no demo clock")
        return demo

    @router.get("/demo-clock")
    async def demo_clock() -> dict[str, Any]:
        return asdict(await there().read())

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
