"""Sites, people, messages and items over HTTP: found in two clicks, changed by those who may, hidden from those who may not."""

import csv
import io
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from office.cards import card_view
from office.inviting import token_hash
from records import outbox, people, schema
from records.outbox import NewNotice, NoticeKind
from records.pulses import beat
from scheduler.outages import hold
from scheduler.watching import TICK, watch
from tests.office.vocabulary import Trial
from tests.web.board.doors import Doors, csrf_in, doors_of
from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.messages import ItemKind
from trial.people import Role

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def doors(trial: Trial) -> Iterator[Doors]:
    with doors_of(trial) as open_doors:
        yield open_doors


@pytest.fixture
def manager(trial: Trial) -> UUID:
    return trial.manager()


@pytest.fixture
def amina(trial: Trial) -> UUID:
    return trial.enrolled("Amina")


def sent(http: httpx.Client, page: str, address: str, **fields: str) -> httpx.Response:
    """A form of this page, sent to this address."""
    return http.post(address, data={"csrf": csrf_in(http.get(page)), **fields}, headers=HERE)


def links(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200
    return {address.replace("&amp;", "&") for address in re.findall(r'href="([^"]+)"', answer.text)}


# --- finding ----------------------------------------------------------------------------------------------------------


def test_the_silent_site_is_found_in_two_clicks_with_whom_to_call(doors: Doors, manager, amina):
    doors.trial.patient("417-001", first_registration="2026-03-02")
    doors.trial.live_until("2026-03-25 12:00")
    watch(doors.trial.records, doors.trial.studies, **doors.trial.times)

    with doors.as_(manager) as http:
        first = http.get("/")
        assert "/sites" in links(first)
        # Whatever came later: from a silent site nothing will come by itself.
        waits = re.findall(r"</strong>: ([^<]+)</a>", first.text.partition('id="waits"')[2])
        assert waits[:2] == ["no answer from the site", "late, and everybody has been told"]
        second = http.get("/sites")
        assert second.text.index("/sites/417") < second.text.index("/sites/501")
        site = http.get("/sites/417")

    assert "silent for 17 working days" in second.text
    assert "Silent for 17 working days" in site.text
    assert "Amina" in site.text[site.text.index("Call first") :]


def test_a_site_that_is_not_theirs_is_as_if_it_were_not_there(doors: Doors, manager, amina):
    with doors.as_(amina) as http:
        there = http.get("/sites/417")
        not_theirs, nothing = http.get("/sites/501"), http.get("/sites/999")

        assert there.status_code == 200
        assert (not_theirs.status_code, not_theirs.text) == (404, nothing.text)
        assert "/sites/501" not in links(http.get("/sites"))
        for address in ("/sites/new", "/items", "/sites/417/first-week", "/notices/x", "/people/x"):
            assert http.get(address).status_code in {404, 405}


def test_a_monitor_reads_everything_and_is_offered_nothing_to_change(doors: Doors, manager, amina):
    doors.trial.patient("417-001", first_registration="2025-08-01")
    monitor = doors.trial.enrolled("Monitor A", site=None, role=Role.MONITOR)

    with doors.as_(monitor) as http:
        for address in ("/sites", "/sites/417", "/people", "/notices"):
            answer = http.get(address)
            assert answer.status_code == 200
            assert 'method="post"' not in answer.text.replace("/sign-out", "")


@pytest.mark.parametrize("page", ["/sites", "/people", "/notices", "/items"])
def test_a_list_is_also_a_file_with_the_same_rows(doors: Doors, manager, amina, page: str):
    doors.trial.patient("417-001", first_registration="2026-03-02")

    with doors.as_(manager) as http:
        answer = http.get(f"{page}.csv")

    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == {"/sites": 2, "/people": 2, "/notices": 0, "/items": 0}[page]
    assert len(doors.trial.audited("list.exported")) == 1


def test_every_name_on_a_page_is_of_one_thing_and_every_label_has_its_field(doors: Doors, manager, amina):
    patient = doors.trial.patient("417-001", first_registration="2026-01-12")
    doors.trial.patient("417-002", first_registration="2025-08-01")
    task = doors.trial.task(patient, "baseline_imaging")
    doors.trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)

    with doors.as_(manager) as http:
        for page in ("/sites", "/sites/417", "/sites/new", "/people", "/notices", "/items", "/me"):
            text = http.get(page).text
            names = re.findall(r'\bid="([^"]+)"', text)
            wanted = re.findall(r'\b(?:for|aria-labelledby|aria-describedby|list)="([^"]+)"', text)

            assert (page, sorted(names)) == (page, sorted(set(names)))
            assert (page, set(wanted) - set(names)) == (page, set())
            assert text.count("<h1") == 1
            assert not re.search(r'\bstyle="|\bon\w+="|<style|<script(?! src=)', text)


