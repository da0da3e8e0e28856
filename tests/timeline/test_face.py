"""Time at the window: hold a key to go back, scrub on the bar, loop and edit, and see the ghost, without a window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_games import replace, save

from engine import Entity
from engine.app import App

from .fountain import fountain, hashes, play


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with play(fountain(tmp_path)) as app:
        yield app


def press(app: App, *events: list[Any], frames: int = 1) -> dict[str, Any] | None:
    """Report events at the window, run frames of one tick each, and return what of time was shown last."""
    shown = app.world.resource(sys.modules["modules.systems.null_window"].Shown)
    shown.events = list(events)
    for _ in range(frames):
        app.poll_window()
        app.turn(1)
        app.frame()
    found: dict[str, Any] | None = shown.overlay["timeline"]
    return found


def test_a_held_key_goes_back_and_the_game_goes_on_from_there(app: App) -> None:
    before = hashes(app, 100)
    assert press(app) is None
    assert app.world.tick == 101
    seen = press(app, ["host", "f4"], frames=40)
    assert app.world.tick == 61
    assert app.world.hash() == before[61]
    assert seen is not None
    assert (seen["bar"]["state"], seen["bar"]["tick"], seen["bar"]["last"]) == ("back", 61, 101)
    assert sum(count for _, count in seen["bar"]["spawned"]) == 2 * 101 + 4 * (25 + 11)
    press(app, ["host", "f4 up"], frames=5)
    assert (app.world.tick, app.paused) == (61, True)
    press(app, ["host", "shift f4"], frames=30)
    assert app.world.hash() == before[91]
    press(app, ["host", "f4 up"])
    seen = press(app, ["host", "scrub", 0.5])
    assert app.world.hash() == before[50]
    assert seen is not None
    assert seen["bar"]["state"] == "paused"
    assert press(app, ["host", "f2"], frames=10) is None
    assert app.world.hash() == before[60]
    press(app, ["host", "f4"], frames=200)
    assert app.world.tick == 0


def test_a_loop_is_marked_played_and_left_by_one_key(app: App) -> None:
    app.step(30)
    seen = press(app, ["host", "f6"], frames=10)
    assert seen is not None
    assert seen["bar"]["marked"] == 30
    press(app, frames=40)
    seen = press(app, ["host", "f6"])
    assert seen is not None
    assert seen["bar"]["loop"] == [30, 80]
    ticks = {app.world.tick for _ in range(60) if press(app)}
    assert ticks == set(range(31, 81))
    assert press(app, ["host", "f6"]) is None
    tick = app.world.tick
    press(app, frames=60)
    assert app.world.tick == tick + 60


def test_the_bar_is_there_when_the_games_own_picture_fails(app: App) -> None:
    app.step(40)
    save(app, app.folder / "glow.py", BROKEN)
    seen = press(app, ["host", "f4"], frames=5)
    assert seen is not None
    assert seen["bar"]["tick"] == 35
    assert [mark["kind"] for mark in seen["bar"]["marks"]] == ["reload", "refused"]


BROKEN = """
from engine import Render, system


@system(Render)
def glow() -> None:
    raise ValueError("no light")
"""


def settle(app: App) -> list[dict[str, Any]]:
    """Run frames until the ghost has come to its end, and return its ways as shown."""
    for _ in range(1_000):
        seen = press(app)
        assert seen is not None
        ghost = app.timeline.ghost
        if ghost is not None and ghost.done and ghost.after is not None:
            found: list[dict[str, Any]] = press(app)["ghost"]  # type: ignore[index]
            return found
    raise AssertionError("the ghost does not come to an end")


def test_the_ghost_shows_the_way_before_and_after_an_edit_along_the_loop(app: App) -> None:
    before = hashes(app, 120)
    app.bus.call("time.loop", start=60, end=110)
    motion = sys.modules["modules.core.motion"]
    drop = int(next(iter(app.world.query(Entity, motion.Velocity)))[0][-1])
    app.bus.call("time.ghost", entities=[drop])
    (way,) = settle(app)
    assert (way["kind"], way["points"].shape) == ("after", (51, 2))
    assert app.world.hash() == before[app.world.tick]
    points = app.bus.call("time.ghost_ways")["after"][:, 0]
    assert app.world.tick < 110
    place = app.world.get(drop, motion.Position)
    assert np.allclose(points[app.world.tick - 60], (place.x, place.y))

    verdict = replace(app, app.folder / "__init__.py", "GRAVITY = 6.0", "GRAVITY = 2.0")
    assert verdict is not None
    assert verdict.good
    old, new = settle(app)
    assert [old["kind"], new["kind"]] == ["before", "after"]
    assert np.array_equal(old["points"], way["points"], equal_nan=True)
    assert np.array_equal(old["points"][0], new["points"][0])
    assert new["points"][40, 1] < old["points"][40, 1] - 0.05, "it falls less, and y points down"
    assert app.bus.call("time.status")["ghost"] == [drop]
    app.bus.call("time.unghost")
    seen = press(app)
    assert seen is not None
    assert seen["ghost"] == []


def test_without_a_loop_the_ghost_runs_ahead_of_what_the_pointer_is_at(app: App) -> None:
    app.feed(["pointer", 480, 450])
    app.step(40)
    press(app, ["host", "f7"])
    ghost = app.timeline.ghost
    assert ghost is not None
    for _ in range(300):
        press(app)
        if ghost.after is not None:
            break
    assert ghost.after is not None
    assert ghost.after.shape == (121, 1, 2)
    assert np.isnan(ghost.after[-1]).all(), "a drop ends after 50 ticks"
    assert abs(ghost.after[0, 0, 1] - 450) < 60
    press(app, ["host", "f7"])
    assert app.timeline.ghost is None


def test_the_world_agrees_with_the_persons_hands_after_it_has_been_elsewhere(app: App) -> None:
    app.headless = False  # as with a window: what is held there counts
    app.bus.call("time.rewind", tick=0)
    keyboard = sys.modules["modules.core.input"].Keyboard
    press(app, ["host", "f2"])
    press(app, ["key", "down", "left"], frames=30)
    assert app.world.resource(keyboard).down == ["left", "space"]  # space by the script, from tick 20 on
    press(app, ["key", "up", "left"], frames=5)
    press(app, ["host", "f4"], frames=3)
    press(app, ["host", "f4 up"], ["host", "f2"], frames=8)
    assert app.world.resource(keyboard).down == []
