"""Text for the overlay: one monospaced font in the sizes that are asked for, with the rendered pieces kept."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from ._pygame import pygame

FONT_FILE = Path(__file__).parent / "assets" / "overlay_mono.ttf"
MOST_KEPT = 600

Color = tuple[int, int, int]


class Lettering:
    """Render short texts and measure them in characters; `card` is the error panel drawn last, with what it says."""

    def __init__(self) -> None:
        self.fonts: dict[int, pygame.font.Font] = {}
        self.pieces: dict[tuple[str, int, Color], pygame.Surface] = {}
        self.card: tuple[Any, Any] = (None, None)

    def font(self, size: int) -> pygame.font.Font:
        """Return the font whose lines suit text of so many pixels."""
        if size not in self.fonts:
            pygame.font.init()
            try:
                self.fonts[size] = pygame.font.Font(FONT_FILE, size)
                self.fonts[size].render("x", True, (0, 0, 0))
            except (OSError, pygame.error):  # a damaged installation shall still be able to tell
                self.fonts[size] = pygame.font.Font(None, size)
        return self.fonts[size]

    def advance(self, size: int) -> float:
        """Return the width of a character in pixels."""
        return max(1.0, self.font(size).size("0" * 20)[0] / 20)

    def fits(self, width: float, size: int) -> int:
        """Return how many characters fit into a width, at least 1."""
        return max(1, int(width / self.advance(size)))

    def render(self, text: str, size: int, color: Color) -> pygame.Surface:
        """Return one line of text as a surface; whatever cannot be shown is shown as a box."""
        key = (text, size, color)
        if key not in self.pieces:
            if len(self.pieces) >= MOST_KEPT:
                self.pieces.clear()
            self.pieces[key] = self.font(size).render(self.shown(text, size) or " ", True, color)
        return self.pieces[key]

    def shown(self, text: str, size: int) -> str:
        """Return the text with a box for each character that the font does not have."""
        text = printable(text)
        known = self.font(size).metrics(text)
        missing = (
            metric is None or (not any(metric[:4]) and not c.isspace()) for c, metric in zip(text, known, strict=False)
        )
        return "".join("□" if gap else c for c, gap in zip(text, missing, strict=False))

    def draw(self, target: pygame.Surface, text: str, at: tuple[float, float], size: int, color: Color) -> int:
        """Draw one line of text with its top left corner at a point and return its width in pixels."""
        piece = self.render(text, size, color)
        target.blit(piece, (round(at[0]), round(at[1])))
        return piece.get_width() if text else 0


def printable(text: str) -> str:
    """Return text that a font can take: tabs opened, control characters and lone surrogates replaced."""
    clean = text.expandtabs(4).encode("utf-8", "replace").decode("utf-8")
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in clean)


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that is too long, with an ellipsis."""
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"


def cut_front(text: str, most: int) -> str:
    """Return the end of a text that is too long, as suits a path."""
    return text if len(text) <= most else "…" + text[len(text) - max(0, most - 1) :]


def wrap(text: str, most: int, lines: int) -> list[str]:
    """Break text into at most so many lines of at most so many characters, at spaces where there are any."""
    broken: list[str] = []
    for paragraph in printable_lines(text):
        rest = paragraph
        while len(rest) > most:
            space = rest.rfind(" ", most // 3, most + 1)
            end = space if space > 0 else most
            broken.append(rest[:end].rstrip())
            rest = rest[end:].lstrip(" ")
        broken.append(rest)
    if len(broken) > lines:
        broken = [*broken[: lines - 1], cut(broken[lines - 1] + " …", most)] if lines > 0 else []
    return broken


def printable_lines(text: str) -> list[str]:
    """Return the lines of a text, each one printable."""
    return [printable(line) for line in text.splitlines()]
