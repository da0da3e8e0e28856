"""Views: the world drawn once more, into a rectangle of the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from engine import Query
from modules.core.motion import Position
from modules.core.render import View

from ._pygame import pygame
from .frame import VIEWS, Batch, Frame

Views = Query[Position, View]
Painter = Callable[[Frame], Iterable[Batch]]


def view_batches(views: Views, whole: Frame, seconds: float, paint: Painter) -> Iterator[Batch]:
    """Yield a batch for each view; `paint` returns what a frame shows."""
    for pos, view in views:
        middle = whole.now(pos)
        for row in np.flatnonzero(np.isfinite(middle).all(axis=0) & (view.w >= 1) & (view.h >= 1)).tolist():
            frame = Frame.through(view, row, whole, seconds)
            left, top = round(float(middle[0, row]) - frame.width / 2), round(float(middle[1, row]) - frame.height / 2)
            layers = (int(view.lowest[row]), int(view.highest[row]))
            yield Batch(int(view.layer[row]), VIEWS, _Window(frame, left, top, layers, int(view.color[row]), paint))


@dataclass(frozen=True)
class _Window:
    frame: Frame
    left: int
    top: int
    layers: tuple[int, int]
    color: int
    paint: Painter

    def __call__(self, target: pygame.Surface) -> None:
        """Draw the part of the view that lies on the canvas; one that lies beside it only in part is drawn apart."""
        frame = self.frame
        area = pygame.Rect(self.left, self.top, frame.width, frame.height)
        inside = target.get_rect().contains(area)
        surface = target.subsurface(area) if inside else pygame.Surface(area.size, 0, 32)
        surface.fill((self.color >> 24 & 0xFF, self.color >> 16 & 0xFF, self.color >> 8 & 0xFF))
        lowest, highest = self.layers
        for batch in self.paint(frame):
            if lowest <= batch.layer <= highest:
                batch.draw(surface)
        if not inside:
            target.blit(surface, area)
