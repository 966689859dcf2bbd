"""Words of a patient's communication log: what was sent and what came of it, what was said and how, what changed."""

from collections.abc import Mapping

from locales.answers import said, told_by
from locales.explaining import step_word
from locales.office import ITEMS
from locales.texts import one_line
from locales.voices import Phrase, Voice, phrase
from trial.answers import TAKEN_DOWN, TakenDown, Via
from trial.messages import ItemKind, LastWord
from trial.story import Change, ChangeKind, Moved

# Keys are the words of the records, which this room does not know; a test holds that none is missing.
_SENT: Mapping[str, Phrase] = {
    "card": phrase("story", "Reminder"),
    "edit": phrase("story", "Card brought up to date"),
    "message": phrase("story", "Message"),
    "deletion": phrase("story", "Message taken out of the chat"),
    "digest": phrase("story", "Digest"),
}

_MESSAGES: Mapping[str, Phrase] = {
    "help_needed": phrase("story", "Help is asked for"),
    "help_closed": phrase("story", "Help was given"),
    "leaving_to_confirm": phrase("story", "Question why the patient is no longer followed"),
    "leaving_confirmed": phrase("story", "Confirmed that the patient is no longer followed"),
    "leaving_taken_back": phrase("story", "The patient is followed after all"),
    "patient_paused": phrase("story", "The patient is no longer followed"),
}

_OTHER_STEPS: Mapping[str, Phrase] = {
    "nudge": phrase("step", "The trial office asks again"),
    "queried": phrase("step", "A question about the upload"),
    "unseen": phrase("step", "Not seen in the archive"),
    "again": phrase("step", "Asked again"),
    "later": phrase("step", "On the day that was wished"),
}

_STATES: Mapping[str, Phrase] = {
    "waiting": phrase("delivery", "waits to be sent"),
    "claimed": phrase("delivery", "is being sent"),
    "sending": phrase("delivery", "is being sent"),
    "sent": phrase("delivery", "arrived"),
    "unknown": phrase("delivery", "sent twice; not known whether it arrived"),
    "failed": phrase("delivery", "did not arrive"),
    "void": phrase("delivery", "was not sent"),
}

_STATE_SIGNS: Mapping[str, str] = {
    "waiting": "…",
    "claimed": "…",
    "sending": "…",
    "sent": "✓",
    "unknown": "?",
    "failed": "×",
    "void": "—",
}

_OUTCOMES: Mapping[str, Phrase] = {
    "accepted": phrase("delivery", "taken by Telegram"),
    "not_modified": phrase("delivery", "stood there as it is already"),
    "not_sent": phrase("delivery", "did not leave"),
    "flood": phrase("delivery", "Telegram asked to wait"),
    "server_error": phrase("delivery", "Telegram had an error"),
    "ambiguous": phrase("delivery", "left, and no answer came"),
    "unreachable": phrase("delivery", "the chat is blocked or gone"),
    "refused": phrase("delivery", "refused by Telegram"),
}

_NOT_SENT: Mapping[str, Phrase] = {
    "answered": phrase("not sent", "it was answered before"),
    "cancelled": phrase("not sent", "the plan no longer wanted it"),
    "due_moved": phrase("not sent", "its date had moved"),
    "patient_paused": phrase("not sent", "the patient was no longer followed"),
    "on_hold": phrase("not sent", "it is on hold"),
    "help": phrase("not sent", "help had been asked for"),
    "access_ended": phrase("not sent", "this person’s access had ended"),
    "person_unreachable": phrase("not sent", "messages do not arrive there"),
    "out_of_hours": phrase("not sent", "it was outside working hours"),
    "tampered": phrase("not sent", "the record does not open"),
}

_VIA: Mapping[Via, Phrase] = {
    Via.BUTTON: phrase("via", "by button"),
    Via.REPLY: phrase("via", "by reply"),
    Via.LINK: phrase("via", "on the item’s page"),
    Via.COMMAND_LINE: phrase("via", "entered by the trial office"),
    Via.BOARD: phrase("via", "on the board"),
    Via.PHONE: phrase("via", "by phone"),
    Via.EMAIL: phrase("via", "by e-mail"),
}

_OUTCOMES_OF_ITEMS: Mapping[str, Phrase] = {
    "answered": phrase("closed", "answered"),
    "confirmed": phrase("closed", "confirmed"),
    "looked_at": phrase("closed", "looked at"),
    "taken_back": phrase("closed", "taken back"),
}

