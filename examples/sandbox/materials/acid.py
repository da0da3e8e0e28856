"""Acid falls, flows, and eats what it touches together with itself; glass holds it."""

import numpy as np

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import AROUND, MOST_KINDS, Grid
from ..screens import running

NAME = "acid"
COLORS = ("#7ee63a", "#c4ff6b")
WEIGHT = 1.1
REACH = 3  # cells it flows in a tick
EATS = 0.05  # chance in a tick
HOLDS = ("air", "wall", "glass", "acid", "water", "smoke", "steam", "fire")  # what it leaves alone
GLOW = 0.25


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what acid is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, fluid=True, glow=GLOW, place=10)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Eat, fall, flow."""
    acid = grid.cells(NAME)
    eats = np.zeros(MOST_KINDS, np.bool_)
    for name, number in grid.numbers.items():
        eats[number] = name not in HOLDS
    for step in AROUND:
        acid = acid[grid.kind[acid] == grid.number(NAME)]
        biting = acid[eats[grid.kind[acid + step]]]
        biting = biting[random.random(biting.size) < EATS]
        grid.turn(biting + step, "air", random)
        grid.turn(biting, "smoke", random, 40)
    grid.flow(grid.fall(grid.cells(NAME), random), REACH)
