"""Saved games: slots with pictures, loading across edits and damage, and settings that outlive the program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
import small_games
from PIL import Image

from engine import App
from engine.clock import MOST_TICKS_A_FRAME

MANIFEST = """
    version = "0.1.0"
    summary = "A game to save."
    requires = [
        "core.audio~=1.1", "core.flow~=1.1", "core.input~=1.1", "core.motion~=1.0", "core.render[shapes]~=1.0",
        "core.time~=1.1", "plugins.saves~=0.1", "plugins.screens~=0.2",
    ]
    """
GAME = """
    from enum import Enum

    from engine import Commands, Mut, PreUpdate, Query, Startup, Update, component, f32, resource, system
    from modules.core.flow import Flow, state
    from modules.core.input import Actions
    from modules.core.motion import Position
    from modules.core.render import Circle
    from modules.core.time import Pause
    from modules.plugins.screens import Menu


    @component
    class Coin:
        worth: f32 = 1.0


    @resource
    class Game:
        score: int = 0


    @state
    class Screen(Enum):
        TITLE = "title"
        PLAYING = "playing"


    def playing(screen: Screen, pause: Pause) -> bool:
        return screen is Screen.PLAYING and not pause.on


    @system(PreUpdate)
    def bind(actions: Mut[Actions]) -> None:
        actions.bind("fire", "key:space")


    @system(Startup)
    def begin(commands: Commands) -> None:
        commands.spawn(Position(x=480, y=270), Circle(90, color=0xFF0000FF), Coin())


    @system(Update, when=playing)
    def count(game: Mut[Game], coins: Query[Mut[Coin]]) -> None:
        game.score += 1
        for coin in coins:
            coin.worth += 1


    @system(Update)
    def screens(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
        if screen is Screen.TITLE:
            menu.title("Coins")
            if menu.button("Play"):
                flow.go(Screen.PLAYING)
            menu.link("Load", "saves")
        elif menu.pause("Leave", links=[("Save", "saves")]):
            flow.go(Screen.TITLE)
    """


class Desk:
    """A game in a window of the dummy driver, whose saves lie in a folder of the test."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.app = App(folder, reload=False, **more)
        self.frames(22)

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            self.app.poll_window()
            self.app.turn(1)
            self.app.frame()

    def press(self, *names: str) -> None:
        for name in names:
            key = pygame.key.key_code(name)
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0))
            self.frames(2)
            pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key, mod=0))
            self.frames(2)

    def get(self, module: str, name: str) -> Any:
        return self.app.world.resource(getattr(sys.modules[f"modules.{module}"], name))

    @property
    def score(self) -> int:
        return int(self.get("apps.coins", "Game").score)

    def texts(self) -> list[str]:
        return [item.text for item in self.get("plugins.screens", "Menu").items]

    def save(self) -> None:
        """Pause and save in the first slot."""
        self.press("p")
        self.frames(22)
        self.press("down", "return", "return", "return")
        self.frames(6)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLOOP_DATA", str(tmp_path / "data"))
    return small_games.write(tmp_path / "coins", {"module.toml": MANIFEST, "__init__.py": GAME})


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    desk = Desk(folder)
    yield desk
    failed = [f"{system.name}: {system.fault}" for system in desk.app.schedule if system.fault]
    desk.app.close()
    assert failed == []


def data(tmp_path: Path) -> Path:
    return tmp_path / "data" / "coins"


