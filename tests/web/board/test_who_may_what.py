"""Who may what on the board: every route for every role and object, as `trial.access.may` says, and nothing of anybody else's.

The routes come from the application: one of which the table below says nothing fails here.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from records import office_items, schema
from tests.web.board.doors import csrf_in
from tests.web.board.matrix import LEAVER, NOWHERE, SITES, VIEWERS, Case, Matrix, Needs, Rule, needs, words_of
from tests.web.board.whole_trial import ELSEWHERE, OTHER, routes_of
from trial.access import Action
from trial.messages import ItemKind

OPEN: Final = frozenset(
    {
        ("GET", "/static/{name}"),
        ("GET", "/sign-in"),
        ("GET", "/sign-in/number"),
        ("GET", "/sign-in/{token}"),
        ("POST", "/sign-in"),
        ("POST", "/sign-in/number"),
        ("POST", "/sign-in/{token}"),
    }
)
"""Without signing in. They say nothing of anybody; `test_signing_in.py` holds them."""
GUARDED_WORDS: Final = "born 12 March 1961"

SEES = needs(Action.SEE)
TAKES = needs(Action.SEE, Action.EXPORT)
OVERSEES = needs(Action.OVERSEE)
CLOSES: Needs = (frozenset({Action.CONFIRM, Action.MANAGE}),)
LISTS: Final[dict[str, Needs]] = {
    "/": OVERSEES,
    "/me": OVERSEES,
    "/live": OVERSEES,
    "/late": SEES,
    "/late.csv": TAKES,
    "/holds": SEES,
    "/holds.csv": TAKES,
    "/uploads": SEES,
    "/uploads.csv": TAKES,
    "/patients": SEES,
    "/patients.csv": TAKES,
    "/patients/new": needs(Action.RECORD),
    "/patients/table": needs(Action.RECORD),
    "/items": CLOSES,
    "/items.csv": (*CLOSES, frozenset({Action.EXPORT})),
    "/notices": OVERSEES,
    "/notices.csv": needs(Action.OVERSEE, Action.EXPORT),
    "/people": OVERSEES,
    "/people.csv": needs(Action.OVERSEE, Action.EXPORT),
    "/sites": OVERSEES,
    "/sites.csv": needs(Action.OVERSEE, Action.EXPORT),
}
OF_ONE_SITE: Final = ("/late", "/uploads", "/patients", "/people", "/items")
"""Lists that are not there for a site that is not theirs, nor their files."""
# --- the table --------------------------------------------------------------------------------------------------------


def looks(matrix: Matrix) -> Iterator[Case]:
    """Every address that is looked at, with the objects of each site, of another study, and none."""
    for address, wanted in LISTS.items():
        yield Case("GET", address, address, Rule(wanted))
    yield Case("GET", "/sites/new", "/sites/new", Rule(needs(Action.RECORD), "study"))
    yield Case("GET", "/protocol", "/protocol", Rule(OVERSEES, "study"))
    yield Case("GET", "/protocol/new", "/protocol/new", Rule(needs(Action.RELEASE), "study"))
    yield Case("GET", "/protocol/{version}", f"/protocol/{matrix.version}", Rule(OVERSEES, "this study"))
    for number in (*SITES, NOWHERE):
        files = () if number == NOWHERE else tuple(f"{page}.csv" for page in OF_ONE_SITE)
        for address in (*OF_ONE_SITE, *files):
            yield Case("GET", address, f"{address}?site={number}", Rule(LISTS[address], number))
        yield Case("GET", "/sites/{number}", f"/sites/{number}", Rule(OVERSEES, number))
        first_week = Rule(needs(Action.RECORD), number)
        yield Case("GET", "/sites/{number}/first-week", f"/sites/{number}/first-week", first_week)
    for number, patient in patients_of(matrix).items():
        yield Case("GET", "/patients/{patient}", f"/patients/{patient}", Rule(SEES, number))
        yield Case("GET", "/patients/{patient}/log.csv", f"/patients/{patient}/log.csv", Rule(TAKES, number))
    for address in ("/notices", "/notices.csv"):
        yield Case("GET", address, f"{address}?seen=yes", Rule(LISTS[address]))


def changes(matrix: Matrix) -> Iterator[Case]:
    """Every form, sent in a way that changes little: most of them miss something that whoever may is told of."""
    records, manage = Rule(needs(Action.RECORD), "study"), needs(Action.MANAGE)
    yield Case("POST", "/patients/new", "/patients/new", Rule(needs(Action.RECORD)), {"site": "417"})
    yield Case("POST", "/patients/table", "/patients/table", Rule(needs(Action.RECORD)), {"step": "check"})
    yield Case("POST", "/sites/new", "/sites/new", records)
    yield Case("POST", "/people/invite", "/people/invite", Rule(needs(Action.ADMIT), "study"))
    yield Case("POST", "/me/language", "/me/language", Rule(OVERSEES), {"language": "xx"})
    yield Case("POST", "/study", "/study", Rule(OVERSEES), {"study": "NONE"})
    outage = f"/outages/{matrix.whole.outage}/release"
    yield Case("POST", "/outages/{outage}/release", outage, Rule(manage, "study"))
    yield Case("POST", "/holds", "/holds", Rule(needs(Action.HOLD), "study"))
    file = ("two.yaml", b"format: visitplan/1")
    takes_in = Rule(needs(Action.RELEASE), "study")
    yield Case("POST", "/protocol/new", "/protocol/new", takes_in, {"step": "take-in"}, file=file)
    release = f"/protocol/{matrix.version}/release"
    for number in (*SITES, NOWHERE):
        # A version of one study is released for sites of that study.
        wanted = Rule(needs(Action.RELEASE), NOWHERE if number == ELSEWHERE else number)
        yield Case("POST", "/protocol/{version}/release", release, wanted, {"site": number})
        withdraw = f"/protocol/{matrix.version}/withdraw"
        yield Case("POST", "/protocol/{version}/withdraw", withdraw, wanted, {"site": number})
    for where, hold in (*matrix.whole.holds.items(), (NOWHERE, uuid4())):
        # Whoever may hold anything at a site of this study is of its trial office, and may hold the study.
        rule = Rule(needs(Action.HOLD), "417" if where == "study" else where)
        yield Case("POST", "/holds/{hold}/lift", f"/holds/{hold}/lift", rule)
    yield from _of_places(matrix)
    yield from _of_patients(matrix)
    yield from _of_items(matrix)


def _of_places(matrix: Matrix) -> Iterator[Case]:
    for number in (*SITES, NOWHERE):
        for what, action in (
            ("close", Action.RECORD),
            ("open", Action.RECORD),
            ("earlier", Action.RECORD),
            ("disclosure", Action.CONFIRM),
            ("invite", Action.ADMIT),
            ("hold", Action.HOLD),
        ):
            yield Case("POST", f"/sites/{{number}}/{what}", f"/sites/{number}/{what}", Rule(needs(action), number))
    everybody = matrix.whole.people
    for number, name in (("417", "Berta"), ("501", "Tomoko"), (ELSEWHERE, "Foreign coordinator")):
        revoke = f"/people/{everybody[name]}/revoke"
        rule = Rule(needs(Action.ADMIT), number)
        yield Case("POST", "/people/{person}/revoke", revoke, rule, own=everybody[name])
    nobody = Case("POST", "/people/{person}/revoke", f"/people/{uuid4()}/revoke", Rule(OVERSEES, NOWHERE))
    yield nobody
    for number, notice in (*matrix.whole.notices.items(), (NOWHERE, uuid4())):
        looked = f"/notices/{notice}/looked"
        yield Case("POST", "/notices/{notice}/looked", looked, Rule(needs(Action.MANAGE), number))


def _of_patients(matrix: Matrix) -> Iterator[Case]:
    records, route = needs(Action.RECORD), "/patients/{patient}"
    answers = {"417": matrix.whole.claimed["417-006"], "501": matrix.whole.claimed["501-002"]}
    for number, patient in patients_of(matrix).items():
        page, rule = f"/patients/{patient}", Rule(records, number)
        task = task_of(matrix, patient)
        yield Case("POST", f"{route}/events", f"{page}/events", rule)
        yield Case("POST", f"{route}/hold", f"{page}/hold", Rule(needs(Action.HOLD), number))
        yield Case("POST", f"{route}/facts", f"{page}/facts", rule)
        yield Case("POST", f"{route}/consents", f"{page}/consents", rule)
        yield Case("POST", f"{route}/tasks/{{task}}/answers", f"{page}/tasks/{task}/answers", rule)
        taken_back = f"{page}/answers/{answers.get(number, uuid4())}/take-back"
        yield Case("POST", f"{route}/answers/{{answer}}/take-back", taken_back, rule)
        nudge = Rule(needs(Action.MANAGE), number)
        yield Case("POST", "/late/{task_id}/nudge", f"/late/{task}/nudge", nudge, {"back": "/late"})
    for number, answer in (*answers.items(), (NOWHERE, uuid4())):
        rule = Rule(needs(Action.VERIFY), number)
        words = {"back": "/uploads", "words": GUARDED_WORDS}
        yield Case("POST", "/uploads/{answer_id}/query", f"/uploads/{answer}/query", rule, words)
        yield Case("POST", "/uploads/{answer_id}/verify", f"/uploads/{answer}/verify", rule, {"back": "/uploads"})


def _of_items(matrix: Matrix) -> Iterator[Case]:
    for item in items_of(matrix):
        number = next((number for number, site in matrix.places.items() if site.id == item.site_id), "study")
        if number == "study" and item.study_id != matrix.studies["DREAM"]:
            continue  # the study as a whole is the viewer's own here
        where, page = number, f"/items/{item.id}"
        if item.kind is ItemKind.LEAVING:
            for what in ("confirm", "attempt", "take-back"):
                yield Case("POST", f"/items/{{item}}/{what}", f"{page}/{what}", Rule(needs(Action.CONFIRM), where))
        elif number != "study":
            yield Case("POST", "/items/{item}/close", f"{page}/close", Rule(needs(Action.MANAGE), where))
    for what in ("close", "confirm", "attempt", "take-back"):
        nothing = Rule(OVERSEES, NOWHERE)
        yield Case("POST", f"/items/{{item}}/{what}", f"/items/{uuid4()}/{what}", nothing)


def patients_of(matrix: Matrix) -> dict[str, UUID]:
    """A patient of each site, and one who is not there."""
    with matrix.whole.trial.records.read() as tx:
        table = schema.patient
        where = table.c.site_id == matrix.places[ELSEWHERE].id
        foreign = tx.connection.execute(table.select().where(where)).one().id
    known = matrix.whole.patients
    return {"417": known["417-006"], "501": known["501-002"], ELSEWHERE: foreign, NOWHERE: uuid4()}


def task_of(matrix: Matrix, patient: UUID) -> UUID:
    tasks = matrix.whole.trial.tasks(patient)
    return next((task.id for task in tasks.values() if task.state == "open"), uuid4())


def items_of(matrix: Matrix) -> list[office_items.ItemRow]:
    with matrix.whole.trial.records.read() as tx:
        return [item for study_id in matrix.studies.values() for item in office_items.open_items(tx, study_id)]


SIGNED_OUT: Final = frozenset({("POST", "/sign-out"), ("POST", "/sign-out-everywhere")})
"""Everybody's own session: `test_signing_in.py` holds them. Here only that they lead to the door."""


