"""The menu of commands, registered with Telegram: for every language, and by role for the people we know.

Best effort beside everything else: a menu that was not taken is one that the phone shows from before, and every command
works without it.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from bot.channel import Channel
from bot.discreet import is_discreet
from locales import command_words, languages, offered, speak_language
from office.disclosure import names_nothing
from records import people, sites, studies
from records.database import Records
from records.outbox import Outcome
from records.threads import Threads
from records.transaction import Tx
from scheduler.clock import Clock
from trial.access import Action, Actor, may
from trial.moments import Instant

log = structlog.get_logger()

ELSE: Final = "en"
"""What phones in a language that we do not speak are shown."""

DRAIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Menu:
    """What one chat's menu offers; without a chat, every private chat's that has none of its own."""

    commands: Mapping[str, str]
    chat: int | None = field(default=None, repr=False)
    language: str | None = None


def menus_for_all() -> tuple[Menu, ...]:
    """For phones in each language: what everybody may ask for."""
    there_is = offered(office=False, at_site=True, discreet=False)
    spoken = [Menu(_commands(code, there_is), language=code) for code in languages()]
    return (Menu(_commands(ELSE, there_is)), *spoken)


def is_office(actor: Actor, study_ids: Sequence[Any], *, now: Instant) -> bool:
    """Whether somebody asks for sites and studies as a whole."""
    today = now.date()
    return any(may(actor, Action.MANAGE, study_id=study_id, site_id=None, today=today) for study_id in study_ids)


def has_site(actor: Actor, *, now: Instant) -> bool:
    """Whether somebody works at a site, whose cards come to them."""
    today = now.date()
    return any(held.is_site_staff and (held.until is None or today <= held.until) for held in actor.memberships)


def _commands(language: str, there_is: Collection[str]) -> Mapping[str, str]:
    return {name: said for name, said in command_words(language).items() if name in there_is}


class Menus:
    """Registers menus in tasks of its own, one after the other."""

    def __init__(self, records: Records, threads: Threads, clock: Clock, channel: Channel) -> None:
        self._records = records
        self._threads = threads
        self._clock = clock
        self._channel = channel
        self._one_by_one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def show_to_all(self) -> None:
        """At a start: every language's menu, and those of the trial office, of whoever only looks, and of sites whose chats
        name nothing.
        """
        self._begin(self._register(self._at_start))

    def show_to(self, chat: int) -> None:
        """Somebody joined, speaks another language from now on, or may have an old menu. Returns at once."""
        self._begin(self._register(lambda tx: self._of_chat(tx, chat)))

    async def drain(self) -> None:
        """Give what is under way a moment to end; what takes longer is left for the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_S)
        for task in tuple(self._tasks):
            task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _register(self, wanted: Callable[[Tx], Sequence[Menu]]) -> None:
        async with self._one_by_one:
            try:
                menus = await self._threads.read(self._read, wanted)
            except RuntimeError as problem:  # the service ends, and its threads with it
                log.info("menus_not_read", error=type(problem).__name__)
                return
            for menu in menus:
                result = await self._channel.menu(menu.commands, chat=menu.chat, language=menu.language)
                if result.outcome is not Outcome.ACCEPTED:
                    log.warning("menu_not_shown", outcome=result.outcome.value, error=result.error)

    def _read(self, wanted: Callable[[Tx], Sequence[Menu]]) -> Sequence[Menu]:
        with self._records.read() as tx:
            return wanted(tx)

    def _at_start(self, tx: Tx) -> Sequence[Menu]:
        found: dict[int, Menu] = {}
        there = sites.sites(tx)
        discreet = {site.id for site in there if is_discreet(site.disclosure)}
        of_office = (held for study in studies.studies(tx) for held in people.office_memberships(tx, study.id))
        at_sites = (
            held
            for held in people.memberships_at(tx, [site.id for site in there])
            if held.membership.site_id in discreet or not held.membership.is_site_staff
        )
        for held in (*of_office, *at_sites):
            person = people.person_by_id(tx, held.person_id) if held.can_be_told else None
            if person is not None and person.chat_id is not None:
                found.update({menu.chat: menu for menu in self._of_chat(tx, person.chat_id) if menu.chat})
        return (*menus_for_all(), *found.values())

    def _of_chat(self, tx: Tx, chat: int) -> Sequence[Menu]:
        speaker = people.speaker_by_chat(tx, chat)
        if speaker is None:
            return ()
        study_ids = [study.id for study in studies.studies(tx)]
        language = speak_language(speaker.person.language, tuple(languages()))
        now = self._clock.now()
        there_is = offered(
            office=is_office(speaker.actor, study_ids, now=now),
            at_site=has_site(speaker.actor, now=now),
            discreet=names_nothing(tx, speaker.person.id, today=now.date()),
        )
        return (Menu(_commands(language, there_is), chat),)
