"""The picture: cells become colours, and what glows throws light around itself."""

from typing import Any

import numpy as np

from engine import Commands, Mut, PostUpdate, Startup, resource, system
from engine import field as made_of
from modules.core.motion import Position
from modules.core.render import Bitmap, Bitmaps, rgba

from .grid import AIR, COLUMNS, MOST_KINDS, ROWS, SHADES, STRIDE, Grid

CELL = 2  # pixels
LEFT_EDGE = 128  # pixels; room for the palette
SKY, GROUND = rgba("#1a1e33"), rgba("#0b0c14")
LIGHTER = 26  # by how much a cell is lighter that has air above it, of 255
BLOCK = 8  # cells a side that share one light
GLOW = 0.55  # how much light a block full of fire throws
SPREAD = 4  # how often light is spread to the blocks beside


def backdrop() -> Any:
    """Return the air: dark, a little lighter above, with a faint grain."""
    down = np.linspace(0, 1, ROWS)[:, None, None]
    ends = [np.array([color >> 24 & 255, color >> 16 & 255, color >> 8 & 255], float) for color in (SKY, GROUND)]
    grain = np.random.default_rng(3).normal(0, 1.2, (ROWS, COLUMNS, 1))
    return pack(ends[0] * (1 - down) + ends[1] * down + grain)


def pack(colors: Any) -> Any:
    """Return (..., 3) colours of 0 to 255 as numbers 0xRRGGBBAA."""
    whole = np.clip(np.rint(colors), 0, 255).astype(np.uint32)
    return whole[..., 0] << 24 | whole[..., 1] << 16 | whole[..., 2] << 8 | 255


@resource(transient=True)
class Canvases:
    """What is computed once: the air."""

    air: Any = made_of(factory=backdrop)


@system(Startup)
def hang_up(commands: Commands) -> None:
    """Hang up the grid, and its light before it."""
    middle = Position(x=LEFT_EDGE + COLUMNS * CELL / 2, y=ROWS * CELL / 2)
    commands.spawn(middle, Bitmap("cells", COLUMNS * CELL, ROWS * CELL))
    commands.spawn(middle, Bitmap("light", COLUMNS * CELL, ROWS * CELL, layer=1, smooth=True, glow=True))


@system(PostUpdate)
def paint(grid: Grid, bitmaps: Mut[Bitmaps], canvases: Canvases) -> None:
    """Look every cell's colour up by its material, its shade, and whether there is air above it."""
    kind = grid.kind.reshape(-1, STRIDE)
    inner = kind[1:-1, 1:-1]
    index = inner.astype(np.uint16) << 5
    index |= grid.shade.reshape(-1, STRIDE)[1:-1, 1:-1]
    index |= (kind[:-2, 1:-1] == AIR).astype(np.uint16) << 4
    bitmaps.arrays["cells"] = np.where(inner == AIR, canvases.air, palette(grid)[index])


@system(PostUpdate)
def shine(grid: Grid, bitmaps: Mut[Bitmaps]) -> None:
    """Gather the light of each block of cells and let it spread."""
    cells = np.flatnonzero((grid.glow > 0)[grid.kind])
    kinds = grid.kind[cells]
    block = (cells // STRIDE - 1) // BLOCK * (COLUMNS // BLOCK) + (cells % STRIDE - 1) // BLOCK
    shape = (ROWS // BLOCK, COLUMNS // BLOCK)
    light = np.empty((*shape, 3))
    for channel in range(3):
        shine = grid.glow[kinds] * grid.colors[kinds, :, channel].mean(axis=1)
        light[..., channel] = np.bincount(block, shine, shape[0] * shape[1]).reshape(shape)
    light *= GLOW / BLOCK
    for _ in range(SPREAD):
        light = spread(spread(light, 0), 1)
    bitmaps.arrays["light"] = pack(200 * (1 - np.exp(-light / 200)))


def spread(light: Any, axis: int) -> Any:
    """Return light with half of each block's shared among its two neighbours along an axis."""
    last = light.shape[axis] - 1
    before = light.take(np.maximum(np.arange(last + 1) - 1, 0), axis)
    after = light.take(np.minimum(np.arange(last + 1) + 1, last), axis)
    return 0.5 * light + 0.25 * (before + after)


def palette(grid: Grid) -> Any:
    """Return the colours of all materials: shade in the lowest four bits, then whether it is lit from above."""
    share = np.linspace(0, 1, SHADES)[None, :, None]
    low, high = grid.colors[:, 0], grid.colors[:, 1]
    shades = low[:, None] * (1 - share) + high[:, None] * share
    return pack(np.stack([shades, shades + LIGHTER], axis=1)).reshape(MOST_KINDS * 2 * SHADES)
