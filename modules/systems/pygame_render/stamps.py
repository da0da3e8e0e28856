"""Drawing many cached surfaces at once: sprites, discs and larger dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._pygame import pygame
from .frame import Batch
from .studio import Studio

MOST_ROWS = 4096


@dataclass(frozen=True)
class Stamps:
    """Columns of what to draw: (2, n) points, keys of variants, layers, whether light is added, what y to sort by."""

    at: NDArray[np.float32]
    key: NDArray[np.int64]
    layer: NDArray[np.int32]
    glow: NDArray[np.bool_]
    line: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: list[Stamps]) -> Stamps:
        """Put the columns of several tables together."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([part.at for part in parts], axis=1),
            np.concatenate([part.key for part in parts]),
            np.concatenate([part.layer for part in parts]),
            np.concatenate([part.glow for part in parts]),
            np.concatenate([part.line for part in parts]),
        )


def batches(parts: list[Stamps], studio: Studio, kind: int, by_y: bool) -> Iterator[Batch]:
    """Yield a batch for each layer, those that add light after the others of their layer."""
    parts = [part for part in parts if part.key.size]
    if not parts:
        return
    stamps = Stamps.joined(parts)
    unique, which = np.unique(stamps.key, return_inverse=True)
    surfaces = [studio.variant(key) for key in unique.tolist()]
    half = np.array([surface.get_size() for surface in surfaces], np.float32).T / 2
    corner = np.rint(stamps.at - half[:, which])
    group, layers = group_of(stamps.layer, stamps.glow)
    order = np.argsort(_sort_key(group, len(layers), stamps.line if by_y else None), kind="stable")
    group, which, corner = group[order], which[order], corner[:, order]
    bounds = np.searchsorted(group, np.arange(len(layers) * 2 + 1)).tolist()
    for index in range(len(layers) * 2):
        first, last = bounds[index], bounds[index + 1]
        if first < last:
            draw = _Blits(surfaces, which[first:last], corner[:, first:last], bool(index % 2))
            yield Batch(layers[index // 2], kind, draw)


@dataclass(frozen=True)
class _Blits:
    surfaces: list[pygame.Surface]
    which: NDArray[np.intp]
    corner: NDArray[np.float32]
    glow: bool

    def __call__(self, target: pygame.Surface) -> None:
        """Blit everything by one call that draws from a lazy sequence."""
        flags = pygame.BLEND_RGB_ADD if self.glow else pygame.BLEND_PREMULTIPLIED
        x, y = self.corner.tolist()
        chosen = map(self.surfaces.__getitem__, self.which.tolist())
        target.fblits(zip(chosen, zip(x, y, strict=True), strict=True), flags)


def group_of(layer: Any, glow: Any) -> tuple[NDArray[np.int64], list[int]]:
    """Return for each row 2 * the rank of its layer + its glow, and the layers in order."""
    lowest, highest = int(layer.min()), int(layer.max())
    if highest - lowest < 8:
        layers = list(range(lowest, highest + 1))
        rank = layer.astype(np.int64) - lowest
    else:
        values, rank = np.unique(layer, return_inverse=True)
        layers = values.tolist()
    return rank * 2 + glow, layers


def _sort_key(group: Any, layers: int, y: Any) -> Any:
    """Return integers that sort by group, then by y; 16 bits of them where that is enough, for a radix sort."""
    if y is None:
        return group.astype(np.uint16 if layers < 2**15 else np.int64)
    line = np.clip(y, 0, MOST_ROWS - 1).astype(np.int64)
    return (group * MOST_ROWS + line).astype(np.uint16 if layers * 2 <= 16 else np.int64)
