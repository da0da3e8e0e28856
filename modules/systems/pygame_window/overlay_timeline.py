"""The timeline in the overlay: a bar to scrub on along the lower edge, and the ghost over the picture.

bar     {"first", "last", "tick", "rate", "state": "paused" | "back" | "on" | "loop", "spawned": [[tick, count]],
         "marks": [{"tick", "kind": "reload" | "refused" | "error"}], "loop": None or [start, end],
         "marked": None or the tick where a loop is to begin}
ghost   [{"kind": "before" | "after", "points": an (n, 2) array in shares of the picture}]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._pygame import pygame
from .lettering import Color
from .panels import BAD, DIM, EDGE, INFO, OK, PAUSE, SUNKEN, TEXT, Page, panel

Area = tuple[int, int, int, int]

HEIGHT, MARGIN = 68, 14
TRACK = (30, 34, 44)
KINDS: dict[str, Color] = {"reload": OK, "refused": PAUSE, "error": BAD}
STATES: dict[str, Color] = {"paused": PAUSE, "back": INFO, "on": INFO, "loop": OK}
KEYS = {
    "loop": "F6 leaves the loop   F7 ghost",
    "paused": "F4 back   shift F4 on   F2 play   F6 loop   F7 ghost",
}
BEFORE: Color = (255, 176, 84)
AFTER: Color = (102, 232, 255)
LEAP = 0.25
"""Share of the picture; what moves farther in a tick has been put there, and no line leads to it."""


def bar_height(page: Page) -> int:
    """Return how much of the lower edge the bar takes, in pixels."""
    return page.px(HEIGHT + MARGIN)


def draw_bar(page: Page, bar: Mapping[str, Any]) -> Area:
    """Draw the bar and return where on it time can be scrubbed: left, top, width, height."""
    size = (page.width - 2 * page.px(MARGIN), page.px(HEIGHT))
    left, top = page.px(MARGIN), page.height - page.px(MARGIN) - size[1]
    card = panel(size, page.px(10), alpha=228)
    pad = page.px(16)
    track = pygame.Rect(pad, page.px(41), size[0] - 2 * pad, page.px(10))
    _draw_words(page, card, bar, pad)
    _draw_track(page, card, bar, track)
    page.target.blit(card, (left, top))
    return left + track.left, top + page.px(26), track.width, size[1] - page.px(26)


def _draw_words(page: Page, card: pygame.Surface, bar: Mapping[str, Any], pad: int) -> None:
    """Write how far back the present lies, and the keys, as far as there is room."""
    letters, size = page.lettering, page.px(13)
    state = str(bar["state"])
    back = (bar["last"] - bar["tick"]) / bar["rate"]
    words = "LOOP" if state == "loop" else f"-{back:.2f} s" if back > 0 else "NOW"
    y = page.px(9)
    x = pad + letters.draw(card, words, (pad, y), size, STATES.get(state, TEXT)) + page.px(14)
    x += letters.draw(card, f"tick {bar['tick']}", (x, y), size, TEXT)
    keys = KEYS.get(state, KEYS["paused"])
    if bar.get("marked") is not None:
        keys = "F6 ends the loop here"
    shown = letters.render(keys, size, DIM)
    if x + shown.get_width() + page.px(20) < card.get_width() - pad:
        card.blit(shown, (card.get_width() - pad - shown.get_width(), y))


def _draw_track(page: Page, card: pygame.Surface, bar: Mapping[str, Any], track: pygame.Rect) -> None:
    first, span = bar["first"], max(1, bar["last"] - bar["first"])

    def at(tick: float) -> int:
        return int(track.left + track.width * min(1.0, max(0.0, (tick - first) / span)) + 0.5)

    radius = track.height // 2
    pygame.draw.rect(card, SUNKEN, track.inflate(2, 2), border_radius=radius + 1)
    pygame.draw.rect(card, TRACK, track, border_radius=radius)
    here = at(bar["tick"])
    played = pygame.Rect(track.left, track.top, max(track.height, here - track.left), track.height)
    pygame.draw.rect(card, EDGE, played, border_radius=radius)
    _draw_stretch(page, card, bar, track, at)
    _draw_spawned(page, card, bar["spawned"], track, at)
    for second in range(-(-first // bar["rate"]), bar["last"] // bar["rate"] + 1):
        x = at(second * bar["rate"])
        pygame.draw.line(card, EDGE, (x, track.bottom + page.px(3)), (x, track.bottom + page.px(6)))
    for mark in bar["marks"]:
        _draw_mark(page, card, KINDS.get(str(mark["kind"]), INFO), (at(mark["tick"]), track.centery))
    pygame.draw.line(card, TEXT, (here, track.top - page.px(4)), (here, track.bottom + page.px(4)), page.px(2))
    pygame.draw.aacircle(card, TEXT, (here, track.centery), page.px(7))
    pygame.draw.aacircle(card, STATES.get(str(bar["state"]), TEXT), (here, track.centery), page.px(4))


def _draw_stretch(page: Page, card: pygame.Surface, bar: Mapping[str, Any], track: pygame.Rect, at: Any) -> None:
    """Tint the loop that is played, or the one that is being marked."""
    stretch = bar["loop"] or ([bar["marked"], bar["tick"]] if bar.get("marked") is not None else None)
    if stretch is None:
        return
    left, right = at(stretch[0]), at(stretch[1])
    band = pygame.Surface((max(1, right - left), track.height + page.px(10)), pygame.SRCALPHA)
    band.fill((*OK, 70))
    card.blit(band, (left, track.top - page.px(5)))
    for x in (left, right):
        pygame.draw.rect(card, OK, (x - page.px(1), track.top - page.px(5), page.px(2), track.height + page.px(10)))


def _draw_spawned(page: Page, card: pygame.Surface, spawned: Iterable[list[int]], track: pygame.Rect, at: Any) -> None:
    """Draw a fine column for the ticks in which entities came, the higher the more."""
    heights: dict[int, float] = {}
    for tick, count in spawned:
        x = at(tick)
        heights[x] = heights.get(x, 0.0) + count
    for x, total in heights.items():
        height = page.px(2) + round(min(1.0, np.log2(1 + total) / 7) * page.px(7))
        pygame.draw.line(card, INFO, (x, track.top - page.px(2)), (x, track.top - page.px(2) - height))


def _draw_mark(page: Page, card: pygame.Surface, color: Color, at: tuple[int, int]) -> None:
    size = page.px(6)
    x, y = at
    pygame.draw.polygon(card, SUNKEN, [(x, y - size - 2), (x + size + 2, y), (x, y + size + 2), (x - size - 2, y)])
    pygame.draw.polygon(card, color, [(x, y - size), (x + size, y), (x, y + size), (x - size, y)])


def draw_ghost(page: Page, ghost: Iterable[Mapping[str, Any]], view: Area) -> None:
    """Draw the ways of entities over the picture: what was in amber, what will be in light blue, with a dot each time
    a sixth of a second has passed."""
    for path in ghost:
        color = BEFORE if path["kind"] == "before" else AFTER
        points = np.asarray(path["points"], np.float32) * (view[2], view[3]) + (view[0], view[1])
        for line in _unbroken(points, LEAP * view[2]):
            if len(line) > 1:
                pygame.draw.aalines(page.target, color, False, line.tolist())
                pygame.draw.aalines(page.target, color, False, np.add(line, (0, 1)).tolist())
        _draw_dots(page, points, color)


def _draw_dots(page: Page, points: NDArray[Any], color: Color) -> None:
    seen = np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])
    for number in range(0, len(points), 10):
        if seen[number]:
            pygame.draw.aacircle(page.target, color, points[number].tolist(), page.px(2.5))
    if seen.any():
        end = points[np.flatnonzero(seen)[-1]].tolist()
        pygame.draw.aacircle(page.target, color, end, page.px(6))
        pygame.draw.aacircle(page.target, SUNKEN, end, page.px(3))


def _unbroken(points: NDArray[Any], leap: float) -> Iterable[NDArray[Any]]:
    """Part a way where it leaps, or where there is nothing."""
    step: NDArray[Any] = np.hypot(*np.diff(points, axis=0).T)
    breaks = np.flatnonzero(~(step <= leap)) + 1
    return [part[np.isfinite(part).all(axis=1)] for part in np.split(points, breaks)]
