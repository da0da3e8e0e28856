"""A map file as plain data."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytiled_parser
from numpy.typing import NDArray
from pytiled_parser import tiled_object as objects

from engine import HotloopError
from modules.core.collision import LEDGE, OPEN, SOLID
from modules.core.tiles import DIAGONAL, FLAGS, FLIP_X, FLIP_Y, ImageLayer, TileLayer, TileSet

MOST_GIDS = 1 << 20
MOST_CELLS = 1 << 24
KINDS = {"solid": SOLID, "ledge": LEDGE}


@dataclass
class MapFile:
    """Everything that is read from a map file; `files` are the tilesets it names, `parts` the same as assets."""

    tile_w: int
    tile_h: int
    x: float
    y: float
    gids: NDArray[np.uint32]
    names: list[str]
    walled: list[bool]
    classes: list[str]
    kinds: NDArray[np.uint8]
    properties: dict[str, Any]
    layers: list[TileLayer]
    sets: list[TileSet]
    animations: dict[int, list[tuple[int, int]]]
    background: int | None
    files: list[Path]
    parts: list[str]
    objects: list[dict[str, Any]] = field(default_factory=list)
    digest: int = 0


def read_map(path: Path, roots: list[Path]) -> MapFile:
    """Read a map; raises HotloopError that says what is wrong with it."""
    try:
        tiled = pytiled_parser.parse_map(path)
        if tiled.orientation != "orthogonal":
            raise HotloopError(f"its orientation is {tiled.orientation}", remedy="make an orthogonal map")
        if tiled.tile_size[0] != tiled.tile_size[1]:
            raise HotloopError(f"its tiles are {tiled.tile_size[0]} x {tiled.tile_size[1]}", remedy="make them square")
        found = _Reader(tiled, path, roots).read()
    except (HotloopError, OSError):
        raise
    except KeyError as error:
        raise HotloopError(f"it lacks {error}", remedy="save it with Tiled 1.9 or newer") from error
    except Exception as error:  # the parser raises whatever its input brings about
        text = " ".join(str(error).split())
        raise HotloopError(text or type(error).__name__, remedy="save it with Tiled 1.9 or newer") from error
    found.digest = zlib.crc32(b"".join(part.read_bytes() for part in (path, *found.files)))
    return found


class _Reader:
    """Goes through one parsed map."""

    def __init__(self, tiled: Any, path: Path, roots: list[Path]) -> None:
        self.tiled, self.folder, self.roots = tiled, path.parent, roots
        self.files = _external(path.parent, tiled)
        self.tile_layers: list[tuple[Any, TileLayer]] = []
        self.layers: list[TileLayer] = []
        self.objects: list[dict[str, Any]] = []

    def read(self) -> MapFile:
        """Return the map as plain data."""
        tiled = self.tiled
        sets, classes, kinds, animations = self._tilesets()
        count = sum(1 for _ in _flat(tiled.layers))
        for index, (layer, look) in enumerate(_flat(tiled.layers)):
            self._layer(layer, look, index - count)
        gids, left, top = self._grid()
        width, height = tiled.tile_size
        color = tiled.background_color
        return MapFile(
            tile_w=int(width),
            tile_h=int(height),
            x=float(left * width),
            y=float(top * height),
            gids=gids,
            names=[layer.name for layer, _ in self.tile_layers],
            walled=[bool((layer.properties or {}).get("walls", True)) for layer, _ in self.tile_layers],
            classes=classes,
            kinds=kinds,
            properties=_plain(tiled.properties),
            layers=self.layers,
            sets=sets,
            animations=animations,
            background=None if color is None else color[0] << 24 | color[1] << 16 | color[2] << 8 | 0xFF,
            files=self.files,
            parts=[self._asset(file) for file in self.files],
            objects=self.objects,
        )

    # ------------------------------------------------------------------ layers

    def _layer(self, layer: Any, look: dict[str, Any], behind: int) -> None:
        properties = layer.properties or {}
        place = dict(look, layer=int(properties.get("layer", behind)))
        shown = place.pop("visible")
        if isinstance(layer, pytiled_parser.TileLayer):
            one = TileLayer(number=len(self.tile_layers), **place)
            self.tile_layers.append((layer, one))
        elif isinstance(layer, pytiled_parser.ImageLayer):
            image = self._asset(Path(self.folder, layer.image))
            one = ImageLayer(number=-1, image=image, repeat_x=layer.repeat_x, repeat_y=layer.repeat_y, **place)
        elif isinstance(layer, pytiled_parser.ObjectLayer):
            self.objects += [_object(thing, layer.name) for thing in layer.tiled_objects if thing.visible]
            return
        else:
            return
        if shown:
            self.layers.append(one)

    def _grid(self) -> tuple[NDArray[np.uint32], int, int]:
        """Return all tile layers in one array, and the column and row of its first cell; infinite maps have them."""
        columns, rows = int(self.tiled.map_size.width), int(self.tiled.map_size.height)
        left = top = 0
        chunks = [chunk for layer, _ in self.tile_layers for chunk in layer.chunks or ()]
        if chunks:
            left, top = (min(int(chunk.coordinates[axis]) for chunk in chunks) for axis in (0, 1))
            columns = max(int(chunk.coordinates[0] + chunk.size.width) for chunk in chunks) - left
            rows = max(int(chunk.coordinates[1] + chunk.size.height) for chunk in chunks) - top
        if columns * rows * max(1, len(self.tile_layers)) > MOST_CELLS:
            raise HotloopError(f"its {columns} x {rows} tiles are too many", remedy="split it into several maps")
        gids = np.zeros((len(self.tile_layers), rows, columns), np.uint32)
        for number, (layer, _) in enumerate(self.tile_layers):
            if layer.data:
                gids[number] = np.array(layer.data, np.uint32).reshape(rows, columns)
            for chunk in layer.chunks or ():
                x, y = int(chunk.coordinates[0]) - left, int(chunk.coordinates[1]) - top
                piece = np.array(chunk.data, np.uint32).reshape(int(chunk.size.height), int(chunk.size.width))
                gids[number, y : y + piece.shape[0], x : x + piece.shape[1]] = piece
        return gids, left, top

    # ------------------------------------------------------------------ tilesets

    def _tilesets(self) -> tuple[list[TileSet], list[str], NDArray[np.uint8], dict[int, list[tuple[int, int]]]]:
        fine = max(1, min(8, int((self.tiled.properties or {}).get("cells_per_tile", 1))))
        last = max((first + _size(ts) for first, ts in self.tiled.tilesets.items()), default=1)
        if last > MOST_GIDS:
            raise HotloopError(f"its tilesets have {last} tiles, which are too many", remedy="use fewer")
        classes = [""] * last
        kinds = np.zeros((last, fine, fine), np.uint8)
        animations: dict[int, list[tuple[int, int]]] = {}
        sets = []
        for first, tileset in sorted(self.tiled.tilesets.items()):
            sets.append(self._tileset(first, tileset))
            for local, tile in (tileset.tiles or {}).items():
                gid = first + local
                classes[gid] = tile.class_ or ""
                kinds[gid] = _kind(tile, tileset, fine)
                if tile.animation:
                    animations[gid] = [(first + step.tile_id, max(1, step.duration)) for step in tile.animation]
        return sets, classes, kinds, animations

    def _tileset(self, first: int, tileset: Any) -> TileSet:
        images = {
            local: self._asset(Path(self.folder, tile.image))
            for local, tile in (tileset.tiles or {}).items()
            if tile.image is not None
        }
        image = "" if tileset.image is None else self._asset(Path(self.folder, tileset.image))
        offset = getattr(tileset, "tile_offset", None) or (0, 0)
        return TileSet(
            first=first,
            count=_size(tileset),
            columns=max(1, tileset.columns),
            tile_w=max(1, tileset.tile_width),
            tile_h=max(1, tileset.tile_height),
            image=image,
            margin=tileset.margin,
            spacing=tileset.spacing,
            offset_x=float(offset[0]),
            offset_y=float(offset[1]),
            images=images,
        )

    def _asset(self, path: Path) -> str:
        """Return the name of an asset by its file; of one outside of all roots, the file's own name."""
        path = path.resolve()
        for root in self.roots:
            if path.is_relative_to(root.resolve()):
                return path.relative_to(root.resolve()).as_posix()
        return path.name


