import asyncio
from datetime import timedelta

from scheduler.metronome import Beat, Metronome

OFTEN = timedelta(milliseconds=5)


async def test_beats_come_again_and_again_until_the_block_ends():
    counted: list[int] = []
    thrice = asyncio.Event()

    async def act() -> None:
        counted.append(1)
        if len(counted) == 3:
            thrice.set()

    async with Metronome({"tick": Beat(act, OFTEN)}, on_failure=lambda *_: None):
        async with asyncio.timeout(10):
            await thrice.wait()


async def test_a_beat_that_fails_is_told_and_the_next_one_still_comes():
    told: asyncio.Queue[tuple[str, BaseException]] = asyncio.Queue()

    async def act() -> None:
        raise RuntimeError("broken")

    async with Metronome({"tick": Beat(act, OFTEN)}, on_failure=lambda name, failure: told.put_nowait((name, failure))):
        async with asyncio.timeout(10):
            first, second = await told.get(), await told.get()

    assert first[0] == second[0] == "tick"
    assert isinstance(first[1], RuntimeError)
