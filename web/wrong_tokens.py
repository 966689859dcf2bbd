"""How often an address may do something, such as come with a link that opens nothing.

Guessing 192 bits is hopeless; this keeps it quiet, too.
"""

from collections import OrderedDict, deque
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from trial.moments import Instant

MOST = 20
WITHIN = timedelta(minutes=10)
ADDRESSES = 1024
"""Remembered at once; the one that was quiet longest is forgotten first."""


class WrongTokens:
    """Counts for each address, in memory: a restart forgets them, and a link does not outlive it by much."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: OrderedDict[str, deque[Instant]] = OrderedDict()

    def too_many(self, host: str, *, elapsed: Instant) -> bool:
        seen = self._seen.get(_network(host))
        if seen is None:
            return False
        while seen and elapsed - seen[0] >= WITHIN:
            seen.popleft()
        return len(seen) >= self._most

    def count(self, host: str, *, elapsed: Instant) -> None:
        network = _network(host)
        seen = self._seen.setdefault(network, deque(maxlen=self._most))
        seen.append(elapsed)
        self._seen.move_to_end(network)
        if len(self._seen) > ADDRESSES:
            self._seen.popitem(last=False)


def _network(host: str) -> str:
    """One address of the old kind, a household's whole network of the new one."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return address.exploded[:19]  # 64 bits
    return str(address)
