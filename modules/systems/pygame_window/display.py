"""The window itself: opened once, kept through every reload, letterboxed around the canvas."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import Any

from engine import field, resource
from modules.core.assets import Assets
from modules.core.render import Canvas
from modules.core.window import Window

from ._pygame import pygame, quiet
from .gamepads import Pads
from .lettering import Lettering

SHARE_OF_SCREEN = 0.85
SCALES = (3.0, 2.5, 2.0, 1.75, 1.5, 1.25, 1.0, 0.75, 0.5)
SMALLEST = (320, 180)


@resource(transient=True)
class Display:
    """Hold the open window and what was last shown in it.

    `view` is where the canvas lies in the window: x, y, width, height; it leaves so many pixels as `below` free at the
    lower edge. `asked` is what the game asked for when it was last carried out, so that only a change is. `track` is
    the part of the window in which time can be scrubbed (left, top, width, height), `scrubs` tells that the person
    does. `world` is the world that was told which gamepads there are. `wanted` is the place of another process's window
    that this one is to take. `told` is when each complaint about an asset was first shown.
    """

    screen: Any = None
    view: tuple[int, int, int, int] = (0, 0, 1, 1)
    below: int = 0
    asked: tuple[Any, ...] = ()
    fullscreen: bool = False
    restored_size: tuple[int, int] = (0, 0)
    pads: Pads = field(factory=Pads)
    lettering: Lettering = field(factory=Lettering)
    error: Any = None
    track: tuple[int, int, int, int] | None = None
    scrubs: bool = False
    world: weakref.ref[Any] | None = None
    held: set[str] = field(factory=set)
    wanted: dict[str, Any] | None = None
    told: dict[tuple[str, str], float] = field(factory=dict)


def open_window(display: Display, window: Window, canvas: Canvas) -> None:
    """Open the window unless it is open; raises `pygame.error` where SDL cannot."""
    if display.screen is not None and pygame.display.get_init():
        return
    with quiet():
        pygame.display.init()
        wanted, display.wanted = display.wanted, None
        size = tuple(wanted["size"]) if wanted else opening_size(window, canvas)
        pygame.display.set_caption(window.title or "Hotloop")
        pygame.display.set_icon(default_icon())
        display.screen = pygame.display.set_mode(size, pygame.RESIZABLE)
        display.pads.open_all()
        if wanted and wanted["at"]:
            with suppress(pygame.error):  # not every platform lets a program say where its window lies
                pygame.display.set_window_position(tuple(wanted["at"]))
    display.asked = ()
    display.fullscreen = False
    if wanted and wanted["fullscreen"]:
        set_fullscreen(display, True)


def place_of(display: Display) -> dict[str, Any] | None:
    """Return size and position of the window, whether it fills the screen, and the keys that are held in it."""
    if display.screen is None or not pygame.display.get_init():
        return None
    size, at = list(pygame.display.get_window_size()), None
    if display.fullscreen:
        size = list(display.restored_size)
    else:
        with suppress(pygame.error):
            at = list(pygame.display.get_window_position())
    return {"size": size, "at": at, "fullscreen": display.fullscreen, "held": sorted(display.held)}


def default_icon() -> pygame.Surface:
    """Return the icon of a game that has none of its own: a glowing loop with an open end."""
    icon = pygame.Surface((64, 64), pygame.SRCALPHA, 32)
    pygame.draw.rect(icon, (17, 21, 30), icon.get_rect(), border_radius=14)
    pygame.draw.aacircle(icon, (255, 138, 61), (32, 32), 20, 8)
    pygame.draw.polygon(icon, (17, 21, 30), [(32, 32), (64, 18), (64, 40)])
    pygame.draw.aacircle(icon, (255, 214, 140), (48, 25), 5)
    return icon


def opening_size(window: Window, canvas: Canvas) -> tuple[int, int]:
    """Return the size asked for, or the largest even multiple of the canvas that leaves room on the desktop."""
    if window.width > 0 and window.height > 0:
        return int(window.width), int(window.height)
    desktop = (1280, 720)
    with suppress(pygame.error):
        desktop = pygame.display.get_desktop_sizes()[0]
    for scale in SCALES:
        width, height = round(canvas.width * scale), round(canvas.height * scale)
        if width <= desktop[0] * SHARE_OF_SCREEN and height <= desktop[1] * SHARE_OF_SCREEN:
            return max(width, SMALLEST[0]), max(height, SMALLEST[1])
    return SMALLEST


def follow(display: Display, window: Window, assets: Assets) -> None:
    """Carry out what the game asks of the window where it changed."""
    icon = (assets.path(window.icon), assets.version(window.icon)) if window.icon else None
    asked = (window.title, window.cursor, window.fullscreen, icon)
    if asked == display.asked:
        return
    before = display.asked or (None, True, False, None)
    display.asked = asked
    pygame.display.set_caption(window.title or "Hotloop")
    pygame.mouse.set_visible(bool(window.cursor))
    if icon != before[3] and icon is not None and icon[0] is not None:
        with suppress(pygame.error, OSError):
            pygame.display.set_icon(pygame.image.load(icon[0]))
    if window.fullscreen != before[2]:
        set_fullscreen(display, bool(window.fullscreen))


def set_fullscreen(display: Display, on: bool) -> None:
    """Fill the screen, or go back to a window of the size it had."""
    if on == display.fullscreen:
        return
    with quiet(), suppress(pygame.error):
        if on:
            display.restored_size = display.screen.get_size()
            display.screen = pygame.display.set_mode(pygame.display.get_desktop_sizes()[0], pygame.FULLSCREEN)
        else:
            display.screen = pygame.display.set_mode(display.restored_size, pygame.RESIZABLE)
        display.fullscreen = on


def fit(size: tuple[int, int], canvas: tuple[int, int], below: int = 0) -> tuple[int, int, int, int]:
    """Return the largest place in a window for a canvas of the same proportions: x, y, width, height.

    The lowest pixels of the window, so many as `below`, are left free.
    """
    size = size[0], max(1, size[1] - below)
    scale = min(size[0] / max(1, canvas[0]), size[1] / max(1, canvas[1]))
    width, height = max(1, round(canvas[0] * scale)), max(1, round(canvas[1] * scale))
    return (size[0] - width) // 2, (size[1] - height) // 2, width, height


def show(display: Display, picture: Any, smooth: bool) -> None:
    """Draw the picture into the window, scaled to its view; black where there is none."""
    screen = display.screen
    x, y, width, height = display.view
    if picture is None:
        screen.fill((11, 14, 20))
        return
    if (width, height) != screen.get_size():
        screen.fill((0, 0, 0))
    if (width, height) == picture.get_size():
        screen.blit(picture, (x, y))
        return
    place = screen.subsurface((x, y, width, height))
    # Sharp pixels are for larger windows: in a smaller one they would leave out lines of letters.
    smooth = smooth or width < picture.get_width()
    scale = pygame.transform.smoothscale if smooth else pygame.transform.scale
    if place.get_bitsize() == picture.get_bitsize() and place.get_masks() == picture.get_masks():
        scale(picture, (width, height), place)
    else:
        screen.blit(scale(picture, (width, height)), (x, y))


def close_window(display: Display) -> None:
    """Close the window and forget the gamepads."""
    display.screen = None
    display.pads.close()
    pygame.display.quit()


def unusable() -> str | None:
    """Return why no window could be seen, or None; opens none and writes nothing to standard error."""
    opened = pygame.display.get_init()
    with quiet():
        try:
            pygame.display.init()
            driver = pygame.display.get_driver()
        except pygame.error as error:
            return f"SDL finds no display: {error}"
        finally:
            if not opened:
                pygame.display.quit()
    if driver in ("dummy", "offscreen", "evdev"):
        named = os.environ.get("SDL_VIDEODRIVER") == driver
        return f"SDL_VIDEODRIVER is {driver}" if named else "SDL finds no display"
    return None
