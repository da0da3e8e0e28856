"""Fire licks upward, sets alight what burns, and leaves smoke."""

import numpy as np

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import AROUND, SHADES, Grid
from ..screens import running

NAME = "fire"
COLORS = ("#ff5a1f", "#ffd75a")
WEIGHT = 0.0004
LIFE = (12, 40)  # ticks
RISES = 0.55  # chance in a tick
SMOKES = 0.22  # chance that a flame ends in smoke
SMOKE_LIFE = 140
GLOW = 1.0


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what fire is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, fluid=True, glow=GLOW, place=7)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Set alight, flicker, rise, go out, at once in water; new flames have no life yet and are given one."""
    flames = grid.cells(NAME)
    fresh = flames[grid.life[flames] == 0]
    grid.life[fresh] = random.integers(*LIFE, fresh.size, np.uint8)
    grid.life[flames[grid.touch(flames, "water")]] = 1
    ignite(grid, flames, random)
    grid.shade[flames] = random.integers(0, SHADES, flames.size, np.uint8)
    dead = grid.age(flames)
    smoke = random.random(dead.size) < SMOKES
    grid.turn(dead[smoke], "smoke", random, SMOKE_LIFE)
    grid.turn(dead[~smoke], "air", random)
    grid.rise(grid.cells(NAME), random, RISES)


def ignite(grid: Grid, hot: np.ndarray, random: Random) -> None:
    """Set alight what burns beside hot cells: it glows where it is, or goes up in flames."""
    for step in AROUND:
        beside = hot + step
        kinds = grid.kind[beside]
        caught = random.random(beside.size, np.float32) < grid.burns[kinds]
        beside, kinds = beside[caught], kinds[caught]
        embers = grid.embers[kinds]
        grid.turn(beside[embers > 0], "ember", random, embers[embers > 0])
        grid.turn(beside[embers == 0], NAME, random)
