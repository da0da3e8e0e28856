"""The clock every system can read: the fixed tick, and how far the picture lies between two ticks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.fields import f32
from engine.marks import resource

if TYPE_CHECKING:
    from engine.ecs.world import World

TICK_RATE = 60
"""Ticks a second unless an app says otherwise."""
MOST_TICKS_A_FRAME = 5
"""How many ticks a slow frame catches up; what is missing beyond that is let go."""

SWITCH_INTERVAL = 0.0005
"""Seconds for which a thread beside the game's may keep the interpreter when the game wants it back."""


@contextmanager
def first_among_threads() -> Iterator[None]:
    """Let this thread wait but shortly for the interpreter while others hold it."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_INTERVAL))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@resource(transient=True)
class Time:
    """Tell a system how long a tick is and which one runs.

    `dt` is the length of a tick in seconds, a read-only 0-d float32 array: arithmetic with it keeps a column's
    dtype and is twice as fast as with a Python float. `tick` counts simulation steps since the world began,
    `elapsed` is the same in seconds. `frame` counts pictures and `alpha` in [0, 1) tells how far the picture lies
    between the previous and the present tick; both mean something in Render only. All of it follows from the
    world's tick, so nothing here is part of a snapshot.
    """

    dt: f32 = 1.0 / TICK_RATE
    tick: int = 0
    elapsed: float = 0.0
    frame: int = 0
    alpha: float = 0.0

    @classmethod
    def make(cls, world: World) -> Time:
        """Make the clock of a world at its present tick."""
        time = cls()
        set_rate(time, TICK_RATE)
        set_tick(time, world.tick)
        return time


def set_rate(time: Time, rate: float) -> None:
    """Make a tick `1 / rate` seconds long."""
    dt: Any = np.array(1.0 / rate, np.float32)
    dt.flags.writeable = False
    time.dt = dt


def set_tick(time: Time, tick: int) -> None:
    """Move the clock to the start of a tick."""
    time.tick = tick
    time.elapsed = tick * float(time.dt)


class Pace:
    """Real time, as due ticks and the part of a tick that is left over."""

    def __init__(self, rate: float = TICK_RATE) -> None:
        self.seconds = 1.0 / rate
        self.last = perf_counter()
        self.owed = 0.0

    def due(self) -> int:
        """Return how many ticks are due now, at most `MOST_TICKS_A_FRAME`."""
        now = perf_counter()
        self.owed += now - self.last
        self.last = now
        ticks = int(self.owed / self.seconds)
        self.owed -= ticks * self.seconds
        return min(ticks, MOST_TICKS_A_FRAME)

    @property
    def alpha(self) -> float:
        """How far the present lies between the last tick and the next, in [0, 1)."""
        return min(self.owed / self.seconds, 0.999)

    @property
    def left(self) -> float:
        """How many seconds there are until the next tick is due; not above 0 if it is."""
        return self.seconds - self.owed - (perf_counter() - self.last)
