from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.expressions import (
    And,
    BadExpression,
    Compare,
    Happened,
    Known,
    Not,
    Or,
    SameDay,
    asks,
    holds,
    parse_condition,
)

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
KNOWN = Known(happened={"registration": MONDAY, "surgery": MONDAY, "relapse": TUESDAY}, facts={"arm": "a", "size": "2"})


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("arm == a", True),
        ("arm != a", False),
        ("arm in [b, a]", True),
        ("arm not in [b, a]", False),
        ("size == 2", True),
        ("arm == 'a'", True),
        ('arm == "b"', False),
        ("modality == mri", None),
        ("modality != mri", None),
        ("not modality == mri", None),
        ("modality == mri and arm == b", False),
        ("modality == mri and arm == a", None),
        ("modality == mri or arm == a", True),
        ("modality == mri or arm == b", None),
        ("happened(surgery)", True),
        ("not happened(death)", True),
        ("same_day(registration, surgery)", True),
        ("same_day(registration, relapse)", False),
        ("same_day(registration, death)", False),
        ("not (arm == a and happened(death)) or arm == b", True),
        ("arm == a or arm == b and happened(death)", True),
    ],
)
def test_a_condition_is_true_false_or_unknown(text, verdict):
    assert verdict is holds(parse_condition(text), KNOWN)


def test_only_what_could_still_decide_is_asked():
    condition = parse_condition("(arm == a or size == 1) and modality == mri and grade in [1, 2]")

    assert asks(condition, KNOWN) == ("modality", "grade")
    assert asks(condition, Known({}, {"modality": "ct"})) == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "empty"),
        ("arm = a", "write == for is equal to"),
        ("arm", "write arm == value"),
        ("arm ==", "a value is missing at the end"),
        ("arm == a arm == b", "join conditions by and, or"),
        ("arm in a", "'\\[' is missing"),
        ("arm in [a", "'\\]' is missing at the end"),
        ("(arm == a", "'\\)' is missing at the end"),
        ("happened()", "an event is missing"),
        ("same_day(a)", "',' is missing"),
        ("and arm == a", "a fact is missing before 'and'"),
        ("arm == a; import os", "';' has no meaning"),
        ("__import__('os')", "a fact is missing"),
        ("not " * 40 + "arm == a", "nested too deeply"),
        ("(" * 40 + "arm == a" + ")" * 40, "nested too deeply"),
    ],
)
def test_a_condition_that_cannot_be_read_says_why(text, hint):
    with pytest.raises(BadExpression, match=hint):
        parse_condition(text)


FACTS = {"arm": ("a", "b"), "modality": ("mri", "ct")}
LEAVES = st.one_of(
    st.builds(
        lambda fact, value, negated: Compare(fact, (FACTS[fact][value],), negated),
        st.sampled_from(sorted(FACTS)),
        st.integers(0, 1),
        st.booleans(),
    ),
    st.sampled_from([Happened("surgery"), Happened("death"), SameDay("registration", "surgery")]),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.tuples(inner, inner)),
        st.builds(Or, st.tuples(inner, inner)),
    ),
    max_leaves=8,
)


@given(condition=CONDITIONS, facts=st.sampled_from([{}, {"arm": "a"}, {"modality": "ct"}]))
def test_a_verdict_never_changes_when_more_is_known(condition, facts):
    verdict = holds(condition, Known(KNOWN.happened, facts))
    completions = [dict(zip(FACTS, values, strict=True)) for values in product(*FACTS.values())]

    later = {holds(condition, Known(KNOWN.happened, more)) for more in completions if facts.items() <= more.items()}
    assert None not in later
    assert verdict is None or later == {verdict}


@given(condition=CONDITIONS)
def test_whoever_answers_all_that_is_asked_decides(condition):
    facts = {}
    while questions := asks(condition, Known(KNOWN.happened, facts)):
        facts |= {fact: FACTS[fact][0] for fact in questions}

    assert holds(condition, Known(KNOWN.happened, facts)) is not None
