"""The tiles of each theme: ground with its rim and grass, planks, thorns, and what grows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .maps import COLUMNS, DOWN, LEFT, RIGHT, TILES, UP
from .numbers import TILE
from .paint import FINE, Picture, mix, rgb, sheet


@dataclass
class Theme:
    """The colours of a level's ground."""

    grass: str
    grass_foot: str
    soil: str
    soil_foot: str
    stone: str
    rim: str
    wood: str
    bloom: tuple[str, str]
    front: str
    thorn: str = "#6a3a63"


THEMES = {
    "meadow": Theme(
        "#b6e35f", "#5aa648", "#c98a55", "#b0724a", "#e2ab74", "#4a2f3a", "#d69a5b", ("#ff8fb1", "#fff0a0"), "#3f7d4a"
    ),
    "cave": Theme(
        "#5fd8b4",
        "#2a8f8a",
        "#6a5686",
        "#574672",
        "#8a75a8",
        "#231a38",
        "#a9837a",
        ("#8ff0ff", "#d59bff"),
        "#1d3a4a",
        "#a33d6e",
    ),
    "night": Theme(
        "#7fb6d8",
        "#41759f",
        "#5d5688",
        "#4b4674",
        "#7f78ad",
        "#1c1836",
        "#8f7f98",
        ("#cfe0ff", "#ffd9f2"),
        "#22305a",
        "#8a3f7a",
    ),
}


def tilesets(folder: Path) -> None:
    """Write the picture of every tileset."""
    for name, theme in THEMES.items():
        cells = [Picture(TILE, TILE) for _ in range(TILES)]
        for mask in range(16):
            cells[mask] = ground(theme, mask, mask)
        for cell, mask, seed, stones, roots in VARIANTS:
            cells[cell] = ground(theme, mask, seed, stones, roots)
        for index, (left, right) in enumerate(((True, False), (False, False), (False, True), (True, True))):
            cells[16 + index] = plank(theme, left, right, index)
        cells[20], cells[21] = thorns(theme, False), thorns(theme, True)
        for index in range(8):
            cells[24 + index] = DECOR[index](theme)
        for index in range(2):
            cells[32 + index] = tuft(theme.front, mix(theme.front, theme.rim, 0.6), 9 + index, 1.35)
            cells[34 + index] = vine(theme, index)
        for index, sway in enumerate((-1.0, 0.0, 1.0)):
            cells[40 + index] = tuft(theme.grass, theme.grass_foot, 5, 1.0, sway)
        sheet(cells, COLUMNS, folder / f"ground_{name}.png")


VARIANTS = (
    (22, 15, 40, 7, 0),
    (23, 15, 41, 0, 3),
    (38, 15, 42, 2, 0),
    (39, 15, 43, 3, 1),
    (36, 14, 44, 3, 0),
    (37, 14, 45, 0, 2),
)
"""Further tiles for the masks that are seen most: cell, mask, seed, stones, roots."""


def ground(theme: Theme, mask: int, seed: int, stones: int = 0, roots: int = 0) -> Picture:
    """Paint a tile of ground that goes on at the sides in `mask`."""
    picture, rng, far = Picture(TILE, TILE), np.random.default_rng(seed), 200.0
    y, x = (np.mgrid[0 : TILE * FINE, 0 : TILE * FINE] + 0.5) / FINE
    left, right = (-far if mask & LEFT else 0.8), (TILE + far if mask & RIGHT else TILE - 0.8)
    top, foot = (-far if mask & UP else 1.5), (TILE + far if mask & DOWN else TILE - 0.8)
    radius = 11.0
    dx = np.abs(x - (left + right) / 2) - (right - left) / 2 + radius
    dy = np.abs(y - (top + foot) / 2) - (foot - top) / 2 + radius
    inside = radius - np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) - np.minimum(np.maximum(dx, dy), 0)
    color = np.empty((*x.shape, 3))
    grain = 0.5 + 0.5 * np.sin(x * 2 * math.pi / TILE * 2 + 1.3 * np.sin(y * 2 * math.pi / TILE))
    color[:] = _blend(theme.soil, theme.soil_foot, 0.35 + 0.3 * grain * np.sin(y * 2 * math.pi / TILE * 3) ** 2)
    depth = np.clip(1 - inside / 13, 0, 1)
    color = _over(color, theme.rim, 0.34 * depth**1.5)
    picture.image = Image.fromarray(
        np.dstack([color, np.clip(inside * FINE + 0.5, 0, 1) * 255]).astype(np.uint8), "RGBA"
    )
    _speckle(picture, theme, rng, stones)
    for _ in range(roots):
        x0, y0 = rng.uniform(8, 40), rng.uniform(16, 30)
        way = [(x0, y0), (x0 + rng.uniform(-9, 9), y0 + 9), (x0 + rng.uniform(-12, 12), min(44, y0 + 17))]
        root = picture.line([(min(44, max(4, px)), py) for px, py in way], 2.2)
        picture.fill(root, mix(theme.soil_foot, theme.rim, 0.25))
    pixels = np.array(picture.image).astype(np.float64)
    color, alpha = pixels[..., :3], pixels[..., 3]
    color = _over(color, theme.rim, np.clip(2.6 - inside, 0, 1))
    if not mask & UP:
        color = _grass(theme, color, x, y, inside)
    picture.image = Image.fromarray(np.dstack([color, alpha]).round().astype(np.uint8), "RGBA")
    return picture


