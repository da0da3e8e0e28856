"""Lava creeps, sets alight what burns, and turns to stone where water touches it."""

import numpy as np

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import AIR, SHADES, UP, Grid
from ..screens import running
from .fire import ignite

NAME = "lava"
COLORS = ("#d8300c", "#ff8a1f")
WEIGHT = 2.4
CREEPS = 0.25  # share of it that moves in a tick
HARDENS = 0.3  # chance in a tick beside water
SPITS = 0.0015  # chance in a tick to throw a flame
GLOW = 0.4


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what lava is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, glow=GLOW, fluid=True, place=8)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Harden, creep, set alight."""
    lava = grid.cells(NAME)
    wet = lava[grid.touch(lava, "water")]
    grid.turn(wet[random.random(wet.size) < HARDENS], "stone", random)
    lava = grid.cells(NAME)
    stirred = lava[random.random(lava.size, np.float32) < CREEPS]
    grid.shade[stirred[::4]] = random.integers(0, SHADES, stirred[::4].size, np.uint8)
    ignite(grid, stirred, random)
    free = stirred[grid.kind[stirred + UP] == AIR] + UP
    grid.turn(free[random.random(free.size) < SPITS], "fire", random)
    stirred = stirred[grid.kind[stirred] == grid.number(NAME)]
    grid.flow(grid.fall(stirred, random), 1)
