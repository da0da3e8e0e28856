"""A small game in which much depends on chance and input: drops rise from a spring, fall, and end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small_games import write

from engine.app import App
from engine.reload.containment import Patience

MANIFEST = """\
version = "0.1.0"
summary = "Drops rise and fall."
requires = ["core.input~=1.0", "core.motion~=1.0", "core.render[shapes]~=1.0"]
"""

GAME = '''
"""Drops rise and fall."""

import numpy as np

from engine import Commands, Entity, Mut, Query, Random, Update, component, f32, resource, system
from modules.core.input import Keyboard
from modules.core.motion import Position, Velocity
from modules.core.render import Circle

GRAVITY = 6.0


@component
class Drop:
    age: f32 = 0.0


@resource
class Spring:
    force: float = 1.0
    sent: int = 0


@system(Update)
def rise(spring: Mut[Spring], keyboard: Keyboard, random: Random, commands: Commands) -> None:
    count = 6 if keyboard.held("space") else 2
    speed = random.uniform(-240, -120, count) * spring.force
    commands.spawn(
        Position(x=random.uniform(460, 500, count), y=500.0),
        Velocity(x=random.uniform(-40, 40, count), y=speed),
        Drop(),
        Circle(radius=4, color=0x7FD1FFFF),
        count=count,
    )
    spring.sent += count


@system(Update)
def fall(drops: Query[Mut[Velocity], Mut[Drop]]) -> None:
    for vel, drop in drops:
        vel.y += GRAVITY
        drop.age += 1.0


@system(Update)
def end(drops: Query[Entity, Drop], commands: Commands) -> None:
    for entity, drop in drops:
        commands.despawn(entity[drop.age > 50])
'''

PATIENT = Patience(60.0, 60.0, 60.0)

SCRIPT: dict[int, list[list[Any]]] = {
    20: [["key", "down", "space"]],
    45: [["key", "up", "space"]],
    90: [["key", "down", "space"], ["pointer", 480, 300]],
    130: [["key", "up", "space"]],
}


def fountain(folder: Path) -> Path:
    """Write the game into a folder of its own."""
    return write(folder / "fountain", {"module.toml": MANIFEST, "__init__.py": GAME})


def play(folder: Path, **more: Any) -> App:
    """Start the game with its script, without a window, and with patience for a busy machine."""
    app = App(folder, **{"headless": True, "reload": False, "seed": 3, "inputs": SCRIPT} | more)
    app.simulation.deadline.patience = PATIENT
    return app


def hashes(app: App, ticks: int) -> dict[int, str]:
    """Run ticks and return the hash at the start of each, and at the end."""
    found = {app.world.tick: app.world.hash()}
    for _ in range(ticks):
        app.step()
        found[app.world.tick] = app.world.hash()
    return found
