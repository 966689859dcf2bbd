"""The conversation: what a press, a command or a text means, and what follows, each in one transaction.

Answer, audit, card edits and "this update is handled" are committed together. A press is judged by its data and by the rights
that its sender has now; the message it came from decides nothing but where the card stands from here on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from bot import buttons, joining
from bot.buttons import JoinPress, Press, UnknownPress, decode
from bot.card_presses import CardTalk
from bot.turns import HandledBefore, Reaction, Turn
from office import people as membership
from office.telling import tell, tell_chat
from records import inbox, people
from records.database import Records
from records.inbox import InboxEntry
from records.people import PersonRow, Speaker
from scheduler.clock import Clock
from scheduler.definitions import Definitions
from trial.messages import Help, InviteInvalid, PrivacyNotice, Refusal, Refused, Toast


class Conversation:
    """Every method is one transaction that marks its inbox entry as done."""

    def __init__(self, records: Records, clock: Clock, studies: Definitions) -> None:
        self._records = records
        self._clock = clock
        self._cards = CardTalk(studies)

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

    def _pressed(self, turn: Turn, speaker: Speaker, chat: int, message_id: int | None, meant: Press) -> Reaction:
        person = speaker.person
        match meant:
            case buttons.Nothing():
                return Reaction(Toast.NOTHING, person.language)
            case buttons.GotIt(about):
                if about != person.id:
                    return Reaction(Toast.NOT_YOURS, person.language)
                membership.test_task_done(turn.tx, person.id, replaces=message_id, now=turn.now, elapsed=turn.elapsed)
                return Reaction(Toast.RECORDED, person.language)
            case buttons.Keep(about):
                return self._newcomer(turn, person, about, message_id, revoke=False)
            case buttons.Revoke(about):
                return self._newcomer(turn, person, about, message_id, revoke=True)
            case buttons.Join() | buttons.Decline() | buttons.Languages() | buttons.Speak():
                return Reaction(Toast.CLOSED, person.language)
            case _:
                return self._cards.pressed(turn, speaker, chat, message_id, meant)

    def _newcomer(
        self, turn: Turn, manager: PersonRow, about: UUID, message_id: int | None, *, revoke: bool
    ) -> Reaction:
        judged = membership.judge_newcomer(
            turn.tx,
            manager_id=manager.id,
            person_id=about,
            revoke=revoke,
            replaces=message_id,
            now=turn.now,
            elapsed=turn.elapsed,
        )
        return Reaction(Toast.RECORDED if judged else Toast.NOT_YOURS, manager.language)

    # --- commands -----------------------------------------------------------------------------------------------------

    def start(self, entry: InboxEntry, chat: int, token_hash: str) -> None:
        """`/start`, with the hash of an invitation's token or without."""
        with self._turn(entry) as turn:
            if token_hash and joining.claim(turn, chat, token_hash):
                return
            person = people.person_by_chat(turn.tx, chat)
            if person is None:
                # The constant answer: it tells nobody whether a link was ever good.
                tell_chat(turn.tx, chat, InviteInvalid(), language="en", now=turn.now, elapsed=turn.elapsed)
            else:
                self._explain(turn, person)

    def help(self, entry: InboxEntry, chat: int) -> None:
        """`/help`, and every command that there is not."""
        with self._turn(entry) as turn:
            person = people.person_by_chat(turn.tx, chat)
            if person is not None:
                self._explain(turn, person)

    def privacy(self, entry: InboxEntry, chat: int) -> None:
        """`/privacy`: the notice of the first day, again."""
        with self._turn(entry) as turn:
            person = people.person_by_chat(turn.tx, chat)
            if person is not None:
                notice = PrivacyNotice(study=membership.study_code_of(turn.tx, person.id))
                tell(turn.tx, person.id, notice, now=turn.now, elapsed=turn.elapsed)

    @staticmethod
    def _explain(turn: Turn, person: PersonRow) -> None:
        words = Help(study=membership.study_code_of(turn.tx, person.id))
        tell(turn.tx, person.id, words, now=turn.now, elapsed=turn.elapsed)

    # --- words, and the chat itself -----------------------------------------------------------------------------------

    def text(self, entry: InboxEntry, chat: int, text: str) -> None:
        """Words that the guard let pass: a reason that was asked for, or nothing that we can read yet."""
        with self._turn(entry) as turn:
            speaker = people.speaker_by_chat(turn.tx, chat)
            if speaker is None or self._cards.worded(turn, speaker, text):
                return
            tell(turn.tx, speaker.person.id, Refusal(Refused.UNREADABLE_TEXT), now=turn.now, elapsed=turn.elapsed)

    def reachable(self, entry: InboxEntry, chat: int, reachable: bool) -> None:  # noqa: FBT001 - handed on by position
        """The person blocked the bot, or unblocked it."""
        with self._turn(entry) as turn:
            person = people.person_by_chat(turn.tx, chat)
            if person is None:
                return
            change = membership.reachable_again if reachable else membership.out_of_reach
            change(turn.tx, person.id, now=turn.now, elapsed=turn.elapsed)
