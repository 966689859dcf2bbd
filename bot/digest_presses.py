"""Going through a digest: from the overview to an item, back by one, on to the next."""

from bot.presses import GoTo
from bot.rights import owned_by, permits
from bot.turns import Reaction, Turn
from records import digests, outbox, questions
from records.people import Speaker
from trial.messages import Toast


def gone_to(turn: Turn, speaker: Speaker, chat: int, message_id: int | None, meant: GoTo) -> Reaction:
    """Shows another item in the same message; the message that was pressed is where the digest stands from here on."""
    person = speaker.person
    row = digests.digest_by_id(turn.tx, meant.digest)
    if row is None or not permits(speaker.actor, meant, owned_by(row.person_id, now=turn.now)):
        return Reaction(Toast.NOT_YOURS, person.language)
    if meant.place not in {0, *(item.position for item in digests.items_of(turn.tx, row.id))}:
        return Reaction(Toast.UNKNOWN, person.language)
    if speaker.asked:
        questions.drop(turn.tx, person.id)
    if message_id is not None and message_id != row.message_id:
        digests.set_message(turn.tx, row, chat_id=chat, message_id=message_id)
    digests.turn(turn.tx, row.id, place=meant.place)
    outbox.put_digests(turn.tx, [(row.id, person.id)], now=turn.now, elapsed=turn.elapsed)
    return Reaction(Toast.NOTHING, person.language)
