"""The funnel: each stage below the one before it, as long as its part of all."""

import charts
from charts import Step
from tests.charts.test_pictures import bars, texts

STEPS = (
    Step("Due", 1.0, "40"),
    Step("Taken", 0.5, "50 % · 20 of 40"),
    Step("Queried", 0.1, "20 % · 4 of 20", waits=True),
)


def test_each_stage_is_as_long_as_its_part_of_all():
    picture = charts.funnel(STEPS, "Due: 40")
    due, taken = bars(picture, "accent")
    (queried,) = bars(picture, "behind")

    assert [round(taken / due, 2), round(queried / due, 2)] == [0.5, 0.1]
    assert set(texts(picture)) >= {"Due", "Taken", "Queried", "40", "50 % · 20 of 40", "20 % · 4 of 20"}
    assert picture.words == "Due: 40"


def test_a_study_in_which_nothing_was_due_yet_is_drawn_too():
    picture = charts.funnel(tuple(Step(one.label, 0.0, "0") for one in STEPS), "nothing")

    assert "Due" in texts(picture)
