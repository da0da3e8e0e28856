"""Text: fonts and rendered lines, kept while they are in use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import Maybe, Query
from modules.core.assets import Assets
from modules.core.motion import Position
from modules.core.render import Fixed, Text

from ._pygame import pygame
from .frame import TEXTS, Batch, Frame, Pieces
from .images import FONT_FILE, empty

Texts = Query[Position, Text, Maybe[Fixed]]

MOST_KEPT = 400
LARGEST_SIZE = 400
MOST_EDGE = 16.0
ANCHORS = {"left": 0.0, "center": 0.5, "right": 1.0}


class Letters:
    """Render text in any font, size and colour, and keep what was used lately."""

    def __init__(self) -> None:
        self.fonts: dict[tuple[Any, int, int], pygame.font.Font] = {}
        self.pieces: dict[tuple[Any, ...], pygame.Surface] = {}
        self.former: dict[tuple[Any, ...], pygame.Surface] = {}

    def font(self, name: str, size: int, assets: Assets) -> pygame.font.Font:
        """Return a font asset in a size; the engine's own for an empty name and for one that is missing."""
        path = assets.path(name) if name else FONT_FILE
        key = (path, assets.version(name) if name else 0, size)
        if key not in self.fonts:
            pygame.font.init()
            if path is None:
                assets.complain(name, f"font {name!r} is missing; text is drawn in the engine's own until it is there")
            try:
                self.fonts[key] = _checked(pygame.font.Font(path or FONT_FILE, size))
            except (pygame.error, OSError) as error:
                assets.complain(name, f"font {path} cannot be read: {error}; text is drawn in the engine's own")
                self.fonts[key] = pygame.font.Font(FONT_FILE, size)
        return self.fonts[key]

    def render(
        self,
        text: str,
        font: str,
        size: int,
        color: int,
        align: str,
        smooth: bool,
        assets: Assets,
        edge: tuple[float, int] = (0.0, 0),
    ) -> pygame.Surface:
        """Return text as a surface with premultiplied alpha; `edge` is the width and the colour of its outline.

        Small smooth text is drawn larger and shrunk, which spaces its letters more evenly than whole pixels can.
        """
        key = (text, font, assets.version(font) if font else 0, size, color, align, smooth, edge)
        piece = self.pieces.get(key) or self.former.get(key)
        if piece is None:
            times = (4 if size <= 16 else 2 if size <= 40 else 1) if smooth else 1
            face = self.font(font, size * times, assets)
            if edge[0] > 0:
                letters, around = _lines(text, face, color | 0xFF, align), _lines(text, face, edge[1], align)
                piece = _faded(_outlined(letters, around, edge[0] * times), color & 0xFF)
            else:
                piece = _lines(text, face, color, align)
            if times > 1:
                shrunk = (max(1, piece.get_width() // times), max(1, piece.get_height() // times))
                piece = pygame.transform.smoothscale(piece, shrunk)
        if key not in self.pieces:
            if len(self.pieces) >= MOST_KEPT:
                self.former, self.pieces = self.pieces, {}
            self.pieces[key] = piece
        return piece


def _checked(font: pygame.font.Font) -> pygame.font.Font:
    """Return a font that can render; one made of a broken file only says so when it is used."""
    font.render("x", True, (0, 0, 0))
    return font


def _lines(text: str, font: pygame.font.Font, color: int, align: str) -> pygame.Surface:
    shade = (color >> 24 & 0xFF, color >> 16 & 0xFF, color >> 8 & 0xFF)
    clean = text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8").expandtabs(4)
    rows = [font.render(line, True, shade) for line in clean.split("\n")]
    width, spacing = max(row.get_width() for row in rows), font.get_linesize()
    whole = empty((max(1, width), spacing * (len(rows) - 1) + rows[-1].get_height()))
    for index, row in enumerate(rows):
        whole.blit(row, ((width - row.get_width()) * ANCHORS.get(align, 0.0), index * spacing))
    return _faded(whole.premul_alpha(), color & 0xFF)


def _faded(piece: pygame.Surface, alpha: int) -> pygame.Surface:
    if alpha < 255:
        piece.fill((alpha, alpha, alpha, alpha), special_flags=pygame.BLEND_RGBA_MULT)
    return piece


def _outlined(piece: pygame.Surface, under: pygame.Surface, width: float) -> pygame.Surface:
    """Return a text on top of copies of itself in another colour, all around it."""
    reach = int(np.ceil(width))
    whole = empty((piece.get_width() + 2 * reach, piece.get_height() + 2 * reach))
    steps = max(8, int(np.ceil(2 * np.pi * width)))
    for angle in np.linspace(0, 2 * np.pi, steps, endpoint=False).tolist():
        at = (round(reach + width * np.cos(angle)), round(reach + width * np.sin(angle)))
        whole.blit(under, at, special_flags=pygame.BLEND_PREMULTIPLIED)
    whole.blit(piece, (reach, reach), special_flags=pygame.BLEND_PREMULTIPLIED)
    return whole


def text_batches(texts: Texts, frame: Frame, letters: Letters, assets: Assets) -> Iterator[Batch]:
    """Yield the texts by layer, each layer's in the order of their rows."""
    found: dict[tuple[int, bool], list[tuple[pygame.Surface, tuple[float, float]]]] = {}
    for pos, text, fixed in texts:
        if not frame.shows(fixed):
            continue
        scale = frame.scale(fixed)
        at = frame.place(pos, fixed) + np.stack([text.dx, text.dy]) * scale
        size = np.rint(text.size * scale)
        seen = (text.color & 0xFF != 0) & (size >= 1) & np.isfinite(at).all(axis=0) & (np.abs(at) < 1e5).all(axis=0)
        for row in np.flatnonzero(seen).tolist():
            align = str(text.align[row])
            color = int(text.color[row]) | 7  # fading text comes in 32 steps
            pixels = min(LARGEST_SIZE, int(size[row]))
            edge = min(MOST_EDGE, round(float(text.edge[row] * scale), 1))
            outline = (edge, int(text.edge_color[row])) if edge > 0 else (0.0, 0)
            font = str(text.font[row])
            piece = letters.render(str(text.text[row]), font, pixels, color, align, frame.smooth, assets, outline)
            # The outline stands out on both sides of where the letters begin and end.
            anchor = ANCHORS.get(align, 0.0)
            out = float(np.ceil(outline[0]))
            x = float(at[0, row]) - (piece.get_width() - 2 * out) * anchor - out
            y = float(at[1, row]) - piece.get_height() / 2
            if x < frame.width and y < frame.height and x > -piece.get_width() and y > -piece.get_height():
                where = (round(x), round(y))
                found.setdefault((int(text.layer[row]), bool(text.glow[row])), []).append((piece, where))
    for (layer, glow), pieces in sorted(found.items(), key=lambda item: item[0]):
        yield Batch(layer, TEXTS, Pieces(pieces, glow))
