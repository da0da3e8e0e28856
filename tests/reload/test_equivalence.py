"""Reloading, restoring and running again lead to the same worlds as never having done so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, bare_environment

from engine.app import App
from engine.ecs.snapshot import Snapshot
from engine.inputs import read_inputs
from engine.reload.containment import Patience
from engine.reload.saves import stage_now

CONSTANT = re.compile(r"^([A-Z][A-Z_]*) = (\d+\.\d+)", re.MULTILINE)
"""A constant that an edit may change: a number at the top level of a file."""

CONTINUE = """
import json, sys
from pathlib import Path
from engine.app import App
from engine.ecs.snapshot import Snapshot
from engine.inputs import read_inputs
from engine.reload.containment import Patience

for game, saved, ticks in json.load(sys.stdin):
    script = Path(game) / "input.json"
    with App(game, headless=True, reload=False, inputs=read_inputs(script) if script.exists() else {}) as app:
        app.simulation.deadline.patience = Patience(60.0, 60.0, 60.0)
        app.world.restore(Snapshot.load(saved))
        app.step(ticks)
        print(Path(game).name, app.world.hash())
"""


def games() -> list[str]:
    """Return every example game there is."""
    return sorted(path.parent.name for path in (ROOT / "examples").glob("*/module.toml"))


FEW = ("asteroids", "lanterns", "platformer")
"""Games of different kinds, for the normal run."""


def each(*more: str) -> list[Any]:
    """Return every game, those that are not among the few for long runs only."""
    return [pytest.param(name, marks=() if name in FEW else pytest.mark.long) for name in [*games(), *more]]


def edited(game: Path) -> Path:
    """Change the constants of the game's file that has most of them; return the file."""
    file = max(sorted(game.glob("*.py")), key=lambda path: len(CONSTANT.findall(path.read_text())))
    text, count = CONSTANT.subn(lambda found: f"{found[1]} = {float(found[2]) * 1.25}", file.read_text())
    assert count, f"{game} has no constant to change"
    file.write_text(text)
    return file


def copied(name: str, folder: Path) -> Path:
    source = ROOT / "examples" / name
    source = source if source.is_dir() else ROOT / "modules" / "apps" / name
    return Path(shutil.copytree(source, folder / f"my_{name}", ignore=shutil.ignore_patterns("__pycache__")))


def opened(game: Path, seed: int = 0) -> App:
    """Open a game with its scripted input, and with patience for a machine that is busy."""
    script = game / "input.json"
    inputs = read_inputs(script) if script.exists() else {}
    app = App(game, headless=True, reload=False, seed=seed, inputs=inputs)
    app.simulation.deadline.patience = Patience(60.0, 60.0, 60.0)
    return app


@pytest.mark.parametrize(
    ("names", "tick", "ticks"), [(FEW, 130, 30), pytest.param(games(), 700, 600, marks=pytest.mark.long)]
)
def test_a_reload_equals_a_fresh_start_of_the_new_code_from_a_snapshot(
    names: Sequence[str], tick: int, ticks: int, tmp_path: Path
) -> None:
    reloaded, unedited, runs = {}, {}, []
    for name in names:
        game = copied(name, tmp_path)
        saved = tmp_path / f"{name}.snapshot"
        with opened(game) as app:
            app.step(tick)
            app.world.snapshot().save(saved)
            app.step(ticks)
            unedited[game.name] = app.world.hash()
            app.world.restore(Snapshot.load(saved))
            verdict = app.submit([stage_now(app.code, edited(game))])
            assert verdict is not None
            assert verdict.outcome == "current", verdict.error
            app.step(ticks)
            assert verdict.good, verdict.error
            reloaded[game.name] = app.world.hash()
        runs.append((str(game), str(saved), ticks))
    fresh = subprocess.run(
        [sys.executable, "-c", CONTINUE],
        input=json.dumps(runs),
        env=bare_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert dict(line.split() for line in fresh.stdout.splitlines()) == reloaded
    assert sum(unedited[name] != reloaded[name] for name in reloaded) > 1, "most edits change the game"


def renamed(game: Path, old: str, new: str) -> list[Path]:
    """Give a file of a game another name, and let those that import it follow; return all files that changed."""
    (game / f"{old}.py").rename(game / f"{new}.py")
    changed = [game / f"{old}.py", game / f"{new}.py"]
    for path in sorted(game.glob("*.py")):
        text = path.read_text()
        follows = re.sub(rf"from \.{old} import", f"from .{new} import", text)
        follows = re.sub(rf"from \. import {old}\b", f"from . import {new} as {old}", follows)
        if follows != text:
            path.write_text(follows)
            changed.append(path)
    return changed


@pytest.mark.parametrize(
    ("name", "old", "new"), [("breakout", "ball", "ball_b"), ("lanterns", "lanterns", "lamps")], ids=["rows", "events"]
)
def test_saves_follow_a_class_that_moved_to_another_file(name: str, old: str, new: str, tmp_path: Path) -> None:
    game, before, after = copied(name, tmp_path), tmp_path / "before", tmp_path / "after"
    with opened(game) as app:
        app.step(130)
        app.world.snapshot().save(before)
        changed = renamed(game, old, new)
        verdict = app.submit([stage_now(app.code, path) for path in changed])
        assert verdict is not None
        assert verdict.good, verdict.error
        app.world.snapshot().save(after)
        app.step(30)
        wanted = app.world.hash()
    for saved in (before, after):
        with opened(game) as app:
            app.reloader.restore(Snapshot.load(saved))
            app.step(30)
            assert app.world.hash() == wanted


def test_a_resource_that_was_added_is_there_after_a_restore(tmp_path: Path) -> None:
    game = copied("breakout", tmp_path)
    file = game / "score.py"
    with opened(game) as app:
        app.step(60)
        start = app.world.snapshot()
        file.write_text(file.read_text() + "\n\n@resource\nclass Extra:\n    count: int = 7\n")
        verdict = app.submit([stage_now(app.code, file)])
        assert verdict is not None
        assert verdict.good, verdict.error
        app.step(20)
        wanted = app.world.hash()
        app.reloader.restore(start)
        app.step(20)
        assert app.world.hash() == wanted


@pytest.mark.parametrize("name", each("gallery"))
def test_reloading_the_same_code_changes_no_hash(name: str, tmp_path: Path) -> None:
    game = copied(name, tmp_path)
    with opened(game) as app:
        app.step(60)
        wanted = app.world.hash()
    with opened(game) as app:
        for tick, file in zip((7, 20, 38, 55), sorted(game.glob("*.py")), strict=False):
            app.step(tick - app.world.tick)
            source = file.read_text()
            file.write_text(source + "\n# The same but for this line.\n")
            verdict = app.submit([stage_now(app.code, file)])
            assert verdict is not None
            assert verdict.good
            file.write_text(source)
        app.step(60 - app.world.tick)
        assert app.world.hash() == wanted


@pytest.mark.parametrize("ticks", [6, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", each())
def test_every_tick_can_be_returned_to_and_run_again(name: str, ticks: int, tmp_path: Path) -> None:
    """Snapshot, run eight ticks, restore, run them again: the hashes are equal at every tick."""
    game = copied(name, tmp_path)
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
