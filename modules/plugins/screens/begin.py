"""What the person does with the menu of the last tick, found out before the menu of this one is said."""

from __future__ import annotations

from engine import Mut, PreUpdate, Send, Time, Update, handler, system
from modules.core.audio import PlaySound
from modules.core.input import Gamepads, Keyboard, Pointer
from modules.core.time import Pause

from .menu import Menu
from .theme import Theme

UP, DOWN, LEFT, RIGHT = ("up",), ("down", "tab"), ("left",), ("right",)
SELECT, SELECT_PAD = ("return", "enter", "space"), ("a",)
CANCEL, CANCEL_PAD, PAUSE_KEYS, PAUSE_PAD = ("escape",), ("b",), ("p", "pause"), ("start",)
STICK = 0.6
"""How far a stick is pushed to count as a direction."""
FIRST_WAIT, NEXT_WAIT = 0.35, 0.09
"""Seconds until a held direction repeats, and from then on."""
GRACE = 0.3
"""Seconds in which a menu that came up by itself takes no presses: they were meant for the game."""


@system(PreUpdate)
def hear(
    menu: Mut[Menu],
    keyboard: Keyboard,
    pointer: Pointer,
    pads: Gamepads,
    time: Time,
    theme: Theme,
    play: Send[PlaySound],
) -> None:
    """Move the focus and find the widget that is pressed."""
    before = menu.focus.get(menu.heading)
    menu.active, menu.nudge, menu.typed, menu.erased, menu.cancelled = "", 0, "", False, False
    menu.pause_asked = _hit(keyboard, pads, PAUSE_KEYS, PAUSE_PAD) and not menu.pages and not _writes(menu)
    if menu.items:
        menu.seconds += float(time.dt)
    else:
        menu.seconds, menu.focus = 0.0, {}
    if menu.items and not menu.listening:
        _steer(menu, keyboard, pads, float(time.dt))
        _point(menu, pointer)
        if menu.seconds >= GRACE:
            _press(menu, keyboard, pointer, pads)
    moved, pressed = menu.focus.get(menu.heading) != before, menu.active or menu.nudge
    sound = theme.select_sound if pressed else theme.move_sound if moved and before is not None else ""
    if sound:
        play.send(sound=sound, volume=theme.volume)


@handler("core.app.takes_escape")
def takes_escape(menu: Menu) -> bool:
    """Tell whether Escape goes back from a page or the pause menu; at the game's own screens it leaves the game."""
    return bool(menu.pages) or menu.paused


@system(PreUpdate)
def clear(menu: Mut[Menu]) -> None:
    """Begin the menu of this tick: nothing is there that is not said."""
    menu.heading, menu.items, menu.covered, menu.veiled = "", [], False, False
    menu.hidden = max(0, menu.hidden - 1)


@system(Update)
def cover(menu: Mut[Menu]) -> None:
    """Let a page lie over the screens of the game, which come after this."""
    if menu.pages and not menu.items:
        menu.title(menu.pages[-1])
        menu.label("There is no page of this name.")
        menu.back()
    menu.covered = bool(menu.items)


@system(Update)
def hold(menu: Menu, pause: Mut[Pause]) -> None:
    """Hold the game while the pause menu is there."""
    pause.on = menu.paused


def _steer(menu: Menu, keyboard: Keyboard, pads: Gamepads, dt: float) -> None:
    """Move the focus up and down and nudge left and right, again and again while held."""
    menu.wait = max(0.0, menu.wait - dt)
    stick_x, stick_y = pads.axis("leftx"), pads.axis("lefty")
    ways = (
        (UP, stick_y < -STICK, -1, 0),
        (DOWN, stick_y > STICK, 1, 0),
        (LEFT, stick_x < -STICK, 0, -1),
        (RIGHT, stick_x > STICK, 0, 1),
    )
    held = False
    for names, pushed, down, right in ways:
        hit = any(keyboard.hit(name) or pads.hit(name) for name in names)
        if not (pushed or hit or any(keyboard.held(name) or pads.held(name) for name in names)):
            continue
        held = True
        if hit or menu.wait <= 0:
            menu.wait = FIRST_WAIT if hit or menu.repeats == 0 else NEXT_WAIT
            menu.repeats = 1 if hit else menu.repeats + 1
            menu.nudge = right or menu.nudge
            _move(menu, down)
    if not held:
        menu.wait, menu.repeats = 0.0, 0


def _move(menu: Menu, by: int) -> None:
    keys = menu.keys()
    if by and keys:
        at = keys.index(menu.focus[menu.heading]) if menu.focus.get(menu.heading) in keys else 0
        menu.focus = {**menu.focus, menu.heading: keys[(at + by) % len(keys)]}


def _point(menu: Menu, pointer: Pointer) -> None:
    """Give the focus to what the pointer is moved over, and let it drag sliders."""
    over = under(menu, pointer)
    if over and (pointer.dx or pointer.dy or pointer.hit()):
        menu.focus = {**menu.focus, menu.heading: over}
    if pointer.hit() and over in menu.tracks:
        menu.dragged = over
    elif not pointer.held() and not pointer.hit():
        menu.dragged = ""
    if menu.dragged in menu.tracks:
        left, right = menu.tracks[menu.dragged]
        menu.share = min(1.0, max(0.0, (pointer.x - left) / (right - left)))


def _press(menu: Menu, keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> None:
    """Find what is pressed, what is typed, and whether the person wants out."""
    focus, writes = menu.focus.get(menu.heading, ""), _writes(menu)
    keys = tuple(name for name in SELECT if not (writes and name == "space"))
    if writes:
        menu.typed, menu.erased = keyboard.text, keyboard.hit("backspace") or pads.hit("x")
    if writes and any(keyboard.hit(name) for name in keys):
        _move(menu, 1)
    elif _hit(keyboard, pads, keys, SELECT_PAD):
        menu.active = focus
    elif pointer.hit() and under(menu, pointer) not in menu.tracks:
        menu.active = under(menu, pointer)
    menu.cancelled = _hit(keyboard, pads, CANCEL if writes else (*CANCEL, "backspace"), CANCEL_PAD)


def under(menu: Menu, pointer: Pointer) -> str:
    """Return the key of the widget under the pointer, or nothing."""
    for key, (left, top, right, bottom) in menu.places.items():
        if left <= pointer.x < right and top <= pointer.y < bottom:
            return key
    return ""


def _hit(keyboard: Keyboard, pads: Gamepads, keys: tuple[str, ...], buttons: tuple[str, ...]) -> bool:
    return any(keyboard.hit(key) for key in keys) or any(pads.hit(button) for button in buttons)


def _writes(menu: Menu) -> bool:
    """Tell whether the widget with the focus takes letters."""
    focus = menu.focus.get(menu.heading)
    return any(item.kind == "entry" and item.key == focus for item in menu.items)
