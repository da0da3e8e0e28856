"""The timeline in the overlay: a bar along the lower edge on which time is scrubbed, and the ghost on the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pygame
import pytest

from modules.systems.pygame_window.display import Display
from modules.systems.pygame_window.events import translate
from modules.systems.pygame_window.lettering import Lettering
from modules.systems.pygame_window.overlay import draw_overlay
from modules.systems.pygame_window.overlay_timeline import AFTER, BEFORE
from modules.systems.pygame_window.panels import BAD, OK

BACK = (60, 90, 120)
BAR: dict[str, Any] = {
    "first": 100,
    "last": 700,
    "tick": 400,
    "rate": 60,
    "state": "paused",
    "spawned": [[tick, tick % 50] for tick in range(120, 600, 7)],
    "marks": [{"tick": 200, "kind": "reload"}, {"tick": 300, "kind": "error"}, {"tick": 350, "kind": "refused"}],
    "loop": None,
    "marked": None,
}


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering()


def drawn(lettering: Lettering, size: tuple[int, int], view: Any = None, **timeline: Any) -> tuple[Any, Any]:
    surface = pygame.Surface(size, 0, 32)
    surface.fill(BACK)
    overlay = {"timeline": {"bar": None, "ghost": [], **timeline}, "hint": "Esc back", "toasts": []}
    track = draw_overlay(surface, overlay, lettering, view)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2).astype(int), track


def columns_of(picture: Any, color: tuple[int, int, int]) -> Any:
    return np.flatnonzero((np.abs(picture - color).sum(axis=2) < 24).any(axis=0))


@pytest.mark.parametrize("size", [(320, 180), (640, 360), (960, 540), (1920, 1080), (700, 1200)])
@pytest.mark.parametrize("more", [{}, {"loop": [200, 500], "state": "loop"}, {"marked": 300}, {"first": 0, "last": 0}])
def test_the_bar_lies_along_the_lower_edge_at_every_size(lettering: Lettering, size: Any, more: dict[str, Any]) -> None:
    picture, (left, top, width, height) = drawn(lettering, size, bar=BAR | more)
    assert left > 0
    assert left + width < size[0]
    assert size[1] * 0.6 < top < top + height <= size[1]
    assert (picture[: int(size[1] * 0.45)] == BACK).all()


def test_marks_lie_at_their_ticks(lettering: Lettering) -> None:
    picture, (left, _, width, _) = drawn(lettering, (960, 540), bar=BAR)
    for color, tick in ((OK, 200), (BAD, 300)):
        found = columns_of(picture[470:], color)
        assert abs(found.mean() - (left + width * (tick - 100) / 600)) < 2


def test_nothing_is_drawn_and_nothing_can_be_scrubbed_without_a_bar(lettering: Lettering) -> None:
    surface = pygame.Surface((640, 360), 0, 32)
    surface.fill(BACK)
    assert draw_overlay(surface, {"timeline": None}, lettering) is None
    assert (pygame.surfarray.array3d(surface) == BACK).all()


def test_the_ghost_lies_on_the_picture_in_two_colours_and_is_broken_where_things_leap(lettering: Lettering) -> None:
    share = np.linspace(0.1, 0.4, 30)
    way = np.stack([share, np.full(30, 0.5)], axis=1)
    leap = np.stack([np.where(share < 0.25, share, share + 0.5), np.full(30, 0.8)], axis=1)
    leap[4] = np.nan
    ghost = [{"kind": "before", "points": way}, {"kind": "after", "points": leap}]
    picture, _ = drawn(lettering, (1000, 600), (100, 0, 800, 600), ghost=ghost)
    before, after = columns_of(picture, BEFORE), columns_of(picture, AFTER)
    assert 170 < before.min() <= 180
    assert 415 < before.max() < 430
    assert 170 < after.min() <= 180
    assert 815 < after.max() < 830
    assert not ((after > 320) & (after < 680)).any()


def mouse(kind: int, pos: tuple[float, float], **more: Any) -> Any:
    return pygame.event.Event(kind, pos=pos, **more)


def test_the_mouse_scrubs_on_the_bar_and_plays_elsewhere() -> None:
    display = Display(view=(0, 0, 960, 540), track=(100, 480, 800, 40))
    canvas = (960, 540)

    def say(event: Any) -> Any:
        return translate(event, display, canvas)

    assert say(mouse(pygame.MOUSEBUTTONDOWN, (500, 500), button=1)) == [["host", "scrub", 0.5]]
    assert say(mouse(pygame.MOUSEMOTION, (700, 100))) == [["host", "scrub", 0.75]]
    assert say(mouse(pygame.MOUSEMOTION, (5_000, 100))) == [["host", "scrub", 1.0]]
    assert say(mouse(pygame.MOUSEBUTTONUP, (700, 100), button=1)) == []
    assert say(mouse(pygame.MOUSEMOTION, (700, 100))) == [["pointer", 700.0, 100.0]]
    assert ["button", "down", "left"] in say(mouse(pygame.MOUSEBUTTONDOWN, (500, 100), button=1))
    display.track = None
    assert ["button", "down", "left"] in say(mouse(pygame.MOUSEBUTTONDOWN, (500, 500), button=1))


def test_the_keys_of_time() -> None:
    display = Display()

    def key(kind: int, code: int, mod: int = 0) -> Any:
        return translate(pygame.event.Event(kind, key=code, mod=mod), display, (960, 540))

    assert key(pygame.KEYDOWN, pygame.K_F4) == [["host", "f4"]]
    assert key(pygame.KEYUP, pygame.K_F4) == [["host", "f4 up"]]
    assert key(pygame.KEYDOWN, pygame.K_F4, pygame.KMOD_LSHIFT) == [["host", "shift f4"]]
    assert key(pygame.KEYDOWN, pygame.K_F6) == [["host", "f6"]]
    assert key(pygame.KEYDOWN, pygame.K_F7, pygame.KMOD_LSHIFT) == [["host", "f7"]]
