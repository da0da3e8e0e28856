"""The platformer is played and edited: by its script, by every device, tick by tick, and in Tiled."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from examples.playing import (
    EXAMPLES,
    MOST_APART,
    Edited,
    Window,
    faults,
    looks_as_before,
    module,
    part,
    picture,
    play,
    tap,
)

from engine import App, Mut

GAME = "platformer"
TILE = 48
SCREEN_TICKS = {"title": 38, "meadow": 320, "later": 590}


def resource(app: App, file: str, name: str) -> Any:
    return app.world.resource(part(GAME, file, name))


def tiles(app: App) -> Any:
    return app.world.resource(module("core.tiles", "TileMap"))


def count(app: App, file: str, name: str) -> int:
    """Return how many entities have a component of the game."""
    return len(app.world.query(part(GAME, file, name)))


def hero(app: App) -> tuple[Any, Any, Any]:
    """Return place, velocity and state of the only hero."""
    motion = [Mut[module("core.motion", name)] for name in ("Position", "Velocity")]
    return next(iter(app.world.query(*motion, Mut[part(GAME, "hero", "Hero")])))


def has_hero(app: App) -> bool:
    return count(app, "hero", "Hero") > 0


def put(app: App, column: float, row: float, vx: float = 0.0, vy: float = 0.0) -> None:
    """Put the hero's soles into the middle of a cell's foot and let it come to rest in one tick."""
    pos, vel, state = hero(app)
    pos.x, pos.y = (column + 0.5) * TILE, (row + 1) * TILE - part(GAME, "hero", "HEIGHT") / 2
    pos.last, vel.x, vel.y = np.nan, vx, vy
    state.coyote, state.wanted, state.ride, state.safe = 0, 0, 0, 0


def begin(app: App) -> None:
    """Start a game and wait until the hero stands."""
    app.step(25)
    tap(app, "return")
    wait(app, lambda: has_hero(app))
    app.step(30)
    assert hero(app)[2].grounded[0]


def wait(app: App, condition: Any, ticks: int = 300) -> None:
    """Step until something is so; fail after so many ticks."""
    for _ in range(ticks):
        if condition():
            return
        app.step()
    raise AssertionError("it did not come to pass")


def screen(app: App) -> str:
    return str(resource(app, "screens", "Screen").name)


def heights(app: App, ticks: int) -> Any:
    """Return how high above the present place the hero is in each of the next ticks."""
    start, way = float(hero(app)[0].y[0]), []
    for _ in range(ticks):
        app.step()
        way.append(start - float(hero(app)[0].y[0]))
    return np.array(way)


def hold(app: App, *keys: str) -> None:
    app.feed(*(["key", "down", key] for key in keys))


def let_go(app: App, *keys: str) -> None:
    app.feed(*(["key", "up", key] for key in keys))


def test_ten_seconds_twice_give_the_same_world_and_the_known_pictures() -> None:
    hashes = []
    with play(GAME, script=True) as app:
        for name, tick in SCREEN_TICKS.items():
            app.step(tick - app.world.tick)
            assert looks_as_before(app, f"platformer_{name}") < MOST_APART
            if name == "title":
                enemies = count(app, "enemies", "Enemy")
            if name == "meadow":
                hashes.append(app.world.hash())
        app.step(600 - app.world.tick)
        assert hero(app)[0].x[0] > 30 * TILE
        assert resource(app, "screens", "Game").coins > 5
        assert count(app, "enemies", "Enemy") < enemies, "one was stomped on"
        assert not app.world.resource(module("core.assets", "Assets")).complaints
        assert faults(app) == []
    with play(GAME, script=True) as app:  # without having been looked at
        app.step(SCREEN_TICKS["meadow"])
        hashes.append(app.world.hash())
    assert hashes[0] == hashes[1]


@pytest.mark.long
def test_the_script_goes_home_through_all_levels() -> None:
    hashes = []
    for _ in range(2):
        levels, screens = set(), set()
        with play(GAME, script=True) as app:
            last = max(app.scripted)
            for _ in range(last // 10 + 12):
                app.step(10)
                levels.add(tiles(app).loaded)
                screens.add(screen(app))
            assert levels == {"level_1.tmx", "level_2.tmx", "level_3.tmx"}
            assert screens == {"TITLE", "PLAYING", "HOME"}
            assert last > 3600
            assert app.world.resource(module("plugins.screens", "Scores")).best > 5000
            assert faults(app) == []
            hashes.append(app.world.hash())
    assert hashes[0] == hashes[1]


def test_the_jump_is_what_its_numbers_say_and_forgives() -> None:
    with play(GAME) as app:
        begin(app)
        numbers = {name: part(GAME, "hero", name) for name in ("JUMP_HEIGHT", "JUMP_TIME", "COYOTE", "BUFFER")}
        put(app, 6, 12)
        app.step(2)

        # held, it is as high as it says and takes as long; tapped, it is lower
        hold(app, "space")
        way = heights(app, 60)
        let_go(app, "space")
        assert way.max() == pytest.approx(numbers["JUMP_HEIGHT"], rel=0.06)
        assert int(way.argmax()) / 60 == pytest.approx(numbers["JUMP_TIME"], abs=0.05)
        assert hero(app)[2].grounded[0]
        app.step(2)
        hold(app, "space")
        app.step(2)
        let_go(app, "space")
        assert heights(app, 50).max() < 0.6 * numbers["JUMP_HEIGHT"]

        # pressed a moment before the landing, it comes at the landing
        put(app, 6, 11.8, vy=300)
        app.step(1)
        hold(app, "space")
        assert not hero(app)[2].grounded[0]
        assert heights(app, 30).max() > 100
        let_go(app, "space")
        app.step(40)

        # pressed a moment after the edge, it still counts; much later, it does not
        for late, counts in ((3, True), (12, False)):
            put(app, 31.2, 12)
            app.step(2)
            hold(app, "right")
            wait(app, lambda: not hero(app)[2].grounded[0], 60)
            app.step(late)
            hold(app, "space")
            way = heights(app, 8)
            let_go(app, "space", "right")
            assert (way.max() > 20) == counts
            if has_hero(app):
                put(app, 6, 12)
                app.step(20)


def test_what_is_on_the_way_does_what_it_should() -> None:
    with play(GAME) as app:
        begin(app)
        game, journey = resource(app, "screens", "Game"), resource(app, "levels", "Journey")

        # drops are picked
        drops, coins = count(app, "things", "Coin"), game.coins
        put(app, 8, 12)
        app.step(2)
        assert game.coins == coins + 1
        assert count(app, "things", "Coin") == drops - 1

        # planks hold from above, let through from below, and let go of who wants down
        put(app, 38, 12)
        app.step(2)
        hold(app, "space")
        app.step(50)
        let_go(app, "space")
        app.step(20)
        assert hero(app)[0].y[0] < 10 * TILE
        hold(app, "down")
        app.step(40)
        let_go(app, "down")
        assert hero(app)[0].y[0] > 12 * TILE

        # a beetle is soft from above
        enemies = count(app, "enemies", "Enemy")
        pos, _ = next(iter(app.world.query(module("core.motion", "Position"), part(GAME, "enemies", "Walker"))))
        put(app, float(pos.x[0]) / TILE - 0.5, 11.2, vy=200)
        app.step(8)
        assert count(app, "enemies", "Enemy") == enemies - 1
        assert hero(app)[1].y[0] < -300

        # springs throw higher than any jump
        put(app, 67, 11, vy=300)
        app.step(1)
        assert heights(app, 40).max() > 1.6 * part(GAME, "hero", "JUMP_HEIGHT")

        # platforms take along who stands on them
        platforms = app.world.query(module("core.motion", "Position"), part(GAME, "platforms", "Platform"))

        def platform() -> Any:
            return np.array(next(iter(platforms))[0].xy[:, 0], np.float64)

        start = platform()
        put(app, start[0] / TILE - 0.5, (start[1] - 11) / TILE - 1)
        app.step(2)
        gaps = []
        for _ in range(100):
            app.step()
            gaps.append(float(hero(app)[0].x[0]) - platform()[0])
        assert np.ptp(gaps) < 3
        assert abs(platform()[0] - start[0]) > 40
        assert hero(app)[2].grounded[0]

        # a flower remembers the way; thorns, falls and the sides of enemies end a hero
        put(app, 56, 12)
        app.step(3)
        assert journey.x == pytest.approx(56.5 * TILE)
        lives = game.lives
        for column, row in ((59.2, 12), (33, 14.0)):
            put(app, column, row)
            wait(app, lambda: not has_hero(app), 90)
            lives -= 1
            assert game.lives == lives
            wait(app, lambda: has_hero(app), 120)
            assert hero(app)[0].x[0] == pytest.approx(56.5 * TILE)
        wait(app, lambda: hero(app)[2].safe[0] <= 0)
        walkers = app.world.query(module("core.motion", "Position"), part(GAME, "enemies", "Walker"))
        pos, _ = next(iter(walkers))
        put(app, float(pos.x[-1]) / TILE - 0.5, float(pos.y[-1]) / TILE - 0.6)
        app.step(3)
        assert not has_hero(app)
        wait(app, lambda: has_hero(app), 120)

        # home, and on to the next level
        put(app, 108, 12)
        app.step(2)
        assert journey.home > 0
        assert hero(app)[2].cheers[0]
        wait(app, lambda: tiles(app).loaded == "level_2.tmx")
        wait(app, lambda: has_hero(app))
        assert game.lives == lives - 1
        assert faults(app) == []


def pass_time(window: Window, condition: Any = None, ticks: int = 300) -> None:
    """Go on in a window by some ticks, or until something is so, and look at the last picture only."""
    for _ in range(ticks):
        if condition is not None and condition():
            break
        window.app.poll_window()
        window.app.turn(1)
    else:
        assert condition is None, "it did not come to pass"
    window.app.frame()


def heard(app: App) -> set[str]:
    """Return the names of the sounds that could be decoded."""
    mixer = app.world.resource(module("systems.pygame_audio.mixer", "Mixer"))
    return {path.name for (path, _), sound in mixer.sounds.items() if sound is not None}


def save_sound(app: App, folder: Path, content: bytes) -> None:
    """Save the sound of jumping."""
    (folder / "assets/jump.wav").write_bytes(content)
    app.submit([], assets=[folder / "assets/jump.wav"])


def test_it_is_played_from_the_title_to_the_end_with_keys_and_again_with_a_gamepad(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / GAME, tmp_path / GAME, ignore=shutil.ignore_patterns("__pycache__"))
    window = Window(str(folder))
    app, motor = window.app, window.plug_in()
    menu = app.world.resource(module("plugins.screens", "Menu"))
    complaints = app.world.resource(module("core.assets", "Assets")).complaints

    def press(key: int, button: int, held: int = 1) -> None:
        window.key(key, held) if keys else window.button(button, held)

    try:
        for keys in (True, False):
            pass_time(window, ticks=25)
            press(pygame.K_RETURN, pygame.CONTROLLER_BUTTON_A)
            pass_time(window, lambda: screen(app) == "PLAYING" and has_hero(app))
            pass_time(window, ticks=25)
            x, y = (float(side[0]) for side in hero(app)[0].xy)
            if keys:
                window.key(pygame.K_RIGHT, 18)
            else:
                window.axis(pygame.CONTROLLER_AXIS_LEFTX, 1.0)
                window.frames(18)
                window.axis(pygame.CONTROLLER_AXIS_LEFTX, 0.0)
            press(pygame.K_SPACE, pygame.CONTROLLER_BUTTON_A, held=10)
            if keys:
                assert "jump.wav" in heard(app)
                assert not complaints
                whole = (folder / "assets/jump.wav").read_bytes()
                save_sound(app, folder, b"no sound")
            else:
                assert list(complaints) == ["jump.wav"], "it is silent and said once"
                save_sound(app, folder, whole)
                assert not complaints
            assert hero(app)[0].x[0] > x + 50
            assert hero(app)[0].y[0] < y - 50
            press(pygame.K_p, pygame.CONTROLLER_BUTTON_START)
            still = hero(app)[0].xy.tolist()
            pass_time(window, ticks=25)
            assert hero(app)[0].xy.tolist() == still
            press(pygame.K_p, pygame.CONTROLLER_BUTTON_B)
            felt = len(motor.felt)
            resource(app, "screens", "Game").lives = 1
            put(app, 33, 14)
            pass_time(window, lambda: screen(app) == "OVER")
            pass_time(window, ticks=25)
            assert len(motor.felt) > felt
            while menu.focus[menu.heading] != "Go on":
                press(pygame.K_DOWN, pygame.CONTROLLER_BUTTON_DPAD_DOWN)
            press(pygame.K_RETURN, pygame.CONTROLLER_BUTTON_A)
            pass_time(window, lambda: screen(app) == "TITLE")
            pass_time(window, ticks=25)
            while menu.pages:
                press(pygame.K_BACKSPACE, pygame.CONTROLLER_BUTTON_B)
    finally:
        window.close()


NEW_SYSTEM = '''
"""Wind blows everything that can be blown."""

from engine import Mut, Query, Time, Update, With, system
from modules.core.motion import Velocity

from .hero import Hero
from .screens import playing

WIND = 6000.0  # pixels a second, each second


@system(Update, when=playing)
def blow(heroes: Query[Mut[Velocity], With[Hero]], time: Time) -> None:
    """Blow to the right."""
    for vel in heroes:
        vel.x += WIND * time.dt
'''


def change_map(text: str, column: int, row: int, tile: int) -> str:
    """Return a map with one tile of its ground replaced, as Tiled would save it."""
    head, data, rest = re.split(r'(?<=<layer id="11")(.*?</layer>)', text, maxsplit=1, flags=re.DOTALL)
    lines = data.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith(tuple("0123456789")))
    cells = lines[first + row].split(",")
    cells[column] = str(tile)
    lines[first + row] = ",".join(cells)
    return head + "\n".join(lines) + rest


def test_edits_change_the_game_at_once(tmp_path: Path) -> None:
    edited = Edited(GAME, tmp_path)
    with edited.app as app:
        begin(app)
        put(app, 5, 12)
        app.step(2)

        # a constant: the jump's curve, from which others derive
        edited.replace("hero.py", "JUMP_HEIGHT = 152.0", "JUMP_HEIGHT = 304.0")
        app.step(1)
        hold(app, "space")
        assert heights(app, 60).max() == pytest.approx(304, rel=0.06)
        let_go(app, "space")
        app.step(30)

        # the body of a system: who runs left, runs right
        x = float(hero(app)[0].x[0])
        edited.replace("hero.py", 'push = actions.value("run")', 'push = -actions.value("run")')
        hold(app, "left")
        app.step(20)
        assert hero(app)[0].x[0] > x + 40
        let_go(app, "left")
        app.step(30)

        # a field of a component
        edited.replace("hero.py", "    safe: f32 = 0.0", "    warmth: f32 = 0.5\n    safe: f32 = 0.0")
        assert hero(app)[2].warmth[0] == 0.5

        # a new file with a new system
        x = float(hero(app)[0].x[0])
        edited.save("wind.py", NEW_SYSTEM)
        app.step(30)
        assert hero(app)[0].x[0] > x + 10
        edited.replace("wind.py", "WIND = 6000.0", "WIND = 0.0")
        app.step(30)

        # the map: the ground under the hero goes, and comes back under its feet
        file = edited.folder / "assets" / "level_1.tmx"
        whole = file.read_text(encoding="utf-8")
        column = int(hero(app)[0].x[0] // TILE)
        hollow = whole
        for row in (13, 14):
            for side in (-1, 0, 1):
                hollow = change_map(hollow, column + side, row, 0)
        y, coins = float(hero(app)[0].y[0]), count(app, "things", "Coin")
        edited.save_asset("assets/level_1.tmx", hollow)
        app.step(30)
        assert hero(app)[0].y[0] == pytest.approx(y + 2 * TILE, abs=1)
        more = whole.replace(
            "</objectgroup>", '<object id="900" type="coin" x="240" y="200"><point/></object></objectgroup>'
        )
        edited.save_asset("assets/level_1.tmx", more)
        app.step(20)
        assert hero(app)[0].y[0] == pytest.approx(y, abs=1), "dug out"
        assert count(app, "things", "Coin") == coins + 1
        edited.save_asset("assets/level_1.tmx", more.replace("#6fc3e8", "#ff0000"))
        app.step(2)
        assert picture(app)[2, 400:560, 0].mean() > 200, "the sky is what the map says"

        # a map that is broken changes nothing but a note, and one that is mended shows
        gids = tiles(app).gids.copy()
        edited.save_asset("assets/level_1.tmx", more[:3000])
        app.step(20)
        assert np.array_equal(tiles(app).gids, gids)
        assert "cannot be read" in str(app.world.resource(module("core.assets", "Assets")).complaints)
        edited.save_asset("assets/level_1.tmx", change_map(more, 3, 9, 16))
        app.step(2)
        assert tiles(app).at(3.5 * TILE, 9.5 * TILE, "ground") == 16

        # a picture
        pos = hero(app)[0]
        camera = app.world.resource(module("core.render", "Camera"))
        place = (
            slice(int(pos.y[0] - camera.y) - 10, int(pos.y[0] - camera.y) + 10),
            slice(int(pos.x[0] - camera.x) - 8, int(pos.x[0] - camera.x) + 8),
        )
        assert picture(app)[place][..., 0].mean() > 150
        blue = pygame.Surface((576, 264), pygame.SRCALPHA, 32)
        blue.fill((0, 0, 255))
        pygame.image.save(blue, tmp_path / "blue.png")
        edited.save_asset("assets/hero.png", (tmp_path / "blue.png").read_bytes())
        app.step(1)
        assert picture(app)[place].reshape(-1, 3).mean(axis=0) == pytest.approx([0, 0, 255], abs=40)

        # one that is gone: a placeholder and one message, and the game goes on; back again, it shows
        complaints = app.world.resource(module("core.assets", "Assets")).complaints
        (edited.folder / "assets/hero.png").unlink()
        app.submit([], assets=[edited.folder / "assets/hero.png"])
        placeholder = picture(app)[place].reshape(-1, 3)
        assert placeholder.mean(axis=0) != pytest.approx([0, 0, 255], abs=40)
        assert placeholder.std() > 50
        assert list(complaints) == ["hero.png"]
        tick = app.world.tick
        app.step(5)
        assert app.world.tick == tick + 5
        edited.save_asset("assets/hero.png", (tmp_path / "blue.png").read_bytes())
        assert picture(app)[place].reshape(-1, 3).mean(axis=0) == pytest.approx([0, 0, 255], abs=40)
        assert not complaints
        assert faults(app) == []


def test_every_level_has_a_beginning_and_an_end_and_opens_in_tiled() -> None:
    for number in (1, 2, 3):
        text = (EXAMPLES / GAME / "assets" / f"level_{number}.tmx").read_text(encoding="utf-8")
        kinds = re.findall(r'<object id="\d+" type="(\w+)"', text)
        assert kinds.count("start") == kinds.count("goal") == 1
        assert {"coin", "beetle", "flower", "platform", "spring"} <= set(kinds)
        ids = re.findall(r'<object id="(\d+)"', text)
        assert len(set(ids)) == len(ids)
        assert int(re.findall(r'nextobjectid="(\d+)"', text)[0]) > max(map(int, ids))
