"""Glass is what lava makes of sand. It stays where it is, and only acid takes it."""

from engine import Mut, PreUpdate, system

from ..grid import Grid

NAME = "glass"
COLORS = ("#9fd8d0", "#c9f2ea")


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what glass is like."""
    grid.material(NAME, COLORS)
