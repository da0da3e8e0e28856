"""Sandbox is painted in, played and edited: materials do what their files say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from examples.playing import Edited, Window, faults, looks_as_before, module, part, picture, play, tap

from engine import App

GAME = "sandbox"
SCREEN_TICKS = {"title": 40, "paint": 300, "late": 560}


def grid(app: App) -> Any:
    return app.world.resource(part(GAME, "grid", "Grid"))


def screen(app: App) -> str:
    return str(app.world.resource(part(GAME, "screens", "Screen")).name)


def empty(app: App) -> Any:
    """Come to the screen that is painted on and take everything away."""
    app.step(25)
    tap(app, "return")
    field = grid(app)
    field.kind[:] = part(GAME, "grid", "empty")()
    field.life[:] = 0
    return field


def put(app: App, name: str, x: slice, y: slice) -> None:
    """Fill a box with a material."""
    field, stride = grid(app), part(GAME, "grid", "STRIDE")
    field.kind.reshape(-1, stride)[1:-1, 1:-1][y, x] = field.number(name)


def where(app: App, name: str) -> tuple[Any, Any]:
    """Return the rows and columns of a material."""
    field, stride = grid(app), part(GAME, "grid", "STRIDE")
    return np.nonzero(field.kind.reshape(-1, stride)[1:-1, 1:-1] == field.number(name))


def test_ten_seconds_twice_give_the_same_world_and_the_known_pictures() -> None:
    most = 0
    with play(GAME, script=True) as app:
        for name, tick in SCREEN_TICKS.items():
            for _ in range((tick - app.world.tick) // 20):
                app.step(20)
                most = max(most, grid(app).count("ember"))
                if app.world.tick == 200:
                    wanted = app.world.hash()
            assert looks_as_before(app, f"sandbox_{name}") < 6
        app.step(600 - app.world.tick)
        assert grid(app).count("sand") > 2000
        assert most > 20  # the hut burns
        assert not app.world.resource(module("core.assets", "Assets")).complaints
        assert faults(app) == []
    with play(GAME, script=True) as app:  # without having been looked at
        app.step(200)
        assert app.world.hash() == wanted


@pytest.mark.long
def test_the_script_paints_pauses_gardens_and_notes_its_score() -> None:
    seen = set()
    with play(GAME, script=True) as app:
        for _ in range(470):
            app.step(10)
            seen.add(screen(app))
            if app.world.resource(module("core.time", "Pause")).on:
                seen.add("PAUSED")
        scores = app.world.resource(module("plugins.screens", "Scores"))
        assert seen == {"TITLE", "PAINT", "PAUSED", "GARDEN", "OVER"}
        assert scores.rows[0][0] == "ada"
        assert scores.rows[0][1] > 500
        assert faults(app) == []


def test_nothing_is_lost_and_all_comes_to_rest() -> None:
    with play(GAME) as app:
        empty(app)
        put(app, "sand", slice(200, 240), slice(50, 90))
        put(app, "water", slice(260, 300), slice(50, 90))
        put(app, "oil", slice(262, 280), slice(100, 120))
        put(app, "stone", slice(100, 110), slice(20, 30))
        before = {name: grid(app).count(name) for name in ("sand", "water", "oil", "stone")}
        app.step(650)
        assert {name: grid(app).count(name) for name in before} == before
        assert where(app, "stone")[0].min() == 20
        rows, columns = where(app, "sand")
        assert rows.max() == 287
        heap = np.bincount(columns, minlength=512)
        assert 8 < heap.max() < 45  # a heap, not a column and not a film
        assert abs(int(np.argmax(heap)) - 220) < 12
        water_rows, _ = where(app, "water")
        assert np.median(water_rows) > 280
        assert np.median(where(app, "oil")[0]) < np.median(water_rows)  # oil lies on water


def test_materials_change_each_other() -> None:
    with play(GAME) as app:
        field = empty(app)
        put(app, "stone", slice(0, 512), slice(270, 288))
        put(app, "wood", slice(50, 90), slice(240, 270))
        put(app, "fire", slice(40, 50), slice(250, 270))
        put(app, "lava", slice(200, 240), slice(262, 270))
        put(app, "water", slice(200, 240), slice(230, 240))
        put(app, "sand", slice(242, 260), slice(250, 270))
        put(app, "stone", slice(348, 376), slice(266, 270))
        put(app, "plant", slice(350, 374), slice(263, 266))
        put(app, "water", slice(352, 372), slice(266, 270))
        put(app, "acid", slice(450, 470), slice(255, 260))
        stone, plants = field.count("stone"), field.count("plant")
        seen = set()
        for _ in range(60):
            app.step(5)
            seen |= {name for name in field.numbers if field.count(name)}
        assert {"ember", "smoke", "steam", "glass"} <= seen
        assert field.count("wood") < 1000  # of 1200
        assert field.count("plant") > plants + 60
        rows, columns = where(app, "stone")
        assert ((rows < 270) & (columns > 195) & (columns < 245)).any()  # lava hardened
        assert np.count_nonzero(columns > 430) < 82 * 18  # acid ate
        assert stone > 0


def test_powder_goes_off_with_a_bang() -> None:
    with play(GAME) as app:
        empty(app)
        put(app, "powder", slice(200, 260), slice(240, 288))
        put(app, "fire", slice(220, 225), slice(230, 240))
        for _ in range(120):
            app.step()
            app.frame()
        assert grid(app).count("powder") == 0
        heard = app.world.resource(module("systems.null_audio", "Heard"))
        assert "bang.wav" in {one["sound"] for one in heard.sounds}
        assert app.world.resource(module("systems.null_window", "Shown")).rumbles


@pytest.mark.parametrize("device", ["keyboard", pytest.param("gamepad", marks=pytest.mark.long)])
def test_it_is_played_from_the_title_to_the_end_and_again(device: str) -> None:
    window = Window(GAME)
    app = window.app
    motor = window.plug_in()
    select = (lambda: window.key(pygame.K_RETURN)) if device == "keyboard" else (lambda: window.button(0))
    down = (lambda: window.key(pygame.K_DOWN)) if device == "keyboard" else (lambda: window.button(12))
    try:
        window.frames(22)
        down()
        select()
        window.wait(lambda: screen(app) == "GARDEN")
        brush = app.world.resource(part(GAME, "brush", "Brush"))
        x, sand = brush.x, grid(app).count(brush.material)
        if device == "keyboard":
            window.key(pygame.K_RIGHT, 10)
            window.key(pygame.K_SPACE, 10)
        else:
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 1.0)
            window.frames(10)
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 0.0)
            window.button(pygame.CONTROLLER_BUTTON_A, 10)
        assert brush.x > x + 30
        assert grid(app).count(brush.material) > sand + 30
        material = brush.material
        window.key(pygame.K_e) if device == "keyboard" else window.button(pygame.CONTROLLER_BUTTON_RIGHTSHOULDER)
        assert brush.material != material
        window.key(pygame.K_p) if device == "keyboard" else window.button(pygame.CONTROLLER_BUTTON_START)
        garden = app.world.resource(part(GAME, "garden", "Garden"))
        left = garden.left
        window.frames(25)
        assert garden.left == left
        window.key(pygame.K_p) if device == "keyboard" else window.button(pygame.CONTROLLER_BUTTON_B)
        window.frames(5)
        assert garden.left < left
        garden.left = 0.05
        window.wait(lambda: screen(app) == "OVER")
        window.frames(25)
        assert motor.felt
        assert app.world.resource(module("plugins.screens", "Menu")).items[0].text.endswith("cells of green")
        menu = app.world.resource(module("plugins.screens", "Menu"))
        while menu.focus[menu.heading] != "Once more":
            down()
        select()
        window.wait(lambda: screen(app) == "GARDEN")
        assert garden.left > 59
    finally:
        window.close()


NEW_MATERIAL = '''
"""Snow drifts down."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import DOWN, Grid
from ..screens import running


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what snow is like."""
    grid.material("snow", ("#dfe8ff", "#ffffff"), weight=0.5, place=11)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Fall slowly."""
    snow = grid.cells("snow")
    grid.move(snow[random.random(snow.size) < 0.5], DOWN)
