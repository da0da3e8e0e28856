"""A client of a control port, for scripts and for the MCP server: calls over the bus of a game in another process."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any, Self

from engine.control.frames import LENGTHS, MOST_BODY, lengths, pack, unpack
from engine.control.place import Place
from engine.errors import HotloopError


class RemoteError(HotloopError):
    """A call was answered with an error: `kind` names it, the text is that of the game's process."""

    kind: str = ""


class Unreachable(HotloopError):
    """Nothing listens, or the connection has ended; the next call connects anew."""


class Client:
    """A connection to the port in a folder, made when it is first needed and again once it has ended.

    `facts` is what the last answer carried besides its result: tick, epoch, paused.
    """

    def __init__(self, folder: Path, timeout: float = 10.0) -> None:
        self.folder, self.timeout = folder, timeout
        self.facts: dict[str, Any] = {}
        self.welcome: dict[str, Any] = {}
        self._socket: socket.socket | None = None
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def connect(self) -> None:
        """Connect and show the token, unless that is done. Raises `Unreachable`."""
        if self._socket is not None:
            return
        place = Place.find(self.folder)
        with self._reaching():
            self._socket = place.connect(self.timeout)
            self._socket.sendall(pack({"token": place.token}))
            self.welcome = self._read()
        if "error" in self.welcome:
            self.close()
            raise Unreachable(self.welcome["error"]["text"])

    def call(self, message: str, /, *, timeout: float | None = None, **arguments: Any) -> Any:
        """Call a handler and return what it answers; arrays come as arrays.

        Raises `RemoteError` for an error of the handler, `Unreachable` where the game ends or does not answer in time.
        """
        self.connect()
        assert self._socket is not None
        self._number += 1
        with self._reaching():
            self._socket.settimeout(self.timeout if timeout is None else timeout)
            self._socket.sendall(pack({"id": self._number, "call": message, "with": arguments}))
            head = self._read()
        if head.get("id") != self._number:
            self.close()
            raise Unreachable("the answer is to another question", why=str(head.get("error", ""))[:200])
        self.facts = {name: head.get(name) for name in ("tick", "epoch", "paused")}
        if "error" in head:
            raise RemoteError(head["error"]["text"], kind=head["error"]["kind"])
        return head.get("result")

    @contextlib.contextmanager
    def _reaching(self) -> Any:
        try:
            yield
        except (OSError, EOFError) as error:
            self.close()
            late = isinstance(error, TimeoutError)
            why = "it does not answer in time" if late else str(error) or type(error).__name__
            raise Unreachable("the game cannot be reached", why=why, late=late) from error

    def _read(self) -> dict[str, Any]:
        head, body = lengths(self._exactly(LENGTHS.size), MOST_BODY)
        return unpack(self._exactly(head), self._exactly(body))

    def _exactly(self, count: int) -> bytes:
        assert self._socket is not None
        parts = bytearray()
        while len(parts) < count:
            part = self._socket.recv(min(count - len(parts), 1 << 20))
            if not part:
                raise EOFError("the connection has ended")
            parts += part
        return bytes(parts)
