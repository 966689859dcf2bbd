"""Somebody with a phone in a running trial (`tests/trials.py`): what they do returns when it was handled and answered."""

from typing import TYPE_CHECKING

from tests.phones import ChatMessage, Phone

if TYPE_CHECKING:
    from tests.trials import Trial


class Person(Phone):
    """Somebody with a phone, in a trial: what they do returns when it was handled and answered."""

    def __init__(self, phone: Phone, trial: "Trial", name: str, zone: str) -> None:
        super().__init__(phone.phones, phone.person_id)
        self.trial = trial
        self.name = name
        self.zone = zone
        self._pressed: int | None = None
        self._seen: dict[int, tuple[str, tuple[str, ...]]] = {}

    # --- doing --------------------------------------------------------------------------------------------------------

    async def opens(self, token: str) -> None:
        """Open an invitation's link."""
        await self._does(self.start(token), "opens a link")

    async def taps(
        self, button: str | int, message: ChatMessage | int | None = None, *, data: str | None = None
    ) -> str:
        """Press a button; the short line that answers the press.

        Without a message: on the one that was pressed last since time moved, else on the newest that shows buttons.
        """
        at = self.latest() if data is not None and message is None else self._meant(message)
        shown = "(an old button)" if data is not None else at.button(button).label
        self._pressed = at.message_id
        self.press(button, at, data=data)
        toast = (await self.expects_toast()).text or ""
        self.trial.note(f"{self.name} presses [{shown}]" + (f"  (line: {toast})" if toast else ""))
        await self.trial.settled()
        return toast

    def _meant(self, message: ChatMessage | int | None) -> ChatMessage:
        if message is None and self._pressed in {one.message_id for one in self.shown() if one.buttons}:
            return self._with_buttons(self._pressed, None)
        return message if isinstance(message, ChatMessage) else self._with_buttons(message, None)

    def looks_up(self) -> None:
        """What was pressed last is no longer what is meant."""
        self._pressed = None

    async def says(self, text: str, *, reply_to: ChatMessage | int | None = None) -> None:
        if text.startswith("/"):
            # Whoever asks for something goes on with what comes.
            self.looks_up()
        await self._does(self.type(text, reply_to=reply_to), f"writes: {text[:60]}")

    async def sends(self, kind: str, *, caption: str | None = None) -> None:
        await self._does(self.send_media(kind, caption=caption), f"sends a {kind}")

    async def changes(self, message: ChatMessage | int, text: str) -> None:
        """Edit a message of their own."""
        await self._does(self.edit(message, text), f"edits: {text[:60]}")

    async def _does(self, update_id: int | None, what: str) -> None:
        self.trial.note(f"{self.name} {what}")
        if update_id is not None:
            await self.trial.taken_in(update_id)
        await self.trial.settled()

    # --- seeing -------------------------------------------------------------------------------------------------------

    def card(self, code: str, *words: str) -> ChatMessage:
        """The newest message about this patient that shows buttons, else the newest one. Raises LookupError."""
        about = [one for one in self.shown() if code in one.text and all(word in one.text for word in words)]
        if not about:
            raise LookupError(f"no card says {code} {words}; the chat shows:\n{self.chat()}")
        return ([one for one in about if one.buttons] or about)[-1]

    def reads(self, *words: str) -> ChatMessage:
        """The newest message of the bot that has all these words. Raises LookupError with the whole chat."""
        found = [one for one in self.shown() if all(word in one.text for word in words)]
        if not found:
            raise LookupError(f"nothing says {words}; the chat shows:\n{self.chat()}")
        return found[-1]

    def shown(self) -> list[ChatMessage]:
        """What the bot wrote and still stands in the private chat, oldest first."""
        return [one for one in self.messages() if one.from_bot]

    def news(self) -> list[ChatMessage]:
        """Messages of the bot that came or changed since this was asked last."""
        new = []
        for one in self.shown():
            now = (one.text, tuple(one.labels))
            if self._seen.get(one.message_id) != now:
                new.append(one)
                self._seen[one.message_id] = now
        return new

    def chat(self) -> str:
        return "\n".join(
            f"{'bot' if one.from_bot else 'own'} {one.message_id}: {one.text!r} {one.labels}" for one in self.messages()
        )
