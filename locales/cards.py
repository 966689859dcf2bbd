"""The card of a visit and the nudge that points to it.

Both open with two neutral lines that fill what a locked phone shows: no study, no code, no procedure within the first
60 characters. The second line carries the tone of the phase; a catalogue in which it is too short is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from locales.answers import HELP, SIGNS, last_line, receipt_lines, standing_of
from locales.texts import Line, Strong, Text, compose, line, one_line
from locales.voices import Phrase, Voice, phrase
from locales.windows import days_off_line, left_or_past, still_left
from trial.answers import AnswerKind
from trial.messages import Asking, Card, CardTask, LastWord, Nudge, NudgeTask, Phase, Standing

_OPENINGS: Mapping[Phase, Phrase] = {
    Phase.BEFORE: phrase("opening", "This is for your planning; an answer can wait for a quiet moment."),
    Phase.DURING: phrase("opening", "When you have a minute, please answer with the buttons below."),
    Phase.AFTER: phrase("opening", "When you have a minute, please let us know how things stand."),
}
_ANSWERED = phrase("opening", "Your answer is recorded. It is an acknowledgement, not an electronic signature.")
PAUSED = phrase("opening", "No more reminders will come for this until the study team has confirmed it.")
_CLOSED = phrase("opening", "Nothing more is needed here. What was answered stands below.")
HELP_ASKED = phrase("opening", "The trial office has been asked. Reminders for this wait until it has looked at it.")
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
    Asking.WHICH_TASK: phrase("question", "Which of them is it about?"),
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
    Asking.WHICH_HELP: phrase("question", "What would help?"),
    Asking.IS_IT_THERE: phrase("question", "Could you check?"),
    Asking.IS_IT_REALLY_THERE: phrase("question", "Is it really there? A short look in the archive is enough."),
}

_QUESTIONS_AFTERWARDS: Mapping[Asking, Phrase] = {
    Asking.IS_IT_BOOKED: phrase("question", "What happened? Is there a new date?"),
    Asking.WAS_IT_DONE: phrase("question", "What happened? Was it done?"),
    Asking.IS_IT_UPLOADED: phrase("question", "How far is the upload?"),
    Asking.IS_IT_SENT: phrase("question", "How far is it? Has it been sent?"),
}

# What is sent after a visit has a last day and no window that closes.
_HAVE_A_LAST_DAY = frozenset({Asking.IS_IT_UPLOADED, Asking.IS_IT_SENT})

_ABOUT_A_CLAIM = frozenset({Asking.IS_IT_THERE, Asking.IS_IT_REALLY_THERE})

# A card with one task needs no line for it while its window, its question and its last word say the same.
_SPOKEN_FOR = frozenset({Standing.SCHEDULED, Standing.DUE, Standing.LATE, Standing.BOOKED})


@dataclass(frozen=True, slots=True)
class CardParts:
    """What a card says, part by part: a chat joins them to one text, a page gives each its own place."""

    opening: tuple[Line, ...]
    title: str
    visit: str
    facts: tuple[Line, ...]
    receipt: tuple[Line, ...]
    question: str | None
    safety: str | None


def card_parts(plain: Voice, card: Card) -> CardParts:
    """Neutral lines, study and code, what, window, tasks, last word, one question."""
    voice = plain.for_dates(_dates(card))
    return CardParts(
        opening=_card_opening(voice, card),
        title=title(voice, card.study, card.code),
        visit=voice.label(card.visit),
        facts=tuple(pieces for pieces in _facts(voice, card) if pieces),
        receipt=receipt_lines(voice, card.receipt) if card.receipt is not None else (),
        question=_question(voice, card),
        safety=safety_line(voice) if card.safety_line else None,
    )


def card_text(plain: Voice, card: Card) -> Text:
    """The card in a chat."""
    parts = card_parts(plain, card)
    return compose(
        parts.opening,
        [line(Strong(parts.title)), line(parts.visit), *parts.facts],
        parts.receipt,
        [line(parts.question)],
        [line(parts.safety)],
    )


def nudge_text(voice: Voice, nudge: Nudge) -> Text:
    """One more about the card that this replies to."""
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=nudge.site_number), voice.say("one more note")),
            line(voice.word(_NUDGED)),
            covering_line(voice, nudge.covering),
        ],
        [
            line(Strong(title(voice, nudge.study, nudge.code))),
            line(
                voice.label(nudge.visit),
                left_or_past(
                    voice,
                    nudge.days_left,
                    days_late=nudge.days_late,
                    has_window=nudge.asking not in _HAVE_A_LAST_DAY,
                    working_days_left=nudge.working_days_left,
                    days_off=nudge.days_off,
                ),
            ),
            _days_off(voice, nudge),
            *(line("• " + voice.label(task.label), _time_of(voice, task)) for task in nudge.tasks),
            line(_why_again(voice, nudge.asking)),
        ],
        [line(question(voice, nudge.asking, nudge.phase))],
    )


def _time_of(voice: Voice, task: NudgeTask) -> Strong | str | None:
    time = task.time
    if time is None:
        return None
    if time.days_left and time.days_off:
        return still_left(voice, time.days_left, working_days_left=time.working_days_left, days_off=time.days_off)
    return left_or_past(
        voice,
        time.days_left,
        days_late=time.days_late,
        has_window=False,
        working_days_left=time.working_days_left,
    )


def _why_again(voice: Voice, asking: Asking) -> str | None:
    """Why an upload is asked about again; what the trial office asks stands on the card."""
    match asking:
        case Asking.IS_IT_THERE:
            return voice.say("There is a question about the upload.")
        case Asking.IS_IT_REALLY_THERE:
            return voice.say("Nobody has seen the upload in the archive yet.")
        case _:
            return None


def title(voice: Voice, study: str, code: str) -> str:
    return f"{voice.isolated(study)} · {voice.isolated(code)}"


def safety_line(voice: Voice) -> str:
    return voice.say("This is not a safety report. Please report it as the protocol says.")


def question(voice: Voice, asking: Asking, phase: Phase) -> str | None:
    """The one question, in the tone of the phase."""
    if phase is Phase.AFTER and asking in _QUESTIONS_AFTERWARDS:
        return voice.word(_QUESTIONS_AFTERWARDS[asking])
    return voice.word(_QUESTIONS[asking]) if asking in _QUESTIONS else None


def _card_opening(voice: Voice, card: Card) -> tuple[Line, ...]:
    site = voice.say("Site %(site)s", site=card.site_number)
    place = place_words(voice, card.place)
    state: str | None
    if _paused(card):
        sign, state, opening = "🔕", voice.say("reminders paused"), PAUSED
    elif card.asked_for_help is not None:
        sign, state, opening = "🔕", voice.say("waiting for the trial office"), HELP_ASKED
    elif not card.open_tasks:
        sign, state, opening = "✅", voice.say("nothing open"), _CLOSED
    else:
        count = voice.say_count("%(count)s item", "%(count)s items", count=card.open_tasks)
        # Two counts side by side would be read as one.
        sign, state, opening = "🔔", None if place else count, _OPENINGS[card.phase]
    return (
        line(f"{sign} {site}", place, state),
        line(voice.word(_ANSWERED if _answered_themselves(card) else opening)),
        covering_line(voice, card.covering),
    )


def _answered_themselves(card: Card) -> bool:
    """What the trial office took down is a receipt, too, and nobody's own answer."""
    return card.receipt is not None and card.receipt.answer.told is None


