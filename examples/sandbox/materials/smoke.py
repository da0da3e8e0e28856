"""Smoke rises, drifts and thins out."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import Grid
from ..screens import running

NAME = "smoke"
COLORS = ("#2b2b35", "#3d3d49")
WEIGHT = 0.0005
RISES = 0.5  # chance in a tick


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what smoke is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, fluid=True)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Thin out and rise."""
    smoke = grid.cells(NAME)
    grid.turn(grid.age(smoke[random.random(smoke.size) < 0.7]), "air", random)
    grid.rise(grid.cells(NAME), random, RISES)
