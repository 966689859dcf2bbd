"""People with phones, for tests: a small client of the simulator's `/phone/api/`.

    with running_simulator(tmp_path) as simulator:          # tests/simulators.py
        phones = simulator.phones
        amina = phones.person("Amina", language="ja", time_zone="Asia/Tokyo")
        amina.start("one-time-token")                       # opens https://t.me/<bot>?start=one-time-token
        card = amina.wait_for(lambda message: "site" in message.text)
        amina.press("Yes")                                  # newest message with buttons; or press(0), or message=card
        assert amina.toast().text == "Noted"
        amina.type("done yesterday", reply_to=card)
        assert amina.latest().labels == ["Undo"]

Nothing here sleeps: waiting is a long poll that ends when something changed. In an async test use
`await amina.expects(...)` and `await amina.expects_toast()` for what waits, so that the service under
test runs on meanwhile; everything else answers within a few milliseconds and may be called as it is.

`Phones` also orders faults, moves the simulator's ageing clock, injects raw updates and reads the ground
truth (every call that was accepted, every update made, handed out and confirmed).
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

T = TypeVar("T")
WAIT_S = 10.0
# Loopback speaks plain http: a context that trusts nobody spares loading every authority for each client.
PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class NotAllowed(AssertionError):
    """The simulator refused the action; the text is its reason."""


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    row: int
    column: int
    data: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message as the person sees it; `raw` is the simulator's whole JSON."""

    message_id: int
    chat_id: int
    from_bot: bool
    text: str
    buttons: list[Button]
    edited: bool
    deleted: bool
    unread: bool
    reply_to: int | None
    raw: dict[str, Any] = field(repr=False)

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    def button(self, wanted: str | int) -> Button:
        """By position, by label, or by a part of exactly one label."""
        if isinstance(wanted, int):
            return self.buttons[wanted]
        exact = [button for button in self.buttons if button.label == wanted]
        near = exact or [button for button in self.buttons if wanted in button.label]
        if len(near) != 1:
            raise LookupError(f"{len(near)} buttons match {wanted!r} among {self.labels}")
        return near[0]

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "ChatMessage":
        return cls(
            message_id=raw["message_id"],
            chat_id=raw["chat_id"],
            from_bot=raw["from_bot"],
            text=raw["text"] or "",
            buttons=[
                Button(button["text"], row, column, button.get("callback_data"), button.get("url"))
                for row, buttons in enumerate(raw["keyboard"])
                for column, button in enumerate(buttons)
            ],
            edited=raw["edited"],
            deleted=raw["deleted"],
            unread=raw["unread"],
            reply_to=raw["reply_to"],
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Toast:
    """What answerCallbackQuery showed: a passing line, or an alert to be closed."""

    text: str | None
    show_alert: bool
    url: str | None


class Phones:
    """Everybody's phones at one simulator."""

    def __init__(self, base_url: str) -> None:
        # The longest long poll is 60 s; no proxy stands between a test and loopback.
        self._http = httpx.Client(
            base_url=f"{base_url.rstrip('/')}/phone/api", timeout=70, trust_env=False, verify=PLAIN_HTTP
        )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(self, method: str, path: str, **given: Any) -> Any:
        """One request; raises NotAllowed with the reason when the simulator refuses."""
        response = self._http.request(method, path, **given)
        if response.is_error:
            raise NotAllowed(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    # People

    def person(
        self,
        first_name: str,
        *,
        language: str = "en",
        time_zone: str = "UTC",
        place: str = "",
        note: str = "",
        person_id: int | None = None,
    ) -> "Phone":
        """A new person, or with the id of an existing one that person, changed."""
        body = {
            "first_name": first_name,
            "language_code": language,
            "time_zone": time_zone,
            "place": place,
            "note": note,
            "id": person_id,
        }
        return Phone(self, self.call("POST", "/people", json=body)["id"])

    def phone(self, person_id: int) -> "Phone":
        self.call("GET", f"/people/{person_id}")
        return Phone(self, person_id)

    def people(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "/people"))

    # Faults, limits, time

    def fault(self, kind: str, method: str = "*", **more: Any) -> None:
        """Order a fault, see `simulator.faults.Fault`: phones.fault("cut_after", "sendMessage", count=2)."""
        self.call("POST", "/faults", json={"kind": kind, "method": method, **more})

    def clear_faults(self) -> None:
        self.call("DELETE", "/faults")

    def pending_faults(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "/faults"))

    def limits(self, **limits: Any) -> None:
        """Set sending limits, see `simulator.limits.Limits`: phones.limits(enabled=False)."""
        self.call("POST", "/limits", json=limits)

    def advance(self, *, seconds: float) -> None:
        """Age presses (kept 150 s) and messages (kept 24 h); the service's own clocks are untouched."""
        self.call("POST", "/clock", json={"advance": seconds})

    # Updates as they should not be

    def inject(self, update: dict[str, Any]) -> int:
        """Queue an update exactly as given; its update_id."""
        return int(self.call("POST", "/updates", json={"update": update})["update_id"])

    def repeat(self, update_id: int, *, under_new_id: bool = False) -> int:
        return int(self.call("POST", "/updates", json={"repeat": update_id, "under_new_id": under_new_id})["update_id"])

    # Ground truth

    def truth(self, after: int = 0) -> dict[str, Any]:
        """{"n", "journal": [...], "updates": [...], "presses": [...]}, the journal from line `after` on."""
        return dict(self.call("GET", "/truth", params={"after": after}))

    def accepted(self, *methods: str) -> list[dict[str, Any]]:
        """Journal lines of the calls that were carried out: accepted("sendMessage", "editMessageText")."""
        return [line for line in self.truth()["journal"] if line["what"] in methods]

    def updates(self, *, state: str | None = None) -> list[dict[str, Any]]:
        """Every update made; state is pending, confirmed, expired or forgotten."""
        return [line for line in self.truth()["updates"] if state is None or line["state"] == state]

    def wait_until(self, condition: Callable[[], T | None], *, timeout_s: float = WAIT_S) -> T:
        """Ask again after every change until the condition gives something true; that is returned.

        Raises TimeoutError.
        """
        ends_at = time.monotonic() + timeout_s
        n = int(self.call("GET", "/wait", params={"timeout": 0})["n"])
        while True:
            if found := condition():
                return found
            left_s = ends_at - time.monotonic()
            if left_s <= 0:
                raise TimeoutError(f"nothing of the kind within {timeout_s} s")
            n = int(self.call("GET", "/wait", params={"after": n, "timeout": min(left_s, WAIT_S)})["n"])


