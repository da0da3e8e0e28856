"""Gunpowder falls like sand, and a spark runs through it in no time."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import Grid
from ..screens import running

NAME = "powder"
COLORS = ("#4b4f57", "#83868c")
WEIGHT = 1.5
BURNS = 0.85  # chance in a tick beside fire


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what gunpowder is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, burns=BURNS, place=6)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Fall and slide."""
    grid.fall(grid.cells(NAME), random)