def test_a_game_is_saved_with_a_picture_and_loaded_again(desk: Desk, tmp_path: Path) -> None:
    desk.press("return")
    desk.frames(30)
    desk.save()
    saved = desk.score
    assert saved > 20
    assert sorted(path.name for path in data(tmp_path).iterdir() if path.suffix != ".new")[:3] == [
        "settings.json",
        "slot_1.json",
        "slot_1.png",
    ]
    picture = np.asarray(Image.open(data(tmp_path) / "slot_1.png").convert("RGB")).astype(int)
    assert picture.shape == (180, 320, 3)
    assert picture[90, 160].tolist() == pytest.approx([255, 0, 0], abs=4)  # the game and not the menu before it
    desk.press("backspace", "p")
    desk.frames(40)
    assert desk.score > saved + 20
    desk.get("core.audio", "Volume").master = 0.25
    desk.press("p")
    desk.frames(22)
    desk.press("down", "return", "return")
    assert desk.texts()[1:3] == [desk.get("plugins.saves", "Slots").rows[1].when, "Load"]
    desk.app.frame()
    shown = np.array(desk.app.bus.call("core.render.capture")).astype(int)
    assert ((shown[..., 0] > 200) & (shown[..., 1] < 30)).sum() > 1500  # its picture is shown
    desk.press("return")
    assert saved <= desk.score < saved + 12
    assert desk.texts() == []  # it goes on at once
    assert desk.get("core.audio", "Volume").master == 0.25  # settings are no part of a save
    assert desk.get("core.input", "Keyboard").down == []
    desk.press("p")
    desk.frames(22)
    desk.press("down", "return", "return", "down", "down", "return")
    file = data(tmp_path) / "slot_1.save"
    assert desk.texts()[1:] == ["Keep it", "Delete for good"]  # it asks first
    desk.press("return")
    assert file.exists()
    assert "Delete" in desk.texts()
    desk.press("return", "down", "return")
    assert not file.exists()
    assert desk.texts() == ["Save here", "Back"]


def test_the_picture_of_a_save_shows_the_game_however_late_frames_are(desk: Desk, tmp_path: Path) -> None:
    desk.press("return")
    desk.press("p")
    desk.frames(22)
    desk.press("down", "return", "return")
    key: dict[str, Any] = {"key": pygame.K_RETURN, "mod": 0}
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, **key))
    desk.app.poll_window()
    desk.app.turn(MOST_TICKS_A_FRAME)
    desk.app.frame()
    picture = np.asarray(Image.open(data(tmp_path) / "slot_1.png").convert("RGB")).astype(int)
    assert picture[90, 160].tolist() == pytest.approx([255, 0, 0], abs=4)


def test_a_save_is_loaded_under_newer_code_and_a_damaged_one_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.press("return")
    desk.frames(20)
    desk.save()
    saved = desk.score
    file = desk.app.folder / "__init__.py"
    verdict = small_games.replace(desk.app, file, "worth: f32 = 1.0", "worth: f32 = 1.0\n    age: f32 = 7.0")
    assert verdict is not None
    assert verdict.good
    desk.frames(40)
    load = sys.modules["modules.core.saves"].LoadGame
    desk.app.world.send(load(slot=1))
    desk.frames(3)
    assert saved <= desk.score <= saved + 3
    coin = desk.app.world.query(sys.modules["modules.apps.coins"].Coin).single()
    assert coin.age == 7.0
    path = data(tmp_path) / "slot_1.save"
    path.write_bytes(path.read_bytes()[:-100])
    before = desk.score
    desk.app.world.send(load(slot=1))
    desk.app.world.send(load(slot=3))
    desk.frames(10)
    assert desk.score >= before + 8
    desk.app.world.send(load(slot=1))
    desk.frames(2)
    assert any("slot_1" in str(toast) for toast in desk.app.overlay.data(paused=False, debug=None, hint=None)["toasts"])


def test_settings_and_scores_outlive_the_program_but_not_without_a_window(desk: Desk, folder: Path) -> None:
    desk.get("core.audio", "Volume").music = 0.5
    desk.get("core.input", "Actions").rebind("fire", "key:x")
    desk.get("plugins.screens", "Scores").add("Ada", 99)
    desk.frames(3)
    later = Desk(folder)
    try:
        assert later.get("core.audio", "Volume").music == 0.5
        assert later.get("core.input", "Actions").bindings["fire"] == ["key:x"]
        assert later.get("plugins.screens", "Scores").rows == [("Ada", 99)]
    finally:
        later.app.close()
    with App(folder, headless=True, reload=False) as headless:
        headless.step(5)
        headless.frame()
        scores = headless.world.resource(sys.modules["modules.plugins.screens"].Scores)
        assert scores.rows == []
        headless.feed(["key", "down", "down"])
        headless.step(2)
