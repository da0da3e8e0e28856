"""A trial: the whole grid in motion, for `hotloop bench games`."""

import numpy as np

from engine import Mut, Random, handler
from modules.core.flow import Flow

from .grid import COLUMNS, ROWS, STRIDE, Grid
from .screens import Screen

KINDS = ("sand", "water", "oil", "powder", "plant", "lava", "acid", "wood", "fire")
SIDE = 8  # cells of a block of one material
FULL = 0.6  # share of the blocks that are not air


@handler("sandbox.trial")
def trial(grid: Mut[Grid], flow: Mut[Flow], random: Random) -> str:
    """Fill the grid with blocks of everything, hanging in the air."""
    flow.go(Screen.PAINT)
    blocks = random.integers(0, len(KINDS), (ROWS // SIDE, COLUMNS // SIDE))
    blocks = np.where(random.random(blocks.shape) < FULL, blocks, -1)
    cells = np.kron(blocks, np.ones((SIDE, SIDE), np.int64))
    place = np.arange(ROWS)[:, None] * STRIDE + np.arange(COLUMNS) + STRIDE + 1
    grid.turn(place.ravel(), "air", random)
    for number, name in enumerate(KINDS):
        grid.turn(place[cells == number], name, random)
    return f"{int((cells >= 0).sum()):,} of {COLUMNS} x {ROWS} cells filled with nine materials, all in motion"
