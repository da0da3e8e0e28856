"""Run the game in real time until standard input ends; tell of batches, verdicts and versions, a line each."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any

from engine.app import App
from engine.clock import Pace


class Teller:
    """Writes what happens in the game to a file."""

    def __init__(self, app: App, target: Path) -> None:
        self.app, self.file = app, target.open("a")
        self.seen: dict[str, tuple[int, bool]] = {}

    def tell(self, kind: str, **more: Any) -> None:
        self.file.write(json.dumps({"kind": kind, "at": monotonic(), **more}) + "\n")
        self.file.flush()

    def listen(self) -> None:
        """Tell of each batch that comes from the watcher, beside what its files run as then, and of each verdict."""
        submit = self.app.submit

        def told(saves: Any, *arguments: Any) -> Any:
            saves = list(saves)
            files = [(str(one.path), one.kind, one.digest, self.running(one.path)) for one in saves]
            verdict = submit(saves, *arguments)
            self.tell("batch", files=files, made=verdict is not None, stage_ms=arguments[0])
            return verdict

        self.app.submit = told  # type: ignore[method-assign]
        self.app.on_verdict.append(self.on_verdict)

    def running(self, path: Path) -> str | None:
        record = self.app.code.files.get(path)
        return record.digest if record is not None else None

    def on_verdict(self, verdict: Any) -> None:
        self.tell("verdict", files=verdict.files, outcome=verdict.outcome, error=verdict.error, ms=verdict.commit_ms)

    def look(self, parts: dict[int, str]) -> None:
        """Tell of each module that runs as another version, and whether that version is whole."""
        for number, name in parts.items():
            space = vars(self.app.code.module(name) or sys)
            version = space.get("VERSION")
            try:
                whole = "verify" in space and space["whole"]() == space["CHECK"]
            except Exception:
                whole = False
            if self.seen.get(name) != (version, whole):
                self.seen[name] = (version, whole)
                self.tell("runs", part=number, version=version, whole=whole)


def main() -> None:
    game, target = Path(sys.argv[1]), Path(sys.argv[2])
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    parts = {
        int(folder.name[-2:]): f"modules.plugins.{folder.name}" for folder in (game / "modules" / "plugins").iterdir()
    }
    with App(game, headless=True) as app:
        teller = Teller(app, target)
        teller.listen()
        app.step(2)
        teller.look(parts)
        teller.tell("started")
        pace = Pace()
        while not ended.is_set():
            for _ in range(pace.due()):
                app.step()
                teller.look(parts)
            app.rest(pace)
            teller.look(parts)
        paused = [system.name for system in app.schedule.everything() if system.fault is not None]
        pending = [str(path) for path in app.reloader.pending]
        teller.tell("ended", ticks=app.world.tick, paused=paused, pending=pending, status=app.saves.status())


if __name__ == "__main__":
    main()
