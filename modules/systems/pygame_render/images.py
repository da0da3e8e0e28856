"""Images by name, with a placeholder for what is missing or broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from modules.core.assets import Assets

from ._pygame import pygame

FONT_FILE = Path(__file__).parent / "assets" / "manrope_semibold.ttf"
MAGENTA, DARK = (255, 0, 220), (40, 0, 36)

DISC, GLOW = 0, 1
"""Pictures that are computed at the size they are drawn, rather than loaded."""


def empty(size: tuple[int, int]) -> pygame.Surface:
    """Return a transparent surface of the one format that everything is drawn from."""
    return pygame.Surface(size, pygame.SRCALPHA, 32)


def load_image(name: str, assets: Assets) -> pygame.Surface:
    """Return an image with premultiplied alpha; a placeholder, after one complaint, where there is none to load."""
    image = read_image(name, assets)
    return placeholder(name) if image is None else image


def read_image(name: str, assets: Assets) -> pygame.Surface | None:
    """Return an image with premultiplied alpha; None, after one complaint, where it is missing or broken."""
    path = assets.path(name)
    if path is None:
        places = ", ".join(str(root) for root in assets.roots) or "no folder at all"
        assets.complain(
            name, f"image {name!r} is missing: looked in {places}; a placeholder is drawn until it is there"
        )
        return None
    try:
        loaded = pygame.image.load(path)
    except (pygame.error, OSError, ValueError) as error:
        assets.complain(name, f"image {path} cannot be read: {error}; a placeholder is drawn until it can")
        return None
    image = empty(loaded.get_size())
    image.blit(loaded, (0, 0))
    return image.premul_alpha()


def placeholder(name: str) -> pygame.Surface:
    """Return a chequered tile with the name of what is missing."""
    pygame.font.init()
    label = pygame.font.Font(FONT_FILE, 11).render(name.replace("\0", "?") or "?", True, (255, 255, 255))
    width = max(48, label.get_width() + 8)
    tile = empty((width, 48))
    for x in range(0, width, 12):
        for y in range(0, 48, 12):
            tile.fill(MAGENTA if (x + y) // 12 % 2 else DARK, (x, y, 12, 12))
    tile.fill((0, 0, 0), (0, 17, width, 15))
    tile.blit(label, ((width - label.get_width()) // 2, 24 - label.get_height() // 2))
    return tile


def disc(size: int) -> pygame.Surface:
    """Return a white disc of this diameter with a smooth edge."""
    radius = size / 2
    side = size + size % 2
    return from_alpha(np.clip(radius + 0.5 - _distance(side), 0, 1))


def glow(size: int) -> pygame.Surface:
    """Return a white light of this diameter, bright in the middle and fading to its edge."""
    share = np.clip(1 - _distance(size + size % 2) / max(1.0, size / 2), 0, 1)
    return from_alpha(np.clip(share**2.2 + 0.6 * share**9, 0, 1))


def _distance(side: int) -> Any:
    """Return a (side, side) array of how far each pixel's middle is from that of the square."""
    offset = np.arange(side) - (side - 1) / 2
    return np.hypot(offset[:, None], offset[None, :])


def from_alpha(alpha: Any) -> pygame.Surface:
    """Return a premultiplied white surface with this (width, height) array of alpha in [0, 1]."""
    level = np.rint(alpha * 255).astype(np.uint32)
    surface = empty(alpha.shape)
    pixels = pygame.surfarray.pixels2d(surface)
    pixels[:] = level << 24 | level << 16 | level << 8 | level
    del pixels
    return surface
