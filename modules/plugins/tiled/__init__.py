"""Maps made with Tiled (mapeditor.org): .tmx and .tmj, orthogonal.

    def begin(tiles: Mut[TileMap]) -> None:
        tiles.go("level_1.tmx")

    @system(Update)
    def place_coins(placed: Events[Placed], commands: Commands) -> None:
        for coin in of_kind(placed, "coin"):
            commands.spawn(Position(coin.x, coin.y), Sprite("coin.png"), FromMap(coin.id))

Saving the map, one of its tilesets or their pictures shows in the next frame: tiles and walls change, objects that were
added, moved or removed are spawned anew or despawned, all others stay as they are.

A tile whose class is "solid" or "ledge", or with a property of that name, becomes such a cell of the `Walls`; so do the
shapes drawn in Tiled's collision editor, if the map's property "cells_per_tile" asks for finer cells where needed. A
layer's property "walls", set to false, keeps it out of that; its property "layer" says where in the picture it is
drawn, which otherwise is behind layer 0. What Tiled says of parallax, offset, opacity, tint and visibility holds, and
so do image layers, repeated or not, and animated tiles.
"""

from __future__ import annotations

from .load import load, raise_walls

__all__ = ["load", "raise_walls"]
