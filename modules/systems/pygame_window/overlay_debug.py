"""The debug overlay: sections of labels and values, in columns down the left side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._pygame import pygame
from .lettering import Color, cut, printable
from .panels import DIM, INFO, TEXT, Page, panel


@dataclass(frozen=True)
class _Row:
    left: str
    right: str = ""
    heading: bool = False


def draw_debug(page: Page, debug: Mapping[str, Any]) -> None:
    """Draw the debug panel; rows that find no room are counted at its end."""
    size, line = page.px(13), page.px(18)
    pad, gap = page.px(14), page.px(24)
    rows = _rows(debug)
    most_lines = max(4, (page.height - 2 * page.px(14) - 2 * pad) // line)
    columns = _columns(rows, most_lines)
    letters = page.lettering
    advance = letters.advance(size)
    room = letters.fits(page.width - 2 * page.px(14) - 2 * pad, size)
    widths: list[int] = []
    for column in columns:
        width = min(_width(column), room - sum(widths) - 3 * len(widths))
        if width < 16:
            break
        widths.append(width)
    columns = columns[: len(widths)]
    lines = max((len(column) for column in columns), default=0)
    size_of_card = (round(sum(widths) * advance) + gap * (len(widths) - 1) + 2 * pad, lines * line + 2 * pad)
    card = panel(size_of_card, page.px(10), alpha=222)
    x = float(pad)
    for column, width in zip(columns, widths, strict=True):
        _draw_column(page, card, column, x, width, size, line)
        x += width * advance + gap
    page.target.blit(card, (page.px(14), page.px(14)))


def _rows(debug: Mapping[str, Any]) -> list[_Row]:
    sections = [{"title": debug.get("title") or "", "rows": debug.get("rows") or ()}, *(debug.get("sections") or ())]
    rows: list[_Row] = []
    for section in sections:
        title, entries = str(section.get("title") or ""), section.get("rows") or ()
        if not title and not entries:
            continue
        if rows:
            rows.append(_Row(""))
        if title:
            rows.append(_Row(printable(title), "" if rows else "F1 closes this", heading=True))
        rows += [_Row(printable(str(entry[0])), printable(str(entry[1]))) for entry in entries]
    return rows


def _columns(rows: list[_Row], most: int) -> list[list[_Row]]:
    """Part rows into columns, a section staying whole where it fits into one."""
    columns: list[list[_Row]] = [[]]
    for section in _sections(rows):
        if columns[-1] and len(columns[-1]) + len(section) + 1 > most and len(section) <= most:
            columns.append([])
        if columns[-1]:
            columns[-1].append(_Row(""))
        for row in section:
            if len(columns[-1]) >= most:
                columns.append([])
            columns[-1].append(row)
    return columns


def _sections(rows: list[_Row]) -> list[list[_Row]]:
    found: list[list[_Row]] = [[]]
    for row in rows:
        if not row.left and not row.right:
            found.append([])
        else:
            found[-1].append(row)
    return [section for section in found if section]


def _width(column: list[_Row]) -> int:
    """Return the width of a column in characters."""
    left = max((len(row.left) for row in column), default=0)
    right = max((len(row.right) for row in column), default=0)
    return max(24, min(left, 44) + 2 + min(right, 30))


def _draw_column(
    page: Page, card: pygame.Surface, column: list[_Row], x: float, width: int, size: int, line: int
) -> None:
    letters = page.lettering
    advance = letters.advance(size)
    y = float(page.px(14))
    for row in column:
        right = cut(row.right, max(1, width - 8))
        left = cut(row.left, width - len(right) - 1 if right else width)
        color: Color = INFO if row.heading else DIM
        if row.heading:
            left = left.upper() if left.islower() else left
            under = y + line - page.px(2)
            pygame.draw.line(card, (44, 54, 72), (x, under), (x + width * advance, under))
        letters.draw(card, left, (x, y), size, color)
        if right:
            letters.draw(card, right, (x + (width - len(right)) * advance, y), size, DIM if row.heading else TEXT)
        y += line
