"""The form in which the trial office takes down what a site told it: one choice, a day, and words where they are needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never

from locales.board import BoardWords
from locales.board_story import said_words
from office.board.patient import TaskBlock
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said
from trial.labels import Labels
from trial.messages import LastWord
from trial.problems import Wrong
from web.forms import Form

WITH_A_DAY: Final = frozenset({AnswerKind.DONE, AnswerKind.BOOKED, AnswerKind.UPLOADED, AnswerKind.LATER})
OWN_WORDS: Final = "*"
"""Of an answer with a reason: it stands in words beside it."""


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One choice: what it sends, and its words. `day`, `in_words`: what it needs beside it."""

    value: str
    words: str
    day: bool
    in_words: bool


def answer_options(
    task: TaskBlock, leaving: Sequence[LeavingKind], today: date, words: BoardWords
) -> tuple[AnswerOption, ...]:
    """What a site can say about this task, the likeliest first."""
    return tuple(_options(task, leaving, today, words))


def _options(task: TaskBlock, leaving: Sequence[LeavingKind], today: date, words: BoardWords) -> Iterator[AnswerOption]:
    def option(
        kind: AnswerKind,
        of: str = "",
        *,
        label: Labels | None = None,
        left: LeavingKind | None = None,
        wanted: HelpKind | None = None,
    ) -> AnswerOption:
        said = LastWord(kind=kind, by="", said_on=today, words=label, task_kind=task.kind, leaving=left, help=wanted)
        value = f"{kind.value}:{of}" if of else kind.value
        return AnswerOption(value, said_words(words.voice, said), kind in WITH_A_DAY, of == OWN_WORDS)

    for kind in task.answers:
        match kind:
            case AnswerKind.NOT_DONE | AnswerKind.NOT_APPLICABLE:
                yield from (option(kind, reason.id, label=reason.label) for reason in task.reasons)
                yield option(kind, OWN_WORDS)
            case AnswerKind.STATED:
                yield from (option(kind, value.id, label=value.label) for value in task.values)
            case AnswerKind.NO_LONGER_FOLLOWED:
                yield from (option(kind, one.value, left=one) for one in leaving)
            case AnswerKind.NEED_HELP:
                yield from (option(kind, one.value, wanted=one) for one in HelpKind)
            case _:
                yield option(kind)


def said_in(form: Form) -> tuple[AnswerKind, Said] | dict[str, Wrong]:
    """What the form says, or what is wrong at which of its fields."""
    word, _, of = form["what"].partition(":")
    kind = AnswerKind(word) if word in set(AnswerKind) else None
    if kind is None or kind is AnswerKind.UNDO:
        return {"what": Wrong.MISSING}
    if kind in WITH_A_DAY:
        day = form.day("day")
        if day is None:
            return {"day": Wrong.UNREADABLE if form["day"] else Wrong.MISSING}
        return kind, Said(until=day) if kind is AnswerKind.LATER else Said(day=day)
    if kind in {AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE} and of == OWN_WORDS:
        words = " ".join(form["words"].split())
        return (kind, Said(text=words)) if words else {"words": Wrong.MISSING}
    said = _coded(kind, of)
    return {"what": Wrong.UNKNOWN} if said is None else (kind, said)


def _coded(kind: AnswerKind, of: str) -> Said | None:
    match kind:
        case AnswerKind.NOT_DONE | AnswerKind.NOT_APPLICABLE:
            return Said(reason=of)
        case AnswerKind.STATED:
            return Said(value=of)
        case AnswerKind.NO_LONGER_FOLLOWED:
            return Said(leaving=LeavingKind(of)) if of in set(LeavingKind) else None
        case AnswerKind.NEED_HELP:
            return Said(help=HelpKind(of)) if of in set(HelpKind) else None
        case AnswerKind.DONE | AnswerKind.BOOKED | AnswerKind.UPLOADED | AnswerKind.LATER | AnswerKind.UNDO:
            return None
        case _:
            assert_never(kind)
