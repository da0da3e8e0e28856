"""Games started from the gallery: the window stays, and nothing of a game does."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from engine import App

GAME = '''
"""A game that fills its world, and keeps what it can."""

import numpy as np

from engine import Commands, Query, Mut, Startup, Update, component, f32, system
from modules.core.audio import PlaySound
from modules.core.motion import Position
from modules.core.render import Dot

from .kept import CACHE


@component
class Thing:
    size: f32 = 1.0


@system(Startup)
def fill(commands: Commands) -> None:
    commands.spawn(Position(x=np.arange(500.0)), Thing(), Dot(3.0))


@system(Update)
def grow(things: Query[Mut[Thing]]) -> None:
    for thing in things:
        thing.size += 1
        CACHE.append(bytes(100))
'''
MANIFEST = """
version = "0.1.0"
summary = "Fills its world."
requires = ["core.audio~=1.0", "core.motion~=1.0", "core.render[points]~=1.0", "plugins.esper_bridge~=0.1"]
"""


def make_game(folder: Path, code: str = GAME) -> Path:
    folder.mkdir()
    (folder / "module.toml").write_text(MANIFEST)
    (folder / "__init__.py").write_text(code)
    (folder / "kept.py").write_text("CACHE = []\n")
    return folder


@pytest.fixture
def gallery() -> Iterator[App]:
    """The gallery in a window of the dummy driver."""
    with App("gallery", reload=False) as app:
        turn(app, 3)
        yield app


def turn(app: App, frames: int = 1) -> None:
    """Run frames as the loop does, a tick in each."""
    for _ in range(frames):
        top = app.top
        top.poll_window()
        top.turn(1)
        top.frame()


def visit(app: App, name: str, frames: int = 5) -> App:
    """Start a game, run it for some frames, and leave it as Escape does; return its app."""
    app.bus.call("core.apps.start", name=name)
    turn(app, frames)
    child = app.child
    assert child is not None, "the game did not start"
    child.host_event("escape")
    turn(app)
    assert app.child is None
    return child


def lent(app: App) -> dict[str, int]:
    """Return window and mixer of an app: its transient resources of systems modules, by name, as identities."""
    found = {}
    for cls, value in app.world.transients():
        if cls.__module__.startswith(("modules.systems.pygame_window", "modules.systems.pygame_audio")):
            found[cls.__qualname__] = id(value)
    return found


def modules() -> set[str]:
    return {name for name in sys.modules if name.startswith("modules.")}


def test_games_are_listed_with_picture_and_one_line(gallery: App) -> None:
    rows = {row["name"]: row for row in gallery.bus.call("core.apps.list")}
    examples = {path.parent.name for path in (ROOT / "examples").glob("*/module.toml")}
    assert examples <= set(rows)
    assert "gallery" not in rows
    for name in examples:
        assert rows[name]["summary"]
        assert Path(rows[name]["thumbnail"]).is_file()


def test_a_game_is_played_and_left_from_the_menu(gallery: App) -> None:
    names = [row["name"] for row in gallery.bus.call("core.apps.list")]
    gallery.feed(["key", "down", "end"])
    turn(gallery, 40)
    gallery.feed(["key", "up", "end"], ["key", "down", "return"])
    for _ in range(120):
        turn(gallery)
        if gallery.child is not None:
            break
    assert gallery.child is not None
    assert gallery.child.name == names[-1]
    turn(gallery, 5)
    assert gallery.child.world.tick >= 5
    gallery.child.host_event("escape")
    ticks = gallery.world.tick
    turn(gallery, 30)
    assert gallery.child is None
    assert gallery.world.tick > ticks


@pytest.mark.long
def test_ten_games_in_a_row_leave_nothing_behind(gallery: App, tmp_path: Path) -> None:
    game = make_game(tmp_path / "filler")
    gallery.simulation.history.most = 2  # what is kept of the last seconds grows until they have passed
    for _ in range(3):
        visit(gallery, str(game))
    before = (modules(), threading.active_count(), len(gallery.world), lent(gallery))
    counts = []
    for _ in range(10):
        child = visit(gallery, str(game))
        assert len(child.world) >= 500
        del child
        gc.collect()
        counts.append(len(gc.get_objects()))
    after = (modules(), threading.active_count(), len(gallery.world), lent(gallery))
    assert after == before
    assert "modules.apps.filler" not in sys.modules
    assert counts[-1] - counts[1] < 100, counts


def test_the_world_of_a_left_game_is_dropped(gallery: App, tmp_path: Path) -> None:
    import weakref

    game = make_game(tmp_path / "filler")
    child = visit(gallery, str(game))
    app, world = weakref.ref(child), weakref.ref(child.world)
    del child
    gc.collect()
    assert app() is None
    assert world() is None


def test_the_examples_come_and_go_in_one_window(gallery: App) -> None:
    before = lent(gallery)
    assert set(before) == {"Display", "Mixer"}
    names = sorted(path.parent.name for path in (ROOT / "examples").glob("*/module.toml"))
    for name in (*names, "asteroids"):
        assert lent(visit(gallery, name)) == before
    assert lent(gallery) == before


def test_a_game_that_does_not_load_shows_why_and_the_gallery_goes_on(gallery: App, tmp_path: Path) -> None:
    game = make_game(tmp_path / "broken", "def half(:\n")
    gallery.bus.call("core.apps.start", name=str(game))
    turn(gallery, 5)
    assert gallery.child is not None
    assert gallery.child.broken is not None
    panel: dict[str, Any] = gallery.overlay.errors[0]
    assert "broken" in panel["title"]
    gallery.child.host_event("escape")
    turn(gallery, 5)
    assert gallery.child is None
    assert not gallery.overlay.errors
    visit(gallery, "lanterns")


def test_an_unknown_game_is_told_in_the_window(gallery: App) -> None:
    gallery.bus.call("core.apps.start", name="nonsuch")
    turn(gallery, 3)
    assert gallery.child is None
    assert any("nonsuch" in str(toast) for toast in vars(gallery.overlay).values())
