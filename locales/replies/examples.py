"""Examples of replies, each with what it leads to: what Sitebell understands, for people, and what it is held to.

Written down before the words of the languages were. `examples/<language>.csv`: sort, country of the site, scene, text, wanted.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from locales.replies import read_reply
from locales.replies.lexicon import reply_languages
from locales.replies.scenes import ABOUT, SCENES, TODAY
from trial.answers import AnswerKind
from trial.replies.context import ReplyContext
from trial.replies.meaning import Action, Ask, Clear, NeedHelp, NothingSaid, NotUnderstood, Outcome, understand

FOLDER = Path(__file__).parent / "examples"


class Sort(StrEnum):
    """What an example stands for."""

    CLEAR = "clear"  # to be acted on
    ASK = "ask"  # one question
    HELP = "help"
    COURTESY = "courtesy"
    WRONG = "wrong"  # not about anything here


@dataclass(frozen=True, slots=True)
class Example:
    """A reply and what it is to lead to, in the notation of `told`."""

    language: str
    sort: Sort
    country: str
    scene: str
    text: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Result:
    """What an example led to. `acted_wrongly`: something was recorded that was not said."""

    example: Example
    got: str

    @property
    def as_wanted(self) -> bool:
        return self.got == _in_order(self.example.wanted)

    @property
    def acted_wrongly(self) -> bool:
        acted = not self.got.startswith("?") and self.got not in _WITHOUT_ACTION
        return acted and not self.as_wanted


_HELP, _NOTHING, _NOT_UNDERSTOOD = "help", "nothing", "-"
_WITHOUT_ACTION = frozenset({_HELP, _NOTHING, _NOT_UNDERSTOOD})


def examples(language: str) -> tuple[Example, ...]:
    """The examples of one language."""
    with (FOLDER / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Example(language, Sort(row["sort"]), row["site"], row["scene"], row["text"], row["wanted"])
            for row in csv.DictReader(file)
        )


def results(language: str) -> tuple[Result, ...]:
    """What each example leads to now."""
    return tuple(Result(example, _got(example)) for example in examples(language))


def understood_share(found: tuple[Result, ...]) -> float:
    """Of the clear replies, the share that is acted on as meant."""
    clear = [result for result in found if result.example.sort is Sort.CLEAR]
    return sum(result.as_wanted for result in clear) / len(clear)


def table(language: str | None = None) -> list[str]:
    """The lines of `sitebell replies table`: every example, what it leads to, and the figures. None: every language."""
    languages = reply_languages() if language is None else (language,)
    return [line for one in languages for line in _table(one)]


def told(outcome: Outcome, context: ReplyContext) -> str:
    """An outcome in short: `302-014 upload_ct uploaded 2026-03-12`, `? which_day`, `help`, `nothing`, `-`."""
    match outcome:
        case Clear(actions):
            return "; ".join(sorted(_action(action, context) for action in actions))
        case Ask(question):
            return f"? {question}"
        case NeedHelp():
            return _HELP
        case NothingSaid():
            return _NOTHING
        case NotUnderstood():
            return _NOT_UNDERSTOOD
    assert_never(outcome)


def _got(example: Example) -> str:
    context = SCENES[example.scene]
    reading = read_reply(example.text, language=example.language, country=example.country, context=context, today=TODAY)
    return told(understand(reading, context, TODAY), context)


def _action(action: Action, context: ReplyContext) -> str:
    card, task = next((card, task) for card in context.cards for task in card.tasks if task.task_id == action.task_id)
    said = action.said
    what = said.until if action.kind is AnswerKind.LATER else said.day or said.value
    return f"{card.code} {task.name} {action.kind} {what}" + (" outside" if action.outside_window else "")


def _in_order(wanted: str) -> str:
    return "; ".join(sorted(wanted.split("; ")))


def _table(language: str) -> Iterator[str]:
    found = results(language)
    yield f"{language}: replies on {TODAY}"
    for scene, about in ABOUT.items():
        of_scene = [result for result in found if result.example.scene == scene]
        if of_scene:
            yield ""
            yield f"  {scene}: {about}"
            yield from map(_line, of_scene)
    yield ""
    wrong = sum(result.acted_wrongly for result in found)
    as_wanted = sum(result.as_wanted for result in found)
    clear = sum(result.example.sort is Sort.CLEAR for result in found)
    yield (
        f"  {len(found)} replies, {as_wanted} as wanted; {understood_share(found):.0%} of {clear} clear ones understood; "
        f"{wrong} recorded wrongly"
    )
    yield ""


def _line(result: Result) -> str:
    verdict = " " if result.as_wanted else "!"
    instead = "" if result.as_wanted else f"   (wanted: {result.example.wanted})"
    return f"  {verdict} {result.example.country}  {result.example.text}  ->  {result.got}{instead}"
