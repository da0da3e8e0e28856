"""Laying out the menu of this tick and putting it on the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine import Commands, Entity, Mut, PostUpdate, Query, With, component, system
from modules.core.motion import Position
from modules.core.render import Box, Canvas, Circle, Fixed, Sprite, Text, fade, mix, outline

from .menu import Item, Menu
from .theme import Theme

VEIL, PLATE, TRACK, KNOB, WORDS = range(5)
CORNER = np.linspace(0, np.pi / 2, 4)
"""Angles of the points that round a corner off; four corners of four are as many as a polygon has."""
SWITCH, TRACK_SHARE = (1.05, 0.52), 0.42
APPEARS = 0.18
"""Seconds in which a menu comes up."""
RISE, MARGIN = 14.0, 0.035
"""Pixels that it rises meanwhile; share of the canvas that it leaves free above and below."""
LETTER = 0.56
"""Width of a letter, as a share of the size, on the safe side."""
PAD, WIDEST = 16.0, 0.7
"""Pixels between the edge of a plate and its words; the share of the canvas that a menu is wide at most."""


@component
class Piece:
    """A part of the menu as it is drawn in one tick."""


@dataclass
class Sheet:
    """What is drawn: plates with round corners, discs, texts and pictures, each a list of rows."""

    theme: Theme
    shown: float
    plates: list[tuple[float, float, float, float, float, int, int]] = field(default_factory=list)
    discs: list[tuple[float, float, float, int, int]] = field(default_factory=list)
    texts: list[tuple[float, float, str, float, int, str, str]] = field(default_factory=list)
    pictures: list[tuple[float, float, str]] = field(default_factory=list)

    def plate(self, x: float, y: float, w: float, h: float, corner: float, color: int, layer: int) -> None:
        """Draw a box around (x, y) with round corners."""
        self.plates.append((x, y, w, h, min(corner, w / 2, h / 2), self._faded(color), self.theme.layer + layer))

    def disc(self, x: float, y: float, radius: float, color: int) -> None:
        """Draw a disc."""
        self.discs.append((x, y, radius, self._faded(color), self.theme.layer + KNOB))

    def text(self, x: float, y: float, words: str, size: float, color: int, align: str, *, title: bool = False) -> None:
        """Write a line."""
        font = self.theme.title_font if title else self.theme.font
        self.texts.append((x, y, words, size, self._faded(color), align, font))

    def _faded(self, color: int) -> int:
        return int(fade(color, self.shown))


@system(PostUpdate)
def show(menu: Mut[Menu], theme: Theme, canvas: Canvas, pieces: Query[Entity, With[Piece]], commands: Commands) -> None:
    """Draw the menu of this tick in place of the last one's."""
    if pieces:
        commands.despawn(pieces.entities())
    menu.places, menu.tracks = {}, {}
    if not menu.items and not menu.heading:
        return
    _keep_focus(menu)
    share = min(1.0, menu.seconds / APPEARS)
    sheet = Sheet(theme, share)
    lay_out(menu, fitting(menu, theme, canvas), canvas, sheet, (1 - share) * RISE)
    if menu.hidden:
        return
    if menu.veiled:
        middle = Position(x=canvas.width / 2, y=canvas.height / 2)
        veil = Box(w=canvas.width, h=canvas.height, color=fade(theme.veil, share), layer=theme.layer)
        commands.spawn(middle, veil, Fixed(), Piece(), count=2 if menu.pages else 1)
    _spawn(commands, sheet)


def fitting(menu: Menu, theme: Theme, canvas: Canvas) -> Theme:
    """Return the theme for this menu: wider where a row has much to say, and smaller where the canvas is too low."""
    whole = theme.title_size * 1.35 + theme.gap + sum(_height(item, theme) for item in menu.items)
    share = min(1.0, canvas.height * (1 - 2 * MARGIN) / whole)
    fitted = Theme()
    vars(fitted).update(vars(theme))
    for name in ("row", "gap", "size", "title_size"):
        setattr(fitted, name, getattr(theme, name) * share)
    wanted = max((_width(item, fitted) for item in menu.items), default=0.0)
    fitted.width = max(theme.width, min(wanted, WIDEST * canvas.width))
    if menu.pages:
        fitted.x = fitted.y = 0.5
    return fitted


