"""The service: one process, one event loop. Any loop that dies ends it, and the parent starts the next."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import structlog
import uvicorn

from app.demo import board_link
from app.demo_clock import DemoClockControl
from app.settings import Settings
from bot.channel import Channel
from bot.conversation import Conversation
from bot.identity import introduce, new_bot
from bot.receiver import Receiver
from bot.reception import Reception
from bot.sender import Sender
from bot.worker import Worker
from office.health import Health, health
from office.study_files import study_from_text
from records import inbox, leases
from records.database import Records
from records.leases import Lease
from records.pulses import beat
from records.threads import Threads
from scheduler.amending import amend_due
from scheduler.auditing import MissingStep, missing_lately, report
from scheduler.clock import SystemClock
from scheduler.definitions import Definitions
from scheduler.digesting import digest_due
from scheduler.grouping import group_waiting
from scheduler.metronome import Beat, Metronome
from scheduler.outages import note_gap
from scheduler.portions import Portion, in_portions
from scheduler.reading_ahead import read_ahead
from scheduler.ringing import Due, look, ring_due
from scheduler.watching import TICK, watch
from trial.moments import Instant
from trial.problems import Problem, ProblemError
from web.app import DemoControl, create_app
from web.board.desk import BoardDesk
from web.item_desk import ItemDesk

log = structlog.get_logger()

LEASE_TTL = timedelta(seconds=15)
RENEW_EVERY_S = 5.0
ASK_FOR_LEASE_EVERY_S = 0.5
TICK_EVERY = timedelta(seconds=1)
SWITCH_S = 0.0005
BEAT_EVERY = timedelta(seconds=10)  # a sign of life costs a write to the disk
ERASE_EVERY = timedelta(hours=1)
WATCH_EVERY = timedelta(hours=1)
AUDIT_EVERY = timedelta(days=1)
PEOPLE_AT_ONCE = (4, 20)  # digests in one transaction, fewest and most: each reads what stands open at a site
KEEP_HANDLED = timedelta(days=3)


def run_smoothly() -> None:
    """Spares answers the interpreter's pauses; called once everything is loaded.

    What is loaded now stays for good: the collector need not look through it again, which takes tens of milliseconds. And
    a thread that hears from the database waits for the interpreter no longer than `SWITCH_S`, instead of the usual 5 ms for
    every statement.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)


class LeaseLost(RuntimeError):
    """Another process took over: this one must not send another message."""


