"""The service's demo as the simulator sees it: addresses that tell and move the time, and one that gives a link to the board."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "demo-control"
PATIENCE_S = 30


class DemoService:
    def __init__(self) -> None:
        self.moments = ["2027-04-11T23:30:00+00:00", "2027-04-12T23:30:00+00:00"]
        self.what = "417-003: liver MRI at 12 months"
        self.status = 200
        self.url = ""
        self.board: str | None = None  # where the link to the board leads; None: nobody can sign in yet
        self.meanwhile: Callable[[], object] = lambda: None  # what the service does before it has moved
        self._may_go_on = threading.Event()

    def hold(self) -> None:
        """A `meanwhile` that lasts until `go_on`."""
        self._may_go_on.wait(PATIENCE_S)

    def go_on(self) -> None:
        self._may_go_on.set()

    def answer(self) -> bytes:
        following = self.moments[1] if len(self.moments) > 1 else None
        return json.dumps({"now": self.moments[0], "next": following, "what": self.what}).encode()


@contextmanager
def demo_service(port: int = 0) -> Iterator[DemoService]:
    service = DemoService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            if self.path.endswith("/next") and len(service.moments) > 1:
                service.moments.pop(0)
            days = {"day": 1, "week": 7}.get(self.path.rpartition("/")[2], 0)
            service.moments[0] = (datetime.fromisoformat(service.moments[0]) + timedelta(days=days)).isoformat()
            service.meanwhile()
            self._answer()

        def _answer(self) -> None:
            is_allowed = self.headers["X-Sitebell-Demo"] == SECRET
            is_board = self.command == "POST" and self.path == "/demo/board-link"
            body = json.dumps({"url": service.board}).encode() if is_board else service.answer()
            self.send_response(service.status if is_allowed else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}/demo/clock"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
