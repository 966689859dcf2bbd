"""Threads: one writer, what is urgent first, and nobody waits for ever."""

import asyncio
import threading

import pytest

from records.threads import Threads


@pytest.fixture
async def threads():
    started = Threads(readers=2)
    yield started
    started.close()


async def test_what_is_urgent_goes_first_and_each_kind_keeps_its_order(threads):
    gate, done = threading.Event(), []
    first = asyncio.ensure_future(threads.write(gate.wait))
    await asyncio.sleep(0)
    rest = [asyncio.ensure_future(threads.write(done.append, f"tick {n}")) for n in range(2)]
    rest += [asyncio.ensure_future(threads.write(done.append, f"answer {n}", urgent=True)) for n in range(2)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *rest)

    assert done == ["answer 0", "answer 1", "tick 0", "tick 1"]


async def test_writing_is_never_two_at_once(threads):
    inside, most = [], []

    def work() -> None:
        inside.append(1)
        most.append(len(inside))
        inside.pop()

    await asyncio.gather(*(threads.write(work) for _ in range(50)))

    assert {1} == set(most)


async def test_reading_does_not_wait_for_writing(threads):
    gate = threading.Event()
    writing = asyncio.ensure_future(threads.write(gate.wait))

    assert await threads.read(lambda: 1 + 2) == 3
    gate.set()
    await writing


async def test_an_error_is_raised_where_it_is_waited_for(threads):
    with pytest.raises(ZeroDivisionError):
        await threads.write(lambda: 1 // 0)
    assert await threads.write(lambda: 2) == 2


async def test_work_that_was_given_up_before_it_began_is_not_done(threads):
    gate, done = threading.Event(), []
    writing = asyncio.ensure_future(threads.write(gate.wait))
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(threads.write(done.append, 1))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    gate.set()
    await writing
    await threads.write(lambda: None)

    assert done == []


async def test_closing_finishes_what_was_handed_in():
    threads, done = Threads(readers=1), []
    work = [asyncio.ensure_future(threads.write(done.append, n)) for n in range(10)]
    await asyncio.sleep(0)
    threads.close()
    await asyncio.gather(*work)

    assert list(range(10)) == done
    with pytest.raises(RuntimeError):
        await threads.write(done.append, 11)


async def test_what_is_urgent_is_counted_as_soon_as_it_is_handed_in(threads):
    gate = threading.Event()
    first = asyncio.ensure_future(threads.write(gate.wait))
    await asyncio.sleep(0)
    rest = [asyncio.ensure_future(threads.write(int, urgent=urgent)) for urgent in (True, False, True)]
    await asyncio.sleep(0)

    assert threads.urgent == 2
    gate.set()
    await asyncio.gather(first, *rest)
