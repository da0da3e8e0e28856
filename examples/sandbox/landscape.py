"""The landscape: a new world, drawn after a map of letters."""

import numpy as np

from engine import Mut, Random, Update, field, resource, system
from modules.core.assets import Assets

from .grid import AIR, COLUMNS, ROWS, Grid, at, nothing
from .screens import Wishes

MAP = "landscape.txt"
LETTERS = {
    ".": "air",
    "#": "stone",
    "s": "sand",
    "w": "water",
    "W": "wood",
    "p": "plant",
    "o": "oil",
    "l": "lava",
    "g": "powder",
    "f": "fire",
    "a": "acid",
    "G": "glass",
}
ACROSS, DOWN = 64, 36  # letters
SIDE = COLUMNS // ACROSS  # cells
RAGGED = 0.5  # chance that a cell at the edge of a letter belongs to the letter beside


@resource
class Landscape:
    """The map that the world was drawn after, a line for each row of letters."""

    rows: list[str] = field(factory=list)


@system(Update)
def read(assets: Mut[Assets], landscape: Mut[Landscape], grid: Mut[Grid], wishes: Mut[Wishes], random: Random) -> None:
    """Draw a new world when one is wanted, and what changed of the map as soon as it is saved."""
    rows = load(assets)
    if wishes.fresh:
        grid.kind.reshape(ROWS + 2, -1)[1:-1, 1:-1] = AIR
        grid.life = nothing()
        draw(grid, [], rows, random)
    elif rows != landscape.rows:
        draw(grid, landscape.rows, rows, random)
    wishes.fresh = False
    landscape.rows = rows


def load(assets: Assets) -> list[str]:
    """Return the rows of the map, each as wide as it has to be; no map is all air."""
    path = assets.path(MAP)
    if path is None:
        assets.complain(MAP, f"map {MAP} is missing; the world is empty until it is there")
    text = path.read_text(encoding="utf-8", errors="replace") if path is not None else ""
    rows = [line[:ACROSS].ljust(ACROSS, ".") for line in text.splitlines()[:DOWN]]
    unknown = sorted({letter for row in rows for letter in row} - set(LETTERS))
    if unknown:
        known = " ".join(LETTERS)
        assets.complain(MAP, f"map {path} holds {' '.join(unknown)}, which stands for nothing; it knows {known}")
    return rows + ["." * ACROSS] * (DOWN - len(rows))


def draw(grid: Grid, before: list[str], rows: list[str], random: Random) -> None:
    """Draw the letters that are unlike those before, with ragged edges."""
    x, y = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    shift = random.integers(-1, 2, (2, ROWS, COLUMNS)) * (random.random((2, ROWS, COLUMNS)) < RAGGED)
    across = np.clip((x + shift[0]) // SIDE, 0, ACROSS - 1)
    down = np.clip((y + shift[1]) // SIDE, 0, DOWN - 1)
    letters = np.array([list(row) for row in rows])[down, across]
    changed = letters != np.array([list(row) for row in before])[down, across] if before else letters != "."
    for letter, name in LETTERS.items():
        rows_, columns = np.nonzero(changed & (letters == letter))
        grid.turn(at(columns, rows_), name, random)