def place_words(voice: Voice, place: tuple[int, int] | None) -> str | None:
    """Within a digest: which of how many."""
    if place is None:
        return None
    number, total = place
    return voice.say("%(number)s of %(total)s", number=voice.number(number), total=voice.number(total))


def covering_line(voice: Voice, name: str | None) -> Line:
    """For whom the reader stands in; empty for nobody."""
    return line(voice.say("You stand in for %(name)s.", name=one_line(name)) if name else None)


def _facts(voice: Voice, card: Card) -> Iterator[Line]:
    yield from _window(voice, card)
    if card.on_hold is not None:
        yield line("🔕 " + voice.say("Reminders are on hold until %(day)s.", day=card.on_hold))
    claim = _claim_asked_about(card)
    if claim is not None and claim.day is not None and card.query is None:
        yield line(f"{SIGNS[claim.standing]} {voice.label(claim.label)}")
        yield line(_not_seen(voice, card.asking, day=claim.day))
    elif len(card.tasks) > 1 or any(task.standing not in _SPOKEN_FOR for task in card.tasks):
        for task in card.tasks:
            yield line(f"{SIGNS[task.standing]} {voice.label(task.label)}", standing_of(voice, task))
    if card.query:
        yield line(voice.say("The trial office asks: “%(words)s”", words=one_line(card.query)))
    word = _word_to_repeat(card)
    # The claim that is asked about is the last word; it need not be said twice.
    if word is not None and not (claim is not None and _is_claim(word, claim)):
        yield last_line(voice, word)
    if card.asked_for_help is not None and not _tells_of_help(card):
        yield line(voice.say("Asked for: %(what)s", what=voice.word(HELP[card.asked_for_help])))


