"""Plants drink water and grow where it was, upward into the air, and burn fast."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import AIR, LEFT, RIGHT, UP, Grid
from ..screens import running

NAME = "plant"
COLORS = ("#3f9a3a", "#7fd455")
BURNS = 0.12  # chance in a tick beside fire
EMBERS = 25  # ticks
DRINKS = 0.015  # chance in a tick to drink the water beside it
SPROUTS = 4  # shoots it makes of each drink
WAYS = (UP, UP + LEFT, UP + RIGHT, UP, LEFT, RIGHT)  # which way shoots grow


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what plants are like."""
    grid.material(NAME, COLORS, burns=BURNS, embers=EMBERS, place=4)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Drink, and let shoots grow; `life` is how often a shoot grows on."""
    water = grid.cells("water")
    water = water[grid.touch(water, NAME)]
    drunk = water[random.random(water.size) < DRINKS]
    grid.turn(drunk, NAME, random, SPROUTS)
    plants = grid.cells(NAME)
    shoots = plants[grid.life[plants] > 0]
    for step in (WAYS[int(i)] for i in random.integers(0, len(WAYS), 2)):
        tips = shoots[grid.kind[shoots + step] == AIR]
        tips = tips[random.random(tips.size) < 0.25]
        grid.turn(tips + step, NAME, random, grid.life[tips] - 1)
        grid.life[tips] = 0