def test_every_route_has_its_rule(matrix: Matrix):
    told = {(case.method, case.route) for case in (*looks(matrix), *changes(matrix))}

    assert told | OPEN | SIGNED_OUT == routes_of(matrix.whole.trial)


# --- asking -----------------------------------------------------------------------------------------------------------


def status_of(http: httpx.Client, case: Case, csrf: str = "") -> tuple[int, str, str]:
    """The status, the text, and where it leads."""
    if case.route == "/live":
        with http.stream("GET", case.address) as answer:
            return answer.status_code, "", answer.headers.get("Location", "")
    if case.method == "GET":
        answer = http.get(case.address)
    else:
        sent = {"csrf": csrf, **case.fields}
        files = None if case.file is None else {"file": case.file}
        answer = http.post(case.address, data=sent, files=files, headers={"Sec-Fetch-Site": "same-origin"})
    return answer.status_code, answer.text, answer.headers.get("Location", "")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_each_page_is_there_for_whoever_may_and_holds_nothing_of_anybody_else(matrix: Matrix, viewer: str):
    http, hidden = matrix.browsers[viewer], matrix.not_theirs(viewer)
    wrong = []
    for case in looks(matrix):
        status, text, _ = status_of(http, case)
        if status != (200 if matrix.may(viewer, case) else 404):
            wrong.append((case.address, status))
        wrong += [(case.address, found) for found in sorted(set(hidden.findall(words_of(text))))]

    assert wrong == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_each_form_is_taken_from_whoever_may_and_from_nobody_else(matrix: Matrix, viewer: str):
    http, hidden = matrix.browsers[viewer], matrix.not_theirs(viewer)
    csrf = csrf_in(http.get("/me"))
    wrong = []
    for case in changes(matrix):
        before = changed(matrix)
        status, text, _ = status_of(http, case, csrf)
        refused = status == 404 and changed(matrix) == before
        fits = status in {200, 303, 422} if matrix.may(viewer, case) else refused
        if not fits:
            wrong.append((case.address, case.route, status))
        wrong += [(case.address, case.route, found) for found in sorted(set(hidden.findall(words_of(text))))]

    assert wrong == []
    # Sending was released meanwhile, by somebody of one of the two studies.
    assert hidden.findall(words_of(http.get("/notices").text)) == []


