"""Every example game, recorded and played again: another process, another hash seed, drawn or not, a reload inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from engine.app import App
from engine.inputs import read_inputs
from engine.reload.places import games
from engine.timeline.recorder import Recorder
from engine.timeline.replay import saved_text

from .fountain import PATIENT

OTHER = {".shown": ".unseen", ".unseen": ".shown"}
GAMES = sorted(name for name, folder in games().items() if ROOT / "examples" in folder.parents)


def record(name: str, path: Path, ticks: int, *, drawn: bool) -> str:
    """Play a game by its script, with a reload of the same code and a way back and forth; return the last hash."""
    folder = games()[name]
    script = folder / "input.json"
    inputs = read_inputs(script) if script.is_file() else {}
    with App(folder, headless=not drawn, seed=5, reload=False, inputs=inputs) as app:
        app.simulation.deadline.patience = PATIENT
        app.record(Recorder(path))
        if drawn:
            app.poll_window()
            app.waiting_inputs.clear()
        for tick in range(ticks):
            if tick == ticks // 2:
                main = folder / "__init__.py"
                verdict = app.submit([saved_text(app.code, main, main.read_text(encoding="utf-8") + "\n# the same\n")])
                assert verdict is not None
                assert verdict.good
            if tick == ticks // 2 + 8:
                app.bus.call("time.rewind", tick=tick - 12)  # behind the reload; the same ticks come again
                app.paused = False
                app.step(12)
            app.step()
            if drawn and tick % 2:
                app.frame(0.5)
        return app.world.hash()


def play_again(paths: list[Path], hash_seed: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT), "SDL_VIDEODRIVER": "dummy"}
    environment["SDL_AUDIODRIVER"] = "dummy"
    program = [sys.executable, str(Path(__file__).with_name("replaying.py")), *map(str, paths)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(folder: Path, names: list[str], ticks: int, *, all_ways: bool) -> None:
    """Record one game of three in a window and the others without, and play them again the other way, or both ways."""
    ends = {}
    for number, name in enumerate(names):
        path = folder / f"{name}.{'shown' if number % 3 == 1 else 'unseen'}"
        ends[path] = record(name, path, ticks, drawn=number % 3 == 0)
    compare(ends, ticks, "77")
    if all_ways:
        compare({path.rename(path.with_suffix(OTHER[path.suffix])): end for path, end in ends.items()}, ticks, "4242")


def compare(ends: dict[Path, str], ticks: int, hash_seed: str) -> None:
    told = play_again(list(ends), hash_seed)
    for path, end in ends.items():
        assert told[str(path)]["steps"] == ticks
        assert told[str(path)]["equal"] == ticks, path.name
        assert told[str(path)]["hash"] == end
        assert len(told[str(path)]["reloads"]) == 1


def test_games_are_played_again_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    check(tmp_path, GAMES[::2], 40, all_ways=False)


@pytest.mark.long
def test_every_game_is_played_again_for_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    check(tmp_path, GAMES, 3600, all_ways=True)
