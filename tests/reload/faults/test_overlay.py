"""What a person sees of each kind of fault: the panel in the window says what, where, why, the remedy and the state."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pygame
import pytest

from modules.systems.pygame_window.lettering import Lettering
from modules.systems.pygame_window.overlay import draw_overlay
from modules.systems.pygame_window.overlay_error import error_text

from .kinds import ALL, Kind
from .playing import SOURCES, Playing, line_of

SHOWN = {
    ("staging", "syntax"),
    ("commit", "default argument"),
    ("commit", "writes in Render"),
    ("commit", "field of no type"),
    ("probation", "endless loop"),
    ("probation", "broken message"),
}
KINDS = [kind for kind in ALL if (kind.stage, kind.name) in SHOWN]
BACKGROUND = (60, 90, 120)
WRONG_LINE = (66, 26, 32)
PICTURES = os.environ.get("HOTLOOP_PICTURES")
"""A folder into which the pictures are written, to be looked at."""


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering()


def picture(playing: Playing, lettering: Lettering, name: str) -> np.ndarray:
    surface = pygame.Surface((960, 540), 0, 32)
    surface.fill(BACKGROUND)
    draw_overlay(surface, playing.app.overlay.data(paused=False, debug=None), lettering)
    if PICTURES:
        pygame.image.save(surface, str(Path(PICTURES) / f"{name}.png"))
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2).astype(int)


def marked(seen: np.ndarray) -> bool:
    return bool((np.abs(seen - WRONG_LINE).sum(axis=2) < 30).sum() > 2000)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.stage}-{kind.name}".replace(" ", "_"))
def test_a_fault_is_seen_where_the_person_looks(game: Playing, lettering: Lettering, kind: Kind) -> None:
    content = kind.content("app").replace(b"AT", str(game.tick + 1).encode())
    game.save("app", content)
    game.step(4)
    seen = picture(game, lettering, f"{kind.stage} {kind.name}")
    assert marked(seen), "the wrong line is marked"
    text = error_text(game.app.overlay.data(paused=False, debug=None)["error"])
    lines = text.splitlines()
    assert lines[0].startswith("Edit re" if kind.stage != "probation" else "Edit rolled back")
    assert lines[1].endswith(f"__init__.py:{line_of(content)}")
    assert f"> {line_of(content):>5} | " in text
    assert kind.says in text
    assert len([line for line in lines if "save" in line.lower() or "use" in line or "Move" in line]) >= 1, text
    assert "as before" in lines[-1] or "as if it had never been made" in lines[-1]
    message = game.errors()[0]["message"]
    assert str(game.folder) not in message, "the place is shown once, above"
    assert "as before" not in message, "the state is shown once, below"
    game.fix("app")
    assert not marked(picture(game, lettering, "mended"))


def test_a_paused_system_says_so(game: Playing, lettering: Lettering) -> None:
    at = game.tick + 35
    game.save("system", SOURCES["system"].replace("    # body", f"    if tick >= {at}:\n        raise ValueError('x')"))
    game.step(40)
    assert marked(picture(game, lettering, "paused"))
    [panel] = game.errors()
    assert panel["title"] == "systems.gravity.pull paused"
    assert "ValueError: x" in panel["message"]
    assert "goes on without it" in panel["state"]
