"""What lies behind the levels: hills, woods, caves and mountains that repeat from left to right."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .numbers import BACKDROP_WIDTH as W
from .paint import mix, rgb

FINE = 2


def backdrops(folder: Path) -> None:
    """Write three pictures for each theme."""
    for name, size, ridge, colors, wood in (
        ("meadow_far", 420, (150, 90, 11), ("#a9d8e6", "#d7ecd6"), None),
        ("meadow_middle", 330, (120, 52, 12), ("#8fd0a0", "#c4e3a2"), "round"),
        ("meadow_near", 230, (100, 34, 13), ("#57a86a", "#8fc76a"), "bush"),
        ("cave_far", 420, (210, 60, 21), ("#33305c", "#2a2548"), "pillars"),
        ("cave_middle", 330, (170, 50, 22), ("#3f3a70", "#2b2750"), "toadstools"),
        ("cave_near", 230, (130, 36, 23), ("#2c2850", "#211c3c"), "crystals"),
        ("night_far", 420, (190, 120, 31), ("#4a4585", "#6a5a98"), "peaks"),
        ("night_middle", 330, (150, 56, 32), ("#39386e", "#4d4684"), "pines"),
        ("night_near", 230, (110, 34, 33), ("#282a56", "#35346a"), "pines"),
    ):
        scene = Scene(size, *colors)
        scene.paint(*ridge, wood)
        scene.save(folder / f"{name}.png")


class Scene:
    """One layer of a landscape."""

    def __init__(self, height: int, top: str, foot: str) -> None:
        self.height, self.top, self.foot = height, top, foot
        self.mask = Image.new("L", (W * FINE, height * FINE), 0)
        self.light = Image.new("RGBA", self.mask.size, (0, 0, 0, 0))
        self.pen = ImageDraw.Draw(self.mask)

    def paint(self, level: float, swing: float, seed: int, wood: str | None) -> None:
        """Draw a ridge so many pixels below the top, swinging up and down, and what stands on it."""
        rng = np.random.default_rng(seed)
        x = np.arange(W * FINE) / FINE
        waves = [(k, rng.uniform(0, 2 * math.pi), 1 / (0.6 + k)) for k in (1, 2, 3, 5, 8)]
        shape = sum(size * np.sin(2 * math.pi * k * x / W + phase) for k, phase, size in waves)
        if wood == "peaks":
            turns = rng.uniform(0, W, 9)
            near = np.abs((x[:, None] - turns + W / 2) % W - W / 2)
            shape = 0.5 * shape + (1 - np.min(near / rng.uniform(70, 130, 9), axis=1).clip(0, 1)) * 1.6 - 0.4
        ridge = level - swing * shape / np.abs(shape).max()
        corners = [(px * FINE, py * FINE) for px, py in zip(x.tolist(), ridge.tolist(), strict=True)]
        self.pen.polygon([*corners, (W * FINE, self.height * FINE), (0, self.height * FINE)], fill=255)
        if wood in PLANTS:
            count, draw = PLANTS[wood]
            for place in np.sort(rng.uniform(0, W, count)).tolist():
                draw(self, place, float(ridge[int(place * FINE) % ridge.size]), rng)

    def round_shapes(self, shapes: list[tuple[float, float, float, float]]) -> None:
        """Draw ellipses, also where they come in again on the other side."""
        for x, y, rx, ry in shapes:
            for turn in (-W, 0, W):
                box = ((x + turn - rx) * FINE, (y - ry) * FINE, (x + turn + rx) * FINE, (y + ry) * FINE)
                self.pen.ellipse(box, fill=255)

    def polygon(self, corners: list[tuple[float, float]]) -> None:
        """Draw a polygon, also where it comes in again."""
        for turn in (-W, 0, W):
            self.pen.polygon([((x + turn) * FINE, y * FINE) for x, y in corners], fill=255)

    def shine(self, x: float, y: float, radius: float, color: str, strength: float) -> None:
        """Add a light."""
        margin = round(radius * FINE)
        spot = Image.new("L", (self.mask.width + 2 * margin, self.mask.height), 0)
        pen = ImageDraw.Draw(spot)
        for turn in (-W, 0, W):
            left, top = (x + turn - radius / 2) * FINE + margin, (y - radius / 2) * FINE
            pen.ellipse((left, top, left + radius * FINE, top + radius * FINE), fill=round(255 * strength))
        soft = spot.filter(ImageFilter.GaussianBlur(radius * FINE * 0.25))
        paint = Image.new("RGBA", self.mask.size, (*rgb(color), 0))
        paint.putalpha(soft.crop((margin, 0, margin + self.mask.width, self.mask.height)))
        self.light.alpha_composite(paint)

    def save(self, path: Path) -> None:
        """Write the layer: lighter at its ridge, hazy at its foot."""
        share = (np.arange(self.height * FINE) / (self.height * FINE))[:, None, None]
        color = np.array(rgb(self.top)) + (np.array(rgb(self.foot)) - np.array(rgb(self.top))) * share
        whole = np.broadcast_to(color, (self.height * FINE, W * FINE, 3)).round().astype(np.uint8)
        picture = Image.fromarray(np.ascontiguousarray(whole), "RGB").convert("RGBA")
        picture.putalpha(self.mask)
        lit = np.array(self.mask).astype(np.int16)
        edge = np.clip(lit - np.roll(lit, 5 * FINE, axis=0), 0, 255).astype(np.uint8)
        rim = Image.new("RGBA", picture.size, (*rgb(mix(self.top, "#ffffff", 0.5)), 0))
        rim.putalpha(Image.fromarray((edge * 0.34).astype(np.uint8), "L").filter(ImageFilter.GaussianBlur(2)))
        picture.alpha_composite(rim)
        picture.alpha_composite(self.light)
        small = picture.convert("RGBa").resize((W, self.height), Image.Resampling.BOX).convert("RGBA")
        small.save(path, optimize=True)


def _round(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    size = float(rng.uniform(14, 30))
    scene.polygon([(x - 3, y + 12), (x - 2, y - size * 1.2), (x + 2, y - size * 1.2), (x + 3, y + 12)])
    scene.round_shapes(
        [
            (x, y - size * 1.5, size, size * 1.05),
            (x - size * 0.7, y - size, size * 0.7, size * 0.65),
            (x + size * 0.7, y - size * 1.05, size * 0.72, size * 0.66),
        ]
    )


def _bush(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    size = float(rng.uniform(12, 26))
    scene.round_shapes(
        [
            (x + dx * size, y + 6 - dy * size, size * s, size * s)
            for dx, dy, s in ((-0.9, 0.1, 0.7), (0, 0.5, 1.0), (0.9, 0.15, 0.75))
        ]
    )


def _pine(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    tall = float(rng.uniform(34, 84))
    for share in (0.0, 0.28, 0.54):
        wide = tall * 0.3 * (1 - share * 0.8)
        foot, top = y + 8 - tall * share, y + 8 - tall * min(1.0, share + 0.5)
        scene.polygon([(x - wide, foot), (x, top), (x + wide, foot)])


def _pillar(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    wide, tall = float(rng.uniform(10, 32)), float(rng.uniform(50, 190))
    scene.polygon(
        [
            (x - wide, y + 20),
            (x - wide * 0.3, y - tall * 0.6),
            (x, y - tall),
            (x + wide * 0.34, y - tall * 0.55),
            (x + wide, y + 20),
        ]
    )


def _toadstool(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    tall, wide = float(rng.uniform(24, 70)), float(rng.uniform(18, 38))
    scene.polygon(
        [(x - wide * 0.2, y + 20), (x - wide * 0.12, y - tall), (x + wide * 0.12, y - tall), (x + wide * 0.2, y + 20)]
    )
    scene.round_shapes([(x, y - tall, wide, wide * 0.42)])
    scene.shine(x, y - tall + 4, wide * 1.5, "#57e0c8", 0.5)
    for dx in (-0.5, 0.1, 0.55):
        scene.shine(x + dx * wide, y - tall - 2, 9, "#b8fff0", 0.9)


def _crystal(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    for lean in (-0.5, 0.0, 0.45):
        tall = float(rng.uniform(20, 56))
        tip = (x + lean * tall, y - tall)
        scene.polygon(
            [(x - 7 + lean * 12, y + 14), (tip[0] - 3, tip[1] + 8), tip, (tip[0] + 4, tip[1] + 9), (x + 8, y + 14)]
        )
    scene.shine(x, y - 14, 60, "#a06bff", 0.32)


def _star(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    for _ in range(5):
        at = (x + float(rng.uniform(-70, 70)), float(rng.uniform(4, max(10.0, y - 26))))
        scene.shine(*at, float(rng.uniform(2.0, 3.6)), "#ffffff", 1.0)


PLANTS = {
    "round": (34, _round),
    "bush": (60, _bush),
    "pines": (58, _pine),
    "pillars": (30, _pillar),
    "toadstools": (17, _toadstool),
    "crystals": (22, _crystal),
    "peaks": (18, _star),
}
