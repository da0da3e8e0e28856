"""Embers are what wood and plants become: they glow where they are, throw flames, and fall to nothing."""

import numpy as np

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import AIR, LEFT, RIGHT, SHADES, UP, Grid
from ..screens import running
from .fire import ignite

NAME = "ember"
COLORS = ("#b3261a", "#ff8a2b")
FLAMES = 0.06  # chance in a tick to throw a flame into the air beside it
GLOW = 0.7


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what embers are like."""
    grid.material(NAME, COLORS, glow=GLOW)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Glow, throw flames, set alight, go out."""
    embers = grid.cells(NAME)
    grid.shade[embers] = random.integers(0, SHADES, embers.size, np.uint8)
    for step in (UP, LEFT, RIGHT):
        free = embers[grid.kind[embers + step] == AIR] + step
        grid.turn(free[random.random(free.size) < FLAMES], "fire", random)
    ignite(grid, embers[random.random(embers.size) < 0.3], random)
    grid.turn(grid.age(embers), "smoke", random, 60)
