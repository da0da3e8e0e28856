"""What the tests of the example games share: playing them headless and in a window, editing them, looking at them."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import small_games
from PIL import Image

from engine import App
from engine.reload.containment import Patience

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES, PICTURES = ROOT / "examples", Path(__file__).parent / "pictures"
SMALL = (192, 108)
MOST_APART = 6.0
"""Mean difference of two pictures, of 255, from which they are not alike."""


def scripted(game: str) -> dict[int, list[list[Any]]]:
    """Return a game's own input, by tick."""
    by_tick: dict[int, list[list[Any]]] = {}
    for tick, event in json.loads((EXAMPLES / game / "input.json").read_text(encoding="utf-8")):
        by_tick.setdefault(tick, []).append(event)
    return by_tick


def play(game: str | Path, *, script: bool = False, seed: int = 7) -> App:
    """Open a game without window or watching, with its own input where asked for, and patience for a busy machine."""
    folder = EXAMPLES / game if isinstance(game, str) else game
    app = App(folder, headless=True, seed=seed, reload=False, inputs=scripted(folder.name) if script else None)
    app.simulation.deadline.patience = Patience(60.0, 60.0, 60.0)
    return app


def part(game: str, file: str, name: str) -> Any:
    """Return what a file of a loaded game defines."""
    return getattr(sys.modules[f"modules.apps.{game}.{file}" if file else f"modules.apps.{game}"], name)


def module(name: str, what: str) -> Any:
    """Return what a loaded module defines: `module("core.audio", "PlaySound")`."""
    return getattr(sys.modules[f"modules.{name}"], what)


def faults(app: App) -> list[str]:
    """Return the systems that are paused, with why."""
    return [f"{system.name}: {system.fault}" for system in app.schedule if system.fault]


def tap(app: App, *keys: str, rest: int = 3) -> None:
    """Press and let go keys, one after the other."""
    for key in keys:
        app.feed(["key", "down", key])
        app.step()
        app.feed(["key", "up", key])
        app.step(rest)


def picture(app: App) -> Any:
    """Draw a picture and return it as (height, width, 3)."""
    app.frame()
    return np.array(app.bus.call("core.render.capture")).astype(int)


def looks_as_before(app: App, name: str) -> float:
    """Return how far the picture is from the one that is kept under a name, as the mean difference of 255.

    With HOTLOOP_KEEP_PICTURES set the picture is kept instead.
    """
    seen = Image.fromarray(picture(app).astype(np.uint8)).resize(SMALL, Image.Resampling.BOX)
    path = PICTURES / f"{name}.png"
    if os.environ.get("HOTLOOP_KEEP_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        seen.save(path, optimize=True)
    known = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return float(np.abs(np.asarray(seen).astype(int) - known).mean())


class Edited:
    """A copy of a game that is edited while it runs."""

    def __init__(self, game: str, home: Path, seed: int = 7) -> None:
        self.folder = home / game
        shutil.copytree(EXAMPLES / game, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.app = play(self.folder, seed=seed)

    def replace(self, file: str, old: str, new: str) -> None:
        """Save a file with one piece of text replaced; the edit must be taken."""
        verdict = small_games.replace(self.app, self.folder / file, old, new)
        assert verdict is not None
        assert verdict.good, verdict.error

    def save(self, file: str, text: str) -> None:
        """Save a whole file; the edit must be taken."""
        verdict = small_games.save(self.app, self.folder / file, text)
        assert verdict is not None
        assert verdict.good, verdict.error

    def save_asset(self, file: str, content: str | bytes) -> None:
        """Save a file that is no code."""
        path = self.folder / file
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.app.submit([], assets=[path])


class Motor:
    """A gamepad's motors that write down how they were to shake."""

    def __init__(self) -> None:
        self.felt: list[tuple[float, float, int]] = []

    def rumble(self, low: float, high: float, milliseconds: int) -> bool:
        """Write it down."""
        self.felt.append((low, high, milliseconds))
        return True

    def quit(self) -> None:
        """Nothing to let go."""


class Window:
    """A game in a window of the dummy driver, played by events that SDL seems to report."""

    PAD = 5

    def __init__(self, game: str) -> None:
        os.environ["HOTLOOP_DATA"] = tempfile.mkdtemp(prefix="hotloop-tests-")
        self.app = App(EXAMPLES / game, seed=7, reload=False)
        self.frames(2)

    def frames(self, count: int = 1) -> None:
        """Go on by some frames, with a tick in each."""
        for _ in range(count):
            self.app.poll_window()
            self.app.turn(1)
            self.app.frame()

    def plug_in(self) -> Motor:
        """Plug a gamepad in, which SDL knows by name; return its motors."""
        self.post(pygame.CONTROLLERDEVICEADDED, device_index=99, instance_id=self.PAD)
        motor = Motor()
        self.app.world.resource(module("systems.pygame_window", "Display")).pads.devices[self.PAD] = motor
        return motor

    def post(self, kind: int, **values: Any) -> None:
        """Let SDL report something, and go on by a frame."""
        pygame.event.post(pygame.event.Event(kind, **values))
        self.frames()

    def key(self, key: int, held: int = 1) -> None:
        """Hold a key for some frames."""
        self.post(pygame.KEYDOWN, key=key, mod=0)
        self.frames(held)
        self.post(pygame.KEYUP, key=key, mod=0)

    def button(self, button: int, held: int = 1) -> None:
        """Hold a button of the gamepad for some frames."""
        self.post(pygame.CONTROLLERBUTTONDOWN, instance_id=self.PAD, button=button)
        self.frames(held)
        self.post(pygame.CONTROLLERBUTTONUP, instance_id=self.PAD, button=button)

    def axis(self, axis: int, value: float) -> None:
        """Push an axis of the gamepad."""
        self.post(pygame.CONTROLLERAXISMOTION, instance_id=self.PAD, axis=axis, value=round(value * 32767))

    def wait(self, condition: Callable[[], bool], frames: int = 600) -> None:
        """Go on until something is so; fail after so many frames."""
        for _ in range(frames):
            if condition():
                return
            self.frames()
        raise AssertionError("it did not come to pass")

    def close(self) -> None:
        """Close the game; nothing may have failed, and something must have been heard."""
        failed = faults(self.app)
        heard = len(self.app.world.resource(module("systems.pygame_audio.mixer", "Mixer")).sounds)
        complaints = dict(self.app.world.resource(module("core.assets", "Assets")).complaints)
        self.app.close()
        assert failed == []
        assert complaints == {}
        assert heard >= 2
