"""The conversation: what a press, a command or a text means, and what follows, each in one transaction.

Answer, audit, card edits and "this update is handled" are committed together. A press is judged by its data and by the rights
that its sender has now; the message it came from decides nothing but where the card stands from here on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot import browsers, joining, leaving, own_time, presses, trial_office
from bot.buttons import UnknownPress, decode
from bot.card_presses import CardTalk
from bot.commands import HELP, Commands
from bot.digest_presses import gone_to
from bot.presses import JoinPress, Press
from bot.replies import NotAllTaken, Replies, Written
from bot.rights import owned_by, permits
from bot.turns import HandledBefore, Reaction, Turn
from office import people as membership
from office.telling import tell_chat
from records import inbox, people
from records.database import Records
from records.inbox import InboxEntry
from records.people import Speaker
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from trial.messages import InviteInvalid, Toast


class Conversation:
    """Every method is one transaction that marks its inbox entry as done."""

    def __init__(self, records: Records, clock: Clock, studies: Definitions) -> None:
        self._records = records
        self._clock = clock
        self._studies = studies
        self._cards = CardTalk(studies)
        self._commands = Commands(studies)
        self._replies = Replies(studies, self._cards)

    @contextmanager
    def _turn(self, entry: InboxEntry) -> Iterator[Turn]:
        elapsed = self._clock.elapsed()
        with self._records.begin() as tx:
            # First, not last: whoever else took this entry waits here, and then finds it done.
            if not inbox.done(tx, entry.id, elapsed=elapsed):
                raise HandledBefore
            yield Turn(tx, self._clock.now(), elapsed)

    # --- presses ------------------------------------------------------------------------------------------------------

    def press(self, entry: InboxEntry, chat: int, message_id: int | None, data: str) -> Reaction:
        """A press of this chat's owner on one of our buttons, perhaps an old one."""
        with self._turn(entry) as turn:
            speaker = people.speaker_by_chat(turn.tx, chat)
            language = "en" if speaker is None else speaker.person.language
            try:
                meant = decode(data)
            except UnknownPress:
                return Reaction(Toast.UNKNOWN, language)
            if isinstance(meant, JoinPress):
                return joining.pressed(turn, chat, message_id, meant)
            if speaker is None:
                return Reaction(Toast.NOT_YOURS, language)
            return self._pressed(turn, speaker, chat, message_id, meant)

    def _pressed(  # noqa: C901 - one case per kind of press, flat
        self, turn: Turn, speaker: Speaker, chat: int, message_id: int | None, meant: Press
    ) -> Reaction:
        person = speaker.person
        match meant:
            case presses.Nothing():
                return Reaction(Toast.NOTHING, person.language)
            case presses.GotIt(about):
                if not permits(speaker.actor, meant, owned_by(about, now=turn.now)):
                    return Reaction(Toast.NOT_YOURS, person.language)
                membership.test_task_done(turn.tx, person.id, replaces=message_id, now=turn.now, elapsed=turn.elapsed)
                return Reaction(Toast.RECORDED, person.language)
            case presses.Keep() | presses.Revoke():
                return trial_office.judged(turn, person, meant, message_id)
            case presses.LetIn() | presses.KeepOut():
                return browsers.decided(turn, speaker, meant, message_id)
            case presses.LookedAt():
                return trial_office.looked_at(turn, self._studies, person, meant, message_id)
            case presses.Join() | presses.Decline() | presses.Languages() | presses.Speak():
                return Reaction(Toast.CLOSED, person.language)
            case presses.GoTo():
                return gone_to(turn, speaker, chat, message_id, meant)
            case (
                presses.LeavingKinds()
                | presses.LeavingAs()
                | presses.LeavingMonth()
                | presses.LeavingOn()
                | presses.AttemptDays()
                | presses.AttemptMonth()
                | presses.AttemptOn()
                | presses.StillFollowed()
            ):
                return leaving.pressed(turn, self._studies, speaker, message_id, meant)
            case (
                presses.AskAway()
                | presses.AwayMonth()
                | presses.AwayUntil()
                | presses.AwayWith()
                | presses.AwayAlone()
                | presses.ImBack()
                | presses.SetHours()
                | presses.SetRhythm()
                | presses.SetLanguage()
            ):
                return own_time.pressed(turn, speaker, message_id, meant)
            case _:
                return self._cards.pressed(turn, speaker, chat, message_id, meant)

    # --- commands -----------------------------------------------------------------------------------------------------

    def start(self, entry: InboxEntry, chat: int, token_hash: str) -> None:
        """`/start`, with the hash of an invitation's token or without."""
        with self._turn(entry) as turn:
            if token_hash and joining.claim(turn, chat, token_hash):
                return
            speaker = people.speaker_by_chat(turn.tx, chat)
            if speaker is None:
                # The constant answer: it tells nobody whether a link was ever good.
                tell_chat(turn.tx, chat, InviteInvalid(), language="en", now=turn.now, elapsed=turn.elapsed)
            else:
                self._commands.answer(turn, speaker, HELP, "")

    def command(self, entry: InboxEntry, chat: int, argument: str, *, name: str, replied_to: int | None = None) -> None:
        """Any other command; one that there is not is answered with what there is."""
        with self._turn(entry) as turn:
            speaker = people.speaker_by_chat(turn.tx, chat)
            if speaker is not None:
                spot = None if replied_to is None else (chat, replied_to)
                self._commands.answer(turn, speaker, name.casefold(), argument, replied_to=spot)

    # --- words, and the chat itself -----------------------------------------------------------------------------------

    def text(self, entry: InboxEntry, chat: int, text: str, replied_to: int | None = None) -> None:
        """Words that the guard let pass: a reason that was asked for, or a reply in plain words."""
        written = Written(chat, text, replied_to)
        try:
            self._said(entry, written)
        except NotAllTaken:
            self._said(entry, written, record=False)

    def _said(self, entry: InboxEntry, written: Written, *, record: bool = True) -> None:
        with self._turn(entry) as turn:
            speaker = people.speaker_by_chat(turn.tx, written.chat)
            if speaker is None or self._cards.worded(turn, speaker, written.text):
                return
            self._replies.said(turn, speaker, written, record=record)

    def reachable(self, entry: InboxEntry, chat: int, reachable: bool) -> None:  # noqa: FBT001 - handed on by position
        """The person blocked the bot, or unblocked it."""
        with self._turn(entry) as turn:
            person = people.person_by_chat(turn.tx, chat)
            if person is None:
                return
            change = membership.reachable_again if reachable else membership.out_of_reach
            change(turn.tx, person.id, now=turn.now, elapsed=turn.elapsed)
