"""`python -m simulator`: the Bot API and the phones on localhost."""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from simulator.database import UnusableFile
from simulator.demo_clock import DemoClock
from simulator.serving import SimulatorServer, base_url, listening_socket
from simulator.world import DEMO_NAME, DEMO_TOKEN, DEMO_USERNAME, BotAccount


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one (default: 8081)")
    parser.add_argument("--file", type=Path, required=True, help="where people, chats and updates are kept")
    parser.add_argument("--clock-url", help="the service's demo clock, on this machine")
    parser.add_argument("--token", default=DEMO_TOKEN, help="the bot's token (default: one that is worth nothing)")
    parser.add_argument("--bot-username", default=DEMO_USERNAME)
    parser.add_argument("--bot-name", default=DEMO_NAME)
    chosen = parser.parse_args(arguments)
    try:
        bot = BotAccount(chosen.token, chosen.bot_username, chosen.bot_name)
        demo = DemoClock(chosen.clock_url, os.environ.get("SITEBELL_DEMO_CONTROL", ""))
        listening = listening_socket(chosen.host, chosen.port)
        server = SimulatorServer(chosen.file, bot, demo)
    except (ValueError, OSError, UnusableFile) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    sys.stdout.write(f"phone: {base_url(listening)}/\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
