"""The look of the overlay: colours, scale and translucent panels."""

from __future__ import annotations

from dataclasses import dataclass

from ._pygame import pygame
from .lettering import Color, Lettering

PANEL: Color = (17, 21, 30)
SUNKEN: Color = (10, 13, 19)
EDGE: Color = (52, 62, 80)
TEXT: Color = (228, 233, 242)
DIM: Color = (139, 151, 171)
OK: Color = (92, 214, 146)
BAD: Color = (255, 105, 97)
INFO: Color = (104, 176, 255)
PAUSE: Color = (255, 196, 87)
ACCENTS: dict[str, Color] = {"ok": OK, "bad": BAD, "info": INFO}


@dataclass(frozen=True)
class Page:
    """Where and how large the overlay is drawn."""

    target: pygame.Surface
    lettering: Lettering
    scale: float

    @property
    def width(self) -> int:
        return self.target.get_width()

    @property
    def height(self) -> int:
        return self.target.get_height()

    def px(self, length: float) -> int:
        """Return a length of the design, made for 640 lines, in pixels; at least 1."""
        return max(1, round(length * self.scale))


def page_of(target: pygame.Surface, lettering: Lettering) -> Page:
    """Return a page whose text is readable at the size of this target."""
    by_height = target.get_height() / 640
    by_width = target.get_width() / 1040
    return Page(target, lettering, min(3.0, max(0.75, min(by_height, by_width))))


def panel(size: tuple[int, int], radius: int, color: Color = PANEL, alpha: int = 236) -> pygame.Surface:
    """Return a rounded translucent panel with a fine edge."""
    surface = pygame.Surface(size, pygame.SRCALPHA)
    area = surface.get_rect()
    pygame.draw.rect(surface, (*color, alpha), area, border_radius=radius)
    pygame.draw.rect(surface, (*EDGE, min(255, alpha + 10)), area, width=1, border_radius=radius)
    return surface


def accent_bar(surface: pygame.Surface, color: Color, size: tuple[int, int], radius: int) -> None:
    """Paint the top left part of a rounded panel, of the given size, in a colour: a bar along one of its edges."""
    area = surface.get_rect()
    bar = pygame.Surface(area.size, pygame.SRCALPHA)
    pygame.draw.rect(bar, (*color, 255), area, border_radius=radius)
    surface.blit(bar, (0, 0), pygame.Rect(0, 0, *size))


def sign(surface: pygame.Surface, kind: str, middle: tuple[int, int], radius: int) -> None:
    """Draw the round sign of a kind of message: a tick, a cross or an i."""
    color = ACCENTS.get(kind, INFO)
    big = 4 * (2 * radius + 2)
    disc = pygame.Surface((big, big), pygame.SRCALPHA)
    half, arm, pen = big // 2, big * 0.19, max(2, big // 12)
    pygame.draw.circle(disc, color, (half, half), 4 * radius)
    if kind == "ok":
        corners = [(half - arm, half), (half - arm * 0.2, half + arm * 0.75), (half + arm, half - arm * 0.7)]
        pygame.draw.lines(disc, PANEL, False, corners, pen + 1)
    elif kind == "bad":
        for way in (1, -1):
            ends = ((half - arm * 0.8, half - way * arm * 0.8), (half + arm * 0.8, half + way * arm * 0.8))
            pygame.draw.line(disc, PANEL, *ends, pen + 1)
    else:
        pygame.draw.line(disc, PANEL, (half, half - arm * 0.2), (half, half + arm), pen)
        pygame.draw.circle(disc, PANEL, (half, half - arm * 0.95), pen * 0.75)
    small = pygame.transform.smoothscale(disc, (2 * radius + 2, 2 * radius + 2))
    surface.blit(small, (middle[0] - radius - 1, middle[1] - radius - 1))
