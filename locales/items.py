"""The card and its nudge where a chat names nothing: no study, code, visit or date; a button opens the item's own page."""

from collections.abc import Mapping

from locales.cards import HELP_ASKED, PAUSED, covering_line, place_words
from locales.texts import Text, compose, line
from locales.voices import Phrase, Voice, phrase
from trial.messages import ItemState, TaskOnlyCard

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
