"""Menus: said anew at every tick, worked with keys, pad and mouse, part of the world."""

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
    summary = "A game that is all menu."
    requires = ["core.audio~=1.0", "core.flow~=1.1", "core.input~=1.0", "core.motion~=1.0", "core.window~=1.0"]
    """
MANIFEST = MANIFEST.replace('"core.window', '"core.render[shapes,text]~=1.0", "plugins.screens~=0.1", "core.window')
GAME = """
    from enum import Enum

    from engine import Commands, Mut, PreUpdate, Startup, Update, resource, system
    from modules.core.flow import Flow, state
    from modules.core.input import Actions
    from modules.core.motion import Position, Velocity
    from modules.plugins.screens import Menu, Scores


    @state
    class Screen(Enum):
        TITLE = "title"
        PLAYING = "playing"


    @resource
    class Game:
        name: str = ""
        level: str = "easy"
        steps: float = 3.0
        rings: bool = False


    def on_title(screen: Screen) -> bool:
        return screen is Screen.TITLE


    def playing(screen: Screen) -> bool:
        return screen is Screen.PLAYING


    @system(PreUpdate)
    def bind(actions: Mut[Actions]) -> None:
        actions.bind("move", "-key:left", "key:right", "pad:leftx")
        actions.bind("fire", "key:space", "mouse:left", "pad:a")


    @system(Startup)
    def begin(commands: Commands) -> None:
        commands.spawn(Position(), Velocity(60.0, 0.0))


    @system(Update, when=on_title)
    def title(menu: Mut[Menu], flow: Mut[Flow], game: Mut[Game]) -> None:
        menu.title("Game")
        if menu.button("Play"):
            flow.go(Screen.PLAYING)
        game.level = menu.choice("Level", ["easy", "hard"], game.level)
        game.steps = menu.slider("Steps", game.steps, 1, 9, 2)
        game.rings = menu.toggle("Rings", game.rings)
        game.name = menu.entry("Name", game.name, most=6)
        menu.link("Settings", "settings")
        menu.link("Best", "scores")


    @system(Update, when=playing)
    def play(menu: Mut[Menu], flow: Mut[Flow], scores: Mut[Scores]) -> None:
        if menu.pause("Give up"):
            scores.add("Ada", 100)
            flow.go(Screen.TITLE)
    """


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    folder = small_games.write(tmp_path / "menus", {"module.toml": MANIFEST, "__init__.py": GAME})
    with App(folder, headless=True, reload=False, seed=3) as app:
        app.step(25)
        yield app
        assert not [system.name for system in app.schedule if system.fault]


def get(app: App, module: str, name: str) -> Any:
    return app.world.resource(getattr(sys.modules[f"modules.{module}"], name))


def menu(app: App) -> Any:
    return get(app, "plugins.screens", "Menu")


def game(app: App) -> Any:
    return get(app, "apps.menus", "Game")


def texts(app: App) -> list[str]:
    return [item.text for item in menu(app).items]


def press(app: App, *names: str) -> None:
    """Press keys, or buttons of a pad written `pad:a`, one after the other."""
    for name in names:
        pad = ["padbutton"] if name.startswith("pad:") else ["key"]
        number = [0] if name.startswith("pad:") else []
        app.feed([*pad, "down", *number, name.removeprefix("pad:")])
        app.step()
        app.feed([*pad, "up", *number, name.removeprefix("pad:")])
        app.step()


def focus(app: App) -> str:
    return str(menu(app).focus[menu(app).heading])


def middle(app: App, key: str) -> tuple[float, float]:
    left, top, right, bottom = menu(app).places[key]
    return (left + right) / 2, (top + bottom) / 2


def place(app: App) -> float:
    motion = sys.modules["modules.core.motion"]
    return float(app.world.query(motion.Position, motion.Velocity).single()[0].x)


@pytest.mark.parametrize("device", ["keys", "pad"])
def test_every_widget_is_worked_with_keys_and_with_a_pad(app: App, device: str) -> None:
    up, down, left, right, select, cancel = ("up", "down", "left", "right", "return", "backspace")
    if device == "pad":
        up, down, left, right, select, cancel = (f"pad:{name}" for name in ("up", "down", "left", "right", "a", "b"))
    assert focus(app) == "Play"
    press(app, up)
    assert focus(app) == "Best"  # around the end
    press(app, down, down, select, right)
    assert game(app).level == "easy"  # forth by pressing, on by going right: two levels
    press(app, left)
    assert game(app).level == "hard"
    press(app, down, right, right)
    assert game(app).steps == 7.0
    press(app, *[right] * 4, left)
    assert game(app).steps == 7.0  # 9 is the end
    press(app, down, select)
    assert game(app).rings
    press(app, down)
    if device == "keys":
        app.feed(["text", "Zoë the great"])
        press(app, "z", "backspace", "space")
        assert game(app).name == "Zoë t"
    else:
        press(app, select, right, right, select, left)
        assert game(app).name == "C "
    press(app, down, select)
    assert texts(app)[0] == "Volume"
    press(app, left, left)
    assert get(app, "core.audio", "Volume").master == pytest.approx(0.9)
    press(app, cancel)
    assert texts(app)[0] == "Play"
    assert focus(app) == "Settings"  # each menu remembers


def test_the_stick_repeats_and_the_mouse_points_drags_and_presses(app: App) -> None:
    app.feed(["padaxis", 0, "lefty", 1.0])
    app.step(70)
    app.feed(["padaxis", 0, "lefty", 0.0])
    app.step()
    assert focus(app) != "Play"
    app.feed(["pointer", *middle(app, "Rings")], ["button", "down", "left"])
    app.step()
    app.feed(["button", "up", "left"])
    app.step()
    assert focus(app) == "Rings"
    assert game(app).rings
    left, right = menu(app).tracks["Steps"]
    app.feed(["pointer", left + 0.9 * (right - left), middle(app, "Steps")[1]], ["button", "down", "left"])
    app.step()
    assert game(app).steps == 9.0
    app.feed(["pointer", left - 50, 0.0])
    app.step()
    assert game(app).steps == 1.0  # dragged on beyond the widget
    app.feed(["button", "up", "left"], ["pointer", right, 0.0])
    app.step(2)
    assert game(app).steps == 1.0


def test_pause_holds_what_moves_and_pages_lie_over_it(app: App) -> None:
    press(app, "return")
    app.step()
    at = place(app)
    app.step(6)
    assert place(app) == pytest.approx(at + 6)
    press(app, "p")
    at = place(app)
    app.step(30)
    assert place(app) == at
    assert texts(app) == ["Go on", "Settings", "Give up"]
    press(app, "down", "return", "p", "backspace")
    assert texts(app) == ["Go on", "Settings", "Give up"]  # P does nothing on a page
    press(app, "pad:start")
    app.step(6)
    assert place(app) > at
    press(app, "pad:start")
    app.step(25)
    press(app, "up", "return")
    app.step(25)
    assert texts(app)[0] == "Play"
    press(app, "up", "return")
    assert menu(app).items[0].cells == ["1.  Ada", "100"]


def test_escape_goes_back_from_pages_and_leaves_the_game_itself(app: App) -> None:
    def escape() -> None:
        app.host_event("escape")
        app.turn(1)

    press(app, "return", "p")
    app.step(25)
    press(app, "down", "return", "up", "up", "return")
    assert menu(app).pages == ["settings", "controls"]
    press(app, "return")
    assert menu(app).listening
    bound = {name: list(keys) for name, keys in get(app, "core.input", "Actions").bindings.items()}
    escape()
    assert not menu(app).listening
    assert get(app, "core.input", "Actions").bindings == bound, "it keeps what it has"
    for pages, paused in ((["settings"], True), ([], True), ([], False)):
        escape()
        assert (menu(app).pages, menu(app).paused) == (pages, paused)
    before = app.world.tick
    app.run(before + 2)
    assert app.world.tick == before + 2, "the game still runs"
    escape()
    app.run(before + 9)
    assert app.world.tick < before + 9


def test_the_message_that_leaves_does_so_on_a_page_too(app: App) -> None:
    press(app, "return", "p")
    app.bus.call("core.apps.leave")
    before = app.world.tick
    app.run(before + 9)
    assert app.world.tick == before


def test_a_menu_that_comes_up_by_itself_is_not_clicked_away(app: App) -> None:
    press(app, "return")
    app.step(2)
    press(app, "p", "return")
    assert menu(app).paused
    app.step(25)
    press(app, "return")
    assert not menu(app).paused


def test_actions_are_bound_anew(app: App) -> None:
    press(app, "up", "up", "return", "up", "up", "return")
    assert texts(app)[:3] == ["Move right", "Move left", "Fire"]
    actions = get(app, "core.input", "Actions")
    press(app, "up", "up", "up", "return", "return")  # Fire listens and gets the key Enter
    assert actions.bindings["fire"] == ["mouse:left", "pad:a", "key:return"]
    press(app, "down", "down", "down")
    press(app, "return", "pad:y")
    assert actions.bindings["move"] == ["-key:left", "key:right", "pad:leftx", "pad:y"]
    press(app, "pad:y")
    assert not menu(app).listening
    press(app, "up", "up", "return")
    assert actions.bindings == actions.defaults


def test_an_edit_of_a_menu_is_seen_at_once_and_focus_stays(app: App) -> None:
    press(app, "down", "down")
    file = app.folder / "__init__.py"
    verdict = small_games.replace(
        app, file, 'if menu.button("Play"):', 'menu.label("Hello")\n    if menu.button("Go"):'
    )
    assert verdict is not None
    assert verdict.good
    app.step()
    assert texts(app)[:2] == ["Hello", "Go"]
    assert focus(app) == "Steps"


def test_menus_are_part_of_the_world_and_are_drawn(app: App, tmp_path: Path) -> None:
    app.frame()
    before = np.array(app.bus.call("core.render.capture")).astype(int)
    x, y = middle(app, "Play")
    assert before[int(y), int(x) - 100, 0] > 200  # the focus is bright
    x, y = middle(app, "Level")
    assert before[int(y), int(x) - 20].max() < 60
    start = app.world.snapshot()
    hashes = []
    for _ in range(2):
        app.world.restore(start)
        press(app, "down", "right", "down", "right", "p")
        app.step(5)
        hashes.append(app.world.hash())
    assert hashes[0] == hashes[1]
    app.frame()
    assert abs(np.array(app.bus.call("core.render.capture")).astype(int) - before).mean() > 0.5


def test_a_long_menu_fits_the_canvas(app: App) -> None:
    actions = get(app, "core.input", "Actions")
    for number in range(30):
        actions.bind(f"action {number}", "key:x", "mouse:left", "pad:a", "pad:b", "key:return", "key:left shift")
    menu(app).pages = ["controls"]
    app.step(25)
    places = np.array(list(menu(app).places.values()))
    assert len(places) == 35
    assert places[:, 1].min() >= 0
    assert places[:, 3].max() <= 540
    assert (np.diff(places[:, 1]) > 0).all()
