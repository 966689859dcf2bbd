"""The sender: claim, commit, compose, send, settle. No transaction is open while a request is under way.

A notice is claimed before it is composed, marked as leaving in the transaction that composes it, and settled after. Whoever
dies in between leaves it under an old token, and the next process counts what was leaving as ambiguous (decision 0004).
"""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import structlog

from bot.channel import Channel, Result, fits_below_a_picture
from bot.composing import Delete, Drop, Outgoing, Send, Strip, outgoing
from bot.digests import face_of
from bot.pace import Pace
from bot.presses import Receipt
from locales import catalogue_version
from office.cards import UNDO_WITHIN
from records import answers, cards, digests, outbox
from records.database import Records
from records.edits import put_edits
from records.outbox import Attempt, Claim, NewNotice, NoticeKind, Outcome
from records.threads import Threads
from records.transaction import Tx
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from scheduler.handing_over import not_reached
from scheduler.last_look import put_off
from trial.moments import Instant

log = structlog.get_logger()

IN_FLIGHT = 8
LOOK_AGAIN_S = 1.0
FINISH_WITHIN_S = 5.0


class Sender:
    """Hands notices to Telegram until it is cancelled.

    `token` is the lease that this process sends under, `pages` the address of our pages (empty: no phone can open them),
    `board` the one that a browser opens them at, if only on this machine.
    """

    def __init__(
        self,
        records: Records,
        threads: Threads,
        clock: Clock,
        channel: Channel,
        studies: Definitions,
        *,
        token: Callable[[], int],
        pages: Callable[[], str] = str,
        board: Callable[[], str] = str,
    ) -> None:
        self._records = records
        self._threads = threads
        self._clock = clock
        self._channel = channel
        self._studies = studies
        self._token = token
        self._pages = pages
        self._board = board
        self._wake = asyncio.Event()
        self._pace = Pace(time.monotonic)

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def run(self) -> None:
        """Take back what an earlier sender left, send what waits, then wait for more.

        Whoever ends it waits for what is under way: what was handed over deserves to be settled.
        """
        if left := await self._threads.write(self._recover):
            log.warning("notices_left_in_flight", count=left)
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._wake.clear()
                for ended in [task for task in under_way if task.done()]:
                    under_way.discard(ended)
                    ended.result()
                room = IN_FLIGHT - len(under_way)
                claims = await self._threads.write(self._claim, room) if room else ()
                for claim in claims:
                    task = asyncio.create_task(self._deliver(claim))
                    under_way.add(task)
                    # One sent, one less under way: the next of that person may go.
                    task.add_done_callback(lambda _: self._wake.set())
                if not claims:
                    await self._sleep()
        finally:
            if under_way:
                ended_late, _ = await asyncio.wait(under_way, timeout=FINISH_WITHIN_S)
                for problem in [one.exception() for one in ended_late if not one.cancelled()]:
                    if problem is not None:
                        log.error("delivery_broke", exc_info=problem)

    async def drain(self) -> None:
        """Send everything that may go out now, and return when nothing is left: the demo's clock waits for this."""
        while True:
            claims = await self._threads.write(self._claim, IN_FLIGHT)
            if not claims and not await self._threads.read(self._anything_left):
                return
            if claims:
                await asyncio.gather(*(self._deliver(claim) for claim in claims))
            else:
                await asyncio.sleep(0.02)

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self._wake.wait()
        except TimeoutError:
            return

    def _claim(self, limit: int) -> tuple[Claim, ...]:
        with self._records.begin() as tx:
            return outbox.claim(tx, elapsed=self._clock.elapsed(), token=self._token(), limit=limit)

    def _recover(self) -> int:
        with self._records.begin() as tx:
            return outbox.recover(tx, token=self._token(), now=self._clock.now(), elapsed=self._clock.elapsed())

    def _anything_left(self) -> bool:
        """Whether something is under way or may go out: what another of our claims holds is seen only when it commits."""
        with self._records.read() as tx:
            standing = outbox.standing(tx, elapsed=self._clock.elapsed())
        return standing.sending > 0 or standing.oldest_due is not None

    async def _deliver(self, claim: Claim) -> None:
        # The wait comes before the words: an answer given meanwhile wins.
        await self._pace.turn(claim.person_id or claim.notice_id)
        what = await self._threads.write(self._compose, claim)
        if what is None:
            return
        if isinstance(what, Drop):
            await self._threads.write(self._drop, claim, what.because)
            return
        started = self._clock.elapsed()
        result = await self._hand_over(what)
        log.info(
            "notice_attempted",
            notice=str(claim.notice_id),
            kind=claim.kind.value,
            attempt=claim.attempt,
            outcome=result.outcome.value,
            error=result.error,
        )
        await self._threads.write(self._settle, claim, what, result, started)

    def _compose(self, claim: Claim) -> Outgoing | None:
        """What to send, and the record that it leaves now, in one transaction; None: not now."""
        with self._records.begin() as tx:
            times = {"now": self._clock.now(), "elapsed": self._clock.elapsed()}
            if put_off(tx, claim, **times):
                return None
            what = outgoing(tx, self._studies, claim, **times, pages=self._pages(), board=self._board())
            if not isinstance(what, Drop) and not outbox.hand_over(tx, claim):
                return Drop("overtaken")
            return what

    async def _hand_over(self, what: Send | Delete | Strip) -> Result:
        if isinstance(what, Delete):
            return await self._channel.delete(what.chat, what.message_id)
        if isinstance(what, Strip):
            return await self._channel.strip(what.chat, what.message_id)
        picture = await _drawn(what)
        if picture is not None:
            result = await self._channel.send_picture(what.chat, picture, what.text, what.keyboard)
        elif what.replaces is None:
            result = await self._channel.send(
                what.chat, what.text, what.keyboard, reply_to=what.reply_to, protected=what.protected
            )
        else:
            result = await self._channel.edit(what.chat, what.replaces, what.text, what.keyboard)
        if result.outcome in {Outcome.ACCEPTED, Outcome.NOT_MODIFIED}:
            for message_id in what.strip:
                # A button that stays is judged when it is pressed, like any other: what comes of this decides nothing.
                await self._channel.strip(what.chat, message_id)
            if what.farewell:
                await self._channel.forget_menu(what.chat)
        return result

    def _drop(self, claim: Claim, because: str) -> None:
        with self._records.begin() as tx:
            outbox.drop(tx, claim, because, now=self._clock.now())

    def _settle(self, claim: Claim, what: Send | Delete | Strip, result: Result, started: Instant) -> None:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        with self._records.begin() as tx:
            settle(tx, claim, what, result, started=started, now=now, elapsed=elapsed)


