"""The worker: what lies in the inbox is parsed by python-telegram-bot and handled, once, in the order it came.

`process_update` swallows exceptions, so its return is not "done": only the handler's own transaction marks the entry. What is
still open afterwards is tried again with growing pauses, and shown as failed after that; what stands behind it goes on.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from telegram import Bot, ChatMember, Message, Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.channel import Channel
from bot.commands import HELP
from bot.conversation import Conversation
from bot.menus import Menus
from bot.toasts import Toasts
from locales import OF_A_PATIENT, toast
from records import inbox
from records.database import Records
from records.inbox import InboxEntry
from records.threads import Threads
from scheduler.clock import Clock

log = structlog.get_logger()

AT_ONCE = 50
ATTEMPTS = 6
LOOK_AGAIN_S = 1.0
START = "start"
_SHOW_WHAT_THERE_IS = frozenset({HELP, *OF_A_PATIENT})
TOASTS_AT_ONCE = 8  # at a round trip of 100 ms eighty presses a second

App = Application[Bot, ContextTypes.DEFAULT_TYPE, Any, Any, Any, Any]


class Worker:
    """Handles the inbox until it is cancelled. `handled` is called after each entry: there may be something to send."""

    def __init__(
        self,
        records: Records,
        threads: Threads,
        clock: Clock,
        bot: Bot,
        conversation: Conversation,
        *,
        handled: Callable[[], None],
    ) -> None:
        self._records = records
        self._threads = threads
        self._clock = clock
        self._bot = bot
        self._toasts = Toasts(Channel(bot), at_once=TOASTS_AT_ONCE)
        self._menus = Menus(records, threads, clock, Channel(bot))
        self._conversation = conversation
        self._handled = handled
        self._wake = asyncio.Event()
        self._entry: InboxEntry | None = None
        self._failure: str | None = None

    def wake(self) -> None:
        """There may be something in the inbox."""
        self._wake.set()

    async def run(self) -> None:
        """Handle what is there, then wait for more. The bot has introduced itself (`Bot.initialize`) before."""
        app = self._application()
        await app.initialize()
        self._menus.show_to_all()
        try:
            while True:
                self._wake.clear()
                entries = await self._threads.read(self._open)
                for entry in entries:
                    await self._handle(app, entry)
                if len(entries) < AT_ONCE:
                    # Whatever came while these were handled has woken us.
                    await self._sleep()
        finally:
            await self._menus.drain()
            await self._toasts.drain()

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self._wake.wait()
        except TimeoutError:
            return

    def _application(self) -> App:
        """Where an update goes. No updater, no job queue, no persistence: the records are all three."""
        app: App = ApplicationBuilder().bot(self._bot).updater(None).job_queue(None).build()
        app.add_handler(CallbackQueryHandler(self._on_press))
        app.add_handler(ChatMemberHandler(self._on_membership, ChatMemberHandler.MY_CHAT_MEMBER))
        app.add_handler(MessageHandler(filters.COMMAND, self._on_command))
        app.add_handler(MessageHandler(filters.TEXT, self._on_text))
        app.add_error_handler(self._on_error)
        return app

    def _open(self) -> tuple[InboxEntry, ...]:
        with self._records.read() as tx:
            return inbox.open_entries(tx, elapsed=self._clock.elapsed(), limit=AT_ONCE)

    async def _handle(self, app: App, entry: InboxEntry) -> None:
        self._entry, self._failure = entry, None
        if entry.payload is None:
            await self._threads.write(self._give_up, entry, "TamperedRecord", urgent=True)
            return
        try:
            update = Update.de_json(entry.payload, self._bot)
        except (TypeError, ValueError, KeyError, AttributeError, TelegramError) as problem:
            # Admission keeps what the library can read; what slips through must not stand in the way of the others.
            await self._threads.write(self._give_up, entry, type(problem).__name__, urgent=True)
            return
        await app.process_update(update)
        if self._failure is not None:
            await self._threads.write(self._try_again, entry, self._failure, urgent=True)
        self._handled()

    # --- one handler a kind of update ---------------------------------------------------------------------------------

    async def _on_press(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        if query is None:
            return
        message_id = None if query.message is None else query.message.message_id
        reaction = await self._threads.write(
            self._conversation.press,
            self._current,
            query.from_user.id,
            message_id,
            query.data or "",
            urgent=True,
        )
        if reaction.menu:
            self._menus.show_to(query.from_user.id)
        # After the commit, best effort: an answer that Telegram no longer waits for decides nothing.
        words = toast(reaction.toast, reaction.language, by=reaction.by, on=reaction.on)
        self._toasts.say(query.id, words, alert=reaction.alert)

    async def _on_membership(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        change = update.my_chat_member
        if change is None:
            return
        reachable = change.new_chat_member.status not in {ChatMember.BANNED, ChatMember.LEFT}
        chat = change.chat.id
        await self._threads.write(self._conversation.reachable, self._current, chat, reachable, urgent=True)

    async def _on_command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A command with what admission let stand behind it: one word, or none."""
        message = update.effective_message
        if message is None:
            return
        name, _, argument = (message.text or "").removeprefix("/").partition(" ")
        if name == START:
            handle = self._conversation.start
        else:
            handle = partial(self._conversation.command, name=name, replied_to=_replied_to(message))
        await self._threads.write(handle, self._current, message.chat_id, argument, urgent=True)
        if name.casefold() in _SHOW_WHAT_THERE_IS:
            # What a site's chats may name can have been chosen anew since this menu was registered.
            self._menus.show_to(message.chat_id)

    async def _on_text(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is None:
            return
        text, replied = message.text or "", _replied_to(message)
        await self._threads.write(self._conversation.text, self._current, message.chat_id, text, replied, urgent=True)

    async def _on_error(self, _update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        self._failure = type(context.error).__name__
        log.error("update_not_handled", inbox=str(self._current.id), exc_info=context.error)

    # --- what is left of the entry ------------------------------------------------------------------------------------

    @property
    def _current(self) -> InboxEntry:
        if self._entry is None:
            raise RuntimeError("no update is being handled")
        return self._entry

    def _try_again(self, entry: InboxEntry, error: str) -> None:
        if entry.attempts + 1 >= ATTEMPTS:
            self._give_up(entry, error)
            return
        hold_until = self._clock.elapsed() + timedelta(seconds=2**entry.attempts)
        with self._records.begin() as tx:
            inbox.retry(tx, entry.id, error, hold_until=hold_until)

    def _give_up(self, entry: InboxEntry, error: str) -> None:
        with self._records.begin() as tx:
            inbox.failed(tx, entry.id, error, elapsed=self._clock.elapsed())
        log.error("update_failed", inbox=str(entry.id), error=error)


def _replied_to(message: Message) -> int | None:
    return None if message.reply_to_message is None else message.reply_to_message.message_id
