"""What somebody finds of themselves: their roles, their language, and every browser in which they are signed in."""

from collections.abc import Iterator

import pytest

from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, csrf_in, doors_of
from trial.people import Role

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


def test_every_browser_in_which_i_am_signed_in_is_listed_and_nobody_elses(doors: Doors):
    manager, amina = doors.trial.manager(), doors.trial.enrolled("Amina")

    with doors.as_(amina), doors.as_(manager) as other:
        doors.trial.wait(minutes=5)
        with doors.as_(manager) as here:
            listed = here.get("/me").text
            assert (listed.count("this browser"), listed.count("another browser")) == (1, 1)

            here.post("/sign-out-everywhere", data={"csrf": csrf_in(here.get("/me"))}, headers=HERE)

            assert [one.get("/me").status_code for one in (here, other)] == [303, 303]


def test_a_browser_that_was_not_used_for_half_an_hour_is_not_listed(doors: Doors):
    manager = doors.trial.manager()

    with doors.as_(manager):
        doors.trial.wait(minutes=31)
        with doors.as_(manager) as http:
            assert "another browser" not in http.get("/me").text


def test_my_roles_say_where(doors: Doors):
    with doors.as_(doors.trial.manager()) as http:
        office = http.get("/me").text
    with doors.as_(doors.trial.enrolled("Investigator I", role=Role.INVESTIGATOR)) as http:
        site = http.get("/me").text

    assert "Trial manager" in office
    assert "all sites" in office
    assert 'href="/sites/417"' in site


def test_the_language_that_i_choose_is_that_of_board_and_chat(doors: Doors):
    amina = doors.trial.enrolled("Amina")

    with doors.as_(amina) as http:
        chosen = http.post("/me/language", data={"csrf": csrf_in(http.get("/me")), "language": "ja"}, headers=HERE)
        page = http.get(chosen.headers["Location"])
        http.post("/me/language", data={"csrf": csrf_in(page), "language": "xx"}, headers=HERE)

    assert '<html lang="ja">' in page.text
    assert doors.trial.person(amina).language == "ja"
    assert len(doors.trial.audited("person.language")) == 1