async def _drawn(what: Send) -> bytes | None:
    """The picture to send with this text; None: there is none, or its words have to do without it."""
    if what.picture is None or what.replaces is not None or not fits_below_a_picture(what.text):
        return None
    try:
        return await asyncio.to_thread(what.picture.drawn)
    except Exception:
        # Whoever dies of a picture would be started again, and die of it again: nobody would be rung any more.
        log.exception("picture_not_drawn")
        return None


def settle(
    tx: Tx,
    claim: Claim,
    what: Send | Delete | Strip,
    result: Result,
    *,
    started: Instant,
    now: Instant,
    elapsed: Instant,
) -> None:
    """The delivery is recorded exactly as it was sent, and card or digest know what came of it. `started` is elapsed."""
    said = what if isinstance(what, Send) else None
    attempt = Attempt(
        outcome=result.outcome,
        started_at=started,
        finished_at=elapsed,
        language="" if said is None else said.language,
        catalogue=catalogue_version(),
        text="" if said is None else said.text.text,
        # Of a link only that there was one: whoever reads this record shall not open it.
        buttons=None if said is None else [[[key.text, key.data] for key in row] for row in said.keyboard],
        message_id=result.message_id,
        error=result.error,
        retry_after=result.retry_after,
    )
    outbox.settle(tx, claim, attempt, now=now, elapsed=elapsed)
    if result.outcome is Outcome.UNREACHABLE:
        not_reached(tx, claim.notice_id, now=now)
    # Even an overtaken sender's message is in the chat: the card has to know it.
    if said is not None:
        remember(tx, claim, said, result, now=now, elapsed=elapsed)


