"""Rings, boxes, gradients, lines and polygons: gathered from whole columns, drawn one by one with smooth edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import Maybe, Query
from modules.core.motion import Position, Rotation
from modules.core.render import Box, Circle, Fixed, Gradient, Line, Polygon

from ._pygame import pygame
from .frame import SHAPES, Batch, Frame
from .sheets import LARGEST, Sheets, stroke
from .sprites import filled

Circles = Query[Position, Circle, Maybe[Fixed]]
Boxes = Query[Position, Box, Maybe[Rotation], Maybe[Fixed]]
Lines = Query[Position, Line, Maybe[Rotation], Maybe[Fixed]]
Gradients = Query[Position, Gradient, Maybe[Fixed]]
Polygons = Query[Position, Polygon, Maybe[Rotation], Maybe[Fixed]]

Point = tuple[float, float]

MOST_PIXELS = 8192
"""Longest side of a gradient that is drawn."""


@dataclass(frozen=True)
class Ring:
    """A circle, filled where `width` is 0."""

    middle: Point
    radius: float
    width: float

    def paint(self, target: pygame.Surface, color: int, glow: bool, sheets: Sheets) -> None:
        """Draw it; a very large one with plain edges."""
        x, y = self.middle
        if self.radius > LARGEST / 2:
            width = max(1, round(self.width)) if self.width > 0 else 0
            pygame.draw.aacircle(target, _channels(color)[:3], (x, y), self.radius, width)
            return
        sheet = sheets.ring(self.radius, self.width, color)
        half = sheet.get_width() / 2
        target.blit(sheet, (round(x - half), round(y - half)), special_flags=_flags(glow))


@dataclass(frozen=True)
class Path:
    """Corners joined by lines, closed or not; filled where `width` is 0; `upright` for a box that is not turned."""

    corners: tuple[Point, ...]
    width: float
    closed: bool
    upright: bool = False

    def paint(self, target: pygame.Surface, color: int, glow: bool, sheets: Sheets) -> None:
        """Draw it; upright boxes are snapped to pixels, and a very large shape has plain edges."""
        if self.upright:
            _paint_box(target, self.corners, self.width, color, glow)
            return
        (left, right), (top, bottom) = ((min(side), max(side)) for side in zip(*self.corners, strict=True))
        if max(right - left, bottom - top) + self.width > LARGEST:
            self._paint_plainly(target, _channels(color))
        elif right > -self.width and bottom > -self.width:
            sheet, at = sheets.path(list(self.corners), self.width, self.closed, color)
            target.blit(sheet, at, special_flags=_flags(glow))

    def _paint_plainly(self, target: pygame.Surface, color: tuple[int, int, int, int]) -> None:
        corners = list(self.corners)
        if self.width > 1.5:
            stroke(target, color, corners, self.width, self.closed)
        elif self.width > 0:
            pygame.draw.aalines(target, color, self.closed, corners)
        elif len(corners) > 2:
            pygame.draw.polygon(target, color, corners)


@dataclass(frozen=True)
class Blend:
    """An upright box that goes over from one colour into another."""

    left: float
    top: float
    w: int
    h: int
    end: int
    across: bool

    def paint(self, target: pygame.Surface, color: int, glow: bool, sheets: Sheets) -> None:
        """Draw it on whole pixels."""
        sheet = sheets.gradient(self.w, self.h, color, self.end, self.across)
        target.blit(sheet, (round(self.left), round(self.top)), special_flags=_flags(glow))


Shape = Ring | Path | Blend
Found = dict[tuple[int, bool], list[tuple[Shape, int]]]


def shape_batches(
    circles: Circles,
    boxes: Boxes,
    gradients: Gradients,
    lines: Lines,
    polygons: Polygons,
    frame: Frame,
    sheets: Sheets,
) -> Iterator[Batch]:
    """Yield the shapes that are drawn one by one, by layer, each layer's in the order of their rows."""
    found: Found = {}
    _gradients(gradients, frame, found)
    _boxes(boxes, frame, found)
    _polygons(polygons, frame, found)
    _rings(circles, frame, found)
    _lines(lines, frame, found)
    for (layer, glow), shapes in sorted(found.items(), key=lambda item: item[0]):
        yield Batch(layer, SHAPES, _Paint(shapes, glow, sheets))


@dataclass(frozen=True)
class _Paint:
    shapes: list[tuple[Shape, int]]
    glow: bool
    sheets: Sheets

    def __call__(self, target: pygame.Surface) -> None:
        """Draw one shape after the other."""
        for shape, color in self.shapes:
            shape.paint(target, color, self.glow, self.sheets)


def _flags(glow: bool) -> int:
    return pygame.BLEND_RGB_ADD if glow else pygame.BLEND_PREMULTIPLIED


def _channels(color: int) -> tuple[int, int, int, int]:
    return color >> 24 & 0xFF, color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF


