"""Signing in to the board over HTTP: what opens once, what is remembered where, and what every attempt to get round it meets."""

import secrets
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.office.vocabulary import Trial
from tests.web.board.doors import COOKIE, Doors, csrf_in, doors_of, number_in
from trial.people import Role
from web.board.pages import POLICY
from web.board.sessions import same_site
from web.board.signing_in import NUMBERS_MOST
from web.wrong_tokens import MOST

HARDENED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "http://127.0.0.1:1"},
)


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def manager(trial: Trial) -> UUID:
    return trial.manager()


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    """Name of each cookie that is set, and all that is said of it."""
    return {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}


# --- a link -----------------------------------------------------------------------------------------------------------


def test_a_preview_looks_at_a_link_and_uses_nothing_up(doors: Doors, manager: UUID):
    link = doors.link(manager)
    with doors.browser() as http:
        looks = [http.request(method, link) for method in ("GET", "HEAD", "GET")]

        assert [look.status_code for look in looks] == [200] * 3
        assert [cookies_of(look) for look in looks] == [{}] * 3
        assert http.post(link).status_code == 303
        assert http.get("/me").status_code == 200


def test_a_link_signs_in_once(doors: Doors, manager: UUID):
    link = doors.link(manager)
    with doors.browser() as http, doors.browser() as another:
        assert http.post(link).headers["Location"] == "/"

        again = another.post(link)

        assert (again.status_code, cookies_of(again)) == (404, {})
        assert another.get(link).status_code == 404
        assert http.get("/me").status_code == 200


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(doors: Doors, manager: UUID):
    used, expired, revoked = doors.link(manager), doors.link(manager), doors.link(doors.trial.enrolled("Berta"))
    with doors.browser() as http, doors.browser() as other:
        other.post(used)
        doors.trial.revoked("Berta")
        answers = [http.request(method, link) for link in (used, revoked) for method in ("GET", "POST")]
        doors.trial.wait(minutes=10)
        unknown = f"/sign-in/{secrets.token_urlsafe(24)}"
        answers += [http.request(method, link) for link in (expired, unknown) for method in ("GET", "POST")]

    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert answers[0].status_code == 404