def remember(tx: Tx, claim: Claim, said: Send, result: Result, *, now: Instant, elapsed: Instant) -> None:
    """What a card or a digest knows after an attempt: where it stands, and what it shows."""
    if said.digest is not None:
        _remember_digest(tx, said.digest, said, result, now=now, elapsed=elapsed)
    elif said.card is not None:
        _remember_card(tx, said.card, claim, said, result, now=now, elapsed=elapsed)


def _remember_card(
    tx: Tx, card_id: UUID, claim: Claim, said: Send, result: Result, *, now: Instant, elapsed: Instant
) -> None:
    match result.outcome:
        case Outcome.ACCEPTED | Outcome.NOT_MODIFIED:
            if said.replaces is None and result.message_id is not None:
                cards.add_message(
                    tx,
                    card_id,
                    chat_id=said.chat,
                    message_id=result.message_id,
                    standing=said.standing,
                    buttons=bool(said.keyboard),
                    sent_at=now,
                )
            if said.replaces is not None:
                _buttons_left(tx, card_id, said, now=now)
            elif said.strip:
                cards.stripped(tx, card_id, keep=result.message_id if said.keyboard else None)
            if said.fingerprint is not None:
                cards.set_shown(tx, card_id, said.fingerprint)
            if not said.standing and claim.visit_id is not None and claim.person_id is not None:
                # A nudge went out: the card above it shows the same day, and no longer what was understood back then.
                if _receipt_is_old(tx, card_id, now=now, elapsed=elapsed):
                    cards.set_screen(tx, card_id, "")
                put_edits(tx, (claim.visit_id,), now=now, elapsed=elapsed, people=(claim.person_id,))
        case Outcome.REFUSED if result.error == "message_gone" and said.replaces is not None:
            # Somebody cleared the chat: the card stands nowhere now, and comes again as a new message.
            cards.forget_standing(tx, card_id)
            if claim.visit_id is not None and claim.person_id is not None:
                again = NewNotice(NoticeKind.CARD, person_id=claim.person_id, visit_id=claim.visit_id)
                outbox.put(tx, [again], now=now, elapsed=elapsed)
        case _:
            return


def _remember_digest(tx: Tx, digest_id: UUID, said: Send, result: Result, *, now: Instant, elapsed: Instant) -> None:
    row = digests.digest_by_id(tx, digest_id)
    if row is None:
        return
    match result.outcome:
        case Outcome.ACCEPTED | Outcome.NOT_MODIFIED:
            if said.replaces is None and result.message_id is not None:
                digests.set_message(tx, row, chat_id=said.chat, message_id=result.message_id)
            digests.set_shown(tx, digest_id, said.fingerprint)
        case Outcome.REFUSED if result.error == "message_gone" and said.replaces is not None:
            # Somebody cleared the chat: it comes again as a new message, if there is still something in it to do.
            digests.forget_message(tx, row)
            outbox.put_digests(tx, [(digest_id, row.person_id)], now=now, elapsed=elapsed)
        case _:
            return


def _receipt_is_old(tx: Tx, card_id: UUID, *, now: Instant, elapsed: Instant) -> bool:
    """Whether the card shows a receipt of ten minutes ago, by either clock: a demo's may have gone on."""
    card = cards.card_by_id(tx, card_id)
    face = None if card is None else face_of(card.screen)
    if not isinstance(face, Receipt):
        return False
    answer = answers.answer_by_id(tx, face.answer)
    if answer is None:
        return True
    return elapsed >= answer.received_at + UNDO_WITHIN or now >= answer.answered_at + UNDO_WITHIN


def _buttons_left(tx: Tx, card_id: UUID, said: Send, *, now: Instant) -> None:
    """After an edit buttons stand at the card itself, and at the nudge that nobody has answered."""
    cards.stripped(tx, card_id, keep=said.replaces if said.keyboard else None)
    if said.keep is not None:
        cards.add_message(
            tx, card_id, chat_id=said.chat, message_id=said.keep, standing=False, buttons=True, sent_at=now
        )
