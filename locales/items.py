"""What stands in a chat that names no study, code, visit or date: the card, its nudge, and what takes the place of more."""

from collections.abc import Mapping

from locales.cards import HELP_ASKED, PAUSED, covering_line, place_words, safety_line
from locales.texts import Text, compose, line
from locales.voices import Phrase, Voice, phrase
from trial.messages import ItemState, Kept, KeptOut, TaskOnlyCard

_SIGNS: Mapping[ItemState, str] = {
    ItemState.OPEN: "🔔",
    ItemState.READY: "🔔",
    ItemState.CLOSED: "✅",
    ItemState.PAUSED: "🔕",
    ItemState.WAITING: "🔕",
}

_SENTENCES: Mapping[ItemState, Phrase] = {
    ItemState.OPEN: phrase("item", "What it is about stands on its own page. The button below leads there."),
    ItemState.READY: phrase("item", "The link below is for you alone. It opens once, within ten minutes."),
    ItemState.CLOSED: phrase("item", "Nothing more is needed here. What was answered stands on its page."),
    ItemState.PAUSED: PAUSED,
    ItemState.WAITING: HELP_ASKED,
}
_AGAIN = phrase("item", "It is about the item that this replies to. It can wait for a quiet moment.")


_KEPT: Mapping[Kept, Phrase] = {
    Kept.LIST: phrase(
        "item", "A list would name patients, and this chat names none. /today goes through what is open."
    ),
    Kept.NOTHING_OPEN: phrase("item", "Nothing is open at present. A card comes here when something is due."),
    Kept.WORDS: phrase(
        "item",
        "Nothing has been recorded: this chat could not repeat what was understood. Please answer on the item's "
        "own page; “Open this item” below its card leads there.",
    ),
    Kept.HELP_CLOSED: phrase(
        "item", "The trial office has looked at what you asked for. Reminders for it go on as before."
    ),
    Kept.LEAVING: phrase(
        "item",
        "Whether a patient is still followed waits to be confirmed by you or the trial office. As this chat names "
        "no patient, please settle it with the trial office.",
    ),
    Kept.LEAVING_CONFIRMED: phrase(
        "item", "It is confirmed that a patient is no longer followed. What no longer applies has been closed."
    ),
    Kept.LEAVING_TAKEN_BACK: phrase(
        "item", "An earlier report about a patient has been taken back. Reminders go on where they stopped."
    ),
}
_MAY_BE_ILLNESS = frozenset({Kept.LEAVING, Kept.LEAVING_CONFIRMED})


def kept_out(voice: Voice, note: KeptOut) -> Text:
    """Where, and one sentence; what may be about an illness says that it is no safety report."""
    site = voice.say("Site %(site)s", site=note.site_number) if note.site_number else None
    return compose(
        [line("🔒 " + site) if site else line(), line(voice.word(_KEPT[note.what]))],
        [line(safety_line(voice))] if note.what in _MAY_BE_ILLNESS else (),
    )


def task_only_card(voice: Voice, card: TaskOnlyCard) -> Text:
    """Two lines: where and how many, and one neutral sentence."""
    site = voice.say("Site %(site)s", site=card.site_number)
    place = place_words(voice, card.place)
    note = voice.say("one more note") if card.again else _state(voice, card, counted=place is None)
    sentence = _AGAIN if card.again and card.state is ItemState.OPEN else _SENTENCES[card.state]
    return compose(
        [
            line(f"{_SIGNS[card.state]} {site}", place, note),
            line(voice.word(sentence)),
            covering_line(voice, card.covering),
        ]
    )


def _state(voice: Voice, card: TaskOnlyCard, *, counted: bool) -> str | None:
    match card.state:
        case ItemState.CLOSED:
            return voice.say("nothing open")
        case ItemState.PAUSED:
            return voice.say("reminders paused")
        case ItemState.WAITING:
            return voice.say("waiting for the trial office")
        case _ if card.open_tasks == 0:
            return voice.say("nothing open")
        case _ if counted:
            return voice.say_count("%(count)s item", "%(count)s items", count=card.open_tasks)
        case _:
            return None
