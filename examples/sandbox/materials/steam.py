"""Steam rises, and becomes water again once it has cooled, or where it meets something overhead."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import Grid
from ..screens import running

NAME = "steam"
COLORS = ("#8fa6bf", "#c3d3e2")
WEIGHT = 0.0003
RISES = 0.75  # chance in a tick
RAINS = 0.45  # share that becomes water when it has cooled; the rest is lost


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what steam is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, fluid=True, place=9)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Cool and rise; what was painted has no life yet and is given one."""
    steam = grid.cells(NAME)
    grid.life[steam[grid.life[steam] == 0]] = 200
    cold = grid.age(steam[random.random(steam.size) < 0.8])
    rain = random.random(cold.size) < RAINS
    grid.turn(cold[rain], "water", random)
    grid.turn(cold[~rain], "air", random)
    grid.rise(grid.cells(NAME), random, RISES)
