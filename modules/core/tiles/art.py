"""How a map is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as data_field

from engine import field, resource


@dataclass
class TileSet:
    """A picture cut into tiles; `images` are those of a collection, by local id, in place of the one `image`."""

    first: int
    count: int
    columns: int
    tile_w: int
    tile_h: int
    image: str = ""
    margin: int = 0
    spacing: int = 0
    offset_x: float = 0.0
    offset_y: float = 0.0
    images: dict[int, str] = data_field(default_factory=dict)


@dataclass
class TileLayer:
    """How a layer of tiles is drawn: its number in the map, its layer in the picture, and the rest as in Tiled."""

    number: int
    layer: int
    tint: int = 0xFFFFFFFF
    dx: float = 0.0
    dy: float = 0.0
    parallax_x: float = 1.0
    parallax_y: float = 1.0


@dataclass
class ImageLayer(TileLayer):
    """One picture as a layer, over and over along x or y."""

    image: str = ""
    repeat_x: bool = False
    repeat_y: bool = False


@resource(transient=True)
class TileArt:
    """Say how the present map is drawn; made by the loader from the file, and no part of the simulation.

    `animations` holds for the gid of an animated tile the gids it shows and the milliseconds each lasts. `problem`
    says what is wrong with the map, and is shown.
    """

    file: str = ""
    layers: list[TileLayer] = field(factory=list)
    sets: list[TileSet] = field(factory=list)
    animations: dict[int, list[tuple[int, int]]] = field(factory=dict)
    problem: str = ""