# --- inviting and ending access ---------------------------------------------------------------------------------------


def test_an_invitation_is_shown_once_as_link_and_picture_and_lets_its_person_in(doors: Doors, manager):
    with doors.as_(manager) as http:
        shown = sent(
            http,
            "/sites/417",
            "/sites/417/invite",
            name="Coordinator B",
            role="coordinator",
            language="ja",
            function_imaging="yes",
        )
        page = http.get("/sites/417")

    found = re.search(r'href="https://t\.me/sitebell_bot\?start=([\w-]+)"', shown.text)
    assert found is not None
    assert shown.text.count("<svg") == 1
    assert found[1] not in page.text
    assert "invited, not joined" in page.text
    assert doors.trial.joins(found[1], chat=4711) == "ja"
    with doors.trial.records.read() as tx:
        assert people.open_invite_by_hash(tx, token_hash(found[1]), elapsed=doors.trial.clock.elapsed()) is None


def test_what_is_wrong_in_an_invitation_stands_at_its_field_and_nothing_was_written(doors: Doors, manager):
    with doors.as_(manager) as http:
        nameless = sent(http, "/sites/417", "/sites/417/invite", name=" ", role="coordinator", language="en")
        unfit = sent(http, "/sites/417", "/sites/417/invite", name="B", role="manager", language="xx")
        homeless = sent(http, "/people", "/people/invite", name="B", role="manager", language="en")

    assert [one.status_code for one in (nameless, unfit, homeless)] == [422] * 3
    assert 'aria-describedby="wrong-name"' in nameless.text
    assert 'id="wrong-name"' in nameless.text
    assert 'id="wrong-role"' in unfit.text
    assert 'id="wrong-language"' in unfit.text
    assert 'id="wrong-zone"' in homeless.text
    assert len(doors.trial.audited("person.invited")) == 1  # the manager's own


def test_the_trial_office_is_invited_by_those_who_may_admit(doors: Doors, manager, amina):
    administrator = doors.trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR)
    words = {"name": "Monitor B", "role": "monitor", "language": "en"}

    with doors.as_(administrator) as http:
        assert "Invitation for Monitor B" in sent(http, "/people", "/people/invite", **words).text
    with doors.as_(amina) as http:
        token = csrf_in(http.get("/me"))
        refused = http.post("/people/invite", data={"csrf": token, **words}, headers=HERE)

    assert refused.status_code == 404


def test_access_ends_with_a_reason(doors: Doors, manager, amina):
    with doors.as_(manager) as http:
        silent = sent(http, "/sites/417", f"/people/{amina}/revoke", at="417", reason="")
        ended = sent(http, "/sites/417", f"/people/{amina}/revoke", at="417", reason="left the department")
        unknown = sent(http, "/people", f"/people/{uuid4()}/revoke", at="", reason="left")
        own = sent(http, "/people", f"/people/{manager}/revoke", at="", reason="left")

    assert (silent.status_code, f'id="wrong-reason-{amina}"' in silent.text) == (422, True)
    assert (ended.status_code, ended.headers["Location"]) == (303, "/sites/417?done=revoked")
    assert (unknown.status_code, own.status_code) == (404, 404)
    assert doors.trial.person(amina).revoked_at is not None


def test_a_form_from_elsewhere_changes_nothing(doors: Doors, manager, amina):
    with doors.as_(manager) as http:
        token = csrf_in(http.get("/sites/417"))
        answers = [
            http.post(f"/people/{amina}/revoke", data={"csrf": token, "at": "", "reason": "left"}, headers=headers)
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"})
        ]
        answers.append(http.post(f"/people/{amina}/revoke", data={"at": "", "reason": "left"}, headers=HERE))

    assert [one.status_code for one in answers] == [403] * 3
    assert doors.trial.person(amina).revoked_at is None


