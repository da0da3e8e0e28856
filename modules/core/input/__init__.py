"""Input: what the person does, as resources that change once per tick.

`held` means down now, `hit` went down since the last tick, `let_go` came up since the last tick; a quick tap
within one tick is both hit and let go. Keys have the names pygame gives them ("space", "left", "a", "return",
"left shift"), mouse buttons are left, middle and right, and gamepad controls those of SDL's controller layout:
buttons a b x y, back start guide, up down left right, l1 r1 l3 r3; axes leftx lefty rightx righty in [-1, 1], y down,
and the triggers l2 r2 in [0, 1].

A raw event is a list, as recordings and scripted input hold it:

    ["key", "down" | "up", name]           ["text", characters]
    ["pointer", x, y]                      ["button", "down" | "up", name]       ["wheel", dx, dy]
    ["pad", "added" | "removed", index, name]
    ["padbutton", "down" | "up", index, name]       ["padaxis", index, name, value]
    ["finger", "down" | "move" | "up", number, x, y]
"""

from __future__ import annotations

from .actions import Actions
from .devices import Finger, Fingers, Gamepad, Gamepads, Keyboard, Pointer, Rumble
from .feed import feed

__all__ = ["Actions", "Finger", "Fingers", "Gamepad", "Gamepads", "Keyboard", "Pointer", "Rumble", "feed"]
