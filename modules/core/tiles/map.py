"""The map as a game sees it: tiles in arrays, objects as events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine
from engine import Events, HotloopError, component, event, f32, field, i32, resource, u32

FLIP_X, FLIP_Y, DIAGONAL = 0x80000000, 0x40000000, 0x20000000
"""Bits of a gid: mirrored left to right, top to bottom, along the diagonal from the upper left."""
FLAGS = 0xF0000000


def _no_tiles() -> Any:
    return np.zeros((0, 0, 0), np.uint32)


def _no_kinds() -> Any:
    return np.zeros((1, 1, 1), np.uint8)


@resource
class TileMap:
    """Hold the map of the world.

    `gids` is a (layers, rows, columns) uint32 array, (x, y) the world's point at its top left, `tile_w` and `tile_h`
    the size of a tile. `layers` names the layers, `classes` says the class of each gid, `file` is what was asked for
    and `loaded` what is there; a map that cannot be read leaves the former one. The rest belongs to the loader: `kinds`
    holds, for each gid, a small square of walls.
    """

    file: str = ""
    loaded: str = ""
    anew: bool = False
    tile_w: int = 16
    tile_h: int = 16
    x: float = 0.0
    y: float = 0.0
    gids: Any = field(factory=_no_tiles)
    layers: list[str] = field(factory=list)
    classes: list[str] = field(factory=list)
    kinds: Any = field(factory=_no_kinds)
    walled: list[bool] = field(factory=list)
    digest: int = 0
    object_ids: Any = field(factory=lambda: np.zeros(0, np.int64))
    object_marks: Any = field(factory=lambda: np.zeros(0, np.int64))
    properties: dict[str, Any] = field(factory=dict)

    @property
    def width(self) -> float:
        """Width of the map in units of the world."""
        return float(self.gids.shape[2] * self.tile_w)

    @property
    def height(self) -> float:
        """Height of the map in units of the world."""
        return float(self.gids.shape[1] * self.tile_h)

    def go(self, file: str) -> None:
        """Load a map asset, also the present one anew, at the start of the next tick."""
        self.file, self.anew = file, True

    def layer(self, name: str) -> int:
        """Return the number of a layer."""
        if name not in self.layers:
            known = ", ".join(self.layers) or "none"
            raise HotloopError(f"the map has no layer {name!r}", where=self.loaded, remedy=f"its layers are: {known}")
        return self.layers.index(name)

    def cell(self, x: Any, y: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of points of the world, also of those outside of the map."""
        row = np.floor((np.asarray(y, np.float64) - self.y) / self.tile_h)
        column = np.floor((np.asarray(x, np.float64) - self.x) / self.tile_w)
        # What is no number comes to the lowest, outside of any map.
        clean = [np.fmin(np.fmax(steps, -(2.0**40)), 2.0**40).astype(np.int64) for steps in (row, column)]
        return clean[0], clean[1]

    def at(self, x: Any, y: Any, layer: int | str = 0) -> NDArray[np.uint32]:
        """Return the gids, without flips, at points of the world; 0 outside of the map. Numbers or whole arrays."""
        number = self.layer(layer) if isinstance(layer, str) else layer
        found: NDArray[np.uint32] = self._all_at(self.gids[number : number + 1], x, y)[0]
        return found

    def is_class(self, name: str, x: Any, y: Any) -> NDArray[np.bool_]:
        """Return a mask of the points of the world at which some layer has a tile of this class."""
        table = np.array([known == name for known in self.classes] or [False])
        found = table[np.minimum(self._all_at(self.gids, x, y), table.size - 1)]
        return np.asarray(found.any(axis=0), np.bool_)

    def _all_at(self, gids: Any, x: Any, y: Any) -> NDArray[np.uint32]:
        """Return the gids of some layers at points: the layers first, then as the points come."""
        row, column = np.broadcast_arrays(*self.cell(x, y))
        layers, rows, columns = gids.shape
        if not gids.size:
            return np.zeros((max(1, layers), *row.shape), np.uint32)
        within = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = gids[:, np.where(within, row, 0), np.where(within, column, 0)] & np.uint32(0xFFFFFFFF ^ FLAGS)
        return np.asarray(np.where(within, found, np.uint32(0)), np.uint32)


@event
class Placed:
    """An object came onto the map: with its first loading, or because its file was edited; see `of_kind`.

    (x, y) is its middle, `angle` its rotation in radians; `kind` is its class and `data` its properties as JSON. The
    points of a polygon or line are the property "points", relative to its first one. `gid` is its tile.
    """

    id: i32
    kind: engine.text
    name: engine.text
    layer: engine.text
    x: f32
    y: f32
    w: f32
    h: f32
    angle: f32 = 0.0
    gid: u32 = 0
    data: engine.text = "{}"


@component
class FromMap:
    """Tie an entity to the object of a map that it stands for: `FromMap(coin.id)`.

    It is despawned when the object is taken from the map or changed there, or another map is loaded; `Placed` tells of
    the changed object again.
    """

    id: i32


@dataclass(frozen=True)
class Objects:
    """Objects of one kind that came onto a map, as columns: their ids, middles, sizes, angles and properties."""

    id: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    w: NDArray[np.float32]
    h: NDArray[np.float32]
    angle: NDArray[np.float32]
    name: list[str]
    properties: list[dict[str, Any]]

    def value(self, name: str, default: Any) -> NDArray[Any]:
        """Return a column of a property, the default where it is not set or of another type."""
        like = (
            bool if isinstance(default, bool) else (int, float) if isinstance(default, int | float) else type(default)
        )
        found = [properties.get(name, default) for properties in self.properties]
        return np.array([value if isinstance(value, like) else default for value in found], type(default))


def of_kind(placed: Events[Placed], kind: str) -> Iterator[Objects]:
    """Yield the objects of a kind among the unread ones, where there are any: `for coin in of_kind(placed, "coin")`.

    This reads all that are unread, so that each kind is placed by a system of its own.
    """
    for step in placed:
        here = step.kind == kind
        if here.any():
            columns: dict[str, Any] = {name: np.array(getattr(step, name)[here]) for name in COLUMNS}
            properties = [json.loads(str(data)) for data in step.data[here]]
            yield Objects(**columns, name=[str(name) for name in step.name[here]], properties=properties)


COLUMNS = ("id", "x", "y", "w", "h", "angle")
