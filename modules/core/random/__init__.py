"""Chance: the random stream of a system, and whole arrays drawn from it.

Every function takes the stream first, so the same seed gives the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Random

__all__ = ["Random", "chance", "directions", "in_box", "in_disc", "pick", "spread"]

Floats = NDArray[np.float32]


def spread(random: Random, middle: float, width: float, count: int) -> Floats:
    """Return `count` numbers drawn evenly from `middle - width` to `middle + width`."""
    return random.uniform(middle - width, middle + width, count).astype(np.float32)


def directions(random: Random, count: int) -> Floats:
    """Return a (2, count) array of unit vectors in every direction."""
    angle = random.uniform(0.0, 2 * np.pi, count)
    return np.stack((np.cos(angle), np.sin(angle))).astype(np.float32)


def in_disc(random: Random, radius: float, count: int) -> Floats:
    """Return a (2, count) array of points spread evenly over a disc around the origin."""
    points: Floats = directions(random, count) * (radius * np.sqrt(random.random(count))).astype(np.float32)
    return points


def in_box(random: Random, width: float, height: float, count: int) -> Floats:
    """Return a (2, count) array of points in the box from (0, 0) to (width, height)."""
    points: Floats = random.random((2, count)).astype(np.float32) * np.array([[width], [height]], np.float32)
    return points


def chance(random: Random, probability: Any, count: int) -> NDArray[np.bool_]:
    """Return a (count,) mask, each True with the given probability, a number or a (count,) array."""
    mask: NDArray[np.bool_] = random.random(count) < probability
    return mask


def pick(random: Random, options: Sequence[Any], count: int, weights: Sequence[float] | None = None) -> list[Any]:
    """Return a list of `count` of the options, each as likely as its weight among the weights."""
    share = None if weights is None else np.asarray(weights, float) / np.sum(weights)
    return [options[int(i)] for i in random.choice(len(options), count, p=share)]
