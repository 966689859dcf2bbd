"""What people read, word for word: a change of wording is a diff to review (`python -m tests.locales.situations`)."""

import pytest

from locales import languages
from tests.locales.situations import golden, golden_path


@pytest.mark.parametrize("language", languages())
def test_a_change_of_wording_is_a_diff(language):
    assert golden(language) == golden_path(language).read_text(encoding="utf-8")
