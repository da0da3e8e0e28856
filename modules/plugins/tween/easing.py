"""Easing: how far along something is when a share of its time has passed, for whole columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

OVERSHOOT = 1.70158
"""Makes `back` go 10 % past its goal (Penner, 2002, as the curves below)."""


def _bounce(t: Any) -> Any:
    """Fall to the goal and bounce there three times, each time lower."""
    # Each bounce is a parabola around its middle: (middle, height of its top below the goal).
    parts = [7.5625 * (t - middle) ** 2 + top for middle, top in ((0, 0), (6 / 11, 3 / 4), (9 / 11, 15 / 16))]
    last = 7.5625 * (t - 10.5 / 11) ** 2 + 63 / 64
    return np.select([t < 4 / 11, t < 8 / 11, t < 10 / 11], parts, last)


def _elastic(t: Any) -> Any:
    """Swing around the goal like something on a spring."""
    swing = 2.0 ** (-10 * t) * np.sin((t * 10 - 0.75) * (2 * np.pi / 3))
    return np.where(t <= 0, 0.0, np.where(t >= 1, 1.0, swing + 1))


OUT: dict[str, Callable[[Any], Any]] = {
    "quad": lambda t: 1 - (1 - t) ** 2,
    "cubic": lambda t: 1 - (1 - t) ** 3,
    "quint": lambda t: 1 - (1 - t) ** 5,
    "sine": lambda t: np.sin(t * np.pi / 2),
    "expo": lambda t: (1 - 2.0 ** (-10 * t)) / (1 - 2.0**-10),
    "circ": lambda t: np.sqrt(np.maximum(1 - (1 - t) ** 2, 0)),
    "back": lambda t: 1 + (OVERSHOOT + 1) * (t - 1) ** 3 + OVERSHOOT * (t - 1) ** 2,
    "elastic": _elastic,
    "bounce": _bounce,
}
"""The curves that slow down toward their end; those that start slowly are the same turned round."""

EASES = ("linear", *(f"{way}_{name}" for way in ("in", "out", "in_out") for name in OUT))
"""The names of all curves."""


def eased(ease: str, t: Any) -> Any:
    """Return how far along a curve is at times in [0, 1]; an unknown name is "linear"."""
    t = np.clip(np.asarray(t, np.float64), 0.0, 1.0)
    way, _, name = ease.rpartition("_")
    curve = OUT.get(name)
    if curve is None or way not in ("in", "out", "in_out"):
        return t
    if way == "out":
        return curve(t)
    if way == "in":
        return 1 - curve(1 - t)
    return np.where(t < 0.5, (1 - curve(1 - 2 * t)) / 2, (1 + curve(2 * t - 1)) / 2)