def _flat(layers: list[Any], over: dict[str, Any] | None = None) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield layers that are no groups, with the look they have through the groups they are in."""
    for layer in layers or ():
        above = over or {
            "tint": 0xFFFFFFFF,
            "dx": 0.0,
            "dy": 0.0,
            "parallax_x": 1.0,
            "parallax_y": 1.0,
            "visible": True,
        }
        look = {
            "tint": _tinted(above["tint"], layer.tint_color, layer.opacity),
            "dx": above["dx"] + layer.offset[0],
            "dy": above["dy"] + layer.offset[1],
            "parallax_x": above["parallax_x"] * layer.parallax_factor[0],
            "parallax_y": above["parallax_y"] * layer.parallax_factor[1],
            "visible": above["visible"] and layer.visible,
        }
        if isinstance(layer, pytiled_parser.LayerGroup):
            yield from _flat(layer.layers or [], look)
        else:
            yield layer, look


def _tinted(above: int, tint: Any, opacity: float) -> int:
    channels = [above >> shift & 0xFF for shift in (24, 16, 8, 0)]
    tint = (255, 255, 255, 255) if tint is None else tint
    factors = (*tint[:3], tint[3] * min(1.0, max(0.0, opacity)))
    red, green, blue, alpha = (round(a * b / 255) for a, b in zip(channels, factors, strict=True))
    color: int = red << 24 | green << 16 | blue << 8 | alpha
    return color


def _size(tileset: Any) -> int:
    """Return how many gids a tileset takes; a collection may have gaps."""
    return max([int(tileset.tile_count), *(int(local) + 1 for local in tileset.tiles or ())])


def _external(folder: Path, tiled: Any) -> list[Path]:
    """Return the files of tilesets that a map names."""
    text = tiled.map_file.read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        names = [entry["source"] for entry in json.loads(text).get("tilesets", []) if "source" in entry]
    else:
        from xml.etree import ElementTree

        names = [node.attrib["source"] for node in ElementTree.fromstring(text).findall("tileset[@source]")]
    return [folder / name for name in names]


# ------------------------------------------------------------------ walls of tiles


def _kind(tile: Any, tileset: Any, fine: int) -> NDArray[np.uint8]:
    """Return the square of walls that a tile stands for, the middles of its cells tried against its shapes."""
    properties = tile.properties or {}
    square = np.full((fine, fine), OPEN, np.uint8)
    for name, kind in KINDS.items():
        if (tile.class_ or "").lower() == name or properties.get(name) is True:
            square[: fine if kind == SOLID else 1] = kind
    for shape in tile.objects.tiled_objects if tile.objects is not None else ():
        kind = KINDS.get((shape.class_ or "solid").lower(), SOLID)
        side = (np.arange(fine) + 0.5) / fine
        inside = _inside(shape, side[None, :] * tileset.tile_width, side[:, None] * tileset.tile_height)
        square = np.where(inside, np.uint8(kind), square)
    return square


def _inside(shape: Any, x: Any, y: Any) -> NDArray[np.bool_]:
    """Return which points lie in a shape of the collision editor."""
    x, y = np.broadcast_arrays(x - shape.coordinates[0], y - shape.coordinates[1])
    w, h = shape.size
    if isinstance(shape, objects.Polygon):
        return _in_polygon(np.array([tuple(point) for point in shape.points], np.float64), x, y)
    if isinstance(shape, objects.Ellipse) and w and h:
        return np.asarray((x / w * 2 - 1) ** 2 + (y / h * 2 - 1) ** 2 <= 1)
    return np.asarray((x >= 0) & (x <= w) & (y >= 0) & (y <= h))


def _in_polygon(corners: Any, x: Any, y: Any) -> NDArray[np.bool_]:
    """Return which points have an odd number of edges to their right."""
    inside = np.zeros(x.shape, np.bool_)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return inside


def flipped(kinds: NDArray[np.uint8], gids: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the (n, fine, fine) squares of walls of n gids, flipped as their bits say."""
    plain = gids & np.uint32(0xFFFFFFFF ^ FLAGS)
    squares = kinds[np.where(plain < len(kinds), plain, 0)]
    for flag, turn in ((DIAGONAL, (0, 2, 1)), (FLIP_X, None), (FLIP_Y, None)):
        rows = np.flatnonzero(gids & np.uint32(flag))
        if not rows.size:
            continue
        part = squares[rows]
        squares[rows] = part.transpose(turn) if turn else part[:, :, ::-1] if flag == FLIP_X else part[:, ::-1]
    return squares


