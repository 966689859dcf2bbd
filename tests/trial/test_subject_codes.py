"""Forms of patients' codes: quick whatever stands in a file, and looked through for initials and dates of birth."""

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.subject_codes import LONGEST_CODE, BadPattern, birth_in, forms_of, initials_in, name_in


@pytest.mark.parametrize(
    ("pattern", "initials", "birth"),
    [
        (r"\d{3}-\d{3}", False, False),
        (r"[RP]-\d{5}", False, False),
        (r"NO-\d{3}", False, False),
        (r"[A-Z]{2}\d{3}", True, False),
        (r"[A-Z]{3}-\d{3}", True, False),
        (r"[A-Z0-9]{3}", True, False),
        (r"\d{4}", False, True),
        (r"0\d{3}", False, False),  # no year begins with 0
        (r"(19|20)\d{2}-\d{3}", False, True),
        (r"\d{6}", False, True),
        (r"[4-9]\d[2-9]\d{3}", False, False),  # neither the first two nor the next can be a month
        (r"\d{8}", False, True),
        (r"\d{1,6}", False, True),
        (r"\d{5}", False, False),
        (r"[A-Z]{2}\d{6}", True, True),
    ],
)
def test_codes_that_could_tell_who_somebody_is_are_seen(pattern, initials, birth):
    forms = forms_of(pattern)

    assert (initials, birth) == (initials_in(forms), birth_in(forms))


def test_letters_in_a_row_can_be_a_name():
    assert [name_in(forms_of(pattern)) for pattern in ("[A-Za-z]{2,12}", "[A-Z]{5}", "[A-Z]{4}", "EORTC-[0-9]{3}")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"(\d+)+", "'+' is not read here"),
        ("(a|a)*", "'*' is not read here"),
        ("(a?){30}", "too many ways"),
        ("a?" * 30, "too many ways"),
        ("(a|b)" * 30, "too many ways"),
        (r"(\d{1,40}){1,40}", "longer than 40"),
        (r"\d{99}", "beyond 40"),
        (r"\d{5,2}", "counts backwards"),
        (r"(?=a)a", "'?' is not read here"),
        (r"(a)\1", r"\1 is not read here"),
        ("(((((a)))))", "nested too deeply"),
        ("(a", "a bracket is not closed"),
        ("a)", "nothing can be read from ')' on"),
        ("[^0]", "[^0] is not read here"),
        ("[A-Z", "a class has no end"),
        ("a" * 10_000, "longer than 40"),
        ("(" * 10_000, "nested too deeply"),
    ],
)
def test_what_could_hold_up_whoever_reads_a_code_is_refused_at_once(pattern, what):
    began = process_time()
    with pytest.raises(BadPattern, match=re.escape(what)):
        forms_of(pattern)

    assert process_time() - began < 0.5


PARTS = st.sampled_from([r"\d", "[A-C]", "X", "-", "(a|b)", r"(\d-)?", r"\d{2}", r"\d{1,3}", "(?:x|yz)", "[RP]?"])


@settings(max_examples=60)
@given(parts=st.lists(PARTS, min_size=1, max_size=5), data=st.data())
def test_every_form_is_one_that_the_pattern_matches(parts, data):
    pattern = "".join(parts)
    form = data.draw(st.sampled_from(forms_of(pattern)))
    code = "".join(data.draw(st.sampled_from(sorted(signs))) for signs in form)

    assert re.compile(pattern).fullmatch(code)
    assert len(code) <= LONGEST_CODE