def test_an_address_with_too_many_wrong_links_waits(doors: Doors, manager: UUID):
    with doors.browser() as http:
        for _ in range(MOST):
            assert http.get(f"/sign-in/{secrets.token_urlsafe(24)}").status_code == 404
        link = doors.link(manager)

        refused = http.post(link)
        assert (http.get(link).status_code, refused.status_code) == (429, 429)
        assert "ten minutes" in refused.text
        doors.trial.wait(minutes=10)
        assert http.post(doors.link(manager)).status_code == 303


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
def test_another_site_signs_nobody_in_to_an_account_of_its_choice(doors: Doors, manager: UUID, foreign):
    link = doors.link(manager)
    with doors.browser() as http:
        refused = http.post(link, headers=foreign)

        assert (refused.status_code, cookies_of(refused)) == (403, {})
        assert http.post(link, headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"}).status_code == 303


# --- a number ---------------------------------------------------------------------------------------------------------


def test_a_browser_shows_a_number_and_opens_once_it_was_approved(doors: Doors, manager: UUID):
    with doors.browser(
        **{"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    ) as http:
        assert "Show a number" in http.get("/sign-in").text
        assert http.post("/sign-in").headers["Location"] == "/sign-in"
        number = number_in(http.get("/sign-in"))
        assert http.get("/sign-in/number").json() == {"state": "waiting"}
        assert http.post("/sign-in/number").headers["Location"] == "/sign-in"

        doors.approve(number, manager)

        assert http.get("/sign-in/number").json() == {"state": "approved"}
        let_in = http.post("/sign-in/number")
        assert let_in.headers["Location"] == "/"
        assert http.get("/me").status_code == 200
        assert "sitebell-number" not in http.cookies
        # Its secret is of no more use, to whoever has copied it.
        assert http.post("/sign-in/number").headers["Location"] == "/sign-in"


def test_looking_at_the_door_makes_no_number(doors: Doors):
    with doors.browser() as http:
        looks = [http.get("/sign-in") for _ in range(3)]

    assert [cookies_of(look) for look in looks] == [{}] * 3


def test_a_number_that_was_refused_or_has_expired_says_so(doors: Doors, manager: UUID):
    with doors.browser() as http, doors.browser() as other:
        http.post("/sign-in")
        other.post("/sign-in")
        doors.refuse(number_in(http.get("/sign-in")), manager)

        assert http.get("/sign-in/number").json() == {"state": "refused"}
        assert "is not theirs" in http.get("/sign-in").text
        doors.trial.wait(minutes=10)
        assert other.get("/sign-in/number").json() == {"state": "gone"}
        assert "not good any more" in other.get("/sign-in").text


def test_a_number_is_one_browser_s_own(doors: Doors, manager: UUID):
    with doors.browser() as mine, doors.browser() as theirs:
        mine.post("/sign-in")
        theirs.post("/sign-in")
        doors.approve(number_in(mine.get("/sign-in")), manager)

        theirs.post("/sign-in/number")

        assert theirs.get("/me").status_code == 303
        mine.post("/sign-in/number")
        assert mine.get("/me").status_code == 200


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
def test_another_site_neither_asks_for_a_number_nor_collects_one(doors: Doors, manager: UUID, foreign):
    with doors.browser() as http:
        refused = http.post("/sign-in", headers=foreign)
        assert (refused.status_code, cookies_of(refused)) == (403, {})

        http.post("/sign-in")
        doors.approve(number_in(http.get("/sign-in")), manager)
        assert http.post("/sign-in/number", headers=foreign).status_code == 403
        assert http.get("/me").status_code == 303


def test_an_address_that_asks_for_too_many_numbers_waits(doors: Doors):
    for _ in range(NUMBERS_MOST):
        with doors.browser() as http:
            assert http.post("/sign-in").status_code == 303
    with doors.browser() as http:
        assert http.post("/sign-in").status_code == 429

        doors.trial.wait(minutes=10)

        assert http.post("/sign-in").status_code == 303


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_cookies_are_for_this_host_alone_and_no_script_reads_them(doors: Doors, manager: UUID):
    with doors.browser() as http:
        set_here = cookies_of(http.post(doors.link(manager)))[COOKIE]
    with doors_of(doors.trial, secure=True) as secure, secure.browser() as http:
        cookies = cookies_of(http.post(secure.link(manager)))
        number = cookies_of(http.post("/sign-in"))

    for line in (set_here, cookies["__Host-sitebell"], number["__Host-sitebell-number"]):
        said = {part.strip().partition("=")[0].casefold() for part in line.split(";")}
        assert {"httponly", "samesite", "path", "max-age"} <= said
        assert "domain" not in said
        assert "SameSite=lax" in line
        assert "Path=/" in line
        assert ("secure" in said) == line.startswith("__Host-")
    assert "Max-Age=43200" in set_here
    assert COOKIE not in cookies


def test_every_answer_is_hardened(doors: Doors, manager: UUID):
    with doors.as_(manager) as http, doors.browser() as stranger:
        answers = [
            http.get("/"),
            http.get("/me"),
            stranger.get("/"),
            stranger.get("/sign-in"),
            stranger.get(doors.link(manager)),
            stranger.get(f"/sign-in/{secrets.token_urlsafe(24)}"),
            stranger.post("/sign-in"),
            stranger.get("/sign-in/number"),
            stranger.post("/sign-in/number"),
            stranger.post("/sign-out"),
            stranger.post("/sign-in", headers=FOREIGN[0]),
            http.post("/sign-out"),
        ]

    wrong = [
        (str(answer.url.path), name)
        for answer in answers
        for name, value in HARDENED.items()
        if answer.headers.get(name) != value
    ]
    assert wrong == []
    assert all("<script>" not in answer.text and "style=" not in answer.text for answer in answers)


def test_every_sign_in_has_a_cookie_of_its_own_and_an_old_one_is_of_no_use(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        before = http.cookies[COOKIE]
        http.post(doors.link(manager))
        after = http.cookies[COOKIE]

    assert before != after
    with doors.browser() as thief:
        assert thief.get("/me", headers={"Cookie": f"{COOKIE}={before}"}).status_code == 303
        assert thief.get("/me", headers={"Cookie": f"{COOKIE}={after}"}).status_code == 200


def test_a_cookie_that_somebody_else_set_becomes_nobody_s_session(doors: Doors, manager: UUID):
    """Session fixation: what stood there before signing in is never what is good after it."""
    planted = secrets.token_urlsafe(24)
    with doors.browser() as http:
        http.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
        signed = cookies_of(http.post(doors.link(manager)))

    assert planted not in signed[COOKIE]
    with doors.browser() as thief:
        assert thief.get("/me", headers={"Cookie": f"{COOKIE}={planted}"}).status_code == 303


def test_a_session_ends_when_it_is_idle_and_stays_while_it_is_used(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        for _ in range(3):
            doors.trial.wait(minutes=29)
            assert http.get("/me").status_code == 200
        doors.trial.wait(minutes=30)

        assert http.get("/me").status_code == 303


def test_an_open_page_that_reads_itself_again_keeps_no_session_alive(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        for _ in range(2):
            doors.trial.wait(minutes=14)
            assert http.get("/me", headers={"X-Sitebell-Live": "1"}).status_code == 200
        doors.trial.wait(minutes=2)

        assert http.get("/me", headers={"X-Sitebell-Live": "1", "Sec-Fetch-Dest": "empty"}).status_code == 401


def test_a_session_ends_after_twelve_hours_of_work(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        for _ in range(28):
            doors.trial.wait(minutes=25)
            assert http.get("/me").status_code == 200
        doors.trial.wait(minutes=20)

        assert http.get("/me").status_code == 303


def test_signing_out_is_for_good(doors: Doors, manager: UUID):
    with doors.as_(manager) as http, doors.as_(manager) as elsewhere:
        kept = {"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"}
        out = http.post("/sign-out", data={"csrf": csrf_in(http.get("/me"))})

        assert out.headers["Location"] == "/sign-in?done=out"
        assert COOKIE not in http.cookies
        assert "You are signed out." in http.get("/sign-in?done=out").text
        assert elsewhere.get("/me").status_code == 200
    with doors.browser() as thief:
        assert thief.get("/me", headers=kept).status_code == 303


def test_signing_out_everywhere_ends_every_browser_of_theirs(doors: Doors, manager: UUID):
    other = doors.trial.enrolled("Amina")
    with doors.as_(manager) as http, doors.as_(manager) as elsewhere, doors.as_(other) as another:
        http.post("/sign-out-everywhere", data={"csrf": csrf_in(http.get("/me"))})

        assert [one.get("/me").status_code for one in (http, elsewhere, another)] == [303, 303, 200]


def test_access_that_ends_ends_the_session_at_once(doors: Doors):
    berta = doors.trial.enrolled("Berta")
    with doors.as_(berta) as http:
        assert http.get("/me").status_code == 200
        doors.trial.revoked("Berta")

        assert http.get("/me").status_code == 303


# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-out", "/sign-out-everywhere", "/study"])
def test_a_form_needs_the_token_of_this_session_and_comes_from_our_page(doors: Doors, manager: UUID, path: str):
    other = doors.trial.enrolled("Amina")
    with doors.as_(manager) as http, doors.as_(other) as another:
        right, theirs = csrf_in(http.get("/me")), csrf_in(another.get("/me"))
        assert right != theirs
        wrong = [{}, {"csrf": ""}, {"csrf": theirs}, {"csrf": right[:-1]}, {"csrf": right + "0"}, {"csrf": "ä"}]

        assert [http.post(path, data=data).status_code for data in wrong] == [403] * len(wrong)
        assert [http.post(path, data={"csrf": right}, headers=one).status_code for one in FOREIGN] == [403] * 4
        assert http.post(path, json={"csrf": right}).status_code == 403
        assert http.get("/me").status_code == 200
        assert http.post(path, data={"csrf": right}).status_code == 303


def test_nothing_is_changed_by_looking(doors: Doors, manager: UUID):
    with doors.as_(manager) as http:
        for path in ("/sign-out", "/sign-out-everywhere", "/study"):
            assert http.get(path).status_code in {404, 405}, path
        assert http.get("/me").status_code == 200


# --- the page that was wanted -----------------------------------------------------------------------------------------


def test_whoever_wanted_a_page_is_shown_it_after_signing_in(doors: Doors, manager: UUID):
    with doors.browser() as http:
        to_the_door = http.get("/me?from=chat")
        assert (to_the_door.status_code, to_the_door.headers["Location"]) == (303, "/sign-in")

        assert http.post(doors.link(manager)).headers["Location"] == "/me?from=chat"
        assert "sitebell-wanted" not in http.cookies
        assert http.get("/sign-in").headers["Location"] == "/"


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/%5Celsewhere.example",
        "/%0A/elsewhere.example",
        "%2F%2Fe.x",
    ],
)
def test_nobody_is_sent_elsewhere(doors: Doors, manager: UUID, wanted: str):
    with doors.browser() as http:
        http.cookies.set("sitebell-wanted", wanted, domain="127.0.0.1", path="/")

        assert http.post(doors.link(manager)).headers["Location"] == "/"


@given(st.text(max_size=40) | st.text(alphabet="/\\:.@?#% \t\nah", max_size=20).map(lambda rest: "/" + rest))
@example("/\t/elsewhere.example")
@example("/\n/elsewhere.example")
@example("/\\elsewhere.example")
@example("/sign-in/number")
@settings(max_examples=300)
def test_a_path_that_is_kept_can_only_lead_to_this_host(path: str):
    kept = same_site(path)

    if kept is not None:
        assert kept == path
        led_to = httpx.URL("https://board.example").join(kept)
        assert (led_to.scheme, led_to.host, led_to.port) == ("https", "board.example", None)
        assert not kept.startswith(("//", "/\\"))
        assert not kept.startswith("/sign-in/")


def test_a_program_that_reads_no_page_hears_that_nobody_is_signed_in(doors: Doors):
    with doors.browser() as http:
        answer = http.get("/", headers={"Sec-Fetch-Dest": "empty"})

        news = http.get("/live", headers={"Accept": "text/event-stream", "Sec-Fetch-Dest": "empty"})

    assert [(one.status_code, cookies_of(one)) for one in (answer, news)] == [(401, {})] * 2


# --- whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "site", "said"),
    [
        (Role.MANAGER, None, "Trial manager"),
        (Role.MONITOR, "417", "Monitor"),
        (Role.AUDITOR, None, "Auditor"),
        (Role.ADMINISTRATOR, None, "Administrator"),
        (Role.COORDINATOR, "417", "Study coordinator"),
    ],
)
def test_everybody_reads_whom_the_board_takes_them_for(doors: Doors, role: Role, site: str | None, said: str):
    person = doors.trial.enrolled("Person P", role=role, site=site)
    with doors.as_(person) as http:
        read = http.get("/me").text

    assert "Person P" in read
    assert said in read
    assert "DREAM" in read


def test_the_door_speaks_the_browser_s_language_and_a_link_its_owner_s(doors: Doors):
    person = doors.trial.enrolled("Person P", language="ja")
    with doors.browser(**{"Accept-Language": "ja,en;q=0.5"}) as http:
        assert '<html lang="ja">' in http.get("/sign-in").text
    with doors.browser() as http:
        assert '<html lang="ja">' in http.get(doors.link(person)).text
        assert '<html lang="en">' in http.get("/sign-in").text
