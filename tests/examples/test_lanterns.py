"""Lanterns: the esper program and the numpy systems beside it, alone and together."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import esper
import numpy as np
import pygame
import pytest
from examples.playing import Edited, Window, faults, looks_as_before, picture
from examples.playing import play as shared_play
from PIL import Image

from engine import App, Entity, World
from engine.manage import reload_module

GAME = Path(__file__).resolve().parents[2] / "examples" / "lanterns"


def play(folder: Path = GAME, **more: Any) -> App:
    return App(folder, headless=True, reload=False, **more)


def part(file: str, name: str) -> Any:
    """Return what a file of the loaded game defines."""
    return getattr(sys.modules[f"modules.apps.lanterns.{file}"], name)


def core(module: str, name: str) -> Any:
    return getattr(sys.modules[f"modules.core.{module}"], name)


def esper_world(app: App) -> Any:
    return app.world.resource(sys.modules["modules.plugins.esper_bridge"].Esper).world


def flames(app: App) -> dict[int, Any]:
    with esper_world(app):
        return dict(esper.get_component(part("legacy", "Flame")))


def lanterns_at(world: World) -> Any:
    """Return ids and places of the lanterns on our side."""
    steps = [
        (ids.copy(), np.array(pos.xy))
        for ids, pos, _ in world.query(Entity, core("motion", "Position"), part("lanterns", "Lantern"))
    ]
    if not steps:
        return np.empty(0, np.uint64), np.empty((2, 0))
    return np.concatenate([ids for ids, _ in steps]), np.concatenate([xy for _, xy in steps], axis=1)


def moths_at(world: World) -> Any:
    """Return the places of all moths."""
    steps = [np.array(pos.xy) for pos, _ in world.query(core("motion", "Position"), part("moths", "Moth"))]
    return np.concatenate(steps, axis=1)


@pytest.fixture
def app() -> Iterator[App]:
    with play() as app:
        app.step(120)
        yield app


def test_the_program_runs_without_the_engine() -> None:
    done = subprocess.run(
        [sys.executable, str(GAME / "legacy.py")], capture_output=True, text=True, timeout=60, check=True
    )
    assert len(done.stdout.splitlines()) == 7


def test_every_lantern_of_the_program_has_an_entity_at_its_place(app: App) -> None:
    ids, places = lanterns_at(app.world)
    assert len(ids) == len(flames(app)) == part("legacy", "LANTERNS")
    with esper_world(app):
        theirs = sorted((place.x, place.y) for _, place in esper.get_component(part("legacy", "Place")))
    assert np.allclose(sorted(map(tuple, places.T.tolist())), theirs, atol=1e-3)
    assert not [system for system in app.schedule if system.fault]


def test_moths_gather_around_the_lanterns() -> None:
    def mean_distance(app: App) -> float:
        _, lights = lanterns_at(app.world)
        away = moths_at(app.world)[:, :, None] - lights[:, None, :]
        return float(np.hypot(*away).min(axis=1).mean())

    with play() as app:
        app.step(2)
        before = mean_distance(app)
        app.step(240)
        assert mean_distance(app) < 0.75 * before


def test_a_click_lights_a_lantern_and_another_blows_it_out(app: App) -> None:
    before = set(flames(app))
    app.feed(["pointer", 480, 270], ["button", "down", "left"])
    app.step(2)
    [lit] = set(flames(app)) - before
    app.step()
    app.frame()
    heard = app.world.resource(sys.modules["modules.systems.null_audio"].Heard).sounds
    assert heard[-1]["sound"] == "chime.wav"
    app.feed(["button", "up", "left"], ["button", "down", "right"])
    app.step(2)
    assert lit not in flames(app)
    app.frame()
    assert heard[-1]["sound"] == "tock.wav"
    assert len(lanterns_at(app.world)[0]) == len(flames(app))


def test_a_lantern_that_burns_down_leaves_both_worlds_and_another_is_lit(app: App) -> None:
    number, flame = next(iter(flames(app).items()))
    flame.fuel = 0.01
    ids = set(lanterns_at(app.world)[0].tolist())
    app.step(3)
    after = set(lanterns_at(app.world)[0].tolist())
    assert number not in flames(app)
    assert len(ids - after) == 1
    assert len(after) == len(flames(app)) == part("legacy", "LANTERNS")


def test_when_all_are_blown_out_the_moths_fly_on(app: App) -> None:
    ids = set(lanterns_at(app.world)[0].tolist())
    app.feed(["key", "down", "space"])
    app.step(3)
    assert not ids & set(lanterns_at(app.world)[0].tolist())
    app.step(30)
    assert not [system for system in app.schedule if system.fault]


PICTURE_TICKS = {"early": 120, "lit": 300, "later": 600}


def test_the_same_seed_and_input_give_the_same_world_and_the_known_pictures() -> None:
    hashes = []
    with shared_play("lanterns", script=True, seed=3) as app:
        for name, tick in PICTURE_TICKS.items():
            app.step(tick - app.world.tick)
            assert looks_as_before(app, f"lanterns_{name}") < 4
            hashes.append(app.world.hash())
    early = list(PICTURE_TICKS.values())[1]
    for seed in (3, 4):  # without having been looked at
        with shared_play("lanterns", script=True, seed=seed) as app:
            app.step(early)
            assert (app.world.hash() == hashes[1]) == (seed == 3)


@pytest.mark.long
def test_the_script_plays_a_minute_and_pauses() -> None:
    held, most = 0, 0
    with shared_play("lanterns", script=True, seed=3) as app:
        for _ in range(360):
            app.step(10)
            held += app.world.resource(core("time", "Pause")).on
            most = max(most, len(flames(app)))
        assert 4 < held < 9
        assert most > part("legacy", "LANTERNS") + 1
        assert faults(app) == []


@pytest.mark.parametrize("device", ["mouse", "gamepad"])
def test_it_is_played_and_paused_in_a_window(device: str) -> None:
    window = Window("lanterns")
    app = window.app
    window.plug_in()
    try:
        window.frames(60)
        known = set(flames(app))
        at = pygame.display.get_surface().get_size()
        window.post(pygame.MOUSEMOTION, pos=(at[0] // 2, at[1] // 2), rel=(1, 1), buttons=(0, 0, 0))
        if device == "mouse":
            window.post(pygame.MOUSEBUTTONDOWN, pos=(at[0] // 2, at[1] // 2), button=1)
            window.post(pygame.MOUSEBUTTONUP, pos=(at[0] // 2, at[1] // 2), button=1)
        else:
            window.button(pygame.CONTROLLER_BUTTON_A)
        assert len(set(flames(app)) - known) == 1
        window.key(pygame.K_p) if device == "mouse" else window.button(pygame.CONTROLLER_BUTTON_START)
        places, moths = lanterns_at(app.world)[1], moths_at(app.world)
        window.frames(25)
        assert np.array_equal(lanterns_at(app.world)[1], places)
        assert np.array_equal(moths_at(app.world), moths)
        window.key(pygame.K_UP) if device == "mouse" else window.button(pygame.CONTROLLER_BUTTON_DPAD_UP)
        ids = set(lanterns_at(app.world)[0].tolist())
        window.key(pygame.K_RETURN) if device == "mouse" else window.button(pygame.CONTROLLER_BUTTON_A)
        window.frames(3)
        assert not ids & set(lanterns_at(app.world)[0].tolist())  # all out
        assert not np.array_equal(moths_at(app.world), moths)
    finally:
        window.close()


def test_the_picture_shows_lights_in_the_dark(app: App, tmp_path: Path) -> None:
    app.screenshot(tmp_path / "lanterns.png")
    picture = app.bus.call("core.render.capture").astype(int)
    assert (picture.sum(axis=2) > 450).mean() > 0.002
    assert np.median(picture.sum(axis=2)) < 150
    assert (tmp_path / "lanterns.png").stat().st_size > 10_000


def test_the_program_is_edited_while_it_runs(tmp_path: Path) -> None:
    folder = tmp_path / "lanterns"
    shutil.copytree(GAME, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with play(folder) as app:
        app.step(60)
        known = flames(app)
        path = folder / "legacy.py"
        path.write_text(path.read_text().replace("SPEED = 46.0", "SPEED = 0.0").replace("LANTERNS = 7", "LANTERNS = 9"))
        assert reload_module(app).good
        app.step(2)
        ids, places = lanterns_at(app.world)
        app.step(30)
        later = dict(zip(*[part.T.tolist() for part in lanterns_at(app.world)], strict=True))
        assert len(ids) == 9
        assert all(flames(app)[number] is flame for number, flame in known.items())
        assert [later[one] for one in ids.tolist()] == places.T.tolist()


GUST = '''
"""A gust blows all moths to the right."""

from engine import Mut, Query, Update, system
from modules.core.motion import Velocity

from .moths import Moth


@system(Update)
def blow(moths: Query[Mut[Velocity], Moth]) -> None:
    """Blow."""
    for vel, _ in moths:
        vel.x += 400
'''


def test_moths_and_labels_are_edited_while_they_fly(tmp_path: Path) -> None:
    edited = Edited("lanterns", tmp_path)
    with edited.app as app:
        app.step(70)

        def speeds() -> Any:
            return np.concatenate([np.array(vel.x) for vel, _ in app.world.query(core("motion", "Velocity"), Moth)])

        Moth = part("moths", "Moth")
        assert abs(np.median(speeds())) < 100

        # a new file with a system
        edited.save("gust.py", GUST)
        app.step(10)
        assert np.median(speeds()) > 1000

        # the body of that system
        edited.replace("gust.py", "vel.x += 400", "vel.x = -50.0")
        app.step(2)
        assert abs(np.median(speeds()) + 50) < 20

        # a component's field: every moth that is there has it
        edited.replace("moths.py", "    taste: f32 = 60.0", "    taste: f32 = 60.0\n    sleepy: f32 = 0.5")
        assert sum(int((moth.sleepy == 0.5).sum()) for moth in app.world.query(Moth)) == part("moths", "MOTHS")

        # a constant of the numpy side: the dark is red
        edited.replace("lanterns.py", 'NIGHT = rgba("#080b16")', 'NIGHT = rgba("#700000")')
        edited.replace("lanterns.py", "@system(Startup)\ndef darken", "@system(Update)\ndef darken")
        app.step()
        seen = picture(app)
        assert np.median(seen[..., 0]) > 90 > 3 * np.median(seen[..., 2])

        # an asset: the glow of the lanterns is gone
        edited.save_asset("assets/glow.png", png((64, 64), (0, 0, 0, 255)))
        app.step()
        x, y = lanterns_at(app.world)[1][:, 0].astype(int)
        around = picture(app)[y - 8 : y + 8, x - 8 : x + 8]
        assert np.median(around[..., 1]) + 40 < np.median(seen[y - 8 : y + 8, x - 8 : x + 8][..., 1])
        assert faults(app) == []


def png(size: tuple[int, int], color: tuple[int, int, int, int]) -> bytes:
    """Return a picture of one color as the bytes of its file."""
    file = io.BytesIO()
    Image.new("RGBA", size, color).save(file, "PNG")
    return file.getvalue()
