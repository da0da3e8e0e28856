"""Small games for tests, written to a folder."""

from __future__ import annotations

import textwrap
from pathlib import Path

from engine.app import App
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

MANIFEST = """\
version = "0.1.0"
summary = "A game for a test."
requires = ["core.input~=1.0", "core.motion[rotation]~=1.0", "core.time~=1.0", "core.render[sprites,shapes]~=1.0"]
"""

GAME = '''
"""Dots drift to the right."""

import numpy as np

from engine import Commands, Mut, Query, Random, Startup, Update, component, f32, system
from modules.core.motion import Position, Velocity
from modules.core.render import Circle

SPEED = 60.0


@component
class Drop:
    weight: f32 = 1.0


@system(Startup)
def populate(commands: Commands, random: Random) -> None:
    y = random.uniform(0, 540, 8)
    commands.spawn(Position(x=np.zeros(8), y=y), Velocity(), Drop(), Circle(radius=6, color=0xFFFFFFFF), count=8)


@system(Update)
def drift(drops: Query[Mut[Velocity], Drop]) -> None:
    for vel, drop in drops:
        vel.x = SPEED * drop.weight
'''


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder, making the folders between."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    return folder


def game(folder: Path, name: str = "drops", **more: str) -> Path:
    """Write the small game into a folder of its own, with further files by name (`__` for a slash)."""
    files = {"module.toml": MANIFEST, "__init__.py": GAME}
    files.update({key.replace("__", "/") + ".py": text for key, text in more.items()})
    return write(folder / name, files)


def save(app: App, path: Path, text: str) -> Verdict | None:
    """Save a file's text and hand it to the app, as the watcher would."""
    path.write_text(text)
    return app.submit([stage_now(app.code, path)])


def replace(app: App, path: Path, old: str, new: str) -> Verdict | None:
    """Save a file with one piece of text replaced; the piece must be there."""
    text = path.read_text()
    assert old in text
    return save(app, path, text.replace(old, new, 1))
