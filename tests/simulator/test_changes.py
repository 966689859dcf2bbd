"""Whoever waits for a change misses none."""

import asyncio

from simulator.changes import Changes


async def test_what_rings_before_the_loop_comes_to_the_waiter_is_heard():
    changes = Changes()

    waiting = asyncio.ensure_future(changes.wait(60))
    changes.ring()

    async with asyncio.timeout(5):
        await waiting


async def test_nobody_waits_for_a_closed_bell():
    changes = Changes()
    changes.close()

    async with asyncio.timeout(5):
        await changes.wait(60)