# ------------------------------------------------------------------ objects


def _object(thing: Any, layer: str) -> dict[str, Any]:
    """Return an object as the fields of `Placed`; its middle is turned about its corner, as Tiled does."""
    (x, y), (w, h) = thing.coordinates, thing.size
    angle = float(np.deg2rad(thing.rotation))
    data = _plain(thing.properties)
    gid = int(getattr(thing, "gid", None) or 0)
    dx, dy = w / 2, -h / 2 if gid else h / 2  # a tile's corner is the lower left one
    if isinstance(thing, objects.Polygon | objects.Polyline):
        data["points"] = [[float(px), float(py)] for px, py in thing.points]
    if isinstance(thing, objects.Text):
        data["text"] = thing.text
    return {
        "id": thing.id,
        "kind": thing.class_,
        "name": thing.name,
        "layer": layer,
        "x": float(x + dx * np.cos(angle) - dy * np.sin(angle)),
        "y": float(y + dx * np.sin(angle) + dy * np.cos(angle)),
        "w": w,
        "h": h,
        "angle": angle,
        "gid": gid,
        "data": json.dumps(data, sort_keys=True),
    }


def _plain(properties: Any) -> dict[str, Any]:
    """Return properties as JSON-able data: paths as text, colours as lists."""
    plain: dict[str, Any] = {}
    for name, value in (properties or {}).items():
        plain[name] = value if isinstance(value, bool | int | float | str) else _other(value)
    return plain


def _other(value: Any) -> Any:
    return value.as_posix() if isinstance(value, Path) else list(value) if isinstance(value, tuple) else str(value)
