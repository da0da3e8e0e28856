"""Write levels as Tiled maps: a small language for laying out ground, things and scenery."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from .numbers import CANVAS_HEIGHT, TILE

UP, RIGHT, DOWN, LEFT = 1, 2, 4, 8
"""Bits of a ground tile's number: on which sides ground goes on."""
FULL_VARIANTS, FULL_SHARES = (15, 22, 23, 38, 39), (0.5, 0.12, 0.12, 0.14, 0.12)
TOP, TOP_VARIANTS, TOP_SHARES = 14, (14, 36, 37), (0.6, 0.2, 0.2)
LEDGE_LEFT, LEDGE, LEDGE_RIGHT, LEDGE_SINGLE = 16, 17, 18, 19
THORN, HANGING_THORN = 20, 21
DECOR = range(24, 32)
FRONT = range(32, 34)
VINES = range(34, 36)
WAVING = 40
TILES, COLUMNS = 48, 8
ANIMATION = ((40, 260), (41, 180), (42, 260), (41, 180))


@dataclass
class Backdrop:
    """A picture behind the level: its name and size, and the shares of the camera's way that it makes."""

    image: str
    width: int
    height: int
    across: float
    down: float


@dataclass
class Level:
    """One level under construction; places are columns and rows of tiles."""

    title: str
    theme: str
    width: int
    height: int
    sky: tuple[str, str]
    backdrops: list[Backdrop]
    seed: int = 1
    solid: Any = None
    tiles: dict[tuple[int, int], int] = field(default_factory=dict)
    things: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.solid = np.zeros((self.height, self.width), np.bool_)

    # ------------------------------------------------------------------ ground

    def ground(self, first: int, last: int, top: int) -> None:
        """Fill columns from `first` to before `last` with ground from a row down."""
        self.solid[top:, first:last] = True

    def block(self, left: int, top: int, w: int, h: int) -> None:
        """Put a block of ground somewhere."""
        self.solid[top : top + h, left : left + w] = True

    def hollow(self, left: int, top: int, w: int, h: int) -> None:
        """Take ground away."""
        self.solid[top : top + h, left : left + w] = False

    def ledge(self, left: int, row: int, w: int) -> None:
        """Put up planks that can be jumped through from below."""
        for x in range(left, left + w):
            ends = (x == left, x == left + w - 1)
            self.tiles[row, x] = {
                (True, True): LEDGE_SINGLE,
                (True, False): LEDGE_LEFT,
                (False, True): LEDGE_RIGHT,
                (False, False): LEDGE,
            }[ends]

    def thorns(self, left: int, row: int, w: int, hanging: bool = False) -> None:
        """Plant thorns."""
        for x in range(left, left + w):
            self.tiles[row, x] = HANGING_THORN if hanging else THORN

    # ------------------------------------------------------------------ things

    def thing(self, kind: str, column: float, row: float, w: float = 0, h: float = 0, **properties: Any) -> None:
        """Put an object whose middle is in the middle of a cell; its size is in pixels."""
        x, y = (column + 0.5) * TILE - w / 2, (row + 0.5) * TILE - h / 2
        self.things.append({"kind": kind, "x": x, "y": y, "w": w, "h": h, "properties": properties})

    def coins(self, column: float, row: float, count: int, step: float = 1.0, arc: float = 0.0) -> None:
        """Hang coins in a row, or in an arc so many rows high."""
        for index in range(count):
            share = index / max(1, count - 1) * 2 - 1
            self.thing("coin", column + index * step, row - arc * (1 - share**2))

    def mover(self, column: float, row: float, across: float, down: float, seconds: float, phase: float = 0.0) -> None:
        """Put a moving platform that goes so many tiles from here and back in so many seconds."""
        way = {"across": across * TILE, "down": down * TILE, "seconds": seconds, "phase": phase}
        self.thing("platform", column, row, 96, 24, **way)

    def moth(self, column: float, row: float, across: float, down: float, seconds: float) -> None:
        """Let a moth fly to and fro."""
        self.thing("moth", column, row, across=across * TILE, down=down * TILE, seconds=seconds)

    # ------------------------------------------------------------------ writing

    def write(self, path: Path) -> None:
        """Write the level as a map that Tiled opens."""
        root = ElementTree.Element(
            "map",
            version="1.10",
            tiledversion="1.10.2",
            orientation="orthogonal",
            renderorder="right-down",
            width=str(self.width),
            height=str(self.height),
            tilewidth=str(TILE),
            tileheight=str(TILE),
            infinite="0",
            nextlayerid="20",
            nextobjectid=str(len(self.things) + 1),
        )
        _properties(root, {"title": self.title, "sky_top": self.sky[0], "sky_foot": self.sky[1], "theme": self.theme})
        ElementTree.SubElement(root, "tileset", firstgid="1", source=f"ground_{self.theme}.tsx")
        for number, backdrop in enumerate(self.backdrops):
            self._backdrop(root, number, backdrop)
        behind, ground, front = self._grids()
        self._layer(root, 10, "behind", behind, {"layer": -5, "walls": False})
        self._layer(root, 11, "ground", ground, {"layer": 0})
        self._layer(root, 12, "front", front, {"layer": 40, "walls": False})
        group = ElementTree.SubElement(root, "objectgroup", id="13", name="things")
        for number, thing in enumerate(self.things, 1):
            place = {key: f"{thing[key]:g}" for key in ("x", "y")}
            size = {"width": f"{thing['w']:g}", "height": f"{thing['h']:g}"} if thing["w"] else {}
            node = ElementTree.SubElement(group, "object", id=str(number), type=thing["kind"], **place, **size)
            _properties(node, thing["properties"])
            if not size:
                ElementTree.SubElement(node, "point")
        ElementTree.indent(root, " ")
        text = ElementTree.tostring(root, encoding="unicode")
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8")

    def _backdrop(self, root: ElementTree.Element, number: int, backdrop: Backdrop) -> None:
        """Place a picture so that its foot is at the canvas' foot when the camera is as low as it gets."""
        lowest = self.height * TILE - CANVAS_HEIGHT
        top = CANVAS_HEIGHT - backdrop.height + lowest * backdrop.down
        node = ElementTree.SubElement(
            root,
            "imagelayer",
            id=str(number + 1),
            name=backdrop.image.removesuffix(".png"),
            offsetx="0",
            offsety=f"{top:g}",
            parallaxx=f"{backdrop.across:g}",
            parallaxy=f"{backdrop.down:g}",
            repeatx="1",
        )
        size = {"width": str(backdrop.width), "height": str(backdrop.height)}
        ElementTree.SubElement(node, "image", source=backdrop.image, **size)
        _properties(node, {"layer": -80 + 10 * number})

    def _layer(self, root: ElementTree.Element, number: int, name: str, gids: Any, properties: dict[str, Any]) -> None:
        size = {"width": str(self.width), "height": str(self.height)}
        node = ElementTree.SubElement(root, "layer", id=str(number), name=name, **size)
        _properties(node, properties)
        data = ElementTree.SubElement(node, "data", encoding="csv")
        data.text = "\n" + ",\n".join(",".join(map(str, row)) for row in gids.tolist()) + "\n"

    def _grids(self) -> tuple[Any, Any, Any]:
        """Choose the tiles: ground by its neighbours, and what grows on it and hangs from it."""
        rng = np.random.default_rng(self.seed)
        edge = np.pad(self.solid, 1, mode="edge")
        sides = ((UP, edge[:-2, 1:-1]), (RIGHT, edge[1:-1, 2:]), (DOWN, edge[2:, 1:-1]), (LEFT, edge[1:-1, :-2]))
        mask = sum(bit * side for bit, side in sides)
        full = rng.choice(FULL_VARIANTS, mask.shape, p=FULL_SHARES)
        top = rng.choice(TOP_VARIANTS, mask.shape, p=TOP_SHARES)
        ground = np.where(self.solid, np.select([mask == 15, mask == TOP], [full, top], mask) + 1, 0)
        for (row, column), tile in self.tiles.items():
            ground[row, column] = tile + 1
        behind, front = np.zeros_like(ground), np.zeros_like(ground)
        open_above = self.solid & ~edge[:-2, 1:-1]
        for row, column in np.argwhere(open_above).tolist():
            if row == 0 or ground[row - 1, column]:
                continue
            draw = rng.random()
            if draw < 0.2:
                behind[row - 1, column] = WAVING + 1
            elif draw < 0.52:
                behind[row - 1, column] = int(rng.choice(DECOR)) + 1
            if rng.random() < 0.1:
                front[row - 1, column] = int(rng.choice(FRONT)) + 1
        for row, column in np.argwhere(self.solid & ~edge[2:, 1:-1]).tolist():
            if row + 1 < self.height and not ground[row + 1, column] and rng.random() < 0.35:
                behind[row + 1, column] = int(rng.choice(VINES)) + 1
        return behind, ground, front