def lay_out(menu: Menu, theme: Theme, canvas: Canvas, sheet: Sheet, lower: float) -> None:
    """Place heading and rows below each other around the point of the theme, and note where the widgets lie."""
    heading = theme.title_size * 1.35 + theme.gap if menu.heading else 0.0
    heights = [_height(item, theme) for item in menu.items]
    whole = heading + sum(heights)
    top = min(canvas.height * theme.y - whole / 2, canvas.height * (1 - MARGIN) - whole)
    x, y = canvas.width * theme.x, max(top, canvas.height * MARGIN) + lower
    if menu.heading:
        at = y + theme.title_size * 0.6
        sheet.text(x + 2, at + 3, menu.heading, theme.title_size, theme.dark, "center", title=True)
        sheet.text(x, at, menu.heading, theme.title_size, theme.ink, "center", title=True)
        y += heading
    for item, height in zip(menu.items, heights, strict=True):
        middle = y + height / 2
        if item.key:
            half = theme.width / 2
            menu.places[item.key] = [x - half, y, x + half, y + height]
            _draw_widget(menu, item, theme, sheet, x, middle)
        elif item.kind == "label":
            sheet.text(x, middle, item.text, theme.size * item.size, theme.ink, "center")
        elif item.kind == "picture":
            sheet.pictures.append((x, middle, item.text))
        elif item.kind == "table":
            _draw_cells(item, theme, sheet, x, middle)
        y += height


def _width(item: Item, theme: Theme) -> float:
    """Return how wide a row has to be for its text and its value."""
    return 2.6 * PAD + LETTER * theme.size * (len(item.text) + len(item.value)) if item.value else 0.0


def _height(item: Item, theme: Theme) -> float:
    if item.kind == "picture":
        return item.size + theme.gap
    if item.kind == "label":
        return theme.size * item.size * 1.5
    if item.kind == "table":
        return theme.size * 1.45
    return theme.row * item.size if item.kind == "space" else theme.row + theme.gap


def _draw_widget(menu: Menu, item: Item, theme: Theme, sheet: Sheet, x: float, y: float) -> None:
    """Draw plate, text and what a widget has to the right of it."""
    focus = menu.has_focus(item.key)
    pulse = 0.06 * np.sin(menu.seconds * 5)
    plate = int(mix(theme.accent, theme.ink, 0.08 + pulse)) if focus else theme.plate
    ink = theme.dark if focus else theme.ink
    half = theme.width / 2
    sheet.plate(x, y, theme.width, theme.row, theme.row / 4, plate, PLATE)
    if item.kind == "button" and not item.value:
        sheet.text(x, y, item.text, theme.size, ink, "center")
        return
    sheet.text(x - half + PAD, y, item.text, theme.size, ink, "left")
    right = x + half - PAD
    if item.kind == "slider":
        _draw_slider(menu, item, theme, sheet, (right, y), ink)
    elif item.kind == "toggle":
        _draw_switch(item, theme, sheet, (right, y), focus)
    else:
        words = {"choice": f"\u2039  {item.value}  \u203a", "entry": item.value + ("_" if focus else "")}
        color = ink if focus or item.kind == "entry" else theme.muted
        value = words.get(item.kind, item.value)
        room = theme.width - 2.6 * PAD - LETTER * theme.size * len(item.text)
        size = min(theme.size, room / (LETTER * max(1, len(value))))
        sheet.text(right, y, value, max(size, theme.size / 2), color, "right")


