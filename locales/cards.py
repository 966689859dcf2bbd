"""The card of a visit and the nudge that points to it.

Both open with two neutral lines that fill what a locked phone shows: no study, no code, no procedure within the first
60 characters. The second line carries the tone of the phase; a catalogue in which it is too short is refused.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain

from locales.answers import SIGNS, last_line, receipt_lines, standing_of
from locales.texts import Line, Strong, Text, compose, line
from locales.voices import Phrase, Voice, phrase
from trial.answers import AnswerKind
from trial.messages import Asking, Card, Nudge, Phase, Standing

_OPENINGS: Mapping[Phase, Phrase] = {
    Phase.BEFORE: phrase("opening", "This is for your planning; an answer can wait for a quiet moment."),
    Phase.DURING: phrase("opening", "When you have a minute, please answer with the buttons below."),
    Phase.AFTER: phrase("opening", "When you have a minute, please let us know how things stand."),
}
_ANSWERED = phrase("opening", "Your answer is recorded. It is an acknowledgement, not an electronic signature.")
_PAUSED = phrase("opening", "No more reminders will come for this until the study team has confirmed it.")
_CLOSED = phrase("opening", "Nothing more is needed here. What was answered stands below.")
_NUDGED = phrase("opening", "It is about the card that this replies to. “Later” is a fine answer too.")

_QUESTIONS: Mapping[Asking, Phrase] = {
    Asking.IS_IT_PLANNED: phrase("question", "Is there a date for it yet?"),
    Asking.IS_IT_BOOKED: phrase("question", "Is it booked?"),
    Asking.WAS_IT_DONE: phrase("question", "Was it done?"),
    Asking.IS_IT_UPLOADED: phrase("question", "Have the images been uploaded?"),
    Asking.IS_IT_SENT: phrase("question", "Has it been sent?"),
    Asking.WHICH_DATE: phrase("question", "When did it take place, or for when is it planned?"),
    Asking.WHICH_VALUE: phrase("question", "Which of these is right?"),
    Asking.WHICH_DAY: phrase("question", "On which day?"),
    Asking.UNTIL_WHEN: phrase("question", "When may I ask again?"),
    Asking.WHICH_REASON: phrase("question", "What was the reason?"),
    Asking.WHICH_OTHER: phrase("question", "Which of these applies?"),
    Asking.WRITE_REASON: phrase(
        "question",
        "Please reply with the reason in a few words (up to 300 characters), "
        "without names, birth dates or hospital numbers.",
    ),
    Asking.WHY_LEFT: phrase("question", "Why is the patient no longer followed?"),
    Asking.CONFIRM_LEFT: phrase(
        "question",
        "All reminders for this patient will stop at once. The investigator or the trial manager confirms "
        "reason and date later. Shall I record it?",
    ),
}

_QUESTIONS_AFTERWARDS: Mapping[Asking, Phrase] = {
    Asking.IS_IT_BOOKED: phrase("question", "What happened? Is there a new date?"),
    Asking.WAS_IT_DONE: phrase("question", "What happened? Was it done?"),
    Asking.IS_IT_UPLOADED: phrase("question", "How far is the upload?"),
    Asking.IS_IT_SENT: phrase("question", "How far is it? Has it been sent?"),
}

# What is sent after a visit has a last day and no window that closes.
_HAVE_A_LAST_DAY = frozenset({Asking.IS_IT_UPLOADED, Asking.IS_IT_SENT})

# A card with one task needs no line for it while its window, its question and its last word say the same.
_SPOKEN_FOR = frozenset({Standing.SCHEDULED, Standing.DUE, Standing.LATE, Standing.BOOKED})


def card_text(plain: Voice, card: Card) -> Text:
    """The card: neutral lines, study and code, what, window, tasks, last word, one question."""
    voice = plain.for_dates(_dates(card))
    return compose(
        _card_opening(voice, card),
        chain([line(Strong(title(voice, card.study, card.code))), line(voice.label(card.visit))], _facts(voice, card)),
        receipt_lines(voice, card.receipt) if card.receipt is not None else (),
        [line(_question(voice, card))],
        [line(safety_line(voice))] if card.safety_line else (),
    )


def nudge_text(voice: Voice, nudge: Nudge) -> Text:
    """One more about the card that this replies to."""
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=nudge.site_number), voice.say("one more note")),
            line(voice.word(_NUDGED)),
        ],
        [
            line(Strong(title(voice, nudge.study, nudge.code))),
            line(
                voice.label(nudge.visit),
                _left_or_past(
                    voice, nudge.days_left, days_late=nudge.days_late, has_window=nudge.asking not in _HAVE_A_LAST_DAY
                ),
            ),
            *(line("• " + voice.label(task)) for task in nudge.tasks),
        ],
        [line(question(voice, nudge.asking, nudge.phase))],
    )


def title(voice: Voice, study: str, code: str) -> str:
    return f"{voice.isolated(study)} · {voice.isolated(code)}"


def safety_line(voice: Voice) -> str:
    return voice.say("This is not a safety report. Please report it as the protocol says.")


def question(voice: Voice, asking: Asking, phase: Phase) -> str | None:
    """The one question, in the tone of the phase."""
    if phase is Phase.AFTER and asking in _QUESTIONS_AFTERWARDS:
        return voice.word(_QUESTIONS_AFTERWARDS[asking])
    return voice.word(_QUESTIONS[asking]) if asking in _QUESTIONS else None


def _card_opening(voice: Voice, card: Card) -> tuple[Line, Line]:
    site = voice.say("Site %(site)s", site=card.site_number)
    if _paused(card):
        sign, state, opening = "🔕", voice.say("reminders paused"), _PAUSED
    elif not card.open_tasks:
        sign, state, opening = "✅", voice.say("nothing open"), _CLOSED
    else:
        count = voice.say_count("%(count)s item", "%(count)s items", count=card.open_tasks)
        sign, state, opening = "🔔", count, _OPENINGS[card.phase]
    return line(f"{sign} {site}", state), line(voice.word(opening if card.receipt is None else _ANSWERED))


def _facts(voice: Voice, card: Card) -> Iterator[Line]:
    yield from _window(voice, card)
    if len(card.tasks) > 1 or any(task.standing not in _SPOKEN_FOR for task in card.tasks):
        for task in card.tasks:
            yield line(f"{SIGNS[task.standing]} {voice.label(task.label)}", standing_of(voice, task))
    if card.last is not None and (card.receipt is None or card.receipt.answer != card.last):
        yield last_line(voice, card.last)


def _window(voice: Voice, card: Card) -> tuple[Line, ...]:
    """The dates, and beside them what is left or past while something is open."""
    beside: Strong | str | None = None
    if card.open_tasks and not card.firm:
        beside = voice.say("provisional, may still move")
    elif card.open_tasks and card.phase is not Phase.BEFORE:
        has_window = card.opens is not None and card.opens != card.closes
        beside = _left_or_past(voice, card.days_left, days_late=card.days_late, has_window=has_window)
    dates = _window_dates(voice, card)
    return tuple(line(date_words, beside if date_words is dates[-1] else None) for date_words in dates)


def _window_dates(voice: Voice, card: Card) -> list[str]:
    """Target, then window; a window of one day is only a due date."""
    first, last = card.opens, card.closes
    target = card.due or last or first
    if target is None:
        return []
    window: list[str] = []
    if first is not None and last is not None and first < last:
        window = [voice.say("Window %(first)s – %(last)s", first=first, last=last)]
    match card.phase:
        case Phase.BEFORE if card.firm:
            return [voice.say("Planned for %(day)s", day=target), *window]
        case Phase.BEFORE:
            return [voice.say("Expected around %(day)s", day=target), *window]
        case Phase.AFTER if window and last is not None:
            return [voice.say("Window until %(last)s", last=last)]
        case _:
            return window or [voice.say("Due by %(day)s", day=last or target)]


def _left_or_past(
    voice: Voice, days_left: int | None, *, days_late: int | None, has_window: bool
) -> Strong | str | None:
    if days_late is not None:
        return Strong(voice.say_count("%(count)s day past", "%(count)s days past", count=days_late))
    if days_left is None:
        return None
    if days_left == 0:
        return Strong(voice.say("closes today") if has_window else voice.say("due today"))
    return voice.say_count("%(count)s day left", "%(count)s days left", count=days_left)


def _question(voice: Voice, card: Card) -> str | None:
    asked = voice.label(card.asked) if card.asked is not None else None
    words = asked if asked and card.asking is Asking.WHICH_VALUE else question(voice, card.asking, card.phase)
    if words is None or card.about is None:
        return words
    return voice.say("%(task)s: %(question)s", task=voice.label(card.about), question=words)


def _paused(card: Card) -> bool:
    """A death or a withdrawal gets no green tick."""
    said = card.last or (card.receipt.answer if card.receipt is not None else None)
    left = said is not None and said.kind is AnswerKind.NO_LONGER_FOLLOWED
    return left or any(task.standing is Standing.PAUSED for task in card.tasks)


def _dates(card: Card) -> Iterator[date | None]:
    yield from (card.opens, card.due, card.closes)
    for task in card.tasks:
        yield from (task.due, task.day)
    for word in (card.last, card.receipt.answer if card.receipt is not None else None):
        if word is not None:
            yield from (word.day, word.said_on)
