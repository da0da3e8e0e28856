"""Water falls, flows far, and turns to steam beside fire and lava."""

from engine import Mut, PreUpdate, Random, Update, system

from ..grid import Grid
from ..screens import running

NAME = "water"
COLORS = ("#2f6fd0", "#4f93ea")
WEIGHT = 1.0
REACH = 4  # cells it flows in a tick
BOILS = 0.25  # chance in a tick beside something hot
STEAM_LIFE = 200


@system(PreUpdate)
def describe(grid: Mut[Grid]) -> None:
    """Say what water is like."""
    grid.material(NAME, COLORS, weight=WEIGHT, fluid=True, place=2)


@system(Update, when=running)
def rule(grid: Mut[Grid], random: Random) -> None:
    """Boil, fall, flow."""
    water = grid.cells(NAME)
    hot = water[grid.touch(water, "fire", "ember", "lava")]
    boiling = hot[random.random(hot.size) < BOILS]
    grid.turn(boiling, "steam", random, STEAM_LIFE)
    rest = grid.fall(grid.cells(NAME), random)
    grid.flow(rest, REACH)
