"""Stone stays where it is."""

from engine import Mut, PreUpdate, system

from ..grid import Grid

NAME = "stone"
COLORS = ("#565a6b", "#767b8f")


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what stone is like."""
    grid.material(NAME, COLORS, place=0)
