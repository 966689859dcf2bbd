"""Buttons: every press survives its 64 bytes, and nothing else is a press."""

from datetime import date, time
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import presses
from bot.buttons import LIMIT_BYTES, UnknownPress, decode, encode
from bot.presses import Press
from trial.answers import AnswerKind

MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
IDS = st.from_regex(r"[a-z][a-z0-9_]{0,19}", fullmatch=True)
PRESSES: st.SearchStrategy[Press] = st.one_of(
    *(
        st.from_type(kind).filter(lambda press: not hasattr(press, "reason") and not hasattr(press, "value"))
        for group in get_args(Press)
        for kind in (get_args(group) or (group,))
        if kind
        not in {presses.SayReason, presses.SayValue, presses.Speak, presses.SetLanguage, presses.SetHours, presses.GoTo}
    ),
    st.builds(presses.GoTo, place=st.integers(0, 10_000)),
    st.builds(presses.SayReason, reason=IDS),
    st.builds(presses.SayValue, value=IDS),
    st.builds(presses.SetHours, first=MINUTES, last=MINUTES),
    *(
        st.builds(kind, language=st.sampled_from(["en", "ja", "pt-br"]))
        for kind in (presses.Speak, presses.SetLanguage)
    ),
)


@given(PRESSES)
def test_every_press_comes_back_from_its_callback_data(press: Press) -> None:
    data = encode(press)

    assert len(data.encode()) <= LIMIT_BYTES
    assert decode(data) == press


@given(st.text(max_size=80))
def test_anything_else_is_refused_or_spelled_exactly_as_we_spell_it(data: str) -> None:
    try:
        press = decode(data)
    except UnknownPress:
        return

    assert encode(press) == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        "1",
        "2.-",
        "1.f",
        "1.f.short",
        "1.s.AAAAAAAAAAAAAAAAAAAAAA.d.20270230",
        "1.s.AAAAAAAAAAAAAAAAAAAAAA.d.2027-2-3",
        "1.s.AAAAAAAAAAAAAAAAAAAAAA.?.20270203",
        "1.xs.AAAAAAAAAAAAAAAAAAAAAA.divorce",
        "1.f.AAAAAAAAAAAAAAAAAAAAAB",
    ],
)
def test_data_that_no_version_of_ours_wrote_is_refused(data: str) -> None:
    with pytest.raises(UnknownPress):
        decode(data)


def test_the_refusal_never_carries_the_data() -> None:
    with pytest.raises(UnknownPress) as refused:
        decode("1.v.a patient's name")

    assert not refused.value.args
    assert refused.value.__cause__ is None


def test_an_id_that_is_too_long_for_a_button_is_refused_when_the_button_is_made() -> None:
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        encode(presses.SayValue(UUID(int=1), "v" * 60))


def test_a_wall_time_is_a_whole_minute() -> None:
    with pytest.raises(ValueError, match="whole minute"):
        encode(presses.SetHours(time(8, 30), time(17, 0, 1)))


def test_dates_keep_their_meaning() -> None:
    press = presses.Say(UUID(int=7), AnswerKind.UPLOADED, date(2027, 3, 1))

    assert encode(press).endswith(".u.20270301")
