"""Asteroids is played: by its scripted input, by every device, through game over and for a long time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from examples.playing import Edited, Window, faults
from PIL import Image

from engine import App, Entity, Mut, World

GAME = Path(__file__).resolve().parents[2] / "examples" / "asteroids"
PRESS, LET_GO = "down", "up"


def scripted() -> dict[int, list[list[Any]]]:
    """Return the game's own input, by tick."""
    by_tick: dict[int, list[list[Any]]] = {}
    for tick, event in json.loads((GAME / "input.json").read_text(encoding="utf-8")):
        by_tick.setdefault(tick, []).append(event)
    return by_tick


def play(seed: int = 0, inputs: dict[int, list[list[Any]]] | None = None) -> App:
    """Open the game without window or watching."""
    return App(GAME, headless=True, seed=seed, reload=False, inputs=inputs)


def part(file: str, name: str) -> Any:
    """Return what a file of the loaded game defines."""
    return getattr(sys.modules[f"modules.apps.asteroids.{file}"], name)


def core(module: str, name: str) -> Any:
    return getattr(sys.modules[f"modules.core.{module}"], name)


def column(world: World, file: str, component: str, field: str) -> Any:
    """Return one field of all rows of a component, in one array."""
    steps = [np.array(getattr(step, field)) for step in world.query(part(file, component))]
    return np.concatenate(steps, axis=-1) if steps else np.empty(0)


def rocks_at(world: World) -> Any:
    """Return x and y of all rocks."""
    query = world.query(core("motion", "Position"), part("rocks", "Rock"))
    return np.concatenate([np.array(pos.xy) for pos, _ in query], axis=1)


def ship(world: World) -> tuple[Any, Any, float]:
    """Return place, velocity and angle of the only ship."""
    motion = [core("motion", name) for name in ("Position", "Velocity", "Rotation")]
    pos, vel, rot, _ = world.query(*motion, part("ship", "Ship")).single()
    return np.array([pos.x, pos.y]), np.array([vel.x, vel.y]), float(rot.angle)


def screen(world: World) -> str:
    return str(world.resource(part("screens", "Screen")).name)


def begin(app: App) -> None:
    """Start a game from the title and wait for the ship."""
    app.step(3)
    app.feed(["key", PRESS, "return"])
    app.step()
    app.feed(["key", LET_GO, "return"])
    app.step(4)
    assert screen(app.world) == "PLAYING"
    assert len(app.world.query(part("ship", "Ship"))) == 1


def lower_shield(world: World) -> None:
    """Take away what protects a new ship, and makes it blink."""
    for craft in world.query(Mut[part("ship", "Ship")]):
        craft.shield = 0


def crash(app: App) -> None:
    """Put a rock on the unprotected ship."""
    world = app.world
    at, _, _ = ship(world)
    lower_shield(world)
    if not len(world.query(part("rocks", "Rock"))):
        app.step(200)
    for pos, _ in world.query(Mut[core("motion", "Position")], part("rocks", "Rock")):
        pos.x[0], pos.y[0] = at
        break
    app.step(2)


def test_ten_seconds_break_rocks_a_seed_decides_every_bit_and_another_gives_other_rocks() -> None:
    hashes, places = [], []
    for seed in (7, 7, 8):
        with play(seed, scripted()) as app:
            app.step(5)
            places.append(rocks_at(app.world))
            app.step(595 if seed == 7 else 1)
            hashes.append(app.world.hash())
            if seed == 7:
                game = app.world.resource(part("screens", "Game"))
                assert game.score > 0
                assert game.wave >= 1
                assert column(app.world, "rocks", "Rock", "size").min() < part("rocks", "LARGE")
                assert faults(app) == []
    assert hashes[0] == hashes[1] != hashes[2]
    assert np.array_equal(places[0], places[1])
    assert not np.allclose(places[0], places[2])


