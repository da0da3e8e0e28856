"""Scenes and prefabs: entities come from files, follow them, and survive what is wrong in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_games

from engine import App

MANIFEST = """
    version = "0.1.0"
    summary = "A hall."
    requires = ["core.motion[rotation]~=1.0", "core.render[shapes,text]~=1.0", "plugins.scenes~=0.1"]
    """
GAME = """
    from engine import Mut, Query, Startup, Update, component, f32, handler, system
    from modules.core.motion import Parent, Position
    from modules.core.render import Circle, rgba
    from modules.plugins.scenes import Scenes


    @component
    class Door:
        width: f32 = 60.0
        open: f32 = 0.0


    @handler("prefab.lamp")
    def lamp(radius: float = 8.0, color: str = "#ffffff") -> list[object]:
        return [Position(), Circle(radius, color=rgba(color))]


    @system(Startup)
    def begin(scenes: Mut[Scenes]) -> None:
        scenes.load("hall.toml")


    @system(Update)
    def swing(doors: Query[Mut[Door]]) -> None:
        for door in doors:
            door.open += 1
    """
HALL = """
    [[entity]]
    name = "door"
    Position = {x = 400, y = 300}
    Door = {width = 70}
    Box = {w = 60, h = 90, color = "#8d5c33"}

    [[entity]]
    prefab = "torch.toml"
    Position = {x = [100, 200, 300], y = 250}

    [[entity]]
    name = "lamp"
    prefab = "lamp"
    with = {radius = 12.0, color = "#ff0000"}
    Position = {x = 50, y = 60}
    """
TORCH = """
    Position = {y = 10}
    Circle = {radius = 5, color = "#ffb454"}
    """


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    files = {"module.toml": MANIFEST, "__init__.py": GAME, "assets/hall.toml": HALL, "assets/torch.toml": TORCH}
    with App(small_games.write(tmp_path / "hall", files), headless=True, reload=False) as app:
        app.step(2)
        yield app
        assert not [system.name for system in app.schedule if system.fault]


def save(app: App, text: str, file: str = "hall.toml") -> None:
    small_games.write(app.folder / "assets", {file: text})
    app.submit([], assets=[app.folder / "assets" / file])
    app.step()


def get(app: App, cls: str, key: str) -> Any:
    """Return the step that holds a component of the entities of an entry, and their mask in it."""
    module, _, name = cls.rpartition(".")
    of = sys.modules["modules.plugins.scenes"].FromScene
    for step, origin in app.world.query(getattr(sys.modules[f"modules.{module}"], name), of):
        mask = origin.key == key
        if mask.any():
            return step, mask
    return None


def value(app: App, cls: str, key: str, field: str) -> list[Any]:
    found = get(app, cls, key)
    return [] if found is None else np.array(getattr(found[0], field))[found[1]].tolist()


def count(app: App) -> int:
    return len(app.world.query(sys.modules["modules.plugins.scenes"].FromScene))


def complaints(app: App) -> str:
    return str(app.world.resource(sys.modules["modules.core.assets"].Assets).complaints)


def test_a_scene_makes_entities_of_files_prefabs_and_functions(app: App) -> None:
    assert count(app) == 5
    assert value(app, "apps.hall.Door", "door", "width") == [70.0]
    assert value(app, "core.render.Box", "door", "color") == [0x8D5C33FF]
    assert value(app, "core.motion.Position", "2", "x") == [100.0, 200.0, 300.0]
    assert value(app, "core.motion.Position", "2", "y") == [250.0] * 3
    assert value(app, "core.render.Circle", "2", "radius") == [5.0] * 3
    assert value(app, "core.render.Circle", "lamp", "radius") == [12.0]
    assert value(app, "core.motion.Position", "lamp", "x") == [50.0]
    scenes = app.world.resource(sys.modules["modules.plugins.scenes"].Scenes)
    scenes.unload("hall.toml")
    app.step()
    assert count(app) == 0
    scenes.go("hall.toml")
    app.step()
    assert count(app) == 5


def test_an_edit_changes_what_was_edited_and_nothing_else(app: App) -> None:
    app.step(10)
    opened = value(app, "apps.hall.Door", "door", "open")
    save(app, HALL.replace("width = 70", "width = 90").replace(', color = "#8d5c33"', ""))
    assert value(app, "apps.hall.Door", "door", "width") == [90.0]
    assert value(app, "apps.hall.Door", "door", "open") == [opened[0] + 1]  # the game's own value goes on
    assert value(app, "core.render.Box", "door", "color") == [0xFFFFFFFF]  # back to the default
    save(app, TORCH.replace("radius = 5", "radius = 9"), "torch.toml")
    assert value(app, "core.render.Circle", "2", "radius") == [9.0] * 3
    more = HALL.replace("[100, 200, 300]", "[100, 200, 300, 400]").replace("    Door = {width = 70}\n", "")
    save(app, more + '[[entity]]\nname = "bell"\nParent = {entity = "door"}\nPosition = {x = 1}\n')
    assert value(app, "core.motion.Position", "2", "x") == [100.0, 200.0, 300.0, 400.0]
    assert value(app, "apps.hall.Door", "door", "width") == []
    assert value(app, "core.motion.Position", "bell", "x") == [1.0]
    save(app, HALL.replace('"#ff0000"', '"#00ff00"'))
    assert value(app, "core.render.Circle", "lamp", "color") == [0x00FF00FF]
    assert value(app, "core.motion.Position", "bell", "x") == []
    assert count(app) == 5


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Door = {", "Dor = {", "did you mean Door?"),
        ("width = 70", "wdth = 70", "did you mean width?"),
        ("{x = 400,", "{x = 400", "hall.toml is wrong"),
        ('"torch.toml"', '"torches.toml"', "torches.toml is missing"),
        ('"lamp"\n    with', '"lmp"\n    with', "prefab.lmp"),
        ('"#8d5c33"', '"brown"', "is no colour"),
        ("[100, 200, 300]", '["left"]', "hall.toml"),
    ],
)
def test_what_is_wrong_is_told_and_marked_and_all_else_goes_on(app: App, old: str, new: str, says: str) -> None:
    assert old in HALL
    save(app, HALL.replace(old, new))
    assert says in complaints(app)
    assert value(app, "core.render.Box", "!", "w") == [420.0] * len(value(app, "core.render.Box", "!", "w"))
    assert value(app, "core.render.Box", "!", "w")
    assert value(app, "core.motion.Position", "door", "x") == [400.0]
    app.step(5)
    save(app, HALL)
    assert not value(app, "core.render.Box", "!", "w")
    assert count(app) == 5
    assert value(app, "apps.hall.Door", "door", "width") == [70.0]


def test_a_scene_survives_a_snapshot_and_does_not_spawn_twice(app: App) -> None:
    before = app.world.snapshot()
    app.step(30)
    ends = app.world.hash()
    app.world.restore(before)
    app.step(30)
    assert app.world.hash() == ends
    assert count(app) == 5


def test_a_prefab_is_built_for_code(app: App) -> None:
    scenes = sys.modules["modules.plugins.scenes"]
    assets = app.world.resource(sys.modules["modules.core.assets"].Assets)
    parts = scenes.build(app.world, assets, "torch.toml", Position={"x": 7})
    (entity,) = app.world.spawn(*parts)
    assert app.world.get(entity, sys.modules["modules.core.motion"].Position).x == 7.0
    assert app.world.get(entity, sys.modules["modules.core.render"].Circle).radius == 5.0
