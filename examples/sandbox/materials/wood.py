"""Wood stays where it is, and glows for long once it burns."""

from engine import Mut, PreUpdate, system

from ..grid import Grid

NAME = "wood"
COLORS = ("#6f4424", "#8d5c33")
BURNS = 0.06  # chance in a tick beside fire
EMBERS = 150  # ticks


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what wood is like."""
    grid.material(NAME, COLORS, burns=BURNS, embers=EMBERS, place=3)
