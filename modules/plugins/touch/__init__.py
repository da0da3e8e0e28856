"""A gamepad for fingers: a stick that appears under the left thumb, and buttons at the right edge.

It shows itself with the first finger that touches the screen. To a game it is one more gamepad, so that what is bound
to "pad:leftx" or "pad:a" works without a word.
"""

from __future__ import annotations

import math

from engine import Commands, Entity, Mut, PreUpdate, Query, Update, With, component, field, resource, system
from modules.core.input import Finger, Fingers, Gamepad, Gamepads
from modules.core.motion import Position
from modules.core.render import Canvas, Circle, Fixed, Text, rgba

__all__ = ["Touch"]

PAD = 90
"""The number of the gamepad that fingers make."""
FAINT, CLEAR, INK = rgba("#ffffff30"), rgba("#ffffff80"), rgba("#ffffffc0")


@resource
class Touch:
    """Say what lies on the screen for fingers, in shares of the canvas and pixels.

    `buttons` are gamepad buttons by name with their places; left of `stick_until` a finger makes a stick, of this
    `reach`. `shown` becomes true with the first finger.
    """

    buttons: dict[str, tuple[float, float]] = field(factory=lambda: {"a": (0.92, 0.80), "b": (0.82, 0.90)})
    stick_until: float = 0.5
    reach: float = 60.0
    size: float = 38.0
    layer: int = 9_000
    shown: bool = False


@component
class Control:
    """A part of what lies on the screen for fingers."""


@system(PreUpdate)
def play(fingers: Fingers, touch: Mut[Touch], pads: Mut[Gamepads], canvas: Canvas) -> None:
    """Turn fingers into a gamepad."""
    touch.shown = touch.shown or len(fingers) > 0
    if not touch.shown:
        return
    pad = next((pad for pad in pads.pads if pad.index == PAD), None)
    if pad is None:
        pad = Gamepad(PAD, "fingers")
        pads.pads = [*pads.pads, pad]
    stick = thumb(fingers, touch, canvas)
    x, y = (stick.x - stick.from_x, stick.y - stick.from_y) if stick is not None else (0.0, 0.0)
    far = max(touch.reach, math.hypot(x, y))
    pad.axes = {"leftx": x / far, "lefty": y / far}
    down = sorted(name for name in touch.buttons if any(_on(finger, name, touch, canvas) for finger in fingers))
    pad.pressed = [name for name in down if name not in pad.down]
    pad.released = [name for name in pad.down if name not in down]
    pad.down = down


@system(Update)
def show(
    fingers: Fingers, touch: Touch, canvas: Canvas, parts: Query[Entity, With[Control]], commands: Commands
) -> None:
    """Draw the stick under the thumb and the buttons."""
    if parts:
        commands.despawn(parts.entities())
    if not touch.shown:
        return
    for name, (x, y) in touch.buttons.items():
        held = any(_on(finger, name, touch, canvas) for finger in fingers)
        at = Position(x=x * canvas.width, y=y * canvas.height)
        commands.spawn(at, Circle(touch.size, CLEAR if held else FAINT, touch.layer), Fixed(), Control())
        label = Text(name.upper(), size=touch.size * 0.7, color=INK, layer=touch.layer, align="center")
        commands.spawn(at, label, Fixed(), Control())
    stick = thumb(fingers, touch, canvas)
    if stick is not None:
        x, y = stick.x - stick.from_x, stick.y - stick.from_y
        share = touch.reach / max(touch.reach, math.hypot(x, y))
        ring = Circle(touch.reach, FAINT, touch.layer, width=3.0)
        commands.spawn(Position(x=stick.from_x, y=stick.from_y), ring, Fixed(), Control())
        knob = Position(x=stick.from_x + x * share, y=stick.from_y + y * share)
        commands.spawn(knob, Circle(touch.size * 0.7, CLEAR, touch.layer), Fixed(), Control())


def thumb(fingers: Fingers, touch: Touch, canvas: Canvas) -> Finger | None:
    """Return the finger that came down where a stick is made, or None."""
    return next((finger for finger in fingers if finger.from_x < touch.stick_until * canvas.width), None)


def _on(finger: Finger, name: str, touch: Touch, canvas: Canvas) -> bool:
    x, y = touch.buttons[name]
    return math.hypot(finger.x - x * canvas.width, finger.y - y * canvas.height) < 1.3 * touch.size
