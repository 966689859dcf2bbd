"""Portions: large as long as nobody answers, small as soon as somebody does."""

from scheduler.portions import LARGEST, SMALLEST, Portion


def sizes(portion: Portion, *urgent: int) -> list[int]:
    """The sizes of portions that follow one another, by how many urgent writes there were after each."""
    found = []
    for number in urgent:
        found.append(portion.size)
        portion.done(urgent=number)
    return found


def test_portions_begin_small_and_double_while_nobody_answers():
    assert sizes(Portion(), 0, 0, 0) == [SMALLEST, 2 * SMALLEST, 4 * SMALLEST]


def test_what_grew_stays_large_for_the_next_tick_where_nobody_answered_meanwhile():
    portion = Portion()
    sizes(portion, *[0] * 20)

    portion.begins(urgent=0)

    assert portion.size == LARGEST


def test_a_tick_begins_small_where_somebody_answered_since_the_last():
    portion = Portion()
    sizes(portion, *[0] * 20)

    portion.begins(urgent=1)

    assert sizes(portion, 1, 1) == [SMALLEST, 2 * SMALLEST]


def test_a_portion_never_grows_past_its_limit():
    assert sizes(Portion(), *[0] * 20)[-1] == LARGEST


def test_an_answer_makes_the_next_portion_small_and_it_grows_again_in_quiet():
    assert sizes(Portion(), 0, 0, 1, 1, 1) == [
        SMALLEST,
        2 * SMALLEST,
        4 * SMALLEST,
        SMALLEST,
        2 * SMALLEST,
    ]


def test_while_people_answer_portions_stay_small():
    assert set(sizes(Portion(), 1, 2, 4, 9)) == {SMALLEST}
