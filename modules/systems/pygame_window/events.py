"""What SDL reports about keys, mouse and window, as raw events."""

from __future__ import annotations

from typing import Any

from ._pygame import pygame
from .display import Display, set_fullscreen
from .overlay_error import error_text

BUTTONS = {1: "left", 2: "middle", 3: "right", 6: "back", 7: "forward"}
HOST_KEYS = {
    pygame.K_ESCAPE: "escape",
    pygame.K_F1: "f1",
    pygame.K_F2: "f2",
    pygame.K_F3: "f3",
    pygame.K_F4: "f4",
    pygame.K_F5: "f5",
    pygame.K_F6: "f6",
    pygame.K_F7: "f7",
}

Raw = list[Any]


def translate(event: Any, display: Display, canvas: tuple[int, int]) -> list[Raw]:
    """Return the raw events for one event of SDL, pointers in canvas coordinates."""
    match event.type:
        case pygame.QUIT:
            return [["host", "quit"]]
        case pygame.KEYDOWN:
            return _key_down(event, display)
        case pygame.KEYUP:
            return _key_up(event, display)
        case pygame.MOUSEMOTION if display.scrubs:
            return [_scrub(event.pos, display)]
        case pygame.MOUSEBUTTONUP if display.scrubs and event.button == 1:
            display.scrubs = False
            return []
        case pygame.MOUSEBUTTONDOWN if event.button == 1 and on_track(event.pos, display):
            display.scrubs = True
            return [_scrub(event.pos, display)]
        case pygame.TEXTINPUT:
            return [["text", event.text]] if display.error is None else []
        case pygame.MOUSEMOTION:
            return [to_canvas(event.pos, display, canvas)]
        case pygame.MOUSEBUTTONDOWN | pygame.MOUSEBUTTONUP if event.button in BUTTONS:
            way = "down" if event.type == pygame.MOUSEBUTTONDOWN else "up"
            return [to_canvas(event.pos, display, canvas), ["button", way, BUTTONS[event.button]]]
        case pygame.FINGERDOWN | pygame.FINGERMOTION | pygame.FINGERUP:
            return [_finger(event, display, canvas)]
        case pygame.MOUSEWHEEL:
            turned = -1.0 if getattr(event, "flipped", False) else 1.0
            x = getattr(event, "precise_x", event.x)
            y = getattr(event, "precise_y", event.y)
            return [["wheel", round(turned * x, 4), round(turned * y, 4)]]
        case pygame.WINDOWFOCUSLOST:
            return _let_all_go(display)
        case pygame.WINDOWFOCUSGAINED:
            return _let_go_of_lost(display)
    return display.pads.translate(event)


def to_canvas(pos: tuple[float, float], display: Display, canvas: tuple[int, int]) -> Raw:
    """Return a pointer event for a point of the window."""
    left, top, width, height = display.view
    x = (pos[0] - left) * canvas[0] / max(1, width)
    y = (pos[1] - top) * canvas[1] / max(1, height)
    return ["pointer", round(x, 3), round(y, 3)]


def _finger(event: Any, display: Display, canvas: tuple[int, int]) -> Raw:
    """Return a finger with its place on the canvas; SDL gives shares of the window."""
    ways = {pygame.FINGERDOWN: "down", pygame.FINGERMOTION: "move", pygame.FINGERUP: "up"}
    width, height = pygame.display.get_window_size()
    _, x, y = to_canvas((event.x * width, event.y * height), display, canvas)
    return ["finger", ways[event.type], abs(int(event.finger_id)), x, y]


def _key_down(event: Any, display: Display) -> list[Raw]:
    """Return a key for the game or for the program itself, which has Escape, some F keys and, over an error, C."""
    mod = getattr(event, "mod", 0)
    alt = mod & pygame.KMOD_ALT
    if event.key == pygame.K_F4 and alt:  # closes the window where the desktop wants that
        return []
    if event.key in HOST_KEYS:
        shift = "shift " if event.key == pygame.K_F4 and mod & pygame.KMOD_SHIFT else ""
        return [["host", shift + HOST_KEYS[event.key]]]
    if event.key == pygame.K_F11 or (event.key == pygame.K_RETURN and alt):
        set_fullscreen(display, not display.fullscreen)
        return []
    if event.key == pygame.K_c and display.error is not None:
        copy(error_text(display.error))
        return [["host", "copy"]]
    name = key_name(event.key)
    if name in display.held or not name:
        return []
    display.held.add(name)
    return [["key", "down", name]]


def on_track(pos: tuple[float, float], display: Display) -> bool:
    """Tell whether a point of the window lies on the bar on which time is scrubbed."""
    if display.track is None:
        return False
    left, top, width, height = display.track
    return left <= pos[0] < left + width and top <= pos[1] < top + height


def _scrub(pos: tuple[float, float], display: Display) -> Raw:
    left, _, width, _ = display.track or (0, 0, 1, 1)
    return ["host", "scrub", round(min(1.0, max(0.0, (pos[0] - left) / width)), 4)]


def _key_up(event: Any, display: Display) -> list[Raw]:
    if event.key == pygame.K_F4:
        return [["host", "f4 up"]]
    name = key_name(event.key)
    if name not in display.held:
        return []
    display.held.discard(name)
    return [["key", "up", name]]


def _let_all_go(display: Display) -> list[Raw]:
    """Return the keys that are held as let go: what happens to them elsewhere is not told."""
    names, display.held = sorted(display.held), set()
    return [["key", "up", name] for name in names]


def _let_go_of_lost(display: Display) -> list[Raw]:
    """Return as let go the keys that were, while no window was there to hear of it."""
    lost = sorted(name for name in display.held if not _is_down(name))
    display.held.difference_update(lost)
    return [["key", "up", name] for name in lost]


def _is_down(name: str) -> bool:
    try:
        return bool(pygame.key.get_pressed()[pygame.key.key_code(name)])
    except ValueError:  # a key without a name that leads back to it
        return False


def key_name(key: int) -> str:
    """Return the name of a key as bindings write it."""
    return pygame.key.name(key).lower()


def copy(text: str) -> None:
    """Put text on the clipboard, where there is one."""
    try:
        pygame.scrap.put_text(text)
    except (pygame.error, AttributeError, RuntimeError):
        return
