"""Paint neon pictures: coverage, light and glow over transparency, by distance fields."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float64]
FINE = 3  # a picture is computed this many times finer than it is saved


def colour(text: str) -> Array:
    """Read "#rrggbb" as three numbers from 0 to 1."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def mix(a: str, b: str, share: float) -> Array:
    """Blend from `a` (share 0) to `b` (share 1)."""
    return colour(a) * (1 - share) + colour(b) * share


class Picture:
    """A picture of premultiplied light; the origin is its centre, y points down, units are saved pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        x = (np.arange(width * FINE) + 0.5) / FINE - width / 2
        y = (np.arange(height * FINE) + 0.5) / FINE - height / 2
        self.x, self.y = np.meshgrid(x, y)
        self.rgb = np.zeros((*self.x.shape, 3))
        self.alpha = np.zeros(self.x.shape)

    def cover(self, share: Array, paint: Array) -> None:
        """Lay paint over what is there; `share` runs from 0 to 1, `paint` is one colour or one per pixel."""
        self.rgb = self.rgb * (1 - share[..., None]) + paint * share[..., None]
        self.alpha = self.alpha * (1 - share) + share

    def shine(self, strength: Array, paint: Array) -> None:
        """Add light; where the picture is transparent, it becomes as opaque as the light is bright."""
        light = strength[..., None] * paint
        self.rgb = self.rgb + light
        self.alpha = 1 - (1 - self.alpha) * (1 - np.clip(light.max(axis=2), 0, 1))

    def tube(self, distance: Array, width: float, paint: str, *, glow: float = 6.0, power: float = 0.55) -> None:
        """Draw a neon tube along distance 0: a wide faint glow, a coloured line, a line near white inside."""
        base = colour(paint)
        if glow:
            self.shine(power * 0.55 * np.exp(-((distance / glow) ** 2)), base)
            self.shine(power * 0.45 * np.exp(-distance / (glow * 0.42)), base)
        self.cover(edge(distance, width / 2), mix(paint, "#ffffff", 0.25))
        self.cover(edge(distance, width / 4) * 0.65, mix(paint, "#ffffff", 0.8))

    def image(self) -> Image.Image:
        """The picture at its saved size, as straight RGBA."""
        width, height = self.size
        rgb = self.rgb.reshape(height, FINE, width, FINE, 3).mean(axis=(1, 3))
        alpha = self.alpha.reshape(height, FINE, width, FINE).mean(axis=(1, 3))
        alpha = np.clip(alpha, 0, 1)
        straight = np.clip(rgb / np.maximum(alpha, 1e-6)[..., None], 0, 1)
        alpha = np.where(alpha < 2.5 / 255, 0, alpha)
        straight = np.where(alpha[..., None] > 0, straight, 0)
        pixels = np.concatenate([straight, alpha[..., None]], axis=2)
        return Image.fromarray(np.round(pixels * 255).astype(np.uint8), "RGBA")

    def save(self, path: Path) -> None:
        """Write the picture as a small PNG."""
        self.image().save(path, optimize=True)


def edge(distance: Array, half_width: float) -> Array:
    """Coverage of everything within `half_width` of distance 0, softened over one saved pixel."""
    return np.clip(half_width - distance + 0.5, 0, 1)


def to_segment(x: Array, y: Array, a: Array, b: Array) -> Array:
    """Distance of every pixel from the segment a-b."""
    along = b - a
    t = ((x - a[0]) * along[0] + (y - a[1]) * along[1]) / max(float(along @ along), 1e-9)
    t = np.clip(t, 0, 1)
    return np.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1])


def to_line(x: Array, y: Array, points: Array, *, closed: bool = False) -> Array:
    """Distance of every pixel from a line through `points`, shape (n, 2)."""
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    distance = np.full(x.shape, np.inf)
    for a, b in zip(points, ends, strict=False):
        distance = np.minimum(distance, to_segment(x, y, a, b))
    return distance


def inside(x: Array, y: Array, points: Array) -> Array:
    """1 inside the closed polygon, 0 outside, by counting crossings."""
    hit = np.zeros(x.shape, dtype=bool)
    for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
        crosses = (a[1] > y) != (b[1] > y)
        at = a[0] + (y - a[1]) / (b[1] - a[1] + 1e-12) * (b[0] - a[0])
        hit ^= crosses & (x < at)
    return hit.astype(float)


def ring(radius: Array | float, count: int) -> Array:
    """`count` points around the origin, shape (count, 2)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def smooth_noise(width: int, height: int, cells: int, rng: np.random.Generator) -> Array:
    """Noise from 0 to 1 with about `cells` bumps across, smooth between them."""
    rows = max(2, round(cells * height / width))
    lattice = rng.random((rows + 1, cells + 1))
    u, v = np.linspace(0, cells - 1e-6, width), np.linspace(0, rows - 1e-6, height)
    i, j = u.astype(int), v.astype(int)
    s, t = _ease(u - i)[None, :], _ease(v - j)[:, None]
    top = lattice[j][:, i] * (1 - s) + lattice[j][:, i + 1] * s
    low = lattice[j + 1][:, i] * (1 - s) + lattice[j + 1][:, i + 1] * s
    return top * (1 - t) + low * t


def _ease(t: Array) -> Array:
    return t * t * t * (t * (6 * t - 15) + 10)
