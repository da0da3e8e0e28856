"""Panels made of an image: corners keep their size, sides stretch one way, the middle both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import Maybe, Query
from modules.core.assets import Assets
from modules.core.motion import Position
from modules.core.render import Fixed, NineSlice

from ._pygame import pygame
from .frame import PANELS, Batch, Frame, Pieces
from .images import empty
from .studio import Studio

Slices = Query[Position, NineSlice, Maybe[Fixed]]

MOST_PIXELS = 4096
"""Longest side of a panel that is drawn."""


def slice_batches(slices: Slices, frame: Frame, studio: Studio, assets: Assets) -> Iterator[Batch]:
    """Yield the panels that can be seen, by layer, each layer's in the order of their rows."""
    found: dict[int, list[tuple[pygame.Surface, tuple[float, float]]]] = {}
    for pos, panel, fixed in slices:
        if not frame.shows(fixed):
            continue
        at, scale = frame.place(pos, fixed), frame.scale(fixed)
        w, h = panel.w * scale, panel.h * scale
        seen = frame.sees(at, np.maximum(w, h) / 2) & (panel.tint & 0xFF != 0)
        seen &= (w >= 1) & (h >= 1) & (w <= MOST_PIXELS) & (h <= MOST_PIXELS)
        for row in np.flatnonzero(seen).tolist():
            name = str(panel.image[row])
            if not name:
                continue
            size = (round(float(w[row])), round(float(h[row])))
            sheet = _sheet(name, size, panel, row, float(scale), studio, assets)
            where = (round(float(at[0, row]) - size[0] / 2), round(float(at[1, row]) - size[1] / 2))
            found.setdefault(int(panel.layer[row]), []).append((sheet, where))
    for layer, pieces in sorted(found.items()):
        yield Batch(layer, PANELS, Pieces(pieces))


def _sheet(
    name: str, size: tuple[int, int], panel: Any, row: int, scale: float, studio: Studio, assets: Assets
) -> pygame.Surface:
    """Return the surface of one panel, kept among those of shapes."""
    image = studio.image(name, assets)
    edge, tint = max(0, round(float(panel.edge[row]))), int(panel.tint[row])
    key = ("slice", image.number, size, edge, round(edge * scale), tint)
    return studio.sheets.get(key, lambda: _sliced(image.surface, size, edge, round(edge * scale), tint))


def _sliced(image: pygame.Surface, size: tuple[int, int], edge: int, shown: int, tint: int) -> pygame.Surface:
    whole = empty(size)
    columns, rows = (_cuts(side, wanted, edge, shown) for side, wanted in zip(image.get_size(), size, strict=True))
    for x, w, to_x, to_w in columns:
        for y, h, to_y, to_h in rows:
            if w > 0 and h > 0 and to_w > 0 and to_h > 0:
                piece = pygame.transform.smoothscale(image.subsurface((x, y, w, h)), (to_w, to_h))
                whole.blit(piece, (to_x, to_y))
    red, green, blue, alpha = (tint >> shift & 0xFF for shift in (24, 16, 8, 0))
    if tint != 0xFFFFFFFF:
        factors = (red * alpha // 255, green * alpha // 255, blue * alpha // 255, alpha)
        whole.fill(factors, special_flags=pygame.BLEND_RGBA_MULT)
    return whole


def _cuts(side: int, wanted: int, edge: int, shown: int) -> list[tuple[int, int, int, int]]:
    """Return begin and length of the three parts of a side, in the image and in the panel."""
    edge = min(edge, side // 2)
    shown = min(shown, wanted // 2)
    return [
        (0, edge, 0, shown),
        (edge, side - 2 * edge, shown, wanted - 2 * shown),
        (side - edge, edge, wanted - shown, shown),
    ]
