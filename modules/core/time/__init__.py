"""Time: the clock that every system reads, and countdowns over whole columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Time, component, f32, resource

__all__ = ["Pause", "Time", "Timer", "countdown", "pulse", "running"]


@resource
class Pause:
    """Hold the game while `on`: nothing moves by its velocity or counts by itself; what a game does, it holds itself.

    A system runs only while it is off with `@system(Update, when=running)`.
    """

    on: bool = False


def running(pause: Pause) -> bool:
    """Tell whether the game goes on: a condition for systems."""
    return not pause.on


@component
class Timer:
    """Count seconds down to zero, once or over and over.

    `left` is the time until it is due; `every` is the period it starts again with, 0 for once. Nothing advances a
    timer but its own `advance`, so that the game says which timers run while it is paused.
    """

    left: f32 = 0.0
    every: f32 = 0.0

    def advance(self, dt: Any) -> NDArray[np.bool_]:
        """Let `dt` seconds pass and return a mask of the rows that became due."""
        due = countdown(self.left, dt)
        if due.any():
            np.copyto(self.left, self.every, where=due)
        return due


def countdown(column: Any, dt: Any) -> NDArray[np.bool_]:
    """Lower a column of seconds toward 0, in place, and return a mask of the rows that reached it just now."""
    running = column > 0
    np.maximum(column - dt, 0, out=column)
    due: NDArray[np.bool_] = running & (column <= 0)
    return due


def pulse(time: Time, period: float, share: float = 0.5) -> bool:
    """Return True during the first `share` of each `period` of seconds: for blinking."""
    return time.elapsed % period < period * share
