"""Games that run in processes of their own with their control port open, and clients of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from support import LAUNCHER, bare_environment

from engine.control.client import Client, Unreachable
from engine.errors import GameError

SECONDS = 60.0


@dataclass
class Game:
    """A running game: its folder, the port's folder, its process, and a client."""

    folder: Path
    place: Path
    process: subprocess.Popen[bytes]
    client: Client

    def said(self) -> str:
        """Return what the process has written to its standard error."""
        return (self.place / "said").read_text("utf-8", "replace")


def connected(place: Path, process: subprocess.Popen[bytes] | None = None) -> Client:
    """Return a client as soon as the port opens."""
    client, end = Client(place), time.monotonic() + SECONDS
    while True:
        try:
            client.connect()
            return client
        except (Unreachable, GameError):
            if time.monotonic() > end or (process is not None and process.poll() is not None):
                raise
            time.sleep(0.02)


def start(folder: Path, place: Path, *more: str) -> Game:
    """Start a game, paused at its first tick, and connect to it."""
    command = [sys.executable, str(LAUNCHER), "run", str(folder), "--headless", "--realtime", "--control", str(place)]
    place.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(place / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    process = subprocess.Popen([*command, *more], env=bare_environment(), stdout=subprocess.DEVNULL, stderr=handle)
    os.close(handle)
    return Game(folder, place, process, connected(place, process))


def stop(game: Game) -> None:
    """End a game, however it is."""
    game.client.close()
    if game.process.poll() is None:
        game.process.send_signal(signal.SIGTERM if sys.platform != "win32" else signal.CTRL_BREAK_EVENT)
        try:
            game.process.wait(10)
        except subprocess.TimeoutExpired:
            game.process.kill()
            game.process.wait()
