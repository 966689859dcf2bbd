"""The demo's people and their phones: what a person would do by hand, done over the phones' own interface."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from trial.people import Role

WAIT_S = 20.0
QUESTIONS = 2  # are you this person, and the test task


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody with a phone. `site` None: the trial office."""

    id: int
    name: str
    language: str
    zone: str
    note: str
    site: str | None
    role: Role


class PhonesNotThere(RuntimeError):
    """The phones did not answer in time; the demo's next start tries again."""


class DemoPhones:
    """The simulator's `/phone/api/`, as far as the demo needs it."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/phone/api"

    async def own(self, owners: Sequence[Owner]) -> None:
        """Gives everybody a phone; the simulator may still be starting."""
        for owner in owners:
            await self._call(
                "POST",
                "/people",
                {
                    "id": owner.id,
                    "first_name": owner.name,
                    "language_code": owner.language,
                    "time_zone": owner.zone,
                    "note": owner.note,
                },
                patient=True,
            )

    async def leave_invitation(self, owner: Owner, token: str) -> None:
        """Puts the one-time link where the person finds it, as a letter or an e-mail would."""
        await self._call("POST", f"/people/{owner.id}/invitation", {"payload": token})

    async def join(self, owner: Owner, token: str) -> None:
        """Start, yes, got it: the three taps.

        Questions of an earlier life, whose invitation this one replaced, still stand in the chat and lead nowhere.
        """
        before = max((one["message_id"] for one in await self._messages(owner)), default=0)
        await self._call("POST", f"/people/{owner.id}/start", {"payload": token})
        pressed: list[tuple[int, object]] = []
        async with asyncio.timeout(WAIT_S):
            while True:
                keyboards = await self._keyboards(owner, after=before)
                if sum(keyboards.get(message_id) != keyboard for message_id, keyboard in pressed) == QUESTIONS:
                    return
                # An earlier life's question may come after this one's: each is pressed once, and one of them leads on.
                asked = [one for one in keyboards.items() if one[1] and one not in pressed]
                for message_id, keyboard in asked:
                    await self._call(
                        "POST", f"/people/{owner.id}/press", {"message_id": message_id, "row": 0, "column": 0}
                    )
                    pressed.append((message_id, keyboard))
                if not asked:
                    await self._something_new()

    async def _keyboards(self, owner: Owner, *, after: int) -> dict[int, object]:
        """The buttons of each of our messages that came after that one."""
        messages = await self._messages(owner)
        return {one["message_id"]: one["keyboard"] for one in messages if one["from_bot"] and one["message_id"] > after}

    async def _messages(self, owner: Owner) -> list[dict[str, Any]]:
        found = await self._call("GET", f"/people/{owner.id}/messages", None)
        return list(found["messages"] if isinstance(found, dict) else found)

    async def _something_new(self) -> None:
        state = await self._call("GET", "/wait?after=0&timeout=0", None)
        await self._call("GET", f"/wait?after={state['n']}&timeout=2", None)

    async def _call(self, method: str, path: str, body: object, *, patient: bool = False) -> Any:
        tries = 100 if patient else 1
        async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
            for _ in range(tries):
                try:
                    answer = await client.request(method, f"{self._address}{path}", json=body)
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                answer.raise_for_status()
                return answer.json()
        raise PhonesNotThere