'''


def test_edits_change_the_world_at_once(tmp_path: Path) -> None:
    edited = Edited(GAME, tmp_path)
    with edited.app as app:
        field = empty(app)
        stride = part(GAME, "grid", "STRIDE")

        # a rule's constant: plants that burn like tinder
        edited.replace("materials/plant.py", "BURNS = 0.12", "BURNS = 0.95")
        app.step()
        assert field.burns[field.number("plant")] == pytest.approx(0.95)

        # the body of a system: sand that slants
        put(app, "sand", slice(200, 240), slice(200, 210))
        edited.replace("materials/sand.py", "from ..grid import Grid", "from ..grid import DOWN, Grid")
        edited.replace(
            "materials/sand.py", "grid.fall(grid.cells(NAME), random)", "grid.move(grid.cells(NAME), DOWN + 1)[0]"
        )
        app.step(30)
        rows, columns = where(app, "sand")
        assert np.corrcoef(rows, columns)[0, 1] > 0.3
        assert columns.max() > 255

        # colours: what a file says is what is seen
        app.world.resource(part(GAME, "brush", "Brush")).x = 0.0
        edited.replace("materials/sand.py", '("#c8963e", "#f2cf85")', '("#ff00ff", "#ff00ff")')
        app.step()
        seen = picture(app)
        assert ((seen[..., 0] > 200) & (seen[..., 1] < 60) & (seen[..., 2] > 200)).sum() > 1000

        # a new file is a new material, in the palette and under the brush
        edited.save("materials/snow.py", NEW_MATERIAL)
        app.step(2)
        assert part(GAME, "brush", "palette")(field)[-1] == "snow"
        put(app, "snow", slice(300, 310), slice(100, 110))
        app.step(60)
        assert field.count("snow") == 100
        assert where(app, "snow")[0].mean() > 115

        # a field of a resource: how many strokes there were
        edited.replace("brush.py", "    drawn: list[str]", "    strokes: int = 3\n    drawn: list[str]")
        assert app.world.resource(part(GAME, "brush", "Brush")).strokes == 3

        # a field of a component: the ring that is there gets it, and a system reads it
        edited.replace(
            "brush.py",
            '    """Shows where the brush is."""',
            '    """Shows where the brush is."""\n\n    room: f32 = 40.0',
        )
        edited.replace(
            "brush.py",
            "rings: Query[Mut[Position], Mut[Circle], With[Ring]]",
            "rings: Query[Mut[Position], Mut[Circle], Ring]",
        )
        edited.replace("brush.py", "for pos, circle in rings:", "for pos, circle, ring in rings:")
        edited.replace("brush.py", "circle.radius = (SIZES[brush.size] + 0.5) * CELL + 1", "circle.radius = ring.room")
        app.step()
        rings = app.world.query(module("core.render", "Circle"), part(GAME, "brush", "Ring"))
        assert rings.single()[0].radius == 40.0

        # the map: a letter that is written appears in the world, and nothing else moves
        text = (edited.folder / "assets" / "landscape.txt").read_text()
        assert text.startswith("...")
        before = field.kind.copy()
        edited.save_asset("assets/landscape.txt", "..l" + text[3:])
        app.step()
        rows, columns = where(app, "lava")
        assert rows.size > 30
        assert rows.max() <= 8
        assert columns.min() >= 15
        changed = np.nonzero((field.kind != before).reshape(-1, stride)[9:200, 1:-1])
        assert changed[0].size < 400  # only what moves by itself
        edited.save_asset("assets/landscape.txt", "?" + text[1:])
        app.step()
        complaints = app.world.resource(module("core.assets", "Assets")).complaints
        assert "stands for nothing" in str(complaints)
        (edited.folder / "assets" / "landscape.txt").unlink()
        edited.app.submit([], assets=[edited.folder / "assets" / "landscape.txt"])
        app.step(2)
        assert faults(app) == []
