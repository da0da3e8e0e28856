"""A game in a process of its own, watched through its files: what the acceptance tests edit and read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
"""Seconds after which a condition that does not come true has failed; how long it takes is no matter."""

PROBE = '''"""Write what the world holds beside the game's folder, ten times a second."""

import json
import os
from pathlib import Path

import numpy as np

from engine import Entity, PostUpdate, World, system

TARGET = Path(__file__).resolve().parent.parent / "state.json"


def plain(values):
    try:
        return np.asarray(values, float).T.tolist()
    except (TypeError, ValueError):
        return [str(value) for value in values]


@system(PostUpdate)
def dump_state(world: World) -> None:
    if world.tick % 6:
        return
    entities = {}
    for name, info in world.components.items():
        for ids, rows in world.query(Entity, info.cls):
            for field in info.schema.fields:
                for one, value in zip(ids.tolist(), plain(getattr(rows, field.name))):
                    entities.setdefault(str(one), {})[f"{name}.{field.name}"] = value
    resources = {}
    for name, info in world.resources.items():
        held = {} if info.schema.transient else info.state() or {}
        resources[name] = {key: one for key, one in held.items() if isinstance(one, (int, float, str))}
    state = {"pid": os.getpid(), "tick": world.tick, "entities": entities, "resources": resources}
    part = TARGET.with_suffix(".part")
    part.write_text(json.dumps(state))
    os.replace(part, TARGET)
'''


class Running:
    """A copy of an example that runs in real time, headless, under the dummy video driver."""

    def __init__(self, folder: Path, *arguments: str, example: str = "asteroids") -> None:
        self.home = folder
        self.game = folder / example
        shutil.copytree(ROOT / "examples" / example, self.game, ignore=shutil.ignore_patterns("__pycache__"))
        (self.game / "probe.py").write_text(PROBE)
        self.arguments = arguments
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Running:
        """Start the process and wait for its first words."""
        self._launch("--realtime", *self.arguments)
        self.wait("the game runs", lambda: self.state()["tick"] > 20)
        return self

    def run(self) -> dict[str, Any]:
        """Run to the end as fast as it goes and return the report."""
        self._launch(*self.arguments)
        self.end()
        return self.report()

    def end(self) -> None:
        """Wait until the process has ended by itself."""
        assert self.process is not None
        self.process.wait(2 * PATIENCE)
        self.log.close()

    def _launch(self, *arguments: str) -> None:
        command = [sys.executable, str(ROOT / "run_game.py"), str(self.game), "--headless", *arguments]
        command += ["--report", str(self.home / "report.json")]
        if (self.game / "input.json").exists():
            command += ["--input", str(self.game / "input.json")]
        environment = dict(os.environ, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
        self.log = (self.home / "log.txt").open("w")
        self.process = subprocess.Popen(
            command, cwd=self.home, env=environment, stdout=self.log, stderr=subprocess.STDOUT, text=True
        )

    def __enter__(self) -> Running:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self.log.close()

    def state(self) -> dict[str, Any]:
        """Return what the probe wrote last; a tick of -1 before it wrote anything."""
        try:
            state: dict[str, Any] = json.loads((self.home / "state.json").read_text())
        except FileNotFoundError:
            return {"tick": -1, "entities": {}, "resources": {}, "pid": None}
        return state

    def report(self) -> dict[str, Any]:
        """Return the report as last written; empty before the first verdict."""
        try:
            report: dict[str, Any] = json.loads((self.home / "report.json").read_text())
        except FileNotFoundError:
            return {"reloads": [], "systems": {}}
        return report

    def column(self, name: str) -> dict[str, Any]:
        """Return the values of one field by entity."""
        return {one: values[name] for one, values in self.state()["entities"].items() if name in values}

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        """Save a file changed by another process: this one."""
        path = self.game / file
        before = path.read_text()
        after = change(before)
        assert after != before, f"the edit of {file} changes nothing"
        path.write_text(after)

    def replace(self, file: str, old: str, new: str) -> None:
        """Save a file with one piece of text replaced; the piece must be there."""
        assert old in (self.game / file).read_text(), f"{file} has no {old!r}"
        self.edit(file, lambda text: text.replace(old, new, 1))

    def wait(self, what: str, condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Return the first true value of a condition; fail when it does not come."""
        end = time.monotonic() + patience
        while True:
            assert self.process is None or self.process.poll() is None, f"the game ended: {self.output()}"
            if value := condition():
                return value
            assert time.monotonic() < end, f"not in time: {what}\n{self.output()}"
            time.sleep(0.01)

    def never(self, what: str, condition: Callable[[], Any], seconds: float = 2.0) -> None:
        """Fail if a condition comes true while the game goes on for some time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert not condition(), what
            time.sleep(0.02)

    def verdict(self, outcome: str, file: str) -> dict[str, Any]:
        """Wait for a verdict of an outcome on a file, and return it."""

        def found() -> dict[str, Any] | None:
            for one in reversed(self.report()["reloads"]):
                if one["outcome"] == outcome and any(name.endswith(file) for name in one["files"]):
                    return dict(one)
            return None

        return dict(self.wait(f"{file} {outcome}", found))

    def output(self) -> str:
        """Return what the process has printed."""
        self.log.flush()
        return (self.home / "log.txt").read_text()[-3000:]