def _properties(node: ElementTree.Element, values: dict[str, Any]) -> None:
    if not values:
        return
    box = ElementTree.SubElement(node, "properties")
    for name, value in values.items():
        if isinstance(value, bool):
            ElementTree.SubElement(box, "property", name=name, type="bool", value=str(value).lower())
        elif isinstance(value, int | float):
            kind = "int" if isinstance(value, int) else "float"
            ElementTree.SubElement(box, "property", name=name, type=kind, value=f"{value:g}")
        else:
            ElementTree.SubElement(box, "property", name=name, value=str(value))


def write_tileset(path: Path, theme: str) -> None:
    """Write the tileset of a theme: which tiles are solid, ledges, thorns, and which move."""
    size = {"tilewidth": str(TILE), "tileheight": str(TILE), "tilecount": str(TILES), "columns": str(COLUMNS)}
    root = ElementTree.Element("tileset", version="1.10", tiledversion="1.10.2", name=f"ground_{theme}", **size)
    picture = {"width": str(TILE * COLUMNS), "height": str(TILE * TILES // COLUMNS)}
    ElementTree.SubElement(root, "image", source=f"ground_{theme}.png", **picture)
    kinds = dict.fromkeys((*range(16), *FULL_VARIANTS, *TOP_VARIANTS), "solid")
    kinds |= dict.fromkeys((LEDGE_LEFT, LEDGE, LEDGE_RIGHT, LEDGE_SINGLE), "ledge")
    kinds |= dict.fromkeys((THORN, HANGING_THORN), "thorn") | {WAVING: ""}
    for tile, kind in sorted(kinds.items()):
        node = ElementTree.SubElement(root, "tile", id=str(tile), **({"type": kind} if kind else {}))
        if tile == WAVING:
            animation = ElementTree.SubElement(node, "animation")
            for shown, duration in ANIMATION:
                ElementTree.SubElement(animation, "frame", tileid=str(shown), duration=str(duration))
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8")