class Service:
    """All loops of one process. Use `run` once, in a fresh event loop."""

    def __init__(self, settings: Settings, records: Records, clock: SystemClock) -> None:
        self._settings = settings
        self._records = records
        self._clock = clock
        self._threads = Threads()
        self.studies = Definitions(study_from_text)
        bot = new_bot(settings.telegram_token, settings.telegram_api)
        channel = Channel(bot)
        self._bot = bot
        self._name = ""
        self._lease: Lease | None = None
        self._beaten_at: Instant | None = None
        self._one_tick = asyncio.Lock()
        self._portion = Portion()
        self._people = Portion(smallest=PEOPLE_AT_ONCE[0], largest=PEOPLE_AT_ONCE[1])
        self._web_port = settings.web_port
        self._listening = asyncio.Event()
        self._sender = Sender(
            records,
            self._threads,
            clock,
            channel,
            self.studies,
            token=self._token,
            pages=lambda: settings.pages(self._web_port),
            board=lambda: settings.board(self._web_port),
        )
        self._worker = Worker(
            records, self._threads, clock, bot, Conversation(records, clock, self.studies), handled=self._sender.wake
        )
        self._receiver = Receiver(
            records,
            self._threads,
            clock,
            channel,
            Reception(self.studies, bot_username=self._bot_username, stopwatch=time.thread_time),
            api=settings.telegram_api,
            token=settings.telegram_token,
            received=self._something_received,
        )

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            BaseExceptionGroup: a loop died; nothing is half-done, and the next process goes on.
        """
        serving = asyncio.create_task(self._serve())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    async def _serve(self) -> None:
        try:
            await self._take_lease()
            await self._threads.read(self._read_ahead)
            await self._threads.write(self._note_gap)
            run_smoothly()
            with listening(self._settings.web_host, self._settings.web_port) as web:
                # Known only now, where any free port will do.
                self._web_port = web.getsockname()[1]
                self._listening.set()
                async with asyncio.TaskGroup() as loops:
                    loops.create_task(self._keep_lease())
                    loops.create_task(self._serve_web(web))
                    loops.create_task(self._receiver.run())
                    loops.create_task(self._handle_and_send())
                    loops.create_task(self._keep_time())
        finally:
            await self._release_lease()
            self._threads.close()
            await self._bot.shutdown()

    async def demo_board_link(self) -> str | None:
        """A fresh link to the board as the demo's trial manager, once the web edge listens; None while they are moving in."""
        await self._listening.wait()
        return await self._threads.write(self._demo_board_link)

    def _demo_board_link(self) -> str | None:
        address = self._settings.board(self._web_port)
        return board_link(self._records, address, now=self._clock.now(), elapsed=self._clock.elapsed())

    def _bot_username(self) -> str:
        # Until Telegram has answered `getMe`, no command with a name behind it can be known to be ours.
        return self._name

    def _something_received(self) -> None:
        self._worker.wake()
        self._sender.wake()

    async def catch_up(self) -> None:
        """Ring everything that is due by now and send it: what the demo's clock does between two steps."""
        await self._tick()
        # Its hours are of elapsed time, and the demo's clock has just leapt.
        await self._watch()
        await self._sender.drain()

    # --- loops --------------------------------------------------------------------------------------------------------

    async def _handle_and_send(self) -> None:
        # Updates are stored while the bot is not known yet; handling and sending wait for Telegram.
        await introduce(self._bot)
        self._name = self._bot.username
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._worker.run())
            loops.create_task(self._sender.run())

    async def _keep_time(self) -> None:
        died: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def failed(name: str, failure: BaseException) -> None:
            # A tick that fails for a reason of its own will fail again: the next process starts with a clean view.
            log.error("beat_failed", kind=name, exc_info=failure)
            if not died.done():
                died.set_exception(failure)

        beats = {
            "tick": Beat(self._tick, TICK_EVERY),
            "erase": Beat(self._erase, ERASE_EVERY),
            "watch": Beat(self._watch, WATCH_EVERY),
            "audit": Beat(self._audit, AUDIT_EVERY),
        }
        # What fell due while nobody ran does not wait for the first beat: a process that lives shortly rings, too.
        for one in beats.values():
            await one.act()
        async with Metronome(beats, on_failure=failed):
            await died

    async def _tick(self) -> None:
        """Ring what is due, in short transactions, until nothing is. One at a time: whoever waits finds it all rung."""
        async with self._one_tick:
            await self._ring_all()

    async def _ring_all(self) -> None:
        due = await self._threads.read(self._look)
        if due.versions:
            # First: what is due today may be another thing today.
            await in_portions(self._threads, self._people, self._amend, taken=self._sender.wake)
            due = await self._threads.read(self._look)
        if due.tasks:
            await in_portions(self._threads, self._portion, self._ring, taken=self._sender.wake)
        if due.reminders:
            await in_portions(self._threads, self._portion, self._group, taken=self._sender.wake)
        if due.digests:
            await in_portions(self._threads, self._people, self._digest, taken=self._sender.wake)
        if self._beaten_at is None or self._clock.elapsed() - self._beaten_at >= BEAT_EVERY:
            self._beaten_at = self._clock.elapsed()
            await self._threads.write(self._beat)

    def _look(self) -> Due:
        return look(self._records, now=self._clock.now())

    def _ring(self, limit: int) -> int:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        return ring_due(self._records, self.studies, now=now, elapsed=elapsed, limit=limit).tasks

    def _amend(self, limit: int) -> int:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        return amend_due(self._records, self.studies, now=now, elapsed=elapsed, limit=limit)

    def _group(self, limit: int) -> int:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        return group_waiting(self._records, now=now, elapsed=elapsed, limit=limit)

    def _digest(self, limit: int) -> int:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        return digest_due(self._records, now=now, elapsed=elapsed, limit=limit)

    def _beat(self) -> None:
        with self._records.begin() as tx:
            beat(tx, TICK, self._clock.elapsed())

    def _note_gap(self) -> None:
        note_gap(self._records, now=self._clock.now(), elapsed=self._clock.elapsed())

    async def _watch(self) -> None:
        await self._threads.write(self._look_around)
        self._sender.wake()

    def _look_around(self) -> None:
        watch(self._records, self.studies, now=self._clock.now(), elapsed=self._clock.elapsed())

    async def _audit(self) -> None:
        missing = await self._threads.read(self._missing_steps)
        if missing:
            log.error("steps_missing", count=len(missing), task=str(missing[0].task_id), step=missing[0].step.value)
            await self._threads.write(self._report, missing)

    def _missing_steps(self) -> tuple[MissingStep, ...]:
        return missing_lately(self._records, self.studies, now=self._clock.now())

    def _report(self, missing: tuple[MissingStep, ...]) -> None:
        report(self._records, missing, now=self._clock.now(), elapsed=self._clock.elapsed())

    async def _erase(self) -> None:
        await self._threads.write(self._erase_handled)

    def _erase_handled(self) -> None:
        with self._records.begin() as tx:
            inbox.erase_handled(tx, before=self._clock.elapsed() - KEEP_HANDLED)

    def _read_ahead(self) -> None:
        read_ahead(self._records, self.studies, now=self._clock.now())

    # --- the lease ----------------------------------------------------------------------------------------------------

    def _token(self) -> int:
        if self._lease is None:
            raise LeaseLost
        return self._lease.token

    async def _take_lease(self) -> None:
        holder = this_process()
        told = False
        while (lease := await self._threads.write(self._acquire, holder)) is None:
            if not told:
                log.info("waiting_for_lease")
                told = True
            await asyncio.sleep(ASK_FOR_LEASE_EVERY_S)
        self._lease = lease
        log.info("lease_taken", token_number=lease.token)

    def _acquire(self, holder: str) -> Lease | None:
        with self._records.begin() as tx:
            return leases.acquire(
                tx,
                leases.SERVICE,
                holder,
                elapsed=self._clock.elapsed(),
                ttl=LEASE_TTL,
                holder_is_dead=is_dead,
            )

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            self._lease = await self._threads.write(self._renew, urgent=True)
            if self._lease is None:
                raise LeaseLost

    def _renew(self) -> Lease | None:
        if self._lease is None:
            return None
        with self._records.begin() as tx:
            return leases.renew(tx, self._lease, elapsed=self._clock.elapsed(), ttl=LEASE_TTL)

    async def _release_lease(self) -> None:
        if self._lease is not None:
            await self._threads.write(self._release, self._lease)

    def _release(self, lease: Lease) -> None:
        with self._records.begin() as tx:
            leases.release(tx, lease, elapsed=self._clock.elapsed())

    # --- the web edge -------------------------------------------------------------------------------------------------

    async def _serve_web(self, web: socket.socket) -> None:
        items = ItemDesk(self._records, self._threads, self._clock, self.studies, answered=self._sender.wake)
        board = BoardDesk(
            self._records,
            self._threads,
            self._clock,
            self.studies,
            changed=self._sender.wake,
            bot_name=self._bot_username,
            item_pages=lambda: self._settings.pages(self._web_port),
        )
        app = create_app(
            self._health,
            self._demo_control(),
            items=items,
            board=board,
            secure=self._settings.web_url.startswith("https:"),
        )
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
        )
        server = _QuietServer(config)
        serving = asyncio.create_task(server.serve(sockets=[web]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            # It closes its own sockets when it is asked to end, and not when it is cancelled.
            server.should_exit = True
            await serving
            raise
        raise RuntimeError("the web edge ended")

    async def _health(self) -> Health:
        return await self._threads.read(self._read_health)

    def _read_health(self) -> Health:
        return health(self._records, elapsed=self._clock.elapsed())

    def _demo_control(self) -> DemoControl | None:
        if not self._records.demo or not self._settings.demo_control:
            return None
        control = DemoClockControl(self._records, self._threads, self._clock, catch_up=self.catch_up)
        return DemoControl(
            self._settings.demo_control,
            control.read,
            control.forward,
            control.forward_a_day,
            control.forward_a_week,
            board_link=self.demo_board_link,
        )


def listening(host: str, port: int) -> socket.socket:
    """The web edge's socket.

    Raises:
        ProblemError: somebody else listens there.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as problem:
        raise ProblemError(
            Problem(
                "SITEBELL_WEB_PORT", f"{host}:{port} cannot be listened on", "end what uses it, or set another port"
            )
        ) from problem


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to the service: it ends with everything else."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


# --- who holds the lease ----------------------------------------------------------------------------------------------


def this_process() -> str:
    """This process, so that another one on this machine can see that it is gone."""
    return f"{socket.gethostname()}/{_boot()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(holder: str) -> bool:
    """Whether that process was on this machine and is gone; what cannot be known counts as alive."""
    match holder.rsplit("/", 3):
        case [host, boot, pid, started] if (
            host == socket.gethostname() and boot == _boot() and started and pid.isdigit()
        ):
            return _started(int(pid)) != started
        case _:
            return False


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process started, in ticks since boot; empty where it is gone or the system does not tell."""
    try:
        # Behind the program's name, which may hold anything in its brackets: the 20th field.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return "" if fields[0] in {"Z", "X"} else fields[19]
    except (OSError, IndexError):
        return ""