class Phone:
    """One person's phone; the private chat with the bot unless a group's id is given."""

    def __init__(self, phones: Phones, person_id: int) -> None:
        self.phones = phones
        self.person_id = person_id
        self._last_press: str | None = None

    def _act(self, action: str, **body: Any) -> dict[str, Any]:
        return dict(self.phones.call("POST", f"/people/{self.person_id}/{action}", json=body))

    # Doing; an update_id of None means that the bot does not get to see it

    def start(self, payload: str = "") -> int | None:
        """Press START, as after opening https://t.me/<bot>?start=payload; the update's id."""
        return _update_id(self._act("start", payload=payload))

    def receive_invitation(self, payload: str) -> None:
        """A link with this payload reaches the person, as by a letter; it waits until START opens it."""
        self._act("invitation", payload=payload)

    def type(self, text: str, *, reply_to: "ChatMessage | int | None" = None, chat: int | None = None) -> int | None:
        return _update_id(self._act("type", text=text, reply_to=_message_id(reply_to), chat=chat))

    def press(
        self,
        button: str | int = 0,
        message: "ChatMessage | int | None" = None,
        *,
        data: str | None = None,
        chat: int | None = None,
    ) -> str:
        """Press a button by label, part of a label, or position; the callback query's id.

        Without a message the newest one with buttons is meant. With `data`, that data is sent whatever the
        message shows: so are stale and foreign presses made.
        """
        if data is not None:
            where = message if message is not None else self.latest(chat=chat)
            pressed = self._act("press", message_id=_message_id(where), data=data, chat=chat)
        else:
            shown = self._with_buttons(message, chat)
            wanted = shown.button(button)
            pressed = self._act("press", message_id=shown.message_id, row=wanted.row, column=wanted.column, chat=chat)
        self._last_press = str(pressed["callback_query_id"])
        return self._last_press

    def _with_buttons(self, message: "ChatMessage | int | None", chat: int | None) -> "ChatMessage":
        shown = [one for one in self.messages(chat=chat) if one.buttons]
        if message is not None:
            shown = [one for one in shown if one.message_id == _message_id(message)]
        if not shown:
            raise LookupError("there is no message with buttons")
        return shown[-1]

    def send_media(self, kind: str, *, caption: str | None = None, chat: int | None = None) -> int | None:
        """kind: photo, document, voice, sticker, contact or location."""
        return _update_id(self._act("media", kind=kind, caption=caption, chat=chat))

    def edit(self, message: "ChatMessage | int", text: str) -> int | None:
        return _update_id(self._act("edit", message_id=_message_id(message), text=text))

    def delete(self, message: "ChatMessage | int") -> None:
        self._act("delete", message_id=_message_id(message))

    def forward(self, message: "ChatMessage | int", to: "Phone | int", *, with_buttons: bool = False) -> int:
        """Forward to a person's chat with the bot or to a group; the copy's message id there."""
        to_chat = to.person_id if isinstance(to, Phone) else to
        sent = self._act("forward", message_id=_message_id(message), to_chat=to_chat, with_buttons=with_buttons)
        return int(sent["message_id"])

    def create_group(self, title: str, *members: "Phone", bot_sees_all: bool = False) -> int:
        """A group with the bot in it; its chat id."""
        ids = [member.person_id for member in members]
        return int(self._act("group", title=title, members=ids, bot_sees_all=bot_sees_all)["id"])

    def block(self) -> None:
        self._act("block")

    def unblock(self) -> None:
        self._act("unblock")

    def deactivate(self) -> None:
        self._act("deactivate")

    def read(self, message: "ChatMessage") -> None:
        self._act("read", message_id=message.message_id, chat=message.chat_id)

    # Seeing

    def messages(self, *, chat: int | None = None) -> list[ChatMessage]:
        """The chat's newest 200 messages, oldest first, without deleted ones."""
        params = {} if chat is None else {"chat": chat}
        shown = self.phones.call("GET", f"/people/{self.person_id}/messages", params=params)
        return [ChatMessage.from_json(raw) for raw in shown if not raw["deleted"]]

    def latest(self, *, chat: int | None = None) -> ChatMessage:
        """The bot's newest message. Raises LookupError when there is none."""
        from_bot = [message for message in self.messages(chat=chat) if message.from_bot]
        if not from_bot:
            raise LookupError("the bot has not written yet")
        return from_bot[-1]

    def wait_for(
        self,
        predicate: Callable[[ChatMessage], bool],
        *,
        timeout_s: float = WAIT_S,
        chat: int | None = None,
    ) -> ChatMessage:
        """The bot's newest message that fits, as soon as there is one. Raises TimeoutError with the chat so far."""

        def found() -> ChatMessage | None:
            fitting = [one for one in self.messages(chat=chat) if one.from_bot and predicate(one)]
            return fitting[-1] if fitting else None

        try:
            return self.phones.wait_until(found, timeout_s=timeout_s)
        except TimeoutError:
            shown = "\n".join(f"  {one.text!r} {one.labels}" for one in self.messages(chat=chat))
            raise TimeoutError(f"no such message within {timeout_s} s; the chat shows:\n{shown}") from None

    def toast(self, *, timeout_s: float = WAIT_S) -> Toast:
        """What the newest press was answered with. Raises TimeoutError when it was not answered."""
        if self._last_press is None:
            raise LookupError("nothing was pressed yet")
        answer = self.phones.call("GET", f"/presses/{self._last_press}", params={"timeout": timeout_s})
        if not answer["answered"]:
            raise TimeoutError(f"the press was not answered within {timeout_s} s")
        return Toast(answer["text"], answer["show_alert"], answer["url"])

    def menu(self) -> dict[str, str]:
        """The commands that the phone offers in the private chat, each with what it does, in their order."""
        (about,) = [one for one in self.phones.people() if one["id"] == self.person_id]
        asked = {"person": self.person_id, "language": about["language_code"]}
        shown = self.phones.call("GET", "/bot", params=asked)["commands"]
        return {one["command"]: one["description"] for one in shown}

    # Waiting in an async test

    async def expects(
        self,
        predicate: Callable[[ChatMessage], bool],
        *,
        timeout_s: float = WAIT_S,
        chat: int | None = None,
    ) -> ChatMessage:
        return await asyncio.to_thread(self.wait_for, predicate, timeout_s=timeout_s, chat=chat)

    async def expects_toast(self, *, timeout_s: float = WAIT_S) -> Toast:
        return await asyncio.to_thread(self.toast, timeout_s=timeout_s)

    async def expects_menu(
        self, fits: Callable[[dict[str, str]], bool], *, timeout_s: float = WAIT_S
    ) -> dict[str, str]:
        """The menu, as soon as it fits. Raises TimeoutError."""

        def found() -> dict[str, str] | None:
            offered = self.menu()
            return offered if fits(offered) else None

        return await asyncio.to_thread(self.phones.wait_until, found, timeout_s=timeout_s)


def _message_id(message: ChatMessage | int | None) -> int | None:
    return message.message_id if isinstance(message, ChatMessage) else message


def _update_id(sent: dict[str, Any]) -> int | None:
    update_id = sent["update_id"]
    return None if update_id is None else int(update_id)