@pytest.mark.parametrize("viewer", ["", LEAVER], ids=["nobody", "somebody whose access has ended"])
def test_whoever_is_not_signed_in_is_led_to_the_door(matrix: Matrix, viewer: str):
    http, before = matrix.browsers[viewer], changed(matrix)
    own = [Case("POST", route, route, Rule(OVERSEES)) for _, route in sorted(SIGNED_OUT)]
    wrong = []
    for case in (*looks(matrix), *changes(matrix), *own):
        status, text, leads_to = status_of(http, case)
        if (status, leads_to.partition("?")[0], text) != (303, "/sign-in", ""):
            wrong.append((case.address, status, leads_to))

    assert wrong == []
    assert changed(matrix) == before


def test_nobody_chooses_a_study_that_is_not_theirs(matrix: Matrix):
    with matrix.doors.as_(matrix.whole.people["Manager A"]) as http:
        csrf = csrf_in(http.get("/me"))
        http.post("/study", data={"csrf": csrf, "study": OTHER}, headers={"Sec-Fetch-Site": "same-origin"})

        assert matrix.not_theirs("Manager A").findall(words_of(http.get("/sites").text)) == []
        assert "/sites/417" in http.get("/sites").text


def changed(matrix: Matrix) -> int:
    """How many entries the audit trail has."""
    with matrix.whole.trial.records.read() as tx:
        return tx.connection.execute(sa.select(sa.func.count()).select_from(schema.audit)).scalar_one()
