"""A session: one game, what has been changed in it, and how to undo that."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from engine.control.client import RemoteError
from engine.control.handlers import STATES
from engine.errors import GameError, HotloopError
from engine.mcp.game import Game

MOST_CHANGES = 200
KEEP_EVERY = 5.0
"""Seconds between two states that are kept of a game which runs by itself."""
TRIAL_SECONDS = 90.0
"""How long an edited engine may take to be tried and to take over."""


@dataclass
class Change:
    """One change of code or state: what it was, and what it takes to undo it.

    `sources` holds, by name, a file's text before and its digest afterwards; None and an empty text stand for no file.
    """

    id: str
    what: str
    tick: int
    hash: str
    start: int
    notices: int
    sources: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The name of the state before it."""
        return f"before-{self.id}"

    def to_json(self) -> dict[str, Any]:
        """Return what a reader wants to know of it."""
        told = {"change_id": self.id, "what": self.what, "tick": self.tick}
        return told | ({"files": list(self.sources)} if self.sources else {})


class Session:
    """What all tools share. Calls that use the game take turns by `lock`; `status` does without."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.lock = threading.RLock()
        self.changes: list[Change] = []
        self._count = 0
        self._ended = threading.Event()
        threading.Thread(target=self.keep_while_it_runs, name="session-keep", daemon=True).start()

    def call(self, message: str, /, **arguments: Any) -> Any:
        """Call a handler of the game, which is started if it does not run."""
        return self.game.call(message, **arguments)

    def facts(self) -> dict[str, Any]:
        """Return what every reply carries: tick, epoch, paused, and what has happened to the process meanwhile."""
        facts: dict[str, Any] = dict(self.game.client.facts or {"tick": None, "epoch": None, "paused": None})
        if self.game.happened:
            facts["events"], self.game.happened = self.game.happened, []
        return facts

    @contextmanager
    def change(self, what: str) -> Iterator[Change]:
        """Remember how to undo what the block does; nothing is remembered if it raises.

        Afterwards the state is kept from which the game is started again should its process end.
        """
        self._count += 1
        name = f"c{self._count}"
        before = self.call("control.save", name=f"before-{name}")
        notices = self.call("control.errors")["number"]
        change = Change(name, what, before["tick"], before["hash"], self.game.starts, notices)
        self.changes.append(change)
        try:
            yield change
        except BaseException:
            self.changes.remove(change)
            self._keep_quietly()
            raise
        for old in self.changes[:-MOST_CHANGES]:
            (self.game.folder / STATES / f"{old.state}.snapshot").unlink(missing_ok=True)
        del self.changes[:-MOST_CHANGES]
        self.game.keep()

    def _keep_quietly(self) -> None:
        """Keep the state after a failure, if the game still answers."""
        try:
            if self.game.runs:
                self.game.keep()
        except HotloopError:
            return

    def note_sources(self, change: Change, names: list[str]) -> None:
        """Remember the text of files before a change writes them."""
        for name in names:
            try:
                text: str | None = self.call("control.read", path=name)["text"]
            except RemoteError as error:
                if "there is no file" not in str(error):
                    raise
                text = None
            change.sources[name] = (text, "")

    def write(self, files: list[dict[str, Any]], probation: int, keep: bool = False) -> dict[str, Any]:
        """Write source files and return the verdict, also on files of the engine, which is tried before it is taken."""
        told: dict[str, Any] = self.call("control.write", files=files, probation=probation, keep=keep)
        end = time.monotonic() + TRIAL_SECONDS
        while told["outcome"] == "waiting" and time.monotonic() < end:
            time.sleep(0.05)
            verdict = self.call("core.app.verdicts")[-1]
            if verdict["outcome"] == "current" and probation:
                told["ran"] = self.call("control.run", ticks=probation)["ran"]
                verdict = self.call("core.app.verdicts")[-1]
            told |= {name: verdict[name] for name in ("outcome", "state", "error") if verdict[name]}
        return told

    def undo(self, name: str) -> dict[str, Any]:
        """Undo a change and all that came after it: sources first, then the state. Raises `GameError`."""
        known = [change.id for change in self.changes]
        if name not in known:
            listing = ", ".join(known) or "nothing has been changed"
            raise GameError(f"there is no change {name!r}", remedy=f"known are: {listing}")
        undone = self.changes[known.index(name) :]
        files = self.former(undone)
        self.call("control.hash")  # a game that has ended is started again before anything is written
        if files:
            told = self.write(files, probation=0)
            if told["outcome"] in ("refused", "rolled back"):
                why = told.get("error", told["outcome"])
                raise GameError("not undone", why=why, state="world and code are as before")
        restored = self.call("control.load", name=undone[0].state)
        del self.changes[known.index(name) :]
        self.game.keep()
        return {
            "undone": [change.to_json() for change in reversed(undone)],
            "hash": restored["hash"],
            "as_before": restored["hash"] == undone[0].hash,
        }

    def former(self, undone: list[Change]) -> list[dict[str, Any]]:
        """Return what to write so that every file is as it was before the first of these changes."""
        former: dict[str, str | None] = {}
        digests: dict[str, str] = {}
        for change in undone:
            for name, (before, after) in change.sources.items():
                former.setdefault(name, before)
                digests[name] = after
        files: list[dict[str, Any]] = []
        for name, text in former.items():
            if text is None and digests[name] == "":
                continue
            way = {"delete": True} if text is None else {"text": text}
            files.append({"path": name, "sha": digests[name], **way})
        return files

    def blame(self, began: int, starts: int) -> str | None:
        """Return the latest change made before a message of this number was first said."""
        for change in reversed(self.changes):
            if change.start < starts or (change.start == starts and change.notices < began):
                return change.id
        return None

    def keep_while_it_runs(self) -> None:
        """Keep the state every few seconds of a game that is not paused, until the session ends; in its own thread."""
        while not self._ended.wait(KEEP_EVERY):
            if self.game.client.facts.get("paused") is False and self.lock.acquire(blocking=False):
                try:
                    self._keep_quietly()
                finally:
                    self.lock.release()

    def close(self) -> None:
        """End the game."""
        self._ended.set()
        self.game.close()
