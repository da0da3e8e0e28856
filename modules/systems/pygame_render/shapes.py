"""Rings, boxes, lines and polygons: gathered from whole columns, drawn one by one with smooth edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import Maybe, Query
from modules.core.motion import Position, Rotation
from modules.core.render import Box, Circle, Fixed, Line, Polygon

from ._pygame import pygame
from .frame import SHAPES, Batch, Frame
from .images import empty
from .sprites import filled

Circles = Query[Position, Circle, Maybe[Fixed]]
Boxes = Query[Position, Box, Maybe[Rotation], Maybe[Fixed]]
Lines = Query[Position, Line, Maybe[Rotation], Maybe[Fixed]]
Polygons = Query[Position, Polygon, Maybe[Rotation], Maybe[Fixed]]

Point = tuple[float, float]
Color = tuple[int, int, int, int]


@dataclass(frozen=True)
class Ring:
    """A circle, filled where `width` is 0."""

    middle: Point
    radius: float
    width: float

    def paint(self, target: pygame.Surface, color: Color, at: Point) -> None:
        """Draw it, with `at` as the target's origin."""
        middle = (self.middle[0] - at[0], self.middle[1] - at[1])
        inner = max(1, round(self.width)) if self.width > 0 else 0
        pygame.draw.aacircle(target, color, middle, max(1.0, self.radius), inner)

    def area(self) -> pygame.Rect:
        """Return the pixels it may touch."""
        reach = self.radius + 2
        return pygame.Rect(self.middle[0] - reach, self.middle[1] - reach, 2 * reach + 1, 2 * reach + 1)


@dataclass(frozen=True)
class Path:
    """Corners joined by lines, closed or not; filled where `width` is 0."""

    corners: tuple[Point, ...]
    width: float
    closed: bool
    upright: bool = False

    def paint(self, target: pygame.Surface, color: Color, at: Point) -> None:
        """Draw it, with `at` as the target's origin."""
        corners = [(x - at[0], y - at[1]) for x, y in self.corners]
        if self.width > 0:
            _stroke(target, color, corners, self.width, self.closed)
        elif self.upright:
            (left, top), (right, bottom) = corners[0], corners[2]
            x, y = round(left), round(top)
            target.fill(color, (x, y, max(1, round(right) - x), max(1, round(bottom) - y)))
        else:
            _fill(target, color, corners)

    def area(self) -> pygame.Rect:
        """Return the pixels it may touch."""
        xs, ys = zip(*self.corners, strict=True)
        reach = self.width + 2
        left, top = min(xs) - reach, min(ys) - reach
        return pygame.Rect(left, top, max(xs) + reach - left + 1, max(ys) + reach - top + 1)


Shape = Ring | Path
Found = dict[tuple[int, bool], list[tuple[Shape, int]]]


def shape_batches(circles: Circles, boxes: Boxes, lines: Lines, polygons: Polygons, frame: Frame) -> Iterator[Batch]:
    """Yield the shapes that are drawn one by one, by layer, each layer's in the order of their rows."""
    found: Found = {}
    _boxes(boxes, frame, found)
    _polygons(polygons, frame, found)
    _rings(circles, frame, found)
    _lines(lines, frame, found)
    for (layer, glow), shapes in sorted(found.items(), key=lambda item: item[0]):
        yield Batch(layer, SHAPES, _Paint(shapes, glow))


class _Paint:
    def __init__(self, shapes: list[tuple[Shape, int]], glow: bool) -> None:
        self.shapes, self.glow = shapes, glow

    def __call__(self, target: pygame.Surface) -> None:
        """Draw opaque shapes directly, the others on a sheet of their own that is laid over the canvas."""
        for shape, number in self.shapes:
            color = (number >> 24 & 0xFF, number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)
            if color[3] == 255 and not self.glow:
                shape.paint(target, color, (0, 0))
                continue
            area = shape.area().clip(target.get_rect())
            if area.width <= 0 or area.height <= 0:
                continue
            sheet = empty(area.size)
            shape.paint(sheet, (*color[:3], 255), area.topleft)
            sheet = sheet.premul_alpha()
            sheet.fill((color[3],) * 4, special_flags=pygame.BLEND_RGBA_MULT)
            target.blit(sheet, area, special_flags=pygame.BLEND_RGB_ADD if self.glow else pygame.BLEND_PREMULTIPLIED)


def _add(found: Found, seen: Any, what: Any, shape_of: Any) -> None:
    """Put the rows that can be seen with their layer and light."""
    for row in np.flatnonzero(seen & (what.color & 0xFF != 0)).tolist():
        entry = (shape_of(row), int(what.color[row]))
        found.setdefault((int(what.layer[row]), bool(what.glow[row])), []).append(entry)


