"""A copy of a game's world in a process of its own, where other code can run than in this one.

What goes there and what comes back lies in a temporary folder: the world as a snapshot, the answer as JSON, states as
snapshots, pictures as arrays.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.snapshot import Snapshot
from engine.errors import GameError, HotloopError
from engine.timeline.history import Events

if TYPE_CHECKING:
    from engine.app import App

UNTOUCHED = "the game is as it was"
SECONDS = 60.0
"""How long a process may take for what is waited for."""
_BOOT = """
import json, sys
folder = sys.argv[1]
with open(folder + "/plan.json", encoding="ascii") as file:
    plan = json.load(file)
sys.path[:] = plan["path"]
from engine.timeline.elsewhere import run_plan
run_plan(plan, folder)
"""


class Elsewhere:
    """One run of so many ticks in another process, begun at once.

    `sources` are the texts of files that are to run instead of those which run here, as bytes by path. With `trail` the
    state after every system of the first tick is kept.
    """

    def __init__(
        self,
        app: App,
        snapshot: Snapshot,
        sources: Mapping[Path, bytes],
        ticks: int,
        inputs: Mapping[int, Events],
        *,
        pictures: Iterable[int] = (),
        trail: bool = False,
        hash_seed: str | None = None,
    ) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="hotloop-")
        self.folder = Path(self._home.name)
        snapshot.save(self.folder / "world.snapshot")
        running = {path: record.source for path, record in app.code.files.items() if not record.adopted}
        plan = {
            "path": list(sys.path),
            "game": str(app.folder),
            "seed": app.seed,
            "choose": app.choose,
            "roots": list(app.modules.roots),
            "import_roots": [str(root) for root in app.import_roots],
            "paused": [system.name for system in app.schedule if system.fault is not None],
            "sources": {str(path): source.decode("latin-1") for path, source in {**running, **sources}.items()},
            "ticks": ticks,
            "inputs": {str(tick): events for tick, events in inputs.items()},
            "pictures": sorted(pictures),
            "trail": trail,
        }
        (self.folder / "plan.json").write_text(json.dumps(plan), "ascii")
        environment = dict(os.environ) | ({"PYTHONHASHSEED": hash_seed} if hash_seed is not None else {})
        self._errors = self.folder / "errors.txt"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, str(self.folder)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    @property
    def done(self) -> bool:
        """Tell whether the process has ended."""
        return self._process.poll() is not None

    def run(self, seconds: float | None = None) -> bool:
        """Wait for the process if no `seconds` are given, else only look; tell whether it is done."""
        if seconds is None:
            try:
                self._process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self.done

    @cached_property
    def answer(self) -> dict[str, Any]:
        """Wait for the process and return what it found out, as a `ForkRun` does; raise `GameError` if it failed."""
        self.run()
        told = self.folder / "answer.json"
        if not told.is_file():
            lines = self._errors.read_text("utf-8", "replace").strip().splitlines()
            why = lines[-1] if lines else f"it took more than {SECONDS:.0f} s, or was ended"
            raise GameError("the copy in another process failed", why=why, state=UNTOUCHED)
        found: dict[str, Any] = json.loads(told.read_text("ascii"))
        if "error" in found:
            raise GameError("the code does not run", why=found["error"], state=UNTOUCHED)
        found["pictures"] = {int(tick): np.load(self.folder / name) for tick, name in found["pictures"].items()}
        return found

    def trail(self) -> list[tuple[str, Snapshot]]:
        """Return what ran in the first tick and the state after each."""
        labels = self.answer["trail"]
        return [(label, Snapshot.load(self.folder / f"{number}.snapshot")) for number, label in enumerate(labels)]

    def close(self) -> None:
        """End the process and remove its folder."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._home.cleanup()

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def run_plan(plan: dict[str, Any], folder: str) -> None:
    """Run in the other process what `Elsewhere` asks for."""
    try:
        answer = _run(plan, Path(folder))
    except HotloopError as error:
        answer = {"error": str(error)}
    part = Path(folder) / "answer.part"
    part.write_text(json.dumps(answer), "ascii")
    part.rename(Path(folder) / "answer.json")


def _run(plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    from engine.app import App
    from engine.reload.loader import Code
    from engine.resume import AppImage
    from engine.timeline.fork import Fork, ForkRun

    code = Code.shared()
    code.install()
    code.sources.update({Path(path): (text.encode("latin-1"), None) for path, text in plan["sources"].items()})
    world = Snapshot.load(folder / "world.snapshot")
    empty: dict[str, Any] = {"paused": False, "frames": 0, "sampled": [], "verdicts": [], "systems": {}, "inputs": {}}
    faults = {name: {"late": False, "text": "an earlier fault"} for name in plan["paused"]}
    image = AppImage({**empty, "roots": plan["roots"], "faults": faults}, world)
    roots = [Path(root) for root in plan["import_roots"]]
    with App(
        plan["game"],
        headless=True,
        seed=plan["seed"],
        choose=plan["choose"],
        reload=False,
        import_roots=roots,
        image=image,
    ) as app:
        inputs = {int(tick): events for tick, events in plan["inputs"].items()}
        trail: list[str] = []
        if plan["trail"]:
            for label, snapshot in Fork(app).trail(inputs.get(app.world.tick, ())):
                snapshot.save(folder / f"{len(trail)}.snapshot")
                trail.append(label)
        run = ForkRun(Fork(app), plan["ticks"], inputs, plan["pictures"])
        run.run()
        pictures = {}
        for tick, pixels in run.answer["pictures"].items():
            pictures[tick] = f"{tick}.npy"
            np.save(folder / pictures[tick], pixels)
        return {**run.answer, "pictures": pictures, "trail": trail}
