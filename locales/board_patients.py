"""Words of the pages about patients: how a visit stands, and who is followed."""

from collections.abc import Mapping

from locales.board_protocol import release_words
from locales.voices import Phrase, Voice, phrase
from trial.answers import Via
from trial.grid import CellNote, CellState
from trial.problems import Problem, Wrong
from trial.timeline import Certainty

CELL_SIGNS: Mapping[CellState, str] = {
    CellState.OVERDUE: "●",
    CellState.DUE: "○",
    CellState.NOT_YET: "·",
    CellState.UNOBTAINABLE: "—",
    CellState.PRESENT: "✓",
    CellState.NOT_APPLICABLE: "×",
}
"""What carries a cell's state without colour."""

_CELLS: Mapping[CellState, Phrase] = {
    CellState.OVERDUE: phrase("cell", "overdue"),
    CellState.DUE: phrase("cell", "due"),
    CellState.NOT_YET: phrase("cell", "not yet"),
    CellState.UNOBTAINABLE: phrase("cell", "not done"),
    CellState.PRESENT: phrase("cell", "present"),
    CellState.NOT_APPLICABLE: phrase("cell", "n/a"),
}

_MEANINGS: Mapping[CellState, Phrase] = {
    CellState.OVERDUE: phrase("legend", "late beyond what the study tolerates (EORTC: overdue)"),
    CellState.DUE: phrase("legend", "expected and not confirmed; “late” and “claimed” stand beside it (EORTC: due)"),
    CellState.NOT_YET: phrase("legend", "nothing is expected so far (EORTC lists none)"),
    CellState.UNOBTAINABLE: phrase("legend", "will never come; counts in the return rate (EORTC has no word)"),
    CellState.PRESENT: phrase("legend", "all that was expected is there (EORTC: present)"),
    CellState.NOT_APPLICABLE: phrase("legend", "does not apply, or is wanted no longer (EORTC: NA)"),
}

_NOTES: Mapping[CellNote, Phrase] = {
    CellNote.LATE: phrase("cell", "late"),
    CellNote.CLAIMED: phrase("cell", "claimed"),
    CellNote.QUERIED: phrase("cell", "queried"),
    CellNote.EARLIER: phrase("cell", "before Sitebell"),
    CellNote.PAUSED: phrase("cell", "paused"),
}

_CERTAINTIES: Mapping[Certainty, Phrase] = {
    Certainty.ESTIMATED: phrase("certainty", "is estimated"),
    Certainty.PLANNED: phrase("certainty", "is planned"),
    Certainty.HAPPENED: phrase("certainty", "took place"),
}

_WAYS: Mapping[Via, Phrase] = {
    Via.PHONE: phrase("way", "by phone"),
    Via.EMAIL: phrase("way", "by e-mail"),
}

_DONE: Mapping[str | None, Phrase] = {
    "added": phrase("done", "The patient was added and planned."),
    "table": phrase("done", "The patients of the table were added and planned."),
    "answer": phrase("done", "The answer was taken down. The site’s card shows it."),
    "said-before": phrase("done", "The same had been said before; nothing was changed."),
    "taken-back": phrase("done", "The answer was taken back."),
    "event": phrase("done", "The event was recorded, and the plan follows it."),
    "held": phrase("done", "On hold: nothing rings about this patient until the day is over."),
    "consent": phrase("done", "The consent was recorded. It changes nothing in the plan today."),
    "consent-moved": phrase("done", "The consent was recorded, and the version plans this patient now."),
    "fact": phrase("done", "The fact was recorded, and the plan follows it."),
}

