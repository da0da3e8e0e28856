"""The pictures of Asteroids: ship, rocks, bullets, sparks, debris and sky."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from .neon import Array, Picture, colour, edge, inside, mix, ring, smooth_noise, to_line, to_segment

CYAN, ICE, NAVY = "#39e6ff", "#d8fbff", "#0b1838"
ROCKS = {  # size: (radius in pixels, corners, line, dark face, bright face)
    "large": (44, 14, "#a98bff", "#140f2e", "#4a3a8f"),
    "medium": (26, 11, "#ff7ad1", "#240d2b", "#86337f"),
    "small": (14, 9, "#ffb45e", "#2a140f", "#94522a"),
}
VARIANTS = 4
FLAME = ((5.2, 1.15, "#ff5a3c"), (3.9, 0.85, "#ffb03a"), (2.2, 0.55, "#fff4c8"))  # half width, share of length, colour
LIGHT = np.array([-0.45, -0.65, 0.62])  # toward the light that shades the rocks
HALF = [(19, 0), (4, -5.5), (-9, -12.5), (-14, -12), (-10.5, -4.5)]
HULL = np.array(HALF + [(x, -y) for x, y in HALF[:0:-1]])


def sprites(folder: Path, rng: np.random.Generator) -> None:
    """Draw every sprite into `folder`."""
    for name, (radius, corners, line, dark, bright) in ROCKS.items():
        for variant in range(VARIANTS):
            rock(rng, radius, corners, line, dark, bright).save(folder / f"rock_{name}_{variant}.png")
    ship(0).save(folder / "ship.png")
    for frame, length in enumerate((11, 17, 13, 20)):
        ship(length).save(folder / f"ship_burn_{frame}.png")
    life().save(folder / "life.png")
    bullet().save(folder / "bullet.png")
    flash().save(folder / "flash.png")
    spark().save(folder / "spark.png")
    shock().save(folder / "ring.png")
    crosshair().save(folder / "aim.png")
    for variant in range(3):
        shard(rng).save(folder / f"shard_{variant}.png")
    for name, reach in (("star_near", 2.1), ("star_far", 1.2)):
        star(reach).save(folder / f"{name}.png")
    nebula(480, 270, rng).save(folder / "nebula.png", optimize=True)


def rock(rng: np.random.Generator, radius: float, corners: int, line: str, dark: str, bright: str) -> Picture:
    """Draw one rock: flat-shaded faces of a bumpy solid inside a glowing outline."""
    picture = Picture(round(radius * 2.9), round(radius * 2.9))
    x, y = picture.x, picture.y
    outer = _outline(rng, radius, corners)
    middle = _turned(ring(radius * rng.uniform(0.5, 0.66, corners // 2), corners // 2), rng.uniform(0, 1))
    heart = rng.uniform(-0.12, 0.12, (1, 2)) * radius
    points = np.concatenate([outer, middle, heart])
    height = np.concatenate([np.zeros(corners), radius * rng.uniform(0.4, 0.62, len(middle)), [radius * 0.72]])
    faces = _faces(outer, middle)
    lines = np.full(x.shape, np.inf)
    for face in faces:
        corner = points[face]
        picture.cover(inside(x, y, corner), _shade(corner, height[face], dark, bright))
        lines = np.minimum(lines, to_line(x, y, corner, closed=True))
    within = inside(x, y, outer)
    picture.cover(within * edge(lines, 0.25) * 0.30, colour(line))
    rim = to_line(x, y, outer, closed=True)
    picture.shine(within * 0.35 * np.exp(-rim / (radius * 0.16)), colour(line))
    picture.tube(rim, 1.7, line, glow=radius * 0.12 + 2.2, power=0.5)
    return picture


def _outline(rng: np.random.Generator, radius: float, corners: int) -> Array:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(-0.32, 0.32, corners) * 2 * np.pi / corners
    wave = sum(rng.uniform(0.03, 0.11) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in (2, 3, 5))
    reach = np.clip(0.95 + wave + rng.uniform(-0.07, 0.07, corners), 0.74, 1.1) * radius
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)


def _turned(points: Array, angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, s], [-s, c]])


def _faces(outer: Array, middle: Array) -> list[list[int]]:
    """Triangles between the outline and the ring inside it, then from that ring to the last point."""
    n, m = len(outer), len(middle)
    a = np.unwrap(np.arctan2(outer[:, 1], outer[:, 0]))
    b = np.unwrap(np.arctan2(middle[:, 1], middle[:, 0]))
    b -= 2 * np.pi * round((b[0] - a[0]) / (2 * np.pi))
    faces, i, j = [], 0, 0
    while i < n or j < m:
        next_a = a[(i + 1) % n] + 2 * np.pi * ((i + 1) // n)
        next_b = b[(j + 1) % m] + 2 * np.pi * ((j + 1) // m)
        if j == m or (i < n and next_a < next_b):
            faces.append([i % n, (i + 1) % n, n + j % m])
            i += 1
        else:
            faces.append([i % n, n + j % m, n + (j + 1) % m])
            j += 1
    return faces + [[n + k, n + (k + 1) % m, n + m] for k in range(m)]


def _shade(corner: Array, height: Array, dark: str, bright: str) -> Array:
    solid = np.column_stack([corner, height])
    normal = np.cross(solid[1] - solid[0], solid[2] - solid[0])
    normal = normal / max(float(np.linalg.norm(normal)), 1e-9)
    normal = normal if normal[2] > 0 else -normal
    return mix(dark, bright, float(np.clip(normal @ LIGHT / np.linalg.norm(LIGHT), 0, 1)) ** 1.5)


def ship(flame: float) -> Picture:
    """Draw the ship, nose to the right, with an exhaust flame of that length."""
    picture = Picture(84, 56)
    x, y = picture.x, picture.y
    if flame:
        for top, share, paint in FLAME:
            reach = flame * share
            back = np.clip((-9 - x) / reach, 0, 1)
            body = np.abs(y) / np.maximum(top * np.sqrt(1 - back) * (1 + 0.5 * np.sin(back * np.pi)), 1e-3)
            picture.shine((x < -8) * np.clip(1.25 - body, 0, 1) ** 1.4 * (1 - back) * 0.95, colour(paint))
        tail = to_segment(x, y, np.array([-10.0, 0.0]), np.array([-10 - flame * 0.7, 0.0]))
        picture.shine(0.4 * np.exp(-tail / 5.5), colour("#ff7a3a"))
    within = inside(x, y, HULL)
    picture.cover(within, mix(NAVY, CYAN, 0.13) * (1 + 0.6 * (y < 0))[..., None])
    spine = np.array([[19, 0], [-10.5, -4.5], [-10.5, 4.5]])
    picture.cover(inside(x, y, spine), mix(NAVY, CYAN, 0.30) * (1 + 0.35 * (y < 0))[..., None])
    picture.cover(within * edge(to_line(x, y, spine, closed=True), 0.3) * 0.5, colour(CYAN))
    cockpit = np.hypot((x - 3.6) / 5.2, y / 2.1)
    picture.cover(np.clip((1 - cockpit) * 4, 0, 1), colour("#baf7ff"))
    picture.cover(np.clip((0.72 - cockpit) * 4, 0, 1) * (y > -0.4) * 0.8, colour("#2fa8dc"))
    rim = to_line(x, y, HULL, closed=True)
    picture.shine(within * 0.30 * np.exp(-rim / 2.6), colour(CYAN))
    picture.tube(rim, 1.7, CYAN, glow=6.5, power=0.55)
    engine = to_segment(x, y, np.array([-10.5, -3.2]), np.array([-10.5, 3.2]))
    picture.tube(engine, 1.6, "#ff9a4a", glow=3.5, power=0.9 if flame else 0.35)
    return picture


def life() -> Picture:
    """Draw the small ship that counts lives, nose up."""
    picture = Picture(26, 28)
    points = HULL[:, ::-1] * np.array([1, -1]) * 0.52
    rim = to_line(picture.x, picture.y, points, closed=True)
    picture.cover(inside(picture.x, picture.y, points), mix(NAVY, CYAN, 0.2))
    picture.tube(rim, 1.3, CYAN, glow=3.2, power=0.45)
    return picture


def bullet() -> Picture:
    """Draw a bolt of light flying to the right."""
    picture = Picture(40, 22)
    body = to_segment(picture.x, picture.y, np.array([-8.0, 0.0]), np.array([9.0, 0.0]))
    fade = np.clip((picture.x + 17) / 20, 0, 1) ** 1.3
    picture.shine(fade * 0.62 * np.exp(-((body / 5.2) ** 2)), colour("#2fe0ff"))
    picture.shine(fade * 0.55 * np.exp(-body / 2.2), colour("#6cf0ff"))
    picture.cover(fade * edge(body, 1.3), colour("#f4feff"))
    return picture


def flash() -> Picture:
    """Draw the muzzle flash, pointing to the right."""
    picture = Picture(56, 48)
    r, a = np.hypot(picture.x + 8, picture.y), np.arctan2(picture.y, picture.x + 8)
    rays = 0.45 + 0.55 * np.abs(np.cos(a * 2.5)) ** 3 + 0.6 * np.exp(-((a / 0.45) ** 2))
    fade = np.clip(1 - np.hypot(picture.x / 28, picture.y / 24), 0, 1) ** 0.7
    picture.shine(fade * np.exp(-r / (5.0 * rays)) * 0.95, colour("#5cecff"))
    picture.shine(fade * np.exp(-r / (3.0 * rays)) * 1.3, colour("#f0feff"))
    return picture


def spark() -> Picture:
    """Draw a white spark, to be tinted and faded by the game."""
    picture = Picture(18, 18)
    r = np.hypot(picture.x, picture.y)
    picture.shine(0.42 * np.exp(-((r / 3.9) ** 2)), colour("#ffffff"))
    picture.shine(np.clip(2.2 - r, 0, 1) * 0.95, colour("#ffffff"))
    return picture


def shock() -> Picture:
    """Draw a white ring of pressure, to be tinted, grown and faded by the game."""
    picture = Picture(160, 160)
    r = np.hypot(picture.x, picture.y)
    rim = np.abs(r - 62)
    picture.shine(0.75 * np.exp(-((rim / 2.3) ** 2)) + 0.25 * np.exp(-((rim / 6.5) ** 2)), colour("#ffffff"))
    picture.shine((r < 62) * 0.16 * (r / 62) ** 4, colour("#ffffff"))
    return picture


def shard(rng: np.random.Generator) -> Picture:
    """Draw a white splinter, to be tinted by the game."""
    picture = Picture(20, 20)
    points = _turned(ring(rng.uniform(3.0, 6.2, 3), 3), rng.uniform(0, 6))
    picture.cover(inside(picture.x, picture.y, points) * 0.32, colour("#ffffff"))
    rim = to_line(picture.x, picture.y, points, closed=True)
    picture.shine(0.28 * np.exp(-((rim / 2.4) ** 2)), colour("#ffffff"))
    picture.cover(edge(rim, 0.55), colour("#ffffff"))
    return picture


def crosshair() -> Picture:
    """Draw the mark that shows where the mouse aims."""
    picture = Picture(34, 34)
    x, y = picture.x, picture.y
    r, a = np.hypot(x, y), np.arctan2(y, x)
    gap = 4.0 * (np.abs(np.sin(2 * a)) < 0.42)
    picture.tube(np.abs(r - 9) + gap, 1.3, CYAN, glow=3.0, power=0.4)
    picture.tube(r, 2.2, ICE, glow=2.2, power=0.5)
    return picture


def star(reach: float) -> Picture:
    """Draw a star with a faint cross of light."""
    picture = Picture(17, 17)
    x, y = np.abs(picture.x), np.abs(picture.y)
    r = np.hypot(x, y)
    picture.shine(np.exp(-((r / (0.62 * reach)) ** 2)), colour("#ffffff"))
    if reach > 2:
        cross = np.exp(-x / 0.55 - y / 2.1) + np.exp(-y / 0.55 - x / 2.1)
        picture.shine(0.5 * cross * np.clip(1 - r / 8, 0, 1), colour("#cfe4ff"))
        picture.shine(0.18 * np.exp(-((r / 3.6) ** 2)), colour("#8fb4ff"))
    return picture


def nebula(width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Paint the sky behind everything: dark blue with faint violet, teal and rose clouds."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    sky = np.zeros((height, width, 3)) + colour("#070917") + (0.5 - 0.5 * y)[..., None] * colour("#04051a") * 0.6
    for paint, power, cells, across, down, wide in (
        ("#5b35d0", 0.62, 3, -0.50, -0.25, 0.85),
        ("#0f86aa", 0.42, 4, 0.60, 0.40, 0.75),
        ("#b02a78", 0.26, 5, 0.10, -0.05, 0.80),
    ):
        veil = np.exp(-(((x - across) / wide) ** 2) - ((y - down) / wide) ** 2)
        sky += (_wisps(width, height, cells, rng) * veil)[..., None] * colour(paint) * power
    sky *= (1 - 0.25 * np.clip(np.hypot(x, y) - 0.4, 0, 1))[..., None]
    grain = (rng.random((height, width, 1)) - 0.5) / 255
    return Image.fromarray(np.round(np.clip(sky + grain, 0, 1) * 255).astype(np.uint8), "RGB")


def _wisps(width: int, height: int, cells: int, rng: np.random.Generator) -> Array:
    """Clouds from 0 to 1: noise of many sizes, looked up at places that other noise has pushed around."""

    def layers(count: int) -> Array:
        fields = [smooth_noise(width, height, cells * 2**k, rng) / 2 ** (k + 1) for k in range(count)]
        return np.sum(fields, axis=0) / (1 - 0.5**count)

    base, push_x, push_y = layers(6), layers(3), layers(3)
    column, row = np.meshgrid(np.arange(width), np.arange(height))
    column = np.clip(column + (push_x - 0.5) * width * 0.35, 0, width - 1).astype(int)
    row = np.clip(row + (push_y - 0.5) * height * 0.5, 0, height - 1).astype(int)
    return np.clip((base[row, column] - 0.36) * 2.1, 0, 1) ** 1.5
