"""What was said about a task, and how a task stands, as short phrases of a line."""

from collections.abc import Mapping
from datetime import date

from locales.texts import Line, line, one_line
from locales.voices import Phrase, Voice, phrase
from trial.answers import AnswerKind, HelpKind, LeavingKind, TakenDown, Via
from trial.messages import CardTask, LastWord, Receipt, Standing
from trial.tasks import TaskKind

LEAVING: Mapping[LeavingKind, Phrase] = {
    LeavingKind.DEATH: phrase("leaving", "death"),
    LeavingKind.WITHDRAWN: phrase("leaving", "consent withdrawn"),
    LeavingKind.WITHDRAWN_FROM_VISITS: phrase("leaving", "withdrawn from visits"),
    LeavingKind.WITHDRAWN_FROM_EVERYTHING: phrase("leaving", "withdrawn from the study"),
    LeavingKind.LOST: phrase("leaving", "lost to follow-up"),
    LeavingKind.TRANSFERRED: phrase("leaving", "moved to another site"),
    LeavingKind.NOT_OPERATED: phrase("leaving", "not operated"),
    LeavingKind.OTHER: phrase("leaving", "another reason"),
}

HELP: Mapping[HelpKind, Phrase] = {
    HelpKind.PORTAL_DOWN: phrase("help", "the portal does not work"),
    HelpKind.QUERY: phrase("help", "a question about this"),
    HelpKind.CALL_ME: phrase("help", "a call, please"),
}

SIGNS: Mapping[Standing, str] = {
    Standing.WAITING: "·",
    Standing.SCHEDULED: "·",
    Standing.EARLIER: "·",
    Standing.DUE: "○",
    Standing.LATE: "◐",
    Standing.BOOKED: "○",
    Standing.PLANNED: "○",
    Standing.DONE: "✓",
    Standing.CLAIMED: "↑",
    Standing.VERIFIED: "✓",
    Standing.QUERIED: "?",
    Standing.STATED: "✓",
    Standing.NOT_DONE: "—",
    Standing.NOT_APPLICABLE: "—",
    Standing.PAUSED: "‖",
    Standing.CANCELLED: "×",
}

_STANDINGS: Mapping[Standing, Phrase] = {
    Standing.WAITING: phrase("standing", "date not known yet"),
    Standing.SCHEDULED: phrase("standing", "scheduled"),
    Standing.DUE: phrase("standing", "due"),
    Standing.LATE: phrase("standing", "late"),
    Standing.EARLIER: phrase("standing", "from before Sitebell"),
    Standing.BOOKED: phrase("standing", "booked"),
    Standing.PLANNED: phrase("standing", "planned"),
    Standing.DONE: phrase("standing", "done"),
    Standing.CLAIMED: phrase("standing", "uploaded as claimed, not yet seen in the archive"),
    Standing.VERIFIED: phrase("standing", "uploaded, seen in the archive"),
    Standing.QUERIED: phrase("standing", "uploaded as claimed, a question is open"),
    Standing.STATED: phrase("standing", "answered"),
    Standing.NOT_DONE: phrase("standing", "not done"),
    Standing.NOT_APPLICABLE: phrase("standing", "not applicable"),
    Standing.PAUSED: phrase("standing", "paused, to be confirmed"),
    Standing.CANCELLED: phrase("standing", "no longer needed"),
}

_ANSWERS: Mapping[AnswerKind, Phrase] = {
    AnswerKind.BOOKED: phrase("answer", "booked"),
    AnswerKind.DONE: phrase("answer", "done"),
    AnswerKind.UPLOADED: phrase("answer", "uploaded (as claimed)"),
    AnswerKind.STATED: phrase("answer", "answered"),
    AnswerKind.NOT_DONE: phrase("answer", "not done"),
    AnswerKind.NOT_APPLICABLE: phrase("answer", "not applicable"),
    AnswerKind.LATER: phrase("answer", "to be reminded later"),
    AnswerKind.NO_LONGER_FOLLOWED: phrase("answer", "patient no longer followed"),
    AnswerKind.NEED_HELP: phrase("answer", "help asked for"),
    AnswerKind.UNDO: phrase("answer", "earlier answer taken back"),
}


def standing_of(voice: Voice, task: CardTask) -> str:
    """The word beside the sign of a task, with the one date that matters for it."""
    match task.standing, task.day, task.due:
        case Standing.SCHEDULED, _, due if due is not None:
            if task.kind is TaskKind.HOLD:
                return voice.say("scheduled for %(day)s", day=due)
            return voice.say("scheduled, by %(day)s", day=due)
        case Standing.DUE, _, due if due is not None:
            return voice.say("due by %(day)s", day=due)
        case Standing.LATE, _, due if due is not None:
            return voice.say("late, was due by %(day)s", day=due)
        case Standing.BOOKED, day, _ if day is not None:
            return _booked_for(voice, task.kind, day=day)
        case Standing.PLANNED, day, _ if day is not None:
            return voice.say("planned for %(day)s", day=day)
        case Standing.DONE, day, _ if day is not None:
            return _done_on(voice, task.kind, day=day)
        case standing, day, _ if day is not None:
            return _claimed_on(voice, standing, day=day)
        case _:
            return standing_word(voice, task.standing)


def standing_word(voice: Voice, standing: Standing) -> str:
    """How a task stands where no date stands beside it."""
    return voice.word(_STANDINGS[standing])


