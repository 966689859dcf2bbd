"""Faults on order: what is accepted, what is lost, and what the client sees."""

import httpx
import pytest

from tests.phones import NotAllowed, Phone, Phones
from tests.simulator.conftest import RawApi


def texts(amina: Phone) -> list[str]:
    return [message.text for message in amina.messages() if message.from_bot]


def send(raw: RawApi, amina: Phone, text: str = "a") -> httpx.Response:
    return raw.call("sendMessage", chat_id=amina.person_id, text=text)


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("502", 502)])
def test_a_refused_call_is_not_carried_out(raw: RawApi, phones: Phones, amina: Phone, kind: str, status: int) -> None:
    phones.fault(kind, "sendMessage")

    assert status == send(raw, amina).status_code
    assert texts(amina) == []
    assert send(raw, amina).status_code == 200


def test_a_flood_wait_names_its_seconds(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("429", "sendMessage", retry_after=13)
    reply = send(raw, amina)

    assert (reply.json()["parameters"]["retry_after"], reply.headers["Retry-After"]) == (13, "13")


def test_a_server_error_may_come_after_the_call_was_accepted(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("500", "sendMessage", accepted=True)
    send(raw, amina)

    assert texts(amina) == ["a"]


def test_a_page_of_html_is_no_answer(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("html", "sendMessage")
    reply = send(raw, amina)

    assert (reply.status_code, reply.text.startswith("<html>")) == (200, True)


def test_a_truncated_answer_hides_an_accepted_call(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("truncated", "sendMessage")
    reply = send(raw, amina)

    with pytest.raises(ValueError, match=r"(?i)unterminated|expecting"):
        reply.json()
    assert texts(amina) == ["a"]


@pytest.mark.parametrize(("kind", "arrived"), [("cut_before", []), ("cut_after", ["a"])])
def test_a_connection_is_cut_before_or_after_the_call(
    raw: RawApi, phones: Phones, amina: Phone, kind: str, arrived: list[str]
) -> None:
    phones.fault(kind, "sendMessage")

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        send(raw, amina)
    assert arrived == texts(amina)


def test_a_delay_delays_and_is_carried_out(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("delay", "sendMessage", seconds=30)

    with pytest.raises(httpx.ReadTimeout):
        raw.http.post(
            f"{raw.address}/sendMessage",
            json={"chat_id": amina.person_id, "text": "a"},
            timeout=0.2,
        )
    assert texts(amina) == ["a"]


def test_a_fault_strikes_as_often_as_ordered_and_after_what_it_skips(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("500", "sendMessage", skip=1, count=2)

    assert [send(raw, amina).status_code for _ in range(4)] == [200, 500, 500, 200]
    assert phones.pending_faults() == []


def test_a_fault_without_a_method_spares_the_polling(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("500", count=None)

    assert (
        raw.call("getUpdates").status_code,
        raw.call("getMe").status_code,
        send(raw, amina).status_code,
    ) == (200, 500, 500)
    phones.clear_faults()
    assert send(raw, amina).status_code == 200


def test_the_same_seed_gives_the_same_bad_luck(raw: RawApi, phones: Phones, amina: Phone) -> None:
    def luck() -> list[int]:
        phones.clear_faults()
        phones.fault("500", "getMe", probability=0.5, seed=7, count=None)
        return [raw.call("getMe").status_code for _ in range(20)]

    first = luck()

    assert first == luck()
    assert set(first) == {200, 500}


def test_an_unknown_fault_is_refused(phones: Phones) -> None:
    with pytest.raises(NotAllowed, match="422"):
        phones.fault("earthquake")


def test_struck_faults_stand_in_the_truth(raw: RawApi, phones: Phones, amina: Phone) -> None:
    phones.fault("cut_after", "sendMessage")
    with pytest.raises(httpx.TransportError):
        send(raw, amina)

    (line,) = phones.accepted("fault")
    assert (line["method"], line["kind"], line["accepted"]) == ("sendMessage", "cut_after", True)