_PLAIN: Mapping[ChangeKind, Phrase] = {
    ChangeKind.FOLLOWED: phrase("change", "The patient is followed again"),
    ChangeKind.PAUSED: phrase("change", "All reminders for this patient have stopped, to be confirmed"),
    ChangeKind.ENDED: phrase("change", "The patient’s course has ended; nothing is asked any more"),
    ChangeKind.UNASSIGNED: phrase("change", "Nobody is responsible by name any more; whoever has the function is"),
    ChangeKind.ASKED_EARLIER: phrase("change", "What fell due before Sitebell is to be asked about"),
    ChangeKind.CLAIM_VERIFIED: phrase("change", "The claimed upload was seen in the archive"),
    ChangeKind.CLAIM_QUERIED: phrase("change", "The claimed upload is asked about"),
    ChangeKind.CLAIM_UNSEEN: phrase("change", "Nobody has seen the claimed upload in time"),
    ChangeKind.CLAIM_RUNG: phrase("change", "The site is asked about the claimed upload"),
    ChangeKind.ITEM_CHANGED: phrase("change", "The trial office is choosing"),
    ChangeKind.NOBODY_REACHABLE: phrase("change", "Nobody at the site can be told about it"),
    ChangeKind.STEP_SKIPPED: phrase("change", "There was nobody to tell at this step of the ladder"),
    ChangeKind.LADDER_ENDED: phrase("change", "Everybody has been told; it stands in lists from now on"),
    ChangeKind.NUDGED: phrase("change", "The trial office has it asked again"),
    ChangeKind.HOLD_LIFTED: phrase("change", "The hold was lifted; reminders for this patient go on"),
    ChangeKind.PAGE_LINKED: phrase("change", "A link to the item’s page was made"),
    ChangeKind.PAGE_OPENED: phrase("change", "The item’s page was opened"),
    ChangeKind.REMOVED: phrase("change", "The content of this entry was removed; the audit trail says why"),
}


def sent_words(voice: Voice, kind: str, *, to: str, message: str, steps: tuple[str, ...]) -> str:
    """What was sent to whom: Reminder (Late) to Coordinator A."""
    what = voice.word(_MESSAGES[message]) if message in _MESSAGES else voice.word(_SENT[kind])
    if steps:
        told = voice.listed(dict.fromkeys(_step(voice, step) for step in steps))
        return voice.say("%(what)s (%(why)s) to %(name)s", what=what, why=told, name=one_line(to))
    return voice.say("%(what)s to %(name)s", what=what, name=one_line(to)) if to else what


def _step(voice: Voice, step: str) -> str:
    return voice.word(_OTHER_STEPS[step]) if step in _OTHER_STEPS else step_word(voice, step)


def delivery_words(voice: Voice, state: str, *, because: str | None) -> str:
    """What came of it."""
    came = voice.word(_STATES[state])
    why = None if because is None else _NOT_SENT.get(because)
    return came if why is None else voice.say("%(what)s: %(why)s", what=came, why=voice.word(why))


def delivery_sign(state: str) -> str:
    return _STATE_SIGNS[state]


def attempt_words(voice: Voice, outcome: str) -> str:
    """What came of one attempt."""
    return voice.word(_OUTCOMES[outcome])


def said_words(voice: Voice, word: LastWord) -> str:
    """What was said, as the card says it."""
    return said(voice.for_dates([word.day, word.said_on]), word)


def how_words(voice: Voice, via: Via, told: TakenDown | None, *, by: str) -> str:
    """Who said it, and how."""
    if told is not None and via in TAKEN_DOWN:
        taken = voice.say("taken down by %(name)s", name=one_line(by)) if by else voice.word(_VIA[Via.COMMAND_LINE])
        return f"{told_by(voice.for_dates([told.on]), told, via)} · {taken}"
    return f"{one_line(by)} · {voice.word(_VIA[via])}" if by else voice.word(_VIA[via])


def who_said(voice: Voice, word: LastWord) -> str:
    """Who said it and when, short."""
    voice = voice.for_dates([word.said_on])
    if word.told is not None:
        return told_by(voice, word.told, word.via)
    by = one_line(word.by) if word.by else voice.word(_VIA[Via.COMMAND_LINE])
    return f"{by} · {voice.day(word.said_on)}"


def taken_back_words(voice: Voice, undone: LastWord) -> str:
    """That an earlier answer does not stand any more, and which."""
    return voice.say("taken back: “%(what)s”", what=said_words(voice, undone))


