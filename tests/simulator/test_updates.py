"""Updates wait until they are confirmed, and no longer than Telegram keeps them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.phones import PLAIN_HTTP, NotAllowed, Phone, Phones
from tests.simulator.conftest import RawApi
from tests.simulators import RunningSimulator, running_simulator, simulator_process

Ids = Callable[..., list[int]]
YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


def updates(raw: RawApi, **parameters: object) -> list[dict[str, Any]]:
    return raw.call("getUpdates", **parameters).json()["result"]  # type: ignore[no-any-return] # JSON


def ids(raw: RawApi, **parameters: object) -> list[int]:
    return [update["update_id"] for update in updates(raw, **parameters)]


def test_an_update_is_handed_out_until_a_later_offset_confirms_it(raw: RawApi, phones: Phones, amina: Phone) -> None:
    first, again = ids(raw), ids(raw)

    assert first == again
    assert ids(raw, offset=first[-1] + 1) == []
    assert [(line["handed_out"], line["state"]) for line in phones.updates()] == [(2, "confirmed")]


def test_update_ids_increase(raw: RawApi, amina: Phone) -> None:
    for text in "abc":
        amina.type(text)
    found = ids(raw)

    assert found == list(range(found[0], found[0] + 4))


def test_an_offset_confirms_only_what_lies_below(raw: RawApi, amina: Phone) -> None:
    amina.type("a")
    amina.type("b")
    _, second, third = ids(raw)

    assert [second, third] == ids(raw, offset=second)
    assert [second] == ids(raw, limit=1)


def test_a_negative_offset_forgets_all_but_the_last(raw: RawApi, phones: Phones, amina: Phone) -> None:
    amina.type("a")
    amina.type("b")
    first, second, third = ids(raw)

    assert [third] == ids(raw, offset=-1)
    assert [third] == ids(raw)
    assert [first, second] == [line["update_id"] for line in phones.updates(state="forgotten")]


def test_an_offset_far_ahead_confirms_nothing(raw: RawApi, amina: Phone) -> None:
    found = ids(raw)

    assert found == ids(raw, offset=found[-1] + 1_000_000)


def test_a_long_poll_ends_when_something_arrives(raw: RawApi, phones: Phones, amina: Phone) -> None:
    after = ids(raw)[-1] + 1
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(updates, raw, offset=after, timeout=20)
        phones.wait_until(lambda: phones.updates(state="confirmed"))
        amina.type("here I am")

        assert [update["message"]["text"] for update in waiting.result(timeout=10)] == ["here I am"]


def test_a_second_poller_ends_the_first(simulator: RunningSimulator, raw: RawApi, phones: Phones, amina: Phone) -> None:
    after = ids(raw)[-1] + 1
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(raw.call, "getUpdates", offset=after, timeout=20)
        phones.wait_until(lambda: phones.updates(state="confirmed"))
        assert httpx.get(f"{simulator.url}/bot{simulator.token}/getUpdates", trust_env=False, verify=PLAIN_HTTP).json()[
            "ok"
        ]

        reply = first.result(timeout=10)

    assert reply.status_code == 409
    assert reply.json()["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


def test_who_hung_up_is_handed_nothing(simulator: RunningSimulator, raw: RawApi, phones: Phones, amina: Phone) -> None:
    after = ids(raw)[-1] + 1
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(
            f"{simulator.url}/bot{simulator.token}/getUpdates",
            params={"offset": after, "timeout": 30},
            timeout=0.2,
            trust_env=False,
            verify=PLAIN_HTTP,
        )
    amina.type("nobody listens")

    assert [line["handed_out"] for line in phones.updates(state="pending")] == [0]


def test_allowed_updates_stay_as_they_were_set(raw: RawApi, amina: Phone) -> None:
    raw.result("getUpdates", allowed_updates=["callback_query"])

    assert amina.type("not asked for") is None
    raw.result("getUpdates")
    assert amina.type("still not") is None
    raw.result("getUpdates", allowed_updates=[])
    assert amina.type("everything by default") is not None


def test_an_unknown_kind_of_update_cannot_be_asked_for(raw: RawApi) -> None:
    assert raw.refusal("getUpdates", allowed_updates=["mesage"])[0] == 400


def test_a_press_is_kept_for_150_seconds_and_a_text_for_a_day(raw: RawApi, phones: Phones, amina: Phone) -> None:
    raw.result("sendMessage", chat_id=amina.person_id, text="a", reply_markup=YES)
    amina.press("Yes")

    phones.advance(seconds=149)
    assert len(ids(raw)) == 2
    phones.advance(seconds=1)
    assert [next(reversed(update)) for update in updates(raw)] == ["message"]
    phones.advance(seconds=24 * 3600)
    assert ids(raw) == []
    assert {"expired"} == {line["state"] for line in phones.updates()}


def test_an_unparsable_update_is_queued_as_it_stands(raw: RawApi, phones: Phones, amina: Phone) -> None:
    poison = phones.inject({"callback_query": {"id": 7}})

    assert {"update_id": poison, "callback_query": {"id": 7}} == updates(raw)[-1]


def test_an_update_comes_again_under_its_own_id_whatever_the_offset(raw: RawApi, phones: Phones, amina: Phone) -> None:
    (first,) = ids(raw)
    ids(raw, offset=first + 1)
    phones.repeat(first)

    assert [first] == ids(raw, offset=first + 1)
    assert ids(raw, offset=first + 1) == []


def test_an_update_comes_again_under_a_new_id(raw: RawApi, phones: Phones, amina: Phone) -> None:
    (before,) = updates(raw)
    phones.repeat(before["update_id"], under_new_id=True)
    again = updates(raw)[-1]

    assert before["update_id"] < again["update_id"]
    assert before["message"] == again["message"]


def test_an_update_that_never_was_cannot_be_repeated(phones: Phones) -> None:
    with pytest.raises(NotAllowed, match="there was no update"):
        phones.repeat(1)


def test_dropping_pending_updates_is_visible_in_the_truth(raw: RawApi, phones: Phones, amina: Phone) -> None:
    raw.result("deleteWebhook", drop_pending_updates=True)

    assert [line["state"] for line in phones.updates()] == ["forgotten"]


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as simulator:
        amina = simulator.phones.person("Amina")
        amina.start("token")
        raw = RawApi(simulator)
        first = ids(raw)[0]
        raw.result("sendMessage", chat_id=amina.person_id, text="a", reply_markup=YES)
        raw.result("getUpdates", offset=first + 1, allowed_updates=["message"])
        amina.type("pending")
        raw.http.close()

    with running_simulator(tmp_path) as simulator:
        amina = simulator.phones.phone(amina.person_id)
        raw = RawApi(simulator)

        assert [first + 1] == ids(raw)
        assert amina.latest().labels == ["Yes"]
        amina.press("Yes")
        assert [first + 1] == ids(raw), "only messages were asked for"
        raw.http.close()


def test_a_killed_simulator_has_kept_what_it_accepted(tmp_path: Path) -> None:
    with simulator_process(tmp_path) as simulator:
        amina = simulator.phones.person("Amina")
        amina.start()
        raw = RawApi(simulator)
        raw.result("sendMessage", chat_id=amina.person_id, text="kept")
        raw.http.close()
        simulator.kill()

    with running_simulator(tmp_path) as simulator:
        assert [one.text for one in simulator.phones.phone(amina.person_id).messages()] == ["/start", "kept"]


def test_many_people_at_once_lose_nothing(raw: RawApi, phones: Phones) -> None:
    people = [phones.person(f"Person {n}") for n in range(8)]
    barrier = threading.Barrier(len(people))

    def talk(person: Phone) -> None:
        barrier.wait()
        person.start()
        for n in range(5):
            person.type(str(n))

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(talk, people))

    assert len(set(ids(raw))) == 8 * 6
