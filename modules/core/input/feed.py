"""Applying raw events to the devices, once per tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import HotloopError, Mut, handler

from .actions import Actions
from .devices import Finger, Fingers, Gamepad, Gamepads, Keyboard, Pointer


@handler("core.input.feed")
def feed(
    events: list[Any],
    keyboard: Mut[Keyboard],
    pointer: Mut[Pointer],
    fingers: Mut[Fingers],
    pads: Mut[Gamepads],
    actions: Mut[Actions],
) -> None:
    """Apply the raw events of one tick; what went down or came up before is over.

    The resources follow from the events alone. Raises `HotloopError` for what is no raw event, before any is applied.
    """
    for event in events:
        _check(event)
    _begin(keyboard, pointer, fingers, pads)
    for event in events:
        if event[0] == "finger":
            _touch(fingers, *event[1:])
        else:
            _apply(event, keyboard, pointer, pads)
    actions.read(keyboard, pointer, pads)


@handler("core.input.held")
def held(keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> list[Any]:
    """Return what is down, as the raw events with which it went down."""
    keys = [["key", "down", name] for name in keyboard.down]
    buttons = [["button", "down", name] for name in pointer.down]
    return keys + buttons + [["padbutton", "down", pad.index, name] for pad in pads for name in pad.down]


@handler("core.input.check")
def check(events: list[Any]) -> None:
    """Raise `HotloopError` for what is no raw event, so that those who make events up learn of it before the game."""
    for event in events:
        _check(event)


def _begin(keyboard: Keyboard, pointer: Pointer, fingers: Fingers, pads: Gamepads) -> None:
    devices: list[Keyboard | Pointer | Fingers | Gamepad] = [keyboard, pointer, fingers, *pads.pads]
    for device in devices:
        device.pressed, device.released = [], []
    keyboard.text = ""
    pointer.dx = pointer.dy = pointer.wheel = pointer.wheel_x = 0.0


def _apply(event: list[Any], keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> None:
    match event:
        case ["key", way, str(name)]:
            _press(keyboard, way, name)
        case ["text", str(characters)]:
            keyboard.text += characters
        case ["pointer", x, y]:
            pointer.dx += x - pointer.x
            pointer.dy += y - pointer.y
            pointer.x, pointer.y = float(x), float(y)
        case ["button", way, str(name)]:
            _press(pointer, way, name)
        case ["wheel", dx, dy]:
            pointer.wheel_x += dx
            pointer.wheel += dy
        case ["pad", "added", index, *name]:
            _pad(pads, index).name = str(*name)
        case ["pad", _, index, *_]:
            pads.pads = [pad for pad in pads.pads if pad.index != index]
        case ["padbutton", way, index, str(name)]:
            _press(_pad(pads, index), way, name)
        case ["padaxis", index, str(name), value]:
            _pad(pads, index).axes[name] = min(1.0, max(-1.0, float(value)))


def _touch(fingers: Fingers, way: str, number: int, x: float, y: float) -> None:
    """Note a finger; one that is down already, or gone already, changes nothing but its place."""
    known = next((finger for finger in fingers.down if finger.number == number), None)
    if known is not None:
        known.x, known.y = float(x), float(y)
    if way == "down" and known is None:
        fingers.down = [*fingers.down, Finger(number, float(x), float(y), float(x), float(y))]
        fingers.pressed = [*fingers.pressed, number]
    elif way == "up" and known is not None:
        fingers.down = [finger for finger in fingers.down if finger is not known]
        fingers.released = [*fingers.released, number]


def _pad(pads: Gamepads, index: int) -> Gamepad:
    """Return the pad of this number, plugging it in where a recording began after it was."""
    for pad in pads.pads:
        if pad.index == index:
            return pad
    pads.pads = sorted([*pads.pads, Gamepad(index)], key=lambda pad: pad.index)
    return _pad(pads, index)


def _press(device: Keyboard | Pointer | Gamepad, way: str, name: str) -> None:
    """Note a key or button; one that is down already, as in a key's repeat, does not go down again."""
    if way == "down" and name not in device.down:
        device.down = sorted([*device.down, name])
        device.pressed = sorted({*device.pressed, name})
    elif way == "up" and name in device.down:
        device.down = [other for other in device.down if other != name]
        device.released = sorted({*device.released, name})


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _way(value: Any) -> bool:
    return value in ("down", "up")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


SHAPES: dict[str, tuple[Callable[[Any], bool], ...]] = {
    "key": (_way, _text),
    "text": (_text,),
    "pointer": (_number, _number),
    "button": (_way, _text),
    "wheel": (_number, _number),
    "finger": (lambda value: value in ("down", "move", "up"), _index, _number, _number),
    "padbutton": (_way, _index, _text),
    "padaxis": (_index, _text, _number),
    "pad": (lambda value: value in ("added", "removed"), _index),
}


def _check(event: Any) -> None:
    """Raise `HotloopError` unless this is a raw event."""
    whole = isinstance(event, list | tuple) and event and isinstance(event[0], str)
    shape = SHAPES.get(event[0]) if whole else None
    values = list(event[1:]) if whole else []
    if whole and event[0] == "pad" and len(values) == 3 and isinstance(values[2], str):
        values = values[:2]
    if shape is None or len(values) != len(shape) or not all(fits(v) for fits, v in zip(shape, values, strict=True)):
        raise HotloopError(
            f"{event!r} is no raw event",
            where="input",
            remedy='write lists such as ["key", "down", "space"] or ["pointer", 480, 270]',
            event=event,
        )
