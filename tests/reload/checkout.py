"""A whole checkout that is copied and runs in a process of its own, so that a test may edit the engine itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from acceptance.running import PROBE, ROOT, Running

PARTS = ("engine", "modules", "assets", "run_game.py", "pyproject.toml")
GAME = '''"""Rows that a stream of chance moves: any tick left out or run twice shows in the hash."""

from engine import Commands, Mut, Query, Random, Startup, Update, component, f32, resource, system
from modules.core.input import Keyboard


@component
class Grain:
    x: f32 = 0.0
    pull: f32 = 1.0


@resource
class Notes:
    last: str = ""
    worth: float = 0.0


@system(Startup)
def fill(commands: Commands) -> None:
    commands.spawn(Grain(), count=40)


@system(Update)
def drift(grains: Query[Mut[Grain]], random: Random, notes: Mut[Notes], keys: Keyboard) -> None:
    for grain in grains:
        grain.x += grain.pull * random.normal(size=40)
    for key in keys.pressed:
        notes.last = f"{notes.last}{key}"
'''
MANIFEST = 'version = "0.1.0"\nsummary = "Grains."\nrequires = ["core.input~=1.0"]\n'


def make_game(folder: Path) -> Path:
    """Write the game into a folder, with a probe that tells its state three folders up."""
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text(MANIFEST)
    (folder / "__init__.py").write_text(GAME)
    probe = PROBE.replace("parent.parent /", "parents[3] /").replace('"pid":', '"hash": world.hash(), "pid":')
    (folder / "probe.py").write_text(probe)
    return folder


def hash_without_edits(folder: Path, tick: int, *arguments: str) -> str:
    """Return the hash that the probe tells at a tick of a run in which nobody edits anything."""
    game = make_game(folder / "plain" / "checkout" / "examples" / "grains")
    command = [sys.executable, str(ROOT / "run_game.py"), str(game), "--headless", "--no-reload"]
    subprocess.run([*command, "--ticks", str(tick + 1), *arguments], cwd=folder, check=True, capture_output=True)
    state = json.loads((folder / "plain" / "state.json").read_text())
    assert state["tick"] == tick
    return str(state["hash"])


WINDOWED = """import sys

from engine.app import App
from engine.reload.reexec import Launch
from engine.renewal import Renewal

App(sys.argv[1], renewal=Renewal(Launch.of_this_process())).run()
"""


class Checkout(Running):
    """A copy of the engine and modules with a small game, `grains`, run headless and in real time.

    `play` is what to run, a name or a folder; with `window` it is shown in a window of SDL's dummy driver, which the
    command line would not take for one, with `display` on that X server.
    """

    def __init__(
        self, folder: Path, *arguments: str, play: str | None = None, window: bool = False, display: str = ""
    ) -> None:
        self.home = folder
        self.root = folder / "checkout"
        self.root.mkdir(parents=True)
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.root / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / part, self.root / part)
        self.game = make_game(self.root / "examples" / "grains")
        (self.root / "windowed.py").write_text(WINDOWED)
        self.play, self.window, self.arguments = play or str(self.game), window, arguments
        self.display = display
        self.process = None

    def start(self) -> Checkout:
        """Start the process and wait for its first words."""
        command = [sys.executable, "windowed.py", self.play]
        if not self.window:
            command = [sys.executable, "run_game.py", self.play, "--report", str(self.home / "report.json")]
            command += [*([] if self.display else ["--headless", "--realtime"]), *self.arguments]
        environment = dict(os.environ, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
        if self.display:
            environment |= {"SDL_VIDEODRIVER": "x11", "DISPLAY": self.display}
        self.log = (self.home / "log.txt").open("w")
        self.process = subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.wait("the game runs", lambda: self.state()["tick"] > 20)
        return self

    def __enter__(self) -> Checkout:
        return self.start()

    def edit_engine(self, file: str, old: str, new: str) -> None:
        """Save an engine file with one piece of text replaced; the piece must be there."""
        path = self.root / "engine" / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))

    def notes(self) -> dict[str, Any]:
        """Return the game's resource."""
        return dict(self.state()["resources"].get("app.Notes", {}))

    def edit_before(self, file: str, line: str, mark: Path) -> None:
        """Save a file of the checkout with a statement put before a line of it, which makes the file `mark`."""
        path = self.root / file
        text = path.read_text()
        assert text.count(line) == 1, f"{file} has not one {line!r}"
        indent = line[: len(line) - len(line.lstrip())]
        path.write_text(text.replace(line, f"{indent}__import__('pathlib').Path({str(mark)!r}).touch()\n{line}"))

    def goes_on(self, ticks: int = 10) -> dict[str, Any]:
        """Wait until more ticks have run; return the state then."""
        tick = self.state()["tick"]

        def later() -> dict[str, Any] | None:
            state = self.state()
            return state if state["tick"] >= tick + ticks else None

        return dict(self.wait("the game goes on", later))

    def equals_run_without_edits(self, *arguments: str) -> None:
        """Check that the world is as if nobody had edited anything."""
        state = self.goes_on(30)
        assert state["hash"] == hash_without_edits(self.home, state["tick"], *arguments)
