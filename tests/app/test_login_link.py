"""`sitebell login-link`, and inviting people in every role, from the command line."""

import pytest

from office import signing_in
from scheduler.clock import SystemClock
from tests.app.homes import MANAGER, Home
from tests.databases import Place
from trial.people import Role

ADDRESS = "https://board.example.org"


def opens(place: Place, token: str) -> str | None:
    """Who is signed in by it, by name."""
    clock = SystemClock()
    times = {"now": clock.now(), "elapsed": clock.elapsed()}
    with place.opened() as records, records.begin() as tx:
        secret = signing_in.use_login_link(tx, token, **times)
        found = None if secret is None else signing_in.session_of(tx, secret, **times)
    return None if found is None else found.viewer.name


def test_the_link_alone_is_printed_and_signs_this_person_in_once(office: Home, sqlcipher_place: Place):
    office.set(WEB_URL=ADDRESS)

    said = office("login-link", "--name", MANAGER)

    assert (said.code, said.err) == (0, "Good once, for ten minutes. Whoever has it is signed in as this person.\n")
    address, _, token = said.out.rstrip("\n").rpartition("/")
    assert address == f"{ADDRESS}/sign-in"
    assert opens(sqlcipher_place, token) == MANAGER
    assert opens(sqlcipher_place, token) is None


def test_on_this_machine_the_link_leads_to_where_the_board_listens(office: Home):
    office.set(WEB_PORT="8093")

    assert office("login-link", "--name", MANAGER).out.startswith("http://127.0.0.1:8093/sign-in/")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--name", "Somebody else"), "nobody of this name"),
        (("--name", MANAGER, "--site", "999"), "is not a site"),
        (("--name", MANAGER, "--study", "OTHER"), "is not known"),
    ],
)
def test_a_link_for_nobody_is_refused_with_a_sentence(office: Home, words, says):
    said = office("login-link", *words)

    assert (said.code, said.out) == (2, "")
    assert says in said.err


def test_a_port_that_nobody_knows_yet_is_no_address(office: Home):
    office.set(WEB_PORT="0")

    assert "SITEBELL_WEB_PORT" in office("login-link", "--name", MANAGER).err


def test_the_help_names_every_role(office: Home):
    said = office("invite", "--help").out

    assert [role for role in Role if role.value not in said] == []
