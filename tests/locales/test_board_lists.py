"""Words of the board's lists: one for everything that the records can say, in every language."""

import pytest

from locales.board_lists import LISTS, SIGNS, STAGE_SIGNS, STAGES, UPLOADS, funnel_words, list_words, next_words
from locales.catalogues import languages
from locales.voices import voice_for
from records.board.lateness import Which
from records.board.uploads import Stage
from scheduler.alarms import AGAIN, HELP, LATER, NOBODY, ON_HOLD
from trial.claims import ClaimState
from trial.study import Step
from trial.tasks import TaskKind

EVERY_LANGUAGE = sorted(languages())


def test_every_list_and_every_stage_has_its_word_and_its_sign():
    assert set(LISTS) == set(Which)
    assert set(SIGNS) == set(Which) - {Which.PAST}
    assert set(STAGES) == set(STAGE_SIGNS) == set(Stage)
    assert len(set(STAGE_SIGNS.values())) == len(Stage)
    assert len(set(SIGNS.values())) == len(SIGNS)


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_nothing_that_a_row_can_say_is_missing_or_said_twice(language: str):
    voice = voice_for(language)
    words = list_words(voice)
    steps = (*Step, LATER, NOBODY, AGAIN, ON_HOLD, HELP, None)

    assert len({next_words(voice, step) for step in steps}) == len(steps)
    assert len({words["task_kind"](kind) for kind in TaskKind}) == len(TaskKind)
    assert len({words["which"](which) for which in Which}) == len(Which)
    assert len({words["uploads"](name) for name in (*UPLOADS, *Stage)}) == len(UPLOADS) + len(Stage)
    assert len({words["claim"](state) for state in ClaimState}) == len(ClaimState)
    assert len({funnel_words(voice, stage) for stage in Stage}) == len(Stage)
