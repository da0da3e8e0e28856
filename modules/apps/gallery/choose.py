"""What the person does: choose a game, start it."""

from __future__ import annotations

import numpy as np

from engine import Bus, HotloopError, Mut, Startup, Update, system
from modules.core.input import Actions, Pointer

from .cards import PICTURE
from .carousel import cards_at
from .state import Gallery

FIRST_REPEAT, NEXT_REPEAT = 24, 8
"""Ticks until a held direction moves on by itself, and from then on."""


@system(Startup)
def bind(actions: Mut[Actions]) -> None:
    """Name what can be done, and with what."""
    actions.bind("choose", "-key:left", "key:right", "-key:a", "key:d", "-pad:left", "pad:right", "pad:leftx")
    actions.bind("first", "key:home", "pad:l1")
    actions.bind("last", "key:end", "pad:r1")
    actions.bind("play", "key:return", "key:enter", "key:space", "pad:a", "pad:start")


@system(Update)
def choose(gallery: Mut[Gallery], actions: Actions, pointer: Pointer) -> None:
    """Follow keys, gamepad, wheel and clicks; a click on the chosen card plays it."""
    if gallery.starting or not gallery.games:
        return
    before, last = gallery.chosen, len(gallery.games) - 1
    wanted = before + _steps(gallery, actions) - round(pointer.wheel) + round(pointer.wheel_x)
    if actions.hit("first") or actions.hit("last"):
        wanted = 0 if actions.hit("first") else last
    clicked = _card_under(gallery, pointer) if pointer.hit("left") else None
    if clicked is not None:
        wanted = clicked
    gallery.chosen = max(0, min(last, wanted))
    if gallery.chosen != before:
        gallery.problem = ""
    elif actions.hit("play") or clicked == before:
        gallery.problem = ""
        gallery.starting = gallery.games[gallery.chosen]["name"]


def _steps(gallery: Gallery, actions: Actions) -> int:
    """Return the step of this tick: one when a direction is pushed, more while it is held."""
    way = actions.value("choose")
    if abs(way) < 0.5:
        gallery.held = 0
        return 0
    gallery.held += 1
    again = gallery.held > FIRST_REPEAT and (gallery.held - FIRST_REPEAT) % NEXT_REPEAT == 0
    return (1 if way > 0 else -1) if gallery.held == 1 or again else 0


def _card_under(gallery: Gallery, pointer: Pointer) -> int | None:
    """Return the topmost card at the pointer."""
    cards = np.arange(len(gallery.games))
    x, y, scale, far = cards_at(gallery, cards)
    inside = (np.abs(pointer.x - x) < scale * PICTURE[0] / 2) & (np.abs(pointer.y - y) < scale * PICTURE[1] / 2)
    hits = cards[inside]
    return int(hits[np.argmin(far[inside])]) if hits.size else None


@system(Update)
def start(gallery: Mut[Gallery], bus: Bus) -> None:
    """Start the chosen game once its card fills the canvas; say why, if it does not start."""
    if not gallery.starting or gallery.zoom < 1:
        return
    name, gallery.starting = gallery.starting, ""
    try:
        bus.call("core.apps.start", name=name)
    except HotloopError as error:
        gallery.problem = str(error)
    except Exception as error:  # a game's own code may raise anything while it is loaded
        gallery.problem = f"{name}: {type(error).__name__}: {error}"