def _rings(circles: Circles, frame: Frame, found: Found) -> None:
    for pos, circle, fixed in circles:
        scale = frame.scale(fixed is not None)
        at = frame.place(pos, fixed is not None)
        radius, width = circle.radius * scale, circle.width * scale
        seen = frame.sees(at, radius) & ~filled(circle, radius * 2) & (radius > 0) & (radius < 2e4)
        x, y, r, w = at[0].tolist(), at[1].tolist(), radius.tolist(), width.tolist()
        _add(found, seen, circle, lambda i, x=x, y=y, r=r, w=w: Ring((x[i], y[i]), r[i], w[i]))


def _boxes(boxes: Boxes, frame: Frame, found: Found) -> None:
    for pos, box, rotation, fixed in boxes:
        scale = frame.scale(fixed is not None)
        half_w, half_h = box.w * scale / 2, box.h * scale / 2
        xs = np.stack([-half_w, half_w, half_w, -half_w])
        ys = np.stack([-half_h, -half_h, half_h, half_h])
        upright = np.full(half_w.size, True) if rotation is None else rotation.angle == 0
        _paths(found, (pos, box, rotation, fixed), (xs, ys), frame, upright=upright, closed=True)


def _lines(lines: Lines, frame: Frame, found: Found) -> None:
    for pos, line, rotation, fixed in lines:
        scale = frame.scale(fixed is not None)
        nothing = np.zeros(line.dx.size, np.float32)
        ends = (np.stack([nothing, line.dx * scale]), np.stack([nothing, line.dy * scale]))
        _paths(found, (pos, line, rotation, fixed), ends, frame, least_width=1.0)


def _polygons(polygons: Polygons, frame: Frame, found: Found) -> None:
    for pos, polygon, rotation, fixed in polygons:
        scale = frame.scale(fixed is not None)
        row = (pos, polygon, rotation, fixed)
        corners = polygon.corners.astype(np.intp)
        _paths(found, row, (polygon.xs * scale, polygon.ys * scale), frame, count=corners, closed=True)


def _paths(
    found: Found,
    row: tuple[Any, Any, Any, Any],
    corners: tuple[Any, Any],
    frame: Frame,
    *,
    count: Any = None,
    upright: Any = None,
    closed: bool = False,
    least_width: float = 0.0,
) -> None:
    """Turn and place (k, n) corners and add what can be seen of them."""
    pos, what, rotation, fixed = row
    at = frame.place(pos, fixed is not None)
    xs, ys = corners
    seen = frame.sees(at, np.hypot(xs, ys).max(axis=0) + 4)
    if not seen.any():
        return
    if rotation is not None:
        angle = frame.angle(rotation, at.shape[1])
        cos, sin = np.cos(angle), np.sin(angle)
        xs, ys = xs * cos - ys * sin, xs * sin + ys * cos
    points = np.stack([xs + at[0], ys + at[1]], axis=-1).transpose(1, 0, 2)
    seen &= (np.abs(points) < 3e4).all(axis=(1, 2))
    width = np.maximum(what.width * frame.scale(fixed is not None), least_width).tolist()
    if count is not None:
        seen &= count >= 2

    def path(i: int) -> Path:
        used = points[i] if count is None else points[i, : count[i]]
        return Path(tuple(map(tuple, used.tolist())), width[i], closed, upright is not None and bool(upright[i]))

    _add(found, seen, what, path)


def _fill(target: pygame.Surface, color: Color, corners: list[Point]) -> None:
    if len(corners) > 2:
        pygame.draw.polygon(target, color, corners)
    pygame.draw.aalines(target, color, len(corners) > 2, corners)


def _stroke(target: pygame.Surface, color: Color, corners: list[Point], width: float, closed: bool) -> None:
    """Draw lines of any width with smooth edges and round joints."""
    closed = closed and len(corners) > 2
    if width <= 1.5:
        pygame.draw.aalines(target, color, closed, corners)
        return
    half = width / 2
    ends = [*corners[1:], corners[0]] if closed else corners[1:]
    for (x, y), (u, v) in zip(corners, ends, strict=False):
        length = max(1e-6, float(np.hypot(u - x, v - y)))
        dx, dy = (v - y) / length * half, (x - u) / length * half
        _fill(target, color, [(x + dx, y + dy), (u + dx, v + dy), (u - dx, v - dy), (x - dx, y - dy)])
    if width > 2.5 and len(corners) > 2:
        for corner in corners if closed else corners[1:-1]:
            pygame.draw.aacircle(target, color, corner, half)