_WRONG: Mapping[Wrong, Phrase] = {
    Wrong.MISSING: phrase("wrong", "Please fill this in."),
    Wrong.UNREADABLE: phrase("wrong", "This is no date. Please write it as 2027-04-12."),
    Wrong.TOO_LONG: phrase("wrong", "This is too long. Please shorten it."),
    Wrong.GUARDED: phrase("wrong", "The privacy guard stopped this: please leave out numbers and dates of persons."),
    Wrong.UNKNOWN: phrase("wrong", "Nothing is called so here. Please choose from what there is."),
    Wrong.YEAR: phrase("wrong", "This year cannot be meant. Please check the date."),
    Wrong.FUTURE: phrase("wrong", "This day lies in the future. Please give the day on which it took place."),
    Wrong.NOT_AHEAD: phrase("wrong", "Please give a day after today."),
    Wrong.TOO_FAR: phrase("wrong", "Please give a day within a year from today."),
    Wrong.CODE_TAKEN: phrase("wrong", "There is a patient of this code already."),
    Wrong.NOT_RELEASED: phrase("wrong", "No version of the protocol was released for this site yet."),
    Wrong.NOT_PLANNED: phrase("wrong", "This visit is not open for this patient."),
    Wrong.HAPPENED: phrase(
        "wrong", "It has taken place already; give another day on which it took place to correct it."
    ),
    Wrong.NOT_ALLOWED: phrase("wrong", "You may not do this here."),
    Wrong.CLOSED: phrase("wrong", "This does not stand as it did: see how it stands now."),
    Wrong.UNFIT: phrase("wrong", "This does not fit this task, or something is missing."),
    Wrong.REASON: phrase("wrong", "A date or value stands already: please say why it changes."),
    Wrong.BEFORE_REGISTRATION: phrase(
        "wrong", "The day lies before the registration, or before what it follows. Please check the date."
    ),
    Wrong.UNREADABLE_CSV: phrase("wrong", "This is no CSV from here on: a quotation mark may be open."),
    Wrong.TWO_COLUMNS: phrase("wrong", "Two columns have this name."),
    Wrong.UNKNOWN_COLUMN: phrase("wrong", "The study has nothing of this name."),
    Wrong.LEAVING: phrase("wrong", "That a patient left is taken back where it is confirmed."),
}

_FOLLOWED: Mapping[str, Phrase] = {
    "followed": phrase("patient", "followed"),
    "paused": phrase("patient", "paused, to be confirmed"),
    "ended": phrase("patient", "no longer followed"),
}


def cell_word(voice: Voice, state: CellState) -> str:
    """A visit's state, in one short word."""
    return voice.word(_CELLS[state])


def cell_meaning(voice: Voice, state: CellState) -> str:
    """What that means, for the legend."""
    return voice.word(_MEANINGS[state])


def note_word(voice: Voice, note: CellNote | None, *, days_late: int | None) -> str:
    """What stands below the state; empty where nothing does."""
    late = None if days_late is None else voice.say("%(days)s d late", days=voice.number(days_late))
    if note is None or note is CellNote.LATE:
        return late or ("" if note is None else voice.word(_NOTES[note]))
    return voice.word(_NOTES[note])


def late_words(voice: Voice, days: int, *, overdue: bool) -> str:
    """How late a task is: late 9 d, overdue 41 d."""
    if overdue:
        return voice.say("overdue %(days)s d", days=voice.number(days))
    return voice.say("late %(days)s d", days=voice.number(days))


def certainty_word(voice: Voice, certainty: Certainty) -> str:
    return voice.word(_CERTAINTIES[certainty])


def way_word(voice: Voice, via: Via) -> str:
    """How the trial office was told."""
    return voice.word(_WAYS[via])


def done_words(voice: Voice, done: str | None) -> str:
    """What was done just now; empty where the address says nothing that we know."""
    return voice.word(_DONE[done]) if done in _DONE else ""


def problem_words(voice: Voice, problem: Problem) -> str:
    """What is wrong at a field, and what would be right; what has no words of its own stands as the records say it."""
    if problem.wrong is None:
        return f"{problem.what}; {problem.instead}"
    return wrong_words(voice, problem.wrong, about=problem.about)


def wrong_words(voice: Voice, wrong: Wrong, *, about: str = "") -> str:
    """The same for what the page itself finds."""
    if wrong is Wrong.BEFORE:
        return voice.say("The day lies before %(event)s, which comes first. Please check the date.", event=about)
    if wrong is Wrong.CODE_FORM:
        return voice.say(
            "This is no code of this study; codes have the form %(form)s. Never enter a name or a hospital number.",
            form=about,
        )
    if wrong is Wrong.TOO_MANY:
        return voice.say("At most %(count)s lines are taken at once. Please divide the table.", count=about)
    if wrong is Wrong.NO_COLUMN:
        return voice.say("The table has no column “%(column)s”.", column=about)
    if wrong is Wrong.TWICE:
        return voice.say("The same code stands on line %(line)s.", line=about)
    released = release_words(voice, wrong, about=about)
    if released is not None:
        return released
    return voice.word(_WRONG[wrong])


def patient_state(voice: Voice, state: str) -> str:
    """Whether a patient is followed."""
    return voice.word(_FOLLOWED[state])
