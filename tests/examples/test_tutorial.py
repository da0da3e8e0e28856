"""The tutorial is followed word for word in a running game: each step is saved, and the picture is as on the page."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import small_games
from examples.playing import EXAMPLES, ROOT, faults, module, part, picture, play
from PIL import Image
from test_docs import Block, blocks, patched

from engine import App

PAGE = ROOT / "docs" / "tutorial" / "README.md"
SHOWN = (480, 270)
WATCHED = {1: 10, 2: 40, 3: 60, 4: 276, 5: 120, 6: 320, 7: 172, 8: 150, 9: 165, 10: 60}
"""Ticks from the saves of a step to its picture."""
GAME = "breakout"


def steps() -> dict[int, list[Block]]:
    """Return what is to be saved in each step."""
    text = PAGE.read_text(encoding="utf-8")
    starts = {text.count("\n", 0, found.start()): int(found[1]) for found in re.finditer(r"^## (\d+)\.", text, re.M)}
    found: dict[int, list[Block]] = {number: [] for number in starts.values()}
    for block in blocks(PAGE):
        if block.file:
            found[starts[max(line for line in starts if line < block.line)]].append(block)
    return found


def contents(block: Block, home: Path) -> str:
    """Return what the file of a block holds once the block is saved."""
    assert block.file is not None
    return patched((home / block.file).read_text(), block.text) if block.language == "diff" else block.text


def watch(app: App, ticks: int) -> None:
    """Let the game go on, with the paddle under the ball, now left of its middle and now right."""
    for _ in range(ticks):
        balls = app.world.query(module("core.motion", "Position"), part(GAME, "ball", "Ball")) if has_ball() else ()
        for pos, _ in balls:
            if pos.x.size:
                app.feed(["pointer", float(pos.x[0]) + 42 * (app.world.tick // 61 % 3 - 1), 520.0 + app.world.tick % 2])
        app.step()


def has_ball() -> bool:
    try:
        part(GAME, "ball", "Ball")
    except KeyError:
        return False
    return True


def distance(app: App, number: int) -> float:
    """Return how far the picture of a step is from that on the page; HOTLOOP_KEEP_PICTURES puts it there instead."""
    path = PAGE.with_name(f"step_{number}.png")
    seen = Image.fromarray(picture(app).astype(np.uint8)).resize(SHOWN, Image.Resampling.LANCZOS)
    if os.environ.get("HOTLOOP_KEEP_PICTURES"):
        seen.save(path, optimize=True)
    shown = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return float(np.abs(np.asarray(seen).astype(int) - shown).mean())


def saved(app: App, home: Path, step: list[Block]) -> Iterator[str]:
    """Save the blocks of a step one after the other, and yield what became of each."""
    for block in step:
        assert block.file is not None
        verdict = small_games.save(app, home / block.file, contents(block, home))
        yield "nothing" if verdict is None else verdict.outcome if verdict.good else str(verdict.error)
        app.step()


def test_ten_steps_make_breakout_while_it_runs(tmp_path: Path) -> None:
    taken = steps()
    assert list(taken) == list(range(1, 11))
    home = tmp_path
    (home / GAME).mkdir()
    for block in taken[1]:
        assert block.file is not None
        (home / block.file).write_text(contents(block, home))
    far = {}
    with play(home / GAME, seed=3) as app:
        for number, step in taken.items():
            if number > 1:
                assert {*saved(app, home, step)} <= {"current", "permanent"}, f"step {number}"
            watch(app, WATCHED[number])
            assert faults(app) == [], f"step {number}"
            far[number] = distance(app, number)
            if number == 2:
                born = app.world.query(module("core.motion", "Position"), part(GAME, "paddle", "Paddle")).entities()
        assert max(far.values()) < 3, far
        paddle = app.world.query(module("core.motion", "Position"), part(GAME, "paddle", "Paddle")).entities()
        assert (paddle == born).all()  # the paddle of step 2 is still there
        assert app.world.tick == sum(WATCHED.values()) + sum(len(step) for number, step in taken.items() if number > 1)
    made = {path.name: path.read_text() for path in (home / GAME).iterdir() if path.suffix in (".py", ".toml")}
    example = EXAMPLES / GAME
    assert made == {path.name: path.read_text() for path in (*example.glob("*.py"), example / "module.toml")}
