"""The gallery in a world of its own, with games that are only listed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pygame

from engine import World
from engine.binding import binder
from engine.clock import Time, set_tick
from engine.marks import HandlerMark, Render, SystemMark
from engine.reload.bus import Bus
from engine.schedule import Declared, Schedule
from modules.apps.gallery.state import Gallery

FILES = (
    "core.input.feed",
    "systems.files",
    "systems.kinematics",
    "systems.pygame_render",
    "apps.gallery.cards",
    "apps.gallery.carousel",
    "apps.gallery.choose",
    "apps.gallery.scenery",
)


def game(name: str, **more: Any) -> dict[str, Any]:
    """Return a row as `core.apps.list` has it."""
    return {"name": name, "title": name.title(), "summary": f"All about {name}.", "folder": "", "thumbnail": "", **more}


def picture(path: Path, color: str = "#3366cc", size: tuple[int, int] = (480, 270)) -> str:
    """Write a PNG of one colour and return its path."""
    surface = pygame.Surface(size)
    surface.fill(color)
    pygame.image.save(surface, str(path))
    return str(path)


class Menu:
    """The gallery's systems, the list it is given in `games`, and in `started` what it asked to start."""

    def __init__(self, *games: dict[str, Any]) -> None:
        self.games = list(games)
        self.started: list[str] = []
        self.failure: Exception | None = None
        self.world = World(seed=1)
        self.bus = Bus(binder(self.world))
        self.schedule = Schedule(self.world, self.bus)
        systems, handlers = [], []
        for name in FILES:
            for value in list(vars(importlib.import_module(f"modules.{name}")).values()):
                mark = getattr(value, "__mark__", None)
                if getattr(value, "__module__", "") != f"modules.{name}":
                    continue
                if isinstance(mark, SystemMark):
                    systems.append(Declared(value, mark, name))
                elif isinstance(mark, HandlerMark):
                    handlers.append((mark, value, name))
        self.bus.replace(handlers)
        self.bus.provide("core.apps.list", self._list)
        self.bus.provide("core.apps.start", self._start)
        self.schedule.commit(self.schedule.plan(systems))

    def _list(self) -> list[dict[str, Any]]:
        return [dict(one) for one in self.games]

    def _start(self, name: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.started.append(name)

    @property
    def gallery(self) -> Gallery:
        return self.world.resource(Gallery)

    @property
    def chosen(self) -> str:
        """The name of the chosen game."""
        return str(self.gallery.games[self.gallery.chosen]["name"])

    def run(self, *events: list[Any], ticks: int = 1) -> Menu:
        """Run ticks, the first of them with these raw input events."""
        for tick in range(ticks):
            set_tick(self.world.resource(Time), self.world.tick)
            self.bus.call("core.input.feed", events=list(events) if tick == 0 else [])
            self.schedule.tick()
            self.world.tick += 1
            self.world.end_tick()
            self.world.end_frame()
        return self

    def press(self, key: str, ticks: int = 1) -> Menu:
        """Hold a key for so many ticks, then let it go."""
        self.run(["key", "down", key], ticks=ticks)
        return self.run(["key", "up", key])

    def click(self, x: float, y: float) -> Menu:
        """Click somewhere."""
        self.run(["pointer", x, y], ["button", "down", "left"])
        return self.run(["button", "up", "left"])

    def settle(self) -> Menu:
        """Wait until nothing slides."""
        return self.run(ticks=90)

    def draw(self) -> Any:
        """Draw the menu and return the picture as a (height, width, 3) array."""
        self.schedule.run(Render)
        return self.bus.call("core.render.capture")
