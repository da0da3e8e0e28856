"""Breakout is played by its script, by keyboard and by gamepad, and edited while the ball flies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from examples.playing import ROOT, Edited, Window, faults, looks_as_before, module, part, picture, play, tap

from engine import App, Mut

GAME = "breakout"
PICTURE_TICKS = {"title": 40, "early": 200, "later": 560}


def screen(app: App) -> str:
    return str(app.world.resource(part(GAME, "", "Screen")).name)


def game(app: App) -> Any:
    return app.world.resource(part(GAME, "score", "Game"))


def bricks(app: App) -> int:
    return len(app.world.query(part(GAME, "bricks", "Brick")))


def balls(app: App, *, change: bool = False) -> Any:
    position, velocity = module("core.motion", "Position"), module("core.motion", "Velocity")
    return app.world.query(
        *((Mut[position], Mut[velocity]) if change else (position, velocity)), part(GAME, "ball", "Ball")
    )


def wall(app: App) -> Any:
    """Return where the bricks are, as (2, n)."""
    found = app.world.query(module("core.motion", "Position"), part(GAME, "bricks", "Brick"))
    return np.concatenate([np.array(place.xy) for place, _ in found], axis=1)


def paddle(app: App) -> float:
    return float(app.world.query(module("core.motion", "Position"), part(GAME, "paddle", "Paddle")).single()[0].x)


def drop(app: App) -> None:
    """Put every ball below the paddle."""
    for pos, vel, _ in balls(app, change=True):
        pos.y, vel.y = 530.0, 300.0


def test_ten_seconds_twice_give_the_same_world_and_the_known_pictures() -> None:
    hashes = []
    with play(GAME, script=True, seed=0) as app:
        for name, tick in PICTURE_TICKS.items():
            app.step(tick - app.world.tick)
            assert looks_as_before(app, f"breakout_{name}") < 4
            hashes.append(app.world.hash())
        app.step(600 - app.world.tick)
        assert bricks(app) < 72
        assert game(app).score >= 50
        assert not app.world.resource(module("core.assets", "Assets")).complaints
        assert faults(app) == []
    with play(GAME, script=True, seed=0) as app:  # without having been looked at
        app.step(list(PICTURE_TICKS.values())[1])
        assert app.world.hash() == hashes[1]


@pytest.mark.long
def test_the_script_plays_a_minute_loses_notes_its_score_and_begins_again() -> None:
    seen: list[str] = []
    best = 0
    with play(GAME, script=True, seed=0) as app:
        for _ in range(500):
            app.step(10)
            best = max(best, game(app).score)
            now = "PAUSED" if app.world.resource(module("core.time", "Pause")).on else screen(app)
            if seen[-1:] != [now]:
                seen.append(now)
        rows = app.world.resource(module("plugins.screens", "Scores")).rows
        assert seen == ["TITLE", "PLAYING", "PAUSED", "PLAYING", "OVER", "PLAYING"]
        assert rows == [("ada", best)]
        assert best > 500
        assert faults(app) == []


@pytest.mark.parametrize("device", ["keyboard", pytest.param("gamepad", marks=pytest.mark.long)])
def test_it_is_played_from_the_title_to_the_end_and_again(device: str) -> None:
    window = Window(GAME)
    app = window.app
    motor = window.plug_in()
    keys = device == "keyboard"
    select = (lambda: window.key(pygame.K_RETURN)) if keys else (lambda: window.button(pygame.CONTROLLER_BUTTON_A))
    down = (lambda: window.key(pygame.K_DOWN)) if keys else (lambda: window.button(pygame.CONTROLLER_BUTTON_DPAD_DOWN))
    try:
        window.frames(22)
        select()
        window.wait(lambda: screen(app) == "PLAYING")
        window.wait(lambda: bool(balls(app)))
        x = paddle(app)
        if keys:
            window.key(pygame.K_RIGHT, 12)
        else:
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 1.0)
            window.frames(12)
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 0.0)
        assert paddle(app) > x + 80
        window.wait(lambda: bricks(app) < 72)
        assert motor.felt
        window.key(pygame.K_p) if keys else window.button(pygame.CONTROLLER_BUTTON_START)
        places = [np.array(pos.xy) for pos, _, _ in balls(app)]
        window.frames(25)
        assert all((before == pos.xy).all() for before, (pos, _, _) in zip(places, balls(app), strict=True))
        select()
        window.frames(3)
        assert any((before != pos.xy).any() for before, (pos, _, _) in zip(places, balls(app), strict=True))
        lives, felt = game(app).lives, len(motor.felt)
        for left in range(lives - 1, -1, -1):
            drop(app)
            window.wait(lambda left=left: game(app).lives == left)
            window.frames(3)
        assert len(motor.felt) >= felt + lives
        window.wait(lambda: screen(app) == "OVER")
        assert not balls(app)
        window.frames(25)
        menu = app.world.resource(module("plugins.screens", "Menu"))
        while menu.focus[menu.heading] != "Play again":
            down()
        select()
        window.wait(lambda: screen(app) == "PLAYING")
        window.wait(lambda: bool(balls(app)))
        assert (game(app).score, game(app).lives, bricks(app)) == (0, 3, 72)
    finally:
        window.close()


def test_every_ball_breaks_bricks_and_a_wall_is_built_anew(tmp_path: Path) -> None:
    with play(GAME) as app:
        app.step(25)
        tap(app, "return")
        app.step(3)
        motion = (module("core.motion", "Position"), module("core.motion", "Velocity"))
        xs, ys = wall(app)
        app.world.spawn(motion[0](x=xs, y=ys), motion[1](0.0, 1.0), part(GAME, "ball", "Ball")(), count=72)
        app.step(2)
        assert game(app).score == sum(10 * row * 12 for row in range(1, 7))
        app.world.despawn(app.world.query(part(GAME, "ball", "Ball")).entities())
        app.step()
        assert bricks(app) == 72  # the next wall
        app.step(240)
        assert len(app.world) < 3000  # sparks go


LASER = '''
"""A laser: space burns a hole into the wall."""

from engine import Commands, Entity, Query, Update, system
from modules.core.input import Keyboard
from modules.core.motion import Position

from .bricks import Brick


@system(Update)
def burn(bricks: Query[Entity, Position, Brick], keyboard: Keyboard, commands: Commands) -> None:
    """Burn what is in the middle."""
    if keyboard.hit("l"):
        for entity, place, _ in bricks:
            commands.despawn(entity[abs(place.x - 480) < 100])
'''


def test_edits_change_the_game_while_the_ball_flies(tmp_path: Path) -> None:
    edited = Edited(GAME, tmp_path)
    with edited.app as app:
        app.step(25)
        tap(app, "return")
        app.step(30)

        # a constant: the controls are faster
        edited.replace("paddle.py", "SPEED = 620.0", "SPEED = 60.0")
        x = paddle(app)
        app.feed(["key", "down", "right"])
        app.step(10)
        app.feed(["key", "up", "right"])
        app.step()
        assert paddle(app) == pytest.approx(x + 10, abs=2)

        # the body of a system: the floor is back
        edited.replace("ball.py", "        gone = pos.y > HEIGHT + RADIUS", "        gone = pos.y > 10 * HEIGHT")
        edited.replace(
            "ball.py",
            "vel.y = np.where(pos.y < RADIUS, abs(vel.y), vel.y)",
            "vel.y = np.where(pos.y < 200, abs(vel.y), vel.y)",
        )
        for pos, vel, _ in balls(app, change=True):
            pos.x, pos.y, vel.x, vel.y = 40.0, 300.0, 0.0, -400.0
        app.step(20)
        assert all((vel.y > 0).all() for _, vel, _ in balls(app))

        # a new file with a system
        edited.save("laser.py", LASER)
        middle = [
            place.x for place, _ in app.world.query(module("core.motion", "Position"), part(GAME, "bricks", "Brick"))
        ]
        assert (abs(np.concatenate(middle) - 480) < 100).any()
        tap(app, "l")
        middle = [
            place.x for place, _ in app.world.query(module("core.motion", "Position"), part(GAME, "bricks", "Brick"))
        ]
        assert not (abs(np.concatenate(middle) - 480) < 100).any()

        # a field of a component: every brick that is there gets it, and a system uses it
        ids = app.world.query(part(GAME, "bricks", "Brick")).entities()
        edited.replace("bricks.py", "    row: u8\n\n\n@event", "    row: u8\n    hits: u8 = 2\n\n\n@event")
        assert (app.world.query(part(GAME, "bricks", "Brick")).entities() == ids).all()
        assert all((brick.hits == 2).all() for brick in app.world.query(part(GAME, "bricks", "Brick")))

        # a default: the paddle that is there keeps its width, until a system says otherwise
        edited.replace("paddle.py", "        face.w = paddle.w", "        face.w = 2 * paddle.w")
        app.step()
        seen = picture(app)
        row = seen[500, :, 2] > 200
        assert row.sum() == pytest.approx(260, abs=6)

        # an asset: the game's own sound comes before the shared one
        assets = app.world.resource(module("core.assets", "Assets"))
        shared = assets.path("tock.wav")
        (edited.folder / "tock.wav").write_bytes((ROOT / "assets" / "chime.wav").read_bytes())
        edited.save_asset("tock.wav", (ROOT / "assets" / "chime.wav").read_bytes())
        assert assets.path("tock.wav") == edited.folder / "tock.wav" != shared
        assert faults(app) == []
