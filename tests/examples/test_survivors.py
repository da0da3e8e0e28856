"""Survivors is played, edited and crowded: foes come, weapons fire, levels are gained, the night ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
import small_games
from examples.playing import Edited, Window, faults, looks_as_before, module, part, picture, play, tap
from PIL import Image

from engine import App, Entity, Mut

GAME = "survivors"
SCREEN_TICKS = {"title": 36, "night": 300, "later": 600}


def game(app: App) -> Any:
    return app.world.resource(part(GAME, "screens", "Game"))


def screen(app: App) -> str:
    return str(app.world.resource(part(GAME, "screens", "Screen")).name)


def rows(app: App, file: str, name: str) -> int:
    return len(app.world.query(part(GAME, file, name)))


def column(app: App, file: str, name: str, field: str) -> Any:
    """Return one field of all rows of a component."""
    steps = [np.array(getattr(step, field)) for step in app.world.query(part(GAME, file, name))]
    return np.concatenate(steps, axis=-1) if steps else np.empty(0)


def hero(app: App) -> Any:
    """Return the row views of place and hero."""
    ((at, who),) = [
        (
            app.world.get(int(e[0]), module("core.motion", "Position")),
            app.world.get(int(e[0]), part(GAME, "hero", "Hero")),
        )
        for e, _ in app.world.query(Entity, part(GAME, "hero", "Hero"))
    ]
    return at, who


def begin(app: App) -> None:
    """Go from the title into a night."""
    app.step(25)
    tap(app, "return")
    assert screen(app) == "PLAYING"
    assert rows(app, "hero", "Hero") == 1


def put(app: App, kind: int, x: Any, y: Any, **more: Any) -> Any:
    """Put foes that stand still beside the hero; return their ids."""
    motion, foes = module("core.motion", "Position"), part(GAME, "foes", "Foe")
    kinds = np.full(np.size(x), kind, np.uint8)
    more = {"hp": 1000.0, **more}
    velocity = module("core.motion", "Velocity")
    return app.world.spawn(motion(x=x, y=y), velocity(), foes(kind=kinds, **more), part(GAME, "screens", "Night")())


def arm(app: App, name: str, level: int) -> None:
    """Give the hero one weapon alone."""
    for weapon in app.world.query(Mut[part(GAME, "arms", "Weapon")]):
        weapon.level = np.where(weapon.name == name, level, 0)
        weapon.wait = 0.0


def hp_of(app: App, ids: Any) -> Any:
    """Return the health of foes, 0 of those that are gone."""
    there, foe = app.world.query(part(GAME, "foes", "Foe")).at(ids)
    health = np.zeros(len(ids))
    health[there] = foe.hp
    return health


def test_ten_seconds_twice_give_the_same_world_and_the_known_pictures() -> None:
    hashes = []
    with play(GAME, script=True, seed=0) as app:
        for name, tick in SCREEN_TICKS.items():
            app.step(tick - app.world.tick)
            assert looks_as_before(app, f"survivors_{name}") < 6
            hashes.append(app.world.hash())
        assert game(app).kills > 3
        assert rows(app, "gems", "Gem") + game(app).gems + game(app).level > 3
        assert not app.world.resource(module("core.assets", "Assets")).complaints
        assert faults(app) == []
    with play(GAME, script=True, seed=0) as app:  # without having been looked at
        app.step(list(SCREEN_TICKS.values())[1])
        assert app.world.hash() == hashes[1]


@pytest.mark.long
def test_the_script_plays_a_minute_and_gains_levels() -> None:
    with play(GAME, script=True, seed=0) as app:
        app.step(3800)
        assert game(app).kills > 250
        assert game(app).level > 6
        assert (column(app, "arms", "Weapon", "level") > 0).sum() > 2
        assert faults(app) == []


def test_every_weapon_hurts_foes_around_the_hero() -> None:
    with play(GAME) as app:
        begin(app)
        names = {str(name) for weapon in app.world.query(part(GAME, "arms", "Weapon")) for name in weapon.name}
        assert names == {"Spark", "Blades", "Shards", "Nova", "Meteors"}
        for name in sorted(names):
            app.world.despawn(app.world.query(part(GAME, "foes", "Foe")).entities())
            arm(app, name, 3)
            at, who = hero(app)
            who.hp = who.most
            angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
            ids = put(app, 3, at.x + 74 * np.cos(angle), at.y + 74 * np.sin(angle))
            app.step(100)
            assert (hp_of(app, ids) < 1000).sum() > 3, name
        assert faults(app) == []


def test_foes_keep_apart_chase_hurt_and_leave_gems() -> None:
    with play(GAME) as app:
        begin(app)
        arm(app, "none", 0)
        at, who = hero(app)
        heap = put(app, 1, np.full(60, at.x + 300.0), np.full(60, at.y) + np.linspace(-2, 2, 60), phase=np.arange(60.0))
        places = module("core.motion", "Position")
        app.step(90)
        _, pos = app.world.query(places).at(heap)
        assert pos.y.std() > 12  # out of the heap
        assert pos.x.mean() < at.x + 260  # toward the hero
        app.step(200)
        assert who.hp < who.most
        before = rows(app, "gems", "Gem")
        hurt = part(GAME, "foes", "Hurt")
        app.world.send(hurt, foe=np.repeat(heap, 2), damage=np.full(120, 600.0), push_x=0.0, push_y=0.0)
        app.step(2)
        assert rows(app, "gems", "Gem") + game(app).gems >= before + 55
        assert game(app).kills >= 60
        assert not hp_of(app, heap).any()


def test_a_shot_hits_as_many_as_it_says_and_never_one_twice_in_a_row() -> None:
    with play(GAME) as app:
        begin(app)
        arm(app, "none", 0)
        at, _ = hero(app)
        line = put(app, 3, at.x + np.array([100.0, 160, 220, 280]), np.full(4, at.y - 200))
        motion, shots = module("core.motion", "Position"), part(GAME, "shots", "Shot")
        velocity = module("core.motion", "Velocity")
        app.world.spawn(motion(x=at.x, y=at.y - 200), velocity(x=600.0), shots(damage=10.0, hits=3, left=3.0))
        app.step(60)
        assert sorted(hp_of(app, line)) == [990, 990, 990, 1000]
        assert rows(app, "shots", "Shot") == 0


def test_the_boss_comes_and_falls() -> None:
    with play(GAME) as app:
        begin(app)
        game(app).seconds = 149.9
        app.step(30)
        boss = part(GAME, "foes", "BOSS")
        assert (column(app, "foes", "Foe", "kind") == boss).sum() == 1
        app.step(30)
        shares = dict(zip(column(app, "hud", "Bar", "shows").tolist(), column(app, "hud", "Bar", "share"), strict=True))
        assert shares["boss"] > 0.9
        for entity, foe in app.world.query(Entity, part(GAME, "foes", "Foe")):
            who = entity[foe.kind == boss]
            app.world.send(part(GAME, "foes", "Hurt"), foe=who, damage=1e6, push_x=0.0, push_y=0.0)
        app.step(2)
        assert game(app).bosses == 1
        assert (column(app, "gems", "Gem", "worth") >= 80).sum() == 1


@pytest.mark.parametrize("device", ["keyboard", pytest.param("gamepad", marks=pytest.mark.long)])
def test_it_is_played_from_the_title_to_the_end_and_again(device: str) -> None:
    window = Window(GAME)
    app, keys = window.app, device == "keyboard"
    motor = window.plug_in()
    select = (lambda: window.key(pygame.K_RETURN)) if keys else (lambda: window.button(0))
    try:
        window.frames(25)
        select()
        window.wait(lambda: screen(app) == "PLAYING")
        at, who = hero(app)
        before = at.x
        if keys:
            window.key(pygame.K_d, 20)
        else:
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 1.0)
            window.frames(20)
            window.axis(pygame.CONTROLLER_AXIS_LEFTX, 0.0)
        assert hero(app)[0].x > before + 20
        window.key(pygame.K_p) if keys else window.button(pygame.CONTROLLER_BUTTON_START)
        window.frames(25)
        seconds = game(app).seconds
        window.frames(5)
        assert game(app).seconds == seconds
        select()  # go on
        window.wait(lambda: game(app).seconds > seconds)
        game(app).gems = 50
        window.wait(lambda: game(app).choosing > 0)
        window.frames(25)
        levels = column(app, "arms", "Weapon", "level").sum()
        offers = list(app.world.resource(part(GAME, "choices", "Choice")).offers)
        assert len(offers) == 3
        select()
        window.wait(lambda: app.world.resource(part(GAME, "choices", "Choice")).offers != offers)
        gifts = app.world.resource(part(GAME, "hero", "Gifts"))
        gained = column(app, "arms", "Weapon", "level").sum() - levels
        assert gained == 1 or (gifts.speed, gifts.might, gifts.reach, gifts.mending) != (1.0, 1.0, 1.0, 0.0)
        game(app).choosing = game(app).gems = 0
        at, who = hero(app)
        who.hp = 1.0
        put(app, 3, [at.x + 5.0], [at.y])
        window.wait(lambda: screen(app) == "OVER")
        window.frames(40)
        assert motor.felt
        menu = app.world.resource(module("plugins.screens", "Menu"))
        while menu.focus[menu.heading] != "Another night":
            window.key(pygame.K_DOWN) if keys else window.button(pygame.CONTROLLER_BUTTON_DPAD_DOWN)
        select()
        window.wait(lambda: screen(app) == "PLAYING")
        window.frames(3)
        assert hero(app)[1].hp > 99
        assert (game(app).kills, game(app).level) == (0, 1)
    finally:
        window.close()


NEW_WEAPON = '''
"""Frost: a cold ring that bites once a second."""

from engine import Commands, Mut, Query, Send, Startup, Time, Update, With, component, system
from modules.core.motion import Position

from ..arms import Weapon, ready
from ..hero import Hero
from ..screens import playing
from ..shots import Blow

PAUSE = (0.5,)


@component
class Frost:
    """Marks this weapon."""


@system(Startup)
def forge(commands: Commands) -> None:
    """Add the weapon to those that levels offer."""
    commands.spawn(Weapon("Frost", "icon_shard.png", "Cold"), Frost())


@system(Update, when=playing)
def bite(
    weapons: Query[Mut[Weapon], With[Frost]], heroes: Query[Position, Hero], time: Time, blows: Send[Blow]
) -> None:
    """Bite everything near."""
    for weapon in weapons:
        if heroes and ready(weapon, PAUSE, float(time.dt)):
            at = heroes.single()[0]
            blows.send(x=at.x, y=at.y, radius=90, damage=5, push=0)
'''

NEW_SYSTEM = '''
"""Wind: it blows foes to the east."""

from engine import Mut, Query, Update, system
from modules.core.motion import Velocity

from .foes import Foe
from .screens import playing


@system(Update, when=playing)
def blow(foes: Query[Mut[Velocity], Foe]) -> None:
    """Push."""
    for vel, _ in foes:
        vel.x += 5000
'''


def test_edits_change_the_night_at_once(tmp_path: Path) -> None:
    edited = Edited(GAME, tmp_path)
    with edited.app as app:
        begin(app)
        app.step(120)
        ids = app.world.query(part(GAME, "foes", "Foe")).entities()
        assert ids.size > 3
        at, who = hero(app)
        before = (at.x, who.hp, game(app).seconds)

        # a constant: foes that fly
        edited.replace("foes.py", "SPEED = np.array([96, 62, 54, 42, 66]", "SPEED = np.array([960, 620, 540, 420, 660]")
        app.step(2)
        ((vel, _),) = [(v, f) for v, f in app.world.query(module("core.motion", "Velocity"), part(GAME, "foes", "Foe"))]
        assert np.hypot(vel.x, vel.y).min() > 400

        # the body of a system: the hero walks backwards
        edited.replace("hero.py", "vel.x, vel.y = x / far", "vel.x, vel.y = -x / far")
        app.feed(["key", "down", "d"])
        app.step(5)
        app.feed(["key", "up", "d"])
        app.step(1)
        assert hero(app)[0].x < before[0] - 5

        # a field of a component, which a system then uses
        edited.replace("foes.py", "    phase: f32 = 0.0\n", "    phase: f32 = 0.0\n    rage: f32 = 2.5\n")
        assert (column(app, "foes", "Foe", "rage") == 2.5).all()
        assert app.world.alive(ids).sum() > 0

        # a new system in a new file
        edited.save("wind.py", NEW_SYSTEM)
        app.step(2)
        ((vel, _),) = [(v, f) for v, f in app.world.query(module("core.motion", "Velocity"), part(GAME, "foes", "Foe"))]
        assert np.median(vel.x) > 3000

        edited.replace("wind.py", "+= 5000", "+= 0")

        # a new weapon, in the middle of a night, at first broken: it is refused, and the night goes on
        refused = small_games.save(app, edited.folder / "weapons/frost.py", NEW_WEAPON.replace("def bite(", "def bite"))
        assert refused is not None
        assert not refused.good
        assert "frost.py" in str(refused.error)
        seconds = game(app).seconds
        app.step(2)
        assert game(app).seconds > seconds
        edited.save("weapons/frost.py", NEW_WEAPON)
        app.step(2)
        names = [str(name) for weapon in app.world.query(part(GAME, "arms", "Weapon")) for name in weapon.name]
        assert "Frost" in names
        assert len(names) == 6
        arm(app, "Frost", 1)
        at, _ = hero(app)
        near = put(app, 3, at.x + np.array([40.0, -40.0]), at.y + np.array([0.0, 0.0]))
        app.step(10)
        assert (hp_of(app, near) == 995).all()
        assert game(app).seconds > before[2]

        # an asset: the hero is painted green
        edited.replace("waves.py", "if count and len(foes) < MOST", "if count and len(foes) < 0")
        arm(app, "none", 0)
        app.world.despawn(app.world.query(part(GAME, "foes", "Foe")).entities())
        app.step(50)
        path = edited.folder / "assets" / "hero.png"
        green = Image.new("RGBA", Image.open(path).size, (0, 255, 0, 255))
        x, y = to_canvas(app)
        seen = picture(app)[y - 6 : y + 6, x - 6 : x + 6]
        assert not ((seen[..., 1] > 200) & (seen[..., 0] < 120)).mean() > 0.5
        green.save(path)
        app.submit([], assets=[path])
        app.step()
        seen = picture(app)[y - 6 : y + 6, x - 6 : x + 6]
        assert ((seen[..., 1] > 200) & (seen[..., 0] < 160)).mean() > 0.5

        # a broken one: a placeholder and one message, and the night goes on
        path.write_bytes(b"no picture")
        app.submit([], assets=[path])
        picture(app)
        assert list(app.world.resource(module("core.assets", "Assets")).complaints) == ["hero.png"]
        app.step(5)
        assert faults(app) == []


def to_canvas(app: App) -> tuple[int, int]:
    """Return where the hero is seen."""
    render = module("core.render", "to_canvas")
    camera, canvas = (app.world.resource(module("core.render", name)) for name in ("Camera", "Canvas"))
    at, _ = hero(app)
    x, y = render(camera, canvas, float(at.x), float(at.y))
    return int(x), int(y)


def test_a_trial_keeps_up_the_crowd_it_was_asked_for() -> None:
    with play(GAME) as app:
        app.step(5)
        app.bus.call("survivors.trial", foes=3000, shots=600, radius=500.0)
        app.step(20)
        for _ in range(5):
            app.step(2)
            assert 2500 < rows(app, "foes", "Foe") <= 3000 + 200
            assert 300 < rows(app, "shots", "Shot") <= 600
        assert screen(app) == "PLAYING"
        assert game(app).kills > 50
        assert faults(app) == []
