"""The devices: keyboard, pointer and gamepads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as data_field

from engine import event, f32, field, i32, resource


@resource
class Keyboard:
    """Tell which keys are down, each list sorted by name; `text` is what was typed in this tick."""

    down: list[str] = field(factory=list)
    pressed: list[str] = field(factory=list)
    released: list[str] = field(factory=list)
    text: str = ""

    def held(self, key: str) -> bool:
        """Return True while the key is down."""
        return key in self.down

    def hit(self, key: str) -> bool:
        """Return True in the tick in which the key went down."""
        return key in self.pressed

    def let_go(self, key: str) -> bool:
        """Return True in the tick in which the key came up."""
        return key in self.released


@resource
class Pointer:
    """Tell where the mouse or finger is, in canvas coordinates, and which buttons are down.

    `dx` and `dy` are the way since the last tick, `wheel` and `wheel_x` the notches turned: up and right are
    positive.
    """

    x: float = 0.0
    y: float = 0.0
    dx: float = 0.0
    dy: float = 0.0
    wheel: float = 0.0
    wheel_x: float = 0.0
    down: list[str] = field(factory=list)
    pressed: list[str] = field(factory=list)
    released: list[str] = field(factory=list)

    @property
    def left(self) -> bool:
        """True while the left button is down."""
        return "left" in self.down

    @property
    def middle(self) -> bool:
        """True while the middle button is down."""
        return "middle" in self.down

    @property
    def right(self) -> bool:
        """True while the right button is down."""
        return "right" in self.down

    def held(self, button: str = "left") -> bool:
        """Return True while the button is down."""
        return button in self.down

    def hit(self, button: str = "left") -> bool:
        """Return True in the tick in which the button went down."""
        return button in self.pressed

    def let_go(self, button: str = "left") -> bool:
        """Return True in the tick in which the button came up."""
        return button in self.released


@dataclass
class Gamepad:
    """Tell what one gamepad does; `index` stays its number until it is unplugged."""

    index: int
    name: str = ""
    down: list[str] = data_field(default_factory=list)
    pressed: list[str] = data_field(default_factory=list)
    released: list[str] = data_field(default_factory=list)
    axes: dict[str, float] = data_field(default_factory=dict)


@resource
class Gamepads:
    """Tell which gamepads are plugged in and what they do; without an index a question is about any of them."""

    pads: list[Gamepad] = field(factory=list)

    def __len__(self) -> int:
        return len(self.pads)

    def __iter__(self) -> Iterator[Gamepad]:
        return iter(self.pads)

    def held(self, button: str, index: int | None = None) -> bool:
        """Return True while the button is down."""
        return any(button in pad.down for pad in self.pads if index in (None, pad.index))

    def hit(self, button: str, index: int | None = None) -> bool:
        """Return True in the tick in which the button went down."""
        return any(button in pad.pressed for pad in self.pads if index in (None, pad.index))

    def let_go(self, button: str, index: int | None = None) -> bool:
        """Return True in the tick in which the button came up."""
        return any(button in pad.released for pad in self.pads if index in (None, pad.index))

    def axis(self, name: str, index: int | None = None) -> float:
        """Return an axis as it stands; of several pads the one pushed furthest."""
        values = [pad.axes.get(name, 0.0) for pad in self.pads if index in (None, pad.index)]
        return max(values, key=abs, default=0.0)


@event
class Rumble:
    """Let a gamepad shake, `low` and `high` the strength of its two motors in [0, 1]; `pad` -1 means every pad.

    It is carried out in the frame after the tick that sent it.
    """

    low: f32 = 0.5
    high: f32 = 0.5
    seconds: f32 = 0.2
    pad: i32 = -1


@dataclass
class Finger:
    """Tell where a finger is, and where it came down, in canvas coordinates."""

    number: int
    x: float
    y: float
    from_x: float
    from_y: float


@resource
class Fingers:
    """Tell which fingers are on the screen, in the order in which they came down.

    The first one moves the `Pointer` too. `pressed` and `released` hold the numbers of those that came and went in
    this tick.
    """

    down: list[Finger] = field(factory=list)
    pressed: list[int] = field(factory=list)
    released: list[int] = field(factory=list)

    def __len__(self) -> int:
        return len(self.down)

    def __iter__(self) -> Iterator[Finger]:
        return iter(self.down)