# --- the site ---------------------------------------------------------------------------------------------------------


def test_a_site_is_added_with_its_disclosure_and_every_error_at_its_field(doors: Doors, manager):
    words = {
        "number": "611",
        "name": "Houston",
        "country": "US",
        "region": "TX",
        "zone": "America/Chicago",
        "disclosure": "code",
        "rings_from": "2026-04-01",
    }
    with doors.as_(manager) as http:
        wrong = sent(http, "/sites/new", "/sites/new", **{**words, "number": "417", "zone": "Nowhere", "region": "QQ"})
        unreachable = sent(http, "/sites/new", "/sites/new", **{**words, "disclosure": "task-only"})
        added = sent(http, "/sites/new", "/sites/new", **words)
        page = http.get(added.headers["Location"])

    assert wrong.status_code == 422
    assert set(re.findall(r'id="wrong-(\w+)"', wrong.text)) == {"number", "zone", "region"}
    assert 'value="Houston"' in wrong.text
    assert "SITEBELL_WEB_URL" in unreachable.text
    assert added.headers["Location"] == "/sites/611?done=added"
    assert "Begins on 1 Apr 2026" in page.text
    assert "Chosen by Manager A" in page.text


def test_days_are_closed_and_opened_again(doors: Doors, manager, amina):
    with doors.as_(manager) as http:
        wrong = sent(http, "/sites/417", "/sites/417/close", first="2026-02-02", last="")
        closed = sent(http, "/sites/417", "/sites/417/close", first="2026-04-01", last="2026-04-03")
        page = http.get("/sites/417")
        opened = sent(http, "/sites/417", "/sites/417/open", day="2026-04-03")

        assert (wrong.status_code, 'id="wrong-first"' in wrong.text) == (422, True)
        assert closed.status_code == opened.status_code == 303
        assert "1 Apr 2026 – 3 Apr 2026" in page.text
        assert "1 Apr 2026 – 3 Apr 2026" not in http.get("/sites/417").text
    with doors.as_(amina) as http:
        token = csrf_in(http.get("/me"))
        refused = http.post("/sites/417/close", data={"csrf": token, "first": "2026-04-01"}, headers=HERE)
    assert refused.status_code == 404


def test_what_is_from_before_sitebell_is_picked_to_be_asked(doors: Doors, manager, amina):
    patient = doors.trial.patient("417-001", first_registration="2025-08-01")
    other = doors.trial.patient("501-001", site="501", first_registration="2025-08-01")

    with doors.as_(manager) as http:
        foreign = sent(http, "/sites/417", "/sites/417/earlier", patient=str(other))
        asked = sent(http, "/sites/417", "/sites/417/earlier", patient=str(patient))

    assert asked.headers["Location"] == "/sites/417?done=earlier"
    assert foreign.status_code == 303
    assert len(doors.trial.audited("patient.asked_about_earlier")) == 1


def test_the_first_week_of_a_site_is_lived_through_and_nothing_of_it_is_kept(doors: Doors, manager):
    doors.trial.site("611", "Houston", "US", "America/Chicago", rings_from="2026-03-09")
    doors.trial.invited("Coordinator C", site="611")
    doors.trial.patient("611-001", site="611", first_registration="2026-03-02")

    with doors.as_(manager) as http:
        answer = http.get("/sites/611/first-week")

    assert answer.status_code == 200
    assert "Coordinator C" in answer.text
    assert "data-live=" not in answer.text
    assert doors.trial.notices(kind="card") == []


# --- messages, outages, items -----------------------------------------------------------------------------------------