@pytest.mark.long
def test_the_script_plays_a_minute_to_game_over_and_again() -> None:
    seen: list[str] = []
    with play(0, scripted()) as app:
        for _ in range(370):
            app.step(10)
            if seen[-1:] != [screen(app.world)]:
                seen.append(screen(app.world))
        assert seen[:4] == ["TITLE", "PLAYING", "OVER", "PLAYING"]
        assert app.world.resource(part("screens", "Game")).best > 1000
        assert faults(app) == []


@pytest.mark.parametrize("device", ["keyboard", pytest.param("gamepad", marks=pytest.mark.long)])
def test_it_is_played_from_the_title_to_the_end_and_again(device: str) -> None:
    window = Window("asteroids")
    world, keys = window.app.world, device == "keyboard"
    motor = window.plug_in()
    select = (lambda: window.key(pygame.K_RETURN)) if keys else (lambda: window.button(pygame.CONTROLLER_BUTTON_A))
    try:
        window.frames(5)
        select()
        window.wait(lambda: screen(world) == "PLAYING")
        window.wait(lambda: len(world.query(part("ship", "Ship"))) == 1)
        angle = ship(world)[2]
        if keys:
            window.key(pygame.K_RIGHT, 10)
            window.key(pygame.K_UP, 10)
            window.key(pygame.K_SPACE, 10)
        else:
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 1.0)
            window.frames(10)
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 0.0)
            window.button(pygame.CONTROLLER_BUTTON_B, 10)
            window.button(pygame.CONTROLLER_BUTTON_A, 10)
        _, speed, turned = ship(world)
        assert turned > angle + 0.3
        assert np.hypot(*speed) > 20
        assert len(world.query(part("bullets", "Bullet")))
        window.key(pygame.K_p) if keys else window.button(pygame.CONTROLLER_BUTTON_START)
        place, bullets = ship(world)[0], column(world, "bullets", "Bullet", "left")
        window.frames(25)
        assert np.array_equal(ship(world)[0], place)
        assert np.array_equal(column(world, "bullets", "Bullet", "left"), bullets)
        select()  # go on
        window.wait(lambda: not np.array_equal(ship(world)[0], place))
        assert not motor.felt
        world.resource(part("screens", "Game")).lives = 1
        window.app.step(150)
        lower_shield(world)
        for pos, _ in world.query(Mut[core("motion", "Position")], part("rocks", "Rock")):
            pos.x, pos.y = ship(world)[0]
        window.wait(lambda: screen(world) == "OVER")
        window.frames(2)
        assert max(low for low, _, _ in motor.felt) > 0.8
        window.app.step(90)
        select()
        window.wait(lambda: screen(world) == "PLAYING")
        assert world.resource(part("screens", "Game")).lives == part("screens", "LIVES")
    finally:
        window.close()


def test_pictures_change_nothing() -> None:
    hashes = []
    for pictures in (False, True):
        with play(3, scripted()) as app:
            for _ in range(30):
                app.step(10)
                if pictures:
                    app.frame(0.5)
            hashes.append(app.world.hash())
    assert hashes[0] == hashes[1]


def picture(app: App) -> Any:
    app.frame()
    return np.array(app.bus.call("core.render.capture")).astype(int)


def share_of(pixels: Any, rule: Callable[[Any, Any, Any], Any]) -> float:
    return float(rule(pixels[..., 0], pixels[..., 1], pixels[..., 2]).mean())


