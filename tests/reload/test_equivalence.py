"""Reloading, restoring and running again lead to the same worlds as never having done so."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, bare_environment

from engine.app import App
from engine.ecs.snapshot import Snapshot
from engine.inputs import read_inputs
from engine.reload.saves import stage_now

# Games whose whole state lies in the world. Lanterns keeps part of it in objects of esper, which no snapshot holds.
EDITS = {
    "asteroids": ("rocks.py", "SETTLE = 0.02", "SETTLE = 0.05"),
}

CONTINUE = """
import sys
from pathlib import Path
from engine.app import App
from engine.ecs.snapshot import Snapshot
from engine.inputs import read_inputs

game, saved, ticks = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
script = game / "input.json"
with App(game, headless=True, reload=False, inputs=read_inputs(script) if script.exists() else {}) as app:
    app.world.restore(Snapshot.load(saved))
    app.step(ticks)
    print(app.world.hash())
"""


def copied(name: str, folder: Path) -> Path:
    source = ROOT / "examples" / name
    source = source if source.is_dir() else ROOT / "modules" / "apps" / name
    return Path(shutil.copytree(source, folder / f"my_{name}", ignore=shutil.ignore_patterns("__pycache__")))


def opened(game: Path, seed: int = 0) -> App:
    script = game / "input.json"
    return App(game, headless=True, reload=False, seed=seed, inputs=read_inputs(script) if script.exists() else {})


@pytest.mark.parametrize("name", ["asteroids"])
@pytest.mark.parametrize("tick", [130, pytest.param(700, marks=pytest.mark.long)])
def test_a_reload_equals_a_fresh_start_of_the_new_code_from_a_snapshot(name: str, tick: int, tmp_path: Path) -> None:
    file, old, new = EDITS[name]
    ticks = 600 if tick > 200 else 200
    game = copied(name, tmp_path)
    with opened(game) as app:
        app.step(tick)
        saved = tmp_path / "tick.snapshot"
        app.world.snapshot().save(saved)
        before = (game / file).read_text()
        assert old in before
        (game / file).write_text(before.replace(old, new))
        verdict = app.submit([stage_now(app.code, game / file)])
        assert verdict is not None
        assert verdict.outcome == "current"
        app.step(ticks)
        reloaded = app.world.hash()
    command = [sys.executable, "-c", CONTINUE, str(game), str(saved), str(ticks)]
    fresh = subprocess.run(command, env=bare_environment(), cwd=ROOT, capture_output=True, text=True, check=True)
    assert fresh.stdout.split()[-1] == reloaded


@pytest.mark.parametrize("name", ["asteroids", "lanterns", "gallery"])
def test_reloading_the_same_code_changes_no_hash(name: str, tmp_path: Path) -> None:
    game = copied(name, tmp_path)
    with opened(game) as app:
        app.step(120)
        wanted = app.world.hash()
    with opened(game) as app:
        for tick, file in zip((7, 40, 77, 110), sorted(game.glob("*.py")), strict=False):
            app.step(tick - app.world.tick)
            source = file.read_text()
            file.write_text(source + "\n# The same but for this line.\n")
            verdict = app.submit([stage_now(app.code, file)])
            assert verdict is not None
            assert verdict.good
            file.write_text(source)
        app.step(120 - app.world.tick)
        assert app.world.hash() == wanted


@pytest.mark.parametrize("ticks", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_every_tick_can_be_returned_to_and_run_again(ticks: int, tmp_path: Path) -> None:
    """Snapshot, run eight ticks, restore, run them again: the hashes are equal at every tick."""
    game = copied("asteroids", tmp_path)
    shot: Snapshot | None = None
    with opened(game) as app:
        app.step(100)
        for _ in range(ticks):
            shot = app.world.snapshot(into=shot)
            app.step(8)
            once = app.world.hash()
            app.world.restore(shot)
            app.step(8)
            assert app.world.hash() == once
            app.world.restore(shot)
            app.step(1)


def test_a_snapshot_file_brings_back_the_same_world(tmp_path: Path) -> None:
    with opened(copied("asteroids", tmp_path)) as app:
        app.step(200)
        app.world.snapshot().save(tmp_path / "saved")
        wanted = app.world.hash()
        app.step(100)
        app.world.restore(Snapshot.load(tmp_path / "saved"))
        assert app.world.hash() == wanted
        report = json.loads(json.dumps(app.statistics()))
        assert report["world_hash"] == wanted