def test_a_message_that_may_not_have_arrived_is_looked_at(doors: Doors, manager, amina):
    with doors.trial.records.begin() as tx:
        (notice,) = outbox.put(tx, [NewNotice(NoticeKind.EDIT, person_id=amina)], **doors.trial.times)
        tx.connection.execute(schema.notice.update().where(schema.notice.c.id == notice).values(state="unknown"))

    with doors.as_(manager) as http:
        before = http.get("/notices")
        looked = sent(http, "/notices", f"/notices/{notice}/looked")
        after, seen = http.get("/notices"), http.get("/notices?seen=yes")

    assert "Amina" in before.text
    assert looked.headers["Location"] == "/notices?done=looked"
    assert f"/notices/{notice}/looked" in before.text
    assert "Every message is accounted for." in after.text
    assert "looked at on 2 Mar 2026" in seen.text


def test_what_waits_since_an_outage_is_released_after_it_was_said_what_that_sends(doors: Doors, manager, amina):
    doors.trial.patient("417-001", first_registration="2026-03-02")
    with doors.trial.records.begin() as tx:
        beat(tx, TICK, doors.trial.clock.elapsed())
        outage = hold(tx, **doors.trial.times)
    doors.trial.live_until("2026-03-05 12:00")

    with doors.as_(amina) as http:
        assert "Nothing is sent now" not in http.get("/notices").text
    with doors.as_(manager) as http:
        before = http.get("/notices")
        released = sent(http, "/notices", f"/outages/{outage}/release")
        after = http.get("/notices")

    assert "1 person gets one digest" in before.text
    assert released.headers["Location"] == "/notices?done=released"
    assert "Release it" not in after.text
    assert "released by Manager A" in after.text


def test_help_is_closed_from_the_list_and_reminders_go_on(doors: Doors, manager, amina):
    patient = doors.trial.patient("417-001", first_registration="2026-03-02")
    task = doors.trial.task(patient, "baseline_imaging")
    doors.trial.says(amina, task, AnswerKind.NEED_HELP, needs=HelpKind.CALL_ME)

    with doors.as_(manager) as http:
        page = http.get("/items")
        (address,) = re.findall(r'action="(/items/[0-9a-f-]+/close)"', page.text)
        closed = sent(http, "/items", address)
        nothing = http.get("/items")

    assert "417-001" in page.text
    assert "a call, please" in page.text
    assert closed.headers["Location"] == "/items?done=closed"
    assert "Nothing waits." in nothing.text
    with doors.trial.records.read() as tx:
        assert card_view(tx, doors.trial.studies, task.visit_id, amina, **doors.trial.times) is not None


def test_a_patient_who_left_is_confirmed_with_kind_and_day(doors: Doors, manager, amina):
    patient = doors.trial.patient("417-001", first_registration="2026-02-23")
    task = doors.trial.task(patient, "baseline_imaging")
    doors.trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)

    with doors.as_(manager) as http:
        (confirm,) = re.findall(r'action="(/items/[0-9a-f-]+/confirm)"', http.get("/items").text)
        too_early = sent(http, "/items", confirm, kind="lost", day="2026-02-27")
        future = sent(http, "/items", confirm.replace("confirm", "attempt"), day="2026-12-24")
        tried = sent(http, "/items", confirm.replace("confirm", "attempt"), day="2026-02-26")
        confirmed = sent(http, "/items", confirm, kind="lost", day="2026-02-27")

    assert (too_early.status_code, future.status_code) == (422, 422)
    assert "needs a logged attempt" in too_early.text
    assert "lies in the future" in future.text
    assert tried.headers["Location"] == "/items?done=logged"
    assert confirmed.headers["Location"] == "/items?done=confirmed"
    assert ItemKind.LEAVING.value not in doors.trial.items()
    assert doors.trial.audit_holds()


def test_a_report_that_was_wrong_is_taken_back_with_a_reason(doors: Doors, manager, amina):
    patient = doors.trial.patient("417-001", first_registration="2026-02-23")
    task = doors.trial.task(patient, "baseline_imaging")
    doors.trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.WITHDRAWN)

    with doors.as_(manager) as http:
        (back,) = re.findall(r'action="(/items/[0-9a-f-]+/take-back)"', http.get("/items").text)
        silent = sent(http, "/items", back, reason=" ")
        done = sent(http, "/items", back, reason="a slip, the patient came")

    assert silent.status_code == 422
    assert done.headers["Location"] == "/items?done=taken_back"
    assert doors.trial.state(patient) == "followed"
