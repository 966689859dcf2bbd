"""The words of the communication log: there are some for everything that the records can say, in every language."""

from datetime import date

import pytest

from locales import languages
from locales.board_patients import cell_meaning, cell_word, done_words, note_word, patient_state, problem_words
from locales.board_story import (
    attempt_words,
    change_words,
    delivery_sign,
    delivery_words,
    how_words,
    sent_words,
    who_changed,
)
from locales.voices import Voice, voice_for
from office.board.patients import STATES
from records.outbox import NoticeKind, NoticeState, Outcome
from trial.answers import TakenDown, Via
from trial.grid import CellNote, CellState
from trial.labels import labels
from trial.messages import ItemKind
from trial.problems import Problem, Wrong
from trial.story import Change, ChangeKind, Moved
from trial.study import NUDGE, Step

DAY = date(2027, 4, 12)
TOLD = TakenDown("Study nurse", DAY)


@pytest.fixture(params=sorted(languages()))
def voice(request: pytest.FixtureRequest) -> Voice:
    return voice_for(request.param)


def test_every_way_of_a_message_has_words(voice: Voice):
    for kind in NoticeKind:
        assert "Amina" in sent_words(voice, kind.value, to="Amina", message="", steps=())
    for step in (*Step, NUDGE, "queried", "unseen", "again", "later"):
        assert "Amina" in sent_words(voice, "card", to="Amina", message="", steps=(str(step),))
    for state in NoticeState:
        assert delivery_words(voice, state.value, because=None)
        assert delivery_sign(state.value)
    for outcome in Outcome:
        assert attempt_words(voice, outcome.value)


def test_what_nobody_has_words_for_is_told_without_a_reason(voice: Voice):
    plain = delivery_words(voice, "void", because=None)

    assert delivery_words(voice, "void", because="a word of a later version") == plain
    assert delivery_words(voice, "void", because="answered") != plain


def test_every_way_of_an_answer_has_words_and_names_who_took_it_down(voice: Voice):
    for via in Via:
        said = how_words(voice, via, TOLD if via in {Via.PHONE, Via.EMAIL} else None, by="Amina")
        assert "Amina" in said
        assert ("Study nurse" in said) == (via in {Via.PHONE, Via.EMAIL})


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_change_has_words(voice: Voice, kind: ChangeKind):
    change = Change(
        kind,
        what=labels("Surgery"),
        value=labels("Yes"),
        day=DAY,
        was=date(2026, 4, 12),
        name="Amina",
        version="1.1",
        item=ItemKind.HELP,
        moved=Moved(1, 2, 3, 4),
        action="looked_at",
    )
    assert change_words(voice, change)
    assert "Amina" in who_changed(voice, change, by="Amina")


def test_a_date_that_was_another_year_before_is_told_with_both_years():
    words = change_words(
        voice_for("en"),
        Change(ChangeKind.EVENT_HAPPENED, what=labels("Surgery"), day=DAY, was=date(2026, 4, 12)),
    )

    assert words == "Surgery: took place on Mon, 12 Apr 2027 (before: Sun, 12 Apr 2026)"


def test_every_item_of_the_office_can_be_told(voice: Voice):
    for item in ItemKind:
        assert change_words(voice, Change(ChangeKind.ITEM_OPENED, item=item))


def test_every_cell_and_every_problem_has_words(voice: Voice):
    for state in CellState:
        assert cell_word(voice, state)
        assert cell_meaning(voice, state)
    for note in CellNote:
        assert note_word(voice, note, days_late=3)
    for one in STATES:
        assert patient_state(voice, one)
    for wrong in Wrong:
        assert "English" not in problem_words(voice, Problem("code", "English", "English", wrong, "about"))
    assert problem_words(voice, Problem("code", "it is wrong", "do otherwise")) == "it is wrong; do otherwise"
    assert done_words(voice, "anything else") == ""
