"""The control port: one thread that hears clients, checks them, and hands their calls to the game.

The first frame of a client is `{"token": ...}`; each later one `{"id": 1, "call": "core.app.status", "with": {}}`.
The thread itself answers `control.status` and `control.stack`, so that they work while the game hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import secrets
import signal
import sys
import threading
import traceback
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from engine.control.desk import Desk, Request
from engine.control.frames import LENGTHS, FrameError, detached, lengths, pack, unpack
from engine.control.place import HAS_SOCKETS, Place
from engine.errors import HotloopError

if TYPE_CHECKING:
    from engine.app import App

PROTOCOL = 1
MOST_CLIENTS = 8
MOST_WAITING = 16
"""Calls of one client that may wait for their answer."""
CALLS_A_SECOND = 200
GREETING_SECONDS = 5.0
PARENT = "HOTLOOP_ENDS_WITH_PARENT"
"""The variable that makes a game end when the process that has started it is gone."""
PARENT_SECONDS = 1.0
HANGS_AFTER = 1.0
"""Seconds without a frame after which a game is said to hang."""


@dataclass(eq=False)
class Client:
    """One connection: what it has been allowed to say, and how many of its calls wait."""

    writer: asyncio.StreamWriter
    allowed: float = CALLS_A_SECOND
    at: float = field(default_factory=monotonic)
    waiting: int = 0

    def is_hasty(self) -> bool:
        """Count a call; tell whether it comes too soon after the others."""
        now = monotonic()
        self.allowed = min(CALLS_A_SECOND, self.allowed + (now - self.at) * CALLS_A_SECOND) - 1
        self.at = now
        return self.allowed < 0


class ControlPort:
    """Listens at a place for the process of `root`; `drain` is called by its loop, once a frame.

    `run` tells one run of the process from the next, also where that executes itself anew and keeps its number.
    """

    def __init__(self, place: Place, root: App) -> None:
        self._parent = os.getppid() if os.environ.get(PARENT) else None
        self.place, self.desk = place, Desk(root, place.folder)
        self.run = secrets.token_hex(8)
        self.drain, self.deliver, self.rest = self.desk.drain, self.desk.deliver, self.desk.rest
        self._clients: set[Client] = set()
        self._loop = asyncio.new_event_loop()
        self._listener = place.listening()
        self._main = threading.main_thread().ident
        self._stack_file = self._dump_stacks_on_signal()
        self._thread = threading.Thread(target=self._run, name="hotloop-control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end every connection."""
        if self._loop.is_closed():
            return
        self.desk.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)
        self._listener.close()
        self.place.forget()
        if self._stack_file is not None:
            faulthandler.unregister(signal.SIGUSR1)
            self._stack_file.close()

    def _dump_stacks_on_signal(self) -> Any:
        """Let SIGUSR1 write the stacks to a file, which works even in a call into C that holds the interpreter."""
        if not hasattr(faulthandler, "register"):
            return None
        handle = os.open(self.place.folder / "stack", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        file = os.fdopen(handle, "w")
        faulthandler.register(signal.SIGUSR1, file, all_threads=True)
        return file

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start: Any = asyncio.start_unix_server if HAS_SOCKETS else asyncio.start_server
        server = self._loop.run_until_complete(start(self._meet, sock=self._listener))
        try:
            if self._parent is not None:
                self._loop.call_later(PARENT_SECONDS, self._look_for_parent, self._parent)
            self._loop.run_forever()
        finally:
            server.close()
            for task in (tasks := asyncio.all_tasks(self._loop)):
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.close()

    def _look_for_parent(self, parent: int) -> None:
        """End the game once nobody is left who could: whoever started it has been killed."""
        if os.getppid() != parent:
            self.desk.app.request_quit()
        self._loop.call_later(PARENT_SECONDS, self._look_for_parent, parent)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        try:
            if len(self._clients) >= MOST_CLIENTS:
                raise FrameError("too many clients", remedy="close another one first")
            self._clients.add(client)
            await asyncio.wait_for(self._greet(reader, client), GREETING_SECONDS)
            while True:
                self._hear(client, await _read(reader))
                await writer.drain()
        except FrameError as error:
            _send(client, {"error": _said(error)})
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass  # it has gone, or the port closes
        finally:
            self._clients.discard(client)
            with contextlib.suppress(OSError):
                writer.close()

    async def _greet(self, reader: asyncio.StreamReader, client: Client) -> None:
        head = await _read(reader)
        if head.keys() != {"token"} or not self.place.opens(head["token"]):
            raise FrameError("this is not the token", remedy=f"send the text of {self.place.folder / 'token'}")
        game = {"pid": os.getpid(), "run": self.run, "game": self.desk.app.name}
        _send(client, {"protocol": PROTOCOL, **game, **self.desk.facts()})

    def _hear(self, client: Client, head: dict[str, Any]) -> None:
        number, message, arguments = _call_of(head)
        if client.is_hasty() or client.waiting >= MOST_WAITING:
            text = f"at most {CALLS_A_SECOND} calls a second, {MOST_WAITING} of them waiting"
            _send(client, {"id": number, "error": _said(HotloopError("too many calls", remedy=text))})
        elif message in ("control.status", "control.stack") and not arguments:
            told = self.status() if message == "control.status" else self.stack()
            _send(client, {"id": number, "result": told, **self.desk.facts()})
        else:
            client.waiting += 1
            self.desk.put(Request(number, message, arguments, self._answer_to(client), client.writer.is_closing))

    def _answer_to(self, client: Client) -> Any:
        def answer(head: dict[str, Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it the client
                self._loop.call_soon_threadsafe(send, head)

        def send(head: dict[str, Any]) -> None:
            client.waiting -= 1
            _send(client, head)

        return answer

    # ------------------------------------------------------------------ while the game hangs

    def status(self) -> dict[str, Any]:
        """Tell how the process is without asking its main thread."""
        app, silent = self.desk.app, monotonic() - self.desk.seen
        running = app.schedule.running
        return {
            "game": app.name,
            "pid": os.getpid(),
            "headless": app.headless,
            "silent_seconds": round(silent, 3),
            "hangs": silent > HANGS_AFTER,
            "running": running.name if running is not None else None,
            "working_on": self.desk.job[0].message if self.desk.job is not None else None,
            "broken": str(app.broken) if app.broken is not None else None,
        }

    def stack(self) -> list[str]:
        """Return the lines of the main thread's stack, innermost last."""
        frame = sys._current_frames().get(self._main or 0)
        return [line.rstrip("\n") for line in traceback.format_stack(frame)] if frame is not None else []


async def _read(reader: asyncio.StreamReader) -> dict[str, Any]:
    head, _ = lengths(await reader.readexactly(LENGTHS.size), 0)
    return unpack(await reader.readexactly(head))


def _call_of(head: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    """Return number, message and arguments of a call. Raises `FrameError` for what is none."""
    match head:
        case {"id": int(number), "call": str(message), "with": dict(arguments)} if len(head) == 3:
            if type(number) is int and 0 <= number < 2**53:
                return number, message, arguments
    raise FrameError("this is no call", remedy='send {"id": 1, "call": "core.app.status", "with": {}}')


def _send(client: Client, head: dict[str, Any]) -> None:
    if client.writer.is_closing():
        return
    try:
        frame = pack(head)
    except (TypeError, ValueError) as error:
        text = {"kind": type(error).__name__, "text": f"the answer is no data: {error}"}
        frame = pack({"id": head.get("id"), "error": text, **detached({"tick": head.get("tick")})})
    client.writer.write(frame)


def _said(error: HotloopError) -> dict[str, str]:
    return {"kind": type(error).__name__, "text": str(error)}
