"""The way to the board from the chat: a link for this device, or a number that a browser on another one shows."""

from bot import presses
from bot.notes import put_note
from bot.presses import BrowserPress
from bot.rights import owned_by, permits
from bot.turns import Reaction, Turn
from office import signing_in
from records.people import Speaker
from trial.messages import BoardAnswered, BoardNumberUnknown, BoardQuestion, BoardWay, Message, Toast


def to_the_board(turn: Turn, speaker: Speaker, number: str) -> None:
    """`/board`: how to get there, with a link that is made when this is sent. `/board 472913`: is that browser yours?"""
    person = speaker.person.id
    if not number:
        put_note(turn, person, BoardWay())
        return
    found = signing_in.look_at_number(turn.tx, number, person_id=person, now=turn.now, elapsed=turn.elapsed)
    if found is None:
        put_note(turn, person, BoardNumberUnknown())
        return
    # By the clock on the wall: what somebody did a moment ago at their desk.
    asked_at = found.created_at.astimezone(signing_in.zone_of_person(turn.tx, person))
    question = BoardQuestion(number=found.number, browser=found.browser, asked_at=f"{asked_at:%H:%M}")
    put_note(turn, person, question, ref=found.id)


def decided(turn: Turn, speaker: Speaker, meant: BrowserPress, message_id: int | None) -> Reaction:
    """Yes or no, by the one person who named its number."""
    tx, person = turn.tx, speaker.person
    owner = signing_in.decides(tx, meant.number, elapsed=turn.elapsed)
    if owner is None:
        put_note(turn, person.id, BoardNumberUnknown(), replaces=message_id)
        return Reaction(Toast.CLOSED, person.language)
    if not permits(speaker.actor, meant, owned_by(owner, now=turn.now)):
        return Reaction(Toast.NOT_YOURS, person.language)
    let_in = isinstance(meant, presses.LetIn)
    decide = signing_in.approve if let_in else signing_in.refuse
    done = decide(tx, meant.number, person_id=person.id, now=turn.now, elapsed=turn.elapsed)
    said: Message = BoardAnswered(let_in=let_in) if done else BoardNumberUnknown()
    put_note(turn, person.id, said, replaces=message_id)
    return Reaction(Toast.RECORDED if done else Toast.CLOSED, person.language)
