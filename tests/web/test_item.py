"""The item's page over HTTP: a link that opens once, a page that is its reader's alone, answers like any other."""

import secrets

import httpx
import pytest

from records import audit
from tests.web.conftest import ItemSite, served
from tests.web.page_reading import ReadForm, ReadPage
from trial.answers import AnswerKind, Via
from trial.tasks import TaskState
from web.item import POLICY
from web.wrong_tokens import MOST

HARDENED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(http: httpx.Client) -> ReadPage:
    answer = http.get("/item")
    assert answer.status_code == 200
    return ReadPage(answer.text)


def send(http: httpx.Client, form: ReadForm, **fields: str) -> httpx.Response:
    return http.post(form.action, data=form.hidden | fields)


def done_today(read: ReadPage) -> ReadForm:
    return next(form for form in read.forms_for("/item/answer", kind="done") if form.presses)


# --- the link ---------------------------------------------------------------------------------------------------------


def test_a_preview_looks_and_uses_nothing_up(item: ItemSite):
    link = item.link()
    with item.browser() as http:
        looks = [http.request(method, link) for method in ("GET", "HEAD", "GET", "GET")]

        assert [look.status_code for look in looks] == [200] * 4
        assert all("set-cookie" not in look.headers for look in looks)
        assert http.post(link).headers["Location"] == "/item"


def test_a_link_tells_nothing_of_its_item(item: ItemSite):
    with item.browser() as http:
        read = ReadPage(http.get(item.link()).text)

    assert read.title == "One item · Sitebell"
    assert not [word for word in ("DREAM", "417", "imaging", "2026") if word in read.text]


def test_a_link_opens_once(item: ItemSite):
    link = item.link()
    with item.browser() as http, item.browser() as another:
        assert http.post(link).status_code == 303

        again = another.post(link)
        assert (again.status_code, "set-cookie" in again.headers) == (404, False)
        assert another.get(link).status_code == 404
        assert page(http).text


def test_a_link_lasts_ten_minutes(item: ItemSite):
    link = item.link()
    item.trial.wait(minutes=10)
    with item.browser() as http:
        assert [http.get(link).status_code, http.post(link).status_code] == [404, 404]


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(item: ItemSite):
    used, expired = item.link(), item.link()
    with item.browser() as http:
        http.post(used)
        item.trial.wait(minutes=10)
        berta = item.trial.enrolled("Berta")
        revoked = item.link(person=berta)
        item.trial.revoked("Berta")
        unknown = f"/item/{secrets.token_urlsafe(24)}"
        said = {
            (answer.status_code, answer.text)
            for link in (used, expired, revoked, unknown, "/item/x")
            for answer in (http.get(link), http.post(link))
        }

    assert len(said) == 1


def test_an_address_with_too_many_wrong_links_waits(item: ItemSite):
    with item.browser() as http:
        for _ in range(MOST):
            assert http.get(f"/item/{secrets.token_urlsafe(24)}").status_code == 404
        link = item.link()

        assert [http.get(link).status_code, http.post(link).status_code] == [429, 429]
        item.trial.wait(minutes=10)
        assert http.get(item.link()).status_code == 200


def test_somebody_who_may_not_see_the_item_gets_no_link(item: ItemSite):
    stranger = item.trial.enrolled("Chie", site="501")

    with pytest.raises(AssertionError):
        item.link(person=stranger)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_item_and_its_address_does_not(item: ItemSite):
    with item.opened() as http:
        read = page(http)

    assert read.title == "One item · Sitebell"
    assert "DREAM · 417-001" in read.words
    assert "Site 417" in read.text


def test_a_page_ends_after_half_an_hour(item: ItemSite):
    with item.opened() as http:
        item.trial.wait(minutes=29)
        assert http.get("/item").status_code == 200
        item.trial.wait(minutes=1)
        assert http.get("/item").status_code == 404


def test_a_page_ends_with_its_reader_s_access(item: ItemSite):
    with item.opened() as http:
        form = done_today(page(http))
        kept = {"Cookie": f"sitebell-item={http.cookies['sitebell-item']}"}
        item.trial.revoked("Amina")

        assert send(http, form, day="2026-03-02").status_code == 404
        assert http.get("/item", headers=kept).status_code == 404
        assert item.said() == ()


def test_a_page_can_be_closed(item: ItemSite):
    with item.opened() as http:
        kept = {"Cookie": f"sitebell-item={http.cookies['sitebell-item']}"}
        (form,) = page(http).forms_for("/item/close")
        closed = send(http, form)

        assert "The page is closed" in closed.text
        assert "sitebell-item" not in http.cookies
        assert http.get("/item", headers=kept).status_code == 404


def test_the_link_s_own_token_opens_no_page(item: ItemSite):
    link = item.link()
    with item.browser() as http, item.browser() as thief:
        http.post(link)

        cookie = {"Cookie": f"sitebell-item={link.removeprefix('/item/')}"}
        assert thief.get("/item", headers=cookie).status_code == 404


