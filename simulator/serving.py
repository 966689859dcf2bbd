"""The server: one socket on this machine, one event loop, connections that can be cut on order."""

import socket
from asyncio import BaseTransport, Transport
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.application import create_application
from simulator.demo_clock import DemoClock, is_loopback
from simulator.limits import Limits
from simulator.world import BotAccount, World


class NotLoopback(ValueError):
    """The simulator listens on this machine's own addresses and on nothing else."""


class CuttableProtocol(H11Protocol):
    """HTTP that hands every request the way to cut its connection, as `request.state.cut`."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type] # uvicorn narrows what asyncio declares
        if isinstance(transport, Transport):
            self.app_state = {**self.app_state, "cut": transport.abort}


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one.

    Raises:
        NotLoopback: the host is, or may be, reachable from elsewhere.
        OSError: the port is taken.
    """
    if not is_loopback(host):
        raise NotLoopback(f"{host} is not a loopback address; the simulator listens on this machine only")
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    if not is_loopback(str(address[0])):
        raise NotLoopback(f"{host} does not lead to a loopback address")
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # From here on a client may connect; it is answered once the server runs.
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise OSError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    return listening


def base_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class SimulatorServer(uvicorn.Server):
    """Serves until told to stop; then lets waiting requests go first."""

    def __init__(
        self,
        file: Path,
        bot: BotAccount,
        demo: DemoClock,
        *,
        limits: Limits | None = None,
    ) -> None:
        """Raises UnusableFile when the file is not a simulator's."""
        self.world = World(file, bot, limits=limits)
        # No access log: the bot's token is part of every address.
        super().__init__(
            uvicorn.Config(
                create_application(self.world, demo),
                http=CuttableProtocol,
                ws="none",
                lifespan="off",
                access_log=False,
                log_level="warning",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.world.changes.close()
        await super().shutdown(sockets)
        self.world.close()