def test_pictures_show_title_play_and_game_over(tmp_path: Path) -> None:
    with play(7) as app:
        app.step(40)
        title = picture(app)
        assert title.shape == (540, 960, 3)
        lettering = title[120:220, 220:740]
        assert share_of(lettering[:, :150], lambda r, g, b: (r > 180) & (g < 160)) > 0.02  # pink on the left
        assert share_of(lettering[:, -120:], lambda r, g, b: (b > 180) & (r < 130)) > 0.02  # cyan on the right
        begin(app)
        app.step(149)
        lower_shield(app.world)
        app.step()
        game = picture(app)
        (x, y), _, _ = ship(app.world)
        around = game[int(y) - 25 : int(y) + 25, int(x) - 25 : int(x) + 25]
        assert share_of(around, lambda r, g, b: (b > 180) & (r < 140)) > 0.03  # the ship is cyan
        for x, y in rocks_at(app.world).T.astype(int):
            if not (60 < x < 900 and 60 < y < 480):
                continue
            stone = game[y - 40 : y + 40, x - 40 : x + 40]
            assert share_of(stone, lambda r, g, b: (b > r) & (r > g) & (b > 90)) > 0.2  # large rocks are violet
        assert share_of(game[15:50, 15:140], lambda r, g, b: g > 150) > 0.03  # the score is written
        app.world.resource(part("screens", "Game")).lives = 1
        crash(app)
        app.step(60)
        over = picture(app)
        assert screen(app.world) == "OVER"
        assert share_of(over[150:230, 250:710], lambda r, g, b: g > 180) > 0.03
        assert abs(over - game).mean() > 3 < abs(title - game).mean()
        assert not app.world.resource(core("assets", "Assets")).complaints
        app.screenshot(tmp_path / "over.png")
        assert (tmp_path / "over.png").stat().st_size > 20_000


DEVICES: dict[str, dict[str, list[list[Any]]]] = {
    "keyboard arrows": {
        "turn": [["key", PRESS, "right"]],
        "rest": [["key", LET_GO, "right"]],
        "push": [["key", PRESS, "up"]],
        "fire": [["key", PRESS, "space"]],
    },
    "keyboard letters": {
        "turn": [["key", PRESS, "d"]],
        "rest": [["key", LET_GO, "d"]],
        "push": [["key", PRESS, "w"]],
        "fire": [["key", PRESS, "space"]],
    },
    "mouse": {
        "turn": [["pointer", 940, 280]],
        "rest": [],
        "push": [["button", PRESS, "right"]],
        "fire": [["button", PRESS, "left"]],
    },
    "gamepad": {
        "turn": [["pad", "added", 0, "Pad"], ["padaxis", 0, "leftx", 1.0]],
        "rest": [["padaxis", 0, "leftx", 0.0]],
        "push": [["padaxis", 0, "r2", 1.0]],
        "fire": [["padbutton", PRESS, 0, "a"]],
    },
}


@pytest.mark.parametrize("device", DEVICES)
def test_every_device_steers_pushes_and_fires(device: str) -> None:
    does = DEVICES[device]
    with play(1) as app:
        begin(app)
        _, _, before = ship(app.world)
        app.feed(*does["turn"])
        app.step(15)
        _, _, turned = ship(app.world)
        assert turned - before > 0.5  # clockwise on the screen
        app.feed(*does["rest"])
        app.step(3)
        start, speed, angle = ship(app.world)
        assert np.allclose(speed, 0)
        app.feed(*does["push"])
        app.step(30)
        place, speed, angle = ship(app.world)
        assert np.hypot(*speed) > 80
        assert np.hypot(*(place - start)) > 10
        assert speed @ (np.cos(angle), np.sin(angle)) > 0.8 * np.hypot(*speed)
        assert not len(app.world.query(part("bullets", "Bullet")))
        app.feed(*does["fire"])
        app.step(30)
        assert len(app.world.query(part("bullets", "Bullet"))) >= 3


def test_the_mouse_aims_until_a_key_turns() -> None:
    with play(1) as app:
        begin(app)
        app.feed(["pointer", 480, 530])
        app.step(40)
        assert np.sin(ship(app.world)[2]) > 0.999  # down, after whichever way round
        app.feed(["key", PRESS, "left"])
        app.step(10)
        app.feed(["key", LET_GO, "left"])
        app.step(1)
        turned = ship(app.world)[2]
        app.step(20)
        assert ship(app.world)[2] == turned
        assert np.sin(turned) < 0.9


def test_the_ship_drifts_on_and_wraps_without_a_streak() -> None:
    with play(2) as app:
        begin(app)
        ships = app.world.query(Mut[core("motion", "Position")], Mut[core("motion", "Velocity")], part("ship", "Ship"))
        for pos, vel, _ in ships:
            pos.x, pos.y, vel.x, vel.y = 950.0, 300.0, 300.0, 0.0
        for _ in range(30):
            app.step()
            if ship(app.world)[0][0] < 100:
                break
        for pos, _, _ in ships:
            assert -20 < pos.x[0] < 30
            assert np.isnan(pos.last_x[0])
        assert ship(app.world)[1][0] > 200