def _not_seen(voice: Voice, asking: Asking, *, day: date) -> str:
    if asking is Asking.IS_IT_REALLY_THERE:
        return voice.say("You said uploaded on %(day)s; nobody has seen it in the archive yet.", day=day)
    return voice.say("You said uploaded on %(day)s; the archive does not show it yet.", day=day)


def _word_to_repeat(card: Card) -> LastWord | None:
    return None if card.receipt is not None and card.receipt.answer == card.last else card.last


def _claim_asked_about(card: Card) -> CardTask | None:
    """The upload in question, on a card that has no other task."""
    if card.asking not in _ABOUT_A_CLAIM or len(card.tasks) != 1:
        return None
    return card.tasks[0] if card.tasks[0].standing in {Standing.CLAIMED, Standing.QUERIED} else None


def _is_claim(word: LastWord, claim: CardTask) -> bool:
    return word.kind is AnswerKind.UPLOADED and word.day == claim.day


def _tells_of_help(card: Card) -> bool:
    words = (card.last, card.receipt.answer if card.receipt is not None else None)
    return any(word is not None and word.kind is AnswerKind.NEED_HELP and word.help is not None for word in words)


def _window(voice: Voice, card: Card) -> Iterator[Line]:
    """The dates, and beside them what is left or past while something is open."""
    beside: Strong | str | None = None
    counted = card.open_tasks > 0 and card.firm and card.phase is not Phase.BEFORE
    if card.open_tasks and not card.firm:
        beside = voice.say("provisional, may still move")
    elif counted:
        beside = left_or_past(
            voice,
            card.days_left,
            days_late=card.days_late,
            has_window=card.opens is not None and card.opens != card.closes,
            working_days_left=card.working_days_left,
            days_off=card.days_off,
        )
    dates = _window_dates(voice, card)
    for date_words in dates:
        yield line(date_words, beside if date_words is dates[-1] else None)
    if counted and dates and card.days_late is None:
        yield _days_off(voice, card)


def _days_off(voice: Voice, asked: Card | Nudge) -> Line:
    return days_off_line(voice, asked.days_left, working_days_left=asked.working_days_left, days_off=asked.days_off)


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
    yield from (card.opens, card.due, card.closes, card.on_hold)
    for task in card.tasks:
        yield from (task.due, task.day)
    for word in (card.last, card.receipt.answer if card.receipt is not None else None):
        if word is not None:
            yield from (word.day, word.said_on)
