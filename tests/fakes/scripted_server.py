"""A server on loopback: each connection gets the next of its answers, then the last for ever."""

import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

type Answer = bytes | Callable[[socket.socket], None]

_PATIENCE = 5.0


def answer(status: int = 200, body: object = None, headers: str = "", cut: int = 0) -> bytes:
    """Return a JSON answer as it goes over the wire, without its last `cut` bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nConnection: close\r\n{headers}"
    )
    whole = head.encode() + b"\r\n" + content
    return whole[: len(whole) - cut]


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class ScriptedServer:
    port: int
    requests: list[str] = field(default_factory=list)

    def header(self, name: str) -> list[str | None]:
        """Return that header of each request."""
        return [
            next(
                (line.split(": ", 1)[1] for line in request.split("\r\n") if _is(line, name)), None
            )
            for request in self.requests
        ]


@contextmanager
def serving(*answers: Answer, context: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = ScriptedServer(listening.getsockname()[1])
        thread = Thread(target=_serve, args=(listening, answers, server, context), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(_PATIENCE)


def _serve(
    listening: socket.socket,
    answers: tuple[Answer, ...],
    server: ScriptedServer,
    context: ssl.SSLContext | None,
) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.settimeout(_PATIENCE)
        with suppress(OSError), connection:
            speaking = context.wrap_socket(connection, server_side=True) if context else connection
            with speaking:
                request = _read(speaking)
                if not request:
                    continue
                server.requests.append(request)
                reply = answers[min(len(server.requests), len(answers)) - 1]
                if isinstance(reply, bytes):
                    speaking.sendall(reply)
                else:
                    reply(speaking)


def _read(connection: socket.socket) -> str:
    request = b""
    while b"\r\n\r\n" not in request:
        more = connection.recv(65536)
        if not more:
            return ""
        request += more
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return (head + b"\r\n\r\n" + body).decode()


def _is(line: str, name: str) -> bool:
    return line.lower().startswith(f"{name.lower()}: ")
