"""The ground: a meadow without end, and the dark around the picture."""

import numpy as np

from engine import Commands, Mut, PostUpdate, Query, Startup, component, i32, system
from modules.core.motion import Position, teleport
from modules.core.render import Camera, Fixed, Sprite

from . import DARK, GROUND, HEIGHT, WIDTH

TILE = 256  # pixels
COLUMNS, ROWS = WIDTH // TILE + 3, HEIGHT // TILE + 3
PICTURES = np.array([f"ground_{kind}.png" for kind in (0, 1, 0, 2, 1, 0, 3, 1)])


@component
class Tile:
    """A tile of the meadow: its place among those in sight."""

    column: i32
    row: i32


@system(Startup)
def lay(commands: Commands) -> None:
    """Lay as many tiles as the picture needs, and hang the dark around it."""
    row, column = np.divmod(np.arange(COLUMNS * ROWS), COLUMNS)
    commands.spawn(Position(), Tile(column, row), Sprite("ground_0.png", layer=GROUND), count=row.size)
    dark = Sprite("vignette.png", layer=DARK)
    commands.spawn(Position(x=WIDTH / 2, y=HEIGHT / 2), dark, Fixed())


@system(PostUpdate)
def follow(tiles: Query[Mut[Position], Tile, Mut[Sprite]], camera: Camera) -> None:
    """Move the tiles to where the camera looks; what a tile shows hangs on its place in the world alone."""
    for pos, tile, sprite in tiles:
        column = int(camera.x // TILE) - 1 + tile.column
        row = int(camera.y // TILE) - 1 + tile.row
        pos.x, pos.y = (column + 0.5) * TILE, (row + 0.5) * TILE
        teleport(pos)
        sprite.image = PICTURES[((column * 73856093 ^ row * 19349663) >> 5) % PICTURES.size]
