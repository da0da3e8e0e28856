"""The game of a session: a process that is started, spoken to by its control port, and started again if it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.control.client import Client, Unreachable
from engine.control.place import Place
from engine.control.port import PARENT
from engine.errors import GameError, HotloopError
from engine.mcp.texts import tame

START_SECONDS = 60.0
AGAIN_SECONDS = 20.0
"""How long a process that executes itself anew may take to open its port again."""
CALL_SECONDS = 120.0
EMERGENCY_SECONDS = 0.15
"""How long `status` waits for a process before it looks from outside what that is doing."""
LINES_KEPT = 500
LOOKS = frozenset(
    [
        *("control.save", "control.errors", "control.hash", "control.query", "control.schema", "control.modules"),
        *("control.files", "control.read", "control.picture", "control.check", "control.several", "control.costs"),
        "control.pace",
        *("core.app.status", "core.app.verdicts", "core.modules.list", "time.status"),
    ]
)
"""Messages that change nothing, so that they may be asked twice."""
LAST = "last"
"""Name of the state that a game is started from again."""


class GameEnded(HotloopError):
    """The game's process ended before it answered; it has been started again where that was possible."""


def command_line() -> list[str]:
    """Return what starts the command line of this very engine in another process, in whatever folder that runs."""
    launcher = Path(__file__).resolve().parents[2] / "run_game.py"
    return [sys.executable, str(launcher)] if launcher.is_file() else [sys.executable, "-m", "engine.cli"]


class Game:
    """The process of one game, in a private folder of its own.

    `happened` collects what the person at the other end has to know: that the process ended, was started again, or
    went on by executing itself anew. `output` holds its latest lines.
    """

    def __init__(
        self, game: str, *, headless: bool, arguments: Sequence[str] = (), launcher: Sequence[str] | None = None
    ) -> None:
        self.name, self.headless, self.arguments = game, headless, list(arguments)
        self.launcher = list(launcher or command_line())
        self.folder = Path(tempfile.mkdtemp(prefix="hotloop-"))
        self.place = Place.make(self.folder)
        self.client = Client(self.folder, CALL_SECONDS)
        self.process: subprocess.Popen[bytes] | None = None
        self.output: deque[str] = deque(maxlen=LINES_KEPT)
        self.lines = 0
        self.happened: list[str] = []
        self.starts = 0
        self.has_state = False
        self.wanted = True
        self._run = ""

    @property
    def runs(self) -> bool:
        """Tell whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return self.process.pid if self.process is not None else None

    # ------------------------------------------------------------------ start and end

    def start(self) -> None:
        """Start the process, paused, with the state it had last. Raises `GameError` with what it said if it ends."""
        self.client.close()
        with contextlib.suppress(OSError):
            (self.folder / "socket").unlink()
        display = ["--headless", "--realtime"] if self.headless else []
        command = [*self.launcher, "run", self.name, "--control", str(self.folder), "--paused"]
        self.process = subprocess.Popen(
            [*command, *display, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, PARENT: "1", "PYTHONUNBUFFERED": "1"},
            start_new_session=sys.platform != "win32",
        )
        self.starts += 1
        threading.Thread(target=self._listen, args=(self.process,), name="game-output", daemon=True).start()
        self._reach(START_SECONDS)
        self._run = self.client.welcome["run"]
        if self.has_state:
            self.client.call("control.load", name=LAST)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(tame(line.decode("utf-8", "replace").rstrip("\n")))
            self.lines += 1

    def _reach(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                self.client.connect()
                return
            except (Unreachable, GameError) as error:
                if not self.runs:
                    raise self._did_not_start() from error
                if time.monotonic() > end:
                    raise GameError(f"{self.name} opens no port", why=str(error), remedy="restart it") from error
                time.sleep(0.02)

    def _did_not_start(self) -> GameError:
        assert self.process is not None
        time.sleep(0.05)  # its last lines are on their way
        said = "\n".join(list(self.output)[-20:])
        return GameError(
            f"{self.name} does not start",
            why=f"its process {self.how_it_ended}; it said:\n{said}",
            remedy="mend what it says; the next call tries again",
        )

    @property
    def how_it_ended(self) -> str:
        """Say how the process ended."""
        status = self.process.poll() if self.process is not None else None
        if status is None:
            return "runs"
        if status < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-status).name}"
        return f"ended with exit status {status}"

    def stop(self, seconds: float = 5.0) -> None:
        """End the process: ask it to, and if it does not, make it."""
        self.client.close()
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        """End the process and start it again in the state it had last."""
        self.stop()
        self.start()

    def ensure(self) -> None:
        """See that the process runs and can be reached; tell in `happened` what had to be done."""
        if not self.wanted:
            raise GameError(f"{self.name} has been stopped", remedy="call game with start")
        if self.process is None:
            self.start()
        elif not self.runs:
            how = self.how_it_ended
            self.start()
            tick = self.client.welcome.get("tick", 0) if not self.has_state else self.client.facts.get("tick")
            self.happened.append(f"the game's process {how}; it was started again, paused, at tick {tick}")
        else:
            try:
                self.client.connect()
            except Unreachable:
                self._reach(AGAIN_SECONDS)
            run = self.client.welcome["run"]
            if run != self._run:
                self.happened.append("the process has executed itself anew, and the game goes on")
            self._run = run

    # ------------------------------------------------------------------ calls

    def call(self, message: str, /, *, timeout: float = CALL_SECONDS, **arguments: Any) -> Any:
        """Call a handler of the game. Raises what `Client.call` does, and `GameEnded` if the process ends meanwhile.

        What only looks is asked once more then.
        """
        self.ensure()
        try:
            return self.client.call(message, timeout=timeout, **arguments)
        except Unreachable as error:
            if error.__dict__.get("late"):
                raise GameError(
                    "the game does not answer", why=f"it works on {message}", remedy="see status for its stack"
                ) from error
            ended = self._ended(error)
            if message not in LOOKS:
                raise ended from error
        return self.client.call(message, timeout=timeout, **arguments)

    def _ended(self, error: Unreachable) -> HotloopError:
        """Return what to raise when a connection ends: the process has, or executes itself anew."""
        end = time.monotonic() + 1.0
        while self.runs and time.monotonic() < end:
            with contextlib.suppress(HotloopError):
                self.client.connect()
                return GameEnded(
                    "the connection ended before the answer", why=str(error), remedy="look, then try again"
                )
            time.sleep(0.02)
        how = self.how_it_ended
        self.ensure()
        return GameEnded(f"the game's process {how} before it answered", remedy="look at `events`, then try again")

    def keep(self) -> None:
        """Save the state that the game is to be started from again."""
        self.client.call("control.save", name=LAST)
        self.has_state = True

    def emergency(self, message: str) -> Any:
        """Ask the thread of the port itself, over a connection of its own, as it works while the game hangs."""
        with Client(self.folder, EMERGENCY_SECONDS) as client:
            return client.call(message)

    def dumped_stack(self) -> list[str]:
        """Let a process that does not answer at all write down its stacks; return the lines."""
        file = self.folder / "stack"
        if not self.runs or not hasattr(signal, "SIGUSR1") or not file.is_file():
            return []
        assert self.process is not None
        before = file.stat().st_size
        os.kill(self.process.pid, signal.SIGUSR1)
        end, lines = time.monotonic() + 1.0, [""]
        while not any(line.startswith("  File") for line in lines) and time.monotonic() < end:
            time.sleep(0.005)
            lines = file.read_text("utf-8", "replace")[before:].splitlines()
        return lines

    def close(self) -> None:
        """End the process and remove the folder."""
        import shutil

        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