def change_words(voice: Voice, change: Change) -> str:
    """What changed, as a sentence without its end."""
    plain = _PLAIN.get(change.kind)
    if plain is not None:
        what = voice.word(plain)
        return (
            what if change.what is None else voice.say("%(visit)s: %(what)s", visit=voice.label(change.what), what=what)
        )
    match change.kind:
        case ChangeKind.PATIENT_ADDED | ChangeKind.VERSION_CHANGED | ChangeKind.CONSENTED:
            return _version(voice, change)
        case ChangeKind.PLANNED:
            return _planned(voice, change.moved)
        case ChangeKind.EVENT_HAPPENED | ChangeKind.EVENT_PLANNED | ChangeKind.EVENT_WITHDRAWN:
            return _event(voice, change)
        case ChangeKind.FACT_RECORDED:
            return voice.say("%(fact)s: %(value)s", fact=_label(voice, change.what), value=_label(voice, change.value))
        case ChangeKind.ASSIGNED:
            return voice.say("%(name)s is responsible for this patient", name=one_line(change.name))
        case ChangeKind.ATTEMPT_LOGGED if change.day is not None:
            return voice.say("Attempt to reach the patient on %(day)s", day=_day(voice, change))
        case ChangeKind.HOLD_PLACED if change.day is not None:
            return voice.say("Reminders for this patient are on hold until %(day)s", day=_day(voice, change))
        case ChangeKind.ITEM_OPENED | ChangeKind.ITEM_CLOSED:
            return _item(voice, change)
        case _:
            return voice.say("Recorded in the audit trail: %(action)s", action=change.action)


def _version(voice: Voice, change: Change) -> str:
    version = change.version
    match change.kind:
        case ChangeKind.PATIENT_ADDED:
            return voice.say("The patient was added, planned by protocol %(version)s", version=version)
        case ChangeKind.CONSENTED if change.day is not None:
            return voice.say("Consent to protocol %(version)s on %(day)s", version=version, day=_day(voice, change))
        case _ if change.day is not None:
            day = _day(voice, change)
            return voice.say("Protocol %(version)s plans what is due from %(day)s on", version=version, day=day)
        case _:
            return voice.say("Planned by protocol %(version)s", version=version)


_ENTERED = frozenset(
    {
        ChangeKind.PATIENT_ADDED,
        ChangeKind.CONSENTED,
        ChangeKind.EVENT_HAPPENED,
        ChangeKind.EVENT_PLANNED,
        ChangeKind.EVENT_WITHDRAWN,
        ChangeKind.FACT_RECORDED,
        ChangeKind.ASSIGNED,
        ChangeKind.UNASSIGNED,
        ChangeKind.ASKED_EARLIER,
        ChangeKind.ATTEMPT_LOGGED,
        ChangeKind.CLAIM_VERIFIED,
        ChangeKind.CLAIM_QUERIED,
    }
)
"""What a person enters; without a name it was somebody at the program's own command line."""


def who_changed(voice: Voice, change: Change, *, by: str) -> str:
    """Who it was; empty for what follows by itself."""
    if by:
        return one_line(by)
    return voice.word(_VIA[Via.COMMAND_LINE]) if change.kind in _ENTERED else ""


def _label(voice: Voice, label: Mapping[str, str] | None) -> str:
    return "" if label is None else voice.label(label)


def _day(voice: Voice, change: Change) -> str:
    return "" if change.day is None else voice.for_dates([change.day, change.was]).day(change.day)


def _event(voice: Voice, change: Change) -> str:
    event, day = _label(voice, change.what), _day(voice, change)
    match change.kind:
        case ChangeKind.EVENT_PLANNED:
            said_now = voice.say("%(event)s: planned for %(day)s", event=event, day=day)
        case ChangeKind.EVENT_WITHDRAWN:
            said_now = voice.say("%(event)s on %(day)s does not hold any more", event=event, day=day)
        case _:
            said_now = voice.say("%(event)s: took place on %(day)s", event=event, day=day)
    if change.was is None:
        return said_now
    was = voice.for_dates([change.day, change.was]).day(change.was)
    return voice.say("%(now)s (before: %(day)s)", now=said_now, day=was)


def _planned(voice: Voice, moved: Moved) -> str:
    parts = [
        voice.say_count("%(count)s task new", "%(count)s tasks new", count=moved.added) if moved.added else "",
        voice.say_count("%(count)s moved", "%(count)s moved", count=moved.moved) if moved.moved else "",
        voice.say_count("%(count)s no longer needed", "%(count)s no longer needed", count=moved.cancelled)
        if moved.cancelled
        else "",
        voice.say_count("%(count)s wanted again", "%(count)s wanted again", count=moved.revived)
        if moved.revived
        else "",
    ]
    return voice.say("The plan follows: %(changes)s", changes=voice.listed(part for part in parts if part))


def _item(voice: Voice, change: Change) -> str:
    about = voice.word(ITEMS[change.item]) if change.item is not None else voice.word(ITEMS[ItemKind.HELP])
    if change.kind is ChangeKind.ITEM_OPENED:
        return voice.say("For the trial office: %(what)s", what=about)
    outcome = _OUTCOMES_OF_ITEMS.get(change.action)
    closed = voice.word(outcome) if outcome is not None else voice.say("no longer so")
    return voice.say("%(what)s: %(outcome)s", what=about, outcome=closed)
