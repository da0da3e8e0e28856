"""Loading maps, following their files, and raising their walls."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from engine import Commands, Entity, HotloopError, Mut, PreUpdate, Query, Send, field, resource, system
from modules.core.assets import Assets
from modules.core.collision import OPEN, Walls
from modules.core.render import Canvas
from modules.core.tiles import FromMap, Placed, TileArt, TileMap

from .read import MapFile, flipped, read_map


@resource(transient=True)
class Loader:
    """Remember which versions of which assets were read last, if in vain, and from what the walls were raised."""

    stamps: list[tuple[str, int]] = field(factory=list)
    failed: bool = False
    seen: Any = None


@system(PreUpdate)
def load(
    tiles: Mut[TileMap],
    art: Mut[TileArt],
    loader: Mut[Loader],
    assets: Mut[Assets],
    canvas: Mut[Canvas],
    tied: Query[Entity, FromMap],
    commands: Commands,
    placed: Send[Placed],
) -> None:
    """Load the map that is asked for, or what was saved of the present one."""
    parts = [name for name, _ in loader.stamps[1:]] if loader.stamps and loader.stamps[0][0] == tiles.file else []
    stamps = [(name, assets.version(name)) for name in (tiles.file, *parts)]
    done = loader.failed or (tiles.loaded == tiles.file and not tiles.anew)
    if not tiles.file or (stamps == loader.stamps and done):
        return
    found = _read(tiles, art, assets)
    loader.failed = found is None
    parts = parts if found is None else found.parts
    loader.stamps = [(name, assets.version(name)) for name in (tiles.file, *parts)]
    if found is None:
        return
    art.file, art.problem = tiles.file, ""
    art.layers, art.sets, art.animations = found.layers, found.sets, found.animations
    if tiles.anew or tiles.loaded != tiles.file or tiles.digest != found.digest:
        if found.background is not None:
            canvas.color = found.background
        _tell_objects(tiles, found, tied, commands, placed)
        _take_tiles(tiles, found)


@system(PreUpdate)
def raise_walls(tiles: TileMap, loader: Mut[Loader], walls: Mut[Walls]) -> None:
    """Make the walls those of the tiles, whenever a tile has changed."""
    source = (tiles.gids, tiles.kinds)
    if not tiles.loaded or (loader.seen and all(map(np.array_equal, loader.seen, source))):
        return
    loader.seen = tuple(part.copy() for part in source)
    _, rows, columns = tiles.gids.shape
    fine = tiles.kinds.shape[1]
    cells = np.full((rows, columns, fine, fine), OPEN, np.uint8)
    for layer, counts in zip(tiles.gids, tiles.walled, strict=True):
        if counts:
            squares = flipped(tiles.kinds, layer.reshape(-1)).reshape(cells.shape)
            cells = np.where(cells == OPEN, squares, cells)
    walls.cells = np.ascontiguousarray(cells.transpose(0, 2, 1, 3).reshape(rows * fine, columns * fine))
    walls.cell, walls.x, walls.y = tiles.tile_w / fine, tiles.x, tiles.y


def _read(tiles: TileMap, art: TileArt, assets: Assets) -> MapFile | None:
    """Read the file, or say once and visibly what is wrong with it."""
    path = assets.path(tiles.file)
    try:
        if path is None:
            places = ", ".join(str(root) for root in assets.roots) or "no folder at all"
            raise HotloopError("it is missing", remedy=f"put it into {places}")
        return read_map(path, assets.roots)
    except (HotloopError, OSError) as error:
        stays = f"{tiles.loaded} stays" if tiles.loaded else "there is no map"
        assets.complain(tiles.file, f"map {tiles.file} cannot be read: {error}; {stays} until it can")
        art.problem = f"{tiles.file} cannot be read"
        return None


def _take_tiles(tiles: TileMap, found: MapFile) -> None:
    tiles.loaded, tiles.digest, tiles.anew = tiles.file, found.digest, False
    tiles.tile_w, tiles.tile_h, tiles.x, tiles.y = found.tile_w, found.tile_h, found.x, found.y
    tiles.gids, tiles.kinds = found.gids, found.kinds
    tiles.layers, tiles.walled, tiles.classes = found.names, found.walled, found.classes
    tiles.properties = found.properties


def _tell_objects(
    tiles: TileMap, found: MapFile, tied: Query[Entity, FromMap], commands: Commands, placed: Send[Placed]
) -> None:
    """Send the objects that are new or changed, and despawn what stands for those that changed or went."""
    ids = np.array([thing["id"] for thing in found.objects], np.int64)
    marks = np.array([zlib.crc32(repr(sorted(thing.items())).encode()) for thing in found.objects], np.int64)
    before = {}
    if tiles.loaded == tiles.file and not tiles.anew:
        before = dict(zip(tiles.object_ids.tolist(), tiles.object_marks.tolist(), strict=True))
    same = np.array([before.get(i) == mark for i, mark in zip(ids.tolist(), marks.tolist(), strict=True)], np.bool_)
    for entity, tie in tied:
        commands.despawn(entity[~np.isin(tie.id, ids[same])])
    new = [found.objects[index] for index in np.flatnonzero(~same).tolist()]
    if new:
        placed.send(**{name: [thing[name] for thing in new] for name in new[0]})
    tiles.object_ids, tiles.object_marks = ids, marks
