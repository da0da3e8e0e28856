"""The desktop window: pictures in, input out.

The `Display` is a transient resource: a reload of this module leaves the window as it is.
"""

from __future__ import annotations

import weakref
from time import monotonic
from typing import Any

from engine import Events, Mut, Render, World, handler, system
from modules.core.assets import Assets
from modules.core.input import Rumble
from modules.core.render import Canvas, Picture
from modules.core.window import Window

from ._pygame import pygame
from .display import Display, close_window, fit, follow, open_window, place_of, show, unusable
from .events import to_canvas, translate
from .overlay import draw_overlay, room_below

__all__ = ["Display"]

COMPLAINT_SECONDS = 8.0
"""How long it is shown what is wrong with an asset."""


@handler("core.window.usable")
def usable() -> str | None:
    """Return why no window could be seen here, or None."""
    return unusable()


@handler("core.window.poll")
def poll(display: Mut[Display], window: Window, canvas: Canvas, world: World) -> list[Any]:
    """Return the raw events since the last call, opening the window first where it is not open."""
    open_window(display, window, canvas)
    size = (int(canvas.width), int(canvas.height))
    display.view = fit(pygame.display.get_window_size(), size, display.below)
    events = _greet(display, world, size)
    for event in pygame.event.get():
        events += translate(event, display, size)
    return events


@handler("core.window.present")
def present(
    overlay: dict[str, Any],
    display: Mut[Display],
    window: Window,
    canvas: Canvas,
    picture: Picture,
    assets: Mut[Assets],
) -> None:
    """Show the picture drawn last with an overlay on top."""
    open_window(display, window, canvas)
    follow(display, window, assets)
    display.screen = pygame.display.get_surface()
    display.below = room_below(display.screen, overlay, display.lettering)
    display.view = fit(display.screen.get_size(), (int(canvas.width), int(canvas.height)), display.below)
    display.error = overlay.get("error")
    show(display, picture.surface, bool(canvas.smooth))
    toasts = [*(overlay.get("toasts") or ()), *_complaints(display, assets)]
    display.track = draw_overlay(display.screen, {**overlay, "toasts": toasts}, display.lettering, display.view)
    pygame.display.flip()


@system(Render)
def rumble(wanted: Events[Rumble], display: Mut[Display]) -> None:
    """Let gamepads shake as was asked for since the last frame."""
    for step in wanted:
        rows = (step.pad.tolist(), step.low.tolist(), step.high.tolist(), step.seconds.tolist())
        for pad, low, high, seconds in zip(*rows, strict=True):
            display.pads.rumble(pad, low, high, seconds)


@handler("core.window.place")
def place(display: Mut[Display]) -> dict[str, Any] | None:
    """Return where the window lies, so that another process can open one there; None while it is not open."""
    return place_of(display)


@handler("core.window.put")
def put(place: dict[str, Any], display: Mut[Display]) -> None:
    """Open the window, when it is opened next, where that of another process was."""
    display.wanted = place
    display.held = set(place["held"])


@handler("core.window.close")
def close(display: Mut[Display]) -> None:
    """Close the window; the next poll would open it again."""
    close_window(display)


def _complaints(display: Display, assets: Assets) -> list[dict[str, Any]]:
    """Return what is wrong with assets as toasts, each for a while from when it came up."""
    now = monotonic()
    display.told = {complaint: display.told.get(complaint, now) for complaint in assets.standing().items()}
    ages = [(problem, now - born) for (_, problem), born in display.told.items()]
    return [
        {"text": problem, "kind": "bad", "age": age, "life": COMPLAINT_SECONDS}
        for problem, age in ages
        if age < COMPLAINT_SECONDS
    ]


def _greet(display: Display, world: World, size: tuple[int, int]) -> list[Any]:
    """Tell a world that has the window for the first time which gamepads there are and where the pointer is."""
    if display.world is not None and display.world() is world:
        return []
    display.world = weakref.ref(world)
    known = [["pad", "added", number, "gamepad"] for number in sorted(display.pads.numbers.values())]
    display.held.clear()
    at = pygame.mouse.get_pos()
    return [*known, to_canvas(at, display, size)] if at != (0, 0) else known