def _grass(theme: Theme, color: np.ndarray, x: np.ndarray, y: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Lay a band of grass with a wavy foot along the top."""
    wave = 12.5 + 3.0 * np.sin(x * 2 * math.pi / 24) + 2.0 * np.sin(x * 2 * math.pi / 16 + 1)
    edge = np.clip((wave + 2.2 - y) * FINE + 0.5, 0, 1) * (inside > 1.2)
    color = _over(color, mix(theme.grass_foot, theme.rim, 0.62), edge)
    band = np.clip((wave - y) * FINE + 0.5, 0, 1) * np.clip((inside - 2.4) * FINE, 0, 1)
    shade = np.clip((y - 2) / 14, 0, 1)
    grass = _blend(theme.grass, theme.grass_foot, shade)
    color = color * (1 - band[..., None]) + grass * band[..., None]
    light = np.clip(1 - np.abs(y - 5.2) / 1.7, 0, 1) * band
    return _over(color, "#ffffff", 0.34 * light)


def _blend(a: str, b: str, share: np.ndarray) -> np.ndarray:
    first, second = np.array(rgb(a), np.float64), np.array(rgb(b), np.float64)
    return first + (second - first) * np.asarray(share)[..., None]


def _over(color: np.ndarray, paint: str, share: np.ndarray) -> np.ndarray:
    return color + (np.array(rgb(paint), np.float64) - color) * np.clip(share, 0, 1)[..., None]


def _speckle(picture: Picture, theme: Theme, rng: np.random.Generator, count: int) -> None:
    for _ in range(count):
        x, y, size = rng.uniform(9, 39), rng.uniform(22, 41), rng.uniform(2.0, 4.6)
        stone = picture.oval(x, y, size * 1.35, size, rng.uniform(-30, 30))
        picture.body(stone, theme.stone, mix(theme.stone, theme.soil_foot, 0.6), 0, light=0.25)


def plank(theme: Theme, left: bool, right: bool, seed: int) -> Picture:
    """Paint a piece of a plank, with its ends where it has some."""
    picture, foot = Picture(TILE, TILE), mix(theme.wood, theme.rim, 0.5)
    x0, x1 = (2.0 if left else -12.0), (TILE - 2.0 if right else TILE + 12.0)
    board = picture.polygon([(x0, 3), (x1, 3), (x1 - (2 if right else 0), 15), (x0 + (2 if left else 0), 15)])
    picture.body(board, theme.wood, foot, 2.0)
    for y, a, b in ((7.5, 6, 26), (11, 20, 42)):
        picture.fill(picture.line([(a + 3 * seed % 5, y), (b, y + 0.5)], 1.1), foot, alpha=0.7)
    for x, on in ((8, left), (TILE - 8, right)):
        if on:
            prop = picture.polygon([(x - 3, 14), (x + 3, 14), (x + 2, 26), (x - 2, 26)])
            picture.body(prop, mix(theme.wood, foot, 0.5), foot, 1.8)
            picture.fill(picture.oval(x, 8, 1.7, 1.7), mix(foot, theme.rim, 0.4))
    return picture


def thorns(theme: Theme, hanging: bool) -> Picture:
    """Paint a bush of thorns, standing or hanging."""
    picture = Picture(TILE, TILE)
    vine, light = mix(theme.thorn, theme.rim, 0.35), mix(theme.thorn, "#ffffff", 0.35)
    for x, height, turn in ((5, 21, -15), (15, 31, -5), (25, 25, 9), (34, 33, 2), (43, 22, 15)):
        spike = picture.leaf(x, 49, height, 12, turn)
        picture.body(spike, light, vine, 1.9)
        angle = math.radians(turn - 90)
        tip = (x + math.cos(angle) * height * 0.93, 49 + math.sin(angle) * height * 0.93)
        picture.fill(
            picture.line([tip, (x + math.cos(angle) * height * 0.72, 49 + math.sin(angle) * height * 0.72)], 2.4),
            "#ffd9e4",
        )
    picture.body(
        picture.blob([(-4, 44), (10, 39), (24, 42), (38, 39), (52, 44), (52, 54), (-4, 54)]),
        vine,
        mix(vine, theme.rim, 0.5),
        1.9,
    )
    for x, y in ((9, 43), (30, 44), (41, 42)):
        picture.fill(picture.oval(x, y, 2.2, 1.8), "#ff6b8a")
    if hanging:
        picture.image = picture.image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return picture


def tuft(top: str, foot: str, seed: int, size: float = 1.0, sway: float = 0.0) -> Picture:
    """Paint a tuft of grass."""
    picture, rng = Picture(TILE, TILE), np.random.default_rng(seed)
    for x in np.linspace(6, 42, 8):
        lean = rng.uniform(-20, 20) + 9 * sway
        length = rng.uniform(11, 24) * size
        picture.fill(picture.leaf(float(x), 49, length, 6.2 * size, lean), top, foot)
    return picture


def vine(theme: Theme, kind: int) -> Picture:
    """Paint what hangs from a roof."""
    picture, rng = Picture(TILE, TILE), np.random.default_rng(70 + kind)
    for x in (12, 25, 36)[: 2 + kind]:
        length = float(rng.uniform(18, 40))
        picture.fill(picture.line([(x, -2), (x + 2, length * 0.5), (x - 1, length)], 2.2), theme.grass_foot)
        for y in np.arange(7, length, 8):
            picture.fill(picture.leaf(x, float(y), 8, 5, 110), theme.grass, theme.grass_foot)
            picture.fill(picture.leaf(x, float(y) + 3, 8, 5, -110), theme.grass, theme.grass_foot)
        picture.fill(picture.oval(x - 1, length + 1, 2.6, 3.2), theme.bloom[0])
    return picture


def blossom(theme: Theme, petal: str, x: float, height: float) -> Picture:
    """Paint a small flower."""
    picture = tuft(theme.grass, theme.grass_foot, int(x), 0.6)
    picture.fill(picture.line([(x, 49), (x + 1, 49 - height)], 2.0), theme.grass_foot)
    for index in range(5):
        picture.fill(picture.leaf(x + 1, 49 - height, 7.5, 6, index * 72), petal, mix(petal, theme.rim, 0.25))
    picture.fill(picture.oval(x + 1, 49 - height, 2.4, 2.4), "#fff3b0")
    return picture


def boulder(theme: Theme) -> Picture:
    """Paint a stone."""
    picture = Picture(TILE, TILE)
    shape = [(7, 50), (9, 38), (20, 30), (33, 33), (41, 42), (42, 50)]
    picture.body(picture.blob(shape), theme.stone, mix(theme.soil_foot, theme.rim, 0.3), 1.8)
    return picture


def toadstools(theme: Theme) -> Picture:
    """Paint two small mushrooms."""
    picture = Picture(TILE, TILE)
    for x, height, wide in ((17, 17, 9), (31, 11, 7)):
        picture.body(
            picture.blob([(x - 3, 50), (x - 2, 50 - height), (x + 2, 50 - height), (x + 3, 50)]),
            "#fff3df",
            "#d9b99a",
            1.5,
        )
        cap = [
            (x - wide, 51 - height),
            (x - wide * 0.5, 43 - height),
            (x + wide * 0.5, 43 - height),
            (x + wide, 51 - height),
        ]
        picture.body(picture.blob(cap), theme.bloom[1], theme.bloom[0], 1.6)
    return picture


def fern(theme: Theme) -> Picture:
    """Paint a fern."""
    picture = Picture(TILE, TILE)
    for turn in (-58, -28, 0, 30, 60):
        angle = math.radians(turn - 90)
        for share in (0.35, 0.6, 0.85):
            x, y = 24 + math.cos(angle) * 28 * share, 49 + math.sin(angle) * 28 * share
            for side in (-1, 1):
                picture.fill(picture.leaf(x, y, 9 - 5 * share, 4, turn + 58 * side), theme.grass, theme.grass_foot)
        picture.fill(picture.leaf(24, 49, 30, 4.5, turn), theme.grass, theme.grass_foot)
    return picture


DECOR = (
    lambda theme: tuft(theme.grass, theme.grass_foot, 1),
    lambda theme: tuft(theme.grass, theme.grass_foot, 2, 0.8),
    lambda theme: blossom(theme, theme.bloom[0], 22, 22),
    lambda theme: blossom(theme, theme.bloom[1], 28, 17),
    boulder,
    toadstools,
    fern,
    lambda theme: blossom(theme, "#ffffff", 16, 14),
)
