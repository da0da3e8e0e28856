"""The caches of the renderer: images by name, and each image as it was drawn once, turned, scaled and tinted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import field, resource
from modules.core.assets import Assets

from ._pygame import pygame
from .atlas import ATLAS, Cells, cut_cells
from .images import DISC, GLOW, disc, glow, load_image
from .letters import Letters
from .sheets import Sheets

MOST_BYTES = 96 * 2**20
"""Half of what variants may take: the ones not drawn since the other half was filled are let go."""
PIECE_BYTES = 48 * 2**20
"""The same for pieces of maps."""
LARGEST = 4095
FIRST_FREE = 2
MOST_IMAGES = 2**17
CLOSE = 2**16
"""Integers whose range is smaller are told apart by a table instead of by sorting."""

# A variant's key packs, from the lowest bit: 20 bits of tint, flip, 8 of angle, 12 of size, 5 of stretch, 17 of image.
TINT_BITS, FLIP_AT, TURN_AT, SIZE_AT, STRETCH_AT, IMAGE_AT = 20, 20, 21, 29, 41, 46
UNSTRETCHED, STRETCH_STEPS = 16, 15
"""The step that leaves an image as it is, and how many steps double its height."""

Keys = NDArray[np.int64]


@dataclass
class Image:
    """One loaded image; `number` is new whenever its content is, so that variants of the old one are not found."""

    number: int
    surface: pygame.Surface
    version: tuple[Any, int]

    @property
    def longest(self) -> int:
        """The longer side, by which sizes are counted."""
        return max(1, *self.surface.get_size())


@resource(transient=True)
class Studio:
    """Hold the canvas and the caches; a reload of this module keeps them."""

    canvas: Any = None
    images: dict[str, Image] = field(factory=dict)
    cells: dict[tuple[str, int, int], tuple[Cells, list[Image]]] = field(factory=dict)
    numbered: dict[int, Image] = field(factory=dict)
    next_number: int = FIRST_FREE
    variants: dict[int, pygame.Surface] = field(factory=dict)
    former: dict[int, pygame.Surface] = field(factory=dict)
    bytes: int = 0
    smooth: bool = True
    letters: Letters = field(factory=Letters)
    sheets: Sheets = field(factory=Sheets)
    pieces: Sheets = field(factory=lambda: Sheets(PIECE_BYTES))

    def target(self, width: int, height: int) -> pygame.Surface:
        """Return the surface of the canvas, made anew when its size changes."""
        if self.canvas is None or self.canvas.get_size() != (width, height):
            self.canvas = pygame.Surface((width, height), 0, 32)
        surface: pygame.Surface = self.canvas
        return surface

    def image(self, name: str, assets: Assets) -> Image:
        """Return an image as its file is now."""
        version = (assets.path(name), assets.version(name))
        known = self.images.get(name)
        if known is not None and known.version == version:
            return known
        if name.endswith(ATLAS):
            return self.cell(name, 1, 1, 0, assets)
        image = self._numbered(load_image(name, assets), version)
        if known is not None:
            self.numbered.pop(known.number, None)
        self.images[name] = image
        return image

    def cell(self, name: str, columns: int, rows: int, cell: int, assets: Assets) -> Image:
        """Return one cell of an image or atlas as its file is now."""
        key = (name, columns, rows)
        version = (assets.path(name), assets.version(name))
        known = self.cells.get(key)
        if known is None or known[0].version != version or any(assets.version(n) != v for n, v in known[0].parts):
            for image in known[1] if known is not None else ():
                self.numbered.pop(image.number, None)
            sheet = cut_cells(name, columns, rows, version, assets)
            known = self.cells[key] = (sheet, [self._numbered(surface, version) for surface in sheet.surfaces])
        return known[1][cell % len(known[1])]

    def columns(self, names: Any, sheet: Any, assets: Assets) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return for a column of image names the numbers of the images and their longer sides, 0 for an empty name.

        `sheet` is the `Sheet` step that says which cell of each image is meant, or None.
        """
        if sheet is not None:
            return self._sheet_columns(names, sheet, assets)
        codes, strings = names.codes, names.interner.strings
        number = np.zeros(len(strings), np.int64)
        longest = np.zeros(len(strings), np.float32)
        for code in np.flatnonzero(np.bincount(codes)).tolist():
            if not strings[code]:
                continue
            image = self.image(strings[code], assets)
            number[code], longest[code] = image.number, image.longest
        return number[codes], longest[codes]

    def _sheet_columns(self, names: Any, sheet: Any, assets: Assets) -> tuple[Any, Any]:
        keys = (names.codes, sheet.columns, sheet.rows, sheet.cell)
        which = np.zeros(names.codes.size, np.int64)
        for key in keys:  # one column after the other, so that the numbers stay small
            ranks = distinct(key)[1]
            which = distinct(which * (ranks.max(initial=0) + 1) + ranks)[1]
        first = np.zeros(which.max(initial=-1) + 1, np.int64)
        first[which] = np.arange(which.size)
        number = np.zeros(first.size, np.int64)
        longest = np.zeros(first.size, np.float32)
        for at, (code, columns, rows, cell) in enumerate(zip(*(key[first].tolist() for key in keys), strict=True)):
            name = names.interner.strings[code]
            if name:
                image = self.cell(name, max(1, columns), max(1, rows), cell, assets)
                number[at], longest[at] = image.number, image.longest
        return number[which], longest[which]

    def _numbered(self, surface: pygame.Surface, version: Any) -> Image:
        if self.next_number >= MOST_IMAGES:
            self.forget()
        image = Image(self.next_number, surface, version)
        self.next_number += 1
        self.numbered[image.number] = image
        return image

    def forget(self) -> None:
        """Let all cached surfaces go."""
        self.images.clear()
        self.cells.clear()
        self.numbered.clear()
        self.variants, self.former = {}, {}
        self.next_number, self.bytes = FIRST_FREE, 0

    def variant(self, key: int) -> pygame.Surface:
        """Return the surface for a key, made when it is first asked for."""
        surface = self.variants.get(key)
        if surface is not None:
            return surface
        surface = self.former.pop(key, None) or self._make(key)
        self.variants[key] = surface
        self.bytes += surface.get_width() * surface.get_height() * 4
        if self.bytes > MOST_BYTES:
            self.former, self.variants, self.bytes = self.variants, {}, 0
        return surface

    def _make(self, key: int) -> pygame.Surface:
        """Scale, turn and tint an image; all of it on premultiplied colours, so that edges stay clean."""
        number, size = key >> IMAGE_AT, key >> SIZE_AT & LARGEST
        if number in COMPUTED:
            surface = COMPUTED[number](max(1, size))
        else:
            stretch = 2.0 ** (((key >> STRETCH_AT & 31) - UNSTRETCHED) / STRETCH_STEPS)
            flip = bool(key >> FLIP_AT & 1)
            surface = self._shape(self.numbered[number], size, stretch, key >> TURN_AT & 255, flip)
        tint = key & (1 << TINT_BITS) - 1
        if tint != (1 << TINT_BITS) - 1:
            red, green, blue, alpha = (round((tint >> at & 31) * 255 / 31) for at in (15, 10, 5, 0))
            factors = (red * alpha // 255, green * alpha // 255, blue * alpha // 255, alpha)
            surface = surface.copy()
            surface.fill(factors, special_flags=pygame.BLEND_RGBA_MULT)
        return surface

    def _shape(self, image: Image, size: int, stretch: float, turn: int, flip: bool) -> pygame.Surface:
        surface = image.surface
        if size != image.longest or stretch != 1:
            sides = zip(surface.get_size(), (1 / stretch, stretch), strict=True)
            width, height = (max(1, round(side * times * size / image.longest)) for side, times in sides)
            resize = pygame.transform.smoothscale if self.smooth else pygame.transform.scale
            surface = resize(surface, (width, height))
        if flip:
            surface = pygame.transform.flip(surface, True, False)
        if turn:
            degrees = -turn * 360 / 256
            if self.smooth and turn % 64:
                return pygame.transform.rotozoom(surface, degrees, 1.0)
            return pygame.transform.rotate(surface, degrees)
        return surface


COMPUTED: dict[int, Callable[[int], pygame.Surface]] = {DISC: disc, GLOW: glow}


def distinct(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return what `np.unique` does with `return_inverse`, without sorting where integers lie close together."""
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if high - low >= CLOSE:
        found, which = np.unique(values, return_inverse=True)
        return found, which
    at = values.astype(np.int64) - low
    there = np.zeros(high - low + 1, np.bool_)
    there[at] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[at]


def pack(image: Any, size: Any, angle: Any, flip: Any, tint: Any, stretch: Any = None) -> Keys:
    """Return the keys of variants for columns: image numbers, sizes in pixels, angles, flips, colours and stretches.

    Small images are turned in 64 steps, those that show it in up to 256. A colour keeps 5 bits of each channel.
    """
    size = np.clip(np.rint(size), 1, LARGEST).astype(np.int64)
    turn = np.rint(angle * np.float32(256 / (2 * np.pi))).astype(np.int64)
    step = np.where(size <= 40, 4, np.where(size <= 120, 2, 1))
    turn = (turn + step // 2) & -step & 255
    tint = tint.astype(np.int64)
    color = (tint >> 27 & 31) << 15 | (tint >> 19 & 31) << 10 | (tint >> 11 & 31) << 5 | (tint >> 3 & 31)
    keys: Keys = image << IMAGE_AT | size << SIZE_AT | turn << TURN_AT | flip.astype(np.int64) << FLIP_AT | color
    if stretch is None:
        keys |= UNSTRETCHED << STRETCH_AT
        return keys
    with np.errstate(all="ignore"):
        steps = np.nan_to_num(np.rint(np.log2(stretch) * STRETCH_STEPS), nan=0.0, posinf=15.0, neginf=-15.0)
    keys |= (np.clip(steps, -15, 15).astype(np.int64) + UNSTRETCHED) << STRETCH_AT
    return keys
