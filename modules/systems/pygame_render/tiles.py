"""Maps of tiles: square pieces of a layer drawn once and kept, animated tiles one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.core.assets import Assets
from modules.core.tiles import DIAGONAL, FLAGS, FLIP_X, FLIP_Y, ImageLayer, TileArt, TileLayer, TileMap, TileSet

from ._pygame import pygame
from .frame import TEXTS, TILES, Batch, Frame, Pieces
from .images import empty, placeholder
from .studio import Studio, pack

SIDE = 8
"""Tiles of a piece, each way."""
PLAIN = np.uint32(0xFFFFFFFF ^ FLAGS)

Found = list[tuple[pygame.Surface, tuple[float, float]]]


def tile_batches(
    tiles: TileMap, art: TileArt, frame: Frame, studio: Studio, assets: Assets, milliseconds: int
) -> Iterator[Batch]:
    """Yield the layers of the map, and what is wrong with it."""
    if frame.world:
        painter = _Painter(tiles, art, frame, studio, assets, milliseconds)
        for look in art.layers:
            found = painter.image(look) if isinstance(look, ImageLayer) else painter.layer(look)
            if found:
                yield Batch(look.layer, TILES, Pieces(found))
    if art.problem and frame.fixed:
        note = studio.sheets.get(("problem", art.problem), lambda: placeholder(art.problem))
        yield Batch(2**31 - 1, TEXTS, Pieces([(note, ((frame.width - note.get_width()) // 2, 8))]))


@dataclass(frozen=True)
class _Painter:
    tiles: TileMap
    art: TileArt
    frame: Frame
    studio: Studio
    assets: Assets
    milliseconds: int

    def corner(self, look: TileLayer) -> tuple[float, float]:
        """Return where on the canvas the world's point (0, 0) lies for a layer."""
        frame = self.frame
        x, y = look.dx - frame.left * look.parallax_x, look.dy - frame.top * look.parallax_y
        return x * frame.zoom, y * frame.zoom

    def image(self, look: ImageLayer) -> Found:
        """Return the places of an image layer that can be seen."""
        if not look.image:
            return []
        image = self.studio.image(look.image, self.assets)
        one = np.ones(1)
        size, tint = one * image.longest * self.frame.zoom, np.array([look.tint], np.uint32)
        key = pack(np.array([image.number]), size, one * 0, np.zeros(1, np.bool_), tint)
        surface = self.studio.variant(int(key[0]))
        w, h = surface.get_size()
        x, y = self.corner(look)
        xs = np.arange(x % w - w, self.frame.width, w) if look.repeat_x else [x]
        ys = np.arange(y % h - h, self.frame.height, h) if look.repeat_y else [y]
        return [(surface, (round(float(left)), round(float(top)))) for top in ys for left in xs]

    def layer(self, look: TileLayer) -> Found:
        """Return the pieces and animated tiles of a layer that can be seen, in the order of rows."""
        tiles, zoom = self.tiles, self.frame.zoom
        if look.number >= len(tiles.gids):
            return []
        gids = tiles.gids[look.number]
        x, y = self.corner(look)
        x, y = x + tiles.x * zoom, y + tiles.y * zoom
        tile_w, tile_h = tiles.tile_w * zoom, tiles.tile_h * zoom
        more_w, more_h = self.overhang
        columns = _range(-x - more_w * zoom, self.frame.width - x, tile_w * SIDE, gids.shape[1])
        rows = _range(-y, self.frame.height - y + more_h * zoom, tile_h * SIDE, gids.shape[0])
        found: Found = []
        moving = self._moving(gids)
        for row in rows:
            for column in columns:
                part = gids[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]
                at = (round(x + column * SIDE * tile_w), round(y + row * SIDE * tile_h))
                self._piece(part, at, look.tint, moving, found)
        return found

    def _piece(self, part: Any, at: tuple[int, int], tint: int, moving: Any, found: Found) -> None:
        if not part.any():
            return
        if moving is not None:
            moves = moving[part & PLAIN]
            still = np.where(moves, np.uint32(0), part)
        else:
            moves, still = None, part
        zoom = self.frame.zoom
        if still.any():
            key = (still.tobytes(), still.shape, self.signature, self.tiles.tile_w, self.tiles.tile_h, zoom, tint)
            piece = self.studio.pieces.get(key, lambda: self._draw_piece(still, tint))
            lift = round(self.overhang[1] * zoom)
            found.append((piece, (at[0], at[1] - lift)))
        if moves is not None and moves.any():
            for row, column in np.argwhere(moves).tolist():
                gid = int(part[row, column])
                surface, (dx, dy) = self._tile(self._now(gid & int(PLAIN)) | gid & FLAGS, row, column)
                if tint != 0xFFFFFFFF:
                    surface = _tinted(surface.copy(), tint)
                found.append((surface, (at[0] + dx, at[1] + dy)))

    def _draw_piece(self, gids: NDArray[np.uint32], tint: int) -> pygame.Surface:
        zoom = self.frame.zoom
        more_w, more_h = (round(more * zoom) for more in self.overhang)
        w, h = (int(np.ceil(n * size * zoom)) for n, size in zip(gids.shape[::-1], self._sizes(), strict=True))
        piece = empty((max(1, w + more_w), max(1, h + more_h)))
        for row, column in np.argwhere(gids).tolist():
            surface, (x, y) = self._tile(int(gids[row, column]), row, column)
            piece.blit(surface, (x, y + more_h), special_flags=pygame.BLEND_PREMULTIPLIED)
        return _tinted(piece, tint)

    def _sizes(self) -> tuple[int, int]:
        return self.tiles.tile_w, self.tiles.tile_h

    @cached_property
    def overhang(self) -> tuple[int, int]:
        """Return how far tiles reach out of their cells, to the right and upwards."""
        w = max((ts.tile_w + abs(ts.offset_x) for ts in self.art.sets), default=0) - self.tiles.tile_w
        h = max((ts.tile_h + abs(ts.offset_y) for ts in self.art.sets), default=0) - self.tiles.tile_h
        return max(0, int(w)), max(0, int(h))

    @cached_property
    def signature(self) -> tuple[int, ...]:
        """Return what pieces depend on besides their tiles: which sets there are, and the contents of their images."""
        names = [name for ts in self.art.sets for name in (ts.image, *ts.images.values()) if name]
        return (hash(repr(self.art.sets)), *(self.studio.image(name, self.assets).number for name in names))

    def _tile(self, gid: int, row: int, column: int) -> tuple[pygame.Surface, tuple[int, int]]:
        """Return a tile at the size of its cell in a piece, and its place there: it stands on the cell's foot."""
        zoom, (cell_w, cell_h) = self.frame.zoom, self._sizes()
        plain = gid & int(PLAIN)
        ts = next((ts for ts in self.art.sets if ts.first <= plain < ts.first + ts.count), None)
        w, h = (ts.tile_w, ts.tile_h) if ts is not None else (cell_w, cell_h)
        dx, dy = (ts.offset_x, ts.offset_y) if ts is not None else (0.0, 0.0)
        left, bottom = column * cell_w + dx, (row + 1) * cell_h + dy
        x, y = int(np.floor(left * zoom)), int(np.floor((bottom - h) * zoom))
        size = (max(1, int(np.ceil((left + w) * zoom)) - x), max(1, int(np.ceil(bottom * zoom)) - y))
        image, area = self._source(ts, plain)
        key = ("tile", None if image is None else image.number, area, gid & FLAGS, size)
        return self.studio.sheets.get(key, lambda: self._draw_tile(image, area, gid & FLAGS, size)), (x, y)

    def _source(self, ts: TileSet | None, gid: int) -> tuple[Any, tuple[int, int, int, int] | None]:
        """Return the image a tile is in, and where there; no place for the whole image."""
        if ts is None:
            return None, None
        local = gid - ts.first
        if local in ts.images:
            return self.studio.image(ts.images[local], self.assets), None
        if not ts.image:
            return None, None
        image = self.studio.image(ts.image, self.assets)
        row, column = divmod(local, ts.columns)
        x = ts.margin + column * (ts.tile_w + ts.spacing)
        y = ts.margin + row * (ts.tile_h + ts.spacing)
        area = pygame.Rect(x, y, ts.tile_w, ts.tile_h)
        return image, (x, y, ts.tile_w, ts.tile_h) if image.surface.get_rect().contains(area) else None

    def _draw_tile(self, image: Any, area: Any, flags: int, size: tuple[int, int]) -> pygame.Surface:
        if image is None:
            surface = placeholder("?")
        else:
            surface = image.surface if area is None else image.surface.subsurface(area)
        if flags & DIAGONAL:
            surface = pygame.transform.flip(pygame.transform.rotate(surface, 90), False, True)
        if flags & (FLIP_X | FLIP_Y):
            surface = pygame.transform.flip(surface, bool(flags & FLIP_X), bool(flags & FLIP_Y))
        if surface.get_size() != size:
            resize = pygame.transform.smoothscale if self.frame.smooth else pygame.transform.scale
            surface = resize(surface, size)
        return surface

    # ------------------------------------------------------------------ animated tiles

    def _moving(self, gids: NDArray[np.uint32]) -> NDArray[np.bool_] | None:
        """Return a mask by gid of the animated tiles, or None where there are none."""
        if not self.art.animations:
            return None
        mask = np.zeros(max(int((gids & PLAIN).max(initial=0)), *self.art.animations) + 1, np.bool_)
        mask[list(self.art.animations)] = True
        return mask

    def _now(self, gid: int) -> int:
        """Return which tile an animated one shows now."""
        steps = self.art.animations[gid]
        rest = self.milliseconds % sum(duration for _, duration in steps)
        for shown, duration in steps:
            rest -= duration
            if rest < 0:
                return shown
        return gid


def _range(first: float, last: float, size: float, tiles: int) -> range:
    """Return the pieces that reach into a stretch of the canvas."""
    low = int(np.floor(first / size)) if np.isfinite(first) else 0
    high = int(np.floor(last / size)) if np.isfinite(last) else -1
    return range(max(0, low), min(-(-tiles // SIDE), high + 1))


def _tinted(surface: pygame.Surface, tint: int) -> pygame.Surface:
    if tint != 0xFFFFFFFF:
        red, green, blue, alpha = (tint >> shift & 0xFF for shift in (24, 16, 8, 0))
        factors = (red * alpha // 255, green * alpha // 255, blue * alpha // 255, alpha)
        surface.fill(factors, special_flags=pygame.BLEND_RGBA_MULT)
    return surface
