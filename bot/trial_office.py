"""What the trial office presses under its own messages: who joined, and what it has looked at."""

from collections.abc import Mapping
from typing import Final

from bot import presses
from bot.notes import put_bare
from bot.presses import LookedAt, NewcomerPress
from bot.turns import Reaction, Turn
from office import helping
from office import people as membership
from office.helping import ItemClosed
from office.judging import Refusal
from records.people import PersonRow
from scheduler.definitions import Definitions
from trial.messages import Toast

_TOASTS: Final[Mapping[Refusal, Toast]] = {Refusal.NOT_ALLOWED: Toast.NOT_YOURS, Refusal.CLOSED: Toast.CLOSED}


def judged(turn: Turn, manager: PersonRow, meant: NewcomerPress, message_id: int | None) -> Reaction:
    """Somebody joined: that is right, or their access ends. The use case asks for the right to say so."""
    done = membership.judge_newcomer(
        turn.tx,
        manager_id=manager.id,
        person_id=meant.person,
        revoke=isinstance(meant, presses.Revoke),
        replaces=message_id,
        now=turn.now,
        elapsed=turn.elapsed,
    )
    return Reaction(Toast.RECORDED if done else Toast.NOT_YOURS, manager.language)


def looked_at(
    turn: Turn, studies: Definitions, manager: PersonRow, meant: LookedAt, message_id: int | None
) -> Reaction:
    """Help was given, or a question answered: the item is closed, and its button goes."""
    said = helping.close_item(turn.tx, studies, meant.item, manager.id, now=turn.now, elapsed=turn.elapsed)
    if isinstance(said, ItemClosed):
        put_bare(turn, manager.id, message_id)
        return Reaction(Toast.RECORDED, manager.language)
    if said is Refusal.CLOSED:
        put_bare(turn, manager.id, message_id)
    # An item that is not theirs and one that there is not are answered alike.
    return Reaction(_TOASTS.get(said, Toast.NOT_YOURS), manager.language)
