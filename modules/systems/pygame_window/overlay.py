"""The overlay: what the engine tells the person over the game's picture.

Drawing is a function of the overlay and a surface alone. An overlay is plain data:

    toasts  [{"text", "kind": "ok" | "bad" | "info", "age", "life"}]    age and life in seconds
    error   None or {"title", "file", "line", "source": [[number, text], ...], "message", "state", "more"}
    debug   None or {"title", "rows": [[label, value], ...], "sections": [{"title", "rows"}, ...]}
    paused  bool
    hint    str or None
    timeline    None or {"bar", "ghost"}: see overlay_timeline.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._pygame import pygame
from .lettering import Lettering, cut, wrap
from .overlay_debug import draw_debug
from .overlay_error import draw_error
from .overlay_timeline import Area, bar_height, draw_bar, draw_ghost
from .panels import ACCENTS, DIM, INFO, PAUSE, TEXT, Page, accent_bar, page_of, panel, sign

SLIDE = 0.22
FADE = 0.45
MOST_TOASTS = 5
BADGE = 38
"""Height of the badge that says that the game is paused, in pixels of the design."""

Overlay = Mapping[str, Any]


def draw_overlay(
    target: pygame.Surface, overlay: Overlay, lettering: Lettering, view: Area | None = None
) -> Area | None:
    """Draw an overlay onto a surface, in which the picture lies at `view`; return where time can be scrubbed, if so."""
    page = page_of(target, lettering)
    timeline = overlay.get("timeline") or {}
    if timeline.get("ghost"):
        draw_ghost(page, timeline["ghost"], view or (0, 0, page.width, page.height))
    if overlay.get("debug"):
        draw_debug(page, overlay["debug"])
    lift = bar_height(page) if timeline.get("bar") else 0
    badge = page.px(14 + BADGE) if overlay.get("paused") else 0
    free = draw_error(page, overlay["error"], badge, lift) if overlay.get("error") else 0
    if badge:
        _draw_paused(page, aside=bool(overlay.get("debug")))
    track = draw_bar(page, timeline["bar"]) if timeline.get("bar") else None
    _draw_toasts(page, overlay.get("toasts") or (), lift, free)
    if overlay.get("hint"):
        _draw_hint(page, str(overlay["hint"]), lift, free)
    return track


def room_below(target: pygame.Surface, overlay: Overlay, lettering: Lettering) -> int:
    """Return how many pixels of the lower edge the picture leaves to the timeline's bar."""
    shows = (overlay.get("timeline") or {}).get("bar")
    return bar_height(page_of(target, lettering)) if shows else 0


def _draw_toasts(page: Page, toasts: Any, lift: int, free: int) -> None:
    """Stack the toasts in the bottom left corner, the newest lowest, `lift` pixels above the edge.

    What lies above `free` belongs to the error; the toasts that find no room below it are left out.
    """
    margin, gap = page.px(18), page.px(8)
    bottom = float(page.height - margin - lift)
    for toast in list(toasts)[: -MOST_TOASTS - 1 : -1]:
        card = _toast_card(page, str(toast.get("text", "")), str(toast.get("kind", "info")))
        if free and bottom - card.get_height() < free:
            return
        age, life = float(toast.get("age", 1.0)), float(toast.get("life", 1e9))
        arrived = 1 - (1 - min(1.0, max(0.0, age / SLIDE))) ** 3
        shown = min(arrived, max(0.0, min(1.0, (life - age) / FADE)))
        card.set_alpha(round(255 * shown))
        bottom -= card.get_height() * arrived
        page.target.blit(card, (round(margin - (1 - arrived) * page.px(60)), round(bottom)))
        bottom -= gap * arrived


def _toast_card(page: Page, text: str, kind: str) -> pygame.Surface:
    size, pad, radius = page.px(15), page.px(12), page.px(8)
    letters = page.lettering
    left = pad + page.px(30)
    lines = wrap(text, letters.fits(page.width * 0.62 - left - pad, size), 3) or [""]
    line_height = page.px(21)
    width = left + max(letters.render(line, size, TEXT).get_width() for line in lines) + page.px(16)
    height = 2 * pad + line_height * len(lines) - page.px(3)
    card = panel((width, height), radius)
    accent_bar(card, ACCENTS.get(kind, INFO), (page.px(4), height), radius)
    sign(card, kind, (pad + page.px(12), pad + line_height // 2 - page.px(1)), page.px(8))
    for index, line in enumerate(lines):
        letters.draw(card, line, (left, pad + index * line_height), size, TEXT)
    return card


def _draw_paused(page: Page, aside: bool) -> None:
    """Draw the pause badge at the top, with the keys that end it; aside in the right corner."""
    size, small = page.px(16), page.px(13)
    letters = page.lettering
    title = letters.render("PAUSED", size, PAUSE)
    keys = letters.render("F2 go on   F3 one tick", small, DIM)
    height, pad = page.px(BADGE), page.px(16)
    width = pad * 3 + page.px(14) + title.get_width() + keys.get_width() + page.px(6)
    badge = panel((width, height), height // 2)
    bar = page.px(4)
    for index in (0, 1):
        stripe = pygame.Rect(pad + index * 2 * bar, (height - page.px(14)) // 2, bar, page.px(14))
        pygame.draw.rect(badge, PAUSE, stripe, border_radius=1)
    x = pad + page.px(20)
    badge.blit(title, (x, (height - title.get_height()) // 2))
    badge.blit(keys, (x + title.get_width() + pad, (height - keys.get_height()) // 2))
    page.target.blit(badge, (page.width - width - page.px(14) if aside else (page.width - width) // 2, page.px(14)))


def _draw_hint(page: Page, hint: str, lift: int, free: int) -> None:
    """Draw a quiet line in the bottom right corner, unless that is above `free`, where the error is."""
    size, pad = page.px(13), page.px(9)
    letters = page.lettering
    text = letters.render(cut(hint, letters.fits(page.width * 0.5, size)), size, DIM)
    chip = panel((text.get_width() + 2 * pad, text.get_height() + pad), page.px(6), alpha=190)
    chip.blit(text, (pad, pad // 2))
    margin = page.px(18)
    top = page.height - margin - lift - chip.get_height()
    if not free or top >= free:
        page.target.blit(chip, (page.width - margin - chip.get_width(), top))