def standing_by(voice: Voice, standing: Standing, *, opens: date | None, last: date | None) -> str:
    """How a task of a list stands, with the one of its dates that matters."""
    match standing:
        case Standing.SCHEDULED if opens is not None:
            return voice.say("opens on %(day)s", day=opens)
        case Standing.SCHEDULED if last is not None:
            return voice.say("scheduled, by %(day)s", day=last)
        case Standing.DUE if last is not None:
            return voice.say("due by %(day)s", day=last)
        case Standing.LATE if last is not None:
            return voice.say("late, was due by %(day)s", day=last)
        case Standing.EARLIER if last is not None:
            return voice.say("from before Sitebell, was due by %(day)s", day=last)
        case _:
            return standing_word(voice, standing)


def said(voice: Voice, word: LastWord) -> str:
    """What an answer says, as part of a line; a day outside the window is marked, not judged."""
    what = _said(voice, word)
    return voice.say("%(what)s, outside the window", what=what) if word.outside_window else what


def _said(voice: Voice, word: LastWord) -> str:
    match word.kind, word.day:
        case AnswerKind.BOOKED, day if day is not None:
            return _booked_for(voice, word.task_kind, day=day)
        case AnswerKind.DONE, day if day is not None:
            return _done_on(voice, word.task_kind, day=day)
        case AnswerKind.UPLOADED, day if day is not None:
            return voice.say("uploaded on %(day)s (as claimed)", day=day)
        case AnswerKind.LATER, day if day is not None:
            return voice.say("to be reminded on %(day)s", day=day)
        case AnswerKind.NO_LONGER_FOLLOWED, _ if word.leaving is not None:
            return voice.say("patient no longer followed (%(reason)s)", reason=voice.word(LEAVING[word.leaving]))
        case AnswerKind.NEED_HELP, _ if word.help is not None:
            return voice.say("help asked for (%(what)s)", what=voice.word(HELP[word.help]))
        case _:
            return _said_with_reason(voice, word)


def would_say(voice: Voice, answer: AnswerKind, task_kind: TaskKind | None, *, day: date) -> str:
    """An answer that nobody has given yet, as it would be recorded."""
    match answer:
        case AnswerKind.BOOKED:
            return _booked_for(voice, task_kind, day=day)
        case AnswerKind.LATER:
            return voice.say("to be reminded on %(day)s", day=day)
        case _:
            return _done_on(voice, task_kind, day=day)


def last_line(voice: Voice, word: LastWord) -> Line:
    """The last word about a visit: what, who and when."""
    if word.told is not None:
        return line(
            voice.say("Last answer: %(what)s", what=said(voice, word)),
            told_by(voice, word.told, word.via),
            voice.say("taken down by the trial office"),
        )
    return line(
        voice.say("Last answer: %(what)s", what=said(voice, word)),
        voice.isolated(one_line(word.by)) if word.by else voice.say("entered by the trial office"),
        voice.day(word.said_on),
    )


def told_by(voice: Voice, told: TakenDown, via: Via | None) -> str:
    """Who told the trial office, how and when."""
    name = voice.isolated(one_line(told.by))
    if via is Via.EMAIL:
        return voice.say("%(name)s by e-mail, %(day)s", name=name, day=told.on)
    return voice.say("%(name)s by phone, %(day)s", name=name, day=told.on)


def receipt_lines(voice: Voice, receipt: Receipt) -> tuple[Line, ...]:
    """What was understood, by whom and when. That it can be undone is said by the button, which goes away in time."""
    what = said(voice, receipt.answer)
    if receipt.task is not None:
        what = voice.say("%(task)s: %(what)s", task=voice.label(receipt.task), what=what)
    claimed = receipt.answer.kind is AnswerKind.UPLOADED
    if receipt.answer.told is not None:
        return (
            line("• " + what),
            line(told_by(voice, receipt.answer.told, receipt.answer.via), voice.say("taken down by the trial office")),
        )
    return (
        line("• " + what),
        line(
            voice.isolated(one_line(receipt.answer.by)),
            receipt.at,
            voice.say("not yet seen in the archive") if claimed else None,
        ),
    )


def _said_with_reason(voice: Voice, word: LastWord) -> str:
    reason = _reason(voice, word)
    if reason is None:
        return voice.word(_ANSWERS[word.kind])
    match word.kind:
        case AnswerKind.STATED:
            return reason
        case AnswerKind.NOT_DONE:
            return voice.say("not done (%(reason)s)", reason=reason)
        case AnswerKind.NOT_APPLICABLE:
            return voice.say("not applicable (%(reason)s)", reason=reason)
        case _:
            return voice.word(_ANSWERS[word.kind])


def _reason(voice: Voice, word: LastWord) -> str | None:
    if word.words is not None:
        return voice.label(word.words)
    if word.text:
        return voice.say("“%(text)s”", text=one_line(word.text))
    return None


def _booked_for(voice: Voice, kind: TaskKind | None, *, day: date) -> str:
    if kind is TaskKind.EVENT:
        return voice.say("planned for %(day)s", day=day)
    return voice.say("booked for %(day)s", day=day)


def _done_on(voice: Voice, kind: TaskKind | None, *, day: date) -> str:
    match kind:
        case TaskKind.UPLOAD:
            return voice.say("uploaded on %(day)s", day=day)
        case TaskKind.SEND:
            return voice.say("sent on %(day)s", day=day)
        case TaskKind.EVENT:
            return voice.say("took place on %(day)s", day=day)
        case _:
            return voice.say("done on %(day)s", day=day)


def _claimed_on(voice: Voice, standing: Standing, *, day: date) -> str:
    match standing:
        case Standing.CLAIMED:
            return voice.say("uploaded on %(day)s as claimed, not yet seen in the archive", day=day)
        case Standing.VERIFIED:
            return voice.say("uploaded on %(day)s, seen in the archive", day=day)
        case Standing.QUERIED:
            return voice.say("uploaded on %(day)s as claimed, a question is open", day=day)
        case _:
            return standing_word(voice, standing)