def _draw_slider(menu: Menu, item: Item, theme: Theme, sheet: Sheet, at: tuple[float, float], ink: int) -> None:
    right, y = at
    length = theme.width * TRACK_SHARE
    left = right - length
    menu.tracks[item.key] = [left, right]
    done = max(1.0, length * item.share)
    full = theme.dark if menu.has_focus(item.key) else theme.accent
    sheet.plate((left + right) / 2, y, length, 5.0, 2.5, int(fade(ink, 0.25)), TRACK)
    sheet.plate(left + done / 2, y, done, 5.0, 2.5, full, TRACK)
    sheet.disc(left + length * item.share, y, theme.row / 5, ink)


def _draw_switch(item: Item, theme: Theme, sheet: Sheet, at: tuple[float, float], focus: bool) -> None:
    right, y = at
    w, h = (side * theme.row for side in SWITCH)
    on = theme.dark if focus else theme.accent
    off = int(fade(theme.dark if focus else theme.ink, 0.25))
    sheet.plate(right - w / 2, y, w, h, h / 2, on if item.share else off, TRACK)
    sheet.disc(right - (h / 2 if item.share else w - h / 2), y, h / 2 - 3, theme.ink)


def _draw_cells(item: Item, theme: Theme, sheet: Sheet, x: float, y: float) -> None:
    half, count = theme.width / 2, len(item.cells)
    for number, cell in enumerate(item.cells):
        align = "left" if number == 0 else "right"
        at = x - half if number == 0 else x - half + theme.width * number / max(1, count - 1)
        sheet.text(at, y, cell, theme.size, theme.ink if number else theme.muted, align)


def _keep_focus(menu: Menu) -> None:
    """Give the focus to the first widget where that which had it is gone."""
    keys = menu.keys()
    if keys and menu.focus.get(menu.heading) not in keys:
        menu.focus = {**menu.focus, menu.heading: keys[0]}


def _spawn(commands: Commands, sheet: Sheet) -> None:
    """Spawn what is on a sheet, each kind at once."""
    if sheet.plates:
        x, y, w, h, corner, color, layer = _columns(sheet.plates)
        shape = outline(round_boxes(w, h, corner), color=color.astype(np.uint32), layer=layer.astype(np.int32))
        commands.spawn(Position(x=x, y=y), shape, Fixed(), Piece())
    for x, y, image in sheet.pictures:
        commands.spawn(Position(x=x, y=y), Sprite(image, layer=sheet.theme.layer + WORDS), Fixed(), Piece())
    if sheet.discs:
        x, y, radius, color, layer = _columns(sheet.discs)
        disc = Circle(radius, color.astype(np.uint32), layer.astype(np.int32))
        commands.spawn(Position(x=x, y=y), disc, Fixed(), Piece())
    if sheet.texts:
        x, y, words, size, color, align, font = (list(column) for column in zip(*sheet.texts, strict=True))
        layer = sheet.theme.layer + WORDS
        text = Text(np.array(words), np.array(size), np.array(color, np.uint32), layer, np.array(align), np.array(font))
        commands.spawn(Position(x=np.array(x), y=np.array(y)), text, Fixed(), Piece(), count=len(words))


def _columns(rows: list[Any]) -> list[Any]:
    return [np.array(column, np.float64) for column in zip(*rows, strict=True)]


def round_boxes(w: Any, h: Any, corner: Any) -> Any:
    """Return the (n, 16, 2) points of boxes with round corners; widths, heights and radii are columns."""
    points = []
    for right, down, turn in ((1, 1, 0), (-1, 1, 1), (-1, -1, 2), (1, -1, 3)):
        angle = CORNER + turn * np.pi / 2
        x = right * (w / 2 - corner)[:, None] + corner[:, None] * np.cos(angle)
        y = down * (h / 2 - corner)[:, None] + corner[:, None] * np.sin(angle)
        points.append(np.stack([x, y], axis=-1))
    return np.concatenate(points, axis=1)
