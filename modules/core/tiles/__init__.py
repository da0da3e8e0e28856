"""Maps of tiles: what lies where, as arrays.

`TileMap` is the map of a world: layers of tiles in one array, which a game reads and may write. A loader fills it
from the file that the game names by `tiles.go(file)`, and sends `Placed` for each object on the map; a renderer draws
it as `TileArt` says. Writing into `gids` shows, and moves the walls, at once.

A tile is a gid, as Tiled counts them: 0 for none; the three highest bits flip it.
"""

from __future__ import annotations

from .art import ImageLayer, TileArt, TileLayer, TileSet
from .map import DIAGONAL, FLAGS, FLIP_X, FLIP_Y, FromMap, Objects, Placed, TileMap, of_kind

__all__ = [
    "DIAGONAL",
    "FLAGS",
    "FLIP_X",
    "FLIP_Y",
    "FromMap",
    "ImageLayer",
    "Objects",
    "Placed",
    "TileArt",
    "TileLayer",
    "TileMap",
    "TileSet",
    "of_kind",
]