def test_losing_the_last_ship_ends_the_game_and_start_begins_another() -> None:
    with play(4) as app:
        begin(app)
        game = app.world.resource(part("screens", "Game"))
        lives = game.lives
        crash(app)
        assert app.world.resource(part("screens", "Game")).lives == lives - 1
        assert not len(app.world.query(part("ship", "Ship")))
        app.step(120)
        assert len(app.world.query(part("ship", "Ship"))) == 1
        app.world.resource(part("screens", "Game")).lives = 1
        app.world.resource(part("screens", "Game")).score = 1234
        crash(app)
        app.step(3)
        assert screen(app.world) == "OVER"
        app.feed(["key", PRESS, "space"])
        app.step(10)
        assert screen(app.world) == "OVER"  # not clicked away by who still fires
        app.feed(["key", LET_GO, "space"])
        app.step(90)
        app.feed(["button", PRESS, "left"])
        app.step(6)
        assert screen(app.world) == "PLAYING"
        game = app.world.resource(part("screens", "Game"))
        assert (game.score, game.lives) == (0, part("screens", "LIVES"))
        assert game.best >= 1234
        assert len(app.world.query(part("ship", "Ship"))) == 1


def test_a_large_rock_splits_down_to_dust() -> None:
    with play(5) as app:
        begin(app)
        app.step(200)
        rocks, size = part("rocks", "Rock"), part("rocks", "LARGE")
        large = len(app.world.query(rocks))
        for expected in (2 * large, 4 * large, 0):
            ids = app.world.query(Entity, rocks)
            app.world.send(part("rocks", "RockHit"), rock=np.concatenate([step[0] for step in ids]))
            app.step()
            assert len(app.world.query(rocks)) == expected
            if expected:
                size -= 1
                assert set(column(app.world, "rocks", "Rock", "size").tolist()) == {size}
        app.step()
        assert app.world.resource(part("screens", "Game")).score == large * (20 + 2 * 50 + 4 * 100)


@pytest.mark.parametrize("presses", [90, pytest.param(400, marks=pytest.mark.long)])
def test_long_wild_play_raises_nothing_and_stays_small(presses: int) -> None:
    chance = np.random.default_rng(11)
    names = ["left", "right", "up", "space", "return", "a", "d", "w", "p"]
    most = 0
    with play(6) as app:
        for _ in range(presses):
            app.feed(["key", str(chance.choice([PRESS, LET_GO])), str(chance.choice(names))])
            if chance.random() < 0.2:
                app.feed(["pointer", float(chance.uniform(0, 960)), float(chance.uniform(0, 540))])
            app.step(10)
            most = max(most, len(app.world))
        assert faults(app) == []
        assert most < 1500
        assert app.world.resource(part("screens", "Game")).best > 0


def test_a_ship_that_is_painted_anew_is_seen_at_once(tmp_path: Path) -> None:
    edited = Edited("asteroids", tmp_path)
    with edited.app as app:
        begin(app)
        app.step(5)
        lower_shield(app.world)
        app.step()

        def share_of_red() -> float:
            (x, y), _, _ = ship(app.world)
            around = picture(app)[int(y) - 8 : int(y) + 8, int(x) - 8 : int(x) + 8]
            return share_of(around, lambda r, g, b: (r > 200) & (g < 60) & (b < 60))

        assert share_of_red() == 0
        path = edited.folder / "assets" / "ship.png"
        with Image.open(path) as old:
            size = old.size
        Image.new("RGBA", size, (255, 0, 0, 255)).save(path)
        app.submit([], assets=[path])
        app.step()
        assert share_of_red() > 0.9
        edited.save_asset("assets/ship.png", b"no picture")
        app.step()
        assert share_of_red() < 0.5
        assert list(app.world.resource(core("assets", "Assets")).complaints) == ["ship.png"]
        assert faults(app) == []
