"""Words of the board's lists: how urgent a task is, whom it rang last and what came of it, what comes next, how far scans are."""

from collections.abc import Callable, Mapping
from typing import Any

from locales.board_story import delivery_sign, delivery_words, said_words
from locales.explaining import step_word
from locales.voices import Phrase, Voice, phrase
from trial.claims import ClaimState
from trial.messages import LastWord
from trial.study import Step
from trial.tasks import TaskKind

KINDS: Mapping[TaskKind, Phrase] = {
    TaskKind.HOLD: phrase("task", "visits"),
    TaskKind.UPLOAD: phrase("task", "uploads"),
    TaskKind.SEND: phrase("task", "forms and reports"),
    TaskKind.EVENT: phrase("task", "dates of events"),
    TaskKind.FACT: phrase("task", "questions"),
}

# Keys are the words of the records, which this room does not know; a test holds that none is missing.
LISTS: Mapping[str, Phrase] = {
    "past": phrase("list", "Late and overdue"),
    "overdue": phrase("list", "Overdue"),
    "late": phrase("list", "Late, not yet overdue"),
    "due": phrase("list", "Due this week"),
    "earlier": phrase("list", "From before Sitebell"),
}

SIGNS: Mapping[str, str] = {"overdue": "●", "late": "◐", "due": "○", "earlier": "·"}

STAGES: Mapping[str, Phrase] = {
    "due": phrase("stage", "due, not taken yet"),
    "held": phrase("stage", "taken, not uploaded"),
    "claimed": phrase("stage", "claimed"),
    "queried": phrase("stage", "queried"),
    "verified": phrase("stage", "verified"),
}

STAGE_SIGNS: Mapping[str, str] = {"due": "○", "held": "◐", "claimed": "↑", "queried": "?", "verified": "✓"}

UPLOADS: Mapping[str, Phrase] = {
    "waiting": phrase("uploads", "claimed or queried: to be looked at"),
    "all": phrase("uploads", "all that were due"),
}

_FUNNEL: Mapping[str, Phrase] = {
    "due": phrase("funnel", "Due"),
    "held": phrase("funnel", "Taken"),
    "claimed": phrase("funnel", "Claimed"),
    "verified": phrase("funnel", "Verified"),
    "queried": phrase("funnel", "Queried"),
}

_CLAIMS: Mapping[ClaimState, Phrase] = {
    ClaimState.CLAIMED: phrase("claim", "scans of this visit are claimed"),
    ClaimState.QUERIED: phrase("claim", "scans of this visit are queried"),
    ClaimState.VERIFIED: phrase("claim", "scans of this visit are verified"),
}

_WAITS: Mapping[str, Phrase] = {
    "later": phrase("next", "Asked again, as wished"),
    "nobody": phrase("next", "Tried again: nobody there can be told"),
    "again": phrase("next", "Asked again"),
    "on_hold": phrase("next", "Told when the hold ends"),
    "help": phrase("next", "Waits for the trial office"),
}


def list_words(voice: Voice) -> Mapping[str, Callable[..., Any]]:
    """The filters of these words."""

    def kind(one: TaskKind) -> str:
        return voice.word(KINDS[one])

    def which(one: str) -> str:
        return voice.word(LISTS[one])

    def stage(one: str) -> str:
        return voice.word(STAGES[one])

    def uploads(one: str) -> str:
        return voice.word(UPLOADS.get(one) or STAGES[one])

    def claim(one: ClaimState) -> str:
        return voice.word(_CLAIMS[one])

    def said_word(word: LastWord) -> str:
        return said_words(voice, word)

    def next_step(step: str | None) -> str:
        return next_words(voice, step)

    def came_of(state: str) -> str:
        return f"{delivery_sign(state)} {delivery_words(voice, state, because=None)}"

    return {
        "task_kind": kind,
        "which": which,
        "which_sign": SIGNS.__getitem__,
        "stage": stage,
        "uploads": uploads,
        "stage_sign": STAGE_SIGNS.__getitem__,
        "claim": claim,
        "said": said_word,
        "next_step": next_step,
        "came_of": came_of,
    }


def next_words(voice: Voice, step: str | None) -> str:
    """What comes next of a task that is open; None: it rings nobody by itself any more."""
    if step is None:
        return voice.say("Stays in the weekly digest")
    if step in _WAITS:
        return voice.word(_WAITS[step])
    return step_word(voice, step) if step in set(Step) else step


def funnel_words(voice: Voice, stage: str) -> str:
    """A stage with all that came further, as the funnel calls it."""
    return voice.word(_FUNNEL[stage])