def test_the_cookie_is_for_this_page_alone(item: ItemSite):
    with item.browser() as http:
        plain = http.post(item.link()).headers["Set-Cookie"]
    with served(item.trial, lambda: None, secure=True) as address, item.browser(address) as https:
        bound = https.post(item.link()).headers["Set-Cookie"]

    assert plain.startswith("sitebell-item=")
    assert bound.startswith("__Host-sitebell-item=")
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=1800"} <= set(plain.split("; "))
    assert set(bound.split("; ")[1:]) - set(plain.split("; ")[1:]) == {"Secure"}


def test_names_never_become_markup(item: ItemSite):
    other = item.trial.enrolled("<b>Berta</b> & Co")
    hold = item.trial.task(item.patient, "baseline_imaging")
    item.trial.says(other, hold, AnswerKind.BOOKED, day="2026-03-05")
    with item.opened() as http:
        answer = http.get("/item")

    assert "<b>" not in answer.text
    assert "<b>Berta</b> & Co" in ReadPage(answer.text).text


def test_every_answer_is_hardened(item: ItemSite):
    with item.opened() as http:
        answers = [
            http.get("/item.css"),
            http.get("/item.svg"),
            http.get(item.link()),
            http.post(item.link()),
            http.get("/item"),
            http.get("/item/x"),
            http.post("/item/answer"),
            send(http, form := done_today(page(http)), day="2099-01-01"),
            send(http, form, day="2026-03-02"),
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 303, 200, 404, 403, 422, 303]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HARDENED} == HARDENED


# --- answers ----------------------------------------------------------------------------------------------------------


def test_an_answer_from_the_page_is_recorded_like_any_other(item: ItemSite):
    with item.opened() as http:
        recorded = send(http, done_today(page(http)), day="2026-03-02")
        after = page(http)

    (said,) = item.said()
    assert (recorded.status_code, recorded.headers["Location"]) == (303, "/item")
    assert (said.kind, said.via, said.person_id) == (AnswerKind.DONE, Via.LINK, item.person)
    assert item.trial.task(item.patient, "baseline_imaging").state is TaskState.DONE
    assert after.title == "Recorded · Sitebell"
    assert item.woken
    assert [len(item.trial.audited(action)) for action in ("item.link_made", "item.opened", "answer.recorded")] == [
        1
    ] * 3
    assert item.trial.audit_holds()


def test_every_form_of_the_page_is_taken(item: ItemSite):
    """What is offered fits: each press of each form is recorded, and taken back before the next."""
    with item.opened() as http:
        offered = [
            (form, {name: value})
            for form in page(http).forms_for("/item/answer")
            for name, value in [*form.presses, *form.radios, *_typed(form)]
        ]
        for form, fields in offered:
            taken = send(http, form, **fields)
            (undo,) = page(http).forms_for("/item/undo")
            assert (taken.status_code, send(http, undo).status_code) == (303, 303), (form, fields)

    assert {AnswerKind(form.hidden["kind"]) for form, _ in offered} == {
        AnswerKind.DONE,
        AnswerKind.BOOKED,
        AnswerKind.NOT_DONE,
        AnswerKind.NOT_APPLICABLE,
        AnswerKind.LATER,
        AnswerKind.NO_LONGER_FOLLOWED,
        AnswerKind.NEED_HELP,
    }
    assert item.said() == ()


def _typed(form: ReadForm) -> list[tuple[str, str]]:
    """What somebody might type, at both of a field's bounds."""
    found = []
    for typed in form.fields:
        if typed["type"] == "date":
            found += [("day", typed[bound]) for bound in ("min", "max") if bound in typed]
        else:
            found.append(("words", "Scanner out of order"))
    return found


def test_the_same_answer_twice_tells_who_gave_it_first(item: ItemSite):
    with item.opened() as http:
        form = done_today(page(http))
        send(http, form, day="2026-03-02")
        again = send(http, form, day="2026-03-02")

    assert again.status_code == 200
    assert "Already recorded by Amina on Mon 2 Mar." in ReadPage(again.text).text
    assert len(item.said()) == 1


def test_a_day_to_come_is_refused_and_said_so(item: ItemSite):
    with item.opened() as http:
        refused = send(http, done_today(page(http)), day="2026-03-03")

    read = ReadPage(refused.text)
    assert (refused.status_code, read.title) == (422, "Not recorded · Sitebell")
    assert "That day is still to come. Please choose today or an earlier day." in read.words
    assert item.said() == ()


def test_an_answer_can_be_taken_back_for_ten_minutes(item: ItemSite):
    with item.opened() as http:
        send(http, done_today(page(http)), day="2026-03-02")
        (undo,) = page(http).forms_for("/item/undo")
        item.trial.wait(minutes=10, seconds=1)
        late = send(http, undo)

        assert late.status_code == 422
        assert page(http).forms_for("/item/undo") == []
    assert len(item.said()) == 1


