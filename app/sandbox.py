"""A study tried out: an invented trial is lived by the real engine, in a database that is counted and thrown away."""

import gc
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import active_count
from typing import Final

from locales import languages
from office.study_files import read_study, study_from_text
from records.database import Records
from records.key_providers import KeyText, new_key_text
from records.lived import open_lived
from records.migrations import upgrade
from records.rehearsed import items_opened, messages_sent, rings_sent, tasks_left
from rehearsal.brisk import BriskEngine, BriskHands
from rehearsal.cast import Cast
from rehearsal.figures import Figures, Home, Left, Reader, Span, figures, together
from rehearsal.invented_truths import InventedTruths
from rehearsal.invention import CODES, Behaviour, Wishes, invent
from rehearsal.life import Ways, live
from rehearsal.script import Script
from scheduler.definitions import Definitions
from trial.moments import Instant, instant, use_pinned_zones, zone
from trial.study import Study, SubjectId

DATABASE: Final = "sqlite:///sandbox.db"
CLOSES: Final = time(18, 0)
TERMINATED: Final = 128 + signal.SIGTERM
LOTS_AT_MOST: Final = 1_000
SIDE_BY_SIDE: Final = 8
"""Each takes some hundred megabytes."""
SELDOM: Final = 200_000
"""Objects made between two looks for garbage."""


def _read(text: str, name: str) -> Study:
    """The study with codes of the sandbox's own, whatever codes the file asks for; what it leaves open hinders no trial run."""
    return replace(study_from_text(text, name), subject_id=SubjectId(CODES, re.compile(CODES)), questions=())


def _truths(records: Records, studies: Definitions, script: Script, seed: int) -> InventedTruths:
    return InventedTruths(seed, script.reasons, records, studies)


BRISK: Final = Ways(read=_read, engine=BriskEngine, hands=BriskHands, truths=_truths)


def try_out(file: Path, wishes: Wishes, *, first: date, told: Callable[[int], None]) -> Figures:
    """What the study of this file would be like from `first` on. Nothing is left on disk.

    Sites are lived in lots, side by side where there are processors for it; the figures are the same on every machine.
    `told` hears how many patients have been lived so far.

    Raises:
        ProblemError: the file cannot be read, or everything that is wrong in it.
    """
    study = read_study(file)
    spoken = frozenset(languages()) & frozenset(study.languages)
    span = Span(first, first + timedelta(days=wishes.days))
    invented = invent(study, file, wishes, last=span.last, spoken=spoken)
    lots = [
        _Lot(script, {place.number: invented.behaviours[place.number] for place in script.places}, span, seed)
        for seed, script in enumerate(invented.lots(), start=wishes.seed * LOTS_AT_MOST)
    ]
    parts: list[Left] = []
    for lot, part in zip(lots, _lived(lots), strict=True):
        parts.append(part)
        told(len(lot.script.patients))
    return figures(together(parts), study.ladders, span)


@dataclass(frozen=True, slots=True)
class _Lot:
    """Some sites of an invented trial, and how they answer."""

    script: Script
    behaviours: Mapping[str, Behaviour]
    span: Span
    seed: int


def _lived(lots: Sequence[_Lot]) -> Iterator[Left]:
    """What each lot left, in their order."""
    workers = min(len(lots), os.cpu_count() or 1, SIDE_BY_SIDE)
    if workers < 2:
        yield from map(_live, lots)
        return
    # A process that does nothing beside is forked, with all that it has imported. Whatever else another one has started
    # is its own.
    alone = sys.platform == "linux" and active_count() == 1
    with ProcessPoolExecutor(workers, get_context("fork" if alone else "spawn"), initializer=use_pinned_zones) as pool:
        yield from pool.map(_live, lots)


def _live(lot: _Lot) -> Left:
    ends_at = instant(datetime.combine(lot.span.last, CLOSES, tzinfo=zone("UTC")))
    with _database(lot.seed, now=ends_at) as records, _rarely_looking_for_garbage():
        past = live(records, lot.script, ends_at=ends_at, seed=lot.seed, ways=BRISK)
        return left_of(records, past.cast, lot.behaviours)


@contextmanager
def _database(seed: int, *, now: Instant) -> Iterator[Records]:
    """An empty one in a folder of its own, under a key that nobody keeps; gone when the block ends."""
    keys = KeyText(new_key_text(), source="the sandbox")
    with _ended_in_order(), tempfile.TemporaryDirectory(prefix="sitebell-sandbox-") as folder:
        upgrade(DATABASE, keys=keys, data_dir=Path(folder), demo=True, now=now)
        records = open_lived(DATABASE, keys=keys, data_dir=Path(folder), seed=seed)
        try:
            yield records
        finally:
            records.close()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Whoever is told to end by a signal clears away first."""
    usual = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


@contextmanager
def _rarely_looking_for_garbage() -> Iterator[None]:
    """What has been lived is kept: the collector would look through all of it again and again."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def left_of(records: Records, cast: Sequence[Cast], behaviours: Mapping[str, Behaviour]) -> Left:
    """What these people of an invented trial left in its records."""
    staff = [who for who in cast if who.place is not None]
    # The first of each site is asked first.
    leads = {who.place.number: who for who in reversed(staff) if who.place is not None}
    readers = tuple(
        Reader(who.person_id, who.player.role, who in leads.values(), who.zone)
        for who in staff
        if who.person_id is not None
    )
    known = {reader.id for reader in readers}
    with records.read() as tx:
        return Left(
            readers=readers,
            homes={number: Home(who.calendar, who.zone, behaviours[number]) for number, who in leads.items()},
            messages=tuple(one for one in messages_sent(tx) if one.person_id in known),
            rings=rings_sent(tx),
            tasks=tasks_left(tx),
            items=items_opened(tx),
        )
