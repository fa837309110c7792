"""A real listener that counts who came."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field


@dataclass
class Listener:
    """Accepts and hangs up at once; ``calls`` counts the connections."""

    host: str
    port: int
    path: str = ""
    calls: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return self.path or f"{self.host}:{self.port}"


@contextmanager
def listening(path: str = "") -> Iterator[Listener]:
    """Listen on a free loopback port, or on a unix socket."""
    with closing(socket.socket(socket.AF_UNIX if path else socket.AF_INET)) as server:
        server.bind(path or ("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.02)
        listener = Listener(*(("", 0) if path else server.getsockname()), path)
        thread = threading.Thread(target=_answer, args=(server, listener))
        thread.start()
        try:
            yield listener
        finally:
            listener.ended.set()
            thread.join()


def _answer(server: socket.socket, listener: Listener) -> None:
    while not listener.ended.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        listener.calls += 1
        connection.close()
