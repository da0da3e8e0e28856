"""Sand falls and slides; where lava touches it, it melts to glass."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import Grid
from ..screens import running

NAME = "sand"
COLORS = ("#c8963e", "#f2cf85")
WEIGHT = 1.6
MELTS = 0.02  # chance in a tick beside lava


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what sand is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, place=1)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Fall, slide, melt."""
    rest = grid.fall(grid.cells(NAME), random)
    hot = rest[grid.touch(rest, "lava")]
    grid.turn(hot[random.random(hot.size) < MELTS], "glass", random)
