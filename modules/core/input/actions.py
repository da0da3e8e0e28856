"""Named actions: what a game asks about, bound to whatever the person likes to press."""

from __future__ import annotations

from engine import HotloopError, field, resource

from .devices import Gamepads, Keyboard, Pointer

DEAD_ZONE = 0.2
"""Share of an axis around its middle that counts as the middle."""
HELD_FROM = 0.5
"""Value from which an action bound to an axis counts as held."""


@resource
class Actions:
    """Ask for actions by name, whatever they are bound to.

    A binding reads `device:control`: "key:space", "mouse:left", "pad:a", "pad:leftx" (the whole axis, -1 to 1),
    "pad:leftx+" and "pad:leftx-" (one half of it, 0 to 1). A minus in front turns the sign around, so that
    `actions.bind("turn", "-key:left", "key:right", "pad:leftx")` makes a value from -1 to 1.
    """

    defaults: dict[str, list[str]] = field(factory=dict)
    bindings: dict[str, list[str]] = field(factory=dict)
    values: dict[str, float] = field(factory=dict)
    pressed: list[str] = field(factory=list)
    released: list[str] = field(factory=list)

    def bind(self, name: str, *bindings: str) -> None:
        """Declare an action with the bindings it has unless a person chose others."""
        chosen = _checked(name, bindings)
        if self.bindings.get(name) == self.defaults.get(name):
            self.bindings[name] = list(chosen)
        self.defaults[name] = chosen
        self.values.setdefault(name, 0.0)

    def rebind(self, name: str, *bindings: str) -> None:
        """Replace the bindings of an action; none at all gives it back those it was declared with."""
        self.bindings[name] = _checked(name, bindings) if bindings else list(self.defaults.get(name, []))
        self.values.setdefault(name, 0.0)

    def value(self, name: str) -> float:
        """Return how far the action is pushed, from -1 to 1; 0 for one that is not bound."""
        return self.values.get(name, 0.0)

    def held(self, name: str) -> bool:
        """Return True while the action is held."""
        return abs(self.value(name)) >= HELD_FROM

    def hit(self, name: str) -> bool:
        """Return True in the tick in which the action began."""
        return name in self.pressed

    def let_go(self, name: str) -> bool:
        """Return True in the tick in which the action ended."""
        return name in self.released

    def read(self, keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> None:
        """Take the values of this tick from the devices."""
        pressed, released = [], []
        for name, bindings in self.bindings.items():
            parts = [_part(binding, keyboard, pointer, pads) for binding in bindings]
            before = self.held(name)
            value = min(1.0, max(-1.0, sum(part[0] for part in parts)))
            self.values[name] = value
            now = abs(value) >= HELD_FROM
            if (now and not before) or any(part[1] for part in parts):
                pressed.append(name)
            if (before and not now) or (not now and any(part[2] for part in parts)):
                released.append(name)
        self.pressed, self.released = sorted(pressed), sorted(released)


def _checked(name: str, bindings: tuple[str, ...]) -> list[str]:
    for binding in bindings:
        device, _, control = binding.removeprefix("-").partition(":")
        if device not in ("key", "mouse", "pad") or not control:
            raise HotloopError(
                f"{binding!r} is no binding",
                where=f"action {name!r}",
                remedy='write "key:space", "mouse:left", "pad:a", "pad:leftx", "pad:leftx+" or "pad:leftx-"',
                binding=binding,
            )
    return list(bindings)


def _part(binding: str, keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> tuple[float, bool, bool]:
    """Return value, went down and came up of one binding."""
    sign = -1.0 if binding.startswith("-") else 1.0
    device, _, control = binding.removeprefix("-").partition(":")
    source: Keyboard | Pointer | Gamepads = keyboard if device == "key" else pointer if device == "mouse" else pads
    axis = control.rstrip("+-") if device == "pad" else ""
    if axis in AXES:
        return sign * _axis_value(pads.axis(axis), control[len(axis) :]), False, False
    return sign * source.held(control), source.hit(control), source.let_go(control)


def _axis_value(raw: float, half: str) -> float:
    value = max(0.0, (abs(raw) - DEAD_ZONE) / (1 - DEAD_ZONE)) * (1.0 if raw > 0 else -1.0)
    if half == "+":
        return max(0.0, value)
    return max(0.0, -value) if half == "-" else value


AXES = frozenset({"leftx", "lefty", "rightx", "righty", "l2", "r2"})