def _paint_box(target: pygame.Surface, corners: tuple[Point, ...], width: float, color: int, glow: bool) -> None:
    """Fill an upright box, or its four sides, on whole pixels."""
    (left, top), (right, bottom) = corners[0], corners[2]
    x, y = round(left), round(top)
    w, h = max(1, round(right) - x), max(1, round(bottom) - y)
    pen = min(round(width), w // 2, h // 2) if width > 0 else 0
    if pen <= 0 and width <= 0:
        areas = [(x, y, w, h)]
    else:
        pen = max(1, pen)
        inner = max(0, h - 2 * pen)
        areas = [(x, y, w, pen), (x, y + h - pen, w, pen), (x, y + pen, pen, inner), (x + w - pen, y + pen, pen, inner)]
    red, green, blue, alpha = _channels(color)
    light = (red * alpha // 255, green * alpha // 255, blue * alpha // 255)
    for area in areas:
        if glow:
            target.fill(light, area, special_flags=pygame.BLEND_RGB_ADD)
        elif alpha == 255:
            target.fill((red, green, blue), area)
        else:
            # Dimming what lies below and adding the colour is blending without a surface in between.
            target.fill((255 - alpha,) * 3, area, special_flags=pygame.BLEND_RGB_MULT)
            target.fill(light, area, special_flags=pygame.BLEND_RGB_ADD)


def _add(found: Found, seen: Any, what: Any, shape_of: Any, ink: Any = None) -> None:
    """Put the rows that can be seen with their layer and light; `ink` are other colours to show than the first."""
    ink = what.color if ink is None else ink
    for row in np.flatnonzero(seen & (ink & 0xFF != 0)).tolist():
        entry = (shape_of(row), int(what.color[row]))
        found.setdefault((int(what.layer[row]), bool(what.glow[row])), []).append(entry)


def _rings(circles: Circles, frame: Frame, found: Found) -> None:
    for pos, circle, fixed in circles:
        if not frame.shows(fixed):
            continue
        scale = frame.scale(fixed)
        at = frame.place(pos, fixed)
        radius, width = circle.radius * scale, circle.width * scale
        seen = frame.sees(at, radius) & ~filled(circle, radius * 2) & (radius > 0) & (radius < 2e4)
        x, y, r, w = at[0].tolist(), at[1].tolist(), radius.tolist(), width.tolist()
        _add(found, seen, circle, lambda i, x=x, y=y, r=r, w=w: Ring((x[i], y[i]), r[i], w[i]))


def _boxes(boxes: Boxes, frame: Frame, found: Found) -> None:
    for pos, box, rotation, fixed in boxes:
        scale = frame.scale(fixed)
        half_w, half_h = box.w * scale / 2, box.h * scale / 2
        xs = np.stack([-half_w, half_w, half_w, -half_w])
        ys = np.stack([-half_h, -half_h, half_h, half_h])
        upright = np.full(half_w.size, True) if rotation is None else rotation.angle == 0
        _paths(found, (pos, box, rotation, fixed), (xs, ys), frame, upright=upright, closed=True)


def _gradients(gradients: Gradients, frame: Frame, found: Found) -> None:
    for pos, gradient, fixed in gradients:
        if not frame.shows(fixed):
            continue
        scale, at = frame.scale(fixed), frame.place(pos, fixed)
        w, h = gradient.w * scale, gradient.h * scale
        seen = frame.sees(at, np.maximum(w, h) / 2) & (w >= 0.5) & (h >= 0.5) & (np.maximum(w, h) < MOST_PIXELS)

        def blend(i: int, at: Any = at, w: Any = w, h: Any = h, what: Any = gradient) -> Blend:
            left, top = float(at[0, i] - w[i] / 2), float(at[1, i] - h[i] / 2)
            size = max(1, round(float(w[i]))), max(1, round(float(h[i])))
            return Blend(left, top, *size, int(what.end[i]), bool(what.across[i]))

        _add(found, seen, gradient, blend, gradient.color | gradient.end)


def _lines(lines: Lines, frame: Frame, found: Found) -> None:
    for pos, line, rotation, fixed in lines:
        scale = frame.scale(fixed)
        nothing = np.zeros(line.dx.size, np.float32)
        ends = (np.stack([nothing, line.dx * scale]), np.stack([nothing, line.dy * scale]))
        _paths(found, (pos, line, rotation, fixed), ends, frame, least_width=1.0)


def _polygons(polygons: Polygons, frame: Frame, found: Found) -> None:
    for pos, polygon, rotation, fixed in polygons:
        scale = frame.scale(fixed)
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
    if not frame.shows(fixed):
        return
    at = frame.place(pos, fixed)
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
    width = np.maximum(what.width * frame.scale(fixed), least_width).tolist()
    if count is not None:
        seen &= count >= 2

    def path(i: int) -> Path:
        used = points[i] if count is None else points[i, : count[i]]
        return Path(tuple(map(tuple, used.tolist())), width[i], closed, upright is not None and bool(upright[i]))

    _add(found, seen, what, path)
