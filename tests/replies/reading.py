"""A reply from its text to what it leads to, as the conversation will have it."""

from datetime import date

from locales.replies import read_reply
from locales.replies.scenes import SCENES, TODAY
from trial.replies.context import ReplyContext
from trial.replies.meaning import Action, Ask, Clear, Outcome, understand

HOME = {"de": "DE", "en": "GB", "fr": "FR", "ja": "JP"}


def outcome(
    text: str,
    scene: str | ReplyContext = "upload",
    *,
    language: str = "en",
    country: str | None = None,
    today: date = TODAY,
) -> Outcome:
    context = SCENES[scene] if isinstance(scene, str) else scene
    site = country or HOME.get(language)
    return understand(read_reply(text, language=language, country=site, context=context, today=today), context, today)


def actions(found: Outcome) -> tuple[Action, ...]:
    return found.actions if isinstance(found, Clear) else ()


def question(found: Outcome) -> str | None:
    return found.question if isinstance(found, Ask) else None


def days(found: Outcome) -> set[date]:
    """Every day that would be recorded."""
    said = [action.said for action in actions(found)]
    return {day for one in said for day in (one.day, one.until) if day is not None}