def test_own_words_pass_the_guard_and_are_not_repeated(item: ItemSite):
    with item.opened() as http:
        (form,) = [one for one in page(http).forms_for("/item/answer", kind="not_done") if one.fields]
        stopped = send(http, form, words="Call her on +49 30 901820")
        taken = send(http, form, words="  Scanner \n out of order ")

    read = ReadPage(stopped.text)
    assert (stopped.status_code, taken.status_code) == (422, 303)
    assert "901820" not in stopped.text
    assert "what looks like a telephone number" in read.words
    assert [one.said.text for one in item.said()] == ["Scanner out of order"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"csrf": ""},
        {"csrf": "0" * 64},
        {"csrf": "ü"},
    ],
)
def test_a_form_without_the_page_s_own_token_is_refused(item: ItemSite, wrong):
    with item.opened() as http:
        form = done_today(page(http))

        assert send(http, form, day="2026-03-02", **wrong).status_code == 403
    assert item.said() == ()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "null"}, 303),
    ],
)
def test_a_form_comes_from_our_own_page(item: ItemSite, headers, status):
    with item.opened() as http:
        form = done_today(page(http))
        answer = http.post(form.action, data=form.hidden | {"day": "2026-03-02"}, headers=headers)
        link = http.post(item.link(), headers=headers)

    assert (answer.status_code, link.status_code) == (status, status)
    assert bool(item.said()) == (status == 303)


def test_one_page_s_form_does_not_work_on_another(item: ItemSite):
    with item.opened() as first, item.opened() as second:
        form = done_today(page(first))

        assert send(second, form, day="2026-03-02").status_code == 403


def test_a_page_answers_its_own_item_alone(item: ItemSite):
    other = item.trial.patient("417-002", first_registration="2026-03-02")
    foreign = item.trial.task(other, "baseline_imaging")
    with item.opened() as http:
        form = done_today(page(http))
        refused = send(http, form, day="2026-03-02", task=str(foreign.id))

    assert refused.status_code == 422
    assert item.trial.task(other, "baseline_imaging").state is TaskState.OPEN


def test_another_item_s_answer_is_not_taken_back_here(item: ItemSite):
    other = item.trial.patient("417-002", first_registration="2026-03-02")
    foreign = item.trial.task(other, "baseline_imaging")
    recorded = item.trial.says(item.person, foreign, AnswerKind.DONE, day="2026-03-02")
    with item.opened() as http:
        (close,) = page(http).forms_for("/item/close")
        token = close.hidden["csrf"]
        refused = http.post("/item/undo", data={"csrf": token, "answer": str(recorded.answer_id)})

    assert refused.status_code == 422
    assert item.trial.task(other, "baseline_imaging").state is TaskState.DONE


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "done", "day": "02.03.2026"},
        {"kind": "done"},
        {"kind": "undo"},
        {"kind": "x", "day": "2026-03-02"},
        {"kind": "no_longer_followed", "leaving": "x"},
        {"kind": "no_longer_followed", "leaving": "withdrawn_from_everything"},
        {"kind": "need_help", "help": "x"},
        {"kind": "stated"},
        {"kind": "stated", "value": "yes"},
        {"kind": "not_done", "reason": "x"},
        {"kind": "not_done", "words": "  "},
        {"task": "x", "kind": "done", "day": "2026-03-02"},
    ],
)
def test_what_the_page_does_not_offer_is_refused(item: ItemSite, fields):
    with item.opened() as http:
        form = done_today(page(http))

        assert http.post("/item/answer", data=form.hidden | fields).status_code == 422
    assert item.said() == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * 5000, "application/x-www-form-urlencoded"),
        (b"csrf=%ff", "application/x-www-form-urlencoded"),
        (b"csrf=a&csrf=b", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % number for number in range(40)), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", ""),
    ],
)
def test_what_is_no_form_of_ours_is_refused(item: ItemSite, body, kind):
    with item.opened() as http:
        assert http.post("/item/answer", content=body, headers={"Content-Type": kind}).status_code == 403


def test_the_page_speaks_its_reader_s_language(item: ItemSite):
    chie = item.trial.enrolled("Chie", language="ja")
    link = item.link(person=chie)
    with item.browser(**{"Accept-Language": "de,en;q=0.8"}) as http:
        before = ReadPage(http.get(link).text)
        http.post(link)
        opened = page(http)

    assert (before.language, opened.language) == ("ja", "ja")
    assert "ご確認いただきたい項目が1件あります" in before.words


def test_a_page_that_knows_nobody_speaks_the_browser_s_language(item: ItemSite):
    with item.browser(**{"Accept-Language": "it, ja-JP;q=0.9, en;q=0.8"}) as http:
        assert ReadPage(http.get("/item").text).language == "ja"


def test_each_field_has_a_label_of_its_own(item: ItemSite):
    with item.opened() as http:
        read = page(http)

    typed = [given for given in read.inputs if not given["in_label"]]
    assert {given["id"] for given in typed} == read.labelled - {""}
    assert len({given["id"] for given in typed}) == len(typed)


def test_no_token_is_in_the_database(item: ItemSite):
    link = item.link()
    with item.trial.records.read() as tx:
        text = repr(tx.connection.exec_driver_sql("SELECT * FROM item_link").all())
        audit.verify(tx)

    assert link.removeprefix("/item/") not in text
