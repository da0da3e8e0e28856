"""Shapes as surfaces with smooth edges: drawn large, shrunk, tinted, and kept while they are in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._pygame import pygame
from .images import empty, from_alpha

Point = tuple[float, float]

MOST_BYTES = 16 * 2**20
LARGEST = 640
"""Pixels of the longer side beyond which a shape is drawn plainly, without being shrunk."""
GRAIN = 8
"""Places and widths are told apart to this fraction of a pixel."""

# Bayer's pattern: thresholds spread evenly over (0, 1) in every 4 x 4 block.
THRESHOLD = (np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) + 0.5) / 16


class Sheets:
    """Keep surfaces by what they show; those not used since half of the room was filled are let go."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.kept: dict[Any, pygame.Surface] = {}
        self.former: dict[Any, pygame.Surface] = {}
        self.bytes = 0

    def get(self, key: Any, make: Callable[[], pygame.Surface]) -> pygame.Surface:
        """Return the surface of a key, made when it is not there."""
        surface = self.kept.get(key)
        if surface is None:
            surface = self.former.pop(key, None) or make()
            self.kept[key] = surface
            self.bytes += surface.get_width() * surface.get_height() * 4
            if self.bytes > self.most_bytes:
                self.former, self.kept, self.bytes = self.kept, {}, 0
        return surface

    def path(self, corners: list[Point], width: float, closed: bool, color: int) -> tuple[pygame.Surface, Point]:
        """Return a polygon, or lines of some width, as a surface with premultiplied alpha, and its top left corner."""
        reach = width / 2 + 1
        left = int(np.floor(min(x for x, _ in corners) - reach))
        top = int(np.floor(min(y for _, y in corners) - reach))
        grains = tuple((round((x - left) * GRAIN), round((y - top) * GRAIN)) for x, y in corners)
        key = (grains, round(width * GRAIN), closed, color)
        return self.get(key, lambda: _tinted(_path(grains, round(width * GRAIN), closed), color)), (left, top)

    def ring(self, radius: float, width: float, color: int) -> pygame.Surface:
        """Return a ring, its middle in the middle of the surface; filled where `width` is 0."""
        key = (round(radius * GRAIN), round(width * GRAIN), color)
        return self.get(key, lambda: _tinted(_ring(radius, width), color))

    def gradient(self, w: int, h: int, color: int, end: int, across: bool) -> pygame.Surface:
        """Return a box that goes over from one colour into another."""
        key = (w, h, color, end, across)
        return self.get(key, lambda: _gradient(w, h, color, end, across))


def _gradient(w: int, h: int, color: int, end: int, across: bool) -> pygame.Surface:
    """Mix in premultiplied colours, each pixel's rounded by an ordered pattern so that no bands show."""
    share = np.linspace(0, 1, w if across else h)
    first, last = (np.array([c >> shift & 0xFF for shift in (24, 16, 8, 0)], np.float64) for c in (color, end))
    line = first + (last - first) * share[:, None]
    line[:, :3] *= line[:, 3:] / 255
    block = line[:, None] if across else line[None, :]
    pattern = THRESHOLD[np.arange(w)[:, None] % 4, np.arange(h)[None, :] % 4, None]
    red, green, blue, alpha = np.moveaxis(np.floor(block + pattern).astype(np.uint32), 2, 0)
    surface = empty((w, h))
    pixels = pygame.surfarray.pixels2d(surface)
    pixels[:] = alpha << 24 | np.minimum(red, alpha) << 16 | np.minimum(green, alpha) << 8 | np.minimum(blue, alpha)
    del pixels
    return surface


def _tinted(mask: pygame.Surface, color: int) -> pygame.Surface:
    alpha = color & 0xFF
    red, green, blue = ((color >> shift & 0xFF) * alpha // 255 for shift in (24, 16, 8))
    mask.fill((red, green, blue, alpha), special_flags=pygame.BLEND_RGBA_MULT)
    return mask


def _ring(radius: float, width: float) -> pygame.Surface:
    side = 2 * int(np.ceil(radius + 1))
    offset = np.arange(side) - (side - 1) / 2
    distance = np.hypot(offset[:, None], offset[None, :])
    alpha = np.clip(radius + 0.5 - distance, 0, 1)
    if width > 0:
        alpha = np.minimum(alpha, np.clip(distance - (radius - width) + 0.5, 0, 1))
    return from_alpha(alpha)


def _path(grains: tuple[tuple[int, int], ...], width: int, closed: bool) -> pygame.Surface:
    """Draw at a multiple of the size and shrink: each pixel then has the share of itself that is covered."""
    reach = width / 2 / GRAIN + 2
    size = tuple(int(max(corner[axis] for corner in grains) / GRAIN + reach) for axis in (0, 1))
    times = 4 if max(size) <= 160 else 3 if max(size) <= 320 else 2
    large = empty((size[0] * times, size[1] * times))
    corners = [(x * times / GRAIN, y * times / GRAIN) for x, y in grains]
    if width > 0:
        stroke(large, (255, 255, 255, 255), corners, width * times / GRAIN, closed)
    elif len(corners) > 2:
        pygame.draw.polygon(large, (255, 255, 255, 255), corners)
    return pygame.transform.smoothscale(large, size)


def stroke(
    target: pygame.Surface, color: tuple[int, int, int, int], corners: list[Point], width: float, closed: bool
) -> None:
    """Draw lines of any width with round joints."""
    half = width / 2
    ends = [*corners[1:], corners[0]] if closed and len(corners) > 2 else corners[1:]
    for (x, y), (u, v) in zip(corners, ends, strict=False):
        length = float(np.hypot(u - x, v - y))
        if length > 1e-6:
            dx, dy = (v - y) / length * half, (x - u) / length * half
            pygame.draw.polygon(target, color, [(x + dx, y + dy), (u + dx, v + dy), (u - dx, v - dy), (x - dx, y - dy)])
    if width > 2:
        for corner in corners if closed else corners[1:-1]:
            pygame.draw.circle(target, color, corner, half)
