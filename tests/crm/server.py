"""An HTTP server on loopback for a vendor's fake: one request at a time, a log, faults on order."""

import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.crm.faults import Fault, Faults


@dataclass(slots=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    # What was answered; None if the connection was reset.
    status: int | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def param(self, name: str) -> str | None:
        return dict(self.params).get(name)


@dataclass(slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """Serves `answer` while it is entered; answers run one after the other."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.faults = Faults()
        self.requests: list[Request] = []
        # Mistakes of the fake; the first fails the test when the server ends.
        self.mistakes: list[Exception] = []
        self._answer = answer
        self._lock = Lock()
        self._server = _Server(self)
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        if self.mistakes:
            raise self.mistakes[0]

    def respond(self, request: Request) -> tuple[Reply | None, Fault]:
        """The answer, or None for a reset."""
        with self._lock:
            self.requests.append(request)
            fault = self.faults.take(request.path) or Fault()
        if fault.delay_seconds:
            time.sleep(fault.delay_seconds)
        with self._lock:
            if fault.do:
                fault.do()
            if fault.reset:
                return None, fault
            if fault.status is not None:
                reply = Reply(fault.status, fault.body, dict(fault.headers))
            else:
                reply = self._answered(request)
            if fault.lost:
                return None, fault
            request.status = reply.status
            return reply, fault

    def _answered(self, request: Request) -> Reply:
        try:
            return self._answer(request)
        except Exception as error:
            self.mistakes.append(error)
            return Reply(500, repr(error).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, fake: FakeServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake
        self.open: set[socket.socket] = set()

    def hang_up(self) -> None:
        """Ends what clients kept alive, so that their threads end."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no error of the fake."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        cast(_Server, self.server).open.add(self.connection)

    def finish(self) -> None:
        cast(_Server, self.server).open.discard(self.connection)
        super().finish()

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        reply, fault = cast(_Server, self.server).fake.respond(request)
        if reply is None:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
            return
        half = reply.body[: len(reply.body) // 2]
        body = half if fault.cut else reply.body
        promised = reply.body if fault.cut and not fault.cut_honest else body
        if "Date" in reply.headers:
            self.send_response_only(reply.status)
        else:
            self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(promised)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if promised is not body:
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _respond

    def log_message(self, format: str, *args: object) -> None:
        """The log of requests is kept, not printed."""
