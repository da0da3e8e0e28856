"""The implementations inside a running app: posted input, assets that change, and a window that outlives reloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest

from engine import App
from modules.core.input import Gamepads, Pointer
from modules.core.motion import Position

MANIFEST = """
version = "0.1.0"
requires = ["core.input~=1.0", "core.motion~=1.0", "core.render[sprites]~=1.0", "core.audio~=1.0", "core.time~=1.0"]
"""
GAME = '''
"""One sprite that actions move."""

from engine import Mut, Query, Send, Startup, Time, Update, Commands, system
from modules.core.audio import PlaySound
from modules.core.input import Actions
from modules.core.motion import Position
from modules.core.render import Canvas, Sprite

SPEED = 60.0


@system(Startup)
def begin(commands: Commands, actions: Mut[Actions], canvas: Mut[Canvas]) -> None:
    canvas.width, canvas.height, canvas.color = 200, 100, 0x000000FF
    actions.bind("right", "key:right", "pad:a")
    commands.spawn(Position(50, 50), Sprite("hero.png"))


@system(Update)
def walk(heroes: Query[Mut[Position], Sprite], actions: Actions, time: Time, sounds: Send[PlaySound]) -> None:
    for pos, _ in heroes:
        pos.x += SPEED * time.dt * actions.value("right")
    if actions.hit("right"):
        sounds.send(sound="step.wav")
'''


def paint(path: Path, color: str) -> Path:
    surface = pygame.Surface((10, 10), pygame.SRCALPHA, 32)
    surface.fill(color)
    path.parent.mkdir(exist_ok=True)
    pygame.image.save(surface, path)
    return path


@pytest.fixture
def game(tmp_path: Path) -> Path:
    folder = tmp_path / "hero_walks"
    folder.mkdir()
    (folder / "module.toml").write_text(MANIFEST)
    (folder / "__init__.py").write_text(GAME)
    paint(folder / "assets" / "hero.png", "red")
    return folder


@pytest.fixture
def app(game: Path) -> Iterator[App]:
    """The game in a window of the dummy driver, not watched."""
    with App(game, reload=False) as running:
        frame(running)
        yield running


def frame(app: App, *events: pygame.event.Event) -> Any:
    """Post events, run a frame with one tick and return the picture as (height, width, 3)."""
    for event in events:
        pygame.event.post(event)
    app.poll_window()
    app.step()
    app.frame(alpha=1.0)
    return app.bus.call("core.render.capture").astype(int)


def hero(app: App) -> float:
    (pos,) = list(app.world.query(Position))
    return float(pos.x[0])


def resource(app: App, name: str) -> Any:
    """Return a live resource by its qualified name."""
    return app.world.resources[name].value


def test_posted_events_move_the_hero_and_the_picture(app: App) -> None:
    before = frame(app)
    assert before[50, 50].tolist() == [255, 0, 0]
    frame(app, pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT))
    for _ in range(59):
        after = frame(app)
    assert hero(app) == pytest.approx(110, abs=0.1)
    assert after[50, 110].tolist() == [255, 0, 0]
    assert after[50, 50].tolist() == [0, 0, 0]
    frame(app, pygame.event.Event(pygame.KEYUP, key=pygame.K_RIGHT))
    there = hero(app)
    frame(app)
    assert hero(app) == there


def test_a_gamepad_plugged_in_while_the_game_runs_moves_the_hero(app: App) -> None:
    start = hero(app)
    frame(app, pygame.event.Event(pygame.CONTROLLERDEVICEADDED, device_index=90, instance_id=5))
    assert len(app.world.resource(Gamepads)) == 1
    frame(app, pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, instance_id=5, button=pygame.CONTROLLER_BUTTON_A))
    assert hero(app) > start
    frame(app, pygame.event.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=5))
    there = hero(app)
    frame(app)
    assert hero(app) == there
    assert len(app.world.resource(Gamepads)) == 0


def test_the_pointer_is_where_the_canvas_says(app: App) -> None:
    width, height = pygame.display.get_window_size()
    frame(app, pygame.event.Event(pygame.MOUSEMOTION, pos=(width // 2, height // 2), rel=(0, 0), buttons=(0, 0, 0)))
    pointer = app.world.resource(Pointer)
    assert (pointer.x, pointer.y) == pytest.approx((100, 50), abs=1)


def test_keys_of_the_program_do_their_work(app: App) -> None:
    window = pygame.display.get_surface()
    plain = pygame.surfarray.array3d(window)
    frame(app, pygame.event.Event(pygame.KEYDOWN, key=pygame.K_F1))
    assert not np.array_equal(plain, pygame.surfarray.array3d(window))
    frame(app, pygame.event.Event(pygame.KEYDOWN, key=pygame.K_F1), pygame.event.Event(pygame.KEYDOWN, key=pygame.K_F2))
    assert app.paused
    tick = app.world.tick
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_F3))
    app.poll_window()
    assert app.world.tick == tick + 1


def test_a_changed_image_is_in_the_next_picture(app: App, game: Path) -> None:
    assert frame(app)[50, 50].tolist() == [255, 0, 0]
    app.submit([], assets=[paint(game / "assets" / "hero.png", "blue")])
    assert frame(app)[50, 50].tolist() == [0, 0, 255]


def test_window_caches_and_rows_outlive_a_reload_of_their_modules(app: App, game: Path) -> None:
    display, studio = (
        resource(app, "systems.pygame_window.display.Display"),
        resource(app, "systems.pygame_render.studio.Studio"),
    )
    screen, images = display.screen, dict(studio.images)
    ids = app.world.entities().tolist()
    for name in ("systems.pygame_window", "systems.pygame_render", "systems.kinematics", "core.input", "core.render"):
        app.bus.call("core.modules.reload", name=name)
        frame(app)
    assert resource(app, "systems.pygame_window.display.Display").screen is screen
    assert resource(app, "systems.pygame_render.studio.Studio").images == images
    assert app.world.entities().tolist() == ids


def test_a_restart_keeps_the_window_and_hears_of_the_gamepad_again(app: App) -> None:
    screen = pygame.display.get_surface()
    frame(app, pygame.event.Event(pygame.CONTROLLERDEVICEADDED, device_index=90, instance_id=5))
    app.restart()
    app.run(ticks=1)
    frame(app)
    frame(app)
    assert pygame.display.get_surface() is screen
    assert len(app.world.resource(Gamepads)) == 1
    assert hero(app) == 50


def test_the_hash_is_the_same_with_a_window_and_without(game: Path) -> None:
    inputs = {3: [["key", "down", "right"]], 20: [["key", "up", "right"]], 25: [["pointer", 5, 5]]}
    hashes = []
    for headless in (True, False):
        with App(game, headless=headless, reload=False, inputs=inputs, seed=3) as app:
            for _ in range(30):
                if headless:
                    app.step()
                else:
                    pygame.event.clear() if pygame.display.get_init() else None
                    app.step()
                    app.frame(0.5)
            hashes.append(app.world.hash())
    assert hashes[0] == hashes[1]
