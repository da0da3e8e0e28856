"""The error overlay: what is wrong, where, and what state the game is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._pygame import pygame
from .lettering import cut, cut_front, printable, wrap
from .panels import BAD, DIM, INFO, OK, SUNKEN, TEXT, Page, accent_bar, panel, sign

Error = Mapping[str, Any]
WRONG_LINE = (66, 26, 32)
MOST_LINES = 1000
"""Lines of a message that are looked at: more than any window has room for."""


def error_text(error: Error) -> str:
    """Return an error as text to copy."""
    lines = [str(error.get("title", "")), _place(error)]
    for number, text in error.get("source") or ():
        mark = ">" if number == error.get("line") else " "
        lines.append(f"{mark} {number:>5} | {text}")
    lines += [str(error.get("message", "")), str(error.get("state", ""))]
    if error.get("more"):
        lines.append(_more(error["more"]))
    return "\n".join(line for line in lines if line.strip()) + "\n"


def draw_error(page: Page, error: Error, top: int = 0, bottom: int = 0) -> int:
    """Draw the panel of an error in the middle, the game dimmed behind it, and return where the panel ends.

    `top` and `bottom` are the pixels of the page that belong to others. The panel is kept while it says the same.
    """
    page.target.fill((104, 107, 114), special_flags=pygame.BLEND_MULT)
    room = page.height - top - bottom
    key = (error_text(error), page.target.get_size(), room)
    if page.lettering.card[0] != key:
        page.lettering.card = (key, _card(page, error, room))
    card = page.lettering.card[1]
    x, y = (page.width - card.get_width()) // 2, top + max(page.px(12), (room - card.get_height()) // 2)
    page.target.blit(card, (x, y))
    return int(y + card.get_height())


def _card(page: Page, error: Error, room: int) -> pygame.Surface:
    width = min(page.width - 2 * page.px(28), page.px(1000))
    parts = _Parts(page, error, width, room)
    height = parts.height()
    card = panel((width, height), page.px(12), alpha=245)
    accent_bar(card, BAD, (width, page.px(4)), page.px(12))
    parts.draw(card)
    return card


def _place(error: Error) -> str:
    file, line = str(error.get("file") or ""), error.get("line")
    return f"{file}:{line}" if file and line else file


def _more(count: int) -> str:
    return f"and {count} more {'problem' if count == 1 else 'problems'}"


class _Parts:
    """The pieces of an error panel, cut to what there is room for; `hidden` lines of the message are left out."""

    def __init__(self, page: Page, error: Error, width: int, room: int) -> None:
        self.page, self.error, self.width, self.room = page, error, width, room
        letters = page.lettering
        self.pad = page.px(22)
        self.big, self.size, self.small = page.px(19), page.px(15), page.px(13)
        self.line = page.px(22)
        inner = width - 2 * self.pad
        self.title = wrap(
            str(error.get("title") or "Something is wrong"), letters.fits(inner - page.px(36), self.big), 2
        )
        self.place = cut_front(printable(_place(error)), letters.fits(inner, self.size))
        self.message = wrap(str(error.get("message") or ""), letters.fits(inner, self.size), MOST_LINES)
        self.hidden = 0
        self.state = wrap(str(error.get("state") or ""), letters.fits(inner - page.px(20), self.size), 2)
        self.source = [(number, str(text)) for number, text in error.get("source") or ()]
        self.shrink()

    def shrink(self) -> None:
        """Leave out source lines far from the wrong one, then the end of the message, until all fits."""
        most = self.room - 2 * self.page.px(14)
        wrong = self.error.get("line")
        while self.height() > most and len(self.source) > 3:
            above = sum(number < wrong for number, _ in self.source) if wrong is not None else 0
            self.source.pop(0 if above > (len(self.source) - 1) / 2 else -1)
        while self.height() > most and len(self.message) > 2:
            self.hidden += 1
            self.message.pop()

    def height(self) -> int:
        """Return the height of the panel in pixels."""
        page = self.page
        total = self.pad + page.px(4) + page.px(27) * len(self.title)
        if self.place:
            total += self.line + page.px(2)
        if self.source:
            total += self.line * len(self.source) + page.px(32)
        if self.message:
            total += self.line * (len(self.message) + (self.hidden > 0)) + page.px(8)
        if self.state:
            total += self.line * len(self.state) + page.px(8)
        return total + page.px(26) + self.pad

    def draw(self, card: pygame.Surface) -> None:
        """Draw the parts from top to bottom."""
        y = self._draw_head(card, self.pad + self.page.px(4))
        if self.source:
            y = self._draw_source(card, y + self.page.px(8)) + self.page.px(12)
        y = self._draw_lines(card, self.message, y + self.page.px(4), TEXT, 0)
        if self.hidden:
            y = self._draw_lines(card, [self._rest()], y, INFO, 0)
        if self.state:
            y += self.page.px(8)
            dot = (self.pad + self.page.px(6), y + self.line // 2 - self.page.px(1))
            pygame.draw.aacircle(card, OK, dot, self.page.px(4))
            self._draw_lines(card, self.state, y, OK, self.page.px(20))
        self._draw_foot(card)

    def _rest(self) -> str:
        """Return what stands for the lines that are left out."""
        lines = "1 more line" if self.hidden == 1 else f"{self.hidden} more lines"
        text = f"… {lines}: C copies all, the terminal shows all"
        return cut(text, self.page.lettering.fits(self.width - 2 * self.pad, self.size))

    def _draw_head(self, card: pygame.Surface, y: int) -> int:
        page = self.page
        sign(card, "bad", (self.pad + page.px(12), y + page.px(12)), page.px(11))
        for line in self.title:
            page.lettering.draw(card, line, (self.pad + page.px(36), y), self.big, TEXT)
            y += page.px(27)
        if self.place:
            page.lettering.draw(card, self.place, (self.pad, y + page.px(4)), self.size, INFO)
            y += self.line + page.px(2)
        return y

    def _draw_source(self, card: pygame.Surface, y: int) -> int:
        """Draw the lines around the wrong one in a box of their own, moved left where that line is deeply indented."""
        page, letters = self.page, self.page.lettering
        box = pygame.Rect(self.pad, y, self.width - 2 * self.pad, self.line * len(self.source) + page.px(12))
        pygame.draw.rect(card, (*SUNKEN, 255), box, border_radius=page.px(6))
        gutter = letters.advance(self.size) * max(len(str(number)) for number, _ in self.source) + page.px(30)
        room = letters.fits(box.width - gutter - page.px(10), self.size)
        indent = _common_indent([printable(text) for _, text in self.source])
        top = y + page.px(6)
        for number, text in self.source:
            wrong = number == self.error.get("line")
            if wrong:
                card.fill(WRONG_LINE, pygame.Rect(box.left, top, box.width, self.line))
                card.fill(BAD, pygame.Rect(box.left, top, page.px(4), self.line))
            label = str(number)
            x = box.left + gutter - page.px(14) - letters.advance(self.size) * len(label)
            text_y = top + (self.line - letters.font(self.size).get_height()) // 2
            letters.draw(card, label, (x, text_y), self.size, BAD if wrong else DIM)
            shown = cut(printable(text)[indent:].rstrip(), room)
            letters.draw(card, shown, (box.left + gutter, text_y), self.size, TEXT if wrong else (176, 186, 203))
            top += self.line
        return box.bottom

    def _draw_lines(
        self, card: pygame.Surface, lines: list[str], y: int, color: tuple[int, int, int], left: int
    ) -> int:
        for line in lines:
            self.page.lettering.draw(card, line, (self.pad + left, y), self.size, color)
            y += self.line
        return y

    def _draw_foot(self, card: pygame.Surface) -> None:
        page, letters = self.page, self.page.lettering
        y = card.get_height() - self.pad - page.px(16)
        pygame.draw.line(card, (40, 48, 63), (self.pad, y - page.px(8)), (self.width - self.pad, y - page.px(8)))
        x = self.pad + letters.draw(card, "C", (self.pad, y), self.small, INFO)
        x += letters.draw(card, " copies this text", (x, y), self.small, DIM)
        if self.error.get("more"):
            more = letters.render(_more(self.error["more"]), self.small, BAD)
            card.blit(more, (self.width - self.pad - more.get_width(), y))
        elif x < self.width * 0.6:
            rest = letters.render("save a fix and this goes away", self.small, DIM)
            card.blit(rest, (self.width - self.pad - rest.get_width(), y))


def _common_indent(lines: list[str]) -> int:
    """Return how many leading blanks all lines share, beyond one level of indentation."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return max(0, min(indents, default=0) - 4)
