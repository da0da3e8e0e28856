"""The row of cards: the chosen one large in the middle, its neighbours small and dim at both sides."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import Mut, Query, Time, Update, system
from modules.core.motion import Position
from modules.core.render import Box, Circle, Sprite, Text, fade, mix

from .cards import PICTURE
from .state import CARDS, HEIGHT, INK, MIDDLE, WARM, WIDTH, Caption, Gallery, Mark, Piece, Shown

ROW = 246.0
"""Height of the cards' middle on the canvas."""
FIRST_GAP, NEXT_GAP = 372.0, 236.0
SMALLER, SMALLEST = 0.68, 0.52
STEPS = 128
"""Scales are rounded to this many steps, so that few sizes of a picture are ever made."""
OVER = 1000
"""Layers that a card rises by as its game starts, above all else."""
HASTE = 11.0
"""How fast the row follows the choice: the distance falls to 1/e in 1/HASTE seconds."""


@system(Update)
def slide(gallery: Mut[Gallery], time: Time) -> None:
    """Move the row toward the chosen card, and the chosen card toward the person while its game starts."""
    dt = float(time.dt)
    gallery.at += (gallery.chosen - gallery.at) * (1 - math.exp(-HASTE * dt))
    if abs(gallery.chosen - gallery.at) < 0.002:
        gallery.at = float(gallery.chosen)
    wanted = 1.0 if gallery.starting else 0.0
    gallery.zoom += max(-dt / 0.3, min(dt / 0.3, wanted - gallery.zoom))


@system(Update)
def place(gallery: Gallery, pieces: Query[Piece, Mut[Position], Mut[Shown]]) -> None:
    """Put every piece where its card is."""
    for piece, pos, shown in pieces:
        x, y, scale, far = cards_at(gallery, piece.card)
        pos.x = x + piece.x * scale
        pos.y = y + piece.y * scale
        shown.scale = scale
        shown.share = piece.near + (piece.far - piece.near) * np.minimum(far, 1)
        shown.layer = CARDS + 100 - 10 * np.minimum(np.rint(far), 9) + piece.layer
        if gallery.zoom > 0:
            shown.layer += OVER * (far < 0.5)


def cards_at(gallery: Gallery, card: Any) -> tuple[Any, Any, Any, Any]:
    """Return x, y and scale of cards, and how far each is from the middle, in cards."""
    offset = card - gallery.at
    far = np.abs(offset)
    near = np.minimum(far, 1)
    beyond = np.maximum(far - 1, 0)
    x = MIDDLE + np.sign(offset) * (FIRST_GAP * ease(near) + NEXT_GAP * beyond)
    scale = 1 - (1 - SMALLER) * ease(near) - (SMALLER - SMALLEST) * np.minimum(beyond, 1)
    zoom = ease(gallery.zoom)
    first = np.maximum(1 - far, 0) * zoom
    scale = scale * (1 + first * (WIDTH / PICTURE[0] - 1))
    x = x + np.sign(offset) * near * zoom * MIDDLE
    return x, ROW + (HEIGHT / 2 - ROW) * first, np.rint(scale * STEPS) / STEPS, far


def ease(share: Any) -> Any:
    """Return a share in [0, 1] that starts and ends gently."""
    return share * share * (3 - 2 * share)


@system(Update)
def draw_boxes(boxes: Query[Piece, Shown, Mut[Box]]) -> None:
    """Size and colour the boxes of the cards."""
    for piece, shown, box in boxes:
        box.w, box.h = piece.w * shown.scale, piece.h * shown.scale
        box.color, box.layer = fade(piece.color, shown.share), shown.layer


@system(Update)
def draw_circles(circles: Query[Piece, Shown, Mut[Circle]]) -> None:
    """Size and colour the circles of the cards."""
    for piece, shown, circle in circles:
        circle.radius = piece.w * shown.scale
        circle.color, circle.layer = fade(piece.color, shown.share), shown.layer


@system(Update)
def draw_pictures(pictures: Query[Piece, Shown, Mut[Sprite]]) -> None:
    """Scale the pictures of the cards."""
    for piece, shown, sprite in pictures:
        sprite.scale, sprite.layer = piece.w * shown.scale, shown.layer


@system(Update)
def draw_letters(letters: Query[Piece, Shown, Mut[Text]]) -> None:
    """Size the letters on the cards."""
    for piece, shown, text in letters:
        text.size = np.rint(piece.w * shown.scale)
        text.color, text.layer = fade(piece.color, shown.share), shown.layer


@system(Update)
def write_captions(gallery: Gallery, captions: Query[Caption, Mut[Position], Mut[Text]]) -> None:
    """Fade the words of one card into those of the next."""
    for caption, pos, text in captions:
        offset = caption.card - gallery.at
        pos.x = MIDDLE + 150 * offset
        text.color = fade(caption.color, 1 - 2 * np.abs(offset) - 3 * gallery.zoom)


@system(Update)
def light_marks(gallery: Gallery, marks: Query[Mark, Mut[Circle]]) -> None:
    """Light up the dot of the chosen game."""
    for mark, circle in marks:
        near = np.maximum(1 - np.abs(mark.card - gallery.at), 0)
        circle.radius = 3 + 2 * near
        circle.color = mix(fade(INK, 0.3 - gallery.zoom), fade(WARM, 1 - gallery.zoom), near)
