"""Oil floats on water, flows slowly, and burns at the first spark."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import Grid
from ..screens import running

NAME = "oil"
COLORS = ("#3a2f3f", "#58465a")
WEIGHT = 0.8
REACH = 2  # cells it flows in a tick
BURNS = 0.3  # chance in a tick beside fire


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what oil is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, fluid=True, burns=BURNS, place=5)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Fall and flow."""
    grid.flow(grid.fall(grid.cells(NAME), random), REACH)
