"""The demo's phones: who has one, what stands in their chats from the year before, and who finds an invitation."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import httpx

from rehearsal.script import Place, Player
from trial.people import Role

_NOTES = {
    Role.MANAGER: "Trial manager",
    Role.INVESTIGATOR: "Investigator",
    Role.COORDINATOR: "Coordinator",
}


_PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The phones are on this machine and speak plain http: reading a machine's certificates takes longer than all calls."""


class PhonesNotThere(RuntimeError):
    """The phones did not answer in time; the demo's next start tries again."""


class DemoPhones:
    """The simulator's `/phone/api/`, as far as the demo needs it."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/phone/api"

    async def own(self, players: Sequence[Player], places: Mapping[str, Place]) -> None:
        """Gives everybody a phone; the simulator may still be starting."""
        for player in players:
            await self._call(
                "POST",
                "/people",
                {
                    "id": player.chat,
                    "first_name": player.name,
                    "language_code": player.language,
                    "time_zone": player.zone,
                    "place": _place(player, places),
                    "note": _NOTES[player.role],
                },
                patient=True,
            )

    async def tell_progress(self, day: date | None) -> None:
        """Which day of the past is being lived; None: it is done. Nothing hangs on it."""
        try:
            await self._call("POST", "/progress", {"day": None if day is None else day.isoformat()})
        except (PhonesNotThere, httpx.HTTPError):
            return

    async def hand_over(self, past: object) -> None:
        """The chats as they stand, all at once; doing it twice is doing it once."""
        await self._call("POST", "/past", past, patient=True)

    async def leave_invitation(self, player: Player, token: str) -> None:
        """Puts the one-time link where the person finds it, as a letter or an e-mail would."""
        await self._call("POST", f"/people/{player.chat}/invitation", {"payload": token})

    async def _call(self, method: str, path: str, body: object, *, patient: bool = False) -> Any:
        tries = 100 if patient else 1
        async with httpx.AsyncClient(timeout=30.0, trust_env=False, verify=_PLAIN_HTTP) as client:
            for _ in range(tries):
                try:
                    answer = await client.request(method, f"{self._address}{path}", json=body)
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                answer.raise_for_status()
                return answer.json()
        raise PhonesNotThere


def _place(player: Player, places: Mapping[str, Place]) -> str:
    place = places.get(player.place or "")
    return "Trial office" if place is None else f"{place.number} {place.name}"
